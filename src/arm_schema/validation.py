"""Does a JSON body fit a shape: every unknown property, wrong type, unknown value and missing property, all at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from arm_schema.shapes import Property, Shape, element_type

_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "long": (int,),
    "float": (int, float),
    "iso-8601": (str,),
    "duration": (str,),
    "date": (str,),
    "base64": (str,),
    "bytearray": (str,),
}


@dataclass(frozen=True)
class Problem:
    """What is wrong at a place of a body; `path` is written with dots, as Azure's messages do."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"'{self.path}': {self.message}"


def problems_of(shape: Shape, body: Any, told: Shape | None = None) -> list[Problem]:
    """Every way in which `body` does not fit; read-only properties are let through, as Azure ignores them.

    `told` is how the resource is read, where that has another shape: what was read can be written back.
    """
    if not isinstance(body, dict):
        return [Problem("", f"expected a JSON object, found {_kind(body)}")]
    shape = shape.of_body(body)
    return [*_unknown_and_wrong(shape, body, (), told), *_missing(shape, body)]


def writable(shape: Shape, body: dict[str, Any]) -> dict[str, Any]:
    """A copy of a valid body in the models' spelling, without nulls and without read-only properties."""
    result: dict[str, Any] = {}
    shape = shape.of_body(body)
    for path, value in _leaves(shape, body, ()):
        known = shape.by_wire_path.get(tuple(step.lower() for step in path))
        if known is None or known.read_only or value is None:
            continue
        target = result
        for step in known.wire_path[:-1]:
            target = target.setdefault(step, {})
        target[known.wire_name] = _convert(shape, known.type, value)
    return result


def _convert(shape: Shape, type_name: str, value: Any) -> Any:
    container, inner = element_type(type_name)
    if container == "list":
        return [_convert(shape, inner, each) for each in value]
    if container == "map":
        return {key: _convert(shape, inner, each) for key, each in value.items()}
    nested = shape.nested(inner)
    return writable(nested, value) if nested is not None else value


def _leaves(shape: Shape, body: dict[str, Any], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Values of a body by path, entering an object only where the shape flattens it."""
    for key, value in body.items():
        path = (*above, key)
        if isinstance(value, dict) and _is_flattened(shape, path):
            yield from _leaves(shape, value, path)
        else:
            yield path, value


def _is_flattened(shape: Shape, path: tuple[str, ...]) -> bool:
    lowered = tuple(step.lower() for step in path)
    return lowered not in shape.by_wire_path and any(known[: len(lowered)] == lowered for known in shape.by_wire_path)


def _unknown_and_wrong(
    shape: Shape, body: dict[str, Any], prefix: tuple[str, ...], told: Shape | None = None
) -> Iterator[Problem]:
    for path, value in _leaves(shape, body, ()):
        if told is not None and _is_only_told(shape, told, path):
            continue
        shown = (*prefix, *path)
        known = shape.by_wire_path.get(tuple(step.lower() for step in path))
        if known is not None:
            if value is not None and not known.read_only:
                yield from _wrong(shape, known, known.type, value, shown)
        elif _is_flattened(shape, path):
            if value is not None:
                yield Problem(".".join(shown), f"expected a JSON object, found {_kind(value)}")
        else:
            yield Problem(".".join(shown), f"Could not find member '{path[-1]}' on object of type '{shape.name}'.")


def _is_only_told(shape: Shape, told: Shape, path: tuple[str, ...]) -> bool:
    """Whether a property is read-only in the shape that is read, and none of the shape that is written."""
    lowered = tuple(step.lower() for step in path)
    found = told.by_wire_path.get(lowered)
    return found is not None and found.read_only and lowered not in shape.by_wire_path


def _wrong(shape: Shape, known: Property, type_name: str, value: Any, path: tuple[str, ...]) -> Iterator[Problem]:
    container, inner = element_type(type_name)
    if container == "list":
        if not isinstance(value, list):
            yield Problem(".".join(path), f"expected a list, found {_kind(value)}")
            return
        for index, each in enumerate(value):
            yield from _wrong(shape, known, inner, each, (*path[:-1], f"{path[-1]}[{index}]"))
        return
    if container == "map":
        if not isinstance(value, dict):
            yield Problem(".".join(path), f"expected a JSON object, found {_kind(value)}")
            return
        for key, each in value.items():
            yield from _wrong(shape, known, inner, each, (*path, key))
        return
    yield from _wrong_single(shape, known, inner, value, path)


def _wrong_single(
    shape: Shape, known: Property, type_name: str, value: Any, path: tuple[str, ...]
) -> Iterator[Problem]:
    nested = shape.nested(type_name)
    if nested is not None:
        if not isinstance(value, dict):
            yield Problem(".".join(path), f"expected a JSON object, found {_kind(value)}")
            return
        nested = nested.of_body(value)
        yield from _unknown_and_wrong(nested, value, path)
        for missing in _missing(nested, value):
            yield Problem(".".join((*path, missing.path)), missing.message)
        return
    expected = _PYTHON_TYPES.get(type_name)
    if expected is None:
        return
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        yield Problem(".".join(path), f"expected {type_name}, found {_kind(value)}")
    elif known.known_values and not _is_known(str(value), known.known_values):
        allowed = ", ".join(known.known_values)
        yield Problem(".".join(path), f"'{value}' is not one of the known values: {allowed}")


def _is_known(value: str, known_values: tuple[str, ...]) -> bool:
    """Whether a value is a known one, or a list of such: with commas ("Logging, Metrics"), letters without."""
    known = {each.lower() for each in known_values}
    if len(known) > 1 and all(len(each) == 1 for each in known):  # the parts of a signature: "rwl"
        return bool(value) and set(value.lower()) <= known and len(set(value)) == len(value)
    return all(part.strip().lower() in known for part in value.split(","))


def _missing(shape: Shape, body: dict[str, Any]) -> Iterator[Problem]:
    present = {tuple(step.lower() for step in path) for path, value in _leaves(shape, body, ()) if value is not None}
    for path, known in shape.by_wire_path.items():
        if known.required and not known.read_only and path not in present:
            yield Problem(".".join(known.wire_path), "is required")


def _kind(value: Any) -> str:
    names = {bool: "a boolean", str: "a string", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return "null" if value is None else names.get(type(value), type(value).__name__)
