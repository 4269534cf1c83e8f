"""The artifacts of a factory of Data Factory as one resource: the same life as in a workspace, by Resource Manager."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from artifact_documents import COLLECTIONS, FILES, FLOW, LAKE, LOAD, NIGHTLY, changed, documents
from provider_bench import ProviderBench, Reply

from azure_ids.data_factory import artifact_host
from dataplane_provider.clients.artifact_service import ArtifactService
from dataplane_provider.drift.search import ARTIFACTS, find_drift
from dataplane_provider.drift.state import StateResource
from dataplane_provider.errors import AlreadyExists, ServiceFailure
from local_azure.http import Request
from provider_wire.lifecycle import Action, CheckFailed, Lifecycle, RecordingSession, Step, run_table
from provider_wire.verbs import PartialFailure
from synapse_artifacts.packed import documents_of

PARAMETERS = "globalParameters/default"
WAIT = {"name": "rest", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}


class Factory:
    """A factory of the bench's stand-in."""

    def __init__(self, bench: ProviderBench) -> None:
        self.bench = bench
        group = f"/subscriptions/{bench.azure.directory.subscription_id}/resourceGroups/factories"
        self.id = f"{group}/providers/Microsoft.DataFactory/factories/tests"
        self.call("PUT", group, {"location": "westeurope"}, "2021-04-01")
        self.call("PUT", self.id, {"location": "westeurope", "identity": {"type": "SystemAssigned"}})

    def call(self, method: str, path: str, body: Any = None, version: str = "2018-06-01") -> Any:
        """What Resource Manager answers to the deployer."""
        deployer = self.bench.workspace.principal("deployer")
        token = self.bench.azure.tokens.issue(deployer, "https://management.azure.com")
        headers = {"authorization": f"Bearer {token}"}
        content = b"" if body is None else json.dumps(body).encode()
        request = Request(method, "management.azure.com", path, {"api-version": version}, headers, content)
        answer = self.bench.azure.dispatcher.handle(request)
        assert answer.status < 300, answer.content()
        return json.loads(answer.content() or b"null")

    def outside(self, method: str, below: str, properties: Mapping[str, Any] | None = None) -> Callable[[], None]:
        """A change behind the provider's back, for a row of a table."""
        body = None if properties is None else {"properties": properties}
        return lambda: self.call(method, f"{self.id}/{below}", body)

    def delete_trigger(self) -> None:
        """Somebody stops and deletes the trigger."""
        self.call("POST", f"{self.id}/triggers/nightly/stop")
        self.call("DELETE", f"{self.id}/triggers/nightly")

    def properties(self) -> dict[str, Any]:
        """What the factory holds, by artifact id."""
        return {
            f"{key.split('/')[0]}/{item['name']}": item["properties"]
            for key, collection in {PARAMETERS: "globalParameters", **COLLECTIONS}.items()
            for item in self.call("GET", f"{self.id}/{collection}")["value"]
        }

    def inputs(self, wanted: Mapping[str, Any], *started: str) -> dict[str, Any]:
        """The inputs of the resource."""
        return {"endpoint": self.id, "documents": dict(wanted), "startedTriggers": list(started)}

    def posts(self, below: str) -> list[str]:
        """The operations on something in the factory since the last look, each once where it was repeated."""
        calls = [call.path for call in self.bench.wire.calls if call.method == "POST"]
        self.bench.wire.calls.clear()
        prefix = f"{self.id}/{below}/"
        return list(dict.fromkeys(path.removeprefix(prefix) for path in calls if path.startswith(prefix)))

    def service(self) -> ArtifactService:
        """The client of the factory."""
        session = RecordingSession(self.bench.time)
        return self.bench.services().artifacts(artifact_host(self.id), session, 600)

    def life(self) -> Lifecycle:
        """A life of the resource, ready to begin."""
        return self.bench.life("WorkspaceArtifacts")


@pytest.fixture
def factory(bench: ProviderBench) -> Factory:
    return Factory(bench)


def with_parameters(found: Mapping[str, Any], stage: str = "dev") -> dict[str, Any]:
    """The documents with a parameter of the factory that the pipeline names."""
    result = json.loads(json.dumps(found))
    result[PARAMETERS] = {"name": "default", "properties": {"stage": {"type": "String", "value": stage}}}
    value = {"variableName": "v", "value": "@pipeline().globalParameters.stage"}
    use = {"name": "Say", "type": "SetVariable", "typeProperties": value}
    result[LOAD]["properties"]["variables"] = {"v": {"type": "String"}}
    result[LOAD]["properties"]["activities"].append(use)
    return dict(result)


