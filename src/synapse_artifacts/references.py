"""Who refers to whom, found by the typed form that every artifact uses: `{"referenceName", "type": "…Reference"}`.

A name that is an expression is not known before a run and gives no reference. Never a search for names in text, but
for the parameters of a factory, which only expressions name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from azure_ids.synapse import ArtifactId, ArtifactKind
from synapse_artifacts.documents import Artifact, walk

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
    return list(_references(artifact.document))


def unknown_reference_types(artifact: Artifact) -> list[tuple[str, str]]:
    """Pointers and types of what looks like a reference but is of no type known here."""
    return [
        (pointer, str(value["type"]))
        for pointer, value in walk(artifact.document)
        if _is_reference(value) and value["type"] not in REFERENCE_TYPES
    ]


def _references(document: Any) -> Iterator[Reference]:
    for pointer, value in walk(document):
        if isinstance(value, str):
            for found in _GLOBAL_PARAMETER.finditer(value):
                yield Reference(GLOBAL_PARAMETER, found.group(1), pointer)
        elif _is_reference(value) and value["type"] in REFERENCE_TYPES:
            name = value["referenceName"]
            if isinstance(name, str) and name and not name.startswith("@"):
                yield Reference(REFERENCE_TYPES[value["type"]], name, pointer)


def _is_reference(value: Any) -> bool:
    return isinstance(value, Mapping) and "referenceName" in value and isinstance(value.get("type"), str)
