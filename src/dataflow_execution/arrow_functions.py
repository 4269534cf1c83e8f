"""Functions in Python over columns of Arrow batches, for engines that call them so."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from mapping_dataflow import PythonFunction

_LOOKED_AT = 256
"""Rows of a batch that tell whether its values repeat."""


def over_arrays(function: PythonFunction) -> Callable[..., Any]:
    """The function over arrays of arguments, one row after the other.

    Many queries name a function for rows that their data does not have: Arrow is loaded with the first rows.
    """
    if function.for_repeats:
        return _over_repeats(function)
    compute = function.compute

    def computed(*columns: Any) -> Any:
        import pyarrow as pa

        result = _result_type(function)
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        return pa.array([compute(*row) for row in rows], type=result)

    return computed


def _over_repeats(function: PythonFunction) -> Callable[..., Any]:
    """The function over the different values of an array; null for all rows where most of the first ones differ."""

    def computed(column: Any) -> Any:
        import pyarrow as pa

        result = _result_type(function)
        rows = column.combine_chunks()
        looked_at = rows[:_LOOKED_AT]
        if 2 * len(looked_at.dictionary_encode().dictionary) > len(looked_at):
            return pa.nulls(len(rows), type=result)
        encoded = rows.dictionary_encode()
        values = pa.array(map(function.compute, encoded.dictionary.to_pylist()), type=result)
        return values.take(encoded.indices)

    return computed


@cache
def _result_type(function: PythonFunction) -> Any:
    from dataflow_execution.arrow_types import arrow_type

    return arrow_type(function.result)