def test_life_of_the_artifacts_of_a_factory(factory: Factory) -> None:
    inputs = factory.inputs(documents(), "nightly")
    slower = factory.inputs(changed(LOAD, "activities", 0, "typeProperties", "waitTimeInSeconds", to=2), "nightly")
    wait = f'documents["{LOAD}"].properties.activities[0].typeProperties.waitTimeInSeconds'
    outside = documents()[LAKE]["properties"] | {"description": "changed by hand"}
    by_hand = f'documents["{LAKE}"].properties.description'
    life = factory.life()
    run_table(
        life,
        [
            Step("create", inputs, Action.CREATE),
            Step("a longer wait", slower, Action.UPDATE, frozenset({wait})),
            Step(
                "described by hand",
                None,
                Action.DRIFT,
                outside=factory.outside("PUT", "linkedservices/lake", outside),
            ),
            Step("put right", slower, Action.UPDATE, frozenset({by_hand})),
            Step("deleted behind", None, Action.DRIFT, outside=lambda: factory.delete_trigger()),
            Step("made again", slower, Action.UPDATE, frozenset({f'documents["{NIGHTLY}"]', "startedTriggers"})),
        ],
    )
    assert life.deployed and life.deployed.id == factory.id
    life.destroy()
    assert factory.properties() == {}


def test_parameters_of_the_factory_come_before_who_names_them(factory: Factory) -> None:
    life = factory.life()
    life.up(factory.inputs(with_parameters(documents())))
    written = [call.partition("/factories/tests/")[2] for call in factory.bench.wire.sent("PUT")]
    assert written.index("globalParameters/default") < written.index("pipelines/load")
    assert written[-1] == "triggers/nightly"
    assert factory.properties()[PARAMETERS] == {"stage": {"type": "String", "value": "dev"}}


def test_a_changed_parameter_stops_the_trigger_meanwhile(factory: Factory) -> None:
    life = factory.life()
    life.up(factory.inputs(with_parameters(documents()), "nightly"))
    factory.bench.wire.calls.clear()
    life.up(factory.inputs(with_parameters(documents(), "prod"), "nightly"))
    done = [call.replace(factory.id, "") for call in factory.bench.wire.sent("PUT", "POST")]
    assert done == [
        "POST /triggers/nightly/stop",
        "PUT /globalParameters/default",
        "POST /triggers/nightly/start",
    ]


def test_everything_goes_by_one_host_and_is_done_when_answered(factory: Factory) -> None:
    life = factory.life()
    life.up(factory.inputs(documents()))
    calls = factory.bench.wire.calls
    assert {call.url.split("/subscriptions")[0] for call in calls} == {"https://management.azure.com"}
    assert {call.query["api-version"] for call in calls} == {"2018-06-01"}
    assert factory.bench.wire.sent("PUT") == list(dict.fromkeys(factory.bench.wire.sent("PUT")))
    assert len(factory.bench.wire.sent("PUT")) == len(documents())


def test_an_import_takes_the_chosen_or_all(factory: Factory) -> None:
    factory.life().up(factory.inputs(with_parameters(documents()), "nightly"))
    chosen = factory.life()
    with pytest.raises(CheckFailed, match="linkedService/lake, which is not among the documents"):
        chosen.adopt(f"{factory.id}#{FILES}")
    assert chosen.adopt(f"{factory.id}#{LAKE},{FILES}")
    assert chosen.deployed and set(documents_of(chosen.deployed.state["documents"])) == {LAKE, FILES}
    everything = factory.life()
    assert everything.adopt(factory.id)
    assert everything.deployed and everything.deployed.id == factory.id
    assert set(documents_of(everything.deployed.state["documents"])) == {PARAMETERS, LAKE, FILES, FLOW, LOAD, NIGHTLY}
    assert everything.deployed.state["startedTriggers"] == ["nightly"]


