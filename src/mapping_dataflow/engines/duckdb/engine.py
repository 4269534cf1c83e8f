"""DuckDB as an engine: in process, the default."""

from __future__ import annotations

from sqlglot import exp

from mapping_dataflow.engines.base import Engine
from mapping_dataflow.engines.duckdb.functions import CAPABILITIES
from mapping_dataflow.engines.duckdb.relation_writer import select_of
from mapping_dataflow.engines.duckdb.types import type_name
from mapping_dataflow.engines.duckdb.writer import ExpressionWriter
from mapping_dataflow.expressions import TypedExpression


def _expression(typed: TypedExpression) -> exp.Expression:
    return ExpressionWriter().write(typed)


DUCKDB = Engine("DuckDB", "duckdb", CAPABILITIES, type_name, select_of, _expression)
