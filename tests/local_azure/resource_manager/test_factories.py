"""Factories of Data Factory and what is inside them, through azure-mgmt-datafactory."""

from __future__ import annotations

import time
import uuid
from typing import Any

import pytest
from arm_bench import LOCATION, ArmBench, unique
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.datafactory import models

from local_azure.role_definitions import DATA_FACTORY_CONTRIBUTOR, READER

API = "2018-06-01"
WAIT = {"name": "pause", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}
WINDOW: Any = {"lastUpdatedAfter": "2000-01-01T00:00:00Z", "lastUpdatedBefore": "9999-12-31T00:00:00Z"}
PIPELINE: dict[str, Any] = {"properties": {"activities": [WAIT]}}
LINKED_SERVICE = {
    "properties": {"type": "AzureBlobFS", "typeProperties": {"url": "https://lake.dfs.core.windows.net"}},
}
TRIGGER = {
    "properties": {
        "type": "ScheduleTrigger",
        "pipelines": [{"pipelineReference": {"type": "PipelineReference", "referenceName": "p"}}],
        "typeProperties": {
            "recurrence": {"frequency": "Day", "interval": 1, "startTime": "2026-01-01T00:00:00Z", "timeZone": "UTC"}
        },
    }
}


@pytest.fixture
def factory(arm: ArmBench, group: str) -> str:
    """A fresh factory's name."""
    return arm.new_factory(group)


@pytest.fixture
def path(arm: ArmBench, group: str, factory: str) -> str:
    """The ARM id of the factory."""
    return arm.factory_path(group, factory)


def put(arm: ArmBench, path: str, below: str, body: Any) -> None:
    """Writes an artifact."""
    answer = arm.send("PUT", f"{path}/{below}", API, body)
    assert answer.status == 200, answer.body


def test_a_factory_is_made_at_once_with_an_identity(arm: ArmBench, group: str) -> None:
    name = unique("factory-")
    made = arm.factories.factories.create_or_update(
        group, name, models.Factory(location=LOCATION, identity=models.FactoryIdentity(type="SystemAssigned"))
    )
    assert (made.provisioning_state, made.version, made.public_network_access) == ("Succeeded", API, "Enabled")
    assert made.identity is not None and made.identity.principal_id
    assert arm.factories.factories.get(group, name) == made
    assert [each.name for each in arm.factories.factories.list_by_resource_group(group)] == [name]
    assert name in [each.name for each in arm.factories.factories.list()]


def test_a_factory_is_changed_and_deleted_with_all_it_holds(arm: ArmBench, group: str, factory: str, path: str) -> None:
    put(arm, path, "pipelines/p", PIPELINE)
    changed = arm.factories.factories.update(group, factory, models.FactoryUpdateParameters(tags={"a": "b"}))
    assert changed.tags == {"a": "b"}
    arm.factories.factories.delete(group, factory)
    assert arm.send("GET", path, API).error == (404, "ResourceNotFound")
    assert arm.send("GET", f"{path}/pipelines", API).error == (404, "ResourceNotFound")
    assert arm.send("DELETE", path, API).status == 204
    arm.send("PUT", path, API, {"location": LOCATION})
    assert list(arm.factories.pipelines.list_by_factory(group, factory)) == []


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("-wrong", {"location": LOCATION}, "InvalidRequestContent"),
        ("sound", {"location": "atlantis"}, "LocationNotAvailableForResourceType"),
        ("sound", {"location": LOCATION, "properties": {"colour": "red"}}, "InvalidRequestContent"),
        ("sound", {"location": LOCATION, "identity": {"type": "UserAssigned"}}, "InvalidRequestContent"),
    ],
)
def test_what_no_factory_can_be_is_refused(arm: ArmBench, group: str, name: str, body: Any, code: str) -> None:
    assert arm.send("PUT", arm.factory_path(group, name), API, body).error == (400, code)


def test_names_of_factories_are_global(arm: ArmBench, factory: str) -> None:
    other = arm.factory_path(arm.new_group(), factory)
    assert arm.send("PUT", other, API, {"location": LOCATION}).error == (409, "FactoryNameInUse")


