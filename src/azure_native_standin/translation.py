"""Inputs of a Pulumi program to ARM bodies and back, by the shapes of the azure-mgmt models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from arm_schema.shapes import Shape, element_type
from azure_native_standin.resource_types import ResourceType
from provider_wire.values import UNKNOWN


def body_of(resource_type: ResourceType, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The PUT body of checked inputs; properties that name the resource are not part of it."""
    own = {key: value for key, value in inputs.items() if key not in resource_type.path_properties}
    return _to_wire(resource_type.request, own)


def _to_wire(shape: Shape, values: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in values.items():
        known = shape.by_sdk_name[name.lower()]
        if value is None:
            continue
        target = body
        for step in known.wire_path[:-1]:
            target = target.setdefault(step, {})
        target[known.wire_name] = _convert(shape, known.type, value, to_wire=True)
    return body


def outputs_of(resource_type: ResourceType, body: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs that a GET answer gives; the id and what the SDK knows as write-only are not among them."""
    found = _from_wire(resource_type.response, body)
    hidden = {"id", *resource_type.write_only}
    return {key: value for key, value in found.items() if key not in hidden} | {
        "azureApiVersion": resource_type.api_version
    }


def _from_wire(shape: Shape, body: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for known in shape.properties:
        value: Any = body
        for step in known.wire_path:
            value = _lookup(value, step)
        if value is not None:
            values[known.sdk_name] = _convert(shape, known.type, value, to_wire=False)
    return values


def _lookup(value: Any, step: str) -> Any:
    return value.get(step) if isinstance(value, Mapping) else None


def _convert(shape: Shape, type_name: str, value: Any, *, to_wire: bool) -> Any:
    container, inner = element_type(type_name)
    if container == "list" and isinstance(value, list):
        return [_convert(shape, inner, each, to_wire=to_wire) for each in value]
    if container == "map" and isinstance(value, Mapping):
        return {key: _convert(shape, inner, each, to_wire=to_wire) for key, each in value.items()}
    nested = shape.nested(inner) if container == "one" else None
    if nested is None or not isinstance(value, Mapping):
        return value
    return _to_wire(nested, value) if to_wire else _from_wire(nested, value)


_CHANGED_BY_EVERY_WRITE = frozenset({"eTag", "systemData"})
"""The version of a resource; who wrote it last, and when."""


def previewed_outputs(
    resource_type: ResourceType, inputs: Mapping[str, Any], known: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Outputs that a preview can tell: the inputs over what is `known` of a living resource, unknown for a new one."""
    hidden = {"id", *resource_type.write_only}
    merged = _overlay(resource_type.response, inputs, known)
    for each in _CHANGED_BY_EVERY_WRITE & merged.keys():
        merged[each] = UNKNOWN
    return {key: value for key, value in merged.items() if key not in hidden or key in inputs}


def _overlay(shape: Shape, inputs: Mapping[str, Any], known: Mapping[str, Any] | None) -> dict[str, Any]:
    merged: dict[str, Any] = {each.sdk_name: UNKNOWN for each in shape.properties} if known is None else dict(known)
    for name, value in inputs.items():
        property_ = shape.by_sdk_name.get(name.lower())
        nested = shape.nested(property_.type) if property_ else None
        if nested is not None and isinstance(value, Mapping):
            before = merged.get(name)
            merged[name] = _overlay(nested, value, before if isinstance(before, Mapping) else None)
        else:
            merged[name] = value
    return merged


def writable_inputs(resource_type: ResourceType, body: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs that would make the live resource again: all of the answer that a PUT takes, if not empty."""
    live = _from_wire(resource_type.request, body)
    return {name: value for name, value in _writable(resource_type.request, live) if not _is_empty(value)}


def _writable(shape: Shape, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        known = shape.by_sdk_name[name.lower()]
        if not known.read_only:
            yield name, writable_value(shape, known.type, value)


def writable_value(shape: Shape, type_name: str, value: Any) -> Any:
    """A live value without the read-only parts inside it."""
    container, inner = element_type(type_name)
    if container == "list" and isinstance(value, list):
        return [writable_value(shape, inner, each) for each in value]
    nested = shape.nested(inner) if container == "one" else None
    if nested is None or not isinstance(value, Mapping):
        return value
    return {name: each for name, each in _writable(nested, value) if not _is_empty(each)}


def _is_empty(value: Any) -> bool:
    return value is None or value in ({}, [])


def live_inputs(resource_type: ResourceType, body: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """The old inputs with every declared property as it is now; what the service filled in does not appear."""
    live = _from_wire(resource_type.request, body)
    names = resource_type.path_properties
    own = {key: value for key, value in old.items() if key not in names}
    projected = _project(resource_type.request, own, live, resource_type.write_only)
    return {**{key: value for key, value in old.items() if key in names}, **projected}


def _project(
    shape: Shape, old: Mapping[str, Any], live: Mapping[str, Any], write_only: tuple[str, ...]
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    by_name = {name.lower(): value for name, value in live.items()}
    for name, value in old.items():
        if name in write_only:
            result[name] = value
            continue
        inner = tuple(path.removeprefix(f"{name}.") for path in write_only if path.startswith(f"{name}."))
        known = shape.by_sdk_name[name.lower()]
        now = _project_value(shape, known.type, value, by_name.get(name.lower()), inner)
        if name == "location" and isinstance(now, str) and same_location(now, value):
            now = value
        if now is not None:
            result[name] = now
    return result


def _project_value(shape: Shape, type_name: str, old: Any, live: Any, write_only: tuple[str, ...]) -> Any:
    if live is None:
        return old if old in (False, "") or _is_empty(old) else None
    container, inner = element_type(type_name)
    if container == "list" and isinstance(live, list) and isinstance(old, list):
        paired = [*old, *([None] * len(live))]
        return [_project_element(shape, inner, before, now) for before, now in zip(paired, live, strict=False)]
    nested = shape.nested(inner) if container == "one" else None
    if nested is not None and isinstance(live, Mapping) and isinstance(old, Mapping):
        return _project(nested, old, live, write_only)
    return live


def _project_element(shape: Shape, type_name: str, old: Any, live: Any) -> Any:
    """An element that was declared shows what was declared of it; one that was added shows whole."""
    if old is None:
        return writable_value(shape, type_name, live)
    return _project_value(shape, type_name, old, live, ())


def same_location(first: Any, second: Any) -> bool:
    """Whether two region names mean one region: 'West Europe' and 'westeurope'."""
    return str(first).replace(" ", "").lower() == str(second).replace(" ", "").lower()
