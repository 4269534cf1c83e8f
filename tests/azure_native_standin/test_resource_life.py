"""Every served type through its life, gRPC above and REST below; changes behind Pulumi's back show exactly."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from arm_bench import ArmBench, unique
from standin_bench import Resource

from azure_native_standin.resource_types import RESOURCE_TYPES
from local_azure.role_definitions import READER
from provider_wire.values import UNKNOWN


@dataclass(frozen=True)
class Life:
    """A type with inputs, an update, a change from outside, and the changes that need another resource."""

    type: str
    inputs: Mapping[str, Any]
    update: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, str] = field(default_factory=dict)
    outside: tuple[str, str, Any] | None = None
    """Method, api-version and body of the change from outside."""
    seen: Mapping[str, str] = field(default_factory=dict)
    replaced_by: Mapping[str, Any] = field(default_factory=dict)
    replaced_paths: frozenset[str] = frozenset()

    @property
    def token(self) -> str:
        """azure-native's token."""
        return f"azure-native:{self.type}"


ADMINISTRATOR = {
    "administratorType": "ActiveDirectory",
    "login": "sql-administrators",
    "sid": "{administrators}",
    "tenantId": "{tenant}",
}
ANOTHER = {"login": "people", "sid": "{people}"}
OUTSIDE_ADMINISTRATOR = {"properties": {**ADMINISTRATOR, **ANOTHER}}