def test_artifacts_are_written_read_and_deleted_at_once(arm: ArmBench, group: str, factory: str, path: str) -> None:
    put(arm, path, "linkedservices/lake", LINKED_SERVICE)
    made = arm.factories.linked_services.get(group, factory, "lake")
    assert made is not None and made.etag
    assert made.id == f"{path}/linkedservices/lake"
    assert made.type == "Microsoft.DataFactory/factories/linkedservices"
    assert isinstance(made.properties, models.AzureBlobFSLinkedService)
    arm.factories.linked_services.delete(group, factory, "lake")
    with pytest.raises(ResourceNotFoundError) as refused:
        arm.factories.linked_services.get(group, factory, "lake")
    assert refused.value.error is not None and refused.value.error.code == "LinkedServiceNotFound"
    assert f" factory={factory})" in str(refused.value)
    assert arm.send("DELETE", f"{path}/linkedservices/lake", API).status == 204


def test_an_etag_guards_a_write(arm: ArmBench, group: str, factory: str) -> None:
    client = arm.factories.pipelines
    made = client.create_or_update(group, factory, "p", models.PipelineResource(activities=[]))
    empty = models.PipelineResource(activities=[])
    client.create_or_update(group, factory, "p", empty, if_match=made.etag)
    with pytest.raises(HttpResponseError) as refused:
        client.create_or_update(group, factory, "p", empty, if_match=made.etag)
    assert refused.value.status_code == 412


def test_lists_come_in_pages(arm: ArmBench, group: str, factory: str, path: str) -> None:
    names = [f"p{index:03}" for index in range(101)]
    for name in names:
        put(arm, path, f"pipelines/{name}", PIPELINE)
    pages = list(arm.factories.pipelines.list_by_factory(group, factory).by_page())
    assert [len(list(page)) for page in pages] == [50, 50, 1]
    assert [each.name for each in arm.factories.pipelines.list_by_factory(group, factory)] == names


def test_a_reference_to_nothing_and_a_use_are_refused(arm: ArmBench, path: str) -> None:
    answer = arm.send("PUT", f"{path}/triggers/t", API, TRIGGER)
    assert answer.error == (400, "BadRequest")
    put(arm, path, "pipelines/p", PIPELINE)
    put(arm, path, "triggers/t", TRIGGER)
    refused = arm.send("DELETE", f"{path}/pipelines/p", API)
    assert refused.error == (400, "DeleteDataFactoryResourceOrchestrationError")


def test_triggers_are_started_stopped_and_queried(arm: ArmBench, group: str, factory: str, path: str) -> None:
    put(arm, path, "pipelines/p", PIPELINE)
    put(arm, path, "triggers/t", TRIGGER)
    client = arm.factories.triggers
    client.begin_start(group, factory, "t").result()
    assert arm.send("PUT", f"{path}/triggers/t", API, TRIGGER).error == (400, "TriggerEnabledCannotUpdate")
    found = client.query_by_factory(group, factory, models.TriggerFilterParameters())
    assert [(each.name, each.properties.runtime_state) for each in found.value] == [("t", "Started")]
    client.begin_stop(group, factory, "t").result()
    assert client.get(group, factory, "t").properties.runtime_state == "Stopped"  # type: ignore[union-attr]


def test_a_pipeline_runs_as_in_a_workspace(arm: ArmBench, group: str, factory: str, path: str) -> None:
    put(arm, path, "pipelines/p", PIPELINE)
    run_id = arm.factories.pipelines.create_run(group, factory, "p").run_id
    client = arm.factories.pipeline_runs
    deadline = time.monotonic() + 30
    while client.get(group, factory, run_id).status in ("Queued", "InProgress") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert client.get(group, factory, run_id).status == "Succeeded"
    assert [each.run_id for each in client.query_by_factory(group, factory, WINDOW).value] == [run_id]
    activities = arm.factories.activity_runs.query_by_pipeline_run(group, factory, run_id, WINDOW).value
    assert [(each.activity_name, each.status) for each in activities] == [("pause", "Succeeded")]


