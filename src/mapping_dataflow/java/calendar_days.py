"""The day that fields of a date mean, as Java's GregorianCalendar resolves them when it is not lenient.

Of several ways to say a day the one whose fields stand last counts, and all fields must agree with the day ("Calendar
Fields Resolution" of https://docs.oracle.com/javase/8/docs/api/java/util/Calendar.html). With a week year behind the
year, or without a year, the day is one of a week of that year, whatever month and day of the month are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from mapping_dataflow.java.locales import DateNames


def first_week(year: int, names: DateNames) -> int:
    """The first day of the first week of a year, the week that has enough days in it; counted as ``toordinal()`` does,
    beyond the years that Python knows, too."""
    past = year - 1
    january = past * 365 + past // 4 - past // 100 + past // 400 + 1
    return _first_week_from(january, names)


def _first_week_from(day: int, names: DateNames) -> int:
    """The first day of the first week of the year or month that begins with a day."""
    start = day - (day - 1 - names.first_day) % 7
    return start if 7 - (day - start) >= names.least_days else start + 7


def week_of_year(value: datetime, names: DateNames) -> tuple[int, int]:
    """The year that a day's week belongs to, and the number of the week."""
    for year in (value.year + 1, value.year, value.year - 1):
        start = first_week(year, names)
        if value.toordinal() >= start:
            return year, (value.toordinal() - start) // 7 + 1
    raise AssertionError("internal-error: no year has the day")


def week_of_month(value: datetime, names: DateNames) -> int:
    """The number of a day's week in its month, 0 for days before the first week."""
    first = _first_week_from(value.replace(day=1).toordinal(), names)
    return (value.toordinal() - first) // 7 + 1


def weekday_in_month(value: datetime) -> int:
    """How many days of this weekday the month has had with this one."""
    return (value.day - 1) // 7 + 1


_MEANINGS: Mapping[str, Callable[[datetime, DateNames], int]] = {
    "y": lambda day, _: day.year,
    "M": lambda day, _: day.month,
    "d": lambda day, _: day.day,
    "D": lambda day, _: day.timetuple().tm_yday,
    "E": lambda day, _: day.weekday(),
    "F": lambda day, _: weekday_in_month(day),
    "W": week_of_month,
    "w": lambda day, names: week_of_year(day, names)[1],
    "Y": lambda day, names: week_of_year(day, names)[0],
}


def day_of(fields: Mapping[str, int], names: DateNames) -> datetime:
    """The day of the fields, by their letters in the order of the text: ``y``, ``Y``, ``M``, ``d``, ``D``, ``w``,
    ``W``, ``F``, and ``E`` with Monday as 0. Raises ValueError where there is none on which all agree."""
    places = {letter: place for place, letter in enumerate(fields, 1)}
    in_week_year = places.get("Y", 0) > places.get("y", 0)
    if in_week_year:
        start = first_week(fields["Y"], names)
        ordinal = _in_week(start, {"w": 1, **fields}, "w", names)
    else:
        ordinal = _ordinal(fields, places, names)
    day = datetime.fromordinal(ordinal)
    checked = "YwED" if in_week_year else "yMdDwWFE"
    for letter in checked:
        if letter in fields and _MEANINGS[letter](day, names) != fields[letter]:
            raise ValueError(letter)
    return day


def _in_week(start: int, fields: Mapping[str, int], week: str, names: DateNames) -> int:
    """The weekday, else the first one, in a week counted from the first."""
    weekday = fields.get("E", names.first_day)
    return start + 7 * (fields[week] - 1) + (weekday - names.first_day) % 7


def _ordinal(fields: Mapping[str, int], places: Mapping[str, int], names: DateNames) -> int:
    year = fields.get("y", 1970)
    month = datetime(year, fields.get("M", 1), 1).toordinal()  # noqa: DTZ001 - days have no zone
    match _way(places):
        case "D":
            return datetime(year, 1, 1).toordinal() + fields["D"] - 1  # noqa: DTZ001 - days have no zone
        case "w":
            return _in_week(first_week(year, names), fields, "w", names)
        case "W":
            return _in_week(_first_week_from(month, names), fields, "W", names)
        case "F":
            weekday = fields.get("E", names.first_day)
            return month + (weekday - (month - 1)) % 7 + 7 * (fields.get("F", 1) - 1)
    return month + fields.get("d", 1) - 1


def _way(places: Mapping[str, int]) -> str:
    """The field whose way to say the day counts: ``d``, ``D``, ``w``, ``W`` or ``F`` (a weekday alone is the first)."""
    weekday = places.get("E", 0)

    def complete(letter: str) -> int:
        return max(places[letter], weekday) if weekday and letter in places else 0

    ways = {"d": places.get("d", 0), "W": complete("W"), "F": complete("F"), "D": places.get("D", 0)}
    ways["w"] = complete("w")
    best = max(ways.values())
    if not best:
        ways = {"W": places.get("W", 0), "F": max(places.get("F", 0), weekday), "w": places.get("w", 0)}
        best = max(ways.values())
    found = [letter for letter, place in ways.items() if place == best]
    if not best or "d" in found:
        return "d"
    return max(found, key=lambda letter: places.get(letter, 0))
