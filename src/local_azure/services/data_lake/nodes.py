"""What the lake remembers: filesystems, and files and directories as nodes of a tree.

A node is found under its parent's id, so renaming a directory is one write whatever lies below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from azure_ids.acl import Acl, Mode, mode_of, parse_acl

SUPERUSER = "$superuser"
"""Owner of what was made with an account key.

https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-access-control#users-and-identities
"""


@dataclass(frozen=True)
class FileSystem:
    """A filesystem, which the Blob endpoint calls a container; times in microseconds since 1970, UTC."""

    account: str
    name: str
    id: str
    """Also the id of its root directory."""
    created: int
    modified: int
    etag: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    lease: Mapping[str, Any] = field(default_factory=dict)
    access_policies: str = ""
    """Stored access policies, the XML as it was given."""

    def document(self) -> dict[str, Any]:
        """The record as JSON."""
        return asdict(self)


BLOCK_BLOB, APPEND_BLOB = "BlockBlob", "AppendBlob"


@dataclass(frozen=True)
class Node:
    """A file or directory; times in microseconds since 1970, UTC, size in bytes."""

    id: str
    """Stays the same when the node is renamed."""
    parent_id: str
    name: str
    """Last part of the path; in an account without hierarchy the whole name of the blob; "" for the root."""
    is_directory: bool
    created: int
    modified: int
    etag: str
    owner: str
    group: str
    acl_text: str
    is_sticky: bool = False
    size: int = 0
    content: str = ""
    """Name of the file that holds the content; "" when there is none."""
    md5: str = ""
    """Base64 of the content's MD5 where a client or the service gave one."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    """content-type, content-encoding, content-language, content-disposition, cache-control as set by clients."""
    lease: Mapping[str, Any] = field(default_factory=dict)
    blocks: tuple[tuple[str, int], ...] = ()
    """(block id, length in bytes) of a blob that was put together from blocks; those of an append blob have no ids."""
    blob_type: str = BLOCK_BLOB
    tier: str = ""
    tier_changed: int = 0
    """When its tier was set by itself; 0: never."""
    copy: Mapping[str, str] = field(default_factory=dict)
    """x-ms-copy-… headers of the copy that made it."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """What the blob is found by."""
    snapshot: str = ""
    """The moment of which this is the blob, as clients name it; "" for the blob of the present."""
    expires: int = 0
    """When it ends by itself; 0: it does not."""
    interface: str = ""
    """The endpoint that wrote its content, which the other one does not add to; "" for a directory."""
    transaction: str = ""
    """What a client called the request that made it or gave it its path; "" when it called it nothing."""

    def document(self) -> dict[str, Any]:
        """The record as JSON."""
        return asdict(self)

    @staticmethod
    def of(document: Mapping[str, Any]) -> Node:
        """The node that a record says."""
        blocks = tuple((str(name), int(length)) for name, length in document["blocks"])
        return Node(**{**document, "blocks": blocks})

    @property
    def acl(self) -> Acl:
        """Its access-control list."""
        return cached_acl(self.acl_text)

    @property
    def mode(self) -> Mode:
        """Its permissions in short form."""
        return mode_of(self.acl, self.is_sticky)


@dataclass(frozen=True)
class DeletedPath:
    """A file or directory that was deleted and is kept; what was in it is in it still."""

    path: str
    id: str
    """Tells it from others that were deleted at the same path."""
    moment: int
    """When it was deleted, in microseconds since 1970, UTC."""
    node: Node
    ends: int = 0
    """Until when it is kept, which later settings of the account do not change."""

    def document(self) -> dict[str, Any]:
        """The record as JSON."""
        return asdict(self)

    @staticmethod
    def of(document: Mapping[str, Any]) -> DeletedPath:
        """What a record says."""
        return DeletedPath(**{**document, "node": Node.of(document["node"])})


@dataclass(frozen=True)
class DeletedFileSystem:
    """A filesystem that was deleted and is kept; what was in it is in it still."""

    version: str
    """Tells it from others of its name that were deleted."""
    moment: int
    ends: int
    """When it was deleted, and until when it is kept."""
    file_system: FileSystem

    def document(self) -> dict[str, Any]:
        """The record as JSON."""
        return asdict(self)

    @staticmethod
    def of(document: Mapping[str, Any]) -> DeletedFileSystem:
        """What a record says."""
        return DeletedFileSystem(**{**document, "file_system": FileSystem(**document["file_system"])})


@dataclass(frozen=True)
class Trail:
    """A path as far as it exists: `nodes` from the root on, then the names in `missing`; a file can only be last."""

    nodes: tuple[Node, ...]
    missing: tuple[str, ...]

    @property
    def target(self) -> Node | None:
        """The node at the end of the path, None when it does not exist."""
        return None if self.missing else self.nodes[-1]

    @property
    def parents(self) -> tuple[Node, ...]:
        """The existing nodes above the end of the path."""
        return self.nodes if self.missing else self.nodes[:-1]


def snapshot_name(microseconds: int) -> str:
    """A moment, in microseconds since 1970, as the name of a snapshot."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:06}0Z"


@lru_cache(maxsize=8192)
def cached_acl(text: str) -> Acl:
    """`parse_acl`, remembered: the same few ACLs are on nearly all files."""
    return parse_acl(text)
