"""Appending to files on the Data Lake endpoint: data is kept aside until a flush makes a new version of the content.

https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/update
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from local_azure.http import Response
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.conditions import check_write
from local_azure.services.data_lake.lease_handlers import lease_after_write, require_lease
from local_azure.services.data_lake.nodes import Node
from local_azure.services.data_lake.paths import stored_headers
from local_azure.services.data_lake.store import Segment
from local_azure.services.data_lake.wire import ENCRYPTED, version_headers


def append(call: Call) -> Response:
    """Keeps the body aside for the position that the query names; `flush=true` flushes as well.

    What lies within the content is accepted and changes nothing (the live tests of azure-storage-file-datalake, and of
    Hadoop's driver with two writers, append there and flush; what is read afterwards they leave open).
    """
    position, flush_too = call.position(), call.flag("flush")
    body = call.checked_body()
    _writable(call, "InvalidAppendOperation")
    if body:
        content = call.store.content.write(body)
        with call.store.transaction():
            node = _writable(call, "InvalidAppendOperation")
            is_within = position + len(body) <= node.size
            if position < node.size and not is_within:
                raise call.failure("InvalidQueryParameterValue", "QueryParameterName: position")
            if not flush_too:
                call.store.put(replace(node, lease=lease_after_write(call, node, False)))
            if not is_within:
                call.store.put_segment(f"{node.id}/{position:020}", content, position, len(body))
    checked = call.checked_headers(body)
    if not flush_too:
        return Response(202, {**ENCRYPTED, **checked, "content-length": "0"})
    flushed = _flushed(call, position + len(body))
    return Response(202, {**version_headers(flushed), **ENCRYPTED, **checked})


def flush(call: Call) -> Response:
    """Makes what was appended up to a position the content that readers see, all at once."""
    call.flag("close")
    changed = _flushed(call, call.position())
    return Response(200, {**version_headers(changed), **ENCRYPTED, "content-length": "0"})


@dataclass(frozen=True)
class _Plan:
    """What a flush found: the node and the segments that follow its content without a gap."""

    node: Node
    segments: tuple[Segment, ...]


def _flushed(call: Call, position: int) -> Node:
    store = call.store
    while True:
        with store.transaction():
            plan = _plan(call, position)
        content = _joined(call, plan)  # copies bytes, so not inside a transaction
        with store.transaction():
            if _plan(call, position) != plan:
                continue  # somebody else wrote in the meantime: what was joined is of no use
            return _committed(call, plan, position, content)


def _writable(call: Call, refusal: str) -> Node:
    """The file that may be written; `refusal` is the code for one whose content the Blob endpoint wrote.

    https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-known-issues#blob-storage-apis
    """
    trail = call.open_trail()
    node = call.existing(trail)
    call.require(call.guard.may_append(trail, node))
    if node.is_directory:
        raise call.failure("ResourceTypeMismatch")
    if node.interface == "blob":
        raise call.failure(refusal)
    require_lease(call, node)
    return node


def _plan(call: Call, position: int) -> _Plan:
    node = _writable(call, "InvalidFlushOperation")
    check_write(call, node)
    waiting = [each for each in call.store.segments(f"{node.id}/") if each.position < position]
    _check_contiguous(call, node.size, waiting, position)
    return _Plan(node, tuple(waiting))


def _check_contiguous(call: Call, start: int, segments: Sequence[Segment], position: int) -> None:
    for segment in segments:
        if segment.position != start:
            raise call.failure("InvalidFlushPosition")
        start += segment.length
    if start != position:
        raise call.failure("InvalidFlushPosition")


def _joined(call: Call, plan: _Plan) -> str:
    """The content after the flush: what is there already, where one content says it all."""
    node, segments = plan.node, plan.segments
    if not segments:
        return node.content
    if len(segments) == 1 and not node.size:
        return segments[0].content
    parts = [call.store.range_of(node.content, node.size)] if node.size else []
    parts += [call.store.range_of(each.content, each.length) for each in segments]
    return call.store.content.join(parts)


def _committed(call: Call, plan: _Plan, position: int, content: str) -> Node:
    node, store = plan.node, call.store
    lease = lease_after_write(call, node, True)
    keep_from = position if call.flag("retainUncommittedData") else None
    store.drop_segments(f"{node.id}/", keep_from)
    if content != node.content:
        store.content.retire(node.content)
    if content:
        store.content.keep(content)
    md5 = call.header("x-ms-content-md5") or ("" if plan.segments else node.md5)
    changed = replace(
        node,
        content=content,
        size=position,
        md5=md5,
        headers={**node.headers, **stored_headers(call, "x-ms-")},
        lease=lease,
        blocks=() if plan.segments else node.blocks,
        modified=store.now(),
        etag=store.fresh_etag(),
    )
    store.put(changed)
    return changed
