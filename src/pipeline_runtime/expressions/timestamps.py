"""Timestamps of the expression language: .NET's DateTime in 100-nanosecond ticks, read and printed as .NET does.

An offset in the text is converted to UTC, a text without one stays without one (no `Z` in the output).
Formats: https://learn.microsoft.com/dotnet/standard/base-types/custom-date-and-time-format-strings, culture en-US.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from pipeline_runtime.expressions.errors import ExpressionError

TICKS_PER_SECOND = 10_000_000
_EPOCH = datetime(1, 1, 1)
_ISO = re.compile(
    r"(?P<year>\d{4})[-/](?P<month>\d{1,2})(?:[-/](?P<day>\d{1,2}))?"
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d+))?)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_AMERICAN = re.compile(
    r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})"
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d+))?)?)?"
    r"\s*(?P<half>AM|PM)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_RFC1123 = "%a, %d %b %Y %H:%M:%S GMT"


@dataclass(frozen=True)
class Timestamp:
    """A point in time: `ticks` since 0001-01-01 00:00; `utc` tells whether the text said so."""

    ticks: int
    utc: bool

    @staticmethod
    def of(moment: datetime) -> Timestamp:
        """From an aware datetime."""
        return Timestamp.naive(moment.astimezone(UTC).replace(tzinfo=None), utc=True)

    @staticmethod
    def naive(moment: datetime, utc: bool = False, extra_ticks: int = 0) -> Timestamp:
        """From a datetime without zone."""
        delta = moment - _EPOCH
        ticks = (delta.days * 86_400 + delta.seconds) * TICKS_PER_SECOND + delta.microseconds * 10
        return Timestamp(ticks + extra_ticks, utc)

    @property
    def moment(self) -> datetime:
        """The same point as a datetime without zone, cut to microseconds."""
        return _EPOCH + timedelta(microseconds=self.ticks // 10)

    def plus_seconds(self, seconds: int) -> Timestamp:
        """Moved by whole seconds; raises ExpressionError outside the years 1 to 9999."""
        return self._checked(self.ticks + seconds * TICKS_PER_SECOND)

    def plus_months(self, months: int) -> Timestamp:
        """Moved by months; the day is cut to the month's last."""
        moment = self.moment
        index = moment.year * 12 + moment.month - 1 + months
        year, month = divmod(index, 12)
        if not 1 <= year <= 9999:
            raise ExpressionError("the resulting timestamp lies outside the years 1 to 9999")
        day = min(moment.day, calendar.monthrange(year, month + 1)[1])
        return Timestamp.naive(
            moment.replace(year=year, month=month + 1, day=day),
            self.utc,
            self.ticks % 10,
        )

    def start_of(self, unit: Literal["hour", "day", "month"]) -> Timestamp:
        """The beginning of the hour, day or month it lies in."""
        moment = self.moment.replace(minute=0, second=0, microsecond=0)
        if unit != "hour":
            moment = moment.replace(hour=0)
        return Timestamp.naive(moment.replace(day=1) if unit == "month" else moment, self.utc)

    def _checked(self, ticks: int) -> Timestamp:
        if not 0 <= ticks < 3_155_378_976_000_000_000:
            raise ExpressionError("the resulting timestamp lies outside the years 1 to 9999")
        return replace(self, ticks=ticks)


def parse_timestamp(text: str) -> Timestamp:
    """Read ISO 8601, `M/d/yyyy` or RFC 1123 text; raises ExpressionError."""
    stripped = text.strip()
    match = _ISO.fullmatch(stripped) or _AMERICAN.fullmatch(stripped)
    try:
        if match:
            return _from_match(match.groupdict())
        return Timestamp.naive(datetime.strptime(stripped, _RFC1123), utc=True)
    except (ValueError, OverflowError) as error:
        raise ExpressionError(f"the value '{text}' is not a valid timestamp; expected ISO 8601") from error


def _from_match(parts: dict[str, str | None]) -> Timestamp:
    hour = int(parts["hour"] or 0)
    half = (parts.get("half") or "").upper()
    if half:
        hour = hour % 12 + (12 if half == "PM" else 0)
    moment = datetime(
        int(parts["year"] or 1),
        int(parts["month"] or 1),
        int(parts["day"] or 1),
        hour,
        int(parts["minute"] or 0),
        int(parts["second"] or 0),
    )
    fraction = int((parts["fraction"] or "0")[:7].ljust(7, "0"))
    zone = parts["zone"]
    if not zone:
        return Timestamp.naive(moment, extra_ticks=fraction)
    if zone.upper() != "Z":
        digits = zone[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        moment -= offset if zone[0] == "+" else -offset
    return Timestamp.naive(moment, utc=True, extra_ticks=fraction)


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
_CUSTOM = re.compile(r"d+|f+|F+|g+|h+|H+|K|m+|M+|s+|t+|y+|z+|'[^']*'|\"[^\"]*\"|\\.|%|.", re.DOTALL)


def format_timestamp(timestamp: Timestamp, pattern: str = "o") -> str:
    """Print a timestamp by a .NET standard format (one letter) or custom pattern; raises ExpressionError."""
    if len(pattern) == 1:
        if pattern not in _STANDARD:
            raise ExpressionError(f"'{pattern}' is not a standard date and time format")
        pattern = _STANDARD[pattern]
    return "".join(_print_piece(timestamp, piece) for piece in _CUSTOM.findall(pattern))


def _print_piece(timestamp: Timestamp, piece: str) -> str:
    first = piece[0]
    if first in "'\"":
        return piece[1:-1] if len(piece) > 1 else piece
    if first == "\\":
        return piece[1:]
    if first == "%":
        return ""
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
    "K": lambda timestamp, _width: "Z" if timestamp.utc else "",
    "z": _offset,
}
