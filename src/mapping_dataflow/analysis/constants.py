"""Folds typed expressions without columns to Python values: properties in parentheses, patterns, formats, defaults.

Only the functions of ``constant_functions`` can be folded, and only where their values are sure to be those of the
engines; anything else is not a constant and is refused where one is needed.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context
from decimal import Decimal as PythonDecimal
from typing import Any

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.constant_functions import ARITHMETIC, CONVERSIONS, FUNCTIONS, OF_NULLS
from mapping_dataflow.analysis.datatypes import DataType
from mapping_dataflow.expressions import Call, Convert, FieldAccess, Literal, OpenParameter, StructOf, TypedExpression
from mapping_dataflow.java import dates, numbers, text_casts

Value = Any
"""A folded value; None is null."""


_EPOCH = datetime.datetime.fromisoformat("1970-01-01T00:00:00")
"""Timestamps of the language have no zone."""


class NotConstantError(Exception):
    """The expression depends on data, on the clock, on a secret, or on a function that is not folded."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_constant(expression: TypedExpression) -> bool:
    """True for what can be folded."""
    try:
        fold(expression)
    except NotConstantError:
        return False
    return True


def fold(expression: TypedExpression) -> Value:
    """The Python value of a constant expression. Raises NotConstantError."""
    match expression:
        case Literal():
            return (
                converted(expression.value, expression.type) if expression.type == datatypes.FLOAT else expression.value
            )
        case OpenParameter():
            return expression.stand_in
        case Convert():
            return converted(fold(expression.operand), expression.type)
        case StructOf():
            return {name: fold(value) for name, value in expression.fields}
        case FieldAccess():
            return _field(fold(expression.base), expression.name)
        case Call():
            return _call(expression)
        case _:
            raise NotConstantError(f"it depends on {_described(expression)}")


def _field(base: Value, name: str) -> Value:
    if isinstance(base, list):
        return [_field(item, name) for item in base]
    return base.get(name) if isinstance(base, dict) else None


def _described(expression: TypedExpression) -> str:
    names = {"SecretParameter": "a secret parameter", "ColumnReference": "a column", "LambdaVariable": "a lambda"}
    return names.get(type(expression).__name__, "data")


def _call(expression: Call) -> Value:
    name = expression.function
    if name in ("iif", "case"):
        return _choice(expression)
    if name in ("coalesce", "iifNull"):
        values = (fold(argument) for argument in expression.arguments)
        return next((value for value in values if value is not None), None)
    if name in ("isNull", "notNull"):
        return (fold(expression.arguments[0]) is None) == (name == "isNull")
    function = FUNCTIONS.get(name)
    if function is None and name not in CONVERSIONS:
        raise NotConstantError(f"{name}() is not folded at compile time")
    arguments = [fold(argument) for argument in expression.arguments]
    if function is not None and name in OF_NULLS:
        return function(*arguments)
    if name != "array" and any(argument is None for argument in arguments):
        return None
    try:
        if function is None:
            return _formatted(name, arguments, expression)
        found = function(*arguments)
    except (ArithmeticError, ValueError, IndexError, TypeError) as error:
        raise NotConstantError(f"{name}() fails on its arguments") from error
    return _checked(name, found, expression.type)


def _checked(name: str, found: Value, kind: DataType) -> Value:
    """The result of a function; arithmetic that its type cannot hold is left to the engine, which refuses it."""
    if name in ARITHMETIC and found is not None:
        if isinstance(kind, datatypes.Decimal):
            raise NotConstantError("arithmetic of decimals is not folded at compile time")
        if kind in _BITS and found != _whole(found, _BITS[kind]):
            raise NotConstantError(f"{name}() has a result that is no {kind}")
    return converted(found, kind)


def _formatted(name: str, arguments: list[Value], expression: Call) -> Value:
    """The conversions of the language, with Java's patterns."""
    value, places = arguments[0], 3 if name == "toDecimal" else 1
    pattern, locale = ([*arguments[places:], None, None])[:2]
    source, kind = expression.arguments[0].type, expression.type
    if source == datatypes.FLOAT and kind == datatypes.STRING:
        raise NotConstantError("the text of a float is not folded at compile time")
    if pattern is None:
        return converted(value, kind)
    if source == datatypes.STRING and datatypes.is_datetime(kind):
        if re.search(r"(?<!y)yy(?!y)", pattern):
            raise NotConstantError("the century of a year of two digits depends on the clock")
        return converted(dates.read(value, pattern, None if kind == datatypes.TIMESTAMP else locale), kind)
    if source == datatypes.STRING and datatypes.is_number(kind):
        found = numbers.read(value, pattern, locale)
        return converted(None if found is None else format(found, "f"), kind)
    if kind == datatypes.STRING and datatypes.is_datetime(source):
        moment = _timestamp(value)
        return None if moment is None else dates.write(moment, pattern, locale)
    if kind == datatypes.STRING and datatypes.is_number(source):
        return numbers.write(value if isinstance(value, float) else PythonDecimal(value), pattern, locale)
    return converted(value, kind)


