"""The azure-mgmt clients of one identity on a running local Azure, and plain requests where a client is too kind."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import requests
from azure.core.pipeline.transport import RequestsTransport
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.datafactory import DataFactoryManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.resource import ResourceManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient
from azure.mgmt.storage import StorageManagementClient
from azure.mgmt.synapse import SynapseManagementClient  # type: ignore[import-untyped]
from running_azure import AzureBench

LOCATION = "westeurope"
MANAGEMENT_SCOPE = "https://management.azure.com/.default"


class ImpatientTransport(RequestsTransport):  # type: ignore[misc]
    """Polls as often as asked, without the pause in between: the pauses are the client's, not what is tested."""

    def sleep(self, duration: float) -> None:
        """Does not wait."""


@dataclass(frozen=True)
class Answer:
    """A raw answer."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def error(self) -> tuple[int, str]:
        """Status and code of an error."""
        return self.status, str(self.body["error"]["code"])


@dataclass(frozen=True)
class ArmBench:
    """Resource Manager as one identity sees it, with a resource group name of its own."""

    azure: AzureBench
    identity: str = "deployer"
    source_ip: str | None = None

    @property
    def subscription(self) -> str:
        """/subscriptions/<id>."""
        return f"/subscriptions/{self.azure.endpoints.subscription_id}"

    @cached_property
    def _options(self) -> dict[str, Any]:
        return {
            "credential": self.azure.credential(self.identity),
            "transport": ImpatientTransport(),
        }

    @cached_property
    def resources(self) -> ResourceManagementClient:
        """Groups and the lists of resources."""
        return ResourceManagementClient(subscription_id=self.azure.endpoints.subscription_id, **self._options)

    @cached_property
    def storage(self) -> StorageManagementClient:
        """Storage accounts and blob services."""
        return StorageManagementClient(subscription_id=self.azure.endpoints.subscription_id, **self._options)

    @cached_property
    def vaults(self) -> KeyVaultManagementClient:
        """Vaults."""
        return KeyVaultManagementClient(subscription_id=self.azure.endpoints.subscription_id, **self._options)

    @cached_property
    def synapse(self) -> Any:
        """Workspaces and their children."""
        return SynapseManagementClient(subscription_id=self.azure.endpoints.subscription_id, **self._options)

    @cached_property
    def factories(self) -> DataFactoryManagementClient:
        """Factories of Data Factory and all that is inside them."""
        return DataFactoryManagementClient(subscription_id=self.azure.endpoints.subscription_id, **self._options)

    @cached_property
    def authorization(self) -> AuthorizationManagementClient:
        """Role assignments and definitions."""
        return AuthorizationManagementClient(subscription_id=self.azure.endpoints.subscription_id, **self._options)

    @cached_property
    def subscriptions(self) -> SubscriptionClient:
        """Tenants and subscriptions."""
        return SubscriptionClient(**self._options)

    @cached_property
    def _session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        proxy = self.azure.endpoints.proxy_from(self.source_ip) if self.source_ip else self.azure.endpoints.proxy
        session.proxies = {"https": proxy}
        session.verify = self.azure.endpoints.ca_file
        return session

    def token(self, scope: str = MANAGEMENT_SCOPE) -> str:
        """A token of the identity."""
        return self.azure.credential(self.identity).get_token(scope).token

    def send(
        self, method: str, path: str, api_version: str | None, body: Any = None, token: str | None = None
    ) -> Answer:
        """A request as it stands, `path` from the first slash on."""
        headers = {"authorization": f"Bearer {token or self.token()}", "content-type": "application/json"}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body)
        query = {"api-version": api_version} if api_version else {}
        answer = self._session.request(
            method, f"https://management.azure.com{path}", params=query, data=data, headers=headers
        )
        return Answer(answer.status_code, answer.headers, answer.json() if answer.content else None)

    def new_group(self) -> str:
        """A fresh resource group's name."""
        name = unique("group-")
        self.resources.resource_groups.create_or_update(name, {"location": LOCATION})
        return name

    def new_account(self, group: str, **properties: Any) -> str:
        """A fresh storage account with hierarchical namespace."""
        name = unique("lake")
        body = {
            "location": LOCATION,
            "kind": "StorageV2",
            "sku": {"name": "Standard_LRS"},
            "properties": {"isHnsEnabled": True, **properties},
        }
        self.storage.storage_accounts.begin_create(group, name, body).result()
        return name

    def new_vault(self, group: str, **properties: Any) -> str:
        """A fresh vault in RBAC mode."""
        name = unique("vault-")
        self.vaults.vaults.begin_create_or_update(group, name, vault_body(self, **properties)).result()
        return name

    def new_workspace(self, group: str, **properties: Any) -> str:
        """A fresh Synapse workspace; not by the client, which is older than azureADOnlyAuthentication."""
        name = unique("workspace-")
        path = f"{self.subscription}/resourceGroups/{group}/providers/Microsoft.Synapse/workspaces/{name}"
        answer = self.send("PUT", path, "2021-06-01", workspace_body(**properties))
        assert answer.status == 201, answer.body
        return name

    def new_network(self, group: str) -> str:
        """The id of a new virtual network 10.20.0.0/16 with the subnet `endpoints`."""
        subnets = [{"name": "endpoints", "properties": {"addressPrefix": "10.20.2.0/24"}}]
        properties = {"addressSpace": {"addressPrefixes": ["10.20.0.0/16"]}, "subnets": subnets}
        network = f"{self.subscription}/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/network"
        answer = self.send("PUT", network, "2024-05-01", {"location": "westeurope", "properties": properties})
        assert answer.status in (200, 201), answer
        return network

    def new_zone(self, group: str, name: str, network: str = "") -> str:
        """The id of a new private DNS zone, which a network resolves if one is given."""
        zone = f"{self.subscription}/resourceGroups/{group}/providers/Microsoft.Network/privateDnsZones/{name}"
        assert self.send("PUT", zone, "2024-06-01", {"location": "global"}).status in (200, 201)
        if network:
            link = {"location": "global", "properties": {"virtualNetwork": {"id": network}}}
            assert self.send("PUT", f"{zone}/virtualNetworkLinks/link", "2024-06-01", link).status == 201
        return zone

    def new_private_endpoint(self, group: str, subnet: str, target: str, part: str, *, name: str = "endpoint") -> str:
        """The id of a new private endpoint that leads to a part of a target."""
        connection = {"name": part, "properties": {"privateLinkServiceId": target, "groupIds": [part]}}
        properties = {"subnet": {"id": subnet}, "privateLinkServiceConnections": [connection]}
        endpoint = f"{self.subscription}/resourceGroups/{group}/providers/Microsoft.Network/privateEndpoints/{name}"
        answer = self.send("PUT", endpoint, "2024-05-01", {"location": "westeurope", "properties": properties})
        assert answer.status == 201, answer
        return endpoint

    def new_factory(self, group: str) -> str:
        """A fresh factory with an identity."""
        name = unique("factory-")
        body = {"location": LOCATION, "identity": {"type": "SystemAssigned"}}
        assert self.send("PUT", self.factory_path(group, name), "2018-06-01", body).status == 200
        return name

    def factory_path(self, group: str, name: str) -> str:
        """The ARM id of a factory."""
        return f"{self.subscription}/resourceGroups/{group}/providers/Microsoft.DataFactory/factories/{name}"

    def give(self, scope: str, role_id: str, principal: str) -> str:
        """Gives a built-in principal or group a role; the assignment's name."""
        name = str(uuid.uuid4())
        definition = f"{self.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role_id}"
        principal_id = self.azure.object_id(principal)
        kind = "Group" if self.azure.endpoints.identities[principal]["client_id"] is None else "ServicePrincipal"
        properties = {"roleDefinitionId": definition, "principalId": principal_id, "principalType": kind}
        answer = self.send(
            "PUT",
            f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
            "2022-04-01",
            {"properties": properties},
        )
        assert answer.status == 201, answer.body
        return name


def unique(prefix: str) -> str:
    """A name that no other test uses; at most 8 characters longer than the prefix."""
    return prefix + uuid.uuid4().hex[:8]


def vault_body(arm: ArmBench, **properties: Any) -> Any:
    """A body for a vault."""
    return {
        "location": LOCATION,
        "properties": {
            "tenantId": arm.azure.endpoints.tenant_id,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            **properties,
        },
    }


def workspace_body(**properties: Any) -> Any:
    """A body for a workspace with Entra-only authentication."""
    return {
        "location": LOCATION,
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "defaultDataLakeStorage": {"accountUrl": "https://lake.dfs.core.windows.net", "filesystem": "synapse"},
            "azureADOnlyAuthentication": True,
            **properties,
        },
    }
