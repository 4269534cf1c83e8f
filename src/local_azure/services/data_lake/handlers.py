"""The table of routes: what a request is, which function answers it, and what else it may carry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from local_azure.http import Response
from local_azure.services.data_lake import (
    access_control,
    append_blobs,
    batches,
    blobs,
    copies,
    delegation_handlers,
    deleted_containers,
    expiry,
    file_systems,
    lease_handlers,
    listings,
    paths,
    reads,
    service_settings,
    snapshots,
    soft_delete,
    tag_searches,
    tags,
    writes,
)
from local_azure.services.data_lake.call import CRC64, STRUCTURED, STRUCTURED_LENGTH, Call
from local_azure.services.data_lake.errors import Surface
from local_azure.services.data_lake.wire import SOURCE_AUTHORIZATION, TRANSACTION_HEADER

Level = Literal["service", "file_system", "path"]


@dataclass(frozen=True)
class Route:
    """One operation; `selector` is what tells it from others of the same method: `comp=list`, `action=append` …"""

    name: str
    surface: Surface
    level: Level
    method: str
    selector: str
    handle: Callable[[Call], Response]
    query: frozenset[str]
    headers: frozenset[str]
    takes_metadata: bool = False


_LEASE = ("x-ms-lease-id",)
_CONTENT = tuple(
    f"x-ms-{each}"
    for each in ("cache-control", "content-type", "content-disposition", "content-encoding", "content-language")
)
_BLOB_CONTENT = (*(each.replace("x-ms-", "x-ms-blob-") for each in _CONTENT), "x-ms-blob-content-md5")
_SOURCE = tuple(
    f"x-ms-source-{each}" for each in ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since")
)
_COPYING = ("x-ms-copy-source", SOURCE_AUTHORIZATION, "x-ms-source-if-tags", *_SOURCE)
_IF_TAGS = ("x-ms-if-tags",)
_ON_BLOB = (*_LEASE, *_IF_TAGS)
_ON_TAGS = (
    *_ON_BLOB,
    *(f"x-ms-blob-{each}" for each in ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since")),
)
_SNAPSHOT = ("snapshot",)
_FINDING = ("where", "marker", "maxresults")
_ACCESS = ("x-ms-owner", "x-ms-group", "x-ms-permissions", "x-ms-acl")
_LEASING_BY_WRITE = ("x-ms-lease-action", "x-ms-lease-duration", "x-ms-proposed-lease-id", *_LEASE)
_LEASING = ("x-ms-lease-action", "x-ms-lease-duration", "x-ms-lease-break-period", "x-ms-proposed-lease-id", *_LEASE)
_READING = ("x-ms-range", *reads.CHECKED_RANGES, "x-ms-upn", STRUCTURED, *_LEASE)
_CHECKED = (CRC64, STRUCTURED, STRUCTURED_LENGTH)
_CREATING = (
    *_CONTENT,
    *_ACCESS,
    *_LEASE,
    *expiry.HEADERS,
    "x-ms-properties",
    "x-ms-umask",
    "x-ms-proposed-lease-id",
    "x-ms-lease-duration",
    TRANSACTION_HEADER,
)


def _dfs(
    name: str,
    level: Level,
    method: str,
    selector: str,
    handle: Callable[[Call], Response],
    query: Iterable[str] = (),
    headers: Iterable[str] = (),
) -> Route:
    own = frozenset(part.partition("=")[0] for part in selector.split("&") if "=" in part)
    return Route(name, "dfs", level, method, selector, handle, own | frozenset(query), frozenset(headers))


def _blob(
    name: str,
    level: Level,
    method: str,
    selector: str,
    handle: Callable[[Call], Response],
    query: Iterable[str] = (),
    headers: Iterable[str] = (),
    metadata: bool = False,
) -> Route:
    own = frozenset(part.partition("=")[0] for part in selector.split("&") if "=" in part)
    known = own | frozenset(query)
    return Route(name, "blob", level, method, selector, handle, known, frozenset(headers), metadata)


_PAGED = ("continuation", "maxResults")
_ROUTES: tuple[Route, ...] = (
    _dfs("Filesystem List", "service", "GET", "resource=account", file_systems.list_all, ("prefix", *_PAGED)),
    _dfs(
        "Filesystem Create",
        "file_system",
        "PUT",
        "resource=filesystem",
        file_systems.create,
        (),
        ("x-ms-properties", "x-ms-blob-public-access"),
    ),
    _dfs("Filesystem Delete", "file_system", "DELETE", "resource=filesystem", file_systems.delete, (), _LEASE),
    _dfs("Filesystem Get Properties", "file_system", "HEAD", "resource=filesystem", file_systems.properties),
    _dfs(
        "Filesystem Set Properties",
        "file_system",
        "PATCH",
        "resource=filesystem",
        file_systems.set_metadata,
        (),
        ("x-ms-properties",),
    ),
    _dfs(
        "Path List",
        "file_system",
        "GET",
        "resource=filesystem",
        listings.list_paths,
        ("directory", "recursive", "upn", "beginFrom", *_PAGED),
    ),
    _dfs("Path Create", "path", "PUT", "resource=file", paths.create_file, (), _CREATING),
    _dfs("Path Create", "path", "PUT", "resource=directory", paths.create_directory, (), _CREATING),
    _dfs(
        "Path Rename",
        "path",
        "PUT",
        "rename",
        paths.rename,
        ("mode",),
        ("x-ms-rename-source", "x-ms-source-lease-id", TRANSACTION_HEADER, *_CONTENT, *_SOURCE, *_LEASE),
    ),
    _dfs(
        "Path Append",
        "path",
        "PATCH",
        "action=append",
        writes.append,
        ("position", "flush"),
        (*_CHECKED, *_LEASING_BY_WRITE),
    ),
    _dfs(
        "Path Flush",
        "path",
        "PATCH",
        "action=flush",
        writes.flush,
        ("position", "close", "retainUncommittedData"),
        (*_CONTENT, *_LEASING_BY_WRITE, "x-ms-content-md5"),
    ),
    _dfs(
        "Path Set Properties",
        "path",
        "PATCH",
        "action=setProperties",
        paths.set_properties,
        (),
        (*_CONTENT, *_LEASE, "x-ms-properties"),
    ),
    _dfs(
        "Path Set Access Control",
        "path",
        "PATCH",
        "action=setAccessControl",
        access_control.set_access_control,
        (),
        (*_ACCESS, *_LEASE),
    ),
    _dfs(
        "Path Set Access Control Recursive",
        "path",
        "PATCH",
        "action=setAccessControlRecursive",
        access_control.set_access_control_recursive,
        ("mode", "continuation", "maxRecords", "forceFlag"),
        ("x-ms-acl",),
    ),
    _dfs("Path Lease", "path", "POST", "", lease_handlers.lease_path, (), _LEASING),
    _dfs("Path Read", "path", "GET", "", reads.download, (), _READING),
    _dfs("Path Get Properties", "path", "HEAD", "", reads.describe, ("upn",), _READING),
    _dfs("Path Get Access Control", "path", "HEAD", "action=getAccessControl", access_control.get, ("upn",), _LEASE),
    _dfs("Path Check Access", "path", "HEAD", "action=checkAccess", access_control.check_access, ("fsAction",)),
    _dfs("Path Get Status", "path", "HEAD", "action=getStatus", access_control.get_status, ("upn",), _LEASE),
    _dfs("Path Delete", "path", "DELETE", "", paths.delete_path, ("recursive", "continuation", "paginated"), _LEASE),
    _blob(
        "List Containers",
        "service",
        "GET",
        "comp=list",
        file_systems.list_all,
        ("prefix", "marker", "maxresults", "include"),
    ),
    _blob(
        "Get User Delegation Key",
        "service",
        "POST",
        "comp=userdelegationkey&restype=service",
        delegation_handlers.delegation_key,
    ),
    _blob(
        "Get Blob Service Properties",
        "service",
        "GET",
        "comp=properties&restype=service",
        service_settings.service_properties,
    ),
    _blob(
        "Set Blob Service Properties",
        "service",
        "PUT",
        "comp=properties&restype=service",
        service_settings.set_service_properties,
    ),
    *(
        _blob(
            "Get Account Information",
            level,
            method,
            "comp=properties&restype=account",
            file_systems.account_information,
        )
        for level in ("service", "file_system", "path")
        for method in ("GET", "HEAD")
    ),
    _blob(
        "Create Container",
        "file_system",
        "PUT",
        "restype=container",
        file_systems.create,
        (),
        ("x-ms-blob-public-access",),
        True,
    ),
    _blob("Delete Container", "file_system", "DELETE", "restype=container", file_systems.delete, (), _LEASE),
    _blob(
        "Restore Container",
        "file_system",
        "PUT",
        "comp=undelete&restype=container",
        deleted_containers.restore,
        (),
        (deleted_containers.NAME, deleted_containers.VERSION),
    ),
    *(
        _blob("Get Container Properties", "file_system", method, selector, file_systems.properties, (), _LEASE)
        for method in ("GET", "HEAD")
        for selector in ("restype=container", "comp=metadata&restype=container")
    ),
    _blob(
        "Set Container Metadata",
        "file_system",
        "PUT",
        "comp=metadata&restype=container",
        file_systems.set_metadata,
        (),
        _LEASE,
        True,
    ),
    *(
        _blob(
            "Get Container ACL",
            "file_system",
            method,
            "comp=acl&restype=container",
            file_systems.access_policies,
            (),
            _LEASE,
        )
        for method in ("GET", "HEAD")
    ),
    _blob(
        "Set Container ACL",
        "file_system",
        "PUT",
        "comp=acl&restype=container",
        file_systems.set_access_policies,
        (),
        ("x-ms-blob-public-access", *_LEASE),
    ),
    _blob(
        "Lease Container",
        "file_system",
        "PUT",
        "comp=lease&restype=container",
        lease_handlers.lease_file_system,
        (),
        _LEASING,
    ),
    _blob(
        "List Blobs",
        "file_system",
        "GET",
        "comp=list&restype=container",
        listings.list_blobs,
        ("prefix", "delimiter", "marker", "maxresults", "include", "showonly", "startFrom"),
    ),
    _blob("Blob Batch", "service", "POST", "comp=batch", batches.answer_batch),
    _blob("Blob Batch", "file_system", "POST", "comp=batch&restype=container", batches.answer_batch),
    _blob("Get Blob", "path", "GET", "", reads.download, _SNAPSHOT, (*_READING, *_IF_TAGS)),
    _blob(
        "Get Blob Properties",
        "path",
        "HEAD",
        "",
        reads.describe,
        ("upn", *_SNAPSHOT),  # Hadoop's driver says it on both endpoints
        (*_READING, *_IF_TAGS),
    ),
    _blob("Get Blob Metadata", "path", "HEAD", "comp=metadata", reads.describe, _SNAPSHOT, (*_READING, *_IF_TAGS)),
    _blob(
        "Put Blob",
        "path",
        "PUT",
        "",
        blobs.put_blob,
        (),
        ("x-ms-blob-type", *blobs.OF_PAGES, "x-ms-access-tier", *_BLOB_CONTENT, *_ON_BLOB, tags.HEADER, *_CHECKED),
        True,
    ),
    _blob(
        "Copy Blob",
        "path",
        "PUT",
        "copy",
        copies.copy_blob,
        (),
        (*_COPYING, "x-ms-requires-sync", "x-ms-access-tier", "x-ms-copy-source-tag-option", *_ON_BLOB, tags.HEADER),
        True,
    ),
    _blob("Abort Copy Blob", "path", "PUT", "comp=copy", copies.abort, ("copyid",), ("x-ms-copy-action", *_LEASE)),
    _blob(
        "Put Blob From URL",
        "path",
        "PUT",
        "from-url",
        copies.put_blob_from_url,
        (),
        (
            *_COPYING,
            "x-ms-source-content-md5",
            "x-ms-copy-source-blob-properties",
            "x-ms-blob-type",
            "x-ms-access-tier",
            "x-ms-copy-source-tag-option",
            *_BLOB_CONTENT,
            *_ON_BLOB,
            tags.HEADER,
        ),
        True,
    ),
    _blob(
        "Put Block From URL",
        "path",
        "PUT",
        "comp=block&from-url",
        copies.put_block_from_url,
        ("blockid",),
        (*_COPYING, "x-ms-source-content-md5", "x-ms-source-range", *_LEASE),
        True,
    ),
    _blob(
        "Append Block",
        "path",
        "PUT",
        "comp=appendblock",
        append_blobs.append_block,
        (),
        (*append_blobs.CONDITIONS, *_ON_BLOB, *_CHECKED),
        True,
    ),
    _blob(
        "Append Block From URL",
        "path",
        "PUT",
        "comp=appendblock&from-url",
        copies.append_block_from_url,
        (),
        (*append_blobs.CONDITIONS, *_COPYING, "x-ms-source-content-md5", "x-ms-source-range", *_ON_BLOB),
    ),
    _blob("Put Block", "path", "PUT", "comp=block", blobs.put_block, ("blockid",), (*_LEASE, *_CHECKED), True),
    _blob(
        "Put Block List",
        "path",
        "PUT",
        "comp=blocklist",
        blobs.put_block_list,
        ("close",),  # Hadoop's driver says on both endpoints whether it writes on; here nobody waits for it
        ("x-ms-access-tier", *_BLOB_CONTENT, *_ON_BLOB, tags.HEADER, CRC64),
        True,
    ),
    _blob("Get Block List", "path", "GET", "comp=blocklist", blobs.block_list, ("blocklisttype", *_SNAPSHOT), _ON_BLOB),
    _blob("Set Blob Metadata", "path", "PUT", "comp=metadata", paths.set_metadata, (), _ON_BLOB, True),
    _blob(
        "Set Blob Properties",
        "path",
        "PUT",
        "comp=properties",
        paths.set_content_headers,
        (),
        (*_BLOB_CONTENT, *_ON_BLOB, tags.HEADER),
    ),
    _blob(
        "Set Blob Tier",
        "path",
        "PUT",
        "comp=tier",
        paths.set_tier,
        _SNAPSHOT,
        ("x-ms-access-tier", "x-ms-rehydrate-priority", *_ON_BLOB),
    ),
    _blob("Undelete Blob", "path", "PUT", "comp=undelete", soft_delete.undelete, (), (soft_delete.SOURCE,)),
    _blob("Set Blob Expiry", "path", "PUT", "comp=expiry", expiry.set_expiry, (), (*expiry.HEADERS, *_LEASE)),
    _blob("Snapshot Blob", "path", "PUT", "comp=snapshot", snapshots.create_snapshot, (), _ON_BLOB, True),
    _blob("Get Blob Tags", "path", "GET", "comp=tags", tags.get_tags, _SNAPSHOT, _ON_TAGS),
    _blob("Set Blob Tags", "path", "PUT", "comp=tags", tags.set_tags, _SNAPSHOT, _ON_TAGS),
    _blob("Find Blobs by Tags", "service", "GET", "comp=blobs", tag_searches.find_blobs, _FINDING),
    _blob(
        "Find Blobs by Tags in Container",
        "file_system",
        "GET",
        "comp=blobs&restype=container",
        tag_searches.find_blobs,
        _FINDING,
    ),
    _blob("Lease Blob", "path", "PUT", "comp=lease", lease_handlers.lease_path, (), (*_LEASING, *_IF_TAGS)),
    _blob("Delete Blob", "path", "DELETE", "", paths.delete_blob, _SNAPSHOT, ("x-ms-delete-snapshots", *_ON_BLOB)),
)
_BY_KEY = {(each.surface, each.level, each.method, each.selector): each for each in _ROUTES}


def find_route(call: Call) -> Route | None:
    """The route of a request, or None."""
    return _BY_KEY.get((call.surface, _level(call), call.request.method, _selector(call)))


def _level(call: Call) -> Level:
    if not call.file_system:
        return "service"
    query = call.request.query
    names_file_system = "restype" in query or query.get("resource") == "filesystem"
    return "path" if call.names or (call.surface == "dfs" and not names_file_system) else "file_system"


def _selector(call: Call) -> str:
    query = call.request.query
    if call.surface == "blob":
        selector = "&".join(f"{name}={query[name].lower()}" for name in ("comp", "restype") if name in query)
        if "x-ms-copy-source" not in call.request.headers:
            return selector
        if selector:
            return f"{selector}&from-url"
        return "from-url" if "x-ms-blob-type" in call.request.headers else "copy"
    if "x-ms-rename-source" in call.request.headers:
        return "rename"
    return "&".join(f"{name}={query[name]}" for name in ("action", "resource", "comp", "restype") if name in query)
