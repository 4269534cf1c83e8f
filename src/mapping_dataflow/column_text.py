"""Columns as text for whoever writes files that hold text alone, and texts as columns for whoever reads them."""

from __future__ import annotations

from mapping_dataflow.analysis.datatypes import STRING, from_syntax
from mapping_dataflow.compiler import CompiledExpression
from mapping_dataflow.engines.base import Engine
from mapping_dataflow.engines.duckdb.engine import DUCKDB
from mapping_dataflow.engines.python_functions import used_in
from mapping_dataflow.errors import ProblemCollector, ProblemFound
from mapping_dataflow.expressions import ColumnReference, Convert
from mapping_dataflow.lowering.text_types import TextTypes, from_text
from mapping_dataflow.script.parser import parse_type


def column_as_text(name: str, kind: str, pattern: str | None = None, engine: Engine = DUCKDB) -> CompiledExpression:
    """The engine's SQL for a column of a type (its text) as text, by a Java pattern if one is given.

    Raises MappingDataFlowErrors when it has none.
    """
    problems = ProblemCollector("compiling", "the column", name)
    try:
        column = ColumnReference(name, from_syntax(parse_type(kind)))
        tree = engine.expression(Convert(column, STRING, pattern))
        return CompiledExpression(engine.sql(tree), str(STRING), used_in(tree))
    except ProblemFound as found:
        problems.add(found.problem)
    problems.raise_if_any()
    raise AssertionError("internal-error: no problem was kept")


def text_as_column(name: str, kind: str, types: TextTypes, engine: Engine = DUCKDB) -> CompiledExpression:
    """The engine's SQL for a column of text as a type (its text), null where it is none.

    Raises MappingDataFlowErrors.
    """
    problems = ProblemCollector("compiling", "the column", name)
    try:
        tree = engine.expression(from_text(ColumnReference(name, STRING), from_syntax(parse_type(kind)), types))
        return CompiledExpression(engine.sql(tree), kind, used_in(tree))
    except ProblemFound as found:
        problems.add(found.problem)
    problems.raise_if_any()
    raise AssertionError("internal-error: no problem was kept")
