"""Spark as an engine: what the service itself runs on, and where a flow goes when one machine is too small."""

from __future__ import annotations

from sqlglot import exp

from mapping_dataflow.engines.base import Engine
from mapping_dataflow.engines.spark.functions import CAPABILITIES
from mapping_dataflow.engines.spark.limits import CANNOT
from mapping_dataflow.engines.spark.relation_writer import RELATIONS
from mapping_dataflow.engines.spark.types import DIALECT, type_name
from mapping_dataflow.engines.spark.writer import SparkExpressions
from mapping_dataflow.expressions import TypedExpression


def _expression(typed: TypedExpression) -> exp.Expression:
    return SparkExpressions().write(typed)


SPARK = Engine("Spark", DIALECT, CAPABILITIES, type_name, RELATIONS.query, _expression, CANNOT)
