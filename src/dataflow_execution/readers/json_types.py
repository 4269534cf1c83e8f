"""The types that JSON values have by themselves: texts are texts, whatever DuckDB takes them for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import duckdb
from duckdb.sqltypes import DuckDBPyType

from dataflow_execution.sql_text import identifier, listed, quoted

_AS_WRITTEN = "convert_strings_to_integers = false, dateformat = 'none', timestampformat = 'none'"
"""It sees no dates in texts then, but for words such as infinity; it sees times of day and UUIDs."""
_AS_STRUCTURES = "map_inference_threshold = -1"
"""Else DuckDB takes an object with 200 fields of like types, even a whole document, for a map."""
_SEEN_IN_TEXTS = frozenset({"date", "time", "timestamp", "uuid"})


def json_query(files: Sequence[Path], *options: str) -> str:
    """A query over JSON files by some options of `read_json`, and by those that leave values as they are written."""
    common = (_AS_WRITTEN, _AS_STRUCTURES, "hive_partitioning = false")
    return f"SELECT * FROM read_json({listed(files)}, {', '.join((*options, *common))})"


def types_as_written(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
    """The columns of a query over JSON, with texts where DuckDB sees dates, times of day or UUIDs in them."""
    described = connection.execute(f"{query} LIMIT 0").description or ()
    return {str(name): _as_written(kind) for name, kind, *_ in described}


def columns_option(types: Mapping[str, str]) -> str:
    """The option of `read_json` that gives the columns their types."""
    return f"columns = {{{', '.join(f'{quoted(name)}: {quoted(kind)}' for name, kind in types.items())}}}"


def _as_written(kind: DuckDBPyType) -> str:
    if kind.id not in ("struct", "list"):
        return "VARCHAR" if kind.id in _SEEN_IN_TEXTS else str(kind)
    parts = [(name, _as_written(part)) for name, part in cast(list[tuple[str, DuckDBPyType]], kind.children)]
    if kind.id == "list":
        return f"{parts[0][1]}[]"
    return f"STRUCT({', '.join(f'{identifier(name)} {part}' for name, part in parts)})"
