"""A managed private endpoint: made, approved at its target, waited for, and told apart when the owner ends it."""

import json
from typing import Any

import pytest
from provider_bench import ProviderBench, Reply, lines, with_managed_network

from dataplane_provider.errors import AlreadyExists, ServiceFailure
from provider_wire.lifecycle import Action, CheckFailed, Lifecycle, Step, run_table
from provider_wire.verbs import Change, PartialFailure, ProviderError, Severity

NAME = "to-lake"
PATH = f"/managedVirtualNetworks/default/managedPrivateEndpoints/{NAME}"


@pytest.fixture
def ready(bench: ProviderBench) -> ProviderBench:
    """A workspace with a managed virtual network, whose deployer may answer for the lake."""
    with_managed_network(bench)
    bench.assign("Contributor", bench.lake.arm_id)
    return bench


@pytest.fixture
def life(ready: ProviderBench) -> Lifecycle:
    return ready.life("ManagedPrivateEndpoint", NAME)


def inputs(bench: ProviderBench, **more: object) -> dict[str, object]:
    target = {"targetId": bench.lake.arm_id, "groupId": "dfs"}
    return {"endpoint": bench.workspace.endpoint, "name": NAME, **target, **more}


def live(bench: ProviderBench) -> dict[str, Any]:
    properties: dict[str, Any] = json.loads(bench.workspace.call("GET", PATH).content())["properties"]
    return properties


def connections(bench: ProviderBench) -> list[dict[str, Any]]:
    found = bench.azure.resources.under(f"{bench.lake.arm_id}/privateEndpointConnections")
    return [document for _, document in found]


def answer(bench: ProviderBench, status: str) -> None:
    """The owner of the lake says something else."""
    [document] = connections(bench)
    document["properties"]["privateLinkServiceConnectionState"]["status"] = status
    bench.azure.resources.put(document["id"], document)


def test_an_endpoint_is_made_approved_and_open(ready: ProviderBench, life: Lifecycle) -> None:
    run_table(life, [Step("create", inputs(ready), Action.CREATE)])
    assert live(ready)["connectionState"]["status"] == "Approved"
    assert life.deployed
    assert life.deployed.id == f"{ready.workspace.endpoint}/managedPrivateEndpoints/{NAME}"
    assert life.deployed.state["connectionStatus"] == "Approved"
    assert [line.split(" ")[0] for line in ready.wire.sent()] == ["PUT", "PUT"]


def test_an_endpoint_leads_to_a_server_of_azure_sql(ready: ProviderBench, life: Lifecycle) -> None:
    server = ready.lake.arm_id.partition("/providers/")[0] + "/providers/Microsoft.Sql/servers/hospital"
    document = {"id": server, "name": "hospital", "type": "Microsoft.Sql/servers", "properties": {}}
    ready.azure.resources.put(server, document)
    ready.assign("Contributor", server)
    with pytest.raises(ProviderError, match=r"groupId 'sql' is none of microsoft\.sql/servers; expected one of sqlS"):
        life.up(inputs(ready, targetId=server, groupId="sql"))
    life.up(inputs(ready, targetId=server, groupId="sqlServer"))
    assert live(ready)["connectionState"]["status"] == "Approved"


def test_a_target_with_a_slash_at_its_end_is_the_same_target(ready: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(ready, targetId=f"{ready.lake.arm_id}/"))
    assert live(ready)["privateLinkResourceId"] == ready.lake.arm_id
    assert life.preview(inputs(ready)) == (Action.SAME, {})
    ready.life("ManagedPrivateEndpoint", "again").up(inputs(ready, targetId=f"{ready.lake.arm_id}/"))


def test_an_endpoint_goes_with_its_connection(ready: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(ready))
    life.destroy()
    assert ready.workspace.call("GET", PATH).status == 404
    assert connections(ready) == []
    life.up(inputs(ready))
    ready.workspace.call("DELETE", PATH)
    assert life.refresh() is Action.DELETE
    life.up(inputs(ready))
    ready.workspace.call("DELETE", PATH)
    life.destroy()


def test_the_owner_may_approve_by_hand(ready: ProviderBench, life: Lifecycle) -> None:
    waiting = inputs(ready, approve=False)
    run_table(
        life,
        [
            Step("create", waiting, Action.CREATE),
            Step("approved", None, Action.DRIFT, outside=lambda: answer(ready, "Approved")),
            Step("no change", waiting, Action.SAME),
        ],
    )
    assert [each["properties"]["groupIds"] for each in connections(ready)] == [["dfs"]]


def test_what_waits_is_approved_by_the_next_change(ready: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(ready, approve=False))
    paths = frozenset({"approve", "connectionStatus"})
    run_table(life, [Step("approve", inputs(ready), Action.UPDATE, paths)])
    assert live(ready)["connectionState"]["status"] == "Approved"


@pytest.mark.parametrize("status", ["Rejected", "Disconnected"])
def test_a_connection_that_was_ended_is_made_anew(ready: ProviderBench, life: Lifecycle, status: str) -> None:
    life.up(inputs(ready))
    answer(ready, status)
    assert life.refresh() is Action.DRIFT
    assert life.preview(inputs(ready)) == (Action.REPLACE, {"connectionStatus": Change.UPDATE_REPLACE})
    life.destroy()
    life.up(inputs(ready))
    assert live(ready)["connectionState"]["status"] == "Approved"


