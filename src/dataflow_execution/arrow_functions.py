"""Functions in Python over columns of Arrow batches, for engines that call them so."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from mapping_dataflow import PythonFunction


def over_arrays(function: PythonFunction) -> Callable[..., Any]:
    """The function over arrays of arguments, one row after the other.

    Many queries name a function for rows that their data does not have: Arrow is loaded with the first rows.
    """
    compute = function.compute

    def computed(*columns: Any) -> Any:
        import pyarrow as pa

        result = _result_type(function)
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        return pa.array([compute(*row) for row in rows], type=result)

    return computed


@cache
def _result_type(function: PythonFunction) -> Any:
    from dataflow_execution.arrow_types import arrow_type

    return arrow_type(function.result)
