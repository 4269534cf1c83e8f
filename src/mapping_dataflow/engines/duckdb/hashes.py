"""Row hashes in DuckDB. The service digests the plain concatenation of the values' raw bytes, without separators.

Proved by the documented digests: strings as UTF-8, integers and dates (days since 1970) as 4 bytes and doubles as
8 bytes, all little endian, booleans as one byte. No published value tells the bytes of other types: they are refused.
A null adds no bytes, which is our own rule.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import BOOLEAN, DATE, DOUBLE, INTEGER, NULL, STRING, DataType
from mapping_dataflow.engines.base import Builder, fill
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call, Literal, TypedExpression

_SWAPPED_4 = "unhex(substr({0}, 7, 2) || substr({0}, 5, 2) || substr({0}, 3, 2) || substr({0}, 1, 2))"
_INTEGER_HEX = "format('{:08x}', CAST(_1 AS BIGINT) & 4294967295)"
_DOUBLE_HEX = "hex(CAST(CAST(_1 AS BIT) AS BLOB))"
_BYTES: dict[DataType, str] = {
    STRING: "encode(_1)",
    INTEGER: _SWAPPED_4.format(_INTEGER_HEX),
    DATE: _SWAPPED_4.format("format('{:08x}', CAST(_1 - DATE '1970-01-01' AS BIGINT) & 4294967295)"),
    DOUBLE: "unhex(" + " || ".join(f"substr({_DOUBLE_HEX}, {start}, 2)" for start in range(15, 0, -2)) + ")",
    BOOLEAN: "CASE WHEN _1 THEN unhex('01') ELSE unhex('00') END",
}


def _bytes(argument: TypedExpression, value: exp.Expression, call: Call) -> exp.Expression:
    template = _BYTES.get(argument.type)
    if template is None:
        raise ProblemFound(
            f"nobody has published which bytes of a {argument.type} the service hashes",
            call.span,
            expected="strings, integers, doubles, booleans and dates",
            hint="convert the value with toString() first",
        )
    return fill(f"coalesce({template}, unhex(''))", [value])


def _digest(
    name: str, call: Call, typed: Sequence[TypedExpression], values: Sequence[exp.Expression]
) -> exp.Expression:
    pairs = [(one, value) for one, value in zip(typed, values, strict=True) if one.type != NULL]
    if all(one.type == STRING for one, _ in pairs):
        # concat() leaves nulls out, as the rule wants, and hashes the UTF-8 bytes.
        parts = [value for _, value in pairs] or [exp.Literal.string("")]
        joined = fill(f"concat({', '.join(f'_{number}' for number in range(1, len(parts) + 1))})", parts)
        return fill(f"{name}(_1)", [joined])
    parts = [_bytes(one, value, call) for one, value in pairs]
    return fill(f"{name}({' || '.join(f'_{number}' for number in range(1, len(parts) + 1))})", parts)


def _hash(name: str) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return _digest(name, call, call.arguments, arguments)

    return build


def _sha2(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    bits = call.arguments[0].value if isinstance(call.arguments[0], Literal) else None
    if bits not in (0, 256):
        raise ProblemFound(f"DuckDB cannot compute sha2 with {bits} bits", call.span, expected="256 bits")
    return _digest("sha256", call, call.arguments[1:], arguments[1:])


FUNCTIONS: dict[str, str | Builder] = {"md5": _hash("md5"), "sha1": _hash("sha1"), "sha2": _sha2}
