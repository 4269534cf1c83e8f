"""Content and properties of files on both endpoints, whole or by range.

https://learn.microsoft.com/rest/api/storageservices/get-blob
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from local_azure.http import FileRange, Response
from local_azure.services.data_lake.call import CRC64, STRUCTURED, STRUCTURED_LENGTH, Call
from local_azure.services.data_lake.conditions import check_read
from local_azure.services.data_lake.crc64 import crc64
from local_azure.services.data_lake.lease_handlers import check_lease
from local_azure.services.data_lake.nodes import Node
from local_azure.services.data_lake.structured_bodies import FORM, encoded
from local_azure.services.data_lake.tags import tag_headers
from local_azure.services.data_lake.wire import blob_headers, md5_of, node_headers, path_headers, properties_header

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_LARGEST_HASHED_RANGE = 4 * 1024 * 1024
_WITH_MD5, _WITH_CRC64 = "x-ms-range-get-content-md5", "x-ms-range-get-content-crc64"
CHECKED_RANGES = (_WITH_MD5, _WITH_CRC64)
"""Headers by which a request wants a checksum of the range that it reads."""


@dataclass(frozen=True)
class Part:
    """The bytes that a request wants: `is_whole` when it named no range."""

    offset: int
    length: int
    is_whole: bool


def describe(call: Call) -> Response:
    """Properties and metadata, no content; the root has none on the Data Lake endpoint."""
    if call.surface == "dfs" and not call.names:
        raise call.failure("InvalidUri")
    with call.store.transaction():
        trail = call.open_trail()
        node = call.open_version(trail)
        call.require(call.guard.may_see(trail))
    check_lease(call, node)
    check_read(call, node)
    headers = _headers(call, node) | {"content-length": str(node.size)}
    return Response(200, headers | ({"content-md5": node.md5} if node.md5 else {}))


def download(call: Call) -> Response:
    """The content or a part of it, sent from disk."""
    with call.store.transaction():
        trail = call.open_trail()
        node = call.open_version(trail)
        call.require(call.guard.may_read(trail, node))
    if node.is_directory and call.surface == "dfs":
        raise call.failure("ResourceTypeMismatch")
    check_lease(call, node)
    check_read(call, node)
    part = part_of(call, node, call.header("x-ms-range") or call.header("range"))
    body = call.store.range_of(node.content, part.length, part.offset) if part.length else b""
    headers = _headers(call, node)
    if call.header(STRUCTURED):
        return _structured(call, node, part, headers, body)
    checksums = _checksums(call, part, body)
    if part.is_whole:
        return Response(200, headers | ({"content-md5": node.md5} if node.md5 else {}), body)
    headers["content-range"] = _content_range(part, node)
    if node.md5:
        headers["x-ms-blob-content-md5"] = node.md5
    return Response(206, headers | checksums, body)


def _structured(call: Call, node: Node, part: Part, headers: dict[str, str], body: bytes | FileRange) -> Response:
    """The content in segments with checksums."""
    if call.header(STRUCTURED) != FORM:
        raise call.failure("InvalidHeaderValue", f"HeaderName: {STRUCTURED}")
    headers |= {STRUCTURED: FORM, STRUCTURED_LENGTH: str(part.length)}
    if not part.is_whole:
        headers["content-range"] = _content_range(part, node)
    content = body.read() if isinstance(body, FileRange) else body
    return Response(200 if part.is_whole else 206, headers, encoded(content))


def _content_range(part: Part, node: Node) -> str:
    return f"bytes {part.offset}-{part.offset + part.length - 1}/{node.size}"


def _headers(call: Call, node: Node) -> dict[str, str]:
    headers = node_headers(node, call.store.now())
    if call.surface == "blob":
        return headers | blob_headers(node, call.account.is_hierarchical) | tag_headers(call, node)
    return headers | path_headers(node) | {"x-ms-properties": properties_header(node.metadata)}


def part_of(call: Call, node: Node, text: str) -> Part:
    """The part of a file that `bytes=first-last` names, all of it without such a text; raises ServiceError 416."""
    found = _RANGE.fullmatch(text.strip())
    if not found:
        return Part(0, node.size, True)
    first = int(found.group(1))
    last = min(int(found.group(2) or node.size), node.size - 1)
    if first >= node.size or last < first:
        error = call.failure("InvalidRange")
        error.headers = {"content-range": f"bytes */{node.size}"}
        raise error
    return Part(first, last - first + 1, False)


def _checksums(call: Call, part: Part, body: bytes | FileRange) -> dict[str, str]:
    """The checksum of a range that a request wants: one of two, and of a range that is not too long.

    https://learn.microsoft.com/rest/api/storageservices/get-blob#request-headers
    """
    wanted = [name for name in CHECKED_RANGES if call.header(name).lower() == "true"]
    if not wanted:
        return {}
    if len(wanted) > 1 or part.is_whole or part.length > _LARGEST_HASHED_RANGE:
        raise call.failure("InvalidHeaderValue", f"HeaderName: {wanted[0]}")
    if wanted[0] == _WITH_MD5:
        return {"content-md5": md5_of(body)}
    return {CRC64: crc64(body.read() if isinstance(body, FileRange) else body)}
