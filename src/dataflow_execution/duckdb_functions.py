"""Functions in Python as vectorised functions of DuckDB, over Arrow arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from inspect import Parameter, Signature
from typing import Any

import duckdb
from duckdb.func import ARROW, SPECIAL

from dataflow_execution.arrow_functions import over_arrays
from dataflow_execution.sql_text import identifier
from mapping_dataflow import DUCKDB, PythonFunction

_THREADS_OF_PYTHON = 8
"""One thread at a time runs Python. With more threads than these SQL computes a digest a row sooner than Python one a
repeated value (about 1.3 ms and 0.15 ms for the 2,048 rows of a batch)."""


def register(
    connection: duckdb.DuckDBPyConnection, functions: Iterable[PythonFunction], *, many_rows: bool = False
) -> None:
    """Makes functions callable from the connection's SQL; those that it knows already are left as they are.

    ``many_rows``: so many that functions for repeated values pay; else SQL computes what they stand in for.
    They live as long as the connection object that registered them: called after it is closed, from another connection
    to the same database, they crash the process.
    """
    wanted = {function.name.lower(): function for function in functions}
    if not wanted:
        return
    query = "SELECT lower(function_name) FROM duckdb_functions() WHERE list_contains(?, lower(function_name))"
    known = {str(row[0]) for row in connection.execute(query, [list(wanted)]).fetchall()}
    for name in wanted.keys() - known:
        if wanted[name].for_repeats and not (many_rows and _threads(connection) <= _THREADS_OF_PYTHON):
            result = DUCKDB.type_name(wanted[name].result)
            connection.execute(f"CREATE MACRO {identifier(name)}(value) AS CAST(NULL AS {result})")
        else:
            _create(connection, wanted[name])


def _threads(connection: duckdb.DuckDBPyConnection) -> int:
    found = connection.execute("SELECT current_setting('threads')").fetchall()
    return int(found[0][0])


def _create(connection: duckdb.DuckDBPyConnection, function: PythonFunction) -> None:
    connection.create_function(
        function.name,
        _over_arrays(function),
        [DUCKDB.type_name(kind) for kind in function.parameters],
        DUCKDB.type_name(function.result),
        type=ARROW,
        null_handling=SPECIAL,
    )


@cache
def _over_arrays(function: PythonFunction) -> Callable[..., Any]:
    """The function over columns of a batch, with as many parameters as DuckDB asks for.

    It is kept for good: the database calls it after the cursor that made it known, and held it, is closed.
    """
    computed = over_arrays(function)

    def counted(*columns: Any) -> Any:
        return computed(*columns)

    names = [Parameter(f"column_{number}", Parameter.POSITIONAL_ONLY) for number in range(len(function.parameters))]
    counted.__signature__ = Signature(names)  # type: ignore[attr-defined]  # DuckDB counts the parameters by it
    return counted
