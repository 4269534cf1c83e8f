"""Filesystems, which the Blob endpoint calls containers: create, delete, describe, list.

https://learn.microsoft.com/rest/api/storageservices/operations-on-containers
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from azure_ids.storage import is_file_system_name
from local_azure.http import Response
from local_azure.services.data_lake import continuation, errors
from local_azure.services.data_lake.access_policies import given_policies
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.conditions import check_write
from local_azure.services.data_lake.deleted_containers import remove
from local_azure.services.data_lake.lease_handlers import check_lease, require_lease
from local_azure.services.data_lake.leases import lease_headers
from local_azure.services.data_lake.nodes import DeletedFileSystem, FileSystem
from local_azure.services.data_lake.retention import begun_days
from local_azure.services.data_lake.store import position_in_list
from local_azure.services.data_lake.wire import (
    Xml,
    elements,
    http_date,
    properties_header,
    version_headers,
    xml_response,
)

_LARGEST_PAGE = 5000
_INCLUDED = frozenset({"metadata", "deleted", "system"})
_EMPTY_POLICIES = "<SignedIdentifiers />"
_NO_LEASE = {"x-ms-lease-status": "unlocked", "x-ms-lease-state": "expired"}
"""What is told of the lease of a deleted container (recorded)."""
_Line = tuple[FileSystem, DeletedFileSystem | None]


def create(call: Call) -> Response:
    """A new filesystem with an empty root directory; the caller owns it."""
    if not is_file_system_name(call.file_system):
        raise call.failure("InvalidResourceName")
    call.require(call.guard.may_manage_containers("write"))
    if call.header("x-ms-blob-public-access"):
        raise _public_access(call)
    store = call.store
    with store.transaction():
        if store.file_system(call.account.name, call.file_system) is not None:
            raise call.failure("FilesystemAlreadyExists")
        made = store.make_file_system(call.account.name, call.file_system, call.caller.object_id, call.metadata)
    return Response(201, {**version_headers(made), **_namespace(call)})


def _public_access(call: Call) -> Exception:
    if not call.account.public_access_is_allowed:
        return call.failure("PublicAccessNotPermitted")
    return errors.refused(call.surface, "opening a container to anonymous readers (header x-ms-blob-public-access)")


def _namespace(call: Call) -> dict[str, str]:
    """What the Data Lake endpoint says about the account."""
    return {"x-ms-namespace-enabled": str(call.account.is_hierarchical).lower()} if call.surface == "dfs" else {}


def delete(call: Call) -> Response:
    """The end of a filesystem and of all that is in it."""
    call.require(call.guard.may_manage_containers("delete"))
    with call.store.transaction():
        found = call.open_file_system()
        check_write(call, found)
        require_lease(call, found)
        remove(call.store, call.accounts, call.account, found)
    return Response(202)


def properties(call: Call) -> Response:
    """Properties and metadata of a filesystem."""
    call.require(call.guard.may_manage_containers("read"))
    found = call.open_file_system()
    check_lease(call, found)
    headers = version_headers(found) | lease_headers(found.lease, call.store.now()) | _namespace(call)
    headers |= {
        "x-ms-default-encryption-scope": "$account-encryption-key",
        "x-ms-deny-encryption-scope-override": "false",
        "x-ms-has-immutability-policy": "false",
        "x-ms-has-legal-hold": "false",
        "x-ms-immutable-storage-with-versioning-enabled": "false",
    }
    if call.surface == "dfs":
        headers["x-ms-properties"] = properties_header(found.metadata)
    else:
        headers |= {f"x-ms-meta-{name}": value for name, value in found.metadata.items()}
    return Response(200, headers)


def set_metadata(call: Call) -> Response:
    """Replaces the metadata of a filesystem."""
    call.require(call.guard.may_manage_containers("write"))
    store = call.store
    with store.transaction():
        found = call.open_file_system()
        check_write(call, found)
        check_lease(call, found)
        changed = replace(found, metadata=call.metadata, modified=store.now(), etag=store.fresh_etag())
        store.put_file_system(changed)
    return Response(200, version_headers(changed))


def access_policies(call: Call) -> Response:
    """Stored access policies; no container is open to anonymous readers.

    A key opens them, and since August 2025 a role. https://learn.microsoft.com/rest/api/storageservices/get-container-acl
    """
    call.require(call.guard.may_manage_containers("getAcl/action"))
    found = call.open_file_system()
    check_lease(call, found)
    body = f'<?xml version="1.0" encoding="utf-8"?>{found.access_policies or _EMPTY_POLICIES}'
    return Response(200, {"content-type": "application/xml", **version_headers(found)}, body.encode())


def set_access_policies(call: Call) -> Response:
    """Replaces the stored access policies, which signatures of the container and of its blobs may name."""
    call.require(call.guard.may_manage_containers("setAcl/action"))
    if call.header("x-ms-blob-public-access"):
        raise _public_access(call)
    policies = given_policies(call)
    store = call.store
    with store.transaction():
        found = call.open_file_system()
        check_write(call, found)
        check_lease(call, found)
        changed = replace(found, access_policies=policies, modified=store.now(), etag=store.fresh_etag())
        store.put_file_system(changed)
    return Response(200, version_headers(changed))


def list_all(call: Call) -> Response:
    """A page of the account's filesystems, in XML or JSON after the endpoint."""
    call.require(call.guard.may_list_containers())
    is_dfs = call.surface == "dfs"
    token_name, size_name = ("continuation", "maxResults") if is_dfs else ("marker", "maxresults")
    after = continuation.decode(call.query(token_name))
    if after is None:
        raise call.failure("InvalidQueryParameterValue", f"QueryParameterName: {token_name}")
    included = _included(call)
    size = call.count(size_name, _LARGEST_PAGE)
    with call.store.transaction():
        found = call.store.listed_file_systems(call.account.name, call.query("prefix"), after, "deleted" in included)
        page = list(islice(found, size + 1))
    token = continuation.encode(position_in_list(*page[size - 1])) if len(page) > size else ""
    return _json_page(page[:size], token) if is_dfs else _xml_page(call, page[:size], token, "metadata" in included)


