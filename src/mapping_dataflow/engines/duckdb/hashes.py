"""Row hashes in DuckDB: digests over the bytes that engines/row_bytes.py describes, as BLOB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import (
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
    DataType,
    Decimal,
)
from mapping_dataflow.engines.base import Builder, called, fill
from mapping_dataflow.engines.digests import LONGEST_UNSCALED, blake2b_bits, sha2_bits
from mapping_dataflow.engines.duckdb.conversions import struct_field
from mapping_dataflow.engines.row_bytes import RowBytes
from mapping_dataflow.errors import Span
from mapping_dataflow.expressions import Call, TypedExpression

_NUMBERS: Mapping[DataType, str] = {
    BYTE: "CAST(_1 AS TINYINT)",
    SHORT: "CAST(_1 AS SMALLINT)",
    INTEGER: "CAST(_1 AS INTEGER)",
    LONG: "CAST(_1 AS BIGINT)",
    FLOAT: "CAST(_1 AS FLOAT)",
    DOUBLE: "CAST(_1 AS DOUBLE)",
    DATE: "CAST(_1 - DATE '1970-01-01' AS INTEGER)",
    TIMESTAMP: "epoch_us(_1)",
}
"""The number whose bytes are taken."""


class _DuckdbBytes(RowBytes):
    dialect = "duckdb"

    def text(self, value: exp.Expression) -> exp.Expression:
        return fill("encode(_1)", [value])

    def binary(self, value: exp.Expression) -> exp.Expression:
        return value

    def boolean(self, value: exp.Expression) -> exp.Expression:
        return fill("CASE WHEN _1 THEN unhex('01') WHEN NOT _1 THEN unhex('00') END", [value])

    def number(self, value: exp.Expression, kind: DataType, width: int, high_first: bool) -> exp.Expression:
        return _number_bytes(fill(_NUMBERS[kind], [value]), width, high_first)

    def decimal(self, value: exp.Expression, kind: Decimal, span: Span, high_first: bool) -> exp.Expression:
        digits = fill("replace(CAST(_1 AS VARCHAR), '.', '')", [value])
        if kind.precision <= LONGEST_UNSCALED:
            return _number_bytes(fill("CAST(_1 AS BIGINT)", [digits]), 8, high_first)
        return called("unscaled_bytes", [digits])

    def field(self, value: exp.Expression, name: str) -> exp.Expression:
        return struct_field(value, name)

    def joined(self, parts: Sequence[exp.Expression]) -> exp.Expression:
        return fill(" || ".join(f"coalesce(_{number}, unhex(''))" for number in range(1, len(parts) + 1)), parts)

    def items(self, array: exp.Expression, name: str, item: exp.Expression) -> exp.Expression:
        function = exp.Lambda(this=fill("hex(_1)", [item]), expressions=[exp.to_identifier(name)])
        joined = fill("unhex(coalesce(array_to_string(list_transform(_1, _2), ''), ''))", [array, function])
        return fill("CASE WHEN _1 IS NOT NULL THEN _2 END", [array, joined])


BYTES = _DuckdbBytes()


def _number_bytes(number: exp.Expression, width: int, high_first: bool) -> exp.Expression:
    if high_first or width == 1:
        return fill("CAST(CAST(_1 AS BIT) AS BLOB)", [number])
    digits = "hex(CAST(CAST(_1 AS BIT) AS BLOB))"
    pairs = " || ".join(f"substr({digits}, {start}, 2)" for start in range(2 * width - 1, 0, -2))
    return fill(f"unhex({pairs})", [number])


def _strings(parts: Sequence[exp.Expression]) -> exp.Expression:
    """Strings put together; concat() leaves nulls out, as the rule wants, and copies a single one."""
    if len(parts) == 1:
        return fill("coalesce(_1, '')", parts)
    given = list(parts) or [exp.Literal.string("")]
    return fill(f"concat({', '.join(f'_{number}' for number in range(1, len(given) + 1))})", given)


def _row(typed: Sequence[TypedExpression], values: Sequence[exp.Expression], call: Call) -> exp.Expression:
    """What is digested: a string where all values are strings, else bytes."""
    pairs = [(one, value) for one, value in zip(typed, values, strict=True) if one.type != NULL]
    if all(one.type == STRING for one, _ in pairs):
        return _strings([value for _, value in pairs])
    return BYTES.joined([BYTES.of(value, one.type, call) for one, value in pairs])


def _row_bytes(typed: Sequence[TypedExpression], values: Sequence[exp.Expression], call: Call) -> exp.Expression:
    """As bytes, for the digests in Python."""
    row = _row(typed, values, call)
    return fill("encode(_1)", [row]) if all(one.type in (STRING, NULL) for one in typed) else row


def _hash(name: str) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return fill(f"{name}(_1)", [_row(call.arguments, arguments, call)])

    return build


def _sha2(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    bits = sha2_bits(call)
    if bits == 256:
        return fill("sha256(_1)", [_row(call.arguments[1:], arguments[1:], call)])
    return called("digest_sha2", [_row_bytes(call.arguments[1:], arguments[1:], call), exp.Literal.number(bits)])


def _blake2b(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    bits = blake2b_bits(call)
    return called("digest_blake2b", [_row_bytes(call.arguments[1:], arguments[1:], call), exp.Literal.number(bits)])


def _blake2b_hex(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return fill("lower(hex(_1))", [_blake2b(call, arguments)])


def _crc32(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return called("checksum_crc32", [_row_bytes(call.arguments, arguments, call)])


FUNCTIONS: dict[str, str | Builder] = {
    "blake2b": _blake2b_hex,
    "blake2bBinary": _blake2b,
    "crc32": _crc32,
    "md5": _hash("md5"),
    "sha1": _hash("sha1"),
    "sha2": _sha2,
}
