"""Storage accounts as the data plane sees them: read from their Resource Manager documents, never written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from azure_ids.storage import BLOB_SUFFIX, DFS_SUFFIX
from local_azure.account_keys import AccountKeys
from local_azure.blob_service import service_properties_of
from local_azure.context import ServiceContext
from local_azure.resources import STORAGE_ACCOUNT
from local_azure.services.data_lake.errors import Surface


@dataclass(frozen=True)
class StorageAccount:
    """An account with the properties that decide how requests to it are answered."""

    name: str
    document: dict[str, Any]

    @property
    def id(self) -> str:
        """Its ARM id."""
        return str(self.document["id"])

    @property
    def is_hierarchical(self) -> bool:
        """Whether directories are real; else the account knows blobs only."""
        return bool(self._property("isHnsEnabled"))

    @property
    def shared_key_is_allowed(self) -> bool:
        """Whether account keys open it; on Azure they do unless switched off."""
        return self._property("allowSharedKeyAccess") is not False

    @property
    def public_access_is_allowed(self) -> bool:
        """Whether a container may be opened to anonymous readers."""
        return bool(self._property("allowBlobPublicAccess"))

    @property
    def sku(self) -> str:
        """Such as Standard_LRS."""
        return str((self.document.get("sku") or {}).get("name", "Standard_LRS"))

    @property
    def kind(self) -> str:
        """Such as StorageV2."""
        return str(self.document.get("kind", "StorageV2"))

    def container_id(self, name: str) -> str:
        """ARM id of a filesystem, the scope of role assignments on it."""
        return f"{self.id}/blobServices/default/containers/{name}"

    def _property(self, name: str) -> Any:
        return self.document.get("properties", {}).get(name)


class AccountDirectory:
    """Finds accounts by name or host; accounts made without Resource Manager have a document like all others."""

    def __init__(self, context: ServiceContext) -> None:
        self._resources = context.resources
        self._keys = AccountKeys(context.state)

    def find(self, name: str) -> StorageAccount | None:
        """The account of that global name, or None."""
        document = self._resources.find(STORAGE_ACCOUNT, name)
        return StorageAccount(name, document) if document else None

    def keys_of(self, account: StorageAccount) -> tuple[str, str]:
        """key1 and key2, base64."""
        return self._keys.of(account.name)

    def soft_delete_is_on(self, account: StorageAccount) -> bool:
        """Whether the account's blob service keeps deleted blobs."""
        return self.soft_delete_days(account) is not None

    def container_delete_days(self, account: StorageAccount) -> int | None:
        """For how many days the account's blob service keeps deleted containers; None where it does not."""
        return _days_kept(self._blob_service(account), "containerDeleteRetentionPolicy")

    def _blob_service(self, account: StorageAccount) -> dict[str, Any]:
        return service_properties_of(self._resources, account.id)

    def soft_delete_days(self, account: StorageAccount) -> int | None:
        """For how many days the account's blob service keeps deleted blobs; None where it does not."""
        return _days_kept(self._blob_service(account), "deleteRetentionPolicy")


def _days_kept(service: dict[str, Any], name: str) -> int | None:
    policy = service.get(name) or {}
    return int(policy["days"]) if policy.get("enabled") else None


def surface_of(host: str) -> tuple[Surface, str] | None:
    """Which endpoint of which account a host name is, or None."""
    surfaces: tuple[tuple[Surface, str], ...] = (("dfs", DFS_SUFFIX), ("blob", BLOB_SUFFIX))
    for surface, suffix in surfaces:
        if host.endswith(suffix):
            return surface, host.removesuffix(suffix)
    return None
