"""Values of expressions in DuckDB."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import duckdb

from dataflow_execution.duckdb_functions import register
from dataflow_execution.errors import TOO_DEEP, is_too_deep, without_kind
from dataflow_execution.expression_values import NO_DATE, ExpressionValue, compiled
from dataflow_execution.query_engines import let_deep_queries
from mapping_dataflow import DUCKDB, PythonFunction


class DuckdbExpressions:
    """A session in process, with a database of its own in memory."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        let_deep_queries(self._connection)
        self._known: set[str] = set()

    def evaluate(self, expressions: Sequence[str]) -> list[ExpressionValue]:
        """One result for each expression, in order."""
        return [self._value(text) for text in expressions]

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def _value(self, text: str) -> ExpressionValue:
        expression = compiled(text, DUCKDB)
        if isinstance(expression, ExpressionValue):
            return expression
        try:
            self._register(expression.python_functions)
            row = self._connection.execute(f"SELECT {expression.sql}").fetchone()
        except duckdb.Error as error:
            return ExpressionValue(error=cause(error))
        value = row[0] if row else None
        if expression.type in ("date", "timestamp") and isinstance(value, str):
            return ExpressionValue(error=NO_DATE)  # DuckDB gives a text where Python has no such date
        return ExpressionValue(expression.type, value)

    def _register(self, functions: Iterable[PythonFunction]) -> None:
        """Many expressions call the same ones, and to look what a database knows takes longer than an expression."""
        fresh = [function for function in functions if function.name not in self._known]
        register(self._connection, fresh)
        self._known.update(function.name for function in fresh)


def cause(error: duckdb.Error) -> str:
    """What DuckDB says, without its kinds of errors and the places in a function of Python."""
    if is_too_deep(str(error)):
        return f"running the expression: {TOO_DEEP}"
    text = re.split(r"\n\s*\n|\nAt:|\nLINE \d", without_kind(str(error)))[0].strip()
    return f"running the expression: {text}"
