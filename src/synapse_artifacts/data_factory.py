"""What of the Git layout a factory of Data Factory has not, though a Synapse workspace has it, and the reverse.

https://learn.microsoft.com/azure/synapse-analytics/data-integration/concepts-data-factory-differences
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from azure_ids.data_factory import FACTORY_COLLECTIONS, GLOBAL_PARAMETERS_NAME
from azure_ids.synapse import SYNAPSE_COLLECTIONS, ArtifactKind
from synapse_artifacts.activities import activities_of
from synapse_artifacts.documents import Artifact
from synapse_artifacts.references import GLOBAL_PARAMETER, references_of

GLOBAL_PARAMETERS = f"{ArtifactKind.GLOBAL_PARAMETERS.value}/{GLOBAL_PARAMETERS_NAME}"
"""The id of the artifact that holds the parameters of a factory."""
FACTORY = "factory"
"""The kind of the document of a factory itself, of which only the parameters are published."""

_FACTORY_KINDS = frozenset(kind.value for kind in FACTORY_COLLECTIONS)
_SYNAPSE_ONLY = frozenset(kind.value for kind in SYNAPSE_COLLECTIONS) - _FACTORY_KINDS
_ACTIVITIES_ON_POOLS = frozenset({"SqlPoolStoredProcedure"})
_POOL_DATASET = "sqlpooltable"
# https://learn.microsoft.com/azure/data-factory/transform-data-synapse-notebook (and -spark-job-definition)
_ACTIVITIES_ON_SPARK = frozenset({"SynapseNotebook", "SparkJob"})


@dataclass(frozen=True)
class Absence:
    """Something that a factory, or a workspace, has not: where it stands, what it is, what could stand there."""

    pointer: str
    cause: str
    expected: str


def absences_of(artifact: Artifact) -> Iterator[Absence]:
    """Everything about an artifact that a factory has not."""
    if artifact.kind in _SYNAPSE_ONLY:
        yield Absence("", f"a factory has no {artifact.kind}", f"one of {', '.join(sorted(_FACTORY_KINDS))}")
        return
    for pointer, activity in activities_of(artifact):
        yield from _activity(f"{pointer}/type", activity)
    if artifact.kind == "dataset" and str(artifact.properties.get("type")).lower() == _POOL_DATASET:
        yield Absence("/properties/type", "a factory has no SQL pools of its own", "AzureSqlDWTable")
    for reference in references_of(artifact):
        if reference.is_made_by_the_service:
            cause = f"{reference.kind}/{reference.name} is made with a Synapse workspace, and no factory has it"
            yield Absence(reference.pointer, cause, f"a {reference.kind} of the folder")


def _activity(pointer: str, activity: Mapping[str, Any]) -> Iterator[Absence]:
    if activity["type"] in _ACTIVITIES_ON_POOLS:
        yield Absence(pointer, f"a factory has no activity {activity['type']}", "SqlServerStoredProcedure or Script")
    if activity["type"] in _ACTIVITIES_ON_SPARK and not activity.get("linkedServiceName"):
        cause = f"a factory has no notebooks or Spark jobs of its own for the activity {activity['type']}"
        yield Absence(pointer, cause, "linkedServiceName: a linked service AzureSynapseArtifacts of the workspace")


def absences_in_workspace(artifact: Artifact) -> Iterator[Absence]:
    """Everything about an artifact that a Synapse workspace has not."""
    for reference in references_of(artifact):
        if reference.kind == GLOBAL_PARAMETER:
            cause = f"it uses the global parameter '{reference.name}', and a Synapse workspace has none"
            yield Absence(reference.pointer, cause, "a parameter of the pipeline")


def global_parameters_of(factory: Artifact) -> Mapping[str, Any]:
    """The parameters that the document of a factory declares."""
    found = factory.properties.get("globalParameters")
    return found if isinstance(found, Mapping) else {}


def with_global_parameters(
    documents: Mapping[str, Mapping[str, Any]], factory: Artifact | None
) -> dict[str, Mapping[str, Any]]:
    """The documents, and the parameters of a factory's own document (None: there is none) as an artifact."""
    parameters = global_parameters_of(factory) if factory is not None else {}
    if not parameters:
        return dict(documents)
    return {**documents, GLOBAL_PARAMETERS: {"name": GLOBAL_PARAMETERS_NAME, "properties": parameters}}
