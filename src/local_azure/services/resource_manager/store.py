"""What Resource Manager remembers: resources, soft-deleted vaults, running operations; no HTTP here."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from azure_ids.arm import GROUP_TYPE, ArmId
from local_azure.account_keys import AccountKeys
from local_azure.authorization import within
from local_azure.clock import azure_timestamp
from local_azure.context import ServiceContext
from local_azure.resources import KEY_VAULT, STORAGE_ACCOUNT
from local_azure.services.resource_manager import errors

LOCATIONS: dict[str, str] = {
    "westeurope": "West Europe",
    "northeurope": "North Europe",
    "germanywestcentral": "Germany West Central",
    "francecentral": "France Central",
    "swedencentral": "Sweden Central",
    "switzerlandnorth": "Switzerland North",
    "uksouth": "UK South",
    "eastus": "East US",
    "eastus2": "East US 2",
    "westus2": "West US 2",
    "westus3": "West US 3",
    "centralus": "Central US",
    "southcentralus": "South Central US",
    "canadacentral": "Canada Central",
    "australiaeast": "Australia East",
    "southeastasia": "Southeast Asia",
    "japaneast": "Japan East",
}
"""Regions by the name that answers carry."""


class ArmStore:
    """The rules about resources as such: groups hold them, deleting one takes its children and its role assignments."""

    def __init__(self, context: ServiceContext) -> None:
        self.context = context
        self.keys = AccountKeys(context.state)
        self._deleted_vaults = context.state.collection("arm-deleted-vaults")
        self._operations = context.state.collection("arm-operations")
        self._times = context.state.collection("arm-resource-times")

    def group(self, group_id: ArmId) -> dict[str, Any]:
        """The document of a resource group; raises ResourceGroupNotFound."""
        document = self.context.resources.get(str(ArmId(group_id.subscription_id, group_id.resource_group)))
        if document is None:
            raise errors.group_not_found(group_id.resource_group or "")
        return document

    def find(self, arm_id: ArmId) -> dict[str, Any] | None:
        """The document of a resource, or None."""
        return self.context.resources.get(str(arm_id))

    def get(self, arm_id: ArmId) -> dict[str, Any]:
        """The document of a resource; raises ResourceGroupNotFound or ResourceNotFound."""
        document = self.find(arm_id)
        if document is None:
            if arm_id.resource_group:
                self.group(arm_id)
            raise errors.resource_not_found(arm_id)
        return document

    def put(self, document: dict[str, Any]) -> None:
        """Writes a document under its id."""
        arm_id, now = document["id"], azure_timestamp(self.context.clock.now())
        with self.context.state.transaction():
            created = self.times(arm_id).get("createdTime", now)
            self._times.put(arm_id.lower(), {"createdTime": created, "changedTime": now})
            self.context.resources.put(arm_id, document)

    def times(self, arm_id: str) -> dict[str, str]:
        """When a resource was made and last changed (`createdTime`, `changedTime`), as far as that is known."""
        return self._times.get(arm_id.lower()) or {}

    def of_type(self, scope: str, resource_type: str) -> Iterator[dict[str, Any]]:
        """Documents of one type below a scope, ordered by id."""
        for _, document in self.context.resources.under(scope):
            if document["type"].lower() == resource_type.lower():
                yield document

    def delete(self, arm_id: ArmId) -> bool:
        """Removes a resource with all below it; False when there was none. A vault is only soft-deleted."""
        document = self.find(arm_id)
        if document is None:
            return False
        for _, inner in sorted(self.context.resources.under(str(arm_id)), reverse=True):
            self._remove(inner)
        self._remove(document)
        return True

    def _remove(self, document: dict[str, Any]) -> None:
        resource_type, arm_id = document["type"].lower(), document["id"]
        self._times.delete(arm_id.lower())
        self.context.role_assignments.delete_under(arm_id)
        self.context.directory.remove_managed_identity(arm_id)
        if resource_type == KEY_VAULT.lower():
            key = document["name"].lower()
            self._deleted_vaults.put(key, {**document, "_deletedOn": azure_timestamp(self.context.clock.now())})
            self.context.resources.delete(arm_id, keep_data=True)
            return
        if resource_type == STORAGE_ACCOUNT.lower():
            self.keys.remove(document["name"])
        self.context.resources.delete(arm_id)

    def deleted_vault(self, name: str) -> dict[str, Any] | None:
        """The soft-deleted vault of that name, or None; names are global. One whose time is over is purged."""
        found = self._deleted_vaults.get(name.lower())
        if found is None or self.context.clock.now() < purge_moment(found):
            return found
        self._deleted_vaults.delete(name.lower())
        self.context.resources.forget(found)
        return None

    def deleted_vaults(self) -> Iterator[dict[str, Any]]:
        """All soft-deleted vaults."""
        names = [name for name, _ in self._deleted_vaults.scan()]
        return (found for name in names if (found := self.deleted_vault(name)) is not None)

    def purge_vault(self, name: str) -> None:
        """Removes a soft-deleted vault for good, with its secrets."""
        document = self.deleted_vault(name)
        self._deleted_vaults.delete(name.lower())
        if document is not None:
            self.context.resources.forget(document)

    def take_deleted_vault(self, name: str) -> dict[str, Any] | None:
        """Takes a soft-deleted vault out again, to recover it."""
        document = self.deleted_vault(name)
        self._deleted_vaults.delete(name.lower())
        if document is not None:
            document.pop("_deletedOn", None)
        return document

    def start_operation(self, result: dict[str, Any] | None = None) -> str:
        """Begins a long-running operation that ends with `result`; gives its id."""
        operation_id = str(uuid.uuid4())
        started = azure_timestamp(self.context.clock.now())
        document = {"polls": self.context.settings.lro_polls, "result": result, "started": started}
        self._operations.put(operation_id, document)
        return operation_id

    def poll_operation(self, operation_id: str) -> tuple[bool, dict[str, Any]] | None:
        """(done, document) of an operation, counting this poll; None for an id that was never given out."""
        with self.context.state.transaction():
            document = self._operations.get(operation_id)
            if document is None:
                return None
            if document["polls"] <= 0:
                return True, document
            document["polls"] -= 1
            self._operations.put(operation_id, document)
            return False, document


def purge_moment(vault: dict[str, Any]) -> datetime:
    """When a soft-deleted vault is purged by itself."""
    deleted_on = datetime.fromisoformat(str(vault["_deletedOn"]).replace("0Z", "+00:00"))
    return deleted_on + timedelta(days=int(vault["properties"]["softDeleteRetentionInDays"]))


def normal_location(location: str) -> str:
    """'West Europe' as 'westeurope'; raises ServiceError for a region that is not known."""
    name = location.replace(" ", "").lower()
    if name not in LOCATIONS:
        raise errors.location_unknown(location, LOCATIONS)
    return name


def is_direct_member(document: dict[str, Any], group_id: str) -> bool:
    """Whether a document is a top-level resource of a group (a vault), not a part of one (a firewall rule)."""
    arm_id = ArmId.parse(document["id"])
    return document["type"] != GROUP_TYPE and len(arm_id.segments) == 1 and within(document["id"], group_id)
