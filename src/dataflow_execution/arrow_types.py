"""Types of the language as Arrow holds them."""

from __future__ import annotations

import pyarrow as pa

from mapping_dataflow.analysis.datatypes import Array, DataType, Decimal, Map, Simple, Struct

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


def language_type(kind: pa.DataType) -> DataType:
    """The type of the language that holds the values of an Arrow type. Raises ValueError when there is none."""
    if pa.types.is_timestamp(kind):
        return Simple("timestamp")
    if pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        return Simple("string")
    if pa.types.is_decimal(kind):
        return Decimal(kind.precision, kind.scale)
    if pa.types.is_map(kind):
        return Map(language_type(kind.key_type), language_type(kind.item_type))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return Array(language_type(kind.value_type))
    if pa.types.is_struct(kind):
        fields = [kind.field(number) for number in range(kind.num_fields)]
        return Struct(tuple((field.name, language_type(field.type)) for field in fields))
    for name, simple in _SIMPLE.items():
        if simple == kind:
            return Simple(name)
    raise ValueError(f"the language has no type for {kind}")


def with_zone(kind: pa.DataType, zone: str | None) -> pa.DataType:
    """The type with a zone, or none, for every timestamp in it."""
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", zone)
    if pa.types.is_list(kind):
        return pa.list_(with_zone(kind.value_type, zone))
    if pa.types.is_map(kind):
        return pa.map_(with_zone(kind.key_type, zone), with_zone(kind.item_type, zone))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(with_zone(field.type, zone)) for field in kind])
    return kind
