"""Texts of dates and times, read as .NET reads them in the culture en-US.

https://learn.microsoft.com/dotnet/standard/base-types/parsing-datetime
"""

from __future__ import annotations

import calendar
import re
from datetime import datetime, timedelta
from functools import cache

from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.timestamps import Timestamp, Zone

_LAST_YEAR_OF_TWO_DIGITS = 29
"""The greatest number that is a year of this century; a greater one is of the last."""
_LARGEST_OFFSET = timedelta(hours=14)
_MONTHS = {name.lower(): at for names in (calendar.month_name, calendar.month_abbr) for at, name in enumerate(names)}
_WEEKDAYS = {name.lower(): at for names in (calendar.day_name, calendar.day_abbr) for at, name in enumerate(names)}
_NAME = "(?P<name>[a-z]{3,9})"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_DAY = r"(?P<day>\d{1,2})"
_BETWEEN = r"[\s,/.-]*"
_YEAR_FIRST = r"(?P<year>\d{4})(?P<mark>[-/. ])(?P<month>\d{1,2})(?:(?P=mark)(?P<day>\d{1,2}))?"
_DATES = (
    _YEAR_FIRST,
    rf"(?P<month>\d{{1,2}})(?P<mark>[-/. ]){_DAY}(?P=mark){_YEAR}",
    r"(?P<month>\d{1,2})[-/.](?P<year>\d{4})",
    rf"{_NAME}{_BETWEEN}{_DAY}[\s,/.-]+{_YEAR}",
    rf"{_DAY}{_BETWEEN}{_NAME}{_BETWEEN}{_YEAR}",
    rf"(?P<year>\d{{4}}){_BETWEEN}{_NAME}{_BETWEEN}{_DAY}",
    rf"{_NAME}[\s,]+(?P<year>\d{{4}})",
)
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d+))?)?"
_TIME = rf"(?:{_CLOCK}(?:\s*(?P<half>AM|PM))?|(?P<hour_alone>\d{{1,2}})\s*(?P<half_alone>AM|PM))"
_OFFSET = r"Z|[+-]\d{1,2}(?::?\d{2})?"
_WEEKDAY = f"(?P<weekday>{'|'.join(_WEEKDAYS)})"


@cache
def _forms() -> tuple[re.Pattern[str], ...]:
    """Whole texts; the first, ISO 8601, is by far the most common."""
    patterns = (
        rf"{_YEAR_FIRST}T(?=\d\d:){_CLOCK}\s*(?P<zone>{_OFFSET})?",
        *(rf"(?:{_WEEKDAY},?\s+)?{date}(?:,?\s+{_TIME})?\s*(?P<zone>{_OFFSET}|GMT)?" for date in _DATES),
    )
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def parse_timestamp(text: str) -> Timestamp:
    """Read ISO 8601, and what else .NET takes for a date with a year. Raises ExpressionError."""
    stripped = text.strip()
    for form in _forms():
        if found := form.fullmatch(stripped):
            try:
                return _from_parts(found.groupdict())
            except (ValueError, OverflowError) as error:
                raise _refused(text) from error
    raise _refused(text)


def _refused(text: str) -> ExpressionError:
    return ExpressionError(f"the value '{text}' is not a valid timestamp; expected ISO 8601")


def _from_parts(parts: dict[str, str | None]) -> Timestamp:
    """Raises ValueError for numbers and names that make no date."""
    half = parts.get("half") or parts.get("half_alone")
    moment = datetime(
        _year(parts["year"] or ""),
        _month(parts),
        int(parts.get("day") or 1),
        _hour(int(parts.get("hour") or parts.get("hour_alone") or 0), half),
        int(parts.get("minute") or 0),
        int(parts.get("second") or 0),
    )
    weekday = parts.get("weekday")
    if weekday and _WEEKDAYS[weekday.lower()] != moment.weekday():
        raise ValueError("the day of the week is another one")
    zone, offset = _zone(parts.get("zone"))
    return Timestamp.naive(moment - offset, zone, _ticks(parts.get("fraction") or ""))


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year <= _LAST_YEAR_OF_TWO_DIGITS else 1900)


def _month(parts: dict[str, str | None]) -> int:
    name = parts.get("name")
    if name is None:
        return int(parts["month"] or 0)
    return _MONTHS.get(name.lower(), 0)


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 0 <= hour <= 12:
        raise ValueError("hours of a half day go to 12")
    return hour % 12 + (12 if half.upper() == "PM" else 0)


def _ticks(fraction: str) -> int:
    """A fraction of a second; digits beyond the seventh are rounded."""
    return int(fraction[:7].ljust(7, "0")) + (fraction[7:8] >= "5")


def _zone(text: str | None) -> tuple[Zone, timedelta]:
    if not text:
        return "", timedelta()
    if text.upper() in ("Z", "GMT"):
        return "Z", timedelta()
    digits = text[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset > _LARGEST_OFFSET:
        raise ValueError("an offset from UTC has at most 14 hours")
    return "+00:00", offset if text[0] == "+" else -offset
