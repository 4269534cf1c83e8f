"""Row hashes in Spark: digests over the plain concatenation of the values' raw bytes, without separators.

The rule is that of the other engines (engines/duckdb/hashes.py). Bytes are put together as hexadecimal text, which is
the one form of them that Spark's functions over arrays can join. A null adds no bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import (
    BINARY,
    BOOLEAN,
    BYTE,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGER,
    LONG,
    NULL,
    SHORT,
    STRING,
    TIMESTAMP,
    Array,
    DataType,
    Decimal,
    Map,
    Struct,
)
from mapping_dataflow.engines.base import Builder, called
from mapping_dataflow.engines.digests import LONGEST_UNSCALED, blake2b_bits, sha2_bits
from mapping_dataflow.engines.spark.conversions import CONVERSIONS
from mapping_dataflow.engines.spark.types import call as named_call
from mapping_dataflow.engines.spark.types import sql, struct_field
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call, TypedExpression

_WHOLE: dict[DataType, tuple[int, str]] = {
    BYTE: (1, "_1"),
    SHORT: (2, "_1"),
    INTEGER: (4, "_1"),
    LONG: (8, "_1"),
    DATE: (4, "unix_date(_1)"),
    TIMESTAMP: (8, "unix_micros(_1)"),
}
"""Width in bytes and the whole number whose bytes are taken."""
_BITS = {FLOAT: (4, "float_bits"), DOUBLE: (8, "double_bits")}


def hexadecimal(value: exp.Expression, kind: DataType, call: Call, *, high_first: bool = False) -> exp.Expression:
    """The bytes of a value as hexadecimal text, null for null. Raises ProblemFound for a type that has none."""
    if kind in (STRING, BINARY):
        return sql("hex(_1)", [value])
    if kind == BOOLEAN:
        return sql("CASE WHEN _1 THEN '01' WHEN NOT _1 THEN '00' END", [value])
    if kind in _WHOLE:
        width, number = _WHOLE[kind]
        return _number(sql(number, [value]), width, high_first)
    if kind in _BITS:
        width, bits = _BITS[kind]
        return _number(called(bits, [value]), width, high_first)
    if isinstance(kind, Decimal):
        return _decimal(value, kind, call, high_first)
    if isinstance(kind, Array | Map | Struct) and not high_first:
        return _complex(value, kind, call, 0)
    raise ProblemFound(f"{call.function}() does not take {kind}", call.span, expected="a value that has bytes")


def _number(number: exp.Expression, width: int, high_first: bool) -> exp.Expression:
    digits = sql(f"right(lpad(hex(CAST(_1 AS BIGINT)), 16, '0'), {2 * width})", [number])
    if high_first or width == 1:
        return digits
    pairs = ", ".join(f"substring(_1, {start}, 2)" for start in range(2 * width - 1, 0, -2))
    return sql(f"concat({pairs})", [digits])


def _decimal(value: exp.Expression, kind: Decimal, call: Call, high_first: bool) -> exp.Expression:
    digits = sql("replace(_1, '.', '')", [CONVERSIONS.to_text(value, kind, call.span)])
    if kind.precision <= LONGEST_UNSCALED:
        return _number(sql("CAST(_1 AS BIGINT)", [digits]), 8, high_first)
    return sql("hex(_1)", [called("unscaled_bytes", [digits])])


def _complex(value: exp.Expression, kind: DataType, call: Call, depth: int) -> exp.Expression:
    if isinstance(kind, Struct):
        parts = [_inner(struct_field(value, name), inner, call, depth) for name, inner in kind.fields]
        return sql("CASE WHEN _1 IS NOT NULL THEN _2 END", [value, _joined(parts)])
    name = f"hashed_{depth}"
    if isinstance(kind, Map):
        entry = Struct((("key", kind.key), ("value", kind.value)))
        listed, item = sql("map_entries(_1)", [value]), _inner(exp.column(name), entry, call, depth + 1)
    elif isinstance(kind, Array):
        listed, item = value, _inner(exp.column(name), kind.element, call, depth + 1)
    else:
        raise TypeError(f"internal-error: {kind} has no parts")
    function = exp.Lambda(this=item, expressions=[exp.to_identifier(name)])
    return sql("array_join(transform(_1, _2), '')", [listed, function])


def _inner(value: exp.Expression, kind: DataType, call: Call, depth: int) -> exp.Expression:
    return (
        _complex(value, kind, call, depth) if isinstance(kind, Array | Map | Struct) else hexadecimal(value, kind, call)
    )


def _joined(parts: Sequence[exp.Expression]) -> exp.Expression:
    return named_call("concat_ws", exp.Literal.string(""), *parts)


def _row(typed: Sequence[TypedExpression], values: Sequence[exp.Expression], call: Call) -> exp.Expression:
    """What is digested: a string where all values are strings, else bytes. concat_ws() leaves nulls out."""
    pairs = [(one, value) for one, value in zip(typed, values, strict=True) if one.type != NULL]
    if all(one.type == STRING for one, _ in pairs):
        return _joined([value for _, value in pairs])
    return sql("unhex(_1)", [_joined([hexadecimal(value, one.type, call) for one, value in pairs])])


def _bytes(call: Call, arguments: Sequence[exp.Expression], first: int) -> exp.Expression:
    """As bytes, whatever the values are."""
    row = _row(call.arguments[first:], arguments[first:], call)
    return (
        sql("encode(_1, 'UTF-8')", [row]) if all(one.type in (STRING, NULL) for one in call.arguments[first:]) else row
    )


def _hash(template: str) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return sql(template, [_row(call.arguments, arguments, call)])

    return build


def _sha2(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    bits = sha2_bits(call)
    return sql(f"sha2(_1, {bits})", [_row(call.arguments[1:], arguments[1:], call)])


def _blake2b(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    bits = blake2b_bits(call)
    return called("digest_blake2b", [_bytes(call, arguments, 1), exp.Literal.number(bits)])


def _blake2b_hex(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql("lower(hex(_1))", [_blake2b(call, arguments)])


def _crc32(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql("crc32(_1)", [_bytes(call, arguments, 0)])


FUNCTIONS: dict[str, str | Builder] = {
    "blake2b": _blake2b_hex,
    "blake2bBinary": _blake2b,
    "crc32": _crc32,
    "md5": _hash("md5(_1)"),
    "sha1": _hash("sha1(_1)"),
    "sha2": _sha2,
}
