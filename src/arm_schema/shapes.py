"""A shape is one azure-mgmt model seen as data: each property with its SDK name, its place in the JSON body, its type.

Not for talking to Azure: no request is made here, and nothing but the models' own tables is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from types import ModuleType
from typing import Any

from arm_schema.newer_properties import NEWER_MODELS, NEWER_PROPERTIES

_KNOWN_VALUES = re.compile(r"(?:Known|Possible) values (?:are|include):(.*)", re.DOTALL)
_DOCUMENTED = re.compile(
    r"^\s*:(?:ivar|param) (\w+):(.*?)(?=^\s*:(?:ivar|vartype|param|type) |\Z)", re.DOTALL | re.MULTILINE
)
_SPELLINGS = {"ip_address_or_range": "iPAddressOrRange", "workspace_uid": "workspaceUID"}
"""SDK names that camel case of the Python name does not give; taken from the azure-native SDK."""
_SCALARS = frozenset(
    {"str", "bool", "int", "long", "float", "iso-8601", "duration", "object", "date", "base64", "bytearray"}
)


@dataclass(frozen=True)
class Property:
    """One property of a shape; `wire_path` leads through the JSON body, ("properties", "networkAcls") for example."""

    sdk_name: str
    wire_path: tuple[str, ...]
    type: str
    """As the models write it: `str`, `bool`, `int`, `[Model]` for a list, `{str}` for a mapping, or a model's name."""
    read_only: bool = False
    required: bool = False
    known_values: tuple[str, ...] = ()

    @property
    def wire_name(self) -> str:
        """The last step of the wire path."""
        return self.wire_path[-1]


@dataclass(frozen=True)
class Shape:
    """All properties of a model; `models` is where the shapes of nested models are found."""

    name: str
    properties: tuple[Property, ...]
    models: ModuleType
    kinds: tuple[tuple[str, str], ...] = ()
    """Where a property `discriminator` tells which model a body really is: its values, each with the model's name."""
    discriminator: str = ""

    @cached_property
    def by_wire_path(self) -> dict[tuple[str, ...], Property]:
        """Properties by the lower-cased path: Azure reads property names without regard to case."""
        return {tuple(step.lower() for step in each.wire_path): each for each in self.properties}

    @cached_property
    def by_sdk_name(self) -> dict[str, Property]:
        """Properties by lower-cased SDK name."""
        return {each.sdk_name.lower(): each for each in self.properties}

    def of_body(self, body: Mapping[str, Any]) -> Shape:
        """The shape of the kind that a body says it is; this one where it has no kinds or names none of them."""
        said = next((str(value) for key, value in body.items() if key.lower() == self.discriminator.lower()), "")
        kind = next((model for value, model in self.kinds if value.lower() == said.lower()), self.name)
        return self if kind == self.name else shape_of(self.models, kind).of_body(body)

    def nested(self, type_name: str) -> Shape | None:
        """The shape of a model that a property's type names, or None for a scalar or free-form type."""
        return None if type_name in _SCALARS else _shape(self.models, type_name)


def shape_of(models: ModuleType, name: str) -> Shape:
    """The shape of a model of an azure-mgmt `models` module; raises LookupError for a name that is no model."""
    shape = _shape(models, name)
    if shape is None:
        raise LookupError(f"reading the shape of {name}: no such model in {models.__name__}")
    return shape


def element_type(type_name: str) -> tuple[str, str]:
    """("list" | "map" | "one", type of the element) of a type as the models write it."""
    if type_name.startswith("["):
        return "list", type_name[1:-1]
    if type_name.startswith("{"):
        return "map", type_name[1:-1]
    return "one", type_name


def sdk_name_of(python_name: str) -> str:
    """Camel case as the azure-native SDK spells a model's attribute."""
    first, *rest = python_name.split("_")
    return _SPELLINGS.get(python_name) or first + "".join(part[:1].upper() + part[1:] for part in rest)


@cache
def _shape(models: ModuleType, name: str) -> Shape | None:
    if name in NEWER_MODELS:
        return Shape(
            name, tuple(Property(key, (key,), type_name) for key, type_name in NEWER_MODELS[name].items()), models
        )
    model = getattr(models, name, None)
    attribute_map: dict[str, dict[str, str]] | None = getattr(model, "_attribute_map", None)
    if attribute_map is None:
        return None
    validation: dict[str, dict[str, Any]] = getattr(model, "_validation", {})
    known = _known_values(model)
    properties = [
        Property(
            sdk_name_of(python_name),
            tuple(step.replace("\0", ".") for step in entry["key"].replace("\\.", "\0").split(".")),
            entry["type"],
            read_only=bool(validation.get(python_name, {}).get("readonly", False)),
            required=bool(validation.get(python_name, {}).get("required", False)),
            known_values=known.get(python_name, ()),
        )
        for python_name, entry in attribute_map.items()
        if entry["key"]  # an empty one stands for whatever else there may be, which is no property
    ]
    newer = [
        Property(path[-1], path, type_name)
        for path, type_name in NEWER_PROPERTIES.get((models.__name__, name), {}).items()
    ]
    discriminator, kinds = _kinds(model)
    properties = [
        replace(each, known_values=tuple(kinds)) if each.wire_path == (discriminator,) else each for each in properties
    ]
    return Shape(name, (*properties, *newer), models, tuple(kinds.items()), discriminator)


def _kinds(model: Any) -> tuple[str, dict[str, str]]:
    """The discriminator of a model and the models that its values stand for."""
    for attribute, kinds in getattr(model, "_subtype_map", {}).items():
        return model._attribute_map[attribute]["key"], kinds
    return "", {}


def _known_values(model: Any) -> dict[str, tuple[str, ...]]:
    """The values that the models' documentation lists for a property: their type tables only say `str`."""
    found = {}
    for owner in reversed(model.__mro__):
        for name, text in _DOCUMENTED.findall(owner.__doc__ or ""):
            listed = _KNOWN_VALUES.search(text)
            if listed:
                found[name] = tuple(dict.fromkeys(re.findall(r'"([^"\s]+)"', listed.group(1).split(".\n")[0])))
    return found
