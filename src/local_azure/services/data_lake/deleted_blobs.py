"""Blobs and snapshots that an account without hierarchy keeps for some days after they were deleted or replaced.

https://learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview#how-overwrites-are-handled-when-soft-delete-is-enabled
https://learn.microsoft.com/rest/api/storageservices/undelete-blob
"""

from __future__ import annotations

from dataclasses import replace

from local_azure.http import Response
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.nodes import DeletedPath, Node
from local_azure.services.data_lake.retention import end_of_retention

_BLOB_ITSELF = "~"
"""The id of what was a blob and no snapshot: there is one at a path at most, and it comes after all snapshots."""


def set_aside(call: Call, node: Node, ends: int) -> None:
    """Deletes a blob or a snapshot of it, and keeps it; belongs into a transaction."""
    kept = DeletedPath(call.path, node.snapshot or _BLOB_ITSELF, call.store.now(), replace(node, lease={}), ends)
    call.store.set_aside(call.open_file_system(), node, kept)
    call.store.sweep_deleted(call.open_file_system())


def removed_version(call: Call, snapshot: Node) -> dict[str, str]:
    """Deletes a snapshot, for good or for some days; what the answer says of that. Belongs into a transaction."""
    ends = end_of_retention(call)
    if ends is None:
        call.store.remove_version(snapshot)
    else:
        set_aside(call, snapshot, ends)
    return {"x-ms-delete-type-permanent": str(ends is None).lower()}


def make_way(call: Call, target: Node | None, blob_type: str) -> None:
    """Takes a blob away that another one replaces, and keeps it as a deleted snapshot where the account keeps blobs.

    So it is with one that was deleted at the same path, if the new one is of its type; else all that is kept of the
    path goes.
    """
    ends, file_system = end_of_retention(call), call.open_file_system()
    if target is not None and (ends is None or call.account.is_hierarchical):
        call.store.remove(target)
    elif target is not None and ends is not None:
        moment = call.store.free_moment(file_system, call.names)
        kept = DeletedPath(call.path, moment, call.store.now(), replace(target, lease={}, snapshot=moment), ends)
        call.store.set_aside(file_system, target, kept)
    elif not call.account.is_hierarchical:
        _come_upon_deleted(call, blob_type)


def _come_upon_deleted(call: Call, blob_type: str) -> None:
    file_system, kept = call.open_file_system(), call.store.deleted_at(call.open_file_system(), call.path)
    blob = next((each for each in kept if each.id == _BLOB_ITSELF), None)
    if blob is None:
        return
    if blob.node.blob_type != blob_type:
        for each in kept:
            call.store.forget_deleted(file_system, each)
        return
    moment = call.store.free_moment(file_system, call.names)
    snapshot = replace(blob, id=moment, node=replace(blob.node, snapshot=moment))
    call.store.move_deleted(file_system, blob, snapshot)


def undelete(call: Call) -> Response:
    """Gives a path back the blob that was deleted there and all its snapshots; where none was, nothing changes."""
    with call.store.transaction():
        trail = call.open_trail()
        call.require(call.guard.may_create(trail))
        file_system, kept = call.open_file_system(), call.store.deleted_at(call.open_file_system(), call.path)
        if trail.target is None and not any(each.id == _BLOB_ITSELF for each in kept):
            raise call.failure("PathNotFound")
        for each in kept:
            call.store.bring_back(file_system, each, each.node.parent_id, each.node.name)
    return Response(200)
