"""Columns of a copy: mapped by name, and typed values as the text that Copy writes into delimited files.

Date and time formats of .NET become DuckDB's; what has no counterpart is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import duckdb

from dataflow_execution.sql_text import identifier, quoted
from pipeline_runtime.errors import ActivityFailure

DEFAULT_DATE_TIME = "yyyy-MM-dd HH:mm:ss.fffffff"
DEFAULT_DATE_TIME_OFFSET = "yyyy-MM-dd HH:mm:ss.fffffff zzz"
_SETTINGS = frozenset(
    {"dateTimeFormat", "dateTimeOffsetFormat", "allowDataTruncation", "treatBooleanAsNumber", "culture"}
)
_TOKENS = {
    "yyyy": "%Y",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
    "fff": "%g",
    "ffffff": "%f",
    "fffffff": "%f0",
    "zzz": "+00:00",
    "K": "Z",
}
_PATTERN = re.compile(r"y+|M+|d+|H+|h+|m+|s+|f+|F+|t+|z+|K|'[^']*'|.")
_TYPES = {
    "string": "VARCHAR",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "double": "DOUBLE",
    "single": "FLOAT",
    "decimal": "DECIMAL(38, 18)",
    "boolean": "BOOLEAN",
    "datetime": "TIMESTAMP",
    "datetimeoffset": "TIMESTAMP WITH TIME ZONE",
    "date": "DATE",
}


def mapped_query(connection: duckdb.DuckDBPyConnection, query: str, translator: Any, sink_type: str) -> str:
    """The query with the translator's columns only, renamed and (for typed sinks) cast."""
    mappings = (translator or {}).get("mappings")
    if not mappings:
        return query
    columns = _columns(connection, query)
    by_lower = {name.lower(): name for name in columns}
    pieces: list[str] = []
    for mapping in mappings:
        source, sink = mapping.get("source") or {}, mapping.get("sink") or {}
        name = _source_name(source, list(columns), by_lower)
        target = str(sink.get("name") or name)
        wanted = _TYPES.get(str(sink.get("type", "")).lower())
        typed = wanted if wanted and sink_type == "ParquetSink" else None
        value = f"CAST({identifier(name)} AS {typed})" if typed else identifier(name)
        pieces.append(f"{value} AS {identifier(target)}")
    return f"SELECT {', '.join(pieces)} FROM ({query})"


def as_text_query(connection: duckdb.DuckDBPyConnection, query: str, settings: Mapping[str, Any]) -> str:
    """The query with every column as text."""
    for key in settings:
        if key not in _SETTINGS:
            raise ActivityFailure("2200", f"The type conversion setting '{key}' is not supported locally.")
    pieces = [
        f"{_text_of(identifier(name), kind, settings)} AS {identifier(name)}"
        for name, kind in _columns(connection, query).items()
    ]
    return f"SELECT {', '.join(pieces)} FROM ({query})"


def strftime_format(pattern: str) -> str:
    """A .NET date and time format as a strftime format; raises ActivityFailure for what has no counterpart."""
    pieces: list[str] = []
    for token in _PATTERN.findall(pattern):
        if token in _TOKENS:
            pieces.append(_TOKENS[token])
        elif token.startswith("'"):
            pieces.append(token.strip("'"))
        elif token[0].isalpha() and token not in "T":
            raise ActivityFailure("2200", f"The format '{pattern}' is not supported locally: '{token}'.")
        else:
            pieces.append(token.replace("%", "%%"))
    return "".join(pieces)


def _columns(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE {query}").fetchall()}


def _source_name(source: Mapping[str, Any], columns: list[str], by_lower: Mapping[str, str]) -> str:
    if source.get("name"):
        found = by_lower.get(str(source["name"]).lower())
        if found is None:
            raise ActivityFailure("2200", f"The column '{source['name']}' of the mapping is not in the source.")
        return found
    ordinal = source.get("ordinal")
    if isinstance(ordinal, int) and 1 <= ordinal <= len(columns):
        return columns[ordinal - 1]
    raise ActivityFailure("2200", f"The mapping's source '{dict(source)}' names no column.")


def _text_of(column: str, kind: str, settings: Mapping[str, Any]) -> str:
    base = kind.partition("(")[0].upper()
    if base in ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"):
        form = strftime_format(str(settings.get("dateTimeFormat") or DEFAULT_DATE_TIME))
        return f"strftime(CAST({column} AS TIMESTAMP), {quoted(form)})"
    if base == "TIMESTAMP WITH TIME ZONE":
        form = strftime_format(str(settings.get("dateTimeOffsetFormat") or DEFAULT_DATE_TIME_OFFSET))
        return f"strftime({column} AT TIME ZONE 'UTC', {quoted(form)})"
    if base == "BOOLEAN":
        yes, no = ("1", "0") if settings.get("treatBooleanAsNumber") is True else ("True", "False")
        return f"CASE WHEN {column} THEN '{yes}' WHEN NOT {column} THEN '{no}' END"
    if base in ("DOUBLE", "FLOAT"):
        return f"regexp_replace(CAST({column} AS VARCHAR), '\\.0$', '')"
    return f"CAST({column} AS VARCHAR)"
