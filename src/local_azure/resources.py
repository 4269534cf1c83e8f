"""The documents of Resource Manager by id: written by the resource-manager service, only read by the data planes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from azure_ids.private_links import KEY_VAULT, SQL_SERVER, STORAGE_ACCOUNT, SYNAPSE_WORKSPACE
from local_azure.state import State

__all__ = [
    "BLOB_CONTAINER",
    "DATA_FACTORY",
    "KEY_VAULT",
    "PRIVATE_DNS_ZONE",
    "PRIVATE_ENDPOINT",
    "SQL_SERVER",
    "STORAGE_ACCOUNT",
    "SYNAPSE_WORKSPACE",
    "VAULT_SECRET",
    "VIRTUAL_NETWORK",
    "ResourceRegistry",
]

VAULT_SECRET = f"{KEY_VAULT}/secrets"
BLOB_CONTAINER = f"{STORAGE_ACCOUNT}/blobServices/containers"
DATA_FACTORY = "Microsoft.DataFactory/factories"
VIRTUAL_NETWORK = "Microsoft.Network/virtualNetworks"
PRIVATE_DNS_ZONE = "Microsoft.Network/privateDnsZones"
PRIVATE_ENDPOINT = "Microsoft.Network/privateEndpoints"

_SUFFIXES = (
    (".dfs.core.windows.net", STORAGE_ACCOUNT),
    (".blob.core.windows.net", STORAGE_ACCOUNT),
    (".vault.azure.net", KEY_VAULT),
    (".dev.azuresynapse.net", SYNAPSE_WORKSPACE),
)
"""Host suffix to the resource type whose global name stands before it."""


class ResourceRegistry:
    """ARM documents ({"id", "name", "type", "location", "properties", …}) by lower-cased ARM id."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._documents = state.collection("arm-resources")
        self._global_names = state.collection("arm-global-names")
        self._removal_listeners: list[Callable[[dict[str, Any]], None]] = []

    def when_removed(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """Calls `listener` with the document of each resource that is gone for good, so that its data can go."""
        self._removal_listeners.append(listener)

    def get(self, arm_id: str) -> dict[str, Any] | None:
        """The document of a resource, a copy, or None; ids compare without regard to case."""
        return self._documents.get(arm_id.lower())

    def put(self, arm_id: str, document: dict[str, Any]) -> None:
        """Writes a document and, for types with a global name, the name that finds it."""
        with self._state.transaction():
            self._documents.put(arm_id.lower(), document)
            key = _global_key(str(document.get("type", "")), str(document.get("name", "")))
            if key:
                self._global_names.put(key, {"id": arm_id.lower()})

    def delete(self, arm_id: str, *, keep_data: bool = False) -> bool:
        """Removes a document and its global name; False without one. `keep_data`: it may come back (soft delete)."""
        with self._state.transaction():
            document = self.get(arm_id)
            if document is None:
                return False
            key = _global_key(str(document.get("type", "")), str(document.get("name", "")))
            if key:
                self._global_names.delete(key)
            self._documents.delete(arm_id.lower())
        if not keep_data:
            self.forget(document)
        return True

    def forget(self, document: dict[str, Any]) -> None:
        """Tells everyone who keeps data of a resource that it will not come back."""
        for listener in self._removal_listeners:
            listener(document)

    def find(self, resource_type: str, name: str) -> dict[str, Any] | None:
        """The storage account, vault or workspace of that global name, or None."""
        key = _global_key(resource_type, name)
        found = self._global_names.get(key) if key else None
        return self.get(found["id"]) if found else None

    def of_host(self, host: str) -> dict[str, Any] | None:
        """The resource that a data-plane host name stands for (`acct.dfs.core.windows.net`), or None."""
        for suffix, resource_type in _SUFFIXES:
            if host.endswith(suffix):
                return self.find(resource_type, host.removesuffix(suffix))
        return None

    def under(self, scope: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every resource below a scope, with its lower-cased id, ordered by id; the scope itself is not one of them."""
        return self._documents.scan(prefix=scope.lower().rstrip("/") + "/")


def is_data_plane_host(host: str) -> bool:
    """Whether a host name belongs to a storage account, a vault or a workspace, existing or not."""
    return any(host.endswith(suffix) for suffix, _ in _SUFFIXES)


def _global_key(resource_type: str, name: str) -> str | None:
    known = {each.lower() for _, each in _SUFFIXES}
    return f"{resource_type.lower()}|{name.lower()}" if resource_type.lower() in known else None
