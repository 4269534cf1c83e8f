"""Types of the language as Arrow holds them."""

from __future__ import annotations

import pyarrow as pa

from mapping_dataflow.analysis.datatypes import Array, DataType, Decimal, Map, Struct

_SIMPLE: dict[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "byte": pa.int8(),
    "short": pa.int16(),
    "integer": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "string": pa.string(),
    "binary": pa.binary(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


def arrow_type(kind: DataType) -> pa.DataType:
    """The Arrow type that holds the values of a type of the language."""
    match kind:
        case Decimal():
            return pa.decimal128(kind.precision, kind.scale)
        case Array():
            return pa.list_(arrow_type(kind.element))
        case Map():
            return pa.map_(arrow_type(kind.key), arrow_type(kind.value))
        case Struct():
            return pa.struct([pa.field(name, arrow_type(inner)) for name, inner in kind.fields])
        case _:
            return _SIMPLE[kind.name]
