"""How long the lines of a text file can be, told without reading all of it."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 20
"""Bytes."""
_READ = 1 << 14
"""Bytes at once. The file is not mapped: pages of a map, those around the ones that are looked at too, count as the
process's own memory."""
SHORT_LINE = 2 * _BLOCK
"""Bytes that no line has which spans less than two blocks."""


def has_short_lines(file: Path) -> bool:
    """True where each block of a plain file holds a line feed, so that no line has SHORT_LINE bytes.

    Of a block as much is read as stands before its first line feed. Raises OSError for what cannot be read.
    """
    size = file.stat().st_size
    if size < SHORT_LINE:
        return True
    with file.open("rb", buffering=0) as stream:
        return all(_ends_a_line(stream, start) for start in range(0, size - _BLOCK + 1, _BLOCK))


def _ends_a_line(stream: BinaryIO, start: int) -> bool:
    """Whether the block that starts there holds a line feed."""
    stream.seek(start)
    return any(b"\n" in stream.read(_READ) for _ in range(_BLOCK // _READ))
