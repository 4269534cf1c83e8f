"""Managed private endpoints as they were recorded: provisioned, waiting for the owner, approved, gone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from synapse_bench import Bench

from local_azure.http import Response

PATH = "/managedVirtualNetworks/default/managedPrivateEndpoints"


@pytest.fixture
def ready(bench: Bench) -> Bench:
    """A workspace with a managed virtual network, and a storage account."""
    document = bench.azure.resources.get(bench.arm_id) or {}
    properties = {**document["properties"], "managedVirtualNetwork": "default"}
    bench.azure.resources.put(bench.arm_id, {**document, "properties": properties})
    lake = target(bench)
    bench.azure.resources.put(lake, {"id": lake, "name": "lake", "type": "Microsoft.Storage/storageAccounts"})
    return bench


def target(bench: Bench) -> str:
    return f"{bench.arm_id.rpartition('/providers/')[0]}/providers/Microsoft.Storage/storageAccounts/lake"


def _json(response: Response) -> Any:
    return json.loads(response.content())


def _put(bench: Bench, **properties: str) -> Response:
    return bench.call("PUT", f"{PATH}/e1", {"properties": {"privateLinkResourceId": target(bench), **properties}})


def test_an_endpoint_is_provisioned_and_then_waits_for_the_owner(ready: Bench) -> None:
    made = _put(ready, groupId="blob")
    assert (made.status, made.headers["location"]) == (200, f"{ready.endpoint}{PATH}/e1")
    assert _json(made)["properties"]["provisioningState"] == "Provisioning"
    assert _json(made)["properties"]["connectionState"] == {}
    shown = _json(ready.call("GET", f"{PATH}/e1"))["properties"]
    assert shown["provisioningState"] == "Succeeded"
    assert shown["connectionState"] == {"status": "Pending", "description": "", "actionsRequired": "None"}
    assert (shown["isReserved"], shown["fqdns"], shown["isCompliant"]) == (False, [], False)


def test_a_managed_network_has_two_endpoints_from_its_first_day(ready: Bench) -> None:
    _put(ready, groupId="blob")
    found = {each["name"]: each["properties"] for each in _json(ready.call("GET", PATH))["value"]}
    own = [f"synapse-ws-sql--{ready.name}", f"synapse-ws-sqlOnDemand--{ready.name}"]
    assert list(found) == [*own, "e1"]
    assert {found[name]["connectionState"]["status"] for name in own} == {"Approved"}
    assert _json(ready.call("GET", f"{PATH}/{own[0]}"))["properties"]["isReserved"] is True


def test_an_endpoint_is_deleted_without_a_place_to_poll(ready: Bench) -> None:
    _put(ready, groupId="blob")
    gone = ready.call("DELETE", f"{PATH}/e1")
    assert (gone.status, gone.content(), "location" in gone.headers) == (202, b"", False)
    missing = ready.call("GET", f"{PATH}/e1")
    assert missing.status == 404
    assert json.loads(_json(missing)["error"]["message"])["ErrorType"] == "PrivateEndpointNotFound"
    assert ready.call("DELETE", f"{PATH}/e1").status == 204


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        (
            {"groupId": "vault"},
            "The groupId 'vault' is none of microsoft.storage/storageaccounts",
        ),
        ({"groupId": "blob", "colour": "red"}, "has the unknown property 'colour'"),
        ({"privateLinkResourceId": "lake"}, "The privateLinkResourceId 'lake' is invalid"),
        ({"privateLinkResourceId": "/subscriptions/s/resourceGroups/g/providers/M.W/sites/w"}, "not to m.w/sites"),
    ],
)
def test_what_leads_nowhere_is_refused(ready: Bench, properties: dict[str, str], expected: str) -> None:
    answer = _put(ready, **properties)
    assert answer.status == 400
    assert expected in _json(answer)["message"]


def test_the_target_must_be_there_and_stay_the_same(ready: Bench) -> None:
    body = {"properties": {"privateLinkResourceId": f"{target(ready)}2", "groupId": "blob"}}
    assert "does not exist" in _json(ready.call("PUT", f"{PATH}/e1", body))["message"]
    _put(ready, groupId="blob")
    assert _put(ready, groupId="dfs").status == 409
    assert _put(ready, groupId="blob").status == 200


def test_a_workspace_without_a_managed_network_has_none(bench: Bench) -> None:
    answer = bench.call("GET", PATH)
    assert answer.status == 400
    assert "does not have a managed virtual network associated" in _json(answer)["message"]


def test_only_who_manages_endpoints_may_ask_for_one(ready: Bench) -> None:
    body = {"properties": {"privateLinkResourceId": target(ready), "groupId": "blob"}}
    answer = ready.call("PUT", f"{PATH}/e1", body, identity="data-engineer")
    assert answer.status == 403
