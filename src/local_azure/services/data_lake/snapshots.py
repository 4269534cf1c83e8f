"""Snapshots: what a blob was at a moment, kept beside it until it is deleted; only in accounts without hierarchy.

https://learn.microsoft.com/rest/api/storageservices/snapshot-blob
"""

from __future__ import annotations

from dataclasses import replace

from local_azure.http import Response
from local_azure.services.data_lake import errors
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.conditions import check_write
from local_azure.services.data_lake.deleted_blobs import removed_version
from local_azure.services.data_lake.lease_handlers import check_lease
from local_azure.services.data_lake.nodes import Node
from local_azure.services.data_lake.retention import end_of_retention
from local_azure.services.data_lake.wire import ENCRYPTED, version_headers

_DELETING = "x-ms-delete-snapshots"


def create_snapshot(call: Call) -> Response:
    """A snapshot of a blob, with metadata of its own where the request gives some."""
    if call.account.is_hierarchical:
        raise errors.refused("blob", "a snapshot in an account with hierarchical namespace (query parameter comp)")
    with call.store.transaction():
        trail = call.open_trail()
        node = call.existing(trail)
        call.require(call.guard.may_take_snapshot(trail, node))
        check_write(call, node)
        check_lease(call, node)
        moment = call.store.free_moment(call.open_file_system(), call.names)
        made = replace(node, snapshot=moment, lease={}, content=_shared(call, node))
        if call.metadata:
            made = replace(made, metadata=call.metadata, modified=call.store.now(), etag=call.store.fresh_etag())
        call.store.put_version(made)
        if made.content:
            call.store.content.keep(made.content)
    return Response(201, {**version_headers(made), **ENCRYPTED, "x-ms-snapshot": made.snapshot})


def _shared(call: Call, node: Node) -> str:
    return call.store.content.duplicate(node.content) if node.content else ""


def delete_snapshot(call: Call, node: Node) -> dict[str, str]:
    """Deletes a snapshot that the query of a request names; what the answer says. Belongs into a transaction."""
    if call.header(_DELETING):
        raise call.failure("InvalidHeaderValue", f"HeaderName: {_DELETING}")
    check_write(call, node)
    return removed_version(call, node)


def delete_snapshots(call: Call) -> dict[str, str] | None:
    """Deletes the snapshots of a blob as x-ms-delete-snapshots says.

    What the answer says where that is all; None where the blob itself is to be deleted, too.

    Raises ServiceError 409 where there are some and the request does not say what becomes of them.
    """
    wish = call.header(_DELETING).lower()
    if wish not in ("", "include", "only"):
        raise call.failure("InvalidHeaderValue", f"HeaderName: {_DELETING}")
    found = list(call.store.snapshots(call.open_file_system(), call.names))
    if found and not wish:
        raise call.failure("SnapshotsPresent")
    told = {"x-ms-delete-type-permanent": str(end_of_retention(call) is None).lower()}
    for each in found:
        told = removed_version(call, each)
    return told if wish == "only" else None
