"""The lake's records: filesystems by name, nodes below their parent, data that was appended but not flushed.

No HTTP and no permissions here. The cost of a page of a listing grows with the page and the depth, not with the lake.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from azure_ids.acl import format_acl
from local_azure.clock import Clock
from local_azure.http import FileRange
from local_azure.services.data_lake.content import ContentFiles
from local_azure.services.data_lake.inheritance import root_access
from local_azure.services.data_lake.nodes import DeletedPath, FileSystem, Node, Trail
from local_azure.state import State

FILETIME_OFFSET = 116_444_736_000_000_000
"""Ticks of 100 ns between 1601 (where Windows file times begin) and 1970."""
_TICKS_OFFSET = 621_355_968_000_000_000
"""Ticks of 100 ns between the year 1 (where entity tags count from) and 1970."""


_HOUR = 3600 * 1_000_000
"""In microseconds."""
_MOMENT = "\x01"
"""Stands between the name of a blob and the moment of a snapshot in the snapshot's key."""


@dataclass(frozen=True)
class Segment:
    """Bytes that were appended at a position and not flushed, or one uncommitted block."""

    name: str
    content: str
    position: int
    length: int


class LakeStore:
    """All records of the data lake; changes that belong together go into one `transaction`."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self.content = ContentFiles(state)
        self._file_systems = state.collection("data_lake.file_systems")
        self._nodes = state.collection("data_lake.paths")
        self._snapshots = state.collection("data_lake.snapshots")
        self._uncommitted = state.collection("data_lake.uncommitted")
        self._deleted = state.collection("data_lake.deleted")
        self._last_etag = 0
        self._swept: dict[str, int] = {}

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing for what is inside, one thread at a time."""
        return self._state.transaction()

    def now(self) -> int:
        """The present moment in microseconds since 1970, UTC."""
        return int(self._clock.now().timestamp() * 1_000_000)

    def fresh_etag(self) -> str:
        """An entity tag that was never given before, without quotes."""
        with self._state.transaction():
            self._last_etag = max(self._last_etag + 1, self.now() * 10 + _TICKS_OFFSET)
            return f"0x{self._last_etag:X}"

    # Filesystems

    def file_system(self, account: str, name: str) -> FileSystem | None:
        """The filesystem of that name, or None."""
        document = self._file_systems.get(f"{account}/{name}")
        return FileSystem(**document) if document else None

    def file_systems(self, account: str, prefix: str = "", after: str = "") -> Iterator[FileSystem]:
        """Filesystems of an account in order of their names."""
        start_after = f"{account}/{after}" if after else ""
        for _, document in self._file_systems.scan(f"{account}/{prefix}", start_after):
            yield FileSystem(**document)

    def make_file_system(
        self, account: str, name: str, owner: str, metadata: Mapping[str, str] | None = None
    ) -> FileSystem:
        """A new filesystem with an empty root directory, which belongs to `owner`; belongs into a transaction."""
        now, etag = self.now(), self.fresh_etag()
        made = FileSystem(account, name, self.fresh_id(), now, now, etag, metadata or {})
        self.put_file_system(made)
        self.put(Node(made.id, "", made.id, True, now, now, etag, owner, owner, format_acl(root_access())))
        return made

    def put_file_system(self, file_system: FileSystem) -> None:
        """Writes a filesystem's record."""
        self._file_systems.put(f"{file_system.account}/{file_system.name}", file_system.document())

    def remove_file_system(self, file_system: FileSystem) -> None:
        """Removes a filesystem with everything in it."""
        with self.transaction():
            self._file_systems.delete(f"{file_system.account}/{file_system.name}")
            root = self.child("", file_system.id)
            if root is not None:
                self.remove(root)
            for each in self.snapshots(file_system):
                self.remove_version(each)
            self.deleted(file_system, "", self.now() + 1)
            for segment in self.segments(f"{file_system.id}/"):
                self.content.retire(segment.content)
                self._uncommitted.delete(segment.name)

    def remove_account(self, account: str) -> None:
        """Removes every filesystem of an account that is gone."""
        for each in list(self.file_systems(account)):
            self.remove_file_system(each)

    # Nodes

    def child(self, parent_id: str, name: str) -> Node | None:
        """The node of that name in a directory, or None; a filesystem's root is found by ("", its id)."""
        document = self._nodes.get(f"{parent_id}/{name}")
        node = Node.of(document) if document else None
        if node is not None and self._is_over(node):
            self.remove(node)
            return None
        return node

    def _is_over(self, node: Node) -> bool:
        return bool(node.expires) and node.expires <= self.now()

    def children(self, parent_id: str, after: str = "", prefix: str = "") -> Iterator[Node]:
        """The nodes in a directory whose names begin with `prefix` and come after `after`, in order of their bytes."""
        for node in self._scanned(parent_id, after, prefix):
            if not self._is_over(node):
                yield node

    def _scanned(self, parent_id: str, after: str = "", prefix: str = "") -> Iterator[Node]:
        start_after = f"{parent_id}/{after}" if after else ""
        for _, document in self._nodes.scan(f"{parent_id}/{prefix}", start_after):
            yield Node.of(document)

    def trail(self, file_system: FileSystem, names: Sequence[str]) -> Trail:
        """How far a path exists; it ends at a file even when names follow."""
        root = self.child("", file_system.id)
        if root is None:
            raise RuntimeError(f"internal-error: opening {file_system.name}: its root directory is gone")
        nodes = [root]
        for index, name in enumerate(names):
            found = self.child(nodes[-1].id, name) if nodes[-1].is_directory else None
            if found is None:
                return Trail(tuple(nodes), tuple(names[index:]))
            nodes.append(found)
        return Trail(tuple(nodes), ())

    def put(self, node: Node) -> None:
        """Writes a node at its place."""
        self._nodes.put(f"{node.parent_id}/{node.name}", node.document())

    def remove(self, node: Node) -> None:
        """Removes a node with everything below it."""
        with self.transaction():
            self._nodes.delete(f"{node.parent_id}/{node.name}")
            self._forget(node)

    def move(self, node: Node, parent_id: str, name: str) -> Node:
        """Gives a node another place; what lies below it comes along at no cost."""
        with self.transaction():
            self._nodes.delete(f"{node.parent_id}/{node.name}")
            moved = replace(node, parent_id=parent_id, name=name)
            self.put(moved)
        return moved

    # Snapshots, which stand beside the blobs of an account without hierarchy (`<filesystem id>/<name>\x01<moment>`)

    def snapshot(self, file_system: FileSystem, names: Sequence[str], moment: str) -> Node | None:
        """The snapshot of a blob of that moment, or None."""
        document = self._snapshots.get(f"{file_system.id}/{'/'.join(names)}{_MOMENT}{moment}")
        return Node.of(document) if document else None

    def snapshots(self, file_system: FileSystem, names: Sequence[str] = ()) -> list[Node]:
        """The snapshots of a blob, oldest first; without names those of all blobs."""
        prefix = f"{file_system.id}/" + (f"{'/'.join(names)}{_MOMENT}" if names else "")
        return [Node.of(document) for _, document in self._snapshots.scan(prefix)]

    def put_version(self, node: Node) -> None:
        """Writes a node at its place, or a snapshot at its own."""
        if node.snapshot:
            self._snapshots.put(_key_of_snapshot(node), node.document())
        else:
            self.put(node)

    def remove_version(self, snapshot: Node) -> None:
        """Removes a snapshot."""
        with self.transaction():
            self.content.retire(snapshot.content)
            self._snapshots.delete(_key_of_snapshot(snapshot))

    # What was deleted and is kept (`<filesystem id>/<path>\x01<id>`)

    def set_aside(self, file_system: FileSystem, deleted: DeletedPath) -> None:
        """Takes a node out of its place, with everything below it, and keeps it."""
        node = deleted.node
        with self.transaction():
            self._nodes.delete(f"{node.parent_id}/{node.name}")
            self._deleted.put(_key_of_deleted(file_system, deleted), deleted.document())

    def deleted(self, file_system: FileSystem, prefix: str, oldest: int) -> list[DeletedPath]:
        """What is kept of paths with that prefix, by path; what was deleted before the moment `oldest` goes."""
        found = [DeletedPath.of(each) for _, each in self._deleted.scan(f"{file_system.id}/{prefix}")]
        for each in found:
            if each.moment < oldest:
                self._deleted.delete(_key_of_deleted(file_system, each))
                self._forget(each.node)
        return [each for each in found if each.moment >= oldest]

    def sweep_deleted(self, file_system: FileSystem, oldest: int) -> None:
        """Lets go what was deleted before a moment, where nobody looked for it for an hour."""
        now = self.now()
        if now - self._swept.get(file_system.id, 0) > _HOUR:
            self._swept[file_system.id] = now
            self.deleted(file_system, "", oldest)

    def bring_back(self, file_system: FileSystem, deleted: DeletedPath, parent_id: str, name: str) -> None:
        """Gives what was kept a place again."""
        with self.transaction():
            self._deleted.delete(_key_of_deleted(file_system, deleted))
            self.put(replace(deleted.node, parent_id=parent_id, name=name))

    def is_empty(self, directory: Node) -> bool:
        """Whether nothing is in a directory."""
        return next(self.children(directory.id), None) is None

    def walk(
        self, directory: Node, after: Sequence[str] = (), prefix: str = ""
    ) -> Iterator[tuple[tuple[str, ...], Node]]:
        """Everything below a directory, each directory before what is in it; begins behind the path `after`.

        With `prefix` only what is in the directory under names that begin so, and what is below that.
        """
        if after:
            first = self.child(directory.id, after[0])
            if first is not None and first.is_directory:
                for path, node in self.walk(first, after[1:]):
                    yield (first.name, *path), node
        for node in self.children(directory.id, after[0] if after else "", prefix):
            yield (node.name,), node
            if node.is_directory:
                for path, below in self.walk(node):
                    yield (node.name, *path), below

    @staticmethod
    def fresh_id() -> str:
        """An id for a new node."""
        return uuid.uuid4().hex

    def _forget(self, node: Node) -> None:
        waiting = [node]
        while waiting:
            current = waiting.pop()
            self.content.retire(current.content)
            self.drop_segments(f"{current.id}/")
            if current.is_directory:
                for child in list(self._scanned(current.id)):
                    self._nodes.delete(f"{child.parent_id}/{child.name}")
                    waiting.append(child)

    # Unseen by readers: appended segments (`<node id>/<position>`), blocks (`<filesystem id>/<path>\x01<id>`)

    def put_segment(self, key: str, content: str, position: int, length: int) -> None:
        """Keeps a content as a segment under `key`, in place of what was there."""
        with self.transaction():
            before = self._uncommitted.get(key)
            if before is not None:
                self.content.retire(before["content"])
            self.content.keep(content)
            self._uncommitted.put(key, {"content": content, "position": position, "length": length})

    def segments(self, prefix: str) -> list[Segment]:
        """Segments whose keys begin with `prefix`, in order of their keys; `name` is the whole key."""
        return [Segment(key, **document) for key, document in self._uncommitted.scan(prefix)]

    def drop_segments(self, prefix: str, keep_from: int | None = None) -> None:
        """Forgets the segments under `prefix`, those from position `keep_from` on excepted."""
        with self.transaction():
            for segment in self.segments(prefix):
                if keep_from is None or segment.position < keep_from:
                    self.content.retire(segment.content)
                    self._uncommitted.delete(segment.name)

    def range_of(self, content: str, length: int, offset: int = 0) -> FileRange:
        """A part of a content as a body."""
        return FileRange(self.content.path(content), offset, length)


def _key_of_deleted(file_system: FileSystem, deleted: DeletedPath) -> str:
    return f"{file_system.id}/{deleted.path}{_MOMENT}{deleted.id}"


def _key_of_snapshot(node: Node) -> str:
    return f"{node.parent_id}/{node.name}{_MOMENT}{node.snapshot}"
