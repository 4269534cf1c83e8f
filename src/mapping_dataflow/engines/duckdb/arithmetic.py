"""Sums, differences and products in DuckDB, with Spark's results where the type cannot hold them.

Whole numbers wrap around and decimals are null (``spark.sql.ansi.enabled=false``), while DuckDB fails. Columns are
computed as they are first, which costs least; only a value that fails is computed again in a wider type.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import DataType, Decimal
from mapping_dataflow.engines.base import Builder, called, fill, own
from mapping_dataflow.engines.duckdb.types import cast
from mapping_dataflow.expressions import Call, ColumnReference, Convert, Literal, TypedExpression

_NARROW_DIGITS = 18
_MOST_DIGITS = datatypes.MAXIMUM_PRECISION
_WIDER = {"byte": ("BIGINT", 8), "short": ("BIGINT", 16), "integer": ("BIGINT", 32), "long": ("HUGEINT", 64)}
"""A type that holds every sum, difference and product of a type, and the width of the type in bits."""

_EXACT = {"+": "decimal_add", "-": "decimal_subtract", "*": "decimal_multiply"}


def _is_plain(value: TypedExpression) -> bool:
    """True for a column or constant, whose SQL is short and cannot fail by itself."""
    return isinstance(value, ColumnReference | Literal) or (isinstance(value, Convert) and _is_plain(value.operand))


def wrapped_around(template: str, arguments: Sequence[exp.Expression], kind: DataType) -> exp.Expression:
    """Whole numbers computed in a wider type, of which the bits of the result's type are left."""
    wider, width = _WIDER[str(kind)]
    wide = [exp.Cast(this=own(argument), to=exp.DataType.build(wider, dialect="duckdb")) for argument in arguments]
    half, mask = 1 << (width - 1), (1 << width) - 1
    return cast(fill(f"((({template}) + {half}) & {mask}) - {half}", wide), kind)


def _whole(template: str) -> Builder:
    """A calculation with whole numbers that wraps around; other numbers as DuckDB computes them."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        if not datatypes.is_integral(call.type):
            return fill(template, arguments)
        again = wrapped_around(template, arguments, call.type)
        if not all(map(_is_plain, call.arguments)):
            return again
        return fill("coalesce(TRY(_1), _2)", [fill(template, arguments), again])

    return build


def _arithmetic(operator: str) -> Builder:
    """``+``, ``-`` and ``*``."""
    whole = _whole(f"_1 {operator} _2")

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        if isinstance(call.type, Decimal):
            return _decimals(call, call.type, arguments, operator)
        return whole(call, arguments)

    return build


def _decimals(call: Call, result: Decimal, arguments: Sequence[exp.Expression], operator: str) -> exp.Expression:
    kinds = [one.type for one in call.arguments]
    digits = sum(kind.precision for kind in kinds if isinstance(kind, Decimal))
    most = max(kind.precision for kind in kinds if isinstance(kind, Decimal))
    texts = [cast(argument, datatypes.STRING) for argument in arguments]
    exact = cast(called(_EXACT[operator], [*texts, exp.Literal.number(result.scale)]), result, safe=True)
    plain = all(map(_is_plain, call.arguments))
    if (operator == "*" and digits > _MOST_DIGITS) or (most == _MOST_DIGITS and not plain):
        return exact
    first = kinds[0]
    if isinstance(first, Decimal) and most <= _NARROW_DIGITS < (digits if operator == "*" else most + 1):
        # DuckDB computes with 18 digits where both sides have no more, and fails where the result has.
        arguments = [cast(arguments[0], Decimal(_NARROW_DIGITS + 1, first.scale)), *arguments[1:]]
    found = fill(f"_1 {operator} _2", arguments)
    if most < _MOST_DIGITS:
        return cast(found, result)
    # The sum may fit once it has lost the last places, which the type of the result has no room for.
    return fill("coalesce(_1, _2)", [cast(fill("TRY(_1)", [found]), result, safe=True), exact])


FUNCTIONS: dict[str, str | Builder] = {
    "abs": _whole("abs(_1)"),
    "add": _arithmetic("+"),
    "minus": _arithmetic("-"),
    "multiply": _arithmetic("*"),
    "negate": _whole("-_1"),
}
