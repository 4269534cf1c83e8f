"""Timestamps printed by .NET's standard and custom formats, in the culture en-US.

https://learn.microsoft.com/dotnet/standard/base-types/standard-date-and-time-format-strings and
https://learn.microsoft.com/dotnet/standard/base-types/custom-date-and-time-format-strings
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import datetime

from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.timestamps import TICKS_PER_SECOND, Timestamp

_STANDARD = {
    "d": "M/d/yyyy",
    "D": "dddd, MMMM d, yyyy",
    "f": "dddd, MMMM d, yyyy h:mm tt",
    "F": "dddd, MMMM d, yyyy h:mm:ss tt",
    "g": "M/d/yyyy h:mm tt",
    "G": "M/d/yyyy h:mm:ss tt",
    "m": "MMMM d",
    "M": "MMMM d",
    "o": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "O": "yyyy-MM-ddTHH:mm:ss.fffffffK",
    "r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "s": "yyyy-MM-ddTHH:mm:ss",
    "t": "h:mm tt",
    "T": "h:mm:ss tt",
    "u": "yyyy-MM-dd HH:mm:ss'Z'",
    "U": "dddd, MMMM d, yyyy h:mm:ss tt",
    "y": "MMMM yyyy",
    "Y": "MMMM yyyy",
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CUSTOM = re.compile(r"\.?F+|d+|f+|g+|h+|H+|K|m+|M+|s+|t+|y+|z+|'[^']*'|\"[^\"]*\"|\\.|%[^%]|.", re.DOTALL)
_UNFINISHED = ("'", '"', "\\", "%")
"""Marks that something follows; alone they are no format."""


def format_timestamp(timestamp: Timestamp, pattern: str = "o") -> str:
    """Print a timestamp by a .NET standard format (one letter) or custom pattern; raises ExpressionError.

    An empty pattern is the standard format G.
    """
    if len(pattern) <= 1:
        if (pattern or "G") not in _STANDARD:
            raise ExpressionError(f"'{pattern}' is not a standard date and time format")
        pattern = _STANDARD[pattern or "G"]
    pieces = _CUSTOM.findall(pattern)
    if any(piece in _UNFINISHED for piece in pieces):
        raise ExpressionError(f"'{pattern}' is not a date and time format: a quote, \\ or % has nothing behind it")
    return "".join(_print_piece(timestamp, piece) for piece in pieces)


def _print_piece(timestamp: Timestamp, piece: str) -> str:
    first = piece[0]
    if first in "'\"":
        return piece[1:-1]
    if first == "\\":
        return piece[1:]
    if first == "%":
        return _print_piece(timestamp, piece[1])
    if first == "." and len(piece) > 1:
        return f".{digits}" if (digits := _print_piece(timestamp, piece[1:])) else ""
    printer = _PRINTERS.get(first)
    return printer(timestamp, len(piece)) if printer else piece


def _day(timestamp: Timestamp, width: int) -> str:
    name = _DAYS[timestamp.moment.weekday()]
    if width >= 4:
        return name
    return name[:3] if width == 3 else f"{timestamp.moment.day:0{width}d}"


def _month(timestamp: Timestamp, width: int) -> str:
    name = calendar.month_name[timestamp.moment.month]
    if width >= 4:
        return name
    return name[:3] if width == 3 else f"{timestamp.moment.month:0{width}d}"


def _year(timestamp: Timestamp, width: int) -> str:
    year = timestamp.moment.year
    return f"{year % 100:0{width}d}" if width <= 2 else f"{year:0{width}d}"


def _fraction(timestamp: Timestamp, width: int) -> str:
    if width > 7:
        raise ExpressionError("a date format has at most 7 fraction digits (fffffff)")
    return f"{timestamp.ticks % TICKS_PER_SECOND:07d}"[:width]


def _half(timestamp: Timestamp, width: int) -> str:
    half = "PM" if timestamp.moment.hour >= 12 else "AM"
    return half if width >= 2 else half[0]


def _offset(_timestamp: Timestamp, width: int) -> str:
    return {1: "+0", 2: "+00"}.get(width, "+00:00")


def _clock(read: Callable[[datetime], int]) -> Callable[[Timestamp, int], str]:
    return lambda timestamp, width: f"{read(timestamp.moment):0{min(width, 2)}d}"


_PRINTERS: dict[str, Callable[[Timestamp, int], str]] = {
    "d": _day,
    "M": _month,
    "y": _year,
    "f": _fraction,
    "F": lambda timestamp, width: _fraction(timestamp, width).rstrip("0"),
    "g": lambda _timestamp, _width: "A.D.",
    "h": _clock(lambda moment: moment.hour % 12 or 12),
    "H": _clock(lambda moment: moment.hour),
    "m": _clock(lambda moment: moment.minute),
    "s": _clock(lambda moment: moment.second),
    "t": _half,
    "K": lambda timestamp, _width: timestamp.zone,
    "z": _offset,
}
