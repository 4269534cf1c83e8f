"""Values that the clock of the run decides: a bound of a time window, a name such as ``'audit_' + toString(…)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import duckdb

from dataflow_execution.duckdb_functions import register
from dataflow_execution.errors import DataFlowRunError, cause_of
from mapping_dataflow import DUCKDB, MappingDataFlowErrors, compiled_value
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import TypedExpression


def value_now(
    connection: duckdb.DuckDBPyConnection, expression: TypedExpression, failure: str, around: Callable[[str], str] = str
) -> Any:
    """The value of an expression without columns; `around` puts more SQL around it.

    Raises DataFlowRunError, which begins with the failure.
    """
    try:
        value = compiled_value(expression, DUCKDB)
        register(connection, value.python_functions)
        row = connection.execute(f"SELECT {around(value.sql)}").fetchone()
    except (duckdb.Error, MappingDataFlowErrors, ProblemFound) as error:
        raise DataFlowRunError(f"{failure}: {cause_of(error)}") from error
    return row[0] if row else None


def names_now(
    connection: duckdb.DuckDBPyConnection, expressions: Mapping[str, TypedExpression], where: str
) -> dict[str, Any]:
    """Properties that name something, each with its name or names. Raises DataFlowRunError where one has none."""
    found: dict[str, Any] = {}
    for name, expression in expressions.items():
        failure = f"{where}: {name} gives no name"
        found[name] = value_now(connection, expression, failure)
        if not all(isinstance(one, str) and one for one in several(found[name])):
            raise DataFlowRunError(failure, hint="a part of it is null")
    return found


def several(value: Any) -> tuple[Any, ...]:
    """The items of a list, or the one value."""
    return tuple(value) if isinstance(value, list) else (value,)
