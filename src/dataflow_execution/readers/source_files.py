"""The files of a source, and the columns that come from their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dataflow_execution.sql_text import identifier, listed, quoted

FILE_COLUMN = "__file"
"""The column with a file's path on disk, which readers add and the queries of sources take away again."""


@dataclass(frozen=True)
class SourceFile:
    """A file on disk; ``shown`` is the path that the flow sees, ``columns`` the values that its folders name."""

    path: Path
    shown: str
    columns: Mapping[str, str | None] = field(default_factory=dict)


def with_file_columns(query: str, files: Sequence[SourceFile], file_name_column: str | None) -> str:
    """A query of rows with FILE_COLUMN as one with the columns that the files' names give instead."""
    columns: dict[str, list[str | None]] = {}
    if file_name_column:
        columns[file_name_column] = [file.shown for file in files]
    for name in dict.fromkeys(name for file in files for name in file.columns):
        columns[name] = [file.columns.get(name) for file in files]
    paths = listed(file.path for file in files)
    added = [
        f"MAP({paths}, [{', '.join(map(_nullable, values))}])[{FILE_COLUMN}] AS {identifier(name)}"
        for name, values in columns.items()
    ]
    kept = f"COLUMNS(lambda name: name NOT IN ({', '.join(map(quoted, [FILE_COLUMN, *columns]))}))"
    return f"SELECT {', '.join([kept, *added])} FROM ({query})"


def with_original_files(query: str, read: Sequence[Path], files: Sequence[Path]) -> str:
    """A query of rows with FILE_COLUMN that tells the files themselves where they were read from others."""
    if list(read) == list(files):
        return query
    return f"SELECT * REPLACE (MAP({listed(read)}, {listed(files)})[{FILE_COLUMN}] AS {FILE_COLUMN}) FROM ({query})"


def needs_file_column(files: Iterable[SourceFile], file_name_column: str | None) -> bool:
    """True when a column comes from the names of files or folders."""
    return bool(file_name_column) or any(file.columns for file in files)


def _nullable(value: str | None) -> str:
    return "NULL" if value is None else quoted(value)
