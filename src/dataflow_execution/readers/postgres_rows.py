"""Rows of a PostgreSQL database as a Parquet file; never more of them in memory than a part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from dataflow_execution.sql_dialect import SqlError, Translated

_BATCH_ROWS = 20_000
_NUMERIC = 1700
_MOST_DIGITS = 38
_POSTGRES_TYPES: dict[int, pa.DataType] = {
    16: pa.bool_(),
    17: pa.binary(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    700: pa.float32(),
    701: pa.float64(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", tz="UTC"),
    _NUMERIC: pa.decimal128(38, 10),
}


def postgres_rows(dsn: str, translated: Translated, target: Path) -> int:
    """Writes the rows of a query to a Parquet file, part by part; returns their number. Raises SqlError."""
    try:
        with psycopg.connect(dsn) as connection, connection.cursor(name="copy") as cursor:
            cursor.itersize = _BATCH_ROWS
            cursor.execute(translated.sql.encode())
            schema = pa.schema(
                pa.field(translated.names.get(each.name, each.name), column_type(each))
                for each in cursor.description or []
            )
            rows = _write_rows(cursor, schema, target)
    except pa.ArrowInvalid as error:
        raise SqlError(50000, f"A value does not fit: {error}") from error
    except psycopg.errors.UndefinedTable as error:
        raise SqlError(208, f"Invalid object name in the query: {str(error).strip().splitlines()[0]}") from error
    except psycopg.Error as error:
        raise SqlError(50000, f"The query failed: {str(error).strip().splitlines()[0]}") from error
    return rows


def column_type(column: psycopg.Column) -> pa.DataType:
    """The type of a column; numbers of a declared precision keep it, what Arrow has no type for is text."""
    if column.type_code == _NUMERIC and column.precision is not None and column.precision <= _MOST_DIGITS:
        return pa.decimal128(column.precision, column.scale or 0)
    return _POSTGRES_TYPES.get(column.type_code, pa.string())


def _write_rows(cursor: psycopg.ServerCursor[Any], schema: pa.Schema, target: Path) -> int:
    rows = 0
    with pq.ParquetWriter(target, schema) as writer:
        while batch := cursor.fetchmany(_BATCH_ROWS):
            writer.write_batch(_record_batch(batch, schema))
            rows += len(batch)
    return rows


def _record_batch(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = [
        pa.array([_text(value) if pa.types.is_string(field.type) else value for value in column], type=field.type)
        for column, field in zip(zip(*rows, strict=True), schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _text(value: Any) -> str | None:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return None if value is None else str(value)