def test_a_pipeline_reads_the_parameters_of_its_factory(arm: ArmBench, group: str, factory: str, path: str) -> None:
    put(arm, path, "globalParameters/default", {"properties": {"stage": {"type": "String", "value": "dev"}}})
    told = {"variableName": "v", "value": "@pipeline().globalParameters.stage"}
    say = {"name": "say", "type": "SetVariable", "typeProperties": told}
    put(arm, path, "pipelines/p", {"properties": {"activities": [say], "variables": {"v": {"type": "String"}}}})
    run_id = arm.factories.pipelines.create_run(group, factory, "p").run_id
    deadline = time.monotonic() + 30
    found: list[models.ActivityRun] = []
    while not found and time.monotonic() < deadline:
        found = arm.factories.activity_runs.query_by_pipeline_run(group, factory, run_id, WINDOW).value
        found = [each for each in found if each.status == "Succeeded"]
    outputs: list[Any] = [each.output for each in found]
    assert outputs == [{"name": "v", "value": "dev"}]
    (parameters,) = arm.factories.global_parameters.list_by_factory(group, factory)
    stage: Any = parameters.properties["stage"].value
    assert (parameters.name, stage) == ("default", "dev")


@pytest.mark.parametrize(
    ("name", "properties"),
    [
        ("other", {}),
        ("default", None),
        ("default", {"a": {"type": "String"}}),
        ("default", {"a": {"type": "Number", "value": 1}}),
    ],
)
def test_wrong_parameters_are_refused(arm: ArmBench, path: str, name: str, properties: Any) -> None:
    answer = arm.send("PUT", f"{path}/globalParameters/{name}", API, {"properties": properties})
    assert answer.status == 400


def test_roles_of_the_control_plane_decide(arm: ArmBench, path: str) -> None:
    put(arm, path, "pipelines/p", PIPELINE)
    scientist = ArmBench(arm.azure, "data-scientist")
    assert scientist.send("GET", f"{path}/pipelines/p", API).error == (403, "AuthorizationFailed")
    arm.give(path, READER.id, "data-scientist")
    assert scientist.send("GET", f"{path}/pipelines/p", API).status == 200
    assert scientist.send("PUT", f"{path}/pipelines/p", API, PIPELINE).error == (403, "AuthorizationFailed")
    assert scientist.send("POST", f"{path}/pipelines/p/createRun", API).error == (403, "AuthorizationFailed")
    run = uuid.uuid4()
    assert scientist.send("GET", f"{path}/pipelineruns/{run}", API).status == 404
    for query in ("queryPipelineRuns", "queryTriggerRuns", "querytriggers", f"pipelineruns/{run}/queryActivityruns"):
        assert scientist.send("POST", f"{path}/{query}", API, WINDOW).error == (403, "AuthorizationFailed"), query
    arm.give(path, DATA_FACTORY_CONTRIBUTOR.id, "data-scientist")
    assert scientist.send("PUT", f"{path}/pipelines/p", API, PIPELINE).status == 200
    assert scientist.send("POST", f"{path}/queryPipelineRuns", API, WINDOW).status == 200


def test_what_is_not_served_says_so(arm: ArmBench, path: str) -> None:
    assert arm.send("GET", f"{path}/privateEndPointConnections", API).status == 501
    assert arm.send("GET", f"{path}/pipelines", "2017-09-01-preview").error == (400, "NoRegisteredProviderFound")


def test_an_etag_guards_a_factory_and_saves_reads(arm: ArmBench, group: str, factory: str) -> None:
    client = arm.factories.factories
    made = client.get(group, factory)
    assert made is not None
    assert client.get(group, factory, if_none_match=made.e_tag) is None
    body = models.Factory(location=LOCATION, tags={"a": "b"})
    with pytest.raises(HttpResponseError) as refused:
        client.create_or_update(group, factory, body, if_match='"other"')
    assert refused.value.status_code == 412
    written = client.create_or_update(group, factory, body, if_match=made.e_tag)
    assert client.create_or_update(group, factory, body, if_match="*").e_tag != written.e_tag


@pytest.mark.parametrize(
    "repository",
    [
        models.FactoryVSTSConfiguration(
            account_name="a", repository_name="b", collaboration_branch="main", root_folder="/", project_name="p"
        ),
        models.FactoryGitHubConfiguration(
            account_name="a", repository_name="b", collaboration_branch="main", root_folder="/", host_name="github.com"
        ),
    ],
)
def test_a_factory_is_connected_to_a_repository_of_either_kind(
    arm: ArmBench, group: str, factory: str, repository: models.FactoryRepoConfiguration
) -> None:
    body = models.Factory(location=LOCATION, repo_configuration=repository)
    made = arm.factories.factories.create_or_update(group, factory, body)
    assert made.repo_configuration == repository
