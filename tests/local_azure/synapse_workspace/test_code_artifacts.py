"""Notebooks, scripts, Spark jobs and configurations, credentials, event triggers: each operation of their clients."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.synapse.artifacts import models as typed_models
from one_of_each_kind import (
    ARTIFACTS,
    CREDENTIAL,
    KQL_SCRIPT,
    NOTEBOOK,
    SPARK_CONFIGURATION,
    SPARK_JOB,
    SQL_SCRIPT,
    pool_document,
)
from synapse_bench import WAIT_PIPELINE, Bench

from local_azure.http import Response
from local_azure.services.synapse_workspace.referrers import Referrers

ALL_TIMES = {"lastUpdatedAfter": "2000-01-01T00:00:00Z", "lastUpdatedBefore": "2100-01-01T00:00:00Z"}
models: Any = typed_models  # its hints name other types than it takes


@pytest.fixture
def ready(bench: Bench) -> Bench:
    """A workspace with a Spark pool and a Spark configuration."""
    bench.azure.resources.put(f"{bench.arm_id}/bigDataPools/pool", pool_document(bench.arm_id))
    assert bench.put("/sparkconfigurations/small", SPARK_CONFIGURATION).status == 200
    return bench


def _json(response: Response) -> Any:
    return json.loads(response.content())


@dataclass(frozen=True)
class Operations:
    """The official client's operations of one kind, told by their names."""

    group: str
    put: str
    get: str
    listed: str
    delete: str
    rename: str
    resource: Callable[[str], Any]


def _resource(model: Any, name: str, properties: Any) -> Any:
    return model.deserialize({"name": name, "properties": properties})


OPERATIONS = {
    "notebooks": Operations(
        "notebook",
        "begin_create_or_update_notebook",
        "get_notebook",
        "get_notebooks_by_workspace",
        "begin_delete_notebook",
        "begin_rename_notebook",
        lambda name: _resource(models.NotebookResource, name, NOTEBOOK),
    ),
    "sqlscripts": Operations(
        "sql_script",
        "begin_create_or_update_sql_script",
        "get_sql_script",
        "get_sql_scripts_by_workspace",
        "begin_delete_sql_script",
        "begin_rename_sql_script",
        lambda name: _resource(models.SqlScriptResource, name, SQL_SCRIPT),
    ),
    "kqlscripts": Operations(
        "kql_script",
        "begin_create_or_update",
        "get_by_name",
        "get_all",
        "begin_delete_by_name",
        "begin_rename",
        lambda name: _resource(models.KqlScriptResource, name, KQL_SCRIPT),
    ),
    "sparkjobdefinitions": Operations(
        "spark_job_definition",
        "begin_create_or_update_spark_job_definition",
        "get_spark_job_definition",
        "get_spark_job_definitions_by_workspace",
        "begin_delete_spark_job_definition",
        "begin_rename_spark_job_definition",
        lambda _: models.SparkJobDefinition.deserialize(SPARK_JOB),
    ),
    "sparkconfigurations": Operations(
        "spark_configuration",
        "begin_create_or_update_spark_configuration",
        "get_spark_configuration",
        "get_spark_configurations_by_workspace",
        "begin_delete_spark_configuration",
        "begin_rename_spark_configuration",
        lambda _: models.SparkConfiguration.deserialize(SPARK_CONFIGURATION),
    ),
}


@pytest.mark.parametrize("path", OPERATIONS)
def test_the_official_client_drives_every_operation_of_a_kind(ready: Bench, path: str) -> None:
    client, names = ready.artifacts_client(), OPERATIONS[path]
    group = getattr(client, names.group)
    listing = client.kql_scripts if names.group == "kql_script" else group
    made = getattr(group, names.put)("one", names.resource("one")).result()
    assert (made.name, made.type) == ("one", f"Microsoft.Synapse/workspaces/{path}")
    assert getattr(group, names.get)("one").properties is not None
    assert "one" in [each.name for each in getattr(listing, names.listed)()]
    getattr(group, names.rename)("one", new_name="two").result()
    assert "two" in [each.name for each in getattr(listing, names.listed)()]
    getattr(group, names.delete)("two").result()
    with pytest.raises(ResourceNotFoundError):
        getattr(group, names.get)("two")


