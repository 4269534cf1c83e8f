"""Artifacts through the official client and as raw JSON: life cycle, references, normalisation, refusals."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.synapse.artifacts import models as typed_models
from one_of_each_kind import NOTEBOOK
from synapse_bench import CSV_DATASET, LAKE_LINK, VAULT_LINK, WAIT_PIPELINE, Bench

from local_azure.http import Response

models: Any = typed_models  # its hints name other types than it takes
SCHEDULE: dict[str, Any] = {
    "type": "ScheduleTrigger",
    "typeProperties": {
        "recurrence": {
            "frequency": "Hour",
            "interval": 1,
            "startTime": "2020-07-10T02:00:00.000Z",
            "timeZone": "UTC",
        }
    },
    "pipelines": [{"pipelineReference": {"referenceName": "p", "type": "PipelineReference"}, "parameters": {}}],
}


def _json(response: Response) -> Any:
    return json.loads(response.content())


def test_the_official_client_creates_reads_lists_and_deletes_every_kind(bench: Bench) -> None:
    client = bench.artifacts_client()
    link = models.AzureBlobFSLinkedService(url="https://lake.dfs.core.windows.net")
    client.linked_service.begin_create_or_update_linked_service("lake", link).result()
    dataset = models.DelimitedTextDataset.deserialize(copy.deepcopy(CSV_DATASET))
    client.dataset.begin_create_or_update_dataset("csv", dataset).result()
    flow = models.MappingDataFlow(script="source() ~> a\na sink() ~> b", sources=[], sinks=[], transformations=[])
    client.data_flow.begin_create_or_update_data_flow("flow", flow).result()
    wait = models.WaitActivity(name="Rest", wait_time_in_seconds=0)
    pipeline = client.pipeline.begin_create_or_update_pipeline("p", models.PipelineResource(activities=[wait])).result()
    trigger = models.ScheduleTrigger.deserialize(copy.deepcopy(SCHEDULE))
    made = client.trigger.begin_create_or_update_trigger("t", trigger).result()
    assert (pipeline.name, made.properties.runtime_state) == ("p", "Stopped")
    assert client.linked_service.get_linked_service("lake").properties.url == "https://lake.dfs.core.windows.net"
    assert [each.name for each in client.dataset.get_datasets_by_workspace()] == ["csv"]
    assert client.data_flow.get_data_flow("flow").properties.type == "MappingDataFlow"
    assert client.pipeline.get_pipeline("p").activities[0].type == "Wait"
    client.trigger.begin_delete_trigger("t").result()
    client.pipeline.begin_delete_pipeline("p").result()
    client.data_flow.begin_delete_data_flow("flow").result()
    client.dataset.begin_delete_dataset("csv").result()
    client.linked_service.begin_delete_linked_service("lake").result()
    with pytest.raises(ResourceNotFoundError, match="The Pipeline p was not found in"):
        client.pipeline.get_pipeline("p")


def test_a_put_answers_202_with_the_recorded_shape_and_the_poll_gives_the_resource(bench: Bench) -> None:
    answer = bench.call("PUT", "/linkedservices/vault", {"properties": VAULT_LINK})
    body = _json(answer)
    assert (answer.status, body["state"], body["type"], body["name"]) == (202, "Creating", "LinkedService", "vault")
    location = answer.headers["location"]
    assert location.startswith(f"{bench.endpoint}/operationResults/")
    assert answer.headers["retry-after-ms"] == "100"
    path = location.removeprefix(bench.endpoint).partition("?")[0]
    assert bench.call("GET", path).status == 202
    final = bench.call("GET", path)
    assert final.status == 200
    assert _json(final) == {
        "id": f"{bench.arm_id}/linkedservices/vault",
        "name": "vault",
        "type": "Microsoft.Synapse/workspaces/linkedservices",
        "properties": VAULT_LINK,
        "etag": _json(bench.call("GET", "/linkedservices/vault"))["etag"],
    }


def test_the_last_poll_of_a_delete_is_empty(bench: Bench) -> None:
    bench.put("/linkedservices/vault", VAULT_LINK)
    answer = bench.call("DELETE", "/linkedservices/vault")
    body = _json(answer)
    assert (body["state"], body["recordId"], body["created"]) == ("Deleting", 0, "0001-01-01T00:00:00")
    final = bench.poll(answer)
    assert (final.status, final.content()) == (200, b"")


def test_deleting_what_does_not_exist_is_204(bench: Bench) -> None:
    assert bench.call("DELETE", "/pipelines/nothing").status == 204


def test_an_unknown_operation_is_404(bench: Bench) -> None:
    answer = bench.call("GET", "/operationResults/nothing")
    assert (answer.status, _json(answer)["code"]) == (404, "OperationNotFound")


@pytest.mark.parametrize(
    ("path", "code", "noun"),
    [
        ("/pipelines/x", "PipelineNotFound", "Pipeline"),
        ("/triggers/x", "TriggerNotFound", "Trigger"),
        ("/datasets/x", "DatasetNotFound", "Dataset"),
        ("/dataflows/x", "DataFlowNotFound", "DataFlow"),
        ("/linkedservices/x", "LinkedServiceNotFound", "LinkedService"),
    ],
)
def test_a_missing_artifact_is_404_in_the_flat_shape(bench: Bench, path: str, code: str, noun: str) -> None:
    answer = bench.call("GET", path)
    subscription = bench.azure.directory.subscription_id
    assert answer.status == 404
    assert _json(answer) == {
        "code": code,
        "message": f"The {noun} x was not found in (subscription={subscription} resourceGroup=tests "
        f"workspace={bench.name})",
    }


def test_pipelines_and_triggers_come_back_normalised(bench: Bench) -> None:
    bench.put("/pipelines/p", WAIT_PIPELINE)
    bench.put("/triggers/t", SCHEDULE)
    pipeline, trigger = (_json(bench.call("GET", path))["properties"] for path in ("/pipelines/p", "/triggers/t"))
    assert pipeline["annotations"] == []
    assert pipeline["lastPublishTime"].endswith("Z")
    assert trigger["runtimeState"] == "Stopped"
    assert trigger["typeProperties"]["recurrence"]["startTime"] == "2020-07-10T02:00:00Z"


def test_a_put_with_a_dangling_reference_is_refused_by_the_poll_and_names_it(bench: Bench) -> None:
    answer = bench.put("/datasets/csv", CSV_DATASET)
    assert answer.status == 400
    assert _json(answer) == {
        "code": "BadRequest",
        "message": "The document creation or update failed because of invalid reference 'lake' "
        "(LinkedServiceReference at /properties/linkedServiceName).",
    }
    assert bench.call("GET", "/datasets/csv").status == 404


def test_an_integration_runtime_other_than_the_default_is_a_dangling_reference(bench: Bench) -> None:
    link = {**VAULT_LINK, "connectVia": {"referenceName": "home", "type": "IntegrationRuntimeReference"}}
    assert "invalid reference 'home'" in _json(bench.put("/linkedservices/vault", link))["message"]
    link["connectVia"]["referenceName"] = "AutoResolveIntegrationRuntime"  # type: ignore[index]
    assert bench.put("/linkedservices/vault", link).status == 200


def test_deleting_what_others_refer_to_is_refused_and_names_them(bench: Bench) -> None:
    bench.put("/linkedservices/lake", LAKE_LINK)
    bench.put("/datasets/csv", CSV_DATASET)
    answer = bench.delete("/linkedservices/lake")
    assert answer.status == 400
    assert _json(answer)["error"] == {
        "code": "DeleteDataFactoryResourceOrchestrationError",
        "message": "The document cannot be deleted since it is referenced by csv.",
    }
    with pytest.raises(HttpResponseError, match=r"cannot be deleted since it is referenced by csv\."):
        bench.artifacts_client().linked_service.begin_delete_linked_service("lake").result()


def test_a_started_trigger_is_neither_updated_nor_deleted(bench: Bench) -> None:
    bench.put("/pipelines/p", WAIT_PIPELINE)
    bench.put("/triggers/t", SCHEDULE)
    client = bench.artifacts_client()
    client.trigger.begin_start_trigger("t").result()
    assert client.trigger.get_trigger("t").properties.runtime_state == "Started"
    assert _json(bench.put("/triggers/t", SCHEDULE))["code"] == "TriggerEnabledCannotUpdate"
    assert "the trigger needs to be disabled first" in _json(bench.delete("/triggers/t"))["error"]["message"]
    client.trigger.begin_stop_trigger("t").result()
    assert bench.delete("/triggers/t").status == 200


def test_a_trigger_without_a_pipeline_cannot_be_started(bench: Bench) -> None:
    bench.put("/triggers/t", {**SCHEDULE, "pipelines": []})
    answer = bench.call("POST", "/triggers/t/start")
    assert (answer.status, _json(answer)["message"]) == (400, "The trigger 't' has no pipeline to run.")


def test_etags_guard_updates_and_save_reads(bench: Bench) -> None:
    bench.put("/linkedservices/vault", VAULT_LINK)
    etag = _json(bench.call("GET", "/linkedservices/vault"))["etag"]
    assert bench.call("GET", "/linkedservices/vault", None, "deployer", if_none_match=etag).status == 304
    assert bench.put("/linkedservices/vault", VAULT_LINK, if_match="other").status == 412
    assert bench.put("/linkedservices/new", VAULT_LINK, if_match="*").status == 412
    assert bench.put("/linkedservices/vault", VAULT_LINK, if_match=etag).status == 200


def test_lists_come_in_pages(bench: Bench) -> None:
    for index in range(53):
        bench.call("PUT", f"/linkedservices/vault{index:02d}", {"properties": VAULT_LINK})
    first = _json(bench.call("GET", "/linkedservices"))
    assert len(first["value"]) == 50
    assert first["nextLink"].startswith(f"{bench.endpoint}/linkedservices?api-version=2020-12-01&%24skipToken=")
    found = [each.name for each in bench.artifacts_client().linked_service.get_linked_services_by_workspace()]
    assert found == [f"vault{index:02d}" for index in range(53)]


def test_names_compare_without_regard_to_case(bench: Bench) -> None:
    bench.put("/linkedservices/Vault", VAULT_LINK)
    assert _json(bench.call("GET", "/linkedservices/vault"))["name"] == "Vault"


def test_secure_strings_are_masked_when_read(bench: Bench) -> None:
    link = {
        "type": "AzureSqlDatabase",
        "typeProperties": {"connectionString": {"type": "SecureString", "value": "Server=s;Database=d"}},
        "parameters": {"p": {"type": "SecureString", "defaultValue": "hidden-word"}},
    }
    bench.put("/linkedservices/sql", link)
    shown = bench.call("GET", "/linkedservices/sql").content().decode()
    assert "Server=s" not in shown
    assert "hidden-word" not in shown
    assert json.loads(shown)["properties"]["typeProperties"]["connectionString"]["value"] == "**********"


def test_an_artifact_is_renamed(bench: Bench) -> None:
    bench.put("/pipelines/p", WAIT_PIPELINE)
    bench.artifacts_client().pipeline.begin_rename_pipeline("p", new_name="q").result()
    assert bench.call("GET", "/pipelines/p").status == 404
    assert _json(bench.call("GET", "/pipelines/q"))["name"] == "q"
    bench.put("/pipelines/p", WAIT_PIPELINE)
    taken = bench.call("POST", "/pipelines/p/rename", {"newName": "q"})
    assert (taken.status, _json(taken)["message"]) == (409, "The Pipeline 'q' already exists.")
    assert _json(bench.call("POST", "/pipelines/p/rename", {}))["message"] == "The property 'newName' is missing."


@pytest.mark.parametrize(
    ("path", "properties", "expected"),
    [
        (
            "/linkedservices/x",
            {"type": "AzureBlobF"},
            "/properties/type: unknown type 'AzureBlobF' of a linkedService; expected one of AzureBlobFS",
        ),
        (
            "/linkedservices/x",
            {"type": "AzureKeyVault", "typeProperties": {}},
            "/properties/typeProperties: the property 'baseUrl' of the linkedService type AzureKeyVault is missing",
        ),
        (
            "/linkedservices/x",
            {"type": "AzureKeyVault", "typeProperties": {"baseUrl": "@nope()"}},
            "/properties/typeProperties/baseUrl: the function 'nope' does not exist in the expression language",
        ),
        ("/datasets/x", {**CSV_DATASET, "type": "Table"}, "/properties/type: unknown type 'Table' of a dataset"),
        (
            "/datasets/x",
            {**CSV_DATASET, "typeProperties": {"location": {"type": "FtpLocation"}}},
            "/properties/typeProperties/location/type: unknown location type 'FtpLocation'; expected one of Sftp",
        ),
        (
            "/datasets/x",
            {**CSV_DATASET, "typeProperties": {"location": "here"}},
            "/properties/typeProperties/location: expected an object",
        ),
        (
            "/dataflows/x",
            {"type": "Flow", "typeProperties": {}},
            "unknown type 'Flow' of a dataflow; expected one of Flowlet",
        ),
        (
            "/pipelines/x",
            {"activities": [{"name": "a", "type": "Nope"}]},
            "/properties/activities/0/type: unknown activity",
        ),
        (
            "/triggers/x",
            {"type": "BlobEventsTrigger"},
            "/properties/typeProperties: the property 'events' of the trigger type BlobEventsTrigger is missing",
        ),
        (
            "/triggers/x",
            {"type": "ScheduleTrigger", "typeProperties": {"recurrence": {"frequency": "Fortnight"}}},
            "/properties/typeProperties/recurrence/frequency: unknown frequency 'Fortnight'; expected one of Minute",
        ),
        ("/notebooks/x", {"cells": 1}, "/properties/cells: expected a list of cells"),
        (
            "/notebooks/x",
            {**NOTEBOOK, "cells": [{"cell_type": "chart", "source": "print()"}]},
            "/properties/cells/0/cell_type: unknown type of cell 'chart'; "
            "expected one of code, markdown, raw; /properties/cells/0/source: expected a list of lines",
        ),
        ("/sqlScripts/x", {"type": "Query", "content": {}}, "the property 'query' of content is missing"),
        ("/sqlScripts/x", {"type": "Query", "content": {}}, "unknown SqlScript type 'Query'; expected SqlQuery"),
        ("/kqlScripts/x", {}, "/properties: the property 'content' of KqlScript is missing"),
        (
            "/sparkJobDefinitions/x",
            {"targetBigDataPool": {}, "jobProperties": {"file": "f"}},
            "/properties/jobProperties: the property 'driverCores' of jobProperties is missing",
        ),
        ("/sparkconfigurations/x", {"configs": {"spark.a": 1}}, "/properties/configs/spark.a: expected a text"),
        (
            "/credentials/x",
            {"type": "ServicePrincipal", "typeProperties": {}},
            "the property 'servicePrincipalId' of the credential type ServicePrincipal is missing",
        ),
        (
            "/triggers/x",
            {"type": "ScheduleTrigger", "typeProperties": {"recurrence": 1}, "pipelines": [1]},
            "/properties/typeProperties/recurrence: expected an object; /properties/pipelines/0: expected a pipeline",
        ),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_with_its_place(
    bench: Bench, path: str, properties: Any, expected: str
) -> None:
    answer = bench.call("PUT", path, {"properties": properties})
    assert answer.status == 400
    assert expected in _json(answer)["message"], _json(answer)["message"]


@pytest.mark.parametrize(
    ("path", "properties"),
    [
        ("/linkedservices/x", {**VAULT_LINK, "colour": "red"}),
        ("/linkedservices/x", {"type": "AzureBlobFS", "typeProperties": {"url": "u", "colour": "red"}}),
        ("/linkedservices/x", {"type": "CognitiveService", "typeProperties": {"csName": "n"}}),
        ("/linkedservices/x", {"type": "Db2", "typeProperties": {"connectionString": "server=h;database=d"}}),
        ("/datasets/x", {**CSV_DATASET, "typeProperties": {"location": {"type": "LakehouseLocation"}}}),
        ("/datasets/x", {"type": "SqlPoolTable", "typeProperties": {"schema": "s", "table": "t"}}),
        ("/pipelines/x", {**WAIT_PIPELINE, "colour": "red"}),
        ("/kqlScripts/x", {"content": {"query": "T"}, "type": "KqlQuery"}),
        ("/notebooks/x", {**NOTEBOOK, "sessionProperties": {"conf": {}}}),
        (
            "/triggers/x",
            {
                "type": "BlobEventsTrigger",
                "typeProperties": {
                    "events": ["Microsoft.Storage.BlobCreated"],
                    "scope": "/a",
                    "blobPathEndsWith": ".csv",
                },
                "pipelines": [
                    {
                        "pipelineReference": {"referenceName": "p", "type": "PipelineReference"},
                        "parameters": {"file": "@triggerBody().fileName"},
                    }
                ],
            },
        ),
        (
            "/triggers/x",
            {
                "type": "ScheduleTrigger",
                "typeProperties": {
                    "recurrence": {
                        "frequency": "Month",
                        "interval": 1,
                        "startTime": "2024-01-01T00:00:00Z",
                        "schedule": {"monthlyOccurrences": [{"day": "Monday", "occurrence": 1}]},
                    }
                },
            },
        ),
    ],
)
def test_what_azure_stores_is_taken(bench: Bench, path: str, properties: Any) -> None:
    answer = bench.call("PUT", path, {"properties": properties})
    assert answer.status == 202, _json(answer)


def test_a_body_that_names_another_artifact_is_refused(bench: Bench) -> None:
    answer = bench.call("PUT", "/pipelines/p", {"name": "q", "properties": WAIT_PIPELINE})
    assert "/name: the name 'q' is not the name 'p' in the URL" in _json(answer)["message"]


def test_a_body_that_is_no_object_and_a_bad_name_are_refused(bench: Bench) -> None:
    assert _json(bench.call("PUT", "/pipelines/p", [1]))["message"].endswith("expected a JSON object.")
    assert "/properties: expected an object" in _json(bench.call("PUT", "/pipelines/p", {}))["message"]
    bad = bench.call("PUT", "/pipelines/p%23", {"properties": WAIT_PIPELINE})
    assert _json(bad) == {"code": "InvalidName", "message": "The document name 'p#' is invalid."}
    assert bench.call("PUT", "/pipelines/%C3%9C", {"properties": WAIT_PIPELINE}).status == 400


def test_letters_of_any_language_may_stand_behind_the_first_of_a_name(bench: Bench) -> None:
    client, name = bench.artifacts_client(), "p_Übersicht データ"
    assert bench.put(f"/pipelines/{name}", WAIT_PIPELINE).status == 200
    assert client.pipeline.get_pipeline(name).name == name
    client.pipeline.begin_delete_pipeline(name).result()
    assert _json(bench.call("GET", "/pipelines"))["value"] == []


def test_workspace_and_integration_runtimes_are_read(bench: Bench) -> None:
    client = bench.artifacts_client()
    assert client.workspace.get().name == bench.name
    assert [each.name for each in client.integration_runtimes.list().value] == ["AutoResolveIntegrationRuntime"]
    assert client.integration_runtimes.get("AutoResolveIntegrationRuntime").properties.type == "Managed"
    with pytest.raises(ResourceNotFoundError, match="The IntegrationRuntime 'home' was not found"):
        client.integration_runtimes.get("home")


def test_pools_and_runtimes_of_the_subscription_are_read_and_referred_to(bench: Bench) -> None:
    for collection, properties in (("bigDataPools", {"nodeCount": 3}), ("sqlPools", {}), ("integrationRuntimes", {})):
        id = f"{bench.arm_id}/{collection}/one"
        document = {"id": id, "name": "one", "type": f"Microsoft.Synapse/workspaces/{collection}"}
        more = {"type": "SelfHosted"} if collection == "integrationRuntimes" else properties
        bench.azure.resources.put(id, {**document, "location": "westeurope", "properties": more})
    client = bench.artifacts_client()
    assert client.big_data_pools.get("ONE").node_count == 3
    assert [each.name for each in client.big_data_pools.list().value] == ["one"]
    assert [each.name for each in client.sql_pools.list().value] == ["one"]
    assert [each.name for each in client.integration_runtimes.list().value] == ["AutoResolveIntegrationRuntime", "one"]
    via = {"connectVia": {"referenceName": "one", "type": "IntegrationRuntimeReference"}}
    assert bench.put("/linkedservices/vault", {**VAULT_LINK, **via}).status == 200


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/libraries", "'libraries' is not served yet"),
        ("POST", "/createDataFlowDebugSession", "'createDataFlowDebugSession' is not served yet"),
        ("PATCH", "/pipelines/p", "no such route in the local stand-in"),
        ("POST", "/triggers/t/rename", "no such route in the local stand-in"),
    ],
)
def test_an_unknown_route_is_501_and_named(bench: Bench, method: str, path: str, expected: str) -> None:
    answer = bench.call(method, path)
    assert answer.status == 501
    assert expected in _json(answer)["error"]["message"]
    assert path in _json(answer)["error"]["message"]


@pytest.mark.parametrize(
    "path",
    ["/linkconnections?api-version=2023-04-18-preview", "/livyApi/versions/2019-11-01-preview/sessions?api-version="],
)
def test_an_unknown_route_is_named_whatever_its_version(bench: Bench, path: str) -> None:
    answer = bench.call("GET", path)
    assert (answer.status, _json(answer)["error"]["code"]) == (501, "UnknownRoute")


@pytest.mark.parametrize(
    ("version", "code"), [("", "MissingApiVersionParameter"), ("2001", "InvalidApiVersionParameter")]
)
def test_the_api_version_is_checked(bench: Bench, version: str, code: str) -> None:
    answer = bench.call("GET", f"/pipelines?api-version={version}")
    assert (answer.status, _json(answer)["error"]["code"]) == (400, code)
