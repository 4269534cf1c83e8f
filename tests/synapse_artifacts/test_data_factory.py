"""What a factory has not, and its parameters as an artifact."""

from collections.abc import Mapping
from typing import Any

import pytest

from synapse_artifacts.data_factory import GLOBAL_PARAMETERS, absences_of, with_global_parameters
from synapse_artifacts.documents import Artifact

LINKED = {"referenceName": "synapse", "type": "LinkedServiceReference"}


def found(kind: str, properties: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pointer and cause of everything that a factory has not."""
    artifact = Artifact(kind, "a", {"name": "a", "properties": properties})
    return [(each.pointer, each.cause) for each in absences_of(artifact)]


@pytest.mark.parametrize(
    "kind", ["notebook", "sqlscript", "kqlscript", "sparkJobDefinition", "database", "sparkConfiguration"]
)
def test_kinds_of_synapse_alone_are_named(kind: str) -> None:
    assert found(kind, {}) == [("", f"a factory has no {kind}")]


@pytest.mark.parametrize("kind", ["credential", "linkedService", "dataset", "dataflow", "pipeline", "trigger"])
def test_kinds_of_both_are_no_absence(kind: str) -> None:
    assert found(kind, {}) == []


def test_activities_inside_others_are_looked_at() -> None:
    inner = {"name": "i", "type": "SqlPoolStoredProcedure"}
    loop = {"name": "l", "type": "ForEach", "typeProperties": {"activities": [inner]}}
    place = "/properties/activities/0/typeProperties/activities/0/type"
    assert found("pipeline", {"activities": [loop]}) == [(place, "a factory has no activity SqlPoolStoredProcedure")]


@pytest.mark.parametrize("type", ["SynapseNotebook", "SparkJob"])
def test_a_notebook_or_job_needs_the_linked_service_of_its_workspace(type: str) -> None:
    assert found("pipeline", {"activities": [{"name": "a", "type": type, "linkedServiceName": LINKED}]}) == []
    cause = f"a factory has no notebooks or Spark jobs of its own for the activity {type}"
    assert found("pipeline", {"activities": [{"name": "a", "type": type}]}) == [
        ("/properties/activities/0/type", cause)
    ]


def test_what_is_made_with_a_workspace_is_in_no_factory() -> None:
    default = {"referenceName": "ws-WorkspaceDefaultStorage", "type": "LinkedServiceReference"}
    cause = "linkedService/ws-WorkspaceDefaultStorage is made with a Synapse workspace, and no factory has it"
    assert found("dataset", {"linkedServiceName": default}) == [("/properties/linkedServiceName", cause)]


def test_parameters_of_the_factory_become_an_artifact() -> None:
    parameters = {"stage": {"type": "string", "value": "dev"}}
    document = {"name": "my-factory", "properties": {"globalParameters": parameters}}
    assert with_global_parameters({"pipeline/a": {}}, Artifact("factory", "my-factory", document)) == {
        "pipeline/a": {},
        GLOBAL_PARAMETERS: {"name": "default", "properties": parameters},
    }


@pytest.mark.parametrize("document", [None, {}, {"properties": {}}, {"properties": {"globalParameters": {}}}])
def test_a_factory_without_parameters_adds_nothing(document: Mapping[str, Any] | None) -> None:
    factory = None if document is None else Artifact("factory", "my-factory", document)
    assert with_global_parameters({"pipeline/a": {}}, factory) == {"pipeline/a": {}}
