"""Types of the arithmetic operators, which depend on both operands: numbers, text, dates, timestamps and arrays.

``/`` is fractional (the documents show only ``20/10``, published flows need it so); ``x/0`` is null. Decimal results
follow Spark's precision rules. ``date - date`` is days, ``timestamp - timestamp`` milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import (
    DATE,
    DOUBLE,
    INTEGER,
    LONG,
    NULL,
    STRING,
    TIMESTAMP,
    UNKNOWN,
    Array,
    DataType,
    Decimal,
)
from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.expressions import Call, Convert, Literal, TypedExpression

FUNCTION_OF_OPERATOR = {
    "+": "add",
    "-": "minus",
    "*": "multiply",
    "/": "divide",
    "%": "mod",
    "==": "equals",
    "!=": "notEquals",
    "===": "nullSafeEquals",
    "<=>": "equalsIgnoreCase",
    "<": "lesser",
    "<=": "lesserOrEqual",
    ">": "greater",
    ">=": "greaterOrEqual",
    "&&": "and",
    "||": "or",
    "&": "bitwiseAnd",
    "|": "bitwiseOr",
    "^": "xor",
}
ARITHMETIC = frozenset({"add", "minus", "multiply", "divide", "mod", "pMod"})


def widened(expression: TypedExpression, kind: DataType) -> TypedExpression:
    """The expression as that type; nothing is added when it has it already."""
    if expression.type in (kind, UNKNOWN) or kind == UNKNOWN:
        return expression
    if isinstance(expression, Literal) and expression.value is None:
        return Literal(None, kind)
    return Convert(expression, kind)


def arithmetic(
    name: str, operands: tuple[TypedExpression, TypedExpression], span: Span, written: Sequence[bool] = ()
) -> TypedExpression:
    """``left name right`` for a function of ARITHMETIC; ``written`` tells the numbers that stand in the script itself.

    Raises ProblemFound when the types do not go together.
    """
    left, right = operands
    if UNKNOWN in (left.type, right.type):
        return Call(name, (left, right), UNKNOWN, span)
    if _numeric(left.type) and _numeric(right.type):
        return _numbers(name, left, right, span, written)
    if name == "add":
        result = _addition(left, right, span)
    elif name == "minus":
        result = _subtraction(left, right, span)
    else:
        result = None
    if result is None:
        raise ProblemFound(
            f"{name}() does not take {left.type} and {right.type}",
            span,
            expected=_expectation(name),
            hint="convert with toString() first" if name == "add" and STRING in (left.type, right.type) else "",
        )
    return result


def _expectation(name: str) -> str:
    if name == "add":
        return "two numbers, two strings, two arrays, a date and days, or a timestamp and milliseconds"
    if name == "minus":
        return "two numbers, two dates, two timestamps, a date and days, or a timestamp and milliseconds"
    return "two numbers"


def _numeric(kind: DataType) -> bool:
    return datatypes.is_number(kind) or kind == NULL


def _numbers(
    name: str, left: TypedExpression, right: TypedExpression, span: Span, written: Sequence[bool]
) -> TypedExpression:
    if NULL in (left.type, right.type):
        known = left.type if right.type == NULL else right.type
        return Literal(None, STRING if known == NULL and name == "add" else known)
    if name == "divide" and not (isinstance(left.type, Decimal) or isinstance(right.type, Decimal)):
        return Call(name, (widened(left, DOUBLE), widened(right, DOUBLE)), DOUBLE, span)
    wider = datatypes.wider_number(left.type, right.type)
    if isinstance(wider, Decimal):
        in_place = (*written, False, False)
        one, other = _as_decimal(left, in_place=in_place[0]), _as_decimal(right, in_place=in_place[1])
        return Call(name, (widened(left, one), widened(right, other)), _decimal_result(name, one, other), span)
    if wider in (datatypes.BYTE, datatypes.SHORT):
        wider = INTEGER
    return Call(name, (widened(left, wider), widened(right, wider)), wider, span)


def _as_decimal(operand: TypedExpression, *, in_place: bool) -> Decimal:
    """The smallest decimal for an operand: Spark counts the digits of a whole number that is written in place.

    Parameters are no such numbers: the types of a flow's columns do not depend on their values.
    """
    if in_place and isinstance(operand, Literal) and isinstance(operand.value, int):
        return Decimal(len(str(abs(operand.value))), 0)
    return datatypes.decimal_of(operand.type)


def _decimal_result(name: str, one: Decimal, other: Decimal) -> Decimal:
    """Spark's result types (DecimalPrecision)."""
    integral = max(one.precision - one.scale, other.precision - other.scale)
    if name == "multiply":
        return datatypes.bounded_decimal(one.precision + other.precision + 1, one.scale + other.scale)
    if name == "divide":
        scale = max(6, one.scale + other.precision + 1)
        return datatypes.bounded_decimal(one.precision - one.scale + other.scale + scale, scale)
    scale = max(one.scale, other.scale)
    if name in ("mod", "pMod"):
        smaller = min(one.precision - one.scale, other.precision - other.scale)
        return datatypes.bounded_decimal(smaller + scale, scale)
    return datatypes.bounded_decimal(integral + scale + 1, scale)


def _addition(left: TypedExpression, right: TypedExpression, span: Span) -> TypedExpression | None:
    kinds = (left.type, right.type)
    if STRING in kinds and all(kind in (STRING, NULL) for kind in kinds):
        return Call("concat", (widened(left, STRING), widened(right, STRING)), STRING, span)
    if isinstance(left.type, Array) and isinstance(right.type, Array):
        common = datatypes.common_type(kinds)
        if common is None:
            return None
        return Call("arrayConcat", (widened(left, common), widened(right, common)), common, span)
    return _shifted(left, right, span)


def _shifted(left: TypedExpression, right: TypedExpression, span: Span) -> TypedExpression | None:
    if datatypes.is_integral(right.type) or right.type == NULL:
        if left.type == DATE:
            return Call("addDays", (left, widened(right, LONG)), DATE, span)
        if left.type == TIMESTAMP:
            return Call("addMilliseconds", (left, widened(right, LONG)), TIMESTAMP, span)
    return None


def _subtraction(left: TypedExpression, right: TypedExpression, span: Span) -> TypedExpression | None:
    if left.type == right.type == DATE:
        return Call("daysBetween", (left, right), INTEGER, span)
    if datatypes.is_datetime(left.type) and datatypes.is_datetime(right.type):
        return Call("millisecondsBetween", (widened(left, TIMESTAMP), widened(right, TIMESTAMP)), LONG, span)
    if datatypes.is_datetime(left.type) and datatypes.is_integral(right.type):
        opposite = Call("negate", (widened(right, LONG),), LONG, span)
        return _shifted(left, opposite, span)
    return None
