"""References between artifacts, found by their typed form `{"referenceName", "type": "…Reference"}`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_azure.services.synapse_workspace.artifact_kinds import BY_REFERENCE, RESOURCES

_SPELLED = {kind.lower(): kind for kind in (*BY_REFERENCE, *RESOURCES)}


@dataclass(frozen=True)
class Reference:
    """One reference with the JSON pointer of the place it stands at; `type` is spelled as in the tables."""

    type: str
    name: str
    pointer: str


def references_of(document: Any, pointer: str = "") -> Iterator[Reference]:
    """Every reference in a document, in order."""
    if isinstance(document, Mapping):
        name, kind = document.get("referenceName"), document.get("type")
        if isinstance(name, str) and isinstance(kind, str) and is_reference_type(kind):
            yield Reference(_SPELLED[kind.lower()], name, pointer)
        for key, value in document.items():
            yield from references_of(value, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")
    elif isinstance(document, Sequence) and not isinstance(document, str):
        for index, value in enumerate(document):
            yield from references_of(value, f"{pointer}/{index}")


def is_reference_type(kind: str) -> bool:
    """Whether a `type`, in any case, names a reference to an artifact, a pool or an integration runtime."""
    return kind.lower() in _SPELLED
