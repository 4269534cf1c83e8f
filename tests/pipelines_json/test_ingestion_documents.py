"""Promises about the documents that can be read off the JSON: references, environment, secrets, privacy by form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flow_run import ROOT, script_of

from artifact_checks.check import check_folder
from mapping_dataflow import required_sources
from pipeline_runtime.definition import Reader
from sample_data.source_schema import TABLES
from synapse_artifacts.documents import Artifact, walk
from synapse_artifacts.environment import bind_all, load_environment
from synapse_artifacts.errors import ArtifactErrors
from synapse_artifacts.load import Workspace
from synapse_artifacts.publish_order import publish_order

VALUES = {
    "dataLakeUrl": "https://lake.dfs.core.windows.net/",
    "keyVaultUrl": "https://keys.vault.azure.net/",
    "sqlServer": "hospital.database.windows.net",
    "sqlDatabase": "patients",
}
INGESTING = ("ingest_images", "ingest_patients", "ingest_telemetry")


def _pipelines(workspace: Workspace) -> list[Artifact]:
    return [artifact for artifact in workspace.artifacts if artifact.kind == "pipeline"]


def _activities(artifact: Artifact) -> Iterator[Mapping[str, Any]]:
    for _, value in walk(artifact.properties.get("activities")):
        if isinstance(value, Mapping) and {"type", "dependsOn", "typeProperties"} <= value.keys():
            yield value


def _pipeline(workspace: Workspace, name: str) -> Artifact:
    found = workspace.find("pipeline", name)
    if found is None:
        raise LookupError(name)
    return found


def test_nothing_is_wrong_with_the_folder() -> None:
    report = check_folder(ROOT)
    assert [str(problem) for problem in report.problems] == []
    assert report.summary == "20 artifacts, 0 errors"


def test_datasets_come_before_flows_and_called_pipelines_before_callers(
    workspace: Workspace,
) -> None:
    order = [artifact.id for artifact in publish_order(workspace.artifacts)]
    assert order.index("linkedService/data_lake") < order.index("dataset/data_lake_csv_file")
    assert order.index("dataset/data_lake_csv_file") < order.index("dataflow/deidentify_patients")
    assert order.index("pipeline/publish_files") < order.index("pipeline/ingest_patients")
    assert order.index("pipeline/ingest_patients") < order.index("trigger/daily_patients")


def test_no_environment_value_is_typed_in(workspace: Workspace) -> None:
    address = re.compile(r"https?://[^\s'\"]+|[\w-]+\.(?:windows|azure|azuresynapse)\.net")
    audiences = {"https://storage.azure.com/", "https://vault.azure.net"}
    found = {
        f"{artifact.id}{pointer}: {match}"
        for artifact in workspace.artifacts
        for pointer, value in walk(artifact.document)
        if isinstance(value, str)
        for match in address.findall(value)
        if value not in audiences
    }
    assert found == set()


def test_every_declared_field_is_bound_and_no_placeholder_is_left(
    workspace: Workspace,
) -> None:
    bound = bind_all(workspace.documents, load_environment(ROOT), VALUES)
    assert (
        bound["linkedService/data_lake"]["properties"]["typeProperties"]["url"] == "https://lake.dfs.core.windows.net"
    )
    parameters = bound["pipeline/ingest_patients"]["properties"]["parameters"]
    assert parameters["keyVaultUrl"]["defaultValue"] == "https://keys.vault.azure.net"
    assert "<bound-at-deployment" not in json.dumps(bound)


def test_documents_are_not_publishable_without_their_environment(
    workspace: Workspace,
) -> None:
    with pytest.raises(ArtifactErrors, match="binding output sqlServer: it has no value"):
        bind_all(workspace.documents, load_environment(ROOT), {**VALUES, "sqlServer": ""})


def test_each_pipeline_can_be_read_by_the_interpreter(workspace: Workspace) -> None:
    for artifact in _pipelines(workspace):
        reader = Reader()
        reader.pipeline(artifact.name, artifact.document)
        assert reader.problems == []


@pytest.mark.parametrize("name", INGESTING)
def test_no_two_runs_of_a_pipeline_write_at_once(workspace: Workspace, name: str) -> None:
    assert _pipeline(workspace, name).properties["concurrency"] == 1


@pytest.mark.parametrize("name", INGESTING)
def test_an_empty_window_is_refused_before_anything_else(workspace: Workspace, name: str) -> None:
    first, *others = _pipeline(workspace, name).properties["activities"]
    assert first["dependsOn"] == []
    assert [inner["type"] for inner in first["typeProperties"]["ifFalseActivities"]] == ["Fail"]
    assert all(activity["dependsOn"] for activity in others)


def test_the_source_schema_is_checked_before_anything_is_written(
    workspace: Workspace,
) -> None:
    activities = {
        activity["name"]: activity for activity in _pipeline(workspace, "ingest_patients").properties["activities"]
    }
    writing = {"Copy", "ExecuteDataFlow", "ExecutePipeline", "Delete"}
    for activity in activities.values():
        if activity["type"] in writing:
            assert "Check the source schema" in _before(activity["name"], activities)


def _before(name: str, activities: Mapping[str, Mapping[str, Any]]) -> set[str]:
    direct = {each["activity"] for each in activities[name]["dependsOn"]}
    return direct.union(*(_before(other, activities) for other in direct)) if direct else set()


def test_the_expected_columns_are_those_of_the_source(workspace: Workspace) -> None:
    variable = _pipeline(workspace, "ingest_patients").properties["variables"]["expectedColumns"]
    found = [entry["SourceColumn"].rpartition(" ")[0] for entry in variable["defaultValue"]]
    tables = {table.name: table for table in TABLES}
    expected = [
        f"{name}.{column.name}"
        for name in ("encounters", "observations", "patients")
        for column in tables[name].columns
    ]
    assert found == expected


def test_what_is_copied_is_what_the_data_flow_declares(workspace: Workspace) -> None:
    queries = {
        activity["name"]: activity["typeProperties"]["source"]["sqlReaderQuery"]
        for activity in _activities(_pipeline(workspace, "ingest_patients"))
        if activity["type"] == "Copy"
    }
    flow = workspace.find("dataflow", "deidentify_patients")
    assert flow is not None
    parameters = {"existingYears": "2020"}
    declared = {each.stream: list(each.columns) for each in required_sources(flow.document, parameters)}
    for activity, stream in (
        ("Copy patients", "patients"),
        ("Copy encounters", "newEncounters"),
        ("Copy observations", "newObservations"),
    ):
        query = queries[activity]["value"] if isinstance(queries[activity], dict) else queries[activity]
        head = query.partition(" FROM ")[0]
        assert re.findall(r"\[(\w+)\]", head) == declared[stream]
    assert declared["oldEncounters"] == declared["newEncounters"]
    assert declared["oldObservations"] == declared["newObservations"]


def test_the_pseudonym_key_is_secure_wherever_it_passes(workspace: Workspace) -> None:
    readers = []
    for artifact in _pipelines(workspace):
        for activity in _activities(artifact):
            text = json.dumps(activity["typeProperties"])
            if activity["type"] == "WebActivity" and "secrets/" in text:
                readers.append(activity["name"])
                assert activity["policy"]["secureOutput"] is True
                assert activity["typeProperties"]["authentication"]["type"] == "MSI"
            if "Read the pseudonym key" in text and "output.value" in text and activity["type"] != "ForEach":
                assert activity["type"] == "ExecuteDataFlow"
                assert activity["policy"]["secureInput"] is True
                assert activity["policy"]["secureOutput"] is True
                assert activity["typeProperties"]["traceLevel"] == "None"
    assert readers == ["Read the pseudonym key", "Read the pseudonym key"]


def test_nothing_but_a_rename_reaches_a_published_folder(workspace: Workspace) -> None:
    for artifact in _pipelines(workspace):
        for activity in _activities(artifact):
            if activity["type"] == "Copy":
                folder = activity["outputs"][0]["parameters"]["folder"]["value"]
                assert folder.startswith("_staging/")
            if activity["type"] == "ExecuteDataFlow":
                flow = workspace.find("dataflow", activity["typeProperties"]["dataflow"]["referenceName"])
                assert flow is not None
                sinks = {sink["name"] for sink in flow.properties["typeProperties"]["sinks"]}
                given = activity["typeProperties"]["dataflow"]["datasetParameters"]
                assert all(given[sink]["folder"]["value"].startswith("_staging/") for sink in sinks)


@pytest.mark.parametrize("flow", ["deidentify_patients", "flatten_telemetry", "index_images"])
def test_what_a_flow_does_not_list_cannot_get_through(flow: str) -> None:
    script = script_of(flow)
    assert "allowSchemaDrift: true" not in script
    assert "byName(" not in script and "columns()" not in script


def test_files_named_by_a_column_are_named_below_the_staging_folder() -> None:
    for flow in ("deidentify_patients", "flatten_telemetry"):
        script = script_of(flow)
        names = re.findall(r"\bfile = (concat\(\s*[^,]*,\s*'.)", script)
        assert names and all(re.fullmatch(r"concat\(\s*\$runFolder,\s*'/", name) for name in names)


def test_triggers_are_stopped_and_hand_over_the_day_before(
    workspace: Workspace,
) -> None:
    triggers = [artifact for artifact in workspace.artifacts if artifact.kind == "trigger"]
    assert sorted(
        artifact.properties["pipelines"][0]["pipelineReference"]["referenceName"] for artifact in triggers
    ) == list(INGESTING)
    for artifact in triggers:
        assert artifact.properties["runtimeState"] == "Stopped"
        assert artifact.properties["pipelines"][0]["parameters"] == {
            "windowStart": "@startOfDay(addDays(trigger().scheduledTime, -1))",
            "windowEnd": "@startOfDay(trigger().scheduledTime)",
        }


def test_event_offsets_are_off_unless_somebody_asks_for_them(
    workspace: Workspace,
) -> None:
    parameter = _pipeline(workspace, "ingest_patients").properties["parameters"]["includeEventOffsets"]
    assert parameter == {"type": "bool", "defaultValue": False}
    assert "includeEventOffsets as boolean (false())" in script_of("deidentify_patients")


def _objects_of_pipelines(workspace: Workspace) -> list[Mapping[str, Any]]:
    values = [value for artifact in _pipelines(workspace) for _, value in walk(artifact.document)]
    return [value for value in values if isinstance(value, Mapping)]


def _dataset_parameters(workspace: Workspace, name: str) -> set[str]:
    dataset = workspace.find("dataset", name)
    assert dataset is not None
    return set(dataset.properties.get("parameters", {}))


def test_every_dataset_parameter_is_given_where_an_activity_uses_it(workspace: Workspace) -> None:
    used = [value for value in _objects_of_pipelines(workspace) if value.get("type") == "DatasetReference"]
    assert used
    for value in used:
        assert set(value.get("parameters", {})) == _dataset_parameters(workspace, value["referenceName"])


def test_every_dataset_parameter_is_given_where_a_data_flow_uses_it(workspace: Workspace) -> None:
    used = [value for value in _objects_of_pipelines(workspace) if "datasetParameters" in value]
    assert used
    for value in used:
        flow = workspace.find("dataflow", value["referenceName"])
        assert flow is not None
        inner = flow.properties["typeProperties"]
        for entry in [*inner["sources"], *inner["sinks"]]:
            needed = _dataset_parameters(workspace, entry["dataset"]["referenceName"])
            assert set(value["datasetParameters"][entry["name"]]) == needed


def test_documents_are_written_as_studio_writes_them(workspace: Workspace) -> None:
    for artifact in workspace.artifacts:
        assert artifact.file is not None
        text = json.dumps(artifact.document, indent="\t", ensure_ascii=False)
        assert artifact.file.read_text(encoding="utf-8").rstrip("\n") == text, artifact.id
