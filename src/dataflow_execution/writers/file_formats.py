"""The rows of a query as one file of a format; DuckDB writes what it can, batch by batch the others."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import duckdb

from dataflow_execution.errors import WRONG_TYPE, DataFlowRunError, not_supported
from dataflow_execution.formats import Avro, DelimitedText, FileFormat, Json, Orc, Parquet, name_of
from dataflow_execution.readers.delimited_text import null_has_marks
from dataflow_execution.readers.plain_files import native_encoding
from dataflow_execution.sql_text import quoted

_NEW_LINES = {"": "\\n", "\n": "\\n", "\r": "\\r", "\r\n": "\\r\\n"}
_TEXT_COMPRESSIONS = ("none", "gzip", "zstd")
_PARQUET_COMPRESSIONS = {"none": "uncompressed", "uncompressed": "uncompressed", "lz4": "lz4_raw"}
_ORC_COMPRESSIONS: Mapping[str, Literal["UNCOMPRESSED", "ZLIB", "SNAPPY", "LZ4", "ZSTD"]] = {
    "none": "UNCOMPRESSED",
    "zlib": "ZLIB",
    "snappy": "SNAPPY",
    "lz4": "LZ4",
    "zstd": "ZSTD",
}
_AVRO_CODECS = {"none": "null", "deflate": "deflate", "bzip2": "bzip2", "snappy": "snappy", "zstandard": "zstandard"}
_BATCH_ROWS = 20_000


@dataclass(frozen=True)
class Rows:
    """A query with the values of its named parameters."""

    sql: str
    bindings: Mapping[str, Any] = field(default_factory=dict)


def kept_rows(connection: duckdb.DuckDBPyConnection, rows: Rows, folder: Path) -> tuple[Rows, int]:
    """The rows, computed once and kept in a file of the folder, and their number."""
    file = folder / "rows.parquet"
    count = _copied(connection, rows, file, ["FORMAT parquet"])
    return Rows(f"SELECT * FROM read_parquet({quoted(file)})"), count


def write_file(connection: duckdb.DuckDBPyConnection, rows: Rows, target: Path, form: FileFormat) -> int:
    """Writes the rows of a query to a file; returns their number.

    Columns of delimited text must be text already. Raises DataFlowRunError for a format that cannot be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    match form:
        case DelimitedText():
            return write_delimited(connection, rows, target, form)
        case Json():
            return _write_json(connection, rows, target, form)
        case Parquet():
            return _copied(connection, rows, target, ["FORMAT parquet", f"COMPRESSION {quoted(parquet_codec(form))}"])
        case Avro():
            return _write_avro(connection, rows, target, form)
        case Orc():
            return _write_orc(connection, rows, target, form)
        case _:
            raise DataFlowRunError(f"{name_of(form)} is no format that files are written in", code=WRONG_TYPE)


def parquet_codec(form: Parquet) -> str:
    """DuckDB's name of the compression. Raises DataFlowRunError for one that is not written."""
    codec = _PARQUET_COMPRESSIONS.get(form.compression, form.compression)
    if codec not in ("uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4_raw"):
        raise _no_compression(form.compression, form)
    return codec


def write_delimited(
    connection: duckdb.DuckDBPyConnection,
    rows: Rows,
    target: Path,
    form: DelimitedText,
    *,
    quote_all: bool = False,
    empty_lines: int = 0,
) -> int:
    """Writes a query whose columns are text; NULL as the format's null value, unquoted; ``empty_lines`` stand above
    all others. Returns the number of rows.

    Raises DataFlowRunError for settings that cannot be written.
    """
    if form.row_delimiter not in _NEW_LINES:
        raise not_supported(f"the row delimiter {form.row_delimiter!r} is not supported", expected="the end of a line")
    if form.compression not in _TEXT_COMPRESSIONS:
        raise _no_compression(form.compression, form)
    if null_has_marks(form):
        filled = f"SELECT COALESCE(COLUMNS(*), {quoted(form.null_value)}) FROM ({rows.sql})"
        rows = Rows(filled, rows.bindings)
    options = [
        "FORMAT csv",
        f"HEADER {str(form.header).lower()}",
        f"DELIMITER {quoted(form.column_delimiter)}",
        f"QUOTE {quoted(form.quote)}",
        f"NULLSTR {quoted('' if null_has_marks(form) else form.null_value)}",
        f"NEW_LINE {quoted(_NEW_LINES[form.row_delimiter])}",
    ]
    if form.quote and form.escape:
        options.append(f"ESCAPE {quoted(form.escape)}")
    if quote_all and form.quote:
        options.append("FORCE_QUOTE *")
    above = empty_lines * (form.row_delimiter or "\n")
    return _encoded(connection, rows, target, options, form, above)


