"""What Terraform's provider (azurerm 5.2) reads and writes besides what Pulumi's and Python's clients do."""

from __future__ import annotations

from typing import Any

import pytest
from arm_bench import ArmBench

NETWORK = "2025-01-01"
SYNAPSE = "2021-06-01"


@pytest.fixture
def provider(arm: ArmBench, group: str) -> str:
    return f"{arm.subscription}/resourceGroups/{group}/providers"


def test_groups_are_known_in_its_api_version(arm: ArmBench, group: str) -> None:
    path = f"{arm.subscription}/resourceGroups/{group}"
    assert arm.send("GET", path, "2023-07-01").status == 200


def test_the_file_service_of_an_account_is_told_and_cannot_be_changed(arm: ArmBench, group: str, provider: str) -> None:
    service = f"{provider}/Microsoft.Storage/storageAccounts/{arm.new_account(group)}/fileServices"
    told = arm.send("GET", f"{service}/default", "2025-08-01").body
    assert told["properties"]["shareDeleteRetentionPolicy"] == {"enabled": True, "days": 7}
    assert arm.send("GET", service, "2025-08-01").body["value"] == [told]
    assert arm.send("PUT", f"{service}/default", "2025-08-01", told).error == (501, "UnknownRoute")


def test_a_network_is_written_with_lists_of_nothing(arm: ArmBench, provider: str) -> None:
    path = f"{provider}/Microsoft.Network/virtualNetworks/network"
    empty: dict[str, Any] = {"delegations": [], "serviceEndpoints": [], "serviceEndpointPolicies": []}
    subnet = {"name": "a", "properties": {"addressPrefixes": ["10.0.1.0/24"], "sharingScope": "", **empty}}
    properties = {
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        "dhcpOptions": {"dnsServers": ["10.0.0.4"]},
        "privateEndpointVNetPolicies": "Disabled",
        "subnets": [subnet],
    }
    body = {"location": "westeurope", "properties": properties}
    assert arm.send("PUT", path, NETWORK, body).status == 201
    told = arm.send("GET", path, NETWORK).body["properties"]
    assert (told["dhcpOptions"], told["privateEndpointVNetPolicies"]) == ({"dnsServers": ["10.0.0.4"]}, "Disabled")
    served = {"properties": {"addressPrefix": "10.0.2.0/24", "serviceEndpoints": [{"service": "Microsoft.Storage"}]}}
    refused = arm.send("PUT", f"{path}/subnets/b", NETWORK, served)
    assert refused.status == 400 and "properties.serviceEndpoints" in refused.body["error"]["message"]


def test_a_zone_says_where_its_authority_starts(arm: ArmBench, group: str) -> None:
    zone = arm.new_zone(group, "privatelink.dfs.core.windows.net")
    told = arm.send("GET", f"{zone}/SOA/@", "2024-06-01").body
    assert told["properties"]["soaRecord"]["host"] == "azureprivatedns.net"
    assert (told["name"], told["properties"]["ttl"]) == ("@", 3600)


def test_a_factory_has_no_managed_network(arm: ArmBench, group: str) -> None:
    path = arm.factory_path(group, arm.new_factory(group))
    assert arm.send("GET", f"{path}/managedVirtualNetworks", "2018-06-01").body == {"value": []}
    made = arm.send("PUT", f"{path}/managedVirtualNetworks/default", "2018-06-01", {"properties": {}})
    assert made.error == (501, "InvalidResourceType")


def test_a_workspace_says_whether_its_pipelines_control_sql(arm: ArmBench, group: str, provider: str) -> None:
    workspace = f"{provider}/Microsoft.Synapse/workspaces/{arm.new_workspace(group)}"
    path, key = f"{workspace}/managedIdentitySqlControlSettings/default", "grantSqlControlToManagedIdentity"

    def stated() -> str:
        return str(arm.send("GET", path, SYNAPSE).body["properties"][key]["actualState"])

    assert stated() == "Disabled"
    wish = {"properties": {key: {"desiredState": "Enabled"}}}
    assert arm.send("PUT", path, SYNAPSE, wish).status == 200
    assert stated() == "Enabled"
    wrong = {"properties": {key: {"desiredState": "Perhaps"}}}
    assert arm.send("PUT", path, SYNAPSE, wrong).status == 400


def test_an_operation_without_a_result_ends_with_200_and_no_body(arm: ArmBench, group: str) -> None:
    name = arm.new_vault(group)
    arm.vaults.vaults.delete(group, name)
    deleted = f"{arm.subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/{name}"
    purge = arm.send("POST", f"{deleted}/purge", "2023-07-01")
    assert purge.status == 202
    path = purge.headers["location"].removeprefix("https://management.azure.com").partition("?")[0]
    statuses = [arm.send("GET", path, "2023-07-01") for _ in range(3)]
    assert (statuses[-1].status, statuses[-1].headers.get("content-length")) == (200, "0")
