"""Writing blobs, whole or from blocks; copies are in `copies.py`.

https://learn.microsoft.com/rest/api/storageservices/put-blob
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from local_azure.http import FileRange, Response
from local_azure.services.data_lake import errors
from local_azure.services.data_lake.call import Call
from local_azure.services.data_lake.conditions import check_create, check_write
from local_azure.services.data_lake.creation import place, tier_of
from local_azure.services.data_lake.inheritance import Wishes
from local_azure.services.data_lake.lease_handlers import require_lease
from local_azure.services.data_lake.nodes import APPEND_BLOB, BLOCK_BLOB, FileSystem, Node, Trail
from local_azure.services.data_lake.paths import stored_headers
from local_azure.services.data_lake.store import Segment
from local_azure.services.data_lake.tags import given_tags
from local_azure.services.data_lake.wire import ENCRYPTED, Xml, elements, md5_of, version_headers, xml_response

_BLOCK = "\x01"
"""Stands between the path of a blob and the id of a block in the block's key."""
OF_PAGES = ("x-ms-blob-content-length", "x-ms-blob-sequence-number")
"""Headers of a request that writes a page blob, which is refused by its type."""
_LONGEST_ID = 64
"""Bytes of a block id before it is encoded (https://learn.microsoft.com/rest/api/storageservices/put-block).

A longer one is refused as by https://github.com/Azure/Azurite (`src/blob/handlers/BlockBlobHandler.ts`).
"""
_SOURCES: Mapping[str, tuple[bool, bool]] = {"Latest": (True, True), "Uncommitted": (True, False)} | {
    "Committed": (False, True)
}
"""Where a block list looks for a block: (among new ones, among those of the present blob)."""


def put_blob(call: Call) -> Response:
    """A blob with the body as content, or one to append to, in place of one that is there."""
    kind = _checked_type(call)
    body, metadata = call.checked_body(), call.metadata
    if kind == APPEND_BLOB and body:
        raise call.failure("InvalidHeaderValue", "HeaderName: Content-Length")
    given = call.header("x-ms-blob-content-md5")
    if given:
        call.compare_md5(given, body)
    md5 = md5_of(body)
    writable_target(call)
    if call.account.is_hierarchical and metadata.get("hdi_isfolder", "").lower() == "true" and not body:
        made = _marked_directory(call, metadata)
    else:
        content = call.store.content.write(body) if body else ""
        made = placed(call, content=content, size=len(body), md5=md5, blob_type=kind, **described(call))
    hashed = {"content-md5": md5} if kind == BLOCK_BLOB else {}
    return Response(201, {**version_headers(made), **ENCRYPTED, **hashed, **call.checked_headers(body)})


def _checked_type(call: Call) -> str:
    given = call.header("x-ms-blob-type")
    kind = next((each for each in (BLOCK_BLOB, APPEND_BLOB) if each.lower() == given.lower()), given)
    if not kind:
        raise call.failure("MissingRequiredHeader", "HeaderName: x-ms-blob-type")
    if kind.lower() == "pageblob":
        raise errors.refused("blob", f"writing a blob of type {kind} (header x-ms-blob-type)")
    if kind not in (BLOCK_BLOB, APPEND_BLOB):
        raise call.failure("InvalidHeaderValue", "HeaderName: x-ms-blob-type")
    if kind == APPEND_BLOB and call.header("x-ms-access-tier"):
        raise call.failure("InvalidBlobType")
    return kind


def _marked_directory(call: Call, metadata: Mapping[str, str]) -> Node:
    """A directory: how clients that know only blobs make one."""
    with call.store.transaction():
        trail = writable_target(call)
        if trail.target is not None:
            return trail.target
        return place(call, trail, True, Wishes(), metadata=metadata)


def described(call: Call) -> dict[str, Any]:
    """Content headers, metadata, tier and tags that a request sets."""
    headers = stored_headers(call, "x-ms-blob-")
    if "content-type" not in headers and call.header("content-type"):
        headers["content-type"] = call.header("content-type")
    return {"headers": headers, "metadata": call.metadata, "tier": tier_of(call), "tags": given_tags(call)}


def writable_target(call: Call) -> Trail:
    """Where a blob is to be written; raises ServiceError when the caller may not or a condition does not hold."""
    if not call.names:
        raise call.failure("InvalidUri")
    trail = call.open_trail()
    call.require(call.guard.may_create(trail))
    check_create(call, trail.target)
    if trail.target is not None:
        require_lease(call, trail.target)
    return trail


def placed(call: Call, **fields: Any) -> Node:
    """A blob in its place; blocks that waited for a list are gone."""
    with call.store.transaction():
        call.store.drop_segments(_blocks_of(call, call.open_file_system()))
        return place(call, writable_target(call), False, Wishes(), **fields)


# Blocks


def put_block(call: Call) -> Response:
    """Keeps the body as a block that a block list may name; metadata that comes along is for the list to set."""
    body = call.checked_body()
    key = block_key(call)
    content = call.store.content.write(body)
    keep_block(call, key, content, len(body))
    md5 = md5_of(body)
    return Response(201, {**ENCRYPTED, "content-md5": md5, **call.checked_headers(body)})


