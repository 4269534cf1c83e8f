"""Functions in Python as vectorised functions of DuckDB, over Arrow arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from inspect import Parameter, Signature
from typing import Any

import duckdb
from duckdb.func import ARROW, SPECIAL

from dataflow_execution.arrow_functions import over_arrays
from dataflow_execution.sql_text import identifier, quoted
from mapping_dataflow import DUCKDB, PythonFunction

_MACRO = "macro"
_WANTED = "a row needs the function in Python "


class FunctionWantedError(Exception):
    """A row needs a function that is promised alone: whoever computes begins anew, with the functions known."""


def register(connection: duckdb.DuckDBPyConnection, functions: Iterable[PythonFunction]) -> None:
    """Makes functions callable from the connection's SQL; those that it knows already are left as they are.

    They live as long as the connection object that registered them: called after it is closed, from another connection
    to the same database, they crash the process.
    """
    wanted = {function.name.lower(): function for function in functions}
    known = _known(connection, wanted)
    for name, function in wanted.items():
        if known.get(name, _MACRO) == _MACRO:
            connection.execute(f"DROP MACRO IF EXISTS {identifier(function.name)}")
            _create(connection, function)


def promise(connection: duckdb.DuckDBPyConnection, functions: Iterable[PythonFunction]) -> None:
    """Lets SQL that names functions be computed as long as no row needs one; `check_wanted` tells of one that does.

    Nearly all flows name some, for letters and numbers that their data does not have, and the first function in Python
    takes DuckDB a tenth of a second: it loads NumPy.
    """
    for function in functions:
        _create_macro(connection, function, _failing(_WANTED + function.name, len(function.parameters)))


def _failing(text: str, parameters: int) -> str:
    """SQL that fails with a text, and more of it, for each row that needs it.

    `error` would do that too, but is volatile, which DuckDB lets stand in few places: not in the order of a window.
    What does not depend on a row could fail before there is one.
    """
    message = quoted(text)
    if parameters:
        message = f"CASE WHEN value_0 IS NULL THEN {message} ELSE {quoted(text + ' ')} END"
    return f"CAST(CAST({message} AS INTEGER) AS VARCHAR)"


def check_wanted(error: duckdb.Error) -> None:
    """Raises FunctionWantedError for an error that says so."""
    if _WANTED in str(error):
        raise FunctionWantedError(str(error)) from error


def _known(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> dict[str, str]:
    """The kinds of functions of these names that the connection knows. To ask takes as long as a short query."""
    listed = list(names)
    if not listed:
        return {}
    columns = "lower(function_name), function_type"
    query = f"SELECT {columns} FROM duckdb_functions() WHERE list_contains(?, lower(function_name))"
    return {str(name): str(kind) for name, kind in connection.execute(query, [listed]).fetchall()}


def _create_macro(connection: duckdb.DuckDBPyConnection, function: PythonFunction, value: str) -> None:
    name, result = identifier(function.name), DUCKDB.type_name(function.result)
    parameters = ", ".join(f"value_{number}" for number in range(len(function.parameters)))
    connection.execute(f"CREATE OR REPLACE MACRO {name}({parameters}) AS CAST({value} AS {result})")


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
