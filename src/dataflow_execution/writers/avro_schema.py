"""The schema of Avro for columns of Arrow, every one of them nullable, as Spark writes them."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import pyarrow as pa

from dataflow_execution.errors import not_supported

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TYPES: dict[pa.DataType, Any] = {
    pa.bool_(): "boolean",
    pa.int8(): "int",
    pa.int16(): "int",
    pa.int32(): "int",
    pa.int64(): "long",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.string(): "string",
    pa.large_string(): "string",
    pa.binary(): "bytes",
    pa.large_binary(): "bytes",
    pa.date32(): {"type": "int", "logicalType": "date"},
    pa.timestamp("us"): {"type": "long", "logicalType": "local-timestamp-micros"},
    pa.timestamp("us", tz="UTC"): {"type": "long", "logicalType": "timestamp-micros"},
}


def avro_schema(schema: pa.Schema) -> dict[str, Any]:
    """A record with the columns. Raises DataFlowRunError for names and types that Avro does not have."""
    numbers = count()
    return _record("topLevelRecord", [schema.field(index) for index in range(len(schema))], numbers)


def _record(name: str, fields: list[Any], numbers: count[int]) -> dict[str, Any]:
    for field in fields:
        if not _NAME.fullmatch(field.name):
            raise not_supported(f"Avro has no field called {field.name!r}", hint="rename the column before the sink")
    described = [{"name": field.name, "type": ["null", _type(field.type, numbers)]} for field in fields]
    return {"type": "record", "name": name, "fields": described}


def _type(kind: Any, numbers: count[int]) -> Any:
    if kind in _TYPES:
        return _TYPES[kind]
    if pa.types.is_decimal(kind):
        return {"type": "bytes", "logicalType": "decimal", "precision": kind.precision, "scale": kind.scale}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return {"type": "array", "items": ["null", _type(kind.value_type, numbers)]}
    if pa.types.is_map(kind):
        return {"type": "map", "values": ["null", _type(kind.item_type, numbers)]}
    if pa.types.is_struct(kind):
        fields = [kind.field(index) for index in range(kind.num_fields)]
        return _record(f"record{next(numbers)}", fields, numbers)
    raise not_supported(f"Avro has no type for {kind}")
