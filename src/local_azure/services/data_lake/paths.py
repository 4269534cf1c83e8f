"""Files and directories: create, rename, delete, describe.

https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from local_azure.http import Response, ServiceError
from local_azure.services.data_lake import continuation
from local_azure.services.data_lake.access import Guard
from local_azure.services.data_lake.call import Call, split_path
from local_azure.services.data_lake.conditions import check_create, check_source, check_write
from local_azure.services.data_lake.creation import (
    changed_access,
    guard_of_source,
    ownership,
    place,
    tier_of,
    wishes_of,
)
from local_azure.services.data_lake.expiry import expiry_of
from local_azure.services.data_lake.lease_handlers import acquired_lease, require_lease
from local_azure.services.data_lake.nodes import APPEND_BLOB, Node, Trail
from local_azure.services.data_lake.snapshots import delete_snapshot, delete_snapshots
from local_azure.services.data_lake.soft_delete import removed
from local_azure.services.data_lake.wire import (
    ENCRYPTED,
    EXPIRY_TIME,
    STORED_HEADERS,
    TRANSACTION_HEADER,
    version_headers,
)

CHECKS_PER_REQUEST = 5000
"""Nodes below a directory whose ACLs one request of a paginated recursive delete looks at."""


def stored_headers(call: Call, prefix: str) -> dict[str, str]:
    """Headers of the content that a request sets: x-ms-content-type or x-ms-blob-content-type, and so on."""
    return {name: call.header(prefix + name) for name in STORED_HEADERS if call.header(prefix + name)}


def create_file(call: Call) -> Response:
    """An empty file, in place of one that is there."""
    return _create(call, False)


def create_directory(call: Call) -> Response:
    """A directory; one that is there stays, with its content and its ACL."""
    return _create(call, True)


def _create(call: Call, is_directory: bool) -> Response:
    wishes = wishes_of(call, is_directory)
    expires = expiry_of(call, call.store.now())
    if expires and is_directory:
        raise call.failure("InvalidHeaderValue", f"HeaderName: {EXPIRY_TIME}")
    fields: dict[str, Any] = {
        "expires": expires,
        "metadata": call.metadata,
        "headers": stored_headers(call, "x-ms-"),
        "transaction": call.header(TRANSACTION_HEADER),
    }
    with call.store.transaction():
        trail = call.open_trail()
        call.require(call.guard.may_create(trail))
        target = trail.target
        _check_missing(call, target)
        if target is not None:
            require_lease(call, target)
        if target is not None and target.is_directory and is_directory:
            made = _refreshed(call, target, fields)
        else:
            made = place(call, trail, is_directory, wishes, **fields)
        if call.header("x-ms-proposed-lease-id") or call.header("x-ms-lease-duration"):
            made = replace(made, lease=acquired_lease(call, made))
            call.store.put(made)
    return Response(201, {**version_headers(made), **ENCRYPTED})


def _check_missing(call: Call, target: Node | None) -> None:
    """As `check_create`; the refusal of what exists says what it is, which Hadoop's driver reads."""
    try:
        check_create(call, target)
    except ServiceError as error:
        if target is not None and error.code == "PathAlreadyExists":
            error.headers = {"x-ms-existing-resource-type": "directory" if target.is_directory else "file"}
        raise


def _refreshed(call: Call, directory: Node, fields: Mapping[str, Any]) -> Node:
    """A directory that was created once more: a new version, and access only as far as the request names it."""
    store = call.store
    changed = replace(directory, **fields, modified=store.now(), etag=store.fresh_etag())
    owner, group = ownership(call, directory)
    if call.header("x-ms-acl") or call.header("x-ms-permissions"):
        call.require(call.guard.is_superuser or call.guard.owns(directory))
        changed = changed_access(call, changed)
    if call.header("x-ms-owner"):
        changed = replace(changed, owner=owner)
    if call.header("x-ms-group"):
        changed = replace(changed, group=group)
    store.put(changed)
    return changed


