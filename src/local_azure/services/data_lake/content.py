"""Content of files as files on disk whose bytes never change: written first, kept when a record points to them, else
swept away. Append blobs put more bytes behind those that are there.

A name not kept (a crash, a refused request) and a name retired (an older version) are both listed as unreferenced.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

from local_azure.http import FileRange
from local_azure.state import State

_GRACE_SECONDS = 600.0
"""How long a retired file stays: a download that began before may still be reading it."""
_SWEEP_EVERY = 256


class ContentFiles:
    """The content folder of the state; `keep` and `retire` belong into the transaction that changes the pointer."""

    def __init__(self, state: State) -> None:
        self._folder = state.content_folder
        self._unreferenced = state.collection("data_lake.unreferenced_content")
        self._writes = 0
        self._sweep(0.0)

    def path(self, name: str) -> Path:
        """Where the content of that name is."""
        return self._folder / name[:2] / name

    def write(self, data: bytes) -> str:
        """A new content with these bytes; not kept yet."""
        name, path = self._fresh()
        path.write_bytes(data)
        return name

    def extend(self, name: str, length: int, data: bytes) -> None:
        """Writes data behind the first bytes of a content, of which there are `length`; readers of those see no change.

        What stands there already is of a request that was not kept. Nothing else may share the content and be extended.
        """
        with self.path(name).open("r+b") as target:
            target.seek(length)
            target.write(data)

    def join(self, parts: Iterable[FileRange]) -> str:
        """A new content with the bytes of all parts, one after the other, not read into memory; not kept yet."""
        name, path = self._fresh()
        with path.open("wb") as target:
            for part in parts:
                with part.path.open("rb") as source:
                    source.seek(part.offset)
                    _copy(source.fileno(), target.fileno(), part.length)
        return name

    def duplicate(self, name: str) -> str:
        """A new content with the bytes of another one, sharing its place on disk; not kept yet."""
        fresh, path = self._fresh()
        try:
            os.link(self.path(name), path)
        except OSError:  # a file system without hard links
            shutil.copyfile(self.path(name), path)
        return fresh

    def keep(self, name: str) -> None:
        """A record points to the content from now on."""
        self._unreferenced.delete(name)

    def retire(self, name: str) -> None:
        """No record points to the content any more; "" is no content."""
        if name:
            self._unreferenced.put(name, {"since": time.time()})

    def _fresh(self) -> tuple[str, Path]:
        self._writes += 1
        if self._writes % _SWEEP_EVERY == 0:
            self._sweep(_GRACE_SECONDS)
        name = uuid.uuid4().hex
        self.retire(name)
        path = self.path(name)
        path.parent.mkdir(exist_ok=True)
        return name, path

    def _sweep(self, older_than_seconds: float) -> None:
        limit = time.time() - older_than_seconds
        for name, document in list(self._unreferenced.scan()):
            if document["since"] <= limit:
                self.path(name).unlink(missing_ok=True)
                self._unreferenced.delete(name)


def _copy(source: int, target: int, length: int) -> None:
    left = length
    while left > 0:
        copied = os.sendfile(target, source, None, left) if hasattr(os, "sendfile") else 0
        if copied == 0:
            raise OSError(f"joining contents: {left} bytes are missing")
        left -= copied
