"""Texts as dates, timestamps and numbers where no pattern is given, as Spark casts them outside of ANSI mode.

The rules are those of Spark's ``SparkDateTimeUtils`` and ``UTF8String`` and of Java's ``Double.parseDouble``. Dates are
days and timestamps are microseconds since 1970, in the Gregorian calendar throughout, since Spark has years that Python
lacks.
"""

from __future__ import annotations

import math
import re
import struct
from datetime import datetime, timedelta
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal

from mapping_dataflow.java.zones import UnknownZoneError, zone_of, zone_offset

BLANKS = r"[\x00-\x20\x7f]*"
"""What Spark passes over at the ends of a text, as a regular expression."""

_CONTROLS = "".join(map(chr, range(33)))

_DATE = r"(?P<sign>[+-]?)(?P<year>[0-9]{{4,{years}}})(?:-(?P<month>[0-9]{{1,2}})(?:-(?P<day>[0-9]{{1,2}}){rest})?)?"
_TO_DATE = re.compile(BLANKS + _DATE.format(years=7, rest=r"(?:[ T].*)?") + BLANKS, re.DOTALL)
_CLOCK = (
    r"(?:[ T](?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2})"
    r"(?:\.(?P<fraction>[0-9]*))?(?P<zone>[^0-9.].*)?)?)?)?"
)
_TO_TIMESTAMP = re.compile(BLANKS + _DATE.format(years=6, rest=_CLOCK) + BLANKS, re.DOTALL)

_MICROSECONDS = 1_000_000
_DAY_IN_SECONDS = 86_400
_DAYS_IN_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_CYCLE_IN_YEARS = 400
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - timestamps have no zone
_INTEGERS = 1 << 31
_LONGS = 1 << 63
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def date_days(text: str) -> int | None:
    """The days since 1970 of ``yyyy``, ``yyyy-M``, ``yyyy-M-d``, the last with a blank or T and anything behind."""
    found = _TO_DATE.fullmatch(text)
    days = None if found is None else _days(found)
    return days if days is not None and -_INTEGERS <= days < _INTEGERS else None


def timestamp_microseconds(text: str) -> int | None:
    """The microseconds since 1970 of a text with a date and perhaps a clock, cut after so many digits.

    The clock may end behind the hours or minutes; only behind the seconds stand a fraction and a zone or offset. A
    clock alone, which Spark takes for a time of the present day, is none here: the documented form begins with a year.
    """
    found = _TO_TIMESTAMP.fullmatch(text)
    days = None if found is None else _days(found)
    if found is None or days is None:
        return None
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 59:
        return None
    seconds = days * _DAY_IN_SECONDS + hour * 3600 + minute * 60 + second
    try:
        seconds -= _offset(found["zone"], seconds)
    except UnknownZoneError:
        return None
    result = seconds * _MICROSECONDS + int((found["fraction"] or "")[:6].ljust(6, "0"))
    return result if -_LONGS <= result < _LONGS else None


def _days(found: re.Match[str]) -> int | None:
    """The days since 1970 of a year, month and day; None where there is no such day."""
    year = int(found["year"]) * (-1 if found["sign"] == "-" else 1)
    month, day = int(found["month"] or 1), int(found["day"] or 1)
    if not 1 <= month <= 12:
        return None
    longest = 29 if month == 2 and _is_leap(year) else _DAYS_IN_MONTHS[month - 1]
    if not 1 <= day <= longest:
        return None
    cycles, within = divmod(year, _CYCLE_IN_YEARS)
    before = within * 365 + (within + 3) // 4 - (within + 99) // 100 + (within + 399) // 400
    passed = sum(_DAYS_IN_MONTHS[: month - 1]) + (month > 2 and _is_leap(year))
    return cycles * 146_097 + before + passed + day - 1 - 719_528


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % _CYCLE_IN_YEARS == 0)


