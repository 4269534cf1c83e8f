"""Overlays change what is there, and nothing else; what they cannot do is told all at once."""

import pytest

from synapse_artifacts.environment import Binding, Environment
from synapse_artifacts.errors import ArtifactErrors
from synapse_artifacts.json_paths import JsonPath
from synapse_artifacts.overlays import Overlay, overlay_all

DOCUMENTS = {
    "pipeline/ingest_patients": {
        "name": "ingest_patients",
        "properties": {"parameters": {"window": {"type": "int", "defaultValue": 30}}},
    },
    "linkedService/lake": {"name": "lake", "properties": {"typeProperties": {"url": "<bound>", "accountKey": "@{x}"}}},
}
NOTHING = Environment((), {})
BOUND = Environment((Binding("linkedService/lake", "/properties/typeProperties/url", "dataLakeUrl"),), {})


def overlay(artifact: str, path: str, value: object) -> Overlay:
    return Overlay(artifact, JsonPath.parse(path), value)


def problems_of(*overlays: Overlay, environment: Environment = NOTHING) -> list[str]:
    with pytest.raises(ArtifactErrors) as caught:
        overlay_all(DOCUMENTS, overlays, environment)
    return [str(each) for each in caught.value.problems]


def test_a_value_is_replaced_and_the_rest_stays() -> None:
    changed = overlay_all(
        DOCUMENTS, [overlay("pipeline/ingest_patients", "properties.parameters.window.defaultValue", 7)], NOTHING
    )
    assert changed["pipeline/ingest_patients"] == {
        "name": "ingest_patients",
        "properties": {"parameters": {"window": {"type": "int", "defaultValue": 7}}},
    }
    assert changed["linkedService/lake"] == DOCUMENTS["linkedService/lake"]
    assert DOCUMENTS["pipeline/ingest_patients"]["properties"]["parameters"]["window"]["defaultValue"] == 30  # type: ignore[index]


def test_what_matches_nothing_is_told_with_what_is_near_all_at_once() -> None:
    assert problems_of(
        overlay("pipeline/ingest_patient", "properties.x", 1),
        overlay("pipeline/ingest_patients", "properties.parameters.windows.defaultValue", 7),
    ) == [
        "overlaying pipeline/ingest_patient: there is no such artifact\n  expected one of pipeline/ingest_patients",
        "overlaying pipeline/ingest_patients: the path properties.parameters.windows.defaultValue matches nothing: "
        "properties.parameters has no 'windows'\n  expected one of properties.parameters.window",
    ]


def test_a_field_that_an_output_binds_is_refused() -> None:
    (problem,) = problems_of(overlay("linkedService/lake", "properties.typeProperties", {}), environment=BOUND)
    assert "holds a value that the output 'dataLakeUrl' gives" in problem


@pytest.mark.parametrize("path", ["name", "properties"])
def test_only_properties_differ(path: str) -> None:
    (problem,) = problems_of(overlay("pipeline/ingest_patients", path, 5))
    assert problem.startswith(f"overlaying pipeline/ingest_patients: the path {path} leads to what an artifact is")


def test_an_overlay_inside_the_value_of_another_one_is_refused() -> None:
    (problem,) = problems_of(
        overlay("pipeline/ingest_patients", "properties.parameters", 5),
        overlay("pipeline/ingest_patients", "properties.parameters.window.type", "string"),
    )
    assert "properties.parameters and properties.parameters.window.type lead to the same value" in problem


def test_two_overlays_of_one_value_are_refused() -> None:
    (problem,) = problems_of(
        overlay("pipeline/ingest_patients", "properties.parameters", {}),
        overlay("pipeline/ingest_patients", "$.properties['parameters']", {}),
    )
    assert "properties.parameters and $.properties['parameters'] lead to the same value" in problem


def test_a_secret_is_refused_and_not_repeated() -> None:
    (problem,) = problems_of(overlay("linkedService/lake", "properties.typeProperties.accountKey", "abc123"))
    assert problem.startswith("overlaying linkedService/lake: it holds the secret 'accountKey' as plain text")
    assert "AzureKeyVaultSecret" in problem
    assert "abc123" not in problem


def test_the_default_of_a_secure_parameter_is_a_secret() -> None:
    documents = {
        "pipeline/p": {"name": "p", "properties": {"parameters": {"key": {"type": "secureString", "defaultValue": ""}}}}
    }
    with pytest.raises(ArtifactErrors, match="it holds the defaultValue of a secure text") as caught:
        overlay_all(documents, [overlay("pipeline/p", "properties.parameters.key.defaultValue", "abc123")], NOTHING)
    assert "abc123" not in str(caught.value)
