"""Writing blobs: whole, from blocks, or as a copy of another blob of the account.

https://learn.microsoft.com/rest/api/storageservices/put-blob
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from local_azure.http import FileRange, Response
from local_azure.services.data_lake import errors
from local_azure.services.data_lake.accounts import StorageAccount, surface_of
from local_azure.services.data_lake.call import Call, split_path
from local_azure.services.data_lake.conditions import check_create, check_source
from local_azure.services.data_lake.creation import guard_of_source, place, tier_of, version_of
from local_azure.services.data_lake.inheritance import Wishes
from local_azure.services.data_lake.lease_handlers import require_lease
from local_azure.services.data_lake.nodes import FileSystem, Node, Trail
from local_azure.services.data_lake.paths import stored_headers
from local_azure.services.data_lake.store import Segment
from local_azure.services.data_lake.wire import Xml, elements, http_date, version_headers, xml_response

_BLOCK = "\x01"
"""Stands between the path of a blob and the id of a block in the block's key."""
_ENCRYPTED = {"x-ms-request-server-encrypted": "true"}
_SOURCES: Mapping[str, tuple[bool, bool]] = {"Latest": (True, True), "Uncommitted": (True, False)} | {
    "Committed": (False, True)
}
"""Where a block list looks for a block: (among new ones, among those of the present blob)."""


def put_blob(call: Call) -> Response:
    """A blob with the body as content, in place of one that is there."""
    kind = call.header("x-ms-blob-type")
    if kind != "BlockBlob":
        if not kind:
            raise call.failure("MissingRequiredHeader", "HeaderName: x-ms-blob-type")
        raise errors.refused("blob", f"writing a blob of type {kind} (header x-ms-blob-type)")
    body, metadata = call.checked_body(), call.metadata
    given = call.header("x-ms-blob-content-md5")
    if given:
        call.compare_md5(given, body)
    md5 = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    _target(call)
    if call.account.is_hierarchical and metadata.get("hdi_isfolder", "").lower() == "true" and not body:
        made = _marked_directory(call, metadata)
    else:
        content = call.store.content.write(body) if body else ""
        made = _placed(call, content=content, size=len(body), md5=md5, **_described(call))
    return Response(201, {**version_headers(made), **_ENCRYPTED, "content-md5": md5})


def _marked_directory(call: Call, metadata: Mapping[str, str]) -> Node:
    """A directory: how clients that know only blobs make one."""
    with call.store.transaction():
        trail = _target(call)
        if trail.target is not None:
            return trail.target
        return place(call, trail, True, Wishes(), metadata=metadata)


def _described(call: Call) -> dict[str, Any]:
    headers = stored_headers(call, "x-ms-blob-")
    if "content-type" not in headers and call.header("content-type"):
        headers["content-type"] = call.header("content-type")
    return {"headers": headers, "metadata": call.metadata, "tier": tier_of(call)}


def _target(call: Call) -> Trail:
    """Where a blob is to be written; raises ServiceError when the caller may not or a condition does not hold."""
    if not call.names:
        raise call.failure("InvalidUri")
    trail = call.open_trail()
    call.require(call.guard.may_create(trail))
    check_create(call, version_of(trail.target))
    if trail.target is not None:
        require_lease(call, trail.target)
    return trail


def _placed(call: Call, **fields: Any) -> Node:
    with call.store.transaction():
        call.store.drop_segments(_blocks_of(call, call.open_file_system()))
        return place(call, _target(call), False, Wishes(), **fields)


# Blocks


def put_block(call: Call) -> Response:
    """Keeps the body as a block that a block list may name; metadata that comes along is for the list to set."""
    block_id, body = call.query("blockid"), call.checked_body()
    try:
        base64.b64decode(block_id, validate=True)
    except binascii.Error as error:
        raise call.failure("InvalidBlockId") from error
    if not block_id:
        raise call.failure("MissingRequiredQueryParameter", "QueryParameterName: blockid")
    _open_for_block(call)
    content = call.store.content.write(body)
    with call.store.transaction():
        key = _blocks_of(call, _open_for_block(call)) + block_id
        call.store.put_segment(key, content, 0, len(body))
    md5 = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    return Response(201, {**_ENCRYPTED, "content-md5": md5})