def test_summaries_of_notebooks_are_listed(ready: Bench) -> None:
    ready.put("/notebooks/explore", NOTEBOOK)
    found = list(ready.artifacts_client().notebook.get_notebook_summary_by_work_space())
    assert [each.name for each in found] == ["explore"]


@pytest.mark.parametrize(
    ("path", "put"), [("/notebooks/n", NOTEBOOK), ("/sqlScripts/s", SQL_SCRIPT), ("/kqlScripts/k", KQL_SCRIPT)]
)
def test_operations_are_polled_where_and_in_which_version_they_began(ready: Bench, path: str, put: Any) -> None:
    answer = ready.call("PUT", f"{path}?api-version=2021-11-01-preview", {"properties": put})
    results = "notebookOperationResults" if path == "/notebooks/n" else "operationResults"
    location = answer.headers["location"]
    assert location.startswith(f"{ready.endpoint}/{results}/")
    assert location.endswith("?api-version=2021-11-01-preview")
    other = "operationResults" if results != "operationResults" else "notebookOperationResults"
    assert ready.call("GET", f"/{other}/{_json(answer)['operationId']}").status == 404


def test_a_change_says_that_it_updates(ready: Bench) -> None:
    first, second = (ready.call("PUT", "/sqlScripts/s", {"properties": SQL_SCRIPT}) for _ in range(2))
    assert (_json(first)["state"], _json(second)["state"]) == ("Creating", "Updating")


def test_a_notebook_comes_back_with_what_the_service_adds(ready: Bench) -> None:
    ready.put("/notebooks/explore", NOTEBOOK)
    shown = _json(ready.call("GET", "/notebooks/explore"))["properties"]
    assert (shown["entityState"], shown["renameOperationDetails"]) == (None, None)
    assert shown["sessionProperties"]["conf"] is None
    assert shown["metadata"]["sessionKeepAliveTimeout"] == 0
    assert [("execution_count" in cell) for cell in shown["cells"]] == [False, True]


def test_scripts_come_back_as_they_were_written(ready: Bench) -> None:
    for path, properties in (("/sqlScripts/s", SQL_SCRIPT), ("/kqlScripts/k", KQL_SCRIPT)):
        ready.put(path, properties)
        assert _json(ready.call("GET", path))["properties"] == properties


def test_a_missing_script_is_a_plain_404_and_a_missing_notebook_quotes_one(bench: Bench) -> None:
    plain = _json(bench.call("GET", "/sqlScripts/x"))
    assert plain == {
        "code": "NotFound",
        "message": "The document could not be retrieved because it does not exist.",
        "target": f"{bench.arm_id}/sqlscripts/x",
        "details": None,
        "error": None,
    }
    answer = bench.call("GET", "/notebooks/x")
    assert answer.status == 404
    wrapped = _json(answer)
    assert wrapped["code"] == 404
    assert wrapped["message"].startswith("Failed Component = DataFactoryResourceProvider, ErrorCode = 404")
    assert "GetNotebook failed [statusCode from ADF: NotFound" in wrapped["error"]
    assert _json(bench.call("GET", "/sparkJobDefinitions/x"))["code"] == "SparkJobDefinitionNotFound"


def test_a_notebook_of_a_pool_that_is_not_there_is_refused(bench: Bench) -> None:
    answer = bench.put("/notebooks/n", {**NOTEBOOK, "targetSparkConfiguration": None})
    assert answer.status == 400
    assert "invalid reference 'pool' (BigDataPoolReference at /properties/bigDataPool)" in _json(answer)["message"]


def test_a_credential_is_put_read_used_and_only_then_not_deleted(bench: Bench) -> None:
    assert bench.put("/credentials/identity", CREDENTIAL).status == 200
    assert bench.put("/linkedservices/lake", ARTIFACTS["linkedService/lake"]).status == 200
    assert [each["name"] for each in _json(bench.call("GET", "/credentials"))["value"]] == ["identity"]
    refused = bench.delete("/credentials/identity")
    assert "it is referenced by lake" in _json(refused)["error"]["message"]
    bench.delete("/linkedservices/lake")
    assert bench.delete("/credentials/identity").status == 200
    assert bench.call("GET", "/credentials/identity").status == 404