LIVES = (
    Life(
        "resources:ResourceGroup",
        {"resourceGroupName": "{new_group}", "location": "westeurope", "tags": {"a": "1"}},
        {"tags": {"a": "2", "b": "3"}},
        {"tags.a": "UPDATE", "tags.b": "ADD"},
        ("PATCH", "2024-03-01", {"tags": {"a": "x"}}),
        {"tags.a": "UPDATE"},
        {"location": "North Europe", "resourceGroupName": "other"},
        frozenset({"location", "resourceGroupName"}),
    ),
    Life(
        "storage:StorageAccount",
        {
            "accountName": "{new_account}", "resourceGroupName": "{group}", "location": "westeurope",
            "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "isHnsEnabled": True,
            "minimumTlsVersion": "TLS1_2", "allowSharedKeyAccess": False,
            "networkRuleSet": {"defaultAction": "Deny", "bypass": "None",
                               "ipRules": [{"iPAddressOrRange": "203.0.113.10", "action": "Allow"}]},
        },
        {"networkRuleSet": {"defaultAction": "Deny", "bypass": "None",
                            "ipRules": [{"iPAddressOrRange": "203.0.113.11", "action": "Allow"}]}},
        {"networkRuleSet.ipRules[0].iPAddressOrRange": "UPDATE"},
        ("PATCH", "2024-01-01", {"properties": {"allowSharedKeyAccess": True}}),
        {"allowSharedKeyAccess": "UPDATE"},
        {"isHnsEnabled": False, "kind": "BlobStorage", "accountName": "other"},
        frozenset({"isHnsEnabled", "kind", "accountName"}),
    ),
    Life(
        "storage:BlobServiceProperties",
        {"accountName": "{account}", "resourceGroupName": "{group}", "blobServicesName": "default",
         "deleteRetentionPolicy": {"enabled": True, "days": 7}},
        {"deleteRetentionPolicy": {"enabled": True, "days": 9}},
        {"deleteRetentionPolicy.days": "UPDATE"},
        ("PUT", "2024-01-01", {"properties": {"deleteRetentionPolicy": {"enabled": True, "days": 30}}}),
        {"deleteRetentionPolicy.days": "UPDATE"},
        {"accountName": "other"},
        frozenset({"accountName"}),
    ),
    Life(
        "keyvault:Vault",
        {"vaultName": "{new_vault}", "resourceGroupName": "{group}", "location": "westeurope",
         "properties": {"tenantId": "{tenant}", "sku": {"family": "A", "name": "standard"},
                        "enableRbacAuthorization": True}},
        {"properties": {"tenantId": "{tenant}", "sku": {"family": "A", "name": "premium"},
                        "enableRbacAuthorization": True}},
        {"properties.sku.name": "UPDATE"},
        ("PATCH", "2024-11-01", {"properties": {"enableRbacAuthorization": False, "accessPolicies": []}}),
        {"properties.enableRbacAuthorization": "UPDATE"},
        {"vaultName": "other", "location": "northeurope"},
        frozenset({"vaultName", "location"}),
    ),
    Life(
        "synapse:Workspace",
        {"workspaceName": "{new_workspace}", "resourceGroupName": "{group}", "location": "westeurope",
         "identity": {"type": "SystemAssigned"}, "azureADOnlyAuthentication": True,
         "managedVirtualNetwork": "default",
         "managedVirtualNetworkSettings": {"preventDataExfiltration": False},
         "publicNetworkAccess": "Enabled",
         "defaultDataLakeStorage": {"accountUrl": "https://lake.dfs.core.windows.net", "filesystem": "synapse"}},
        {"publicNetworkAccess": "Disabled"},
        {"publicNetworkAccess": "UPDATE"},
        ("PATCH", "2021-06-01", {"tags": {}, "properties": {"publicNetworkAccess": "Disabled"}}),
        {"publicNetworkAccess": "UPDATE"},
        {"managedVirtualNetworkSettings": {"preventDataExfiltration": True}, "workspaceName": "other"},
        frozenset({"managedVirtualNetworkSettings.preventDataExfiltration", "workspaceName"}),
    ),
    Life(
        "synapse:IpFirewallRule",
        {"ruleName": "office", "resourceGroupName": "{group}", "workspaceName": "{workspace}",
         "startIpAddress": "203.0.113.1", "endIpAddress": "203.0.113.9"},
        {"endIpAddress": "203.0.113.20"},
        {"endIpAddress": "UPDATE"},
        ("PUT", "2021-06-01", {"properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}}),
        {"startIpAddress": "UPDATE", "endIpAddress": "UPDATE"},
        {"ruleName": "other"},
        frozenset({"ruleName"}),
    ),
    Life(
        "synapse:WorkspaceAadAdmin",
        {"resourceGroupName": "{group}", "workspaceName": "{workspace}", **ADMINISTRATOR},
        ANOTHER,
        {"login": "UPDATE", "sid": "UPDATE"},
        ("PUT", "2021-06-01", OUTSIDE_ADMINISTRATOR),
        {"login": "UPDATE", "sid": "UPDATE"},
        {"workspaceName": "other"},
        frozenset({"workspaceName"}),
    ),
    Life(
        "synapse:WorkspaceSqlAadAdmin",
        {"resourceGroupName": "{group}", "workspaceName": "{workspace}", **ADMINISTRATOR},
        ANOTHER,
        {"login": "UPDATE", "sid": "UPDATE"},
        ("PUT", "2021-06-01", OUTSIDE_ADMINISTRATOR),
        {"login": "UPDATE", "sid": "UPDATE"},
        {"workspaceName": "other"},
        frozenset({"workspaceName"}),
    ),
    Life(
        "datafactory:Factory",
        {"factoryName": "{new_factory}", "resourceGroupName": "{group}", "location": "westeurope",
         "identity": {"type": "SystemAssigned"}, "publicNetworkAccess": "Enabled"},
        {"publicNetworkAccess": "Disabled"},
        {"publicNetworkAccess": "UPDATE"},
        ("PUT", "2018-06-01", {"location": "westeurope", "tags": {},
                               "properties": {"publicNetworkAccess": "Disabled"}}),
        {"publicNetworkAccess": "UPDATE"},
        {"factoryName": "other", "location": "northeurope"},
        frozenset({"factoryName", "location"}),
    ),
    Life(
        "network:PrivateEndpoint",
        {"privateEndpointName": "endpoint", "resourceGroupName": "{group}", "location": "westeurope",
         "subnet": {"id": "{subnet}"}, "tags": {"a": "1"},
         "privateLinkServiceConnections": [
             {"name": "lake", "privateLinkServiceId": "{account_id}", "groupIds": ["dfs"]}]},
        {"tags": {"a": "2"}},
        {"tags.a": "UPDATE"},
        ("PUT", "2024-05-01", {"location": "westeurope", "tags": {"a": "x"}, "properties": {
            "subnet": {"id": "{subnet}"},
            "privateLinkServiceConnections": [
                {"name": "lake", "properties": {"privateLinkServiceId": "{account_id}", "groupIds": ["dfs"]}}]}}),
        {"tags.a": "UPDATE"},
        {"privateEndpointName": "other", "location": "northeurope"},
        frozenset({"privateEndpointName", "location"}),
    ),
    Life(
        "network:PrivateDnsZoneGroup",
        {"privateDnsZoneGroupName": "default", "privateEndpointName": "{endpoint}", "resourceGroupName": "{group}",
         "privateDnsZoneConfigs": [{"name": "one", "privateDnsZoneId": "{zone}"}]},
        {"privateDnsZoneConfigs": [{"name": "two", "privateDnsZoneId": "{zone}"}]},
        {"privateDnsZoneConfigs[0].name": "UPDATE"},
        ("PUT", "2024-05-01", {"properties": {"privateDnsZoneConfigs": []}}),
        {"privateDnsZoneConfigs[0]": "ADD"},
        {"privateEndpointName": "other"},
        frozenset({"privateEndpointName"}),
    ),
    Life(
        "authorization:RoleAssignment",
        {"scope": "{scope}", "roleAssignmentName": "{guid}", "principalId": "{people}", "principalType": "Group",
         "roleDefinitionId": "{reader}", "description": "one"},
        {"description": "two"},
        {"description": "UPDATE"},
        ("PUT", "2022-04-01", {"properties": {"principalId": "{people}", "roleDefinitionId": "{reader}",
                                              "description": "x"}}),
        {"description": "UPDATE"},
        {"principalId": "{administrators}", "roleDefinitionId": "{reader}x"},
        frozenset({"principalId", "roleDefinitionId"}),
    ),
)  # fmt: skip


class _Names:
    """What the braces in a life stand for, made when first asked for."""

    def __init__(self, arm: ArmBench, group: str) -> None:
        self._arm, self._group = arm, group
        self._known: dict[str, str] = {
            "group": group,
            "subscription": arm.azure.endpoints.subscription_id,
            "scope": f"{arm.subscription}/resourceGroups/{group}",
            "tenant": arm.azure.endpoints.tenant_id,
            "people": arm.azure.object_id("auditors"),
            "administrators": arm.azure.object_id("sql-administrators"),
            "reader": f"{arm.subscription}/providers/Microsoft.Authorization/roleDefinitions/{READER.id}",
            "guid": str(uuid.uuid4()),
            "new_group": unique("group-"),
            "new_account": unique("lake"),
            "new_vault": unique("vault-"),
            "new_workspace": unique("workspace-"),
            "new_factory": unique("factory-"),
        }

    def __getitem__(self, name: str) -> str:
        if name not in self._known:
            make = {
                "account": self._arm.new_account,
                "account_id": self._account_id,
                "endpoint": self._endpoint,
                "subnet": self._subnet,
                "workspace": self._arm.new_workspace,
                "zone": self._zone,
            }[name]
            self._known[name] = make(self._group)
        return self._known[name]

    def _subnet(self, group: str) -> str:
        return f"{self._arm.new_network(group)}/subnets/endpoints"

    def _account_id(self, group: str) -> str:
        return f"{self['scope']}/providers/Microsoft.Storage/storageAccounts/{self['account']}"

    def _endpoint(self, group: str) -> str:
        made = self._arm.new_private_endpoint(group, self["subnet"], self["account_id"], "dfs")
        return made.rpartition("/")[2]

    def _zone(self, group: str) -> str:
        return self._arm.new_zone(group, "privatelink.dfs.core.windows.net")

    def fill(self, value: Any) -> Any:
        if isinstance(value, str):
            return value.format_map(self) if "{" in value else value
        if isinstance(value, Mapping):
            return {key: self.fill(each) for key, each in value.items()}
        return [self.fill(each) for each in value] if isinstance(value, list) else value


@pytest.fixture
def names(arm: ArmBench, group: str) -> _Names:
    return _Names(arm, group)


def test_every_type_has_its_life_here() -> None:
    assert {each.token for each in LIVES} == {each.token for each in RESOURCE_TYPES}


def _agrees(foretold: Any, real: Any) -> bool:
    """Whether nothing that a preview said turned out wrong; an unknown value says nothing."""
    if foretold == UNKNOWN:
        return True
    if isinstance(foretold, Mapping) and isinstance(real, Mapping):
        return all(_agrees(value, real.get(name, UNKNOWN)) for name, value in foretold.items())
    if isinstance(foretold, list) and isinstance(real, list):
        return len(foretold) == len(real) and all(map(_agrees, foretold, real))
    return bool(foretold == real)


@pytest.mark.parametrize("life", LIVES, ids=lambda life: str(life.type))
def test_a_resource_lives_and_each_preview_comes_true(stub: Any, names: _Names, life: Life) -> None:
    resource = Resource(stub, life.token)
    inputs = resource.checked(names.fill(life.inputs))
    preview_id, foretold = resource.create(inputs, preview=True)
    assert preview_id == "" and UNKNOWN in str(foretold) and _agrees(inputs, foretold)
    arm_id, state = resource.create(inputs)
    assert _agrees(foretold, state)
    assert resource.read(arm_id, inputs, state) == (arm_id, inputs, state)
    assert resource.diff(inputs, resource.checked(inputs), arm_id) == {}

    updated = resource.checked({**inputs, **names.fill(life.update)})
    assert resource.diff(inputs, updated, arm_id) == life.changes
    foretold = resource.update(arm_id, inputs, updated, state, preview=True)
    assert resource.read(arm_id, inputs, state) == (arm_id, inputs, state)
    state = resource.update(arm_id, inputs, updated, state)
    assert _agrees(foretold, state)
    assert resource.read(arm_id, updated, state) == (arm_id, updated, state)

    resource.delete(arm_id, updated, state)
    resource.delete(arm_id, updated, state)
    if life.type != "storage:BlobServiceProperties":  # there as long as its account; goes back to its defaults
        assert resource.read(arm_id, updated, state) == ("", {}, {})


@pytest.mark.parametrize("life", LIVES, ids=lambda life: str(life.type))
def test_a_change_behind_pulumis_back_is_told_exactly(arm: ArmBench, stub: Any, names: _Names, life: Life) -> None:
    resource = Resource(stub, life.token)
    inputs = resource.checked(names.fill(life.inputs))
    arm_id, state = resource.create(inputs)
    assert life.outside is not None
    method, api_version, body = life.outside
    assert arm.send(method, arm_id, api_version, names.fill(body)).status in (200, 201)
    _, live, _ = resource.read(arm_id, inputs, state)
    assert resource.diff(live, inputs, arm_id) == life.seen
    resource.update(arm_id, live, inputs, state)
    assert resource.read(arm_id, inputs, state)[1] == inputs


@pytest.mark.parametrize("life", LIVES, ids=lambda life: str(life.type))
def test_a_resource_that_is_gone_is_told(stub: Any, names: _Names, life: Life) -> None:
    resource = Resource(stub, life.token)
    inputs = names.fill(life.inputs)
    gone = {
        key: f"gone-{value}" if key in ("resourceGroupName", "roleAssignmentName") else value
        for key, value in inputs.items()
    }
    path = next(each for each in RESOURCE_TYPES if each.token == life.token).path
    subscription = inputs.get("scope", "").split("/")[2] if "scope" in inputs else names["subscription"]
    arm_id = path.format(**gone, subscriptionId=subscription).replace("//", "/")
    assert resource.read(arm_id, inputs, inputs) == ("", {}, {})


@pytest.mark.parametrize("life", LIVES, ids=lambda life: str(life.type))
def test_only_what_names_a_resource_or_is_fixed_replaces_it(stub: Any, names: _Names, life: Life) -> None:
    resource = Resource(stub, life.token)
    inputs = names.fill(life.inputs)
    changes = resource.diff(inputs, {**inputs, **names.fill(life.replaced_by)})
    assert {path for path, kind in changes.items() if kind.endswith("_REPLACE")} == life.replaced_paths
    assert [
        kind for kind in resource.diff(inputs, {**inputs, **names.fill(life.update)}).values() if "REPLACE" in kind
    ] == []


@pytest.mark.parametrize("life", LIVES, ids=lambda life: str(life.type))
def test_an_unknown_property_is_refused_by_name(stub: Any, names: _Names, life: Life) -> None:
    _, failures = Resource(stub, life.token).check({**names.fill(life.inputs), "colour": "red"})
    assert [each for each, _ in failures] == ["colour"]
    assert failures[0][1].startswith(f"{life.token}: unknown property 'colour' (")


@pytest.mark.parametrize("life", LIVES, ids=lambda life: str(life.type))
def test_an_import_finds_inputs_that_change_nothing(arm: ArmBench, stub: Any, names: _Names, life: Life) -> None:
    resource = Resource(stub, life.token)
    inputs = resource.checked(names.fill(life.inputs))
    arm_id, _ = resource.create(inputs)
    found_id, imported, state = resource.read(arm_id)
    assert found_id.lower() == arm_id.lower()
    assert resource.check(imported)[1] == []
    again = resource.update(arm_id, imported, resource.checked(imported), state)
    assert resource.read(arm_id, imported, again)[1] == imported
