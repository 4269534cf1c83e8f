"""Private endpoints: made in a subnet, approved at their target, named in a zone; and the way in that they are."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from arm_bench import ArmBench

from local_azure.role_definitions import READER

VERSION = "2024-05-01"
ZONE = "privatelink.dfs.core.windows.net"


def account_id(arm: ArmBench, group: str, name: str) -> str:
    return f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{name}"


def endpoint_id(arm: ArmBench, group: str) -> str:
    return f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.Network/privateEndpoints/endpoint"


def body(subnet: str, target: str, *groups: str, **changes: Any) -> dict[str, Any]:
    connection = {"name": "lake", "properties": {"privateLinkServiceId": target, "groupIds": list(groups)}}
    properties = {"subnet": {"id": subnet}, "privateLinkServiceConnections": [connection], **changes}
    return {"location": "westeurope", "properties": properties}


def test_an_endpoint_is_approved_at_its_target_and_takes_its_connection_with_it(arm: ArmBench, group: str) -> None:
    target = account_id(arm, group, arm.new_account(group))
    endpoint = arm.new_private_endpoint(group, f"{arm.new_network(group)}/subnets/endpoints", target, "dfs")
    told = arm.send("GET", endpoint, VERSION).body["properties"]
    assert told["provisioningState"] == "Succeeded"
    [connection] = arm.send("GET", target, "2024-01-01").body["properties"]["privateEndpointConnections"]
    assert connection["properties"]["privateLinkServiceConnectionState"]["status"] == "Approved"
    assert connection["properties"]["privateEndpoint"]["id"] == endpoint
    again = arm.send("PUT", endpoint, VERSION, body(told["subnet"]["id"], target, "dfs"))
    assert again.status == 200
    assert len(arm.send("GET", f"{target}/privateEndpointConnections", "2024-01-01").body["value"]) == 1
    deleted = arm.send("DELETE", endpoint, VERSION)
    assert deleted.status == 202
    assert "azure-asyncoperation" in deleted.headers
    assert arm.send("GET", f"{target}/privateEndpointConnections", "2024-01-01").body["value"] == []
    assert arm.send("DELETE", endpoint, VERSION).status == 204
    assert arm.send("GET", endpoint, VERSION).error == (404, "ResourceNotFound")


def test_an_endpoint_that_cannot_be_is_refused(arm: ArmBench, group: str) -> None:
    network, target = arm.new_network(group), account_id(arm, group, arm.new_account(group))
    subnet, endpoint = f"{network}/subnets/endpoints", endpoint_id(arm, group)

    def refused(given: dict[str, Any], message: str) -> None:
        answer = arm.send("PUT", endpoint, VERSION, given)
        assert answer.status == 400, answer
        assert message in answer.body["error"]["message"]

    refused(body(f"{network}/subnets/other", target, "dfs"), "there is no subnet")
    refused(body(network, target, "dfs"), "expected the id of a resource of type")
    refused(body("hub", target, "dfs"), "expected /subscriptions/")
    refused({**body(subnet, target, "dfs"), "location": "northeurope"}, "expected 'westeurope', where the subnet is")
    refused(body(subnet, target, "vault"), "'vault': expected one of blob, dfs")
    refused(body(subnet, network, "dfs"), "expected a type that has private endpoints")
    refused(body(subnet, target), "expected one connection with one group id")
    refused(body(subnet, target, "dfs", manualPrivateLinkServiceConnections=[{}]), "does not serve it")
    refused(body(subnet, target, "dfs", fqdns=[]), "Could not find member")
    missing = arm.send("PUT", endpoint, VERSION, body(subnet, f"{target}x", "dfs"))
    assert missing.error == (404, "ResourceNotFound")
    assert arm.send("PUT", endpoint, VERSION, body(subnet, target, "dfs")).status == 201
    refused(body(subnet, target, "blob"), "cannot stand or lead elsewhere later")


def test_whoever_may_not_join_the_subnet_makes_no_endpoint_in_it(arm: ArmBench, group: str) -> None:
    network, target = arm.new_network(group), account_id(arm, group, arm.new_account(group))
    arm.give(f"{arm.subscription}/resourceGroups/{group}", READER.id, "preview")
    token = arm.azure.credential("preview").get_token("https://management.azure.com/.default").token
    given = body(f"{network}/subnets/endpoints", target, "dfs")
    assert arm.send("PUT", endpoint_id(arm, group), VERSION, given, token).error == (403, "AuthorizationFailed")


def test_a_name_stands_in_the_zone_of_its_part_only(arm: ArmBench, group: str) -> None:
    network = arm.new_network(group)
    target = account_id(arm, group, arm.new_account(group))
    endpoint = arm.new_private_endpoint(group, f"{network}/subnets/endpoints", target, "dfs")

    def zones(name: str) -> Any:
        configuration = {"name": "one", "properties": {"privateDnsZoneId": arm.new_zone(group, name)}}
        given = {"properties": {"privateDnsZoneConfigs": [configuration]}}
        return arm.send("PUT", f"{endpoint}/privateDnsZoneGroups/default", VERSION, given)

    refused = zones("privatelink.blob.core.windows.net")
    assert f"the name of 'dfs' stands in '{ZONE}'" in refused.body["error"]["message"]
    assert zones(ZONE).status == 201
    orphan = arm.send("PUT", f"{endpoint}x/privateDnsZoneGroups/default", VERSION, {"properties": {}})
    assert orphan.error == (404, "ParentResourceNotFound")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"addressSpace": {"addressPrefixes": ["10.20.0.1/16"]}}, "has host bits set"),
        ({"addressSpace": {"addressPrefixes": ["10.20.0.0/16"]}, "subnets": [{"name": "a"}]}, "expected a range"),
        (
            {
                "addressSpace": {"addressPrefixes": ["10.20.0.0/16"]},
                "subnets": [{"name": "a", "properties": {"addressPrefix": "10.21.0.0/24"}}],
            },
            "is not inside the address space",
        ),
        ({"addressSpace": {"addressPrefixes": ["10.20.0.0/16"]}, "flowTimeoutInMinutes": 4}, "Could not find member"),
    ],
)
def test_a_wrong_network_is_refused(arm: ArmBench, group: str, given: dict[str, Any], message: str) -> None:
    network = f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/network"
    answer = arm.send("PUT", network, VERSION, {"location": "westeurope", "properties": given})
    assert answer.status == 400
    assert message in answer.body["error"]["message"]


def test_a_zone_is_global_and_resolved_by_networks_that_are_there(arm: ArmBench, group: str) -> None:
    network, zone = arm.new_network(group), arm.new_zone(group, ZONE)
    assert arm.send("PUT", zone, "2024-06-01", {"location": "westeurope"}).status == 400
    link = f"{zone}/virtualNetworkLinks/link"
    given = {"location": "global", "properties": {"virtualNetwork": {"id": f"{network}x"}}}
    assert "there is no virtual network" in arm.send("PUT", link, "2024-06-01", given).body["error"]["message"]
    given["properties"] = {"virtualNetwork": {"id": network}}
    assert arm.send("PUT", link, "2024-06-01", given).status == 201
    assert arm.send("GET", link, "2024-06-01").body["properties"]["virtualNetwork"] == {"id": network}
    assert [arm.send("DELETE", each, "2024-06-01").status for each in (link, link, zone)] == [200, 204, 200]
    gone = arm.send("PUT", link, "2024-06-01", given)
    assert gone.error == (404, "ParentResourceNotFound")


@pytest.mark.parametrize(
    ("source_ip", "surface", "linked", "admitted"),
    [
        ("10.20.1.4", "dfs", True, True),
        ("10.20.1.4", "dfs", False, False),
        ("10.20.1.4", "blob", True, False),
        ("10.21.1.4", "dfs", True, False),
        ("203.0.113.10", "dfs", True, False),
    ],
    ids=["inside", "name unknown", "another part", "another network", "outside"],
)
def test_a_closed_account_is_entered_by_its_endpoint_alone(
    arm: ArmBench, group: str, source_ip: str, surface: str, linked: bool, admitted: bool
) -> None:
    network = arm.new_network(group)
    name = arm.new_account(group, publicNetworkAccess="Disabled")
    endpoint = arm.new_private_endpoint(group, f"{network}/subnets/endpoints", account_id(arm, group, name), "dfs")
    zone = arm.new_zone(group, ZONE, network if linked else "")
    configurations = [{"name": "one", "properties": {"privateDnsZoneId": zone}}]
    zones = {"properties": {"privateDnsZoneConfigs": configurations}}
    assert arm.send("PUT", f"{endpoint}/privateDnsZoneGroups/default", VERSION, zones).status == 201
    with arm.azure.acting_as("deployer", source_ip=source_ip):
        url = f"https://{name}.{surface}.core.windows.net/?comp=list"
        answer = requests.get(url, headers={"x-ms-version": "2023-11-03"}, timeout=30)
    refused = answer.headers.get("x-ms-error-code") == "AuthorizationFailure"
    assert refused is not admitted
