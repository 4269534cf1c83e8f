"""Who may enter from where: storage accounts, vaults and workspaces, from outside and from inside Azure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_azure.network import NetworkRules
from local_azure.resources import KEY_VAULT, STORAGE_ACCOUNT, SYNAPSE_WORKSPACE, ResourceRegistry
from local_azure.state import State

OFFICE, HOME = "203.0.113.10", "198.51.100.7"
WORKSPACE_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Synapse/workspaces/ws"
WORKSPACE = f"azure:{WORKSPACE_ID}"
HOST = "anything.example"
DENY = {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}]}


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[ResourceRegistry]:
    """No resources."""
    state = State(tmp_path)
    yield ResourceRegistry(state)
    state.close()


@pytest.mark.parametrize(
    ("kind", "properties", "source", "permitted"),
    [
        (STORAGE_ACCOUNT, {}, HOME, True),
        (STORAGE_ACCOUNT, {"networkAcls": DENY}, OFFICE, True),
        (STORAGE_ACCOUNT, {"networkAcls": DENY}, HOME, False),
        (STORAGE_ACCOUNT, {"publicNetworkAccess": "Disabled"}, OFFICE, False),
        (STORAGE_ACCOUNT, {"publicNetworkAccess": "Disabled", "networkAcls": DENY}, OFFICE, False),
        (STORAGE_ACCOUNT, {}, WORKSPACE, True),
        (STORAGE_ACCOUNT, {"networkAcls": DENY}, WORKSPACE, False),
        (
            STORAGE_ACCOUNT,
            {"networkAcls": {**DENY, "resourceAccessRules": [{"resourceId": WORKSPACE_ID.upper()}]}},
            WORKSPACE,
            True,
        ),
        (
            STORAGE_ACCOUNT,
            {
                "publicNetworkAccess": "Disabled",
                "networkAcls": {**DENY, "resourceAccessRules": [{"resourceId": WORKSPACE_ID}]},
            },
            WORKSPACE,
            False,
        ),
        (KEY_VAULT, {"networkAcls": DENY}, OFFICE, True),
        (KEY_VAULT, {"networkAcls": DENY}, HOME, False),
        (KEY_VAULT, {"networkAcls": {**DENY, "bypass": "AzureServices"}}, WORKSPACE, True),
        (KEY_VAULT, {"networkAcls": {**DENY, "bypass": "None"}}, WORKSPACE, False),
        (KEY_VAULT, {"publicNetworkAccess": "disabled"}, HOME, False),
        (SYNAPSE_WORKSPACE, {}, OFFICE, False),
        (SYNAPSE_WORKSPACE, {}, WORKSPACE, True),
        (SYNAPSE_WORKSPACE, {"publicNetworkAccess": "Disabled"}, WORKSPACE, True),
    ],
)
def test_the_rules_of_a_resource_decide(
    registry: ResourceRegistry, kind: str, properties: dict[str, Any], source: str, permitted: bool
) -> None:
    document = {"id": WORKSPACE_ID, "type": kind, "properties": properties}
    assert NetworkRules(registry).permits(document, source, HOST) is permitted


@pytest.mark.parametrize(
    ("endpoint", "status", "host", "permitted"),
    [
        ("ws.lake", "Approved", "lake.dfs.core.windows.net", True),
        ("ws.lake", "Pending", "lake.dfs.core.windows.net", False),
        ("ws.lake", "Approved", "lake.blob.core.windows.net", False),
        ("other.lake", "Approved", "lake.dfs.core.windows.net", False),
    ],
)
def test_a_workspace_reaches_a_closed_account_by_its_managed_endpoint(
    registry: ResourceRegistry, endpoint: str, status: str, host: str, permitted: bool
) -> None:
    account = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/lake"
    networks = "/subscriptions/m/resourceGroups/vnet/providers/Microsoft.Network/privateEndpoints"
    properties = {
        "privateEndpoint": {"id": f"{networks}/{endpoint}"},
        "privateLinkServiceConnectionState": {"status": status},
        "groupIds": ["dfs"],
    }
    connection = f"{account}/privateEndpointConnections/one"
    registry.put(connection, {"id": connection, "properties": properties})
    document = {"id": account, "type": STORAGE_ACCOUNT, "properties": {"publicNetworkAccess": "Disabled"}}
    assert NetworkRules(registry).permits(document, WORKSPACE, host) is permitted


@pytest.mark.parametrize(
    ("first", "last", "properties", "source", "permitted"),
    [
        ("203.0.113.1", "203.0.113.20", {}, OFFICE, True),
        ("203.0.113.1", "203.0.113.9", {}, OFFICE, False),
        ("203.0.113.1", "203.0.113.20", {"publicNetworkAccess": "Disabled"}, OFFICE, False),
        ("0.0.0.0", "0.0.0.0", {}, "azure:/another/resource", True),
        ("0.0.0.0", "0.0.0.0", {}, OFFICE, False),
        ("0.0.0.0", "255.255.255.255", {}, "azure:/another/resource", False),
    ],
)
def test_firewall_rules_open_a_workspace(
    registry: ResourceRegistry, first: str, last: str, properties: dict[str, Any], source: str, permitted: bool
) -> None:
    document = {"id": WORKSPACE_ID, "type": SYNAPSE_WORKSPACE, "properties": properties}
    rule = {"properties": {"startIpAddress": first, "endIpAddress": last}}
    registry.put(f"{WORKSPACE_ID}/firewallRules/one", {"id": f"{WORKSPACE_ID}/firewallRules/one", **rule})
    assert NetworkRules(registry).permits(document, source, HOST) is permitted


def test_a_type_without_network_rules_is_an_error(registry: ResourceRegistry) -> None:
    with pytest.raises(ValueError, match="applying network rules to /x: type Some/type has none"):
        NetworkRules(registry).permits({"id": "/x", "type": "Some/type"}, OFFICE, HOST)
