"""Columns with their titles as one file: also with titles that differ in case alone, of which DuckDB changes one, and
with an empty title, which it does not have (a pivot without a prefix makes one of an empty text)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import duckdb

from dataflow_execution.column_spelling import differ_in_more
from dataflow_execution.errors import not_supported
from dataflow_execution.formats import DelimitedText, FileFormat, Json, Parquet, name_of
from dataflow_execution.sql_text import identifier, quoted
from dataflow_execution.writers.file_formats import Rows, batches, parquet_codec, write_delimited, write_file

_ARROW_CODECS: Mapping[str, Literal["none", "snappy", "gzip", "zstd", "brotli", "lz4"]] = {
    "uncompressed": "none",
    "snappy": "snappy",
    "gzip": "gzip",
    "zstd": "zstd",
    "brotli": "brotli",
    "lz4_raw": "lz4",
}


@dataclass(frozen=True)
class TitledColumn:
    """A column of a file: its SQL over the rows, and its title."""

    sql: str
    title: str


def write_titled(
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[TitledColumn],
    rows: Rows,
    target: Path,
    form: FileFormat,
    *,
    quote_all: bool = False,
    empty_lines: int = 0,
) -> int:
    """Writes columns of rows to a file, of delimited text as text; returns the number of rows. Raises DataFlowRunError
    for what the format cannot hold."""
    target.parent.mkdir(parents=True, exist_ok=True)
    titles = [column.title for column in columns]
    if not all(titles) and not isinstance(form, DelimitedText | Json | Parquet):
        raise not_supported(
            f"{name_of(form)} has no column without a name", hint="name it in a select, or by columnNaming of the pivot"
        )
    names = titles if all(titles) else [f"column {number}" for number in range(len(titles))]
    named = _selected(
        [f"{column.sql} AS {identifier(name)}" for column, name in zip(columns, names, strict=True)], rows
    )
    fitting = names is titles and differ_in_more(titles)
    match form:
        case DelimitedText() if fitting or not form.header:
            return write_delimited(connection, named, target, form, quote_all=quote_all, empty_lines=empty_lines)
        case DelimitedText():
            heads = ", ".join(f"{quoted(title)}::VARCHAR" for title in titles)
            body = ", ".join(f"({column.sql})::VARCHAR" for column in columns)
            lines = Rows(f"SELECT {heads} UNION ALL SELECT {body} FROM ({rows.sql})", rows.bindings)
            bare = replace(form, header=False)
            return write_delimited(connection, lines, target, bare, quote_all=quote_all, empty_lines=empty_lines) - 1
        case Json() if not fitting:
            return _write_objects(connection, columns, rows, target, form)
        case Parquet() if not fitting:
            return _write_parquet(connection, named, titles, target, form)
        case _:
            return write_file(connection, named, target, form)


def _selected(items: Sequence[str], rows: Rows) -> Rows:
    return Rows(f"SELECT {', '.join(items)} FROM ({rows.sql})", rows.bindings)


def _write_objects(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[TitledColumn], rows: Rows, target: Path, form: Json
) -> int:
    """Each row as the text of an object: lines without quotes or delimiters."""
    if form.form == "singleDocument":
        raise not_supported("JSON is written in no single document", expected="documentPerLine or arrayOfDocuments")
    fields = ", ".join(f"{quoted(column.title)}, {column.sql}" for column in columns)
    lines, around = f"SELECT json_object({fields})::VARCHAR AS line FROM ({rows.sql})", 0
    if form.form == "arrayOfDocuments":
        comma = "CASE WHEN lead(1) OVER () IS NULL THEN '' ELSE ',' END"
        lines, around = f"SELECT '[' UNION ALL SELECT '\t' || line || {comma} FROM ({lines}) UNION ALL SELECT ']'", 2
    text = DelimitedText(
        column_delimiter="\x01", quote="", escape="", compression=form.compression, encoding=form.encoding
    )
    return write_delimited(connection, Rows(lines, rows.bindings), target, text) - around


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, rows: Rows, titles: Sequence[str], target: Path, form: Parquet
) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    reader = batches(connection, rows)
    schema = pa.schema([field.with_name(title) for field, title in zip(reader.schema, titles, strict=True)])
    count = 0
    with pq.ParquetWriter(target, schema, compression=_ARROW_CODECS[parquet_codec(form)]) as writer:
        for batch in reader:
            writer.write_batch(batch.rename_columns(list(titles)))
            count += batch.num_rows
    return count
