"""A column of a sink as text, for whoever writes files that hold text alone."""

from __future__ import annotations

from mapping_dataflow.analysis.datatypes import STRING, from_syntax
from mapping_dataflow.engines.base import Engine
from mapping_dataflow.engines.duckdb.engine import DUCKDB
from mapping_dataflow.errors import ProblemCollector, ProblemFound
from mapping_dataflow.expressions import ColumnReference, Convert
from mapping_dataflow.script.parser import parse_type


def column_as_text(name: str, kind: str, engine: Engine = DUCKDB) -> str:
    """The engine's SQL for a column of a type (its text) as text. Raises MappingDataFlowErrors when it has none."""
    problems = ProblemCollector("compiling", "the column", name)
    try:
        column = ColumnReference(name, from_syntax(parse_type(kind)))
        return engine.sql(engine.expression(Convert(column, STRING)))
    except ProblemFound as found:
        problems.add(found.problem)
    problems.raise_if_any()
    raise AssertionError("internal-error: no problem was kept")
