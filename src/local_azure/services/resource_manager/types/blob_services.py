"""The blob service of a storage account: one document named `default`, there from the account's first day.

https://learn.microsoft.com/rest/api/storagerp/blob-services
"""

from __future__ import annotations

from typing import Any

from azure.mgmt.storage.v2023_05_01 import models

from local_azure.blob_service import BLOB_SERVICES, DAYS_KEPT, service_document
from local_azure.http import Response, ServiceError
from local_azure.resources import STORAGE_ACCOUNT
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import Call, Route, listing
from local_azure.services.resource_manager.store import ArmStore
from local_azure.services.resource_manager.types.storage_accounts import account_id

_ACCOUNT = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{STORAGE_ACCOUNT}/{{account}}"
_NOT_WITH_HIERARCHY = ("isVersioningEnabled", "restorePolicy")
_NOT_SERVED = ("automaticSnapshotPolicyEnabled", "changeFeed", "lastAccessTimeTrackingPolicy", *_NOT_WITH_HIERARCHY)
"""What can be switched on on Azure and would have no effect here."""


def routes(store: ArmStore) -> list[Route]:
    """BlobServicesOperations."""

    def route(method: str, template: str, handle: Any, action: str) -> Route:
        return Route(method, template, handle, action, _ACCOUNT, api_versions.STORAGE, BLOB_SERVICES)

    return [
        route("GET", f"{_ACCOUNT}/blobServices", _list, f"{BLOB_SERVICES}/read"),
        route("GET", f"{_ACCOUNT}/blobServices/default", _get, f"{BLOB_SERVICES}/read"),
        route("PUT", f"{_ACCOUNT}/blobServices/default", _put, f"{BLOB_SERVICES}/write"),
    ]


def _current(call: Call) -> dict[str, Any]:
    account = call.store.get(account_id(call))
    stored = call.store.find(account_id(call).child("blobServices", "default"))
    return stored or service_document(account, {})


def _list(call: Call) -> Response:
    return listing([_current(call)])


def _get(call: Call) -> Response:
    return Response.json(200, _current(call))


def _put(call: Call) -> Response:
    account = call.store.get(account_id(call))
    given = call.body(models, "BlobServiceProperties").get("properties", {})
    for name in ("deleteRetentionPolicy", "containerDeleteRetentionPolicy"):
        policy = given.get(name) or {}
        if policy.get("enabled") and int(policy.get("days") or 0) not in DAYS_KEPT:
            raise errors.property_invalid(f"properties.{name}.days", "expected 1 to 365 where the policy is enabled")
    _check_features(account, given)
    document = service_document(account, given)
    call.store.put(document)
    return Response.json(200, document)


def _check_features(account: dict[str, Any], given: dict[str, Any]) -> None:
    """Raises ServiceError for what the account cannot have, and for what the local Azure would not do."""
    switched_on = [name for name in _NOT_SERVED if _is_on(given, name)]
    impossible = [name for name in switched_on if name in _NOT_WITH_HIERARCHY]
    if impossible and account["properties"].get("isHnsEnabled"):
        cause = f"{impossible[0]} is not supported for the account: it has a hierarchical namespace."
        raise ServiceError(400, "FeatureNotSupportedForAccount", cause)
    if switched_on:
        told = ", ".join(f"properties.{name}" for name in switched_on)
        cause = f"writing the blob service of {account['name']} with {told} switched on: not served here"
        raise ServiceError(501, "PropertyNotServed", cause)


def _is_on(given: dict[str, Any], name: str) -> bool:
    wanted = given.get(name)
    return bool(wanted.get("enabled", wanted.get("enable")) if isinstance(wanted, dict) else wanted)
