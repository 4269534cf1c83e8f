"""What a contract test runs against: local Azure, or a subscription of Azure with two service principals.

For Azure: AZURE_CONTRACT_SUBSCRIPTION names a subscription in which the principal of AZURE_TENANT_ID, AZURE_CLIENT_ID
and AZURE_CLIENT_SECRET is Owner; AZURE_CONTRACT_OUTSIDER_CLIENT_ID and AZURE_CONTRACT_OUTSIDER_CLIENT_SECRET are those
of a second one without any role. Everything is made in one resource group for each module of tests, deleted at its end.
"""

from __future__ import annotations

import base64
import json
import os
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError, HttpResponseError
from azure.identity import ClientSecretCredential
from azure.keyvault.secrets import SecretClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.resource import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient
from azure.storage.filedatalake import DataLakeServiceClient
from running_azure import AzureBench

SUBSCRIPTION_VARIABLE = "AZURE_CONTRACT_SUBSCRIPTION"
LOCAL, AZURE = "local-azure", "azure"
LOCATION = "westeurope"
ROLE_PATIENCE_SECONDS = 1800.0
Result = TypeVar("Result")


def targets(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Local Azure always; Azure too where a subscription is named."""
    return [LOCAL, AZURE] if environment.get(SUBSCRIPTION_VARIABLE) else [LOCAL]


@dataclass(frozen=True)
class Identity:
    """A service principal."""

    credential: TokenCredential

    @property
    def object_id(self) -> str:
        """As its own token says it."""
        return self._claim("oid")

    @property
    def tenant_id(self) -> str:
        """As its own token says it."""
        return self._claim("tid")

    def _claim(self, name: str) -> str:
        payload = self.credential.get_token("https://management.azure.com/.default").token.split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))[name])


@dataclass(frozen=True)
class Target:
    """A subscription, its owner, and somebody without any role."""

    subscription_id: str
    owner: Identity
    outsider: Identity

    @classmethod
    def local(cls, azure: AzureBench) -> Target:
        """A local Azure that runs."""
        owner, outsider = (Identity(azure.credential(name)) for name in ("deployer", "outsider"))
        return cls(azure.endpoints.subscription_id, owner, outsider)

    @classmethod
    def azure(cls, environment: Mapping[str, str] = os.environ) -> Target:
        """The subscription that the environment names."""
        tenant = environment["AZURE_TENANT_ID"]
        owner, outsider = (
            Identity(
                ClientSecretCredential(
                    tenant, environment[f"{prefix}_CLIENT_ID"], environment[f"{prefix}_CLIENT_SECRET"]
                )
            )
            for prefix in ("AZURE", "AZURE_CONTRACT_OUTSIDER")
        )
        return cls(environment[SUBSCRIPTION_VARIABLE], owner, outsider)


@dataclass(frozen=True)
class Place:
    """A resource group of a target that is there for one module of tests."""

    target: Target
    group: str

    @classmethod
    def made(cls, target: Target) -> Place:
        """A new one."""
        place = cls(target, f"contract-{uuid.uuid4().hex[:12]}")
        place._resources().resource_groups.create_or_update(place.group, {"location": LOCATION})
        return place

    def remove(self) -> None:
        """Deletes everything; does not wait for the end."""
        self._resources().resource_groups.begin_delete(self.group, polling=False)

    def _resources(self) -> ResourceManagementClient:
        return ResourceManagementClient(self.target.owner.credential, self.target.subscription_id)

    @property
    def roles(self) -> AuthorizationManagementClient:
        """Role assignments."""
        return AuthorizationManagementClient(self.target.owner.credential, self.target.subscription_id)

    @property
    def storage(self) -> StorageManagementClient:
        """Storage accounts."""
        return StorageManagementClient(self.target.owner.credential, self.target.subscription_id)

    @property
    def scope(self) -> str:
        """Resource id of the group."""
        return f"/subscriptions/{self.target.subscription_id}/resourceGroups/{self.group}"

    def role_properties(self, role_id: str, object_id: str) -> Any:
        """The body of a role assignment."""
        roles = f"/subscriptions/{self.target.subscription_id}/providers/Microsoft.Authorization/roleDefinitions"
        return {
            "properties": {
                "roleDefinitionId": f"{roles}/{role_id}",
                "principalId": object_id,
                "principalType": "ServicePrincipal",
            }
        }

    def give(self, role_id: str, identity: Identity) -> None:
        """Gives an identity a role on the whole group."""
        self.give_to(role_id, identity.object_id)

    def give_to(self, role_id: str, object_id: str) -> None:
        """Gives a service principal a role on the whole group."""
        self.roles.role_assignments.create(self.scope, str(uuid.uuid4()), self.role_properties(role_id, object_id))

    def put(self, id: str, api_version: str, body: Any) -> None:
        """Writes a resource of any type, to the end."""
        self._resources().resources.begin_create_or_update_by_id(id, api_version, body).result()

    def new_account(self) -> str:
        """A storage account with hierarchical namespace; its name."""
        name = f"contract{uuid.uuid4().hex[:12]}"
        body = {
            "location": LOCATION,
            "kind": "StorageV2",
            "sku": {"name": "Standard_LRS"},
            "properties": {"isHnsEnabled": True, "allowSharedKeyAccess": False},
        }
        self.storage.storage_accounts.begin_create(self.group, name, body).result()
        return name

    def new_vault(self) -> str:
        """A vault whose data roles open; its address."""
        name = f"contract-{uuid.uuid4().hex[:12]}"
        body = {
            "location": LOCATION,
            "properties": {
                "tenantId": self.target.owner.tenant_id,
                "sku": {"family": "A", "name": "standard"},
                "enableRbacAuthorization": True,
                "softDeleteRetentionInDays": 7,
            },
        }
        client = KeyVaultManagementClient(self.target.owner.credential, self.target.subscription_id)
        client.vaults.begin_create_or_update(self.group, name, body).result()
        return f"https://{name}.vault.azure.net"


def lake(account: str, identity: Identity) -> DataLakeServiceClient:
    """The data of an account as an identity sees it."""
    return DataLakeServiceClient(f"https://{account}.dfs.core.windows.net", identity.credential, retry_total=0)


def secrets(vault: str, identity: Identity) -> SecretClient:
    """The secrets of a vault as an identity sees them."""
    return SecretClient(vault, identity.credential, retry_total=0)


def once_permitted(operation: Callable[[], Result]) -> Result:
    """What an operation gives once the roles for it are in force. Raises its last refusal after half an hour."""
    end = time.monotonic() + ROLE_PATIENCE_SECONDS
    while True:
        try:
            return operation()
        except HttpResponseError as error:
            if error.status_code != 403 or time.monotonic() > end:
                raise
            time.sleep(5)


def refusal(operation: Callable[[], object]) -> tuple[int, str]:
    """Status and code of an operation that has to be refused."""
    try:
        operation()
    except HttpResponseError as error:
        code = getattr(error, "error_code", None) or (error.error.code if error.error else "")
        inner = getattr(error.error, "innererror", None) or {}
        return error.status_code or 0, str(inner.get("code") or getattr(code, "value", code))
    except AzureError as error:
        raise AssertionError(f"expected a refusal of the service, got {error}") from error
    raise AssertionError("expected a refusal, and it was permitted")


def once_refused(operation: Callable[[], object]) -> tuple[int, str]:
    """Status and code of an operation that is refused once a rule against it is in force, within five minutes."""
    end = time.monotonic() + 300.0
    while time.monotonic() < end:
        try:
            operation()
        except HttpResponseError:
            break
        time.sleep(5)
    return refusal(operation)
