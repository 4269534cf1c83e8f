"""Functions in Python over columns of Arrow batches, for engines that call them so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from dataflow_execution.arrow_types import arrow_type
from mapping_dataflow import PythonFunction


def over_arrays(function: PythonFunction) -> Callable[..., Any]:
    """The function over arrays of arguments, one row after the other."""
    result = arrow_type(function.result)
    compute = function.compute

    def computed(*columns: Any) -> Any:
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        return pa.array([compute(*row) for row in rows], type=result)

    return computed
