"""Avro files as streams of Arrow; their schema is translated as Spark does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import fastavro
import pyarrow as pa

from dataflow_execution.column_spelling import marked
from dataflow_execution.errors import DataFlowRunError, not_supported
from dataflow_execution.readers.arrow_stream import BATCH_ROWS, ArrowStream
from dataflow_execution.readers.columnar_files import registered
from dataflow_execution.readers.source_files import FILE_COLUMN

_PRIMITIVES: Mapping[str, pa.DataType] = {
    "null": pa.string(),
    "boolean": pa.bool_(),
    "int": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "bytes": pa.binary(),
    "string": pa.string(),
    "enum": pa.string(),
    "fixed": pa.binary(),
}
_LOGICAL: Mapping[str, pa.DataType] = {
    "date": pa.date32(),
    "timestamp-millis": pa.timestamp("us", tz="UTC"),
    "timestamp-micros": pa.timestamp("us", tz="UTC"),
    "local-timestamp-millis": pa.timestamp("us"),
    "local-timestamp-micros": pa.timestamp("us"),
    "uuid": pa.string(),
}


def avro_relation(
    connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path], *, file_column: bool = False
) -> str:
    """A query over Avro files, whose fields are united by name. Raises DataFlowRunError for what is no Avro file."""
    fields: dict[str, pa.Field[Any]] = {}
    for file in files:
        for field in _schema(file):
            fields.setdefault(field.name, field)
    columns = list(fields.values())
    schema = pa.schema([*columns, pa.field(FILE_COLUMN, pa.string())] if file_column else columns)
    return registered(connection, name, ArrowStream(schema, _batches(files, schema)), marked(schema.names))


def _batches(files: Sequence[Path], schema: pa.Schema) -> Callable[[], Iterator[pa.RecordBatch]]:
    def read() -> Iterator[pa.RecordBatch]:
        for file in files:
            with file.open("rb") as stream:
                records = iter(fastavro.reader(stream))
                while rows := list(islice(records, BATCH_ROWS)):
                    yield _batch(rows, schema, file)

    return read


def _batch(rows: list[Any], schema: pa.Schema, file: Path) -> pa.RecordBatch:
    columns = [
        pa.array(
            [str(file)] * len(rows) if field.name == FILE_COLUMN else [row.get(field.name) for row in rows], field.type
        )
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _schema(file: Path) -> pa.Schema:
    with file.open("rb") as stream:
        try:
            parsed = fastavro.reader(stream).writer_schema
        except (ValueError, EOFError, KeyError, IndexError) as error:
            raise DataFlowRunError(f"{file.name} is no Avro file: {error}") from error
    names: dict[str, pa.DataType] = {}
    found = _type(parsed, names)
    if not isinstance(found, pa.StructType):
        raise not_supported(f"{file.name}: the schema of Avro {json.dumps(parsed)[:80]} is no record")
    return pa.schema([found.field(index) for index in range(found.num_fields)])


def _type(schema: Any, names: dict[str, pa.DataType]) -> pa.DataType:
    if isinstance(schema, list):
        return _union(schema, names)
    if isinstance(schema, str):
        return names.get(schema) or _primitive(schema)
    logical = schema.get("logicalType")
    if logical == "decimal":
        return pa.decimal128(schema["precision"], schema.get("scale", 0))
    kind = schema["type"]
    found = _LOGICAL.get(str(logical)) or _container(kind, schema, names)
    if "name" in schema:
        names[schema["name"]] = found
    return found


def _container(kind: Any, schema: Mapping[str, Any], names: dict[str, pa.DataType]) -> pa.DataType:
    if kind == "array":
        return pa.list_(_type(schema["items"], names))
    if kind == "map":
        return pa.map_(pa.string(), _type(schema["values"], names))
    if kind == "record":
        return pa.struct([pa.field(field["name"], _type(field["type"], names)) for field in schema["fields"]])
    return _type(kind, names) if isinstance(kind, dict | list) else _primitive(kind)


def _primitive(name: str) -> pa.DataType:
    if name not in _PRIMITIVES:
        raise not_supported(f"the type {name!r} of Avro is not supported (a record within itself has no table)")
    return _PRIMITIVES[name]


def _union(options: list[Any], names: dict[str, pa.DataType]) -> pa.DataType:
    """A type that may be null; of numbers the wider one. Raises DataFlowRunError for other unions."""
    kinds = [_type(option, names) for option in options if option != "null"]
    if len(kinds) == 1:
        return kinds[0]
    for wide, narrow in ((pa.int64(), {pa.int32(), pa.int64()}), (pa.float64(), {pa.float32(), pa.float64()})):
        if kinds and set(kinds) <= narrow:
            return wide
    raise not_supported(f"a union of Avro of {', '.join(map(str, kinds))} is not supported")
