"""Declared properties of a resource: frozen dataclasses are the argument records, property maps are read into them.

The same declarations make the package schema (`schema.py`). Not for rules that concern one resource only.
"""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field
from typing import Any, TypeVar

from provider_wire.values import UNKNOWN, Properties, Secret
from provider_wire.verbs import CheckFailure

Record = TypeVar("Record")


def identity(description: str) -> Any:
    """A required property that names the resource: changing it replaces the resource."""
    return field(metadata={"description": description, "identity": True})


def described(description: str, default: Any = MISSING) -> Any:
    """A property that an update can change; required unless it has a default."""
    metadata = {"description": description, "identity": False}
    if isinstance(default, (tuple, Mapping)) and not default:
        kind = type(default)
        return field(default_factory=kind, metadata=metadata)
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)


def optional_identity(description: str, default: Any) -> Any:
    """As `identity`, with a default."""
    return field(default=default, metadata={"description": description, "identity": True})


@dataclass(frozen=True)
class Property:
    """One declared property: name in Python, name on the wire, type, and what changing it means."""

    name: str
    wire_name: str
    annotation: Any
    description: str
    identity: bool
    required: bool
    default: Any


def camel_case(name: str) -> str:
    """`file_system` as `fileSystem`."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def properties_of(record: type) -> tuple[Property, ...]:
    """The declared properties of an argument record, in order."""
    hints = typing.get_type_hints(record)
    return tuple(_property(item, hints[item.name]) for item in dataclasses.fields(record))


def _property(item: "dataclasses.Field[Any]", annotation: Any) -> Property:
    default = item.default_factory() if item.default_factory is not MISSING else item.default
    return Property(
        item.name,
        camel_case(item.name),
        annotation,
        item.metadata["description"],
        item.metadata["identity"],
        default is MISSING,
        None if default is MISSING else default,
    )


def complete(record: type, properties: Properties) -> tuple[dict[str, Any], list[CheckFailure]]:
    """Fill in the defaults and return every problem of names and types at once; the inputs keep their wire names."""
    declared = {item.wire_name: item for item in properties_of(record)}
    failures = [
        CheckFailure(name, f"unknown property {name!r}\nexpected one of {', '.join(declared)}")
        for name in properties
        if name not in declared
    ]
    inputs: dict[str, Any] = {}
    for name, item in declared.items():
        value = properties.get(name)
        if value is None:
            if item.required:
                failures.append(CheckFailure(name, f"missing required property {name!r}\nexpected {item.description}"))
            elif item.default is not None:
                inputs[name] = _as_wire(item.default)
            continue
        inputs[name] = value
        problem = _type_problem(item.annotation, value, name)
        if problem:
            failures.append(problem)
    return inputs, failures


def read(record: "Callable[..., Record]", properties: Properties) -> Record:
    """The record of inputs that `complete` passed, or of a state. Raises KeyError if a required property is missing."""
    arguments: dict[str, Any] = {}
    for item in properties_of(typing.cast(type, record)):
        value = properties.get(item.wire_name)
        if value is not None:
            arguments[item.name] = tuple(value) if isinstance(value, list) else value
        elif item.required:
            raise KeyError(item.wire_name)
    return record(**arguments)


def write(record: Any) -> dict[str, Any]:
    """The property map of a record, with wire names; properties that are None are left out."""
    return {
        item.wire_name: _as_wire(getattr(record, item.name))
        for item in properties_of(type(record))
        if getattr(record, item.name) is not None
    }


def _as_wire(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _type_problem(annotation: Any, value: Any, path: str) -> CheckFailure | None:
    if isinstance(value, Secret):
        value = value.value
    if value == UNKNOWN or annotation is Any:
        return None
    if isinstance(annotation, types.UnionType):
        annotation = next(item for item in typing.get_args(annotation) if item is not type(None))
    origin = typing.get_origin(annotation)
    if origin is tuple:
        if not isinstance(value, Sequence) or isinstance(value, str):
            return _wrong(path, "a list", value)
        element = typing.get_args(annotation)[0]
        problems = (_type_problem(element, item, f"{path}[{index}]") for index, item in enumerate(value))
        return next((problem for problem in problems if problem), None)
    if origin is not None:  # Mapping[str, …]
        return None if isinstance(value, Mapping) else _wrong(path, "a map", value)
    if annotation is str:
        return None if isinstance(value, str) else _wrong(path, "a string", value)
    if annotation is bool:
        return None if isinstance(value, bool) else _wrong(path, "a boolean", value)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return None if whole else _wrong(path, "a whole number", value)


def _wrong(path: str, expected: str, value: Any) -> CheckFailure:
    return CheckFailure(path, f"{path} is a value of type {type(value).__name__}\nexpected {expected}")
