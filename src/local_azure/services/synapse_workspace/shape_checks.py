"""Whether an object has the properties that its shape allows and demands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from local_azure.services.synapse_workspace.document_shapes import Shape
from pipeline_runtime.errors import Problem


def check_shape(value: Any, shape: Shape, pointer: str, owner: str) -> Iterator[Problem]:
    """Problems of a value that is to be an object of a shape: unknown properties, missing ones."""
    if not isinstance(value, Mapping):
        yield Problem(pointer, "expected an object")
        return
    for key in value:
        if key not in shape.known:
            expected = ", ".join(sorted(shape.known))
            yield Problem(f"{pointer}/{key}", f"unknown property '{key}' of {owner}; expected one of {expected}")
    for key in sorted(shape.required - set(value)):
        yield Problem(pointer, f"the property '{key}' of {owner} is missing")


def check_optional(value: Any, key: str, shape: Shape, pointer: str, owner: str) -> Iterator[Problem]:
    """Like `check_shape` for the property `key` of an object, where it is given and not null."""
    inner = value.get(key) if isinstance(value, Mapping) else None
    if inner is not None:
        yield from check_shape(inner, shape, f"{pointer}/{key}", owner)
