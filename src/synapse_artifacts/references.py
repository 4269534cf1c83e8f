"""Who refers to whom, found by the typed form that every artifact uses: `{"referenceName", "type": "…Reference"}`.

Types are read in any case: pages of Microsoft write `integrationRuntimeReference`. A name that is an expression is not
known before a run and gives no reference. Never a search for names in text, but for the parameters of a factory, which
only expressions name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from azure_ids.synapse import ArtifactId, ArtifactKind
from synapse_artifacts.documents import Artifact, escaped, walk

# https://learn.microsoft.com/rest/api/synapse/data-plane/pipeline/create-or-update-pipeline (and /data-flow, /notebook)
REFERENCE_TYPES = {
    "LinkedServiceReference": "linkedService",
    "DatasetReference": "dataset",
    "DataFlowReference": "dataflow",
    "PipelineReference": "pipeline",
    "TriggerReference": "trigger",
    "NotebookReference": "notebook",
    "SqlScriptReference": "sqlscript",
    "SparkJobDefinitionReference": "sparkJobDefinition",
    "SparkConfigurationReference": "sparkConfiguration",
    "BigDataPoolReference": "bigDataPool",
    "SqlPoolReference": "sqlPool",
    "IntegrationRuntimeReference": "integrationRuntime",
    "CredentialReference": "credential",
    "ManagedVirtualNetworkReference": "managedVirtualNetwork",
}
_KINDS = {type.lower(): kind for type, kind in REFERENCE_TYPES.items()}
GLOBAL_PARAMETER = "globalParameter"
"""The kind of a reference to a parameter of a factory (`pipeline().globalParameters.<name>`); Synapse has none."""
_PUBLISHED = {kind.value: kind for kind in ArtifactKind}
_GLOBAL_PARAMETER = re.compile(
    r"pipeline\(\)\s*\.\s*globalParameters\s*\.\s*([A-Za-z_][A-Za-z0-9_]*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reference:
    """One reference: what it leads to, and the JSON pointer of the place where it stands."""

    kind: str
    name: str
    pointer: str

    @property
    def is_made_by_the_service(self) -> bool:
        """True when it leads to what every workspace has from its beginning."""
        kind = _PUBLISHED.get(self.kind)
        return kind is not None and ArtifactId(kind, self.name).is_made_by_the_service


def references_of(artifact: Artifact) -> list[Reference]:
    """The references of an artifact in the order in which they stand; one that stands twice is there twice."""
    return all_references(artifact)[0]


def unknown_reference_types(artifact: Artifact) -> list[tuple[str, str]]:
    """Pointers and types of what looks like a reference but is of no type known here."""
    return [
        (pointer, str(value["type"]))
        for pointer, value in walk(artifact.document)
        if _is_reference(value) and value["type"].lower() not in _KINDS
    ]


def all_references(artifact: Artifact) -> tuple[list[Reference], list[tuple[str, Any]]]:
    """The references of an artifact, and pointers and names of those that name nothing, which Azure refuses.

    A name that is an object is an expression; pools may be named by "": Studio writes it where none is chosen.
    """
    named: list[Reference] = []
    unnamed: list[tuple[str, Any]] = []
    for kind, name, place in _found(artifact.document):
        if _is_known(name):
            named.append(Reference(kind, name, _pointer(place)))
        elif _names_nothing(kind, name):
            unnamed.append((_pointer(place), name))
    return named, unnamed


def _names_nothing(kind: str, name: Any) -> bool:
    return kind in _PUBLISHED if name == "" else not isinstance(name, str | Mapping)


def _found(document: Any) -> Iterator[tuple[str, Any, Any]]:
    """Kind, name and place of what has the form of a reference.

    As `walk` goes, but no pointers are written: a document has a hundred other values.
    """
    waiting: list[tuple[Any, Any]] = [(None, document)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, str):
            for found in _GLOBAL_PARAMETER.finditer(value) if "globalparameters" in value.lower() else ():
                yield GLOBAL_PARAMETER, found.group(1), place
        elif isinstance(value, list | tuple):
            waiting.extend([((place, index), value[index]) for index in range(len(value) - 1, -1, -1)])
        elif isinstance(value, Mapping):
            if _is_reference(value) and value["type"].lower() in _KINDS:
                yield _KINDS[value["type"].lower()], value["referenceName"], place
            waiting.extend([((place, key), item) for key, item in reversed(list(value.items()))])


def _pointer(place: Any) -> str:
    """The JSON pointer of a place, which is the place above it and a key."""
    steps = []
    while place is not None:
        place, key = place
        steps.append(escaped(str(key)))
    return "".join(f"/{step}" for step in reversed(steps))


def _is_known(name: Any) -> bool:
    """False for an expression, which names something only in a run."""
    return isinstance(name, str) and name != "" and not name.startswith("@")


def _is_reference(value: Any) -> bool:
    return isinstance(value, Mapping) and "referenceName" in value and isinstance(value.get("type"), str)
