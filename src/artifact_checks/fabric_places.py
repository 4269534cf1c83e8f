"""Where in an artifact something stands that Microsoft Fabric lacks. What that is: `fabric_rules.py`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from synapse_artifacts.activities import activities_of
from synapse_artifacts.documents import Artifact, tokens_of, walk
from synapse_artifacts.references import GLOBAL_PARAMETER, references_of

Found = Iterator[tuple[str, str]]
"""JSON pointer of the place, and the type or name that stands there (empty where there is none)."""
Finder = Callable[[Artifact], Found]


def whole(artifact: Artifact) -> Found:
    """The artifact itself."""
    yield "", ""


def of_type(types: Collection[str]) -> Finder:
    """The type of the artifact if it is one of these."""
    return lambda artifact: (each for each in _type_of(artifact) if each[1] in types)


def of_other_type(types: Collection[str]) -> Finder:
    """The type of the artifact if it is none of these."""
    return lambda artifact: (each for each in _type_of(artifact) if each[1] not in types)


def _type_of(artifact: Artifact) -> Found:
    found = artifact.properties.get("type")
    if isinstance(found, str):
        yield "/properties/type", found


@dataclass(frozen=True)
class ActivityOf:
    """The type of each activity that is one of these, those inside others too."""

    types: frozenset[str]

    def __call__(self, artifact: Artifact) -> Found:
        """The places in one pipeline."""
        return (each for each in _types_of_activities(artifact) if each[1] in self.types)


def activity(types: str) -> ActivityOf:
    """Activities of the types that a text lists."""
    return ActivityOf(frozenset(types.split()))


def other_activity(types: Collection[str]) -> Finder:
    """The type of each activity that is none of these."""
    return lambda artifact: (each for each in _types_of_activities(artifact) if each[1] not in types)


def _types_of_activities(artifact: Artifact) -> Found:
    return ((f"{pointer}/type", activity["type"]) for pointer, activity in activities_of(artifact))


def holding(pointer: str) -> Finder:
    """The pointer, where something stands there."""

    def find(artifact: Artifact) -> Found:
        value: Any = artifact.document
        for token in tokens_of(pointer):
            value = value.get(token) if isinstance(value, Mapping) else None
        if value:
            yield pointer, ""

    return find


def plain_runtime(artifact: Artifact) -> Found:
    """An integration runtime of Azure that is in no network and runs no packages."""
    inside = artifact.properties.get("typeProperties")
    runs_packages = isinstance(inside, Mapping) and bool(inside.get("ssisProperties"))
    is_managed = artifact.properties.get("type") == "Managed"
    if is_managed and not runs_packages and not artifact.properties.get("managedVirtualNetwork"):
        yield "/properties/type", "Managed"


def vault_secret(artifact: Artifact) -> Found:
    """Each reference to a secret of a key vault."""
    for pointer, value in walk(artifact.document):
        if isinstance(value, Mapping) and value.get("type") == "AzureKeyVaultSecret":
            yield pointer, ""


def global_parameter(artifact: Artifact) -> Found:
    """Each parameter of the factory that an expression names."""
    return ((each.pointer, each.name) for each in references_of(artifact) if each.kind == GLOBAL_PARAMETER)
