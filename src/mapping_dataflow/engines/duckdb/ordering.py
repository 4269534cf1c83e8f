"""The order of arrays and structures in DuckDB: null is the least of their parts, as in Spark.

DuckDB has it as the greatest. Values that may hold nulls are compared as others that say of each part whether it is
there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import Array, DataType, Struct
from mapping_dataflow.engines.base import Builder, fill
from mapping_dataflow.engines.duckdb.conversions import struct_field
from mapping_dataflow.engines.logic import LOGIC
from mapping_dataflow.expressions import Call

_PART = "struct_pack(known := _1 IS NOT NULL, part := _2)"


def comparable(value: exp.Expression, kind: DataType, depth: int = 0) -> exp.Expression:
    """The value itself, or one that stands for it where values are put in order; null stays null."""
    if isinstance(kind, Array):
        item = exp.to_identifier(f"part_{depth}")
        column = exp.column(item.copy())
        body = fill(_PART, [column, comparable(column.copy(), kind.element, depth + 1)])
        return fill("list_transform(_1, _2)", [value, exp.Lambda(this=body, expressions=[item])])
    if isinstance(kind, Struct) and kind.fields:
        parts = [struct_field(value, name) for name, _ in kind.fields]
        packed = [
            fill(_PART, [part, comparable(part.copy(), inner, depth)])
            for part, (_, inner) in zip(parts, kind.fields, strict=True)
        ]
        names = ", ".join(f"p{number} := _{number + 1}" for number in range(1, len(packed) + 1))
        return fill(f"CASE WHEN _1 IS NOT NULL THEN struct_pack({names}) END", [value, *packed])
    return value


def _comparison(name: str) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        pairs = zip(arguments, call.arguments, strict=True)
        return fill(LOGIC[name], [comparable(argument, typed.type) for argument, typed in pairs])

    return build


def _extreme(name: str, sign: str) -> Builder:
    """The greatest or least argument that is not null."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        if not datatypes.is_complex(call.type):
            listed = ", ".join(f"_{number}" for number in range(1, len(arguments) + 1))
            return fill(f"{name}({listed})", arguments)
        found = arguments[0]
        for argument in arguments[1:]:
            ordered = [comparable(part.copy(), call.type) for part in (found, argument)]
            better = f"CASE WHEN _2 IS NULL OR _3 {sign} _4 THEN _1 ELSE _2 END"
            found = fill(better, [found.copy(), argument, *ordered])
        return found

    return build


COMPARISONS: Mapping[str, Builder] = {
    **{
        name: _comparison(name)
        for name in ("between", "compare", "greater", "greaterOrEqual", "lesser", "lesserOrEqual")
    },
    "greatest": _extreme("greatest", ">="),
    "least": _extreme("least", "<="),
}