def test_an_endpoint_that_was_led_elsewhere_is_drift_and_made_anew(ready: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(ready))
    assert ready.workspace.call("DELETE", PATH).status == 202
    body = {"properties": {"privateLinkResourceId": ready.vault_id, "groupId": "vault"}}
    assert ready.workspace.call("PUT", PATH, body).status == 200
    assert life.refresh() is Action.DRIFT
    action, changes = life.preview(inputs(ready))
    assert (action, set(changes)) == (Action.REPLACE, {"targetId", "groupId", "connectionStatus"})
    life.destroy()
    life.up(inputs(ready))
    assert (live(ready)["privateLinkResourceId"], live(ready)["groupId"]) == (ready.lake.arm_id, "dfs")
    assert life.refresh() is Action.SAME


def test_an_endpoint_that_leads_there_already_is_taken_over(ready: ProviderBench, life: Lifecycle) -> None:
    body = {"properties": {"privateLinkResourceId": ready.lake.arm_id, "groupId": "dfs"}}
    assert ready.workspace.call("PUT", PATH, body).status == 200
    run_table(life, [Step("create", inputs(ready), Action.CREATE)])
    assert f"creating managed private endpoint {NAME}: it exists, taken over" in list(lines(life, Severity.INFO))


def test_an_endpoint_that_leads_elsewhere_is_refused(ready: ProviderBench, life: Lifecycle) -> None:
    body = {"properties": {"privateLinkResourceId": ready.vault_id, "groupId": "vault"}}
    assert ready.workspace.call("PUT", PATH, body).status == 200
    with pytest.raises(AlreadyExists, match=f"it leads to vault of {ready.vault_id}\nexpected dfs of"):
        life.up(inputs(ready))


def test_an_endpoint_is_imported_by_its_id(ready: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(ready))
    taken = ready.life("ManagedPrivateEndpoint", NAME)
    assert taken.adopt(f"{ready.workspace.endpoint}/managedPrivateEndpoints/{NAME}")
    assert taken.preview(inputs(ready)) == (Action.SAME, {})
    assert taken.refresh() is Action.SAME
    assert not taken.adopt(f"{ready.workspace.endpoint}/managedPrivateEndpoints/nothing")
    with pytest.raises(ProviderError, match="it is not an id of one\nexpected https://<workspace>"):
        taken.adopt("nothing")


def test_a_refused_approval_leaves_an_endpoint_that_the_next_up_opens(ready: ProviderBench, life: Lifecycle) -> None:
    ready.wire.fail("PUT", ready.lake.arm_id, Reply(409, {"error": {"code": "InUse", "message": "later"}}))
    with pytest.raises(PartialFailure, match="409 InUse: later"):
        life.up(inputs(ready))
    assert life.deployed and life.deployed.state["connectionStatus"] == "Pending"
    assert life.up(inputs(ready)) is Action.UPDATE
    assert life.preview(inputs(ready)) == (Action.SAME, {})


def test_a_role_at_the_target_that_is_not_in_force_yet_is_waited_for(ready: ProviderBench, life: Lifecycle) -> None:
    lag = Reply(403, {"error": {"code": "AuthorizationFailed", "message": "not yet"}})
    ready.wire.fail("GET", ready.lake.arm_id, lag, lag)
    run_table(life, [Step("create", inputs(ready), Action.CREATE)])
    assert any("waiting for access to take effect" in line for line in lines(life, Severity.INFO))


def test_an_endpoint_that_is_never_provisioned_is_told(ready: ProviderBench, life: Lifecycle) -> None:
    stuck = Reply(200, {"name": NAME, "properties": {"provisioningState": "Provisioning"}})
    ready.wire.fail("GET", PATH, Reply(404, {}), *[stuck] * 200)
    with pytest.raises(PartialFailure, match="not finished: it is Provisioning after 1200 s"):
        life.up(inputs(ready))


def test_a_workspace_without_managed_network_has_no_endpoints(bench: ProviderBench) -> None:
    life = bench.life("ManagedPrivateEndpoint", NAME)
    with pytest.raises(ServiceFailure, match="does not have a managed virtual network associated"):
        life.up(inputs(bench))


@pytest.mark.parametrize(
    ("given", "path", "reason"),
    [
        ({"name": "-"}, "name", "'-' cannot be the name of an endpoint"),
        ({"targetId": "lake"}, "targetId", "lake"),
        (
            {"targetId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/w"},
            "targetId",
            "connections to Microsoft.Web/sites cannot be approved here\nexpected one of microsoft.documentdb",
        ),
    ],
)
def test_what_cannot_be_made_is_told_before(
    ready: ProviderBench, life: Lifecycle, given: dict[str, object], path: str, reason: str
) -> None:
    with pytest.raises(CheckFailed) as caught:
        life.check({**inputs(ready), **given})
    [failure] = caught.value.failures
    assert failure.property_path == path
    assert reason in failure.reason