def _offset(zone: str | None, seconds: int) -> int:
    """How many seconds the clock of a zone is ahead of UTC. Raises UnknownZoneError."""
    name = (zone or "").strip(_CONTROLS + "\x7f")
    if not name:
        return 0
    found = zone_of(name)
    if isinstance(found, timedelta):
        return int(found.total_seconds())
    # Python has the years 1 to 9999: rules of zones repeat with the calendar, and before them there is one offset.
    cycle = _CYCLE_IN_YEARS * 365 * _DAY_IN_SECONDS + 97 * _DAY_IN_SECONDS
    first, last = -62_135_596_800, 253_402_300_799
    inside = first if seconds < first else seconds - -(-max(seconds - last, 0) // cycle) * cycle
    return int(zone_offset(found, _EPOCH + timedelta(seconds=inside)).total_seconds())


# ---------------------------------------------------------------- numbers

_JAVA_DOUBLE = re.compile(
    r"[\x00-\x20]*(?P<sign>[+-]?)(?:(?P<decimal>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[dDfF]?"
    r"|(?P<hexadecimal>0[xX](?:[0-9a-fA-F]+\.?|[0-9a-fA-F]*\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)[dDfF]?"
    r"|(?P<word>NaN|Infinity))[\x00-\x20]*"
)
_WORDS = {
    "nan": math.nan,
    **{sign + word: math.inf for sign in ("", "+") for word in ("inf", "infinity")},
    **{"-" + word: -math.inf for word in ("inf", "infinity")},
}
"""Spark's own words for what is no number, in any case of letters."""


def double(text: str) -> float | None:
    """The double that a text means: Java's literals, also hexadecimal ones, and words for infinity and not-a-number."""
    found = _JAVA_DOUBLE.fullmatch(text)
    if found is None:
        return _WORDS.get(text.strip(_CONTROLS).lower())
    if found["hexadecimal"]:
        try:
            value = float.fromhex(found["hexadecimal"])
        except OverflowError:
            value = math.inf
    else:
        value = float(found["decimal"] or found["word"])
    return -value if found["sign"] == "-" else value


def single(text: str) -> float | None:
    """The float that a text means, infinite beyond the type."""
    value = double(text)
    return None if value is None else rounded_to_single(value)


def rounded_to_single(value: float) -> float:
    """A double as a float: the nearest one, infinite beyond the type."""
    try:
        nearest: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return nearest


_WHOLE = re.compile(rf"{BLANKS}([+-]?)([0-9]*)(?:\.[0-9]*)?{BLANKS}")


def whole_number(text: str) -> int | None:
    """The whole number of a text; digits behind a point are cut off. A sign or nothing alone is none."""
    found = _WHOLE.fullmatch(text)
    if found is None or not (found[2] or "." in text):
        return None
    return int(found[1] + (found[2] or "0"))


_DECIMAL = re.compile(r"[\x00-\x20]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?)[\x00-\x20]*")


_MOST_DIGITS = 38
"""Of a decimal of Spark."""


def decimal(text: str) -> Decimal | None:
    """What Java's BigDecimal reads in a text: digits of every script count. None beyond 38 digits before the point."""
    found = _DECIMAL.fullmatch(text)
    if found is None or abs(int(found[2] or 0)) >= _INTEGERS:  # Java counts exponents in 32 bits
        return None
    value = _EXACT.create_decimal(found[1])
    return None if value and value.adjusted() >= _MOST_DIGITS else value


def decimal_text(text: str) -> str | None:
    """The same number in plain digits; what is nearer to zero than any decimal of Spark is zero."""
    value = decimal(text)
    if value is None:
        return None
    return format(value, "f") if value and value.adjusted() > -2 * _MOST_DIGITS else "0"


TRUE_WORDS = ("t", "true", "y", "yes", "1")
FALSE_WORDS = ("f", "false", "n", "no", "0")
"""What toBoolean takes, whatever the case of letters; anything else is null."""


def boolean(text: str) -> bool | None:
    """True or false, or None for other words."""
    word = text.strip(_CONTROLS + "\x7f").lower()
    return True if word in TRUE_WORDS else False if word in FALSE_WORDS else None
