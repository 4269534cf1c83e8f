"""Append blobs, which grow at their end by one block after another.

https://learn.microsoft.com/rest/api/storageservices/append-block
"""

from __future__ import annotations

from dataclasses import replace

from local_azure.http import Response
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.conditions import check_write
from local_azure.services.data_lake.lease_handlers import require_lease
from local_azure.services.data_lake.nodes import APPEND_BLOB, Node
from local_azure.services.data_lake.wire import ENCRYPTED, md5_of, version_headers

_MOST_BLOCKS = 50_000
_LIMIT = "x-ms-blob-condition-maxsize"
_POSITION = "x-ms-blob-condition-appendpos"
CONDITIONS = (_LIMIT, _POSITION)
"""Headers that say how long the blob may be afterwards, and has to be before: lengths in bytes."""


def append_block(call: Call) -> Response:
    """Puts the body behind the content; raises ServiceError 412 where the blob has another length than is asked for.

    Metadata that comes along (adlfs sends it) changes nothing: the blob has its own.
    """
    body = call.checked_body()
    if not body:
        raise call.failure("InvalidHeaderValue", "HeaderName: Content-Length")
    return appended(call, body)


def appended(call: Call, body: bytes) -> Response:
    """Puts bytes behind the content, and answers the request that asks for it."""
    with call.store.transaction():
        node = _growing(call, len(body))
        grown = _grown(call, node, body)
    headers = {
        **version_headers(grown),
        **ENCRYPTED,
        "content-md5": md5_of(body),
        **call.checked_headers(body),
        "x-ms-blob-append-offset": str(node.size),
        "x-ms-blob-committed-block-count": str(len(grown.blocks)),
    }
    return Response(201, headers)


def _growing(call: Call, added: int) -> Node:
    trail = call.open_trail()
    node = call.existing(trail)
    call.require(call.guard.may_append(trail, node))
    if node.blob_type != APPEND_BLOB:
        raise call.failure("InvalidBlobType")
    check_write(call, node)
    require_lease(call, node)
    if _length(call, _POSITION) not in (None, node.size):
        raise call.failure("AppendPositionConditionNotMet")
    limit = _length(call, _LIMIT)
    if limit is not None and node.size + added > limit:
        raise call.failure("MaxBlobSizeConditionNotMet")
    if len(node.blocks) >= _MOST_BLOCKS:
        raise call.failure("BlockCountExceedsLimit")
    return node


def _length(call: Call, name: str) -> int | None:
    text = call.header(name)
    if text and not text.isdecimal():
        raise call.failure("InvalidHeaderValue", f"HeaderName: {name}")
    return int(text) if text else None


def _grown(call: Call, node: Node, body: bytes) -> Node:
    content = node.content or call.store.content.write(b"")
    call.store.content.extend(content, node.size, body)
    call.store.content.keep(content)
    grown = replace(
        node,
        content=content,
        size=node.size + len(body),
        md5="",
        blocks=(*node.blocks, ("", len(body))),
        modified=call.store.now(),
        etag=call.store.fresh_etag(),
    )
    call.store.put(grown)
    return grown
