"""Virtual networks, their subnets, private DNS zones: told in lists, in the versions and forms that az sends."""

from __future__ import annotations

from typing import Any

import pytest
from arm_bench import ArmBench

PLACE = "Microsoft.Network/virtualNetworks"


def subnet(name: str, text: str, **properties: Any) -> dict[str, Any]:
    return {"name": name, "properties": {"addressPrefix": text, **properties}}


def network(*subnets: dict[str, Any], **properties: Any) -> dict[str, Any]:
    space = {"addressPrefixes": ["10.0.0.0/16"]}
    return {"location": "westeurope", "properties": {"addressSpace": space, "subnets": list(subnets), **properties}}


def path_of(arm: ArmBench, group: str) -> str:
    return f"{arm.subscription}/resourceGroups/{group}/providers/{PLACE}/network"


@pytest.mark.parametrize("version", ["2022-01-01", "2024-05-01", "2025-05-01", "2025-07-01", "2026-03-01"])
def test_a_network_is_made_and_listed_in_the_versions_of_clients(arm: ArmBench, group: str, version: str) -> None:
    # the body of `az network vnet create --subnet-name`
    body = network(
        subnet("a", "10.0.0.0/24", privateEndpointNetworkPolicies="Disabled"),
        enableDdosProtection=False,
        enableVmProtection=False,
    )
    path = path_of(arm, group)
    assert arm.send("PUT", path, version, body).status == 201
    told = arm.send("GET", path, version).body
    assert arm.send("GET", path.removesuffix("/network"), version).body["value"] == [told]
    listed = arm.send("GET", f"{arm.subscription}/providers/{PLACE}", version).body["value"]
    assert told in listed
    assert arm.send("PUT", path, version, told).status == 200
    assert arm.send("DELETE", path, version).status == 200


def test_a_subnet_is_a_part_of_its_network(arm: ArmBench, group: str) -> None:
    path, version = path_of(arm, group), "2024-07-01"
    lonely = arm.send("PUT", f"{path}/subnets/a", version, {"properties": {"addressPrefix": "10.0.0.0/24"}})
    assert lonely.error == (404, "ParentResourceNotFound")
    arm.send("PUT", path, version, network(subnet("a", "10.0.0.0/24")))
    added = arm.send("PUT", f"{path}/subnets/b", version, {"properties": {"addressPrefixes": ["10.0.1.0/24"]}})
    assert (added.status, added.body["properties"]["addressPrefix"]) == (201, "10.0.1.0/24")
    assert arm.send("PUT", f"{path}/subnets/B", version, added.body).status == 200
    assert arm.send("GET", f"{path}/subnets/b", version).body == arm.send("GET", path, version).body["properties"][
        "subnets"
    ][1] | {"name": arm.send("GET", f"{path}/subnets/b", version).body["name"]}
    assert [each["name"].lower() for each in arm.send("GET", f"{path}/subnets", version).body["value"]] == ["a", "b"]
    assert arm.send("DELETE", f"{path}/subnets/b", version).status == 200
    assert arm.send("DELETE", f"{path}/subnets/b", version).status == 204
    assert arm.send("GET", f"{path}/subnets/b", version).error == (404, "ResourceNotFound")


def test_a_subnet_that_cannot_be_is_refused(arm: ArmBench, group: str) -> None:
    path, version = path_of(arm, group), "2024-07-01"
    both = network(subnet("a", "10.0.0.0/24"), subnet("b", "10.0.0.128/25"))
    assert arm.send("PUT", path, version, both).error == (400, "NetcfgSubnetRangesOverlap")
    protected = network(enableDdosProtection=True)
    assert arm.send("PUT", path, version, protected).error == (400, "InvalidRequestContent")
    nameless = network({"properties": {"addressPrefix": "10.0.0.0/24"}})
    assert "subnets[0].name" in arm.send("PUT", path, version, nameless).body["error"]["message"]
    assert arm.send("PUT", path, version, network(subnet("a", "10.0.0.0/24"))).status == 201
    overlapping = {"properties": {"addressPrefix": "10.0.0.0/25"}}
    assert arm.send("PUT", f"{path}/subnets/b", version, overlapping).error == (400, "NetcfgSubnetRangesOverlap")
    several = {"properties": {"addressPrefixes": ["10.0.1.0/24", "10.0.2.0/24"]}}
    assert "expected one range" in arm.send("PUT", f"{path}/subnets/b", version, several).body["error"]["message"]
    outside = {"properties": {"addressPrefix": "11.0.0.0/24"}}
    assert "is not inside" in arm.send("PUT", f"{path}/subnets/b", version, outside).body["error"]["message"]