def rename(call: Call) -> Response:
    """Gives a file or directory another path in the account, atomically; a file at the destination is replaced.

    What is renamed to an existing directory goes into it (Hadoop's tests against the service: `testRenameToRoot`). In
    the mode `legacy` a directory takes the place of one that is empty (a recording of azure-storage-file-datalake:
    `test_rename_from_an_unencoded_directory_in_another_file_system`).
    """
    if call.query("mode") not in ("", "legacy", "posix"):
        raise call.failure("InvalidQueryParameterValue", "QueryParameterName: mode")
    source_system, source_path, source_guard = _source_of(call)
    store = call.store
    with store.transaction():
        found = store.file_system(call.account.name, source_system)
        if found is None:
            raise call.failure("FilesystemNotFound")
        source_trail = store.trail(found, call.names_of(source_path))
        if source_trail.target is None:
            call.require(source_guard.may_see(source_trail))
            raise call.failure("SourcePathNotFound")
        source = source_trail.target
        trail = _destination(call, source)
        call.require(source_guard.may_move_from(source_trail, source) and call.guard.may_move_to(trail))
        check_create(call, trail.target)
        check_source(call, source)
        require_lease(call, source, "x-ms-source-lease-id")
        _check_destination(call, source, trail)
        moved = source if trail.target is source or trail.target == source else _move(call, source, trail)
        headers = {} if moved.is_directory else stored_headers(call, "x-ms-")
        if headers:
            store.put(replace(moved, headers={**moved.headers, **headers}))
    return Response(201, version_headers(moved))


def _source_of(call: Call) -> tuple[str, str, Guard]:
    """Filesystem and path in x-ms-rename-source, and what the caller may do there; raises ServiceError."""
    text, _, query = call.header("x-ms-rename-source").partition("?")
    file_system, path = split_path(text)
    if not text.startswith("/") or not file_system or not call.names_of(path):
        raise call.failure("InvalidSourceUri")
    return file_system, path, guard_of_source(call, call.account, query, text)


def _destination(call: Call, source: Node) -> Trail:
    trail = call.open_trail()
    target = trail.target
    if target is None or not target.is_directory or target.id == source.id:
        return trail
    if source.is_directory and call.query("mode") == "legacy" and target.parent_id and call.store.is_empty(target):
        return trail
    return call.store.trail(call.open_file_system(), (*call.names, source.name))


def _check_destination(call: Call, source: Node, trail: Trail) -> None:
    if len(trail.missing) > 1:
        raise call.failure("RenameDestinationParentPathNotFound")
    if source.is_directory and any(node.id == source.id for node in trail.nodes):
        raise call.failure("InvalidRenameSourcePath")
    target = trail.target
    if target is None:
        return
    require_lease(call, target)
    if target.is_directory != source.is_directory:
        raise call.failure("InvalidSourceOrDestinationResourceType")
    if target.is_directory and target.id != source.id and not call.store.is_empty(target):
        raise call.failure("DirectoryNotEmpty", "The destination of a rename must be empty.")


def _move(call: Call, source: Node, trail: Trail) -> Node:
    target = trail.target
    if target is not None:
        call.store.remove(target)
    name = target.name if target is not None else trail.missing[0]
    named = replace(source, transaction=call.header(TRANSACTION_HEADER))
    return call.store.move(named, trail.parents[-1].id, name)


def delete_path(call: Call) -> Response:
    """Deletes a file or directory; a directory with something in it only where `recursive` says so."""
    recursive = call.flag("recursive")
    after = continuation.decode(call.query("continuation"))
    if after is None:
        raise call.failure("InvalidQueryParameterValue", "QueryParameterName: continuation")
    with call.store.transaction():
        node = _deletable(call)
        if node.is_directory and recursive:
            token = _check_below(call, node, after)
            if token:
                return Response(200, {"x-ms-continuation": token})
        elif node.is_directory and not call.store.is_empty(node):
            raise call.failure("DirectoryNotEmpty")
        told = removed(call, node)
    return Response(200, told)


