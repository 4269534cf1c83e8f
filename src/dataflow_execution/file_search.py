"""Looks for words in files of any size."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_READ = 1 << 20
"""Bytes at once. Files are not mapped: pages of a map count as the process's own memory."""


def file_holds(path: Path, words: Iterable[bytes]) -> bool:
    """True when one of the words is found in the file, which is not taken into memory. Raises OSError."""
    wanted = tuple(words)
    most_of_a_word = max(map(len, wanted), default=1) - 1
    with path.open("rb", buffering=0) as stream:
        before = b""
        while part := stream.read(_READ):
            text = before + part
            if any(word in text for word in wanted):
                return True
            before = text[max(0, len(text) - most_of_a_word) :]
    return False
