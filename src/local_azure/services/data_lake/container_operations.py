"""Filesystems as Resource Manager has them: containers of the blob service of an account.

https://learn.microsoft.com/rest/api/storagerp/blob-containers
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from azure_ids.storage import is_file_system_name
from local_azure.clock import azure_timestamp
from local_azure.http import Request, Response, ServiceError
from local_azure.resource_providers import Operation
from local_azure.resources import BLOB_CONTAINER
from local_azure.services.data_lake import continuation
from local_azure.services.data_lake.accounts import AccountDirectory, StorageAccount
from local_azure.services.data_lake.deleted_containers import remove
from local_azure.services.data_lake.leases import is_held, lease_headers
from local_azure.services.data_lake.nodes import SUPERUSER, DeletedFileSystem, FileSystem
from local_azure.services.data_lake.retention import begun_days
from local_azure.services.data_lake.store import LakeStore, position_in_list

_EVERY_VERSION: frozenset[str] = frozenset()
"""Resource Manager has looked at it already."""
_LARGEST_PAGE = 5000
_LISTING = frozenset({"$maxpagesize", "$filter", "$include", "$skiptoken"})
_AS_MADE: Mapping[str, Any] = {
    "publicAccess": "None",
    "defaultEncryptionScope": "$account-encryption-key",
    "denyEncryptionScopeOverride": False,
    "immutableStorageWithVersioning": {"enabled": False},
    "enableNfsV3RootSquash": False,
    "enableNfsV3AllSquash": False,
}
"""What a container can be told to be besides its metadata, and the only value of it that is served."""


class ContainerOperations:
    """The provider of Microsoft.Storage/storageAccounts/blobServices/containers."""

    def __init__(self, store: LakeStore, accounts: AccountDirectory) -> None:
        self._store = store
        self._accounts = accounts

    def find(self, method: str, below: str) -> Operation | None:
        """The operation on the container of that name, or on all of them where it is empty."""
        table: Mapping[str, tuple[str, Callable[[StorageAccount, str, Request], Response]]] = {
            "GET": ("read", self._get if below else self._list),
            "PUT": ("write", self._put),
            "PATCH": ("write", self._patch),
            "DELETE": ("delete", self._delete),
        }
        if method not in table:
            return None
        verb, handle = table[method]

        def answer(document: Mapping[str, Any], request: Request) -> Response:
            return handle(StorageAccount(str(document["name"]), dict(document)), below, request)

        query = _LISTING if handle == self._list else frozenset()
        return Operation(f"{BLOB_CONTAINER}/{verb}", _EVERY_VERSION, answer, query)

    def _list(self, account: StorageAccount, _: str, request: Request) -> Response:
        query = {name.lower(): value for name, value in request.query.items()}
        after = continuation.decode(query.get("$skiptoken", ""))
        size = _page_size(query.get("$maxpagesize", ""))
        if after is None:
            raise ServiceError(400, "InvalidQueryParameterValue", "listing containers: $skipToken is none of ours")
        prefix, included = query.get("$filter", ""), query.get("$include", "")
        if included not in ("", "deleted"):
            raise ServiceError(
                400, "InvalidQueryParameterValue", f"listing containers: $include {included!r} is unknown"
            )
        with self._store.transaction():
            found = self._store.listed_file_systems(account.name, prefix, after, bool(included))
            page = list(islice(found, size + 1))
        body: dict[str, Any] = {"value": [self._document(account, *each) for each in page[:size]]}
        if len(page) > size:
            following = {**query, "$skiptoken": continuation.encode(position_in_list(*page[size - 1]))}
            body["nextLink"] = f"https://{request.host}{quote(request.path)}?{urlencode(following)}"
        return Response.json(200, body)

    def _get(self, account: StorageAccount, name: str, request: Request) -> Response:
        return Response.json(200, self._document(account, self._existing(account, name)))

    def _put(self, account: StorageAccount, name: str, request: Request) -> Response:
        if not is_file_system_name(name):
            cause = f"creating container {name}: the specified resource name is not valid"
            expected = "3 to 63 lower-case letters, digits and single hyphens, with a letter or digit at both ends"
            raise ServiceError(400, "InvalidResourceName", f"{cause}\nexpected {expected}")
        given = _given(account, name, request)
        with self._store.transaction():
            found = self._store.file_system(account.name, name)
            # the service makes it, so its root belongs to nobody in the directory
            made = found or self._store.make_file_system(account.name, name, SUPERUSER)
            changed = self._with_metadata(made, given)
        return Response.json(201 if found is None else 200, self._document(account, changed))

    def _patch(self, account: StorageAccount, name: str, request: Request) -> Response:
        given = _given(account, name, request)
        with self._store.transaction():
            changed = self._with_metadata(self._existing(account, name), given)
        return Response.json(200, self._document(account, changed))

    def _delete(self, account: StorageAccount, name: str, request: Request) -> Response:
        with self._store.transaction():
            found = self._store.file_system(account.name, name)
            if found is None:
                return Response(204)
            if is_held(found.lease, self._store.now()):
                cause = f"deleting container {name}: there is currently a lease on the container"
                raise ServiceError(412, "LeaseIdMissing", f"{cause}\nexpected none: release or break it first")
            remove(self._store, self._accounts, account, found)
        return Response(200)

    def _existing(self, account: StorageAccount, name: str) -> FileSystem:
        found = self._store.file_system(account.name, name)
        if found is None:
            raise ServiceError(404, "ContainerNotFound", f"The specified container {name} does not exist.")
        return found

    def _with_metadata(self, found: FileSystem, given: Mapping[str, Any]) -> FileSystem:
        metadata = given.get("metadata")
        if metadata is None or metadata == found.metadata:
            return found
        changed = replace(found, metadata=metadata, modified=self._store.now(), etag=self._store.fresh_etag())
        self._store.put_file_system(changed)
        return changed

    def _document(
        self, account: StorageAccount, found: FileSystem, kept: DeletedFileSystem | None = None
    ) -> dict[str, Any]:
        lease = lease_headers(found.lease, self._store.now())
        properties: dict[str, Any] = {
            "deleted": False,
            "remainingRetentionDays": 0,
            "defaultEncryptionScope": _AS_MADE["defaultEncryptionScope"],
            "denyEncryptionScopeOverride": False,
            "publicAccess": "None",
            "leaseStatus": lease["x-ms-lease-status"].capitalize(),
            "leaseState": lease["x-ms-lease-state"].capitalize(),
            "lastModifiedTime": azure_timestamp(datetime.fromtimestamp(found.modified / 1_000_000, UTC)),
            "hasImmutabilityPolicy": False,
            "hasLegalHold": False,
        }
        if "x-ms-lease-duration" in lease:
            properties["leaseDuration"] = lease["x-ms-lease-duration"].capitalize()
        if found.metadata:
            properties["metadata"] = dict(found.metadata)
        if kept is not None:
            properties |= self._retention(kept)
        return {
            "id": account.container_id(found.name),
            "name": found.name,
            "type": BLOB_CONTAINER,
            "etag": f'"{found.etag}"',
            "properties": properties,
        }

    def _retention(self, kept: DeletedFileSystem) -> dict[str, Any]:
        return {
            "version": kept.version,
            "deleted": True,
            "deletedTime": azure_timestamp(datetime.fromtimestamp(kept.moment / 1_000_000, UTC)),
            "remainingRetentionDays": begun_days(kept.ends, self._store.now()),
            "leaseStatus": "Unlocked",
            "leaseState": "Expired",
        }


def _given(account: StorageAccount, name: str, request: Request) -> Mapping[str, Any]:
    """The properties of a body; raises ServiceError for every one that would be ignored."""
    given: Mapping[str, Any] = request.json().get("properties") or {}
    if given.get("publicAccess", "None") != "None" and not account.public_access_is_allowed:
        cause = "public access is not permitted on this storage account"
        raise ServiceError(409, "PublicAccessNotPermitted", f"writing container {name}: {cause}")
    refused = [key for key, value in _AS_MADE.items() if key in given and given[key] != value]
    if refused:
        told = ", ".join(f"properties.{key} {given[key]!r}" for key in refused)
        raise ServiceError(501, "PropertyNotServed", f"writing container {name} with {told}: not served here")
    return given


def _page_size(text: str) -> int:
    if not text:
        return _LARGEST_PAGE
    if not text.isdecimal() or int(text) == 0:
        cause = f"listing containers: $maxpagesize {text!r} is no number above 0"
        raise ServiceError(400, "InvalidQueryParameterValue", cause)
    return min(int(text), _LARGEST_PAGE)
