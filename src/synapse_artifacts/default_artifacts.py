"""Default linked services by the name of the workspace that publishes them: each workspace has its own.

Git holds those of the workspace that it was written from, `<workspace>-WorkspaceDefaultStorage` and `…SqlServer`. What
refers to them means the defaults of the workspace it is in.
https://learn.microsoft.com/azure/synapse-analytics/cicd/continuous-integration-delivery
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from synapse_artifacts.documents import walk

_DEFAULT = re.compile(r".+-(WorkspaceDefault(?:Storage|SqlServer))", re.IGNORECASE)
_KIND, _REFERENCE = "linkedService", "LinkedServiceReference"


def id_in(workspace: str, id: str) -> str:
    """The id that an artifact has in a workspace: another one only for the defaults of another workspace."""
    kind, slash, name = id.partition("/")
    return f"{kind}{slash}{_name_in(workspace, name)}" if kind == _KIND else id


def document_in(workspace: str, id: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document with the names that the defaults have in a workspace; the same object if it names no other."""
    renamed: Mapping[str, Any] = _renamed(workspace, document)
    own = id_in(workspace, id)
    return renamed if own == id else {**renamed, "name": own.partition("/")[2]}


def others_defaults(workspace: str, document: Any) -> set[str]:
    """Names of the default linked services of other workspaces that a document refers to."""
    named = {value["referenceName"] for _, value in walk(document) if _is_reference(value)}
    return {name for name in named if _name_in(workspace, name) != name}


def _is_reference(value: Any) -> bool:
    return (
        isinstance(value, Mapping) and value.get("type") == _REFERENCE and isinstance(value.get("referenceName"), str)
    )


def _renamed(workspace: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        found = {key: _renamed(workspace, item) for key, item in value.items()}
        if _is_reference(value):
            found["referenceName"] = _name_in(workspace, value["referenceName"])
        return value if all(found[key] is item for key, item in value.items()) else found
    if isinstance(value, list):
        items = [_renamed(workspace, item) for item in value]
        return value if all(one is other for one, other in zip(items, value, strict=True)) else items
    return value


def _name_in(workspace: str, name: str) -> str:
    found = _DEFAULT.fullmatch(name)
    if found is None or name.lower() == f"{workspace}-{found.group(1)}".lower():
        return name
    return f"{workspace}-{found.group(1)}"