def _choice(expression: Call) -> Value:
    arguments = list(expression.arguments)
    while len(arguments) > 1:
        condition, value = arguments[0], arguments[1]
        if fold(condition) is True:
            return fold(value)
        arguments = arguments[2:]
    return fold(arguments[0]) if arguments else None


def converted(value: Value, kind: DataType) -> Value:
    """A Python value as a value of a data type; None when it does not convert, as in the language."""
    if value is None:
        return None
    if isinstance(kind, datatypes.Array):
        return [converted(item, kind.element) for item in value]
    if datatypes.is_complex(kind):
        return value
    if isinstance(value, datetime.datetime) and datatypes.is_number(kind):
        value = _seconds(value, whole=kind in _BITS)
        if kind in _BITS and value != _whole(value, _BITS[kind]):
            return None
    try:
        if kind in _BITS:
            return _whole(value, _BITS[kind])
        if isinstance(kind, datatypes.Decimal):
            return _decimal(value, kind)
        return _CONVERSIONS[str(kind)](value)
    except (ValueError, ArithmeticError, TypeError):
        return None


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        raise NotConstantError("the text of an array, struct or map is not folded at compile time")
    if isinstance(value, float):
        return _java_double(value)
    if isinstance(value, datetime.datetime):
        whole = value.strftime("%Y-%m-%d %H:%M:%S")
        return whole + (f".{value.microsecond // 1000:03d}".rstrip("0") if value.microsecond else "")
    if isinstance(value, PythonDecimal):
        return format(value, "f")
    return value if isinstance(value, str) else str(value)


def _seconds(value: datetime.datetime, *, whole: bool) -> PythonDecimal:
    """The seconds since 1970, rounded down where they shall be whole."""
    milliseconds = (value - _EPOCH) // datetime.timedelta(milliseconds=1)
    return PythonDecimal(milliseconds // 1000) if whole else PythonDecimal(milliseconds).scaleb(-3)


def _decimal(value: Value, kind: datatypes.Decimal) -> PythonDecimal | None:
    """Halves away from zero; None where it has too many digits."""
    digits = repr(value) if isinstance(value, float) else value
    given = text_casts.decimal(digits) if isinstance(digits, str) else PythonDecimal(digits)
    if given is None:
        return None
    found = given.quantize(PythonDecimal(1).scaleb(-kind.scale), ROUND_HALF_UP, Context(prec=400))
    return found if found.adjusted() < kind.precision - kind.scale or not found else None


def _java_double(value: float) -> str:
    """The shortest digits, with an exponent below 0.001 and from ten million on."""
    if value != value or value in (float("inf"), float("-inf")):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return format(PythonDecimal(repr(value)), "f")
    sign, digits, _ = PythonDecimal(repr(value)).normalize().as_tuple()
    listed = "".join(map(str, digits))
    exponent = PythonDecimal(repr(value)).adjusted()
    return f"{'-' if sign else ''}{listed[0]}.{listed[1:] or '0'}E{exponent}"


_BITS: Mapping[DataType, int] = {datatypes.BYTE: 8, datatypes.SHORT: 16, datatypes.INTEGER: 32, datatypes.LONG: 64}


def _whole(value: Value, bits: int) -> int | None:
    """Fractions are cut off. A whole number or decimal that does not fit wraps around, a double stops at the ends of
    integer or long and wraps around in narrower types, of a text nothing is left."""
    if isinstance(value, str):
        found = text_casts.whole_number(value)
        return found if found is not None and -(1 << bits - 1) <= found < 1 << bits - 1 else None
    if isinstance(value, float):
        most = (1 << max(bits, 32) - 1) - 1
        value = 0 if value != value else max(-most - 1, min(most, value))
    return (int(value) + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1)


def _boolean(value: Value) -> bool | None:
    return text_casts.boolean(value) if isinstance(value, str) else bool(value)


def _date(value: Value) -> datetime.date | None:
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    days = text_casts.date_days(value)
    return None if days is None else _moment(datetime.timedelta(days=days)).date()


def _timestamp(value: Value) -> datetime.datetime | None:
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.date):
        return datetime.datetime.combine(value, datetime.time())
    if isinstance(value, int):
        return _EPOCH + datetime.timedelta(milliseconds=value)
    microseconds = text_casts.timestamp_microseconds(value)
    return None if microseconds is None else _moment(datetime.timedelta(milliseconds=microseconds // 1000))


def _moment(since_epoch: datetime.timedelta) -> datetime.datetime:
    try:
        return _EPOCH + since_epoch
    except OverflowError as error:
        raise NotConstantError("Python has the years 1 to 9999 only") from error


def _double(value: Value) -> float | None:
    return text_casts.double(value) if isinstance(value, str) else float(value)


def _float(value: Value) -> float | None:
    number = _double(value)
    return None if number is None else text_casts.rounded_to_single(number)


_CONVERSIONS: Mapping[str, Callable[[Value], Value]] = {
    "string": _text,
    "float": _float,
    "double": _double,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
    "binary": lambda value: value,
    "null": lambda value: value,
    "unknown": lambda value: value,
}
