"""Row hashes in DuckDB. The service digests the plain concatenation of the values' raw bytes, without separators.

Proved by the documented digests: strings as UTF-8, integers and dates (days since 1970) as 4 bytes and doubles as
8 bytes, all little endian, booleans as one byte. The other types follow the same rule by assumption: whole numbers and
floats by their width, timestamps as 8 bytes of microseconds since 1970, decimals of up to 18 digits as 8 bytes of their
digits without the point and longer ones as the shortest two's complement with the high byte first, arrays and structs
as their parts in order, maps as keys and values in turn. A null adds no bytes.
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
from mapping_dataflow.engines.base import Builder, called, fill
from mapping_dataflow.engines.digests import LONGEST_UNSCALED, blake2b_bits, sha2_bits
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call, TypedExpression

_WIDTHS: dict[DataType, tuple[int, str]] = {
    BYTE: (1, "CAST(_1 AS TINYINT)"),
    SHORT: (2, "CAST(_1 AS SMALLINT)"),
    INTEGER: (4, "CAST(_1 AS INTEGER)"),
    LONG: (8, "CAST(_1 AS BIGINT)"),
    FLOAT: (4, "CAST(_1 AS FLOAT)"),
    DOUBLE: (8, "CAST(_1 AS DOUBLE)"),
    DATE: (4, "CAST(_1 - DATE '1970-01-01' AS INTEGER)"),
    TIMESTAMP: (8, "epoch_us(_1)"),
}
"""Width in bytes and the number whose bytes are taken."""


def bytes_of(value: exp.Expression, kind: DataType, call: Call, *, high_first: bool = False) -> exp.Expression:
    """The bytes of a value, null for null. Raises ProblemFound for a type that has none."""
    if kind == STRING:
        return fill("encode(_1)", [value])
    if kind == BINARY:
        return value
    if kind == BOOLEAN:
        return fill("CASE WHEN _1 THEN unhex('01') WHEN NOT _1 THEN unhex('00') END", [value])
    if kind in _WIDTHS:
        width, number = _WIDTHS[kind]
        return _number_bytes(fill(number, [value]), width, high_first)
    if isinstance(kind, Decimal):
        return _decimal_bytes(value, kind, high_first)
    if isinstance(kind, Array | Map | Struct) and not high_first:
        return _complex_bytes(value, kind, call)
    raise ProblemFound(f"{call.function}() does not take {kind}", call.span, expected="a value that has bytes")


def _number_bytes(number: exp.Expression, width: int, high_first: bool) -> exp.Expression:
    digits = "hex(CAST(CAST(_1 AS BIT) AS BLOB))"
    if high_first or width == 1:
        return fill("CAST(CAST(_1 AS BIT) AS BLOB)", [number])
    pairs = " || ".join(f"substr({digits}, {start}, 2)" for start in range(2 * width - 1, 0, -2))
    return fill(f"unhex({pairs})", [number])


def _decimal_bytes(value: exp.Expression, kind: Decimal, high_first: bool) -> exp.Expression:
    digits = fill("replace(CAST(_1 AS VARCHAR), '.', '')", [value])
    if kind.precision <= LONGEST_UNSCALED:
        return _number_bytes(fill("CAST(_1 AS BIGINT)", [digits]), 8, high_first)
    return called("unscaled_bytes", [digits])


_JOINED = "unhex(coalesce(array_to_string(list_transform(_1, _2), ''), ''))"


def _complex_bytes(value: exp.Expression, kind: Array | Map | Struct, call: Call, depth: int = 0) -> exp.Expression:
    if isinstance(kind, Struct):
        parts = [
            fill(
                "coalesce(_1, unhex(''))",
                [_inner(fill("struct_extract(_1, _2)", [value, _text(name)]), inner, call, depth)],
            )
            for name, inner in kind.fields
        ]
        joined = fill(" || ".join(f"_{number}" for number in range(1, len(parts) + 1)), parts)
        return fill("CASE WHEN _1 IS NOT NULL THEN _2 END", [value, joined])
    name = f"hashed_{depth}"
    if isinstance(kind, Map):
        entry = Struct((("key", kind.key), ("value", kind.value)))
        listed, element = fill("map_entries(_1)", [value]), _inner(exp.column(name), entry, call, depth + 1)
    else:
        listed, element = value, _inner(exp.column(name), kind.element, call, depth + 1)
    body = fill("hex(_1)", [element])
    joined = fill(_JOINED, [listed, exp.Lambda(this=body, expressions=[exp.to_identifier(name)])])
    return fill("CASE WHEN _1 IS NOT NULL THEN _2 END", [value, joined])


def _inner(value: exp.Expression, kind: DataType, call: Call, depth: int) -> exp.Expression:
    if isinstance(kind, Array | Map | Struct):
        return _complex_bytes(value, kind, call, depth)
    return bytes_of(value, kind, call)


def _text(value: str) -> exp.Expression:
    return exp.Literal.string(value)


def _strings(parts: Sequence[exp.Expression]) -> exp.Expression:
    """Strings put together; concat() leaves nulls out, as the rule wants."""
    given = list(parts) or [exp.Literal.string("")]
    return fill(f"concat({', '.join(f'_{number}' for number in range(1, len(given) + 1))})", given)


def _row(typed: Sequence[TypedExpression], values: Sequence[exp.Expression], call: Call) -> exp.Expression:
    """What is digested: a string where all values are strings, else bytes."""
    pairs = [(one, value) for one, value in zip(typed, values, strict=True) if one.type != NULL]
    if all(one.type == STRING for one, _ in pairs):
        return _strings([value for _, value in pairs])
    parts = [fill("coalesce(_1, unhex(''))", [bytes_of(value, one.type, call)]) for one, value in pairs]
    return fill(" || ".join(f"_{number}" for number in range(1, len(parts) + 1)), parts)


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