def _write_json(connection: duckdb.DuckDBPyConnection, rows: Rows, target: Path, form: Json) -> int:
    if form.form == "singleDocument":
        raise not_supported("JSON is written in no single document", expected="documentPerLine or arrayOfDocuments")
    if form.compression not in _TEXT_COMPRESSIONS:
        raise _no_compression(form.compression, form)
    options = ["FORMAT json", f"ARRAY {str(form.form == 'arrayOfDocuments').lower()}"]
    return _encoded(connection, rows, target, options, form)


def _no_compression(name: str, form: FileFormat) -> DataFlowRunError:
    return not_supported(f"{name_of(form)} is not written with the compression {name!r}")


def _encoded(
    connection: duckdb.DuckDBPyConnection,
    rows: Rows,
    target: Path,
    options: list[str],
    form: DelimitedText | Json,
    above: str = "",
) -> int:
    """Written in UTF-8, and from there in another encoding, or below what shall stand above all."""
    if form.compression != "none":
        options.append(f"COMPRESSION {quoted(form.compression)}")
    if native_encoding(form.encoding) == "utf-8" and not above:
        return _copied(connection, rows, target, options)
    if form.compression != "none":
        what = "below empty lines" if above else f"in {form.encoding}"
        raise not_supported(f"{name_of(form)} is not written compressed {what}")
    plain = target.with_name(target.name + ".utf-8")
    count = _copied(connection, rows, plain, options)
    try:
        with (
            plain.open(encoding="utf-8", newline="") as source,
            target.open("w", encoding=form.encoding, newline="") as out,
        ):
            out.write(above)
            shutil.copyfileobj(source, out)
    except UnicodeEncodeError as error:
        raise DataFlowRunError(f"the rows cannot be written in {form.encoding}: {error}") from error
    finally:
        plain.unlink()
    return count


def _copied(connection: duckdb.DuckDBPyConnection, rows: Rows, target: Path, options: Sequence[str]) -> int:
    command = f"COPY ({rows.sql}) TO {quoted(target)} ({', '.join(options)})"
    row = connection.execute(command, dict(rows.bindings)).fetchone()
    return int(row[0]) if row else 0


def batches(connection: duckdb.DuckDBPyConnection, rows: Rows) -> Any:
    """The rows of a query as a reader of Arrow's batches."""
    return connection.sql(rows.sql, params=dict(rows.bindings)).to_arrow_reader(_BATCH_ROWS)


def _write_orc(connection: duckdb.DuckDBPyConnection, rows: Rows, target: Path, form: Orc) -> int:
    import pyarrow as pa
    from pyarrow import orc

    codec = _ORC_COMPRESSIONS.get(form.compression)
    if codec is None:
        raise _no_compression(form.compression, form)
    reader = batches(connection, rows)
    count = 0
    with orc.ORCWriter(str(target), compression=codec) as writer:
        writer.write(pa.Table.from_batches([], schema=reader.schema))
        for batch in reader:
            writer.write(pa.Table.from_batches([batch]))
            count += batch.num_rows
    return count


def _write_avro(connection: duckdb.DuckDBPyConnection, rows: Rows, target: Path, form: Avro) -> int:
    import fastavro

    from dataflow_execution.writers.avro_schema import avro_schema

    if form.compression not in _AVRO_CODECS:
        raise _no_compression(form.compression, form)
    reader = batches(connection, rows)
    count = 0

    def records() -> Any:
        nonlocal count
        for batch in reader:
            count += batch.num_rows
            yield from batch.to_pylist(maps_as_pydicts="strict")

    with target.open("wb") as out:
        fastavro.writer(out, avro_schema(reader.schema), records(), codec=_AVRO_CODECS[form.compression])
    return count