def block_key(call: Call) -> str:
    """Where the block of a request is kept; raises ServiceError where it has no id, or the caller may not write it."""
    block_id = call.query("blockid")
    try:
        length = len(base64.b64decode(block_id, validate=True))
    except binascii.Error as error:
        raise call.failure("InvalidBlockId") from error
    if length > _LONGEST_ID:
        raise call.failure("OutOfRangeInput", "QueryParameterName: blockid")
    if not block_id:
        raise call.failure("MissingRequiredQueryParameter", "QueryParameterName: blockid")
    prefix = _blocks_of(call, _open_for_block(call))
    first = next(iter(call.store.segments(prefix)), None)
    if first is not None and len(first.name) != len(prefix + block_id):
        raise call.failure("InvalidBlobOrBlock", "All block IDs of a blob have the same length.")
    return prefix + block_id


def keep_block(call: Call, key: str, content: str, length: int) -> None:
    """Keeps a content as a block, until a list names it or the blob is written anew."""
    with call.store.transaction():
        _open_for_block(call)
        call.store.put_segment(key, content, 0, length)


def _open_for_block(call: Call) -> FileSystem:
    trail = call.open_trail()
    call.require(call.guard.may_create(trail))
    if trail.target is not None:
        _require_blocks(call, trail.target)
        require_lease(call, trail.target)
    return call.open_file_system()


def _require_blocks(call: Call, node: Node) -> None:
    """Raises ServiceError 409 for a blob that no block list can change.

    https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes (BlobOperationNotSupported)
    """
    _require_type(call, node)
    if node.interface == "dfs":
        raise call.failure("BlobOperationNotSupported")


def _require_type(call: Call, node: Node) -> None:
    if node.blob_type != BLOCK_BLOB:
        raise call.failure("InvalidBlobType")


def blocks_prefix(file_system: FileSystem, path_prefix: str = "") -> str:
    """What the keys of blocks that wait for a list begin with, of all blobs whose paths begin so."""
    return f"{file_system.id}/{path_prefix}"


def path_of_block(file_system: FileSystem, key: str) -> str:
    """The path of the blob that a block waits for."""
    return key.removeprefix(blocks_prefix(file_system)).partition(_BLOCK)[0]


def _blocks_of(call: Call, file_system: FileSystem) -> str:
    return f"{blocks_prefix(file_system, '/'.join(call.names))}{_BLOCK}"


def put_block_list(call: Call) -> Response:
    """A blob made of blocks, new ones and those that it has already."""
    call.checked_body()
    wanted = _wanted_blocks(call)
    trail = writable_target(call)
    if trail.target is not None:
        _require_blocks(call, trail.target)
    prefix = _blocks_of(call, call.open_file_system())
    fresh = {each.name.removeprefix(prefix): each for each in call.store.segments(prefix)}
    parts, blocks = _chosen(call, wanted, fresh, trail.target)
    content = call.store.content.join(parts) if parts else ""
    size = sum(length for _, length in blocks)
    md5 = call.header("x-ms-blob-content-md5")
    made = placed(call, content=content, size=size, md5=md5, blocks=tuple(blocks), **described(call))
    return Response(201, {**version_headers(made), **ENCRYPTED})


def _wanted_blocks(call: Call) -> list[tuple[str, str]]:
    root = call.xml_body()
    wanted = [(each.tag, (each.text or "").strip()) for each in root]
    if root.tag != "BlockList" or any(tag not in _SOURCES for tag, _ in wanted):
        raise call.failure("InvalidXmlDocument")
    return wanted


def _chosen(
    call: Call, wanted: list[tuple[str, str]], fresh: Mapping[str, Segment], present: Node | None
) -> tuple[list[FileRange], list[tuple[str, int]]]:
    committed = _committed_blocks(call, present) if present is not None else {}
    parts: list[FileRange] = []
    for tag, block_id in wanted:
        among_new, among_present = _SOURCES[tag]
        if among_new and block_id in fresh:
            parts.append(call.store.range_of(fresh[block_id].content, fresh[block_id].length))
        elif among_present and block_id in committed:
            parts.append(committed[block_id])
        else:
            raise call.failure("InvalidBlockList")
    return parts, [(block_id, part.length) for (_, block_id), part in zip(wanted, parts, strict=True)]


def _committed_blocks(call: Call, present: Node) -> dict[str, FileRange]:
    blocks: dict[str, FileRange] = {}
    offset = 0
    for block_id, length in present.blocks:
        blocks[block_id] = call.store.range_of(present.content, length, offset)
        offset += length
    return blocks


def block_list(call: Call) -> Response:
    """Blocks of the blob and blocks that wait for a list."""
    kind = call.query("blocklisttype").lower() or "committed"
    if kind not in ("committed", "uncommitted", "all"):
        raise call.failure("InvalidQueryParameterValue", "QueryParameterName: blocklisttype")
    trail = call.open_trail()
    fresh = call.store.segments(_blocks_of(call, call.open_file_system()))
    node = trail.target if fresh and not call.query("snapshot") else call.open_version(trail)
    call.require(call.guard.may_read(trail, node) if node is not None else call.guard.may_create(trail))
    if node is not None:
        _require_type(call, node)
    check_write(call, node)
    lists = []
    if kind != "uncommitted":
        lists.append(("CommittedBlocks", list(node.blocks) if node is not None else []))
    if kind != "committed":
        lists.append(("UncommittedBlocks", [(each.name.rpartition(_BLOCK)[2], each.length) for each in fresh]))
    parts = [
        Xml(name, [Xml("Block", elements({"Name": block_id, "Size": size})) for block_id, size in blocks])
        for name, blocks in lists
    ]
    answer = xml_response(Xml("BlockList", parts))
    headers = {**answer.headers, "x-ms-blob-content-length": str(node.size if node is not None else 0)}
    return Response(200, headers | (version_headers(node) if node is not None else {}), answer.body)
