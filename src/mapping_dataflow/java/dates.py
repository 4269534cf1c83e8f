"""Java's date patterns (SimpleDateFormat, and the optional ``[…]`` parts of DateTimeFormatter): reading and writing.

Timestamps have no zone: they are written as UTC, and an offset or zone in a text moves what is read to UTC. Reading is
strict: fields out of their range, or text left over, give no date. Numbers take up to their usual number of digits, or
exactly as many as the pattern has letters where the next field follows without a separator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from mapping_dataflow.java.calendar_days import day_of, week_of_month, week_of_year, weekday_in_month
from mapping_dataflow.java.locales import DateNames, date_names
from mapping_dataflow.java.zones import UnknownZoneError, offset_at


class DatePatternError(ValueError):
    """The pattern has a letter or a bracket that means nothing. The message says which."""


@dataclass(frozen=True)
class Field:
    """A run of one letter."""

    letter: str
    count: int


@dataclass(frozen=True)
class Optional:
    """A part in brackets, which a text may leave out."""

    parts: tuple[Part, ...]


Part = str | Field | Optional
_LETTERS = frozenset("GyYMLwWDdFEuaHkKhmsSzZX")
_TOKENS = re.compile(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|(\[)|(\])|([^A-Za-z'\[\]]+)")


@lru_cache(maxsize=256)
def date_pattern(pattern: str) -> tuple[Part, ...]:
    """The parts of a pattern. Raises DatePatternError."""
    open_parts: list[list[Part]] = [[]]
    offset = 0
    while offset < len(pattern):
        found = _TOKENS.match(pattern, offset)
        if found is None:
            raise DatePatternError(f"the date pattern {pattern!r} has a quote without an end")
        offset = found.end()
        if found[4]:
            open_parts.append([])
        elif found[5]:
            if len(open_parts) == 1:
                raise DatePatternError(f"the date pattern {pattern!r} closes a bracket it did not open")
            inner = tuple(open_parts.pop())
            open_parts[-1].append(Optional(inner))
        elif found[2]:
            if found[3] not in _LETTERS:
                raise DatePatternError(f"{found[3]!r} in the date pattern {pattern!r} means nothing")
            open_parts[-1].append(Field(found[3], len(found[2])))
        else:
            open_parts[-1].append(found[6] or (found[1].replace("''", "'") or "'"))
    if len(open_parts) > 1:
        raise DatePatternError(f"the date pattern {pattern!r} does not close a bracket")
    return tuple(open_parts[0])


# ---------------------------------------------------------------- writing


def write(value: datetime, pattern: str, locale: str | None) -> str:
    """A timestamp as a pattern writes it."""
    parts = date_pattern(pattern)
    match [part for part in parts if not isinstance(part, str)]:
        case [Field("M", count)]:  # a month that stands in no date has a form of its own, as in Java
            parts = tuple(part if isinstance(part, str) else Field("L", count) for part in parts)
    return _written(parts, value, date_names(locale))


def _written(parts: tuple[Part, ...], value: datetime, names: DateNames) -> str:
    pieces = (
        part
        if isinstance(part, str)
        else _written(part.parts, value, names)
        if isinstance(part, Optional)
        else _field(part, value, names)
        for part in parts
    )
    return "".join(pieces)


_NUMBERS: Mapping[str, Callable[[datetime], int]] = {
    "D": lambda value: value.timetuple().tm_yday,
    "d": lambda value: value.day,
    "F": weekday_in_month,
    "u": lambda value: value.isoweekday(),
    "H": lambda value: value.hour,
    "k": lambda value: value.hour or 24,
    "K": lambda value: value.hour % 12,
    "h": lambda value: value.hour % 12 or 12,
    "m": lambda value: value.minute,
    "s": lambda value: value.second,
}


def _field(field: Field, value: datetime, names: DateNames) -> str:
    letter, count = field.letter, field.count
    if letter in _NUMBERS:
        return str(_NUMBERS[letter](value)).zfill(count)
    if letter in "yY":
        year = value.year if letter == "y" else week_of_year(value, names)[0]
        return str(year % 100).zfill(2) if count == 2 else str(year).zfill(count)
    if letter == "M":
        listed = names.months if count > 3 else names.short_months
        return listed[value.month - 1] if count > 2 else str(value.month).zfill(count)
    if letter == "L":
        listed = names.months_alone if count > 3 else names.short_months_alone
        return listed[value.month - 1] if count > 2 else str(value.month).zfill(count)
    if letter == "E":
        return (names.days if count > 3 else names.short_days)[value.weekday()]
    if letter == "S":
        return f"{value.microsecond:06d}".ljust(count, "0")[:count]
    if letter in "wW":
        return str(week_of_year(value, names)[1] if letter == "w" else week_of_month(value, names)).zfill(count)
    return _sign(letter, count, value, names)


def _sign(letter: str, count: int, value: datetime, names: DateNames) -> str:
    if letter == "a":
        return names.halves[value.hour >= 12]
    if letter == "G":
        return names.eras[1]
    if letter == "z":
        return "Coordinated Universal Time" if count > 3 else "UTC"
    return "+0000" if letter == "Z" else "Z"


# ---------------------------------------------------------------- reading

_WIDTHS = {"d": 2, "H": 2, "k": 2, "K": 2, "h": 2, "m": 2, "s": 2, "D": 3, "w": 2, "W": 1, "F": 1, "u": 1}
_ZONE = r"GMT[+-]\d{1,2}(?::?\d{2})?|[+-]\d{1,2}(?::?\d{2})?|Z|[A-Za-z]+(?:/[A-Za-z0-9_+\-]+)*"
_RANGES = {"M": (1, 12), "d": (1, 31), "D": (1, 366), "H": (0, 23), "k": (1, 24), "K": (0, 11), "h": (1, 12)}
_LIMITS = {**_RANGES, "m": (0, 59), "s": (0, 59), "w": (1, 53), "W": (0, 6), "F": (1, 5), "u": (1, 7)}


def read(text: str, pattern: str, locale: str | None) -> datetime | None:
    """The time that a text written by a pattern means, in UTC; None when it is no such text."""
    found = _reader(pattern, locale).fullmatch(text)
    if found is None:
        return None
    values: dict[str, str] = {}
    for name, value in found.groupdict().items():
        if value is not None:
            letter = name.partition("_")[0]
            values.pop(letter, None)  # of two fields of a letter the last counts, at its place
            values[letter] = value
    try:
        return _time(values, date_names(locale))
    except (ValueError, OverflowError, UnknownZoneError):
        return None


@lru_cache(maxsize=256)
def _reader(pattern: str, locale: str | None) -> re.Pattern[str]:
    names = date_names(locale)
    counter = iter(range(1000))
    return re.compile(_readable(date_pattern(pattern), names, counter.__next__), re.IGNORECASE)


def _readable(parts: tuple[Part, ...], names: DateNames, number: Callable[[], int]) -> str:
    pieces: list[str] = []
    for place, part in enumerate(parts):
        if isinstance(part, str):
            pieces.append(re.escape(part))
        elif isinstance(part, Optional):
            pieces.append(f"(?:{_readable(part.parts, names, number)})?")
        else:
            following = parts[place + 1] if place + 1 < len(parts) else None
            tight = isinstance(following, Field) and _is_numeric(following) and _is_numeric(part)
            name = "y2" if part.letter == "y" and part.count == 2 else part.letter
            pieces.append(f"[ \\t]*(?P<{name}_{number()}>{_readable_field(part, names, tight)})")
    return "".join(pieces)


def _is_numeric(field: Field) -> bool:
    return field.letter in _WIDTHS or field.letter in "yYS" or (field.letter in "ML" and field.count < 3)


def _readable_field(field: Field, names: DateNames, tight: bool) -> str:
    letter, count = field.letter, field.count
    if letter == "E":
        return _choice((*names.days, *names.short_days))
    if letter in "ML" and count > 2:
        return _choice((*names.months, *names.short_months, *names.months_alone, *names.short_months_alone))
    if letter == "a":
        return _choice(names.halves)
    if letter == "G":
        return _choice(names.eras)
    if letter in "zZX":
        return _ZONE
    if tight:
        return rf"\d{{{count}}}"
    if letter in "yY":
        return r"\d{2}|\d{4}" if count == 2 else rf"\d{{1,{max(4, count)}}}"
    if letter == "S":
        return rf"\d{{1,{count if count > 2 else 9}}}"
    return rf"\d{{1,{max(_WIDTHS.get(letter, 2), count)}}}"


def _choice(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))


def _time(values: Mapping[str, str], names: DateNames) -> datetime:
    """The time of the fields that were read. Raises ValueError for one out of its range."""
    numbers = {letter: int(text) for letter, text in values.items() if text.isdigit() and letter in _LIMITS}
    for letter, value in numbers.items():
        low, high = _LIMITS[letter]
        if not low <= value <= high:
            raise ValueError(letter)
    day = day_of(_day_fields(values, numbers, names), names)
    fraction = int(values.get("S", "0")[:6].ljust(6, "0"))
    clock = timedelta(
        hours=_hour(numbers, values, names),
        minutes=numbers.get("m", 0),
        seconds=numbers.get("s", 0),
        microseconds=fraction // 1000 * 1000,
    )
    zone = values.get("z", values.get("Z", values.get("X")))
    return day + clock - (offset_at(zone, day + clock) if zone else timedelta())


def _month(written: str, names: DateNames) -> int:
    if written.isdigit():
        if not 1 <= int(written) <= 12:
            raise ValueError("M")
        return int(written)
    for listed in (names.months, names.short_months, names.months_alone, names.short_months_alone):
        folded = [name.casefold() for name in listed]
        if written in folded:
            return folded.index(written) + 1
    raise ValueError("M")


def _weekday(written: str, names: DateNames) -> int:
    for listed in (names.days, names.short_days):
        folded = [name.casefold() for name in listed]
        if written.casefold() in folded:
            return folded.index(written.casefold())
    raise ValueError("E")


def _day_fields(values: Mapping[str, str], numbers: Mapping[str, int], names: DateNames) -> dict[str, int]:
    """The fields of the day in the order of the text. Raises ValueError for a name that is none."""
    fields: dict[str, int] = {}
    for letter, written in values.items():
        if letter in ("y", "Y"):
            fields[letter] = int(written)
        elif letter == "y2":
            short = 0 if len(written) > 2 else 2000 if int(written) < 69 else 1900
            fields["y"] = int(written) + short
        elif letter in ("M", "L"):
            fields["M"] = _month(written.casefold(), names)
        elif letter in ("E", "u"):
            fields.pop("E", None)
            fields["E"] = _weekday(written, names) if letter == "E" else numbers["u"] - 1
        elif letter in ("d", "D", "w", "W", "F"):
            fields[letter] = numbers[letter]
    return fields


def _hour(numbers: Mapping[str, int], values: Mapping[str, str], names: DateNames) -> int:
    if "H" in numbers:
        return numbers["H"]
    if "k" in numbers:
        return numbers["k"] % 24
    half = 12 if values.get("a", "").casefold() == names.halves[1].casefold() else 0
    return numbers.get("h", numbers.get("K", 0)) % 12 + half
