"""Row hashes in Spark: digests over the bytes that engines/row_bytes.py describes.

Bytes are put together as hexadecimal text, which is the one form of them that Spark's functions over arrays can join.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import DATE, DOUBLE, FLOAT, NULL, STRING, TIMESTAMP, DataType, Decimal
from mapping_dataflow.engines.base import Builder, called
from mapping_dataflow.engines.digests import LONGEST_UNSCALED, blake2b_bits, sha2_bits
from mapping_dataflow.engines.row_bytes import RowBytes
from mapping_dataflow.engines.spark.conversions import CONVERSIONS
from mapping_dataflow.engines.spark.types import DIALECT, sql, struct_field
from mapping_dataflow.engines.spark.types import call as named_call
from mapping_dataflow.errors import Span
from mapping_dataflow.expressions import Call, TypedExpression

_WHOLE: Mapping[DataType, str] = {DATE: "unix_date(_1)", TIMESTAMP: "unix_micros(_1)"}
"""The whole number whose bytes are taken, of what is none by itself."""
_BITS: Mapping[DataType, str] = {FLOAT: "float_bits", DOUBLE: "double_bits"}


class _SparkBytes(RowBytes):
    dialect = DIALECT

    def text(self, value: exp.Expression) -> exp.Expression:
        return sql("hex(_1)", [value])

    def binary(self, value: exp.Expression) -> exp.Expression:
        return sql("hex(_1)", [value])

    def boolean(self, value: exp.Expression) -> exp.Expression:
        return sql("CASE WHEN _1 THEN '01' WHEN NOT _1 THEN '00' END", [value])

    def number(self, value: exp.Expression, kind: DataType, width: int, high_first: bool) -> exp.Expression:
        if kind in _BITS:
            return _number(called(_BITS[kind], [value]), width, high_first)
        return _number(sql(_WHOLE.get(kind, "_1"), [value]), width, high_first)

    def decimal(self, value: exp.Expression, kind: Decimal, span: Span, high_first: bool) -> exp.Expression:
        digits = sql("replace(_1, '.', '')", [CONVERSIONS.to_text(value, kind, span)])
        if kind.precision <= LONGEST_UNSCALED:
            return _number(sql("CAST(_1 AS BIGINT)", [digits]), 8, high_first)
        return sql("hex(_1)", [called("unscaled_bytes", [digits])])

    def field(self, value: exp.Expression, name: str) -> exp.Expression:
        return struct_field(value, name)

    def joined(self, parts: Sequence[exp.Expression]) -> exp.Expression:
        return named_call("concat_ws", exp.Literal.string(""), *parts)

    def items(self, array: exp.Expression, name: str, item: exp.Expression) -> exp.Expression:
        function = exp.Lambda(this=item, expressions=[exp.to_identifier(name)])
        return sql("array_join(transform(_1, _2), '')", [array, function])


BYTES = _SparkBytes()
"""As hexadecimal text."""


def _number(number: exp.Expression, width: int, high_first: bool) -> exp.Expression:
    digits = sql(f"right(lpad(hex(CAST(_1 AS BIGINT)), 16, '0'), {2 * width})", [number])
    if high_first or width == 1:
        return digits
    pairs = ", ".join(f"substring(_1, {start}, 2)" for start in range(2 * width - 1, 0, -2))
    return sql(f"concat({pairs})", [digits])


def _row(typed: Sequence[TypedExpression], values: Sequence[exp.Expression], call: Call) -> exp.Expression:
    """What is digested: a string where all values are strings, else bytes. concat_ws() leaves nulls out."""
    pairs = [(one, value) for one, value in zip(typed, values, strict=True) if one.type != NULL]
    if all(one.type == STRING for one, _ in pairs):
        return BYTES.joined([value for _, value in pairs])
    return sql("unhex(_1)", [BYTES.joined([BYTES.of(value, one.type, call) for one, value in pairs])])


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
