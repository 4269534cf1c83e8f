"""The resource types that are served: where each lives in Resource Manager, and which azure-mgmt models describe it.

The property mapping comes from those models. Tokens, path parameters and api-versions are those of azure-native 3.29.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import azure.mgmt.authorization.v2022_04_01.models as authorization_models
import azure.mgmt.datafactory.models as data_factory_models
import azure.mgmt.keyvault.v2023_07_01.models as key_vault_models
import azure.mgmt.resource.resources.v2025_03_01.models as resource_models
import azure.mgmt.storage.v2023_05_01.models as storage_models
import azure.mgmt.synapse.models as synapse_models  # type: ignore[import-untyped]

from arm_schema import network_models
from arm_schema.shapes import Shape, shape_of

_GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
_ACCOUNT = f"{_GROUP}/providers/Microsoft.Storage/storageAccounts/{{accountName}}"
_ENDPOINT = f"{_GROUP}/providers/Microsoft.Network/privateEndpoints/{{privateEndpointName}}"
_WORKSPACE = f"{_GROUP}/providers/Microsoft.Synapse/workspaces/{{workspaceName}}"


@dataclass(frozen=True)
class ResourceType:
    """One type of azure-native. `path` carries the input properties that name the resource."""

    token: str
    path: str
    api_version: str
    models: ModuleType
    request_shape: str
    response_shape: str
    fixed_properties: tuple[str, ...] = ()
    """SDK property paths that cannot change on a living resource; the resource is replaced."""
    write_only: tuple[str, ...] = ()
    """SDK property paths that Resource Manager never gives back; what was put in stays believed."""
    default_body: Mapping[str, object] | None = None
    """Body that a resource which cannot be deleted is put back to (blob service properties)."""
    name_property: str = ""
    """Path property that is made up when it is not given, as azure-native does."""

    @property
    def request(self) -> Shape:
        """Shape of a PUT body."""
        return shape_of(self.models, self.request_shape)

    @property
    def response(self) -> Shape:
        """Shape of a GET answer."""
        return shape_of(self.models, self.response_shape)

    @property
    def path_properties(self) -> tuple[str, ...]:
        """Input properties that are part of the path."""
        return tuple(each for each in re.findall(r"\{(\w+)\}", self.path) if each != "subscriptionId")

    def id_of(self, inputs: Mapping[str, Any], subscription: str) -> str:
        """The ARM id of a resource with these inputs."""
        names = {name: str(inputs[name]) for name in self.path_properties}
        return self.path.format(**names, subscriptionId=subscription).replace("//", "/")

    def names_of(self, arm_id: str) -> dict[str, str] | None:
        """The path properties that an ARM id carries, or None when it is no id of this type."""
        parts = re.split(r"(\{\w+\})", self.path)
        text = "".join(_part(part) for part in parts)
        match = re.fullmatch(text, arm_id, re.IGNORECASE)
        return match.groupdict() if match else None


def _part(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    inner = ".+" if part == "{scope}" else "[^/]+"
    return f"(?P<{part[1:-1]}>{inner})"


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    ResourceType(
        "azure-native:resources:ResourceGroup",
        _GROUP,
        "2024-03-01",
        resource_models,
        "ResourceGroup",
        "ResourceGroup",
        name_property="resourceGroupName",
    ),
    ResourceType(
        "azure-native:storage:StorageAccount",
        _ACCOUNT,
        "2024-01-01",
        storage_models,
        "StorageAccountCreateParameters",
        "StorageAccount",
        ("isHnsEnabled", "enableNfsV3", "dnsEndpointType", "kind"),
        name_property="accountName",
    ),
    ResourceType(
        "azure-native:storage:BlobServiceProperties",
        f"{_ACCOUNT}/blobServices/{{blobServicesName}}",
        "2024-01-01",
        storage_models,
        "BlobServiceProperties",
        "BlobServiceProperties",
        default_body={"properties": {"cors": {"corsRules": []}, "deleteRetentionPolicy": {"enabled": False}}},
    ),
    ResourceType(
        "azure-native:keyvault:Vault",
        f"{_GROUP}/providers/Microsoft.KeyVault/vaults/{{vaultName}}",
        "2024-11-01",
        key_vault_models,
        "VaultCreateOrUpdateParameters",
        "Vault",
        write_only=("properties.createMode",),
        name_property="vaultName",
    ),
    ResourceType(
        "azure-native:synapse:Workspace",
        _WORKSPACE,
        "2021-06-01",
        synapse_models,
        "Workspace",
        "Workspace",
        (
            "managedVirtualNetwork",
            "managedVirtualNetworkSettings.preventDataExfiltration",
            "managedResourceGroupName",
            "defaultDataLakeStorage",
            "sqlAdministratorLogin",
        ),
        # The SDK knows azureADOnlyAuthentication as an input only: its specification gives it no "read".
        ("sqlAdministratorLoginPassword", "azureADOnlyAuthentication"),
        name_property="workspaceName",
    ),
    ResourceType(
        "azure-native:synapse:IpFirewallRule",
        f"{_WORKSPACE}/firewallRules/{{ruleName}}",
        "2021-06-01",
        synapse_models,
        "IpFirewallRuleInfo",
        "IpFirewallRuleInfo",
        name_property="ruleName",
    ),
    ResourceType(
        "azure-native:synapse:WorkspaceAadAdmin",
        f"{_WORKSPACE}/administrators/activeDirectory",
        "2021-06-01",
        synapse_models,
        "WorkspaceAadAdminInfo",
        "WorkspaceAadAdminInfo",
    ),
    ResourceType(
        "azure-native:synapse:WorkspaceSqlAadAdmin",
        f"{_WORKSPACE}/sqlAdministrators/activeDirectory",
        "2021-06-01",
        synapse_models,
        "WorkspaceAadAdminInfo",
        "WorkspaceAadAdminInfo",
    ),
    ResourceType(
        "azure-native:datafactory:Factory",
        f"{_GROUP}/providers/Microsoft.DataFactory/factories/{{factoryName}}",
        "2018-06-01",
        data_factory_models,
        "Factory",
        "Factory",
        name_property="factoryName",
    ),
    ResourceType(
        "azure-native:network:PrivateEndpoint",
        _ENDPOINT,
        "2024-05-01",
        network_models,
        "PrivateEndpoint",
        "PrivateEndpoint",
        name_property="privateEndpointName",
    ),
    ResourceType(
        "azure-native:network:PrivateDnsZoneGroup",
        f"{_ENDPOINT}/privateDnsZoneGroups/{{privateDnsZoneGroupName}}",
        "2024-05-01",
        network_models,
        "PrivateDnsZoneGroup",
        "PrivateDnsZoneGroup",
        name_property="privateDnsZoneGroupName",
    ),
    ResourceType(
        "azure-native:authorization:RoleAssignment",
        "/{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        "2022-04-01",
        authorization_models,
        "RoleAssignmentCreateParameters",
        "RoleAssignment",
        ("principalId", "roleDefinitionId", "principalType"),
        name_property="roleAssignmentName",
    ),
)

BY_TOKEN: dict[str, ResourceType] = {each.token: each for each in RESOURCE_TYPES}