def test_what_exists_and_differs_is_refused_with_the_command(factory: Factory) -> None:
    factory.life().up(factory.inputs(documents()))
    other = changed(LOAD, "activities", 0, "typeProperties", "waitTimeInSeconds", to=9)
    with pytest.raises(AlreadyExists, match=r"pulumi import .*factories/tests#dataflow/clean,dataset/files"):
        factory.life().up(factory.inputs(other))


def test_a_failure_leaves_the_trigger_stopped_and_says_so(factory: Factory) -> None:
    life = factory.life()
    life.up(factory.inputs(documents(), "nightly"))
    slower = changed(LOAD, "activities", 0, "typeProperties", "waitTimeInSeconds", to=2)
    refusal = Reply(400, {"error": {"code": "BadRequest", "message": "no"}})
    factory.bench.wire.fail("PUT", f"{factory.id}/pipelines/load", refusal)
    with pytest.raises(PartialFailure) as failed:
        life.up(factory.inputs(slower, "nightly"))
    assert "publishing pipeline/load: the service answered 400 BadRequest: no" in str(failed.value)
    assert "leaving triggers stopped (nightly)" in str(failed.value)
    assert factory.properties()[NIGHTLY]["runtimeState"] == "Stopped"


def test_a_trigger_that_waits_for_events_is_subscribed_while_it_runs(factory: Factory) -> None:
    events = {
        "type": "BlobEventsTrigger",
        "pipelines": documents()[NIGHTLY]["properties"]["pipelines"],
        "typeProperties": {
            "scope": f"{factory.id.partition('/providers')[0]}/providers/Microsoft.Storage/storageAccounts/lake",
            "events": ["Microsoft.Storage.BlobCreated"],
            "blobPathBeginsWith": "/landing/blobs/",
            "ignoreEmptyBlobs": True,
        },
    }
    wanted = {**documents(), "trigger/arrival": {"name": "arrival", "properties": events}}
    life = factory.life()
    life.up(factory.inputs(wanted, "arrival"))
    assert factory.posts("triggers/arrival") == ["subscribeToEvents", "getEventSubscriptionStatus", "start"]
    life.destroy()
    assert factory.posts("triggers/arrival") == ["unsubscribeFromEvents", "getEventSubscriptionStatus", "stop"]
    assert factory.properties() == {}


def test_a_subscription_that_never_comes_is_an_error(factory: Factory) -> None:
    factory.life().up(factory.inputs(documents()))
    wire, trigger = factory.bench.wire, f"{factory.id}/triggers/nightly"
    wire.fail("GET", trigger, Reply(200, {"name": "nightly", "properties": {"type": "BlobEventsTrigger"}}))
    wire.fail("POST", f"{trigger}/subscribeToEvents", Reply(200))
    wire.fail("POST", f"{trigger}/getEventSubscriptionStatus", *[Reply(200, {"status": "Provisioning"})] * 99)
    with pytest.raises(ServiceFailure, match=r"subscription not changed: it is still Provisioning after 300 s"):
        factory.service().start_trigger("nightly")


def test_a_role_that_is_too_fresh_is_waited_for(factory: Factory) -> None:
    refusal = Reply(403, {"error": {"code": "AuthorizationFailed", "message": "not yet"}})
    factory.bench.wire.fail("PUT", f"{factory.id}/linkedservices/lake", refusal, refusal)
    factory.life().up(factory.inputs(documents()))
    assert len(factory.properties()) == len(documents())
    assert factory.bench.time.waits


@pytest.mark.parametrize(
    ("key", "properties", "problem"),
    [
        ("notebook/n", {"cells": []}, "notebook/n: a factory has no notebook"),
        (
            "pipeline/p",
            {"activities": [{"name": "a", "type": "SynapseNotebook", "typeProperties": {}}]},
            "pipeline/p/properties/activities/0/type: a factory has no notebooks or Spark jobs of its own",
        ),
        (
            "pipeline/p",
            {"activities": [{"name": "a", "type": "SqlPoolStoredProcedure", "typeProperties": {}}]},
            "pipeline/p/properties/activities/0/type: a factory has no activity SqlPoolStoredProcedure",
        ),
        (
            "dataset/d",
            {"linkedServiceName": {"referenceName": "ws-WorkspaceDefaultStorage", "type": "LinkedServiceReference"}},
            "linkedService/ws-WorkspaceDefaultStorage is made with a Synapse workspace",
        ),
    ],
)
def test_what_only_synapse_has_is_refused_by_name(
    factory: Factory, key: str, properties: Mapping[str, Any], problem: str
) -> None:
    wanted = {key: {"name": key.split("/")[1], "properties": properties}}
    with pytest.raises(CheckFailed) as refused:
        factory.life().check(factory.inputs(wanted))
    assert [failure.property_path for failure in refused.value.failures] == [f'documents["{key}"]']
    assert problem in refused.value.failures[0].reason


