"""Do inputs fit a type: unknown properties, wrong kinds of value, missing ones; Resource Manager judges the rest."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from arm_schema.shapes import Shape, element_type
from azure_native_standin.resource_types import ResourceType
from provider_wire.values import UNKNOWN
from provider_wire.verbs import CheckAnswer, CheckFailure, CheckRequest

_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "long": (int,),
    "float": (int, float),
}


def check(resource_type: ResourceType, request: CheckRequest, default_location: str) -> CheckAnswer:
    """Inputs with name and location filled in, or all their problems at once."""
    inputs = {key: value for key, value in request.new_inputs.items() if value is not None}
    shape = resource_type.request
    name = resource_type.name_property
    if name and name not in inputs:
        inputs[name] = request.old_inputs.get(name) or _made_up_name(resource_type, request)
    if "blobServicesName" in resource_type.path_properties:
        inputs.setdefault("blobServicesName", "default")
    if default_location and "location" in shape.by_sdk_name and _is_writable(shape, "location"):
        inputs.setdefault("location", default_location)
    return CheckAnswer(inputs, tuple(_failures(resource_type, inputs)))


def _is_writable(shape: Shape, name: str) -> bool:
    return not shape.by_sdk_name[name].read_only


def _made_up_name(resource_type: ResourceType, request: CheckRequest) -> str:
    """A name that stays the same for one seed: a GUID where the service wants one, else name and eight hex digits."""
    digest = hashlib.sha256(request.random_seed + request.urn.encode()).hexdigest()
    if resource_type.name_property == "roleAssignmentName":
        return str(uuid.UUID(digest[:32]))
    if resource_type.name_property == "accountName":
        return "".join(each for each in request.name.lower() if each.isalnum())[:16] + digest[:8]
    return f"{request.name}{digest[:8]}"


def _failures(resource_type: ResourceType, inputs: Mapping[str, Any]) -> Iterator[CheckFailure]:
    names = resource_type.path_properties
    for name in names:
        if name not in inputs:
            yield CheckFailure(name, f"{resource_type.token}: '{name}' is required")
        elif not isinstance(inputs[name], str) or not inputs[name]:
            yield CheckFailure(name, f"{resource_type.token}: '{name}' must be a text that is not empty")
    own = {key: value for key, value in inputs.items() if key not in names}
    yield from _shape_failures(resource_type.token, resource_type.request, own, "")
    for known in resource_type.request.properties:
        if known.required and not known.read_only and known.sdk_name not in (*own, *names):
            yield CheckFailure(known.sdk_name, f"{resource_type.token}: '{known.sdk_name}' is required")


def _shape_failures(token: str, shape: Shape, values: Mapping[str, Any], prefix: str) -> Iterator[CheckFailure]:
    for name, value in values.items():
        path = f"{prefix}{name}"
        known = shape.by_sdk_name.get(name.lower())
        if known is None or known.read_only:
            yield CheckFailure(path, f"{token}: unknown property '{path}' ({shape.name} has no such input)")
        else:
            yield from _value_failures(token, shape, known.type, value, path)


def _value_failures(token: str, shape: Shape, type_name: str, value: Any, path: str) -> Iterator[CheckFailure]:
    if value is None or value == UNKNOWN:
        return
    container, inner = element_type(type_name)
    if container == "list":
        if not isinstance(value, list):
            yield CheckFailure(path, f"{token}: '{path}' must be a list")
            return
        for index, each in enumerate(value):
            yield from _value_failures(token, shape, inner, each, f"{path}[{index}]")
        return
    nested = shape.nested(inner) if container == "one" else None
    if container == "map" or nested is not None:
        if not isinstance(value, Mapping):
            yield CheckFailure(path, f"{token}: '{path}' must be an object")
        elif nested is not None:
            yield from _shape_failures(token, nested, value, f"{path}.")
        return
    kinds = _KINDS.get(inner)
    if kinds and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
        yield CheckFailure(path, f"{token}: '{path}' must be of type {inner}")
