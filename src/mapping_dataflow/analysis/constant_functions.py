"""The functions that are folded while compiling, over Python values; their values are those of the engines."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from mapping_dataflow.functions.dates import MILLISECONDS
from mapping_dataflow.java import arithmetic, matching

Value = Any
ARITHMETIC = frozenset({"add", "minus", "multiply", "divide", "negate"})
"""Functions whose results may not fit their type."""
CONVERSIONS = frozenset(
    "toBoolean toByte toDate toDecimal toDouble toFloat toInteger toLong toShort toString toTimestamp".split()
)
"""Functions whose value depends on their types and patterns."""
_WHITESPACE = " \t\n\x0b\f\r"


def _and(left: Value, right: Value) -> Value:
    return False if left is False or right is False else None if left is None or right is None else True


def _or(left: Value, right: Value) -> Value:
    return True if left is True or right is True else None if left is None or right is None else False


def _divide(left: Value, right: Value) -> Value:
    return left / right if right else None


def _element(items: Value, index: int) -> Value:
    return items[index - 1] if 1 <= index <= len(items) else None


def _contains(items: Value, item: Value) -> bool | None:
    """Unknown where the item may be what a null stands for."""
    return True if item in items else None if None in items else False


def _like_pattern(pattern: str) -> str:
    """A backslash makes the character behind it a plain one."""
    pieces = re.findall(r"\\.|.", pattern, re.DOTALL)
    return "".join({"%": ".*", "_": "."}.get(piece, re.escape(piece[-1])) for piece in pieces)


def _between(value: Value, low: Value, high: Value) -> Value:
    above = None if value is None or low is None else value >= low
    return _and(above, None if value is None or high is None else value <= high)


def _concat_with_separator(separator: Value, *parts: Value) -> Value:
    return None if separator is None else separator.join(part for part in parts if part is not None)


OF_NULLS = frozenset({"and", "between", "concatWS", "or"})
"""Functions whose result may be known although an argument is null."""


def _substring(text: str, start: int, count: int = 1 << 64) -> str:
    """Position 0 is the first character, a negative one counts from the end."""
    first = start - 1 if start > 0 else len(text) + start if start < 0 else 0
    return text[max(first, 0) : max(first + max(count, 0), 0)]


def _locate(part: str, text: str, start: int = 1) -> int:
    """The empty text is found at the first place, from wherever the search begins."""
    return 0 if start <= 0 else text.find(part, start - 1) + 1 if part else 1


def _round(value: Value, scale: Value = 0, mode: Value = 5) -> float:
    if isinstance(value, Decimal):
        raise TypeError("a decimal has more digits than a double")
    return arithmetic.round_double(float(value), int(scale), int(mode))


def _duration(factor: int) -> Callable[..., Value]:
    return lambda count: count * factor


FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    **{unit: _duration(factor) for unit, factor in MILLISECONDS.items()},
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
    "daysBetween": lambda a, b: (a - b).days,
    "divide": _divide,
    "elementAt": _element,
    "endsWith": lambda a, b: a.endswith(b),
    "equals": lambda a, b: a == b,
    "equalsIgnoreCase": lambda a, b: a.lower() == b.lower(),
    "false": lambda: False,
    "greater": lambda a, b: a > b,
    "greaterOrEqual": lambda a, b: a >= b,
    "in": _contains,
    "instr": lambda a, b: a.find(b) + 1,
    "left": lambda a, n: a[: max(n, 0)],
    "length": len,
    "lesser": lambda a, b: a < b,
    "lesserOrEqual": lambda a, b: a <= b,
    "like": lambda a, b: re.fullmatch(_like_pattern(b), a, re.DOTALL) is not None,
    "locate": _locate,
    "lower": str.lower,
    "ltrim": lambda a, characters=_WHITESPACE: a.lstrip(characters),
    "minus": lambda a, b: a - b,
    "month": lambda a: a.month,
    "multiply": lambda a, b: a * b,
    "negate": lambda a: -a,
    "not": lambda a: not a,
    "notEquals": lambda a, b: a != b,
    "or": _or,
    "regexExtract": lambda a, b, group=1: matching.extract(a, b, group),
    "regexMatch": matching.test,
    "regexReplace": matching.replace,
    "regexSplit": matching.split,
    "replace": lambda a, b, c="": a.replace(b, c) if b else a,
    "right": lambda a, n: a[-n:] if n > 0 else "",
    "rlike": matching.test,
    "round": _round,
    "rtrim": lambda a, characters=_WHITESPACE: a.rstrip(characters),
    "size": len,
    "split": lambda a, b: a.split(b),
    "startsWith": lambda a, b: a.startswith(b),
    "substring": _substring,
    "trim": lambda a, characters=_WHITESPACE: a.strip(characters),
    "true": lambda: True,
    "upper": str.upper,
    "year": lambda a: a.year,
}
