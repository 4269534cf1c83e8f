"""How long the lines of a text file can be, told without reading all of it."""

from __future__ import annotations

import mmap
from pathlib import Path

_BLOCK = 1 << 20
"""Bytes."""
SHORT_LINE = 2 * _BLOCK
"""Bytes that no line has which spans less than two blocks."""


def has_short_lines(file: Path) -> bool:
    """True where each block of a plain file holds a line feed, so that no line has SHORT_LINE bytes.

    Of a block as much is read as stands before its first line feed. Raises OSError for what cannot be read.
    """
    size = file.stat().st_size
    if size < SHORT_LINE:
        return True
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return all(text.find(b"\n", start, start + _BLOCK) >= 0 for start in range(0, size - _BLOCK + 1, _BLOCK))