def test_what_a_private_endpoint_stands_in_stays(arm: ArmBench, group: str) -> None:
    path, version = arm.new_network(group), "2024-07-01"
    account = f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts"
    target = f"{account}/{arm.new_account(group)}"
    endpoint = arm.new_private_endpoint(group, f"{path}/subnets/endpoints", target, "dfs")
    in_use = (400, "InUseSubnetCannotBeDeleted")
    assert arm.send("DELETE", f"{path}/subnets/endpoints", version).error == in_use
    assert arm.send("DELETE", path, version).error == in_use
    body = {"location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.20.0.0/16"]}}}
    assert arm.send("PUT", path, version, body).error == in_use
    assert endpoint in arm.send("DELETE", path, version).body["error"]["message"]
    arm.send("DELETE", endpoint, version)
    assert arm.send("DELETE", path, version).status == 200


def test_endpoints_zones_and_links_are_listed(arm: ArmBench, group: str) -> None:
    zone = arm.new_zone(group, "privatelink.dfs.core.windows.net", arm.new_network(group))
    zones = zone.rpartition("/")[0]
    told = arm.send("GET", zone, "2018-09-01").body
    assert arm.send("GET", zones, "2018-09-01").body["value"] == [told]
    everywhere = f"{arm.subscription}/providers/Microsoft.Network"
    assert told in arm.send("GET", f"{everywhere}/privateDnsZones", "2024-06-01").body["value"]
    [link] = arm.send("GET", f"{zone}/virtualNetworkLinks", "2024-06-01").body["value"]
    assert link["name"] == "link"
    account = f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts"
    target = f"{account}/{arm.new_account(group)}"
    network_id = f"{arm.subscription}/resourceGroups/{group}/providers/{PLACE}/network"
    endpoint = arm.new_private_endpoint(group, f"{network_id}/subnets/endpoints", target, "dfs")
    listed = arm.send("GET", f"{everywhere}/privateEndpoints", "2026-01-01").body["value"]
    assert endpoint in [each["id"] for each in listed]
    assert arm.send("GET", f"{endpoint}/privateDnsZoneGroups", "2022-01-01").body["value"] == []
    config = {"name": "dfs", "properties": {"privateDnsZoneId": zone}}
    made = {"properties": {"privateDnsZoneConfigs": [config]}}
    assert arm.send("PUT", f"{endpoint}/privateDnsZoneGroups/zones", "2022-01-01", made).status == 201
    [zone_group] = arm.send("GET", f"{endpoint}/privateDnsZoneGroups", "2022-01-01").body["value"]
    assert zone_group["properties"]["privateDnsZoneConfigs"][0]["properties"]["privateDnsZoneId"] == zone


def test_the_parts_that_endpoints_lead_to_are_told(arm: ArmBench, group: str) -> None:
    account, vault = arm.new_account(group), arm.new_vault(group)
    told = arm.storage.private_link_resources.list_by_storage_account(group, account).value
    assert [each.group_id for each in told] == ["blob", "dfs", "file", "queue", "table", "web"]
    assert told[1].required_members == ["dfs"]
    assert told[1].required_zone_names == ["privatelink.dfs.core.windows.net"]
    [of_vault] = arm.vaults.private_link_resources.list_by_vault(group, vault).value
    assert (of_vault.group_id, of_vault.required_members) == ("vault", ["default"])
    assert of_vault.required_zone_names == ["privatelink.vaultcore.azure.net"]
