"""Files of datasets as DuckDB relations, and relations as files; all through DuckDB, never row by row."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipeline_runtime.errors import ActivityFailure

_NO_COMPRESSION = (None, "", "none")
_DELIMITERS = {"\\t": "\t"}


def refuse_compression(settings: Mapping[str, Any], dataset: str, allowed: Sequence[str] = ()) -> None:
    """Raise ActivityFailure for a compressed dataset of a format that is written plain here."""
    codec = settings.get("compressionCodec") or (settings.get("compression") or {}).get("type")
    if codec not in _NO_COMPRESSION and str(codec).lower() not in allowed:
        raise ActivityFailure("2200", f"The dataset '{dataset}': the compression '{codec}' is not supported locally.")
    encoding = str(settings.get("encodingName") or "UTF-8")
    if encoding.upper() not in ("UTF-8", "UTF-8 WITHOUT BOM"):
        raise ActivityFailure("2200", f"The dataset '{dataset}': the encoding '{encoding}' is not supported locally.")


def quoted(value: object) -> str:
    """A SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def delimited_relation(
    files: Sequence[Path], settings: Mapping[str, Any], headerless_prefix: str = "Prop_", quoted_nulls: bool = False
) -> str:
    """A query over delimited text files, all columns text; files with other headers are united by name.

    `quoted_nulls`: a quoted null value is null too (data flows), else it is the text itself (Copy).
    """
    groups: dict[tuple[str, ...], list[Path]] = {}
    for file in files:
        groups.setdefault(_columns(file, settings, headerless_prefix), []).append(file)
    selects = [_read_csv(group, columns, settings, quoted_nulls) for columns, group in groups.items() if columns]
    if not selects:
        return "SELECT NULL::VARCHAR AS empty WHERE FALSE"
    return " UNION ALL BY NAME ".join(selects)


def parquet_relation(files: Sequence[Path]) -> str:
    """A query over Parquet files."""
    return f"SELECT * FROM read_parquet([{', '.join(map(quoted, files))}], union_by_name = true)"


def json_relation(files: Sequence[Path], form: str = "newline_delimited") -> str:
    """A query over JSON files; `form` is newline_delimited, array or unstructured (DuckDB's words)."""
    listed = ", ".join(map(quoted, files))
    return (
        f"SELECT * FROM read_json([{listed}], format = '{form}', union_by_name = true, sample_size = -1, "
        "maximum_object_size = 67108864, convert_strings_to_integers = false, "
        "dateformat = 'none', timestampformat = 'none')"
    )


def write_delimited(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    target: Path,
    settings: Mapping[str, Any],
    quote_all: bool,
    new_line: str,
    header: bool | None = None,
) -> int:
    """Write a query whose columns are text; NULL as the dataset's nullValue, unquoted. Returns the number of rows."""
    row_delimiter = settings.get("rowDelimiter") or new_line
    quote = settings.get("quoteChar", '"')
    options = [
        "FORMAT csv",
        f"HEADER {str(bool(settings.get('firstRowAsHeader')) if header is None else header).lower()}",
        f"DELIMITER {quoted(_delimiter(settings))}",
        f"QUOTE {quoted(quote)}",
        f"NULLSTR {quoted(settings.get('nullValue') or '')}",
        f"NEW_LINE {quoted({chr(10): chr(92) + 'n', chr(13) + chr(10): chr(92) + 'r' + chr(92) + 'n'}[row_delimiter])}",
    ]
    if quote:
        options.append(f"ESCAPE {quoted(_escape(settings))}")
    if quote_all and quote:
        options.append("FORCE_QUOTE *")
    return _copied(connection, query, target, options)


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, target: Path, settings: Mapping[str, Any]) -> int:
    """Write a query to a Parquet file; returns the number of rows."""
    codec = str(settings.get("compressionCodec") or "snappy").lower()
    return _copied(connection, query, target, ["FORMAT parquet", f"COMPRESSION {quoted(codec)}"])


def write_json(connection: duckdb.DuckDBPyConnection, query: str, target: Path, array: bool) -> int:
    """Write a query to a JSON file: one object a line, or one array."""
    return _copied(connection, query, target, ["FORMAT json", f"ARRAY {str(array).lower()}"])


def _copied(connection: duckdb.DuckDBPyConnection, query: str, target: Path, options: Sequence[str]) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    row = connection.execute(f"COPY ({query}) TO {quoted(target)} ({', '.join(options)})").fetchone()
    return int(row[0]) if row else 0


def _delimiter(settings: Mapping[str, Any]) -> str:
    given = str(settings.get("columnDelimiter") or ",")
    return _DELIMITERS.get(given, given)


def _escape(settings: Mapping[str, Any]) -> str:
    return str(settings.get("escapeChar") or "\\")


def _columns(file: Path, settings: Mapping[str, Any], headerless_prefix: str) -> tuple[str, ...]:
    quote, escape = str(settings.get("quoteChar", '"')), _escape(settings)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(
            stream,
            delimiter=_delimiter(settings)[0],
            quotechar=quote or None,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            doublequote=escape == quote,
            escapechar=None if escape == quote else escape,
        )
        first = next(reader, [])
    if settings.get("firstRowAsHeader"):
        return tuple(first)
    return tuple(f"{headerless_prefix}{index}" for index in range(len(first)))


def _read_csv(files: Sequence[Path], columns: Sequence[str], settings: Mapping[str, Any], quoted_nulls: bool) -> str:
    listed = ", ".join(map(quoted, files))
    typed = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in columns)
    quote = str(settings.get("quoteChar", '"'))
    options = [
        "auto_detect = false",
        f"columns = {{{typed}}}",
        f"header = {str(bool(settings.get('firstRowAsHeader'))).lower()}",
        f"delim = {quoted(_delimiter(settings))}",
        f"quote = {quoted(quote)}",
        f"nullstr = {quoted(settings.get('nullValue') or '')}",
        f"allow_quoted_nulls = {str(quoted_nulls).lower()}",
        "null_padding = true",
        "max_line_size = 16777216",
    ]
    if quote:
        options.append(f"escape = {quoted(_escape(settings))}")
    return f"SELECT * FROM read_csv([{listed}], {', '.join(options)})"