def test_a_notebook_of_a_workspace_that_is_linked_is_no_problem(factory: Factory) -> None:
    synapse = {"type": "AzureSynapseArtifacts", "typeProperties": {"endpoint": "https://ws.dev.azuresynapse.net"}}
    activity = {
        "name": "a",
        "type": "SynapseNotebook",
        "linkedServiceName": {"referenceName": "synapse", "type": "LinkedServiceReference"},
        "typeProperties": {},
    }
    wanted = {
        "linkedService/synapse": {"name": "synapse", "properties": synapse},
        "pipeline/p": {"name": "p", "properties": {"activities": [activity]}},
    }
    assert factory.life().check(factory.inputs(wanted))["documents"] == wanted


def test_a_workspace_has_no_parameters_of_a_factory(bench: ProviderBench) -> None:
    wanted = {PARAMETERS: {"name": "default", "properties": {}}}
    inputs = {"endpoint": bench.workspace.endpoint, "documents": wanted, "startedTriggers": []}
    with pytest.raises(CheckFailed, match=f"{PARAMETERS}: {bench.workspace.endpoint} has no artifacts of this kind"):
        bench.life("WorkspaceArtifacts").check(inputs)


@pytest.mark.parametrize("text", ["/subscriptions/s/resourceGroups/g", "/subscriptions/s", "/x", "/"])
def test_an_id_of_something_else_is_refused(bench: ProviderBench, text: str) -> None:
    inputs = {"endpoint": text, "documents": {}, "startedTriggers": []}
    with pytest.raises(CheckFailed, match=r"^endpoint: parsing id of a factory"):
        bench.life("WorkspaceArtifacts").check(inputs)


def test_drift_is_found_in_a_factory(factory: Factory) -> None:
    life = factory.life()
    life.up(factory.inputs(documents()))
    factory.outside("PUT", "pipelines/by_hand", {"activities": []})()
    assert life.deployed
    known = StateResource(ARTIFACTS, factory.id, life.deployed.state)
    with ThreadPoolExecutor(4) as pool:
        found = find_drift([known], factory.bench.connections(), pool)
    assert [str(each) for each in found] == ["unmanaged pipeline/by_hand"]


def test_drift_of_a_factory_is_told_with_as_many_requests_as_its_lists_have_pages(factory: Factory) -> None:
    life = factory.bench.life("WorkspaceArtifacts")
    many = {f"pipeline/p{number}": {"properties": {"activities": [WAIT]}} for number in range(120)}
    life.up(factory.inputs(many))
    assert life.deployed
    known = StateResource(ARTIFACTS, factory.id, life.deployed.state)
    factory.outside("PUT", "pipelines/p7", {"activities": [WAIT], "concurrency": 2})()
    factory.outside("DELETE", "pipelines/p8")()
    factory.outside("PUT", "globalParameters/default", {"stage": {"type": "String", "value": "dev"}})()
    factory.bench.wire.calls.clear()
    with ThreadPoolExecutor(4) as pool:
        found = find_drift([known], factory.bench.connections(), pool)
    assert [str(each) for each in found] == [
        "changed   pipeline/p7.properties.concurrency",
        "deleted   pipeline/p8",
        f"unmanaged {PARAMETERS}",
    ]
    asked = Counter(call.path.rpartition("/")[2] for call in factory.bench.wire.calls)
    kinds = ("globalParameters", "credentials", "linkedservices", "datasets", "dataflows", "triggers")
    assert asked == {"pipelines": 3, **dict.fromkeys(kinds, 1)}
    assert {call.method for call in factory.bench.wire.calls} == {"GET"}


def test_integration_runtimes_of_a_factory_are_listed(factory: Factory) -> None:
    assert factory.service().integration_runtimes() == {}
    factory.outside("PUT", "integrationRuntimes/on-premises", {"type": "SelfHosted"})()
    assert factory.service().integration_runtimes()["on-premises"]["properties"] == {"type": "SelfHosted"}