@pytest.mark.parametrize("path", ["/sparkJobDefinitions/job/execute", "/debugSparkJobDefinition"])
def test_nothing_is_executed_by_spark_here(ready: Bench, path: str) -> None:
    answer = ready.call("POST", path)
    assert (answer.status, path in answer.content().decode()) == (501, True)


def test_an_event_trigger_is_subscribed_and_started_but_does_not_fire(bench: Bench) -> None:
    bench.put("/pipelines/load", WAIT_PIPELINE)
    bench.put("/triggers/arrival", ARTIFACTS["trigger/arrival"])
    trigger = bench.artifacts_client().trigger
    assert trigger.begin_subscribe_trigger_to_events("arrival").result().status == "Provisioning"
    assert trigger.get_event_subscription_status("arrival").status == "Enabled"
    trigger.begin_start_trigger("arrival").result()
    runs = _json(bench.call("POST", "/queryTriggerRuns", ALL_TIMES))["value"]
    assert [(run["status"], run["message"]) for run in runs] == [
        ("Failed", "Local Azure fires schedule triggers only: 'arrival' is a BlobEventsTrigger.")
    ]
    trigger.begin_stop_trigger("arrival").result()
    assert trigger.begin_unsubscribe_trigger_from_events("arrival").result().status == "Deprovisioning"
    assert trigger.get_event_subscription_status("arrival").status == "Disabled"


def test_a_schedule_that_is_not_fired_here_is_stored_and_its_first_run_says_so(bench: Bench) -> None:
    bench.put("/pipelines/load", WAIT_PIPELINE)
    recurrence = {"frequency": "Year", "interval": 1, "startTime": "2024-01-01T00:00:00Z"}
    started = [{"pipelineReference": {"referenceName": "load", "type": "pipelineReference"}}]
    yearly = {"type": "ScheduleTrigger", "typeProperties": {"recurrence": recurrence}, "pipelines": started}
    assert bench.put("/triggers/yearly", yearly).status == 200
    bench.artifacts_client().trigger.begin_start_trigger("yearly").result()
    (run,) = _json(bench.call("POST", "/queryTriggerRuns", ALL_TIMES))["value"]
    assert run["status"] == "Failed"
    assert run["message"].startswith(
        "Local Azure does not fire 'yearly': recurrence/frequency: unknown frequency 'Year'"
    )


def test_a_trigger_without_events_cannot_be_subscribed(bench: Bench) -> None:
    tumbling = {
        "type": "TumblingWindowTrigger",
        "typeProperties": {
            "frequency": "Hour",
            "interval": 1,
            "startTime": "2024-01-01T00:00:00.000Z",
            "maxConcurrency": 1,
        },
    }
    bench.put("/triggers/hourly", tumbling)
    with pytest.raises(HttpResponseError, match="is a TumblingWindowTrigger, which has no events"):
        bench.artifacts_client().trigger.begin_subscribe_trigger_to_events("hourly")
    shown = _json(bench.call("GET", "/triggers/hourly"))["properties"]
    assert shown["typeProperties"]["startTime"] == "2024-01-01T00:00:00Z"


def test_references_that_a_state_does_not_keep_yet_are_read_from_its_artifacts(ready: Bench) -> None:
    ready.put("/notebooks/explore", NOTEBOOK)
    kept = ready.azure.state.collection("synapse-artifact-referrers")
    for key, _ in list(kept.scan()):
        kept.delete(key)
    document = ready.azure.resources.get(ready.arm_id) or {}
    found = Referrers(ready.azure.state, ready.azure.state.collection("synapse-artifacts"))
    uid = document["properties"]["workspaceUID"]
    assert list(found.of(uid, "SparkConfigurationReference", "SMALL")) == [("notebooks", "explore")]
