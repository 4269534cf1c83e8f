"""All mutable state of the stand-in: JSON documents in one SQLite file, and blob contents as files beside it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_PAGE = 500
"""Documents read from the database at once while scanning."""


class State:
    """The state folder; safe to use from several threads, meant for the one process that holds the folder's lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.content_folder = folder / "content"
        self.temporary_folder = folder / "temporary"
        for each in (folder, self.content_folder, self.temporary_folder):
            each.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._empty_temporary_folder()  # a process that was killed leaves rows of patients there
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(folder / "state.sqlite", check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS documents (collection TEXT NOT NULL, key TEXT NOT NULL, document TEXT NOT NULL,"
            " PRIMARY KEY (collection, key)) WITHOUT ROWID"
        )

    def collection(self, name: str) -> Collection:
        """The collection of that name; it exists as soon as something is put in it."""
        return Collection(self, name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing for the writes inside; re-entrant, and one thread at a time."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def execute(self, statement: str, parameters: tuple[object, ...] = ()) -> tuple[list[tuple[Any, ...]], int]:
        """Runs one SQL statement; gives its rows and the number of rows it changed."""
        with self._lock:
            cursor = self._connection.execute(statement, parameters)
            return cursor.fetchall(), cursor.rowcount

    def close(self) -> None:
        """Closes the database; the state stays on disk, without temporary files."""
        with self._lock:
            self._connection.close()
        self._empty_temporary_folder()

    def _empty_temporary_folder(self) -> None:
        # An activity that does not heed its end may write while this goes on: what it leaves goes at the next start.
        for each in self.temporary_folder.iterdir():
            shutil.rmtree(each, ignore_errors=True)


class Collection:
    """A persistent mapping from key to JSON document, ordered by the bytes of the key in UTF-8."""

    def __init__(self, state: State, name: str) -> None:
        self._state = state
        self.name = name

    def get(self, key: str) -> dict[str, Any] | None:
        """The document under `key`, a copy, or None."""
        rows, _ = self._state.execute("SELECT document FROM documents WHERE collection=? AND key=?", (self.name, key))
        return _document(rows[0][0]) if rows else None

    def put(self, key: str, document: dict[str, Any]) -> None:
        """Writes the document under `key`, replacing what was there."""
        text = json.dumps(document, separators=(",", ":"))
        self._state.execute(
            "INSERT INTO documents VALUES (?,?,?)"
            " ON CONFLICT (collection, key) DO UPDATE SET document=excluded.document",
            (self.name, key, text),
        )

    def delete(self, key: str) -> bool:
        """Removes the document; False when there was none."""
        _, changed = self._state.execute("DELETE FROM documents WHERE collection=? AND key=?", (self.name, key))
        return changed > 0

    def scan(
        self, prefix: str = "", start_after: str = "", limit: int | None = None
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Keys with `prefix`, after `start_after`, in order of their bytes; at most `limit` of them."""
        after, left = start_after, limit
        first = not start_after
        end = _successor(prefix)
        while left is None or left > 0:
            page = _PAGE if left is None else min(_PAGE, left)
            rows = self._page(prefix, after, first, end, page)
            for key, text in rows:
                yield key, _document(text)
            if len(rows) < page:
                return
            after, first = rows[-1][0], False
            left = None if left is None else left - len(rows)

    def _page(self, prefix: str, after: str, first: bool, end: str | None, page: int) -> list[tuple[Any, ...]]:
        statement = "SELECT key, document FROM documents WHERE collection=? AND key>=?"
        parameters: list[object] = [self.name, prefix]
        if not first:
            statement += " AND key>?"
            parameters.append(after)
        if end is not None:
            statement += " AND key<?"
            parameters.append(end)
        rows, _ = self._state.execute(statement + " ORDER BY key LIMIT ?", (*parameters, page))
        return rows


def _document(text: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(text)
    return value


def _successor(prefix: str) -> str | None:
    """The smallest text after every text with `prefix`; None when there is no such text."""
    for end in range(len(prefix), 0, -1):
        point = ord(prefix[end - 1]) + 1
        if point <= 0x10FFFF:
            return prefix[: end - 1] + chr(0xE000 if 0xD800 <= point <= 0xDFFF else point)
    return None
