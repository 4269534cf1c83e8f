"""The files that a person means with a path of this machine: a file, a folder with all in it, or a glob."""

from __future__ import annotations

import glob
from pathlib import Path


def found_files(place: str) -> list[tuple[Path, str]]:
    """The files at a place, each with its path below what is named; in no order, and none where there are none."""
    path = Path(place)
    if path.is_file():
        return [(path, path.name)]
    if path.is_dir():
        return [(file, file.relative_to(path).as_posix()) for file in path.rglob("*") if file.is_file()]
    fixed = Path(*path.parts[: _fixed_parts(path)])
    pattern = path.relative_to(fixed).as_posix() if path.parts else ""
    matches = [file for file in fixed.glob(pattern) if file.is_file()] if pattern not in ("", ".") else []
    return [(file, file.relative_to(fixed).as_posix()) for file in matches]


def _fixed_parts(path: Path) -> int:
    """How many leading parts of a glob hold no wildcard."""
    return next((index for index, part in enumerate(path.parts) if glob.has_magic(part)), len(path.parts) - 1)


def is_hidden(path: str) -> bool:
    """True for files that Spark does not read: their name begins with ``_`` or ``.``."""
    return path.rpartition("/")[2].startswith(("_", "."))
