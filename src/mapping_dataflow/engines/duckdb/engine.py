"""DuckDB as an engine: in process, the default."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from mapping_dataflow.engines.base import Engine
from mapping_dataflow.engines.duckdb.functions import CAPABILITIES
from mapping_dataflow.engines.duckdb.relation_writer import DuckdbRelations, OneThreadRelations
from mapping_dataflow.engines.duckdb.types import type_name
from mapping_dataflow.engines.duckdb.writer import DuckdbExpressions
from mapping_dataflow.expressions import TypedExpression


def _expression(typed: TypedExpression) -> exp.Expression:
    return DuckdbExpressions().write(typed)


DUCKDB = Engine("DuckDB", "duckdb", CAPABILITIES, type_name, DuckdbRelations().query, _expression)
DUCKDB_WITH_ONE_THREAD = replace(DUCKDB, query=OneThreadRelations().query)
"""The same rows, faster where no thread waits for another one."""
