"""What computes the queries of a flow: DuckDB itself, or another engine that takes rows from it and gives rows back.

Files are read and written by DuckDB in either case, so that formats mean the same for all engines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import duckdb

from dataflow_execution.duckdb_functions import promise, register
from dataflow_execution.writers.file_formats import Rows
from mapping_dataflow import DUCKDB, DUCKDB_WITH_ONE_THREAD, Engine, PythonFunction, SinkColumn

_SWALLOWS_ERRORS = re.compile(r"\btry\s*\(", re.IGNORECASE)
"""SQL in which a function that is promised alone would be null instead of an error."""


DEEP_QUERIES: dict[str, str | bool | int | float | list[str]] = {"max_expression_depth": 4000}
"""What a database is told of the queries of flows: a level of an expression may be several of SQL. DuckDB walks down by
recursion, on threads that have room for twice as many levels."""


def let_deep_queries(connection: duckdb.DuckDBPyConnection) -> None:
    """Tells a database that is open already."""
    for name, value in DEEP_QUERIES.items():
        connection.execute(f"SET GLOBAL {name} = {value}")


class Query(Protocol):
    """A compiled query: of a sink, of a stream."""

    @property
    def sql(self) -> str:
        """The query in the engine's words."""

    @property
    def columns(self) -> tuple[SinkColumn, ...]:
        """Its columns of data."""

    @property
    def bindings(self) -> Mapping[str, Any]:
        """Values of its named parameters."""

    @property
    def python_functions(self) -> tuple[PythonFunction, ...]:
        """The functions in Python that it calls."""


class QueryEngine(Protocol):
    """Computes queries; ``compiler`` is whom flows are compiled for."""

    compiler: Engine

    def take(self, relations: Iterable[str]) -> None:
        """Makes views of DuckDB readable for the engine's queries, under their names."""

    def rows(self, query: Query, marks: Sequence[str] = ()) -> Rows:
        """The rows of a query, as a query of DuckDB. ``marks`` are further columns, of text.

        Raises DataFlowRunError, or duckdb.Error when the rows are taken.
        """

    def load_functions(self) -> None:
        """Makes functions known that were promised alone."""


class DuckDBEngine:
    """DuckDB: nothing is moved.

    ``promises``: functions in Python are known after `load_functions` alone; before, a query whose rows need one ends
    with FunctionWantedError. ``one_thread``: the database has no more.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, *, promises: bool = False, one_thread: bool = False
    ) -> None:
        self._connection = connection
        let_deep_queries(connection)
        self._promises = promises
        self.compiler = DUCKDB_WITH_ONE_THREAD if one_thread else DUCKDB

    def take(self, relations: Iterable[str]) -> None:
        """Nothing: the views are there."""

    def rows(self, query: Query, marks: Sequence[str] = ()) -> Rows:
        """The query itself, with its functions known."""
        if self._promises and not _SWALLOWS_ERRORS.search(query.sql):
            promise(self._connection, query.python_functions)
        else:
            register(self._connection, query.python_functions)
        return Rows(query.sql, query.bindings)

    def load_functions(self) -> None:
        """From now on queries call functions in Python."""
        self._promises = False
