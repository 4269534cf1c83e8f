"""What a function in Python is to an engine, and how such functions treat null."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from mapping_dataflow.analysis.datatypes import DataType


@dataclass(frozen=True)
class PythonFunction:
    """One function: its name in SQL, the types of its arguments (at least one) and of its result, and its rule.

    ``compute`` gets Python values as pyarrow gives them (None for null) and returns such a value.
    """

    name: str
    parameters: tuple[DataType, ...]
    result: DataType
    compute: Callable[..., object]


def strict(
    name: str, parameters: tuple[DataType, ...], result: DataType, compute: Callable[..., object]
) -> PythonFunction:
    """A function that is null as soon as one of its arguments is."""

    @wraps(compute)
    def computed(*arguments: object) -> object:
        return None if None in arguments else compute(*arguments)

    return PythonFunction(name, parameters, result, computed)
