"""How the service writes things: dates, XML, and the headers that describe a file, a directory or a filesystem."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from azure_ids.acl import is_extended
from local_azure.http import FileRange, Response
from local_azure.services.data_lake.leases import lease_headers
from local_azure.services.data_lake.nodes import APPEND_BLOB, FileSystem, Node

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CHUNK = 1024 * 1024
DEFAULT_CONTENT_TYPE = "application/octet-stream"
TRANSACTION_HEADER = "x-ms-client-transaction-id"
"""What a client calls a create or a rename: a path that tells it back was made by that request, not by another one
(https://github.com/apache/hadoop/pull/7364)."""
EXPIRY_TIME = "x-ms-expiry-time"
"""The header that says when a file ends."""
SOURCE_AUTHORIZATION = "x-ms-copy-source-authorization"
"""The header with the token of who reads what is copied."""
ENCRYPTED = {"x-ms-request-server-encrypted": "true"}
"""What an answer to a write says of the content."""
STORED_HEADERS = ("cache-control", "content-disposition", "content-encoding", "content-language", "content-type")
"""Headers of a file that clients set and get back."""


def http_date(microseconds: int) -> str:
    """A moment (microseconds since 1970, UTC) as HTTP headers write it."""
    moment = time.gmtime(microseconds // 1_000_000)
    day, month = _DAYS[moment.tm_wday], _MONTHS[moment.tm_mon - 1]
    clock = f"{moment.tm_hour:02}:{moment.tm_min:02}:{moment.tm_sec:02}"
    return f"{day}, {moment.tm_mday:02} {month} {moment.tm_year} {clock} GMT"


def md5_of(content: bytes | FileRange) -> str:
    """The MD5 of a content in base64; a content on disk is read piece by piece."""
    if isinstance(content, bytes):
        return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
    digest, end = hashlib.md5(usedforsecurity=False), content.offset + content.length
    for offset in range(content.offset, end, _CHUNK):
        digest.update(FileRange(content.path, offset, min(_CHUNK, end - offset)).read())
    return base64.b64encode(digest.digest()).decode()


def version_headers(item: Node | FileSystem) -> dict[str, str]:
    """ETag and Last-Modified."""
    return {"etag": f'"{item.etag}"', "last-modified": http_date(item.modified)}


def permissions_text(node: Node) -> str:
    """Permissions as headers and listings show them: a plus sign tells of more than owner, group and other."""
    return f"{node.mode}{'+' if is_extended(node.acl) else ''}"


def access_headers(node: Node) -> dict[str, str]:
    """Owner, group and permissions, without the ACL."""
    return {"x-ms-owner": node.owner, "x-ms-group": node.group, "x-ms-permissions": permissions_text(node)}


def path_headers(node: Node) -> dict[str, str]:
    """What only the Data Lake endpoint says about a path: its kind, who may do what, and which request made it."""
    headers = {"x-ms-resource-type": "directory" if node.is_directory else "file", **access_headers(node)}
    return headers | ({TRANSACTION_HEADER: node.transaction} if node.transaction else {})


def node_headers(node: Node, now: int) -> dict[str, str]:
    """What both endpoints say about a file or directory; Content-Length and Content-MD5 not included."""
    headers = version_headers(node)
    headers |= {"content-type": DEFAULT_CONTENT_TYPE, **node.headers}
    headers |= {
        "accept-ranges": "bytes",
        "x-ms-creation-time": http_date(node.created),
        "x-ms-server-encrypted": "true",
        **lease_headers(node.lease, now),
    }
    return headers


def blob_headers(node: Node, is_hierarchical: bool) -> dict[str, str]:
    """What the Blob endpoint adds to `node_headers`."""
    headers = {"x-ms-blob-type": node.blob_type, "vary": "Origin", **dict(node.copy)}
    if node.blob_type == APPEND_BLOB:
        headers["x-ms-blob-committed-block-count"] = str(len(node.blocks))
    else:
        headers["x-ms-access-tier"] = node.tier or "Hot"
        if not node.tier:
            headers["x-ms-access-tier-inferred"] = "true"
        if node.tier_changed:
            headers["x-ms-access-tier-change-time"] = http_date(node.tier_changed)
    if is_hierarchical:
        headers["x-ms-resource-type"] = "directory" if node.is_directory else "file"
        headers |= access_headers(node) | {"x-ms-acl": node.acl_text}
    if node.expires:
        headers[EXPIRY_TIME] = http_date(node.expires)
    headers |= {f"x-ms-meta-{name}": value for name, value in shown_metadata(node).items()}
    return headers


def shown_metadata(node: Node) -> dict[str, str]:
    """Metadata as the Blob endpoint shows it: a directory says that it is one."""
    return {"hdi_isfolder": "true", **node.metadata} if node.is_directory else dict(node.metadata)


def properties_header(metadata: Mapping[str, str]) -> str:
    """Metadata as the Data Lake endpoint writes it: name=base64, comma-separated."""
    return ",".join(
        f"{name}={base64.b64encode(value.encode('latin-1', 'replace')).decode()}" for name, value in metadata.items()
    )


class Xml:
    """An element with attributes and content: text, elements, or nothing."""

    def __init__(self, name: str, content: str | Iterable[Xml] = "", **attributes: str) -> None:
        self.name = name
        self.attributes = attributes
        self.content = content

    def __str__(self) -> str:
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes.items())
        inner = escape(self.content) if isinstance(self.content, str) else "".join(map(str, self.content))
        return f"<{self.name}{attributes}>{inner}</{self.name}>" if inner else f"<{self.name}{attributes} />"


def elements(values: Mapping[str, Any]) -> list[Xml]:
    """One element for each value."""
    return [Xml(name, str(value)) for name, value in values.items()]


def tags_element(tags: Mapping[str, str]) -> Xml:
    """The tags of a blob."""
    return Xml("TagSet", [Xml("Tag", elements({"Key": name, "Value": value})) for name, value in tags.items()])


def xml_response(root: Xml) -> Response:
    """An answer whose body is XML."""
    body = f'<?xml version="1.0" encoding="utf-8"?>{root}'
    return Response(200, {"content-type": "application/xml"}, body.encode())
