"""Folds typed expressions without columns to Python values: properties in parentheses, patterns, formats, defaults.

Only the functions listed here can be folded; anything else is not a constant and is refused where one is needed.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal as PythonDecimal
from typing import Any

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import DataType
from mapping_dataflow.expressions import Call, Convert, FieldAccess, Literal, OpenParameter, StructOf, TypedExpression

Value = Any
"""A folded value; None is null."""


TRUE_WORDS = ("t", "true", "y", "yes", "1")
FALSE_WORDS = ("f", "false", "n", "no", "0")
"""What toBoolean takes, whatever the case of letters; anything else is null."""


_EPOCH = datetime.datetime.fromisoformat("1970-01-01T00:00:00")
"""Timestamps of the language have no zone."""


class NotConstantError(Exception):
    """The expression depends on data, on the clock, on a secret, or on a function that is not folded."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def fold(expression: TypedExpression) -> Value:
    """The Python value of a constant expression. Raises NotConstantError."""
    match expression:
        case Literal():
            return expression.value
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
    if name == "isNull":
        return fold(expression.arguments[0]) is None
    function = _FUNCTIONS.get(name)
    if function is None:
        raise NotConstantError(f"{name}() is not folded at compile time")
    arguments = [fold(argument) for argument in expression.arguments]
    if name in _OF_NULLS:
        return function(*arguments)
    if name != "array" and any(argument is None for argument in arguments):
        return None
    try:
        return converted(function(*arguments), expression.type)
    except (ArithmeticError, ValueError, IndexError, TypeError, re.error) as error:
        raise NotConstantError(f"{name}() fails on its arguments") from error


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
    try:
        if kind in _BITS:
            return _whole(value, _BITS[kind])
        return _CONVERSIONS[_family(kind)](value)
    except (ValueError, ArithmeticError, TypeError):
        return None


def _family(kind: DataType) -> str:
    return "decimal" if isinstance(kind, datatypes.Decimal) else str(kind)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _java_double(value)
    if isinstance(value, datetime.datetime):
        whole = value.strftime("%Y-%m-%d %H:%M:%S")
        return whole + (f".{value.microsecond // 1000:03d}".rstrip("0") if value.microsecond else "")
    return value if isinstance(value, str) else str(value)


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
    """Fractions are cut off. A whole number that does not fit wraps around; of other values nothing is left then."""
    if isinstance(value, int):
        return (int(value) + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1)
    found = int(PythonDecimal(value.strip() if isinstance(value, str) else value))
    return found if -(1 << bits - 1) <= found < 1 << bits - 1 else None


def _boolean(value: Value) -> bool | None:
    if isinstance(value, str):
        word = value.lower()
        return True if word in TRUE_WORDS else False if word in FALSE_WORDS else None
    return bool(value)


def _date(value: Value) -> datetime.date:
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    found = re.match(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ].*)?)?)?\Z", value)
    if found is None:
        raise ValueError(value)
    return datetime.date(int(found[1]), int(found[2] or 1), int(found[3] or 1))


def _timestamp(value: Value) -> datetime.datetime:
    if isinstance(value, datetime.datetime):
        return value
    if isinstance(value, datetime.date):
        return datetime.datetime.combine(value, datetime.time())
    if isinstance(value, int):
        return _EPOCH + datetime.timedelta(milliseconds=value)
    found = datetime.datetime.fromisoformat(value)
    if found.tzinfo is not None:
        found = found.astimezone(datetime.UTC).replace(tzinfo=None)
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


_CONVERSIONS: Mapping[str, Callable[[Value], Value]] = {
    "string": _text,
    "float": float,
    "double": float,
    "decimal": lambda value: PythonDecimal(str(value)),
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
    "binary": lambda value: value,
    "null": lambda value: value,
    "unknown": lambda value: value,
}


def _and(left: Value, right: Value) -> Value:
    return False if left is False or right is False else None if left is None or right is None else True


def _or(left: Value, right: Value) -> Value:
    return True if left is True or right is True else None if left is None or right is None else False


def _divide(left: Value, right: Value) -> Value:
    return left / right if right else None


def _element(items: Value, index: int) -> Value:
    return items[index - 1] if 1 <= index <= len(items) else None


def _like_pattern(pattern: str) -> str:
    """A backslash makes the character behind it a plain one."""
    pieces = re.findall(r"\\.|.", pattern, re.DOTALL)
    return "".join({"%": ".*", "_": "."}.get(piece, re.escape(piece[-1])) for piece in pieces)