def _open_for_block(call: Call) -> FileSystem:
    trail = call.open_trail()
    call.require(call.guard.may_create(trail))
    if trail.target is not None:
        require_lease(call, trail.target)
    return call.open_file_system()


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
    trail = _target(call)
    prefix = _blocks_of(call, call.open_file_system())
    fresh = {each.name.removeprefix(prefix): each for each in call.store.segments(prefix)}
    parts, blocks = _chosen(call, wanted, fresh, trail.target)
    content = call.store.content.join(parts) if parts else ""
    size = sum(length for _, length in blocks)
    md5 = call.header("x-ms-blob-content-md5")
    made = _placed(call, content=content, size=size, md5=md5, blocks=tuple(blocks), **_described(call))
    return Response(201, {**version_headers(made), **_ENCRYPTED})


def _wanted_blocks(call: Call) -> list[tuple[str, str]]:
    try:
        root = ElementTree.fromstring(call.request.body)  # noqa: S314 - expat limits entities; clients are local
    except ElementTree.ParseError as error:
        raise call.failure("InvalidXmlDocument") from error
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
    node = trail.target if fresh else call.existing(trail)
    call.require(call.guard.may_read(trail, node) if node is not None else call.guard.may_create(trail))
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


# Copies


def copy_blob(call: Call) -> Response:
    """A blob with the content and properties of another blob, done when it is answered."""
    source = _readable_source(call)
    _target(call)
    content = call.store.content.duplicate(source.content) if source.content else ""
    copy = {
        "x-ms-copy-id": str(uuid.uuid4()),
        "x-ms-copy-source": call.header("x-ms-copy-source").partition("?")[0],
        "x-ms-copy-status": "success",
        "x-ms-copy-progress": f"{source.size}/{source.size}",
        "x-ms-copy-completion-time": http_date(call.store.now()),
    }
    made = _placed(
        call,
        content=content,
        size=source.size,
        md5=source.md5,
        headers=source.headers,
        metadata=call.metadata or source.metadata,
        blocks=source.blocks,
        tier=tier_of(call),
        copy=copy,
    )
    answered = {name: copy[name] for name in ("x-ms-copy-id", "x-ms-copy-status")}
    return Response(202, {**version_headers(made), **answered})


def _readable_source(call: Call) -> Node:
    url = urlsplit(call.header("x-ms-copy-source"))
    account = _account_of_source(call, url.hostname or "", bool(url.query))
    file_system, path = split_path(url.path)
    if not file_system or not call.names_of(path):
        raise call.failure("InvalidHeaderValue", "HeaderName: x-ms-copy-source")
    if call.header("x-ms-requires-sync").lower() == "true" and not url.query:
        raise errors.source_without_signature()
    guard, store = guard_of_source(call, account, url.query, url.path), call.store
    with store.transaction():
        found = store.file_system(account.name, file_system)
        if found is None:
            raise call.failure("CannotVerifyCopySource")
        trail = store.trail(found, call.names_of(path))
        source = trail.target
        if source is None or source.is_directory:
            call.require(guard.may_see(trail))
            raise call.failure("CannotVerifyCopySource")
        call.require(guard.may_read(trail, source))
        check_source(call, (source.etag, source.modified))
    return source


def _account_of_source(call: Call, host: str, is_signed: bool) -> StorageAccount:
    """The account that a blob is copied from: another one only by a signature."""
    surface = surface_of(host)
    account = call.accounts.find(surface[1]) if surface is not None else None
    if account is None or (account.name != call.account.name and not is_signed):
        raise errors.refused("blob", f"copying from {host} without a signature (header x-ms-copy-source)")
    return account
