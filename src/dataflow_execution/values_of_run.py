"""Values that the clock of the run decides: a bound of a time window, a name such as ``'audit_' + toString(…)``."""

from __future__ import annotations

from collections.abc import Callable
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
