"""Looks for words in files of any size."""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from pathlib import Path


def file_holds(path: Path, words: Iterable[bytes]) -> bool:
    """True when one of the words is found in the file, which is not taken into memory. Raises OSError."""
    with path.open("rb") as stream:
        if not stream.seek(0, 2):
            return False
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return any(content.find(word) >= 0 for word in words)
