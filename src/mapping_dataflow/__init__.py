"""Compiles Azure mapping data flow scripts to SQL. Pure: no file, network, clock or environment; nothing is run here.

``parse_flow`` reads a document, ``required_sources`` and ``sink_requests`` tell what it reads and writes,
``compile_flow`` makes SQL for an engine (DuckDB, unless told otherwise) once the schemas of the sources are known.
"""

from mapping_dataflow.column_text import column_as_text, text_as_column
from mapping_dataflow.compiler import (
    CompiledExpression,
    CompiledFlow,
    CompiledSink,
    CompiledStage,
    CompiledStream,
    SinkColumn,
    compile_expression,
    compile_flow,
    compile_stream,
    compiled_value,
    engine_type,
    required_values,
)
from mapping_dataflow.engines.base import Engine
from mapping_dataflow.engines.duckdb.engine import DUCKDB, DUCKDB_WITH_ONE_THREAD
from mapping_dataflow.engines.python_functions import PythonFunction
from mapping_dataflow.engines.spark.engine import SPARK
from mapping_dataflow.engines.transformations import Support, TransformationSupport, transformation_support
from mapping_dataflow.errors import MappingDataFlowErrors, Position, ScriptError, Span
from mapping_dataflow.flow import Flow, parse_flow
from mapping_dataflow.lineage.model import ColumnLineage, Contribution, Influence, Reason, SourceColumn
from mapping_dataflow.lowering.sink_settings import Partitioning, SinkSettings
from mapping_dataflow.lowering.text_types import INTEGRAL_TYPES, TextTypes
from mapping_dataflow.parameters import ParameterExpression, evaluate_constant, parameter_value
from mapping_dataflow.requests import SinkRequest, SourceRequest, required_sources, sink_requests
from mapping_dataflow.sources import SourceSchema, relation_columns
from mapping_dataflow.xml_names import NamedElement, XmlNames

__all__ = [
    "DUCKDB",
    "DUCKDB_WITH_ONE_THREAD",
    "INTEGRAL_TYPES",
    "SPARK",
    "ColumnLineage",
    "CompiledExpression",
    "CompiledFlow",
    "CompiledSink",
    "CompiledStage",
    "CompiledStream",
    "Contribution",
    "Engine",
    "Flow",
    "Influence",
    "MappingDataFlowErrors",
    "NamedElement",
    "ParameterExpression",
    "Partitioning",
    "Position",
    "PythonFunction",
    "Reason",
    "ScriptError",
    "SinkColumn",
    "SinkRequest",
    "SinkSettings",
    "SourceColumn",
    "SourceRequest",
    "SourceSchema",
    "Span",
    "Support",
    "TextTypes",
    "TransformationSupport",
    "XmlNames",
    "column_as_text",
    "compile_expression",
    "compile_flow",
    "compile_stream",
    "compiled_value",
    "engine_type",
    "evaluate_constant",
    "parameter_value",
    "parse_flow",
    "relation_columns",
    "required_sources",
    "required_values",
    "sink_requests",
    "text_as_column",
    "transformation_support",
]