def _included(call: Call) -> frozenset[str]:
    """What a list shall include; raises ServiceError for what it cannot. Containers of the service are none here."""
    wanted = frozenset(filter(None, call.query("include").lower().split(",")))
    if wanted - _INCLUDED:
        raise call.failure("InvalidQueryParameterValue", "QueryParameterName: include")
    return wanted


def _json_page(page: list[_Line], token: str) -> Response:
    value = [{"name": each.name, "etag": each.etag, "lastModified": http_date(each.modified)} for each, _ in page]
    return Response.json(200, {"filesystems": value}, {"x-ms-continuation": token} if token else {})


def _xml_page(call: Call, page: list[_Line], token: str, with_metadata: bool) -> Response:
    now = call.store.now()
    given = {"Prefix": "prefix", "Marker": "marker", "MaxResults": "maxresults"}
    parts = [Xml(name, call.query(key)) for name, key in given.items() if call.query(key)]
    parts.append(Xml("Containers", [Xml("Container", _described(*each, now, with_metadata)) for each in page]))
    parts.append(Xml("NextMarker", token))
    return xml_response(Xml("EnumerationResults", parts, ServiceEndpoint=f"https://{call.request.host}/"))


def _described(item: FileSystem, kept: DeletedFileSystem | None, now: int, with_metadata: bool) -> Iterator[Xml]:
    lease = lease_headers(item.lease, now) if kept is None else _NO_LEASE
    values: dict[str, Any] = {
        "Last-Modified": http_date(item.modified),
        "Etag": f'"{item.etag}"',
        "LeaseStatus": lease["x-ms-lease-status"],
        "LeaseState": lease["x-ms-lease-state"],
    }
    if "x-ms-lease-duration" in lease:
        values["LeaseDuration"] = lease["x-ms-lease-duration"]
    values |= {
        "DefaultEncryptionScope": "$account-encryption-key",
        "DenyEncryptionScopeOverride": "false",
        "HasImmutabilityPolicy": "false",
        "HasLegalHold": "false",
        "ImmutableStorageWithVersioningEnabled": "false",
    }
    yield Xml("Name", item.name)
    if kept is not None:
        yield from elements({"Deleted": "true", "Version": kept.version})
        days = begun_days(kept.ends, now)
        values |= {"DeletedTime": http_date(kept.moment), "RemainingRetentionDays": days}
    yield Xml("Properties", elements(values))
    if with_metadata:
        yield Xml("Metadata", elements(item.metadata))


def account_information(call: Call) -> Response:
    """SKU and kind of the account."""
    call.require(call.guard.may_read_account())
    headers = {
        "x-ms-sku-name": call.account.sku,
        "x-ms-account-kind": call.account.kind,
        "x-ms-is-hns-enabled": str(call.account.is_hierarchical).lower(),
    }
    return Response(200, headers)
