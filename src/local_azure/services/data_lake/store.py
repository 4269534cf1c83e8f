"""The lake's records: filesystems by name, nodes below their parent, data that was appended but not flushed.

No HTTP and no permissions here. The cost of a page of a listing grows with the page and the depth, not with the lake.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from heapq import merge

from azure_ids.acl import format_acl
from local_azure.clock import Clock
from local_azure.http import FileRange
from local_azure.services.data_lake.content import ContentFiles
from local_azure.services.data_lake.inheritance import root_access
from local_azure.services.data_lake.nodes import (
    DeletedFileSystem,
    DeletedPath,
    FileSystem,
    Node,
    Trail,
    snapshot_name,
)
from local_azure.state import State

FILETIME_OFFSET = 116_444_736_000_000_000
"""Ticks of 100 ns between 1601 (where Windows file times begin) and 1970."""
_TICKS_OFFSET = 621_355_968_000_000_000
"""Ticks of 100 ns between the year 1 (where entity tags count from) and 1970."""


_BATCH = 100
"""Nodes that are read at once to find one that is not over."""
_HOUR = 3600 * 1_000_000
"""In microseconds."""
_MOMENT = "\x01"
"""Stands between the name of a blob and the moment of a snapshot in the snapshot's key."""
_BEHIND_VERSIONS = "~"
"""Comes after the version of every deleted filesystem."""
_BEHIND_MOMENTS = "\x02"
"""Behind the name of a blob: what comes after all its snapshots, and before every longer name."""


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
        self._deleted_file_systems = state.collection("data_lake.deleted_file_systems")
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
            self._empty(file_system)

    def _empty(self, file_system: FileSystem) -> None:
        with self.transaction():
            root = self.child("", file_system.id)
            if root is not None:
                self.remove(root)
            for each in self.snapshots(file_system):
                self.remove_version(each)
            for kept in self._all_deleted(file_system, ""):
                self.forget_deleted(file_system, kept)
            for segment in self.segments(f"{file_system.id}/"):
                self.content.retire(segment.content)
                self._uncommitted.delete(segment.name)

    def remove_account(self, account: str) -> None:
        """Removes every filesystem of an account that is gone."""
        with self.transaction():
            for each in list(self.file_systems(account)):
                self.remove_file_system(each)
            for _, document in list(self._deleted_file_systems.scan(f"{account}/")):
                self._forget_file_system(DeletedFileSystem.of(document))

    # Filesystems that were deleted and are kept (`<account>/<name>\x01<version>`)

    def set_file_system_aside(self, file_system: FileSystem, kept_for: int) -> None:
        """Takes a filesystem with everything in it out of its place, and keeps it for so many microseconds."""
        now = self.now()
        deleted = DeletedFileSystem(f"{now * 10 + FILETIME_OFFSET:016X}", now, now + kept_for, file_system)
        with self.transaction():
            self._file_systems.delete(f"{file_system.account}/{file_system.name}")
            self._deleted_file_systems.put(_key_of_deleted_file_system(deleted), deleted.document())

    def deleted_file_systems(self, account: str, prefix: str = "") -> list[DeletedFileSystem]:
        """What is kept of an account's filesystems, by name and age; what was kept long enough goes."""
        now, left = self.now(), []
        for _, document in list(self._deleted_file_systems.scan(f"{account}/{prefix}")):
            found = DeletedFileSystem.of(document)
            if found.ends > now:
                left.append(found)
            else:
                self._forget_file_system(found)
        return left

    def listed_file_systems(
        self, account: str, prefix: str, after: Sequence[str], with_deleted: bool
    ) -> Iterator[tuple[FileSystem, DeletedFileSystem | None]]:
        """Filesystems by name after a name, or after a name and a version; deleted ones before the present one."""
        present = (
            (each, None) for each in self.file_systems(account, prefix, "" if len(after) > 1 else "".join(after))
        )
        if not with_deleted:
            yield from present
            return
        position = (after[0], after[1] if len(after) > 1 else _BEHIND_VERSIONS) if after else ("", "")
        kept = ((each.file_system, each) for each in self.deleted_file_systems(account, prefix))
        both: Iterator[tuple[FileSystem, DeletedFileSystem | None]] = merge(kept, present, key=_place_in_list)
        yield from (each for each in both if _place_in_list(each) > position)

    def bring_file_system_back(self, deleted: DeletedFileSystem) -> None:
        """Gives a filesystem that was kept its name again."""
        with self.transaction():
            self._deleted_file_systems.delete(_key_of_deleted_file_system(deleted))
            self.put_file_system(deleted.file_system)

    def _forget_file_system(self, deleted: DeletedFileSystem) -> None:
        with self.transaction():
            self._deleted_file_systems.delete(_key_of_deleted_file_system(deleted))
            self._empty(deleted.file_system)

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

    def _scanned(self, parent_id: str, after: str = "", prefix: str = "", limit: int | None = None) -> Iterator[Node]:
        start_after = f"{parent_id}/{after}" if after else ""
        for _, document in self._nodes.scan(f"{parent_id}/{prefix}", start_after, limit):
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

    def free_moment(self, file_system: FileSystem, names: Sequence[str]) -> str:
        """The present moment as the name of a snapshot, later than those that the blob has, deleted ones included."""
        taken = [each.snapshot for each in self.snapshots(file_system, names)]
        taken += [each.node.snapshot for each in self.deleted_at(file_system, "/".join(names))]
        now, last = self.now(), max(taken, default="")
        while (name := snapshot_name(now)) <= last:
            now += 1
        return name

    # What was deleted and is kept (`<filesystem id>/<path>\x01<id>`)

    def set_aside(self, file_system: FileSystem, node: Node, kept: DeletedPath) -> None:
        """Takes a node out of its place, with everything below it, and keeps what `kept` says of it."""
        with self.transaction():
            if node.snapshot:
                self._snapshots.delete(_key_of_snapshot(node))
            else:
                self._nodes.delete(f"{node.parent_id}/{node.name}")
            self.put_deleted(file_system, kept)

    def put_deleted(self, file_system: FileSystem, kept: DeletedPath) -> None:
        """Keeps something that has no place."""
        self._deleted.put(_key_of_deleted(file_system, kept), kept.document())

    def move_deleted(self, file_system: FileSystem, kept: DeletedPath, changed: DeletedPath) -> None:
        """Keeps something as something else."""
        with self.transaction():
            self._deleted.delete(_key_of_deleted(file_system, kept))
            self.put_deleted(file_system, changed)

    def deleted(self, file_system: FileSystem, prefix: str) -> list[DeletedPath]:
        """What is kept of paths with that prefix, by path; what was kept long enough goes."""
        now, left = self.now(), []
        for each in self._all_deleted(file_system, prefix):
            if each.ends > now:
                left.append(each)
            else:
                self.forget_deleted(file_system, each)
        return left

    def deleted_at(self, file_system: FileSystem, path: str) -> list[DeletedPath]:
        """What is kept of one path."""
        return self.deleted(file_system, f"{path}{_MOMENT}")

    def deleted_paths(self, file_system: FileSystem, after: str, prefix: str) -> Iterator[str]:
        """The paths with that prefix after another one of which something is kept, each once and in order."""
        start_after = f"{file_system.id}/{after}{_BEHIND_MOMENTS}" if after else ""
        now, last = self.now(), None
        for _, document in self._deleted.scan(f"{file_system.id}/{prefix}", start_after):
            found = DeletedPath.of(document)
            if found.ends > now and found.path != last:
                last = found.path
                yield found.path

    def _all_deleted(self, file_system: FileSystem, prefix: str) -> list[DeletedPath]:
        return [DeletedPath.of(each) for _, each in self._deleted.scan(f"{file_system.id}/{prefix}")]

    def forget_deleted(self, file_system: FileSystem, kept: DeletedPath) -> None:
        """Lets go what was kept."""
        with self.transaction():
            self._deleted.delete(_key_of_deleted(file_system, kept))
            self._forget(kept.node)

    def sweep_deleted(self, file_system: FileSystem) -> None:
        """Lets go what was kept long enough, where nobody looked for it for an hour."""
        now = self.now()
        if now - self._swept.get(file_system.id, 0) > _HOUR:
            self._swept[file_system.id] = now
            self.deleted(file_system, "")

    def bring_back(self, file_system: FileSystem, deleted: DeletedPath, parent_id: str, name: str) -> None:
        """Gives what was kept a place again."""
        with self.transaction():
            self._deleted.delete(_key_of_deleted(file_system, deleted))
            self.put_version(replace(deleted.node, parent_id=parent_id, name=name))

    def is_empty(self, directory: Node) -> bool:
        """Whether nothing is in a directory."""
        batch, after = 1, ""  # one is enough nearly always: what is over already is rare
        while found := list(self._scanned(directory.id, after, limit=batch)):
            if not all(map(self._is_over, found)):
                return False
            batch, after = _BATCH, found[-1].name
        return True

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


def position_in_list(file_system: FileSystem, deleted: DeletedFileSystem | None) -> list[str]:
    """What `listed_file_systems` is told to go on behind a line."""
    return [file_system.name] if deleted is None else [file_system.name, deleted.version]


def _place_in_list(item: tuple[FileSystem, DeletedFileSystem | None]) -> tuple[str, str]:
    file_system, deleted = item
    return file_system.name, deleted.version if deleted is not None else _BEHIND_VERSIONS


def _key_of_deleted_file_system(deleted: DeletedFileSystem) -> str:
    return f"{deleted.file_system.account}/{deleted.file_system.name}{_MOMENT}{deleted.version}"


def _key_of_snapshot(node: Node) -> str:
    return f"{node.parent_id}/{node.name}{_MOMENT}{node.snapshot}"