def delete_blob(call: Call) -> Response:
    """Deletes a blob, a snapshot of one, or a directory with nothing in it."""
    with call.store.transaction():
        if call.query("snapshot"):
            trail = call.open_trail()
            snapshot = call.open_version(trail)
            call.require(call.guard.may_delete(trail, snapshot))
            told = delete_snapshot(call, snapshot)
        else:
            told = _delete_blob_itself(call)
    return Response(202, told)


def _delete_blob_itself(call: Call) -> dict[str, str]:
    node = _deletable(call)
    if node.is_directory and not call.store.is_empty(node):
        raise call.failure("DirectoryNotEmpty")
    return delete_snapshots(call) or removed(call, node)


def _deletable(call: Call) -> Node:
    trail = call.open_trail()
    node = call.existing(trail)
    if not trail.parents:
        raise call.failure("InvalidUri", "The root directory can't be deleted.")
    call.require(call.guard.may_delete(trail, node))
    check_write(call, node)
    require_lease(call, node)
    return node


def _check_below(call: Call, directory: Node, after: tuple[str, ...]) -> str:
    """Asks every directory of a tree whether it may be emptied; a token when there are too many for one request."""
    if call.guard.has_role_for("delete"):
        return ""
    limit = CHECKS_PER_REQUEST if call.flag("paginated") else None
    if not after:
        _check_one(call, directory)
    for count, (path, node) in enumerate(call.store.walk(directory, after), start=1):
        if node.is_directory:
            _check_one(call, node)
        if count == limit:
            return continuation.encode(path)
    return ""


def _check_one(call: Call, directory: Node) -> None:
    children: Iterator[Node] = call.store.children(directory.id) if directory.is_sticky else iter(())
    call.require(call.guard.may_empty(directory, children))


def set_properties(call: Call) -> Response:
    """Replaces metadata and content headers of a file or directory (Data Lake endpoint)."""
    _require_below_root(call)
    headers = stored_headers(call, "x-ms-")
    given = {"metadata": call.metadata} if "x-ms-properties" in call.request.headers else {}
    return _updated(call, lambda node: {"headers": {**node.headers, **headers}, **given})


def _require_below_root(call: Call) -> None:
    """Raises ServiceError 400 for the root, which has no properties of its own (Hadoop's `testGetSetXAttrOnRoot`)."""
    if not call.names:
        raise call.failure("InvalidUri")


def set_metadata(call: Call) -> Response:
    """Replaces the metadata (Blob endpoint)."""
    metadata = call.metadata
    return _updated(call, lambda node: {"metadata": metadata}, encrypted=True)


def set_content_headers(call: Call) -> Response:
    """Replaces the content headers; those not given are gone (Blob endpoint)."""
    headers, md5 = stored_headers(call, "x-ms-blob-"), call.header("x-ms-blob-content-md5")
    return _updated(call, lambda node: {"headers": headers, "md5": md5})


def set_tier(call: Call) -> Response:
    """Sets the access tier."""
    if not call.header("x-ms-access-tier"):
        raise call.failure("MissingRequiredHeader", "HeaderName: x-ms-access-tier")
    tier = tier_of(call)
    if call.header("x-ms-rehydrate-priority") not in ("", "High", "Standard"):  # what comes back from Archive heeds it
        raise call.failure("InvalidHeaderValue", "HeaderName: x-ms-rehydrate-priority")
    with call.store.transaction():
        trail = call.open_trail()
        node = call.open_version(trail)
        call.require(call.guard.may_write(trail, node))
        if node.blob_type == APPEND_BLOB:
            raise call.failure("InvalidBlobType")
        check_write(call, node)
        call.store.put_version(replace(node, tier=tier, tier_changed=call.store.now()))
    return Response(200)


def _updated(call: Call, changes: Any, encrypted: bool = False) -> Response:
    with call.store.transaction():
        trail = call.open_trail()
        node = call.existing(trail)
        call.require(call.guard.may_write(trail, node))
        check_write(call, node)
        require_lease(call, node)
        changed = replace(node, **changes(node), modified=call.store.now(), etag=call.store.fresh_etag())
        call.store.put(changed)
    return Response(200, {**version_headers(changed), **(ENCRYPTED if encrypted else {})})