def _between(value: Value, low: Value, high: Value) -> Value:
    above = None if value is None or low is None else value >= low
    return _and(above, None if value is None or high is None else value <= high)


def _concat_with_separator(separator: Value, *parts: Value) -> Value:
    return None if separator is None else separator.join(part for part in parts if part is not None)


_OF_NULLS = frozenset({"and", "between", "concatWS", "or"})
"""Functions whose result may be known although an argument is null."""


def _extract(text: str, pattern: str, group: int = 1) -> str:
    found = re.search(pattern, text)
    return (found.group(group) or "") if found else ""


def _replace_matches(text: str, pattern: str, replacement: str) -> str:
    """Java's replacements: ``$1`` is a group, a backslash makes the next character a plain one."""

    def expanded(found: re.Match[str]) -> str:
        return re.sub(
            r"\\(.)|\$(\d)",
            lambda part: part[1] if part[1] is not None else found.group(int(part[2])) or "",
            replacement,
        )

    return re.sub(pattern, expanded, text)


def _substring(text: str, start: int, count: int = 1 << 30) -> str:
    """Position 0 is the first character, a negative one counts from the end."""
    first = start - 1 if start > 0 else len(text) + start if start < 0 else 0
    return text[max(first, 0) : max(first + max(count, 0), 0)]


_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "add": lambda a, b: a + b,
    "addDays": lambda a, b: a + datetime.timedelta(days=b),
    "addMilliseconds": lambda a, b: a + datetime.timedelta(milliseconds=b),
    "and": _and,
    "array": lambda *items: list(items),
    "arrayConcat": lambda a, b: a + b,
    "between": _between,
    "concat": lambda *parts: "".join(parts),
    "concatWS": _concat_with_separator,
    "dayOfMonth": lambda a: a.day,
    "days": lambda a: a * 86_400_000,
    "daysBetween": lambda a, b: (a - b).days,
    "divide": _divide,
    "elementAt": _element,
    "endsWith": lambda a, b: a.endswith(b),
    "equals": lambda a, b: a == b,
    "equalsIgnoreCase": lambda a, b: a.lower() == b.lower(),
    "false": lambda: False,
    "greater": lambda a, b: a > b,
    "greaterOrEqual": lambda a, b: a >= b,
    "hours": lambda a: a * 3_600_000,
    "in": lambda items, item: item in items,
    "instr": lambda a, b: a.find(b) + 1,
    "left": lambda a, n: a[: max(n, 0)],
    "length": len,
    "lesser": lambda a, b: a < b,
    "lesserOrEqual": lambda a, b: a <= b,
    "like": lambda a, b: re.fullmatch(_like_pattern(b), a, re.DOTALL) is not None,
    "locate": lambda a, b, start=1: b.find(a, start - 1) + 1,
    "lower": str.lower,
    "ltrim": lambda a, characters=None: a.lstrip(characters),
    "minus": lambda a, b: a - b,
    "minutes": lambda a: a * 60_000,
    "month": lambda a: a.month,
    "multiply": lambda a, b: a * b,
    "negate": lambda a: -a,
    "not": lambda a: not a,
    "notEquals": lambda a, b: a != b,
    "or": _or,
    "regexExtract": _extract,
    "regexMatch": lambda a, b: re.search(b, a) is not None,
    "regexReplace": _replace_matches,
    "replace": lambda a, b, c="": a.replace(b, c) if b else a,
    "right": lambda a, n: a[-n:] if n > 0 else "",
    "rlike": lambda a, b: re.search(b, a) is not None,
    "rtrim": lambda a, characters=None: a.rstrip(characters),
    "seconds": lambda a: a * 1000,
    "size": len,
    "split": lambda a, b: a.split(b),
    "startsWith": lambda a, b: a.startswith(b),
    "substring": _substring,
    "toBoolean": lambda a: a,
    "toDate": lambda a: a,
    "toDouble": lambda a: a,
    "toInteger": lambda a: a,
    "toLong": lambda a: a,
    "toString": lambda a: a,
    "toTimestamp": lambda a: a,
    "trim": lambda a, characters=None: a.strip(characters),
    "true": lambda: True,
    "upper": str.upper,
    "year": lambda a: a.year,
}
