"""The documents of a workspace in Studio's Git layout: which kinds there are, and one record for an artifact.

Documents stay JSON as it was read: unknown properties are kept, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure_ids.synapse import SYNAPSE_COLLECTIONS

# Folder names that Synapse Studio and Data Factory write into Git.
# https://learn.microsoft.com/azure/synapse-analytics/cicd/source-control
KINDS = (
    "managedVirtualNetwork",
    "managedPrivateEndpoint",
    "integrationRuntime",
    "credential",
    "linkedService",
    "dataset",
    "sparkConfiguration",
    "bigDataPool",
    "sqlPool",
    "dataflow",
    "notebook",
    "sqlscript",
    "kqlscript",
    "sparkJobDefinition",
    "database",
    "pipeline",
    "linkConnection",
    "adfcdc",
    "trigger",
    "factory",
)
PUBLISHED_KINDS = tuple(kind.value for kind in SYNAPSE_COLLECTIONS)
"""The kinds whose documents are published from a folder to a workspace."""
REFERENCED_KINDS: Mapping[str, str] = {
    "managedVirtualNetwork": "a part of the workspace, which is a resource of the subscription",
    "managedPrivateEndpoint": "a resource of its own, ManagedPrivateEndpoint",
    "integrationRuntime": "a resource of the subscription",
    "bigDataPool": "a resource of the subscription",
    "sqlPool": "a resource of the subscription",
    "linkConnection": "a connection of Synapse Link, which holds the state of a copy and is no document",
    "adfcdc": "of a factory only",
    "factory": "of a factory only",
}
"""The kinds whose documents are checked and may be referred to, but are not published; by kind: what they are."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Artifact:
    """One artifact: kind (folder name), name, document (`{"name", "properties"}`), and its file if it came from one."""

    kind: str
    name: str
    document: Mapping[str, Any]
    file: Path | None = None

    @property
    def id(self) -> str:
        """`pipeline/ingest_patients`."""
        return f"{self.kind}/{self.name}"

    @property
    def key(self) -> str:
        """The id as names are compared: the service does not tell upper from lower case."""
        return self.id.lower()

    @property
    def properties(self) -> Mapping[str, Any]:
        """The document's properties; empty when there are none."""
        found = self.document.get("properties")
        return found if isinstance(found, Mapping) else {}


def escaped(key: str) -> str:
    """A key as one token of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def tokens_of(pointer: str) -> list[str]:
    """The keys and indexes that a JSON pointer names, in order."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def path_step(key: str | int) -> str:
    """A step of a JSON path as people read it: `.name`, `["a name"]`, `[3]`."""
    if isinstance(key, int):
        return f"[{key}]"
    return f".{key}" if _IDENTIFIER.fullmatch(key) else '["' + key.replace("\\", "\\\\").replace('"', '\\"') + '"]'


def names_of(items: Sequence[Any]) -> list[str] | None:
    """The names of the items of a list (`name`, in lake databases `Name`); None where not all have one of their own."""
    names = [name for item in items if isinstance(item, Mapping) and isinstance(name := _name(item), str)]
    return names if len(set(names)) == len(items) else None


def _name(item: Mapping[str, Any]) -> Any:
    entity = item.get("NewEntity")
    if isinstance(entity, Mapping):  # a statement of a lake database
        return f"{entity.get('EntityType')} {entity.get('Name')}"
    return item.get("name", item.get("Name"))


def walk(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every value inside a JSON value with its JSON pointer, the value itself first."""
    waiting = [(pointer, value)]
    while waiting:
        place, current = waiting.pop()
        yield place, current
        if isinstance(current, str):
            continue
        if isinstance(current, list | tuple):
            waiting.extend((f"{place}/{index}", current[index]) for index in reversed(range(len(current))))
        elif isinstance(current, Mapping):
            inside = [(f"{place}/{escaped(str(key))}", item) for key, item in current.items()]
            waiting.extend(reversed(inside))
