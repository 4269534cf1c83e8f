"""Date functions, over timestamps as text; the default output format is `o`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.functions.signature import (
    Function,
    Surroundings,
    integer,
    pure,
    text,
)
from pipeline_runtime.expressions.time_zones import time_zone
from pipeline_runtime.expressions.timestamp_formats import format_timestamp
from pipeline_runtime.expressions.timestamp_texts import parse_timestamp
from pipeline_runtime.expressions.timestamps import Timestamp, Zone
from pipeline_runtime.expressions.values import Value

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
_MONTHS = {"month": 1, "year": 12}
_UTC = "UTC"


def _format(name: str, timestamp: Timestamp, arguments: Sequence[Value], index: int) -> str:
    return format_timestamp(timestamp, text(name, arguments[index], index + 1) if len(arguments) > index else "o")


def _moved(timestamp: Timestamp, count: int, unit: str, name: str) -> Timestamp:
    lowered = unit.lower()
    if lowered in _SECONDS:
        return timestamp.plus_seconds(count * _SECONDS[lowered])
    if lowered in _MONTHS:
        return timestamp.plus_months(count * _MONTHS[lowered])
    raise ExpressionError(
        f"the function '{name}' expects a time unit of Second, Minute, Hour, Day, Week, Month or Year, found '{unit}'"
    )


def _add(name: str, unit: str) -> Function:
    def body(arguments: Sequence[Value]) -> Value:
        moved = _moved(
            parse_timestamp(text(name, arguments[0])),
            integer(name, arguments[1], 2),
            unit,
            name,
        )
        return _format(name, moved, arguments, 2)

    return pure(name, 2, 3, body)


def _shift(name: str, sign: int) -> Function:
    def body(arguments: Sequence[Value]) -> Value:
        count, unit = integer(name, arguments[1], 2), text(name, arguments[2], 3)
        return _format(
            name,
            _moved(parse_timestamp(text(name, arguments[0])), sign * count, unit, name),
            arguments,
            3,
        )

    return pure(name, 3, 4, body)


def _from_now(name: str, sign: int) -> Function:
    def body(surroundings: Surroundings, arguments: Sequence[Value]) -> Value:
        count, unit = integer(name, arguments[0]), text(name, arguments[1], 2)
        return _format(
            name,
            _moved(Timestamp.of(surroundings.now()), sign * count, unit, name),
            arguments,
            2,
        )

    return Function(name, 2, 3, body)


def _start(name: str, unit: Literal["hour", "day", "month"]) -> Function:
    def body(arguments: Sequence[Value]) -> Value:
        return _format(name, parse_timestamp(text(name, arguments[0])).start_of(unit), arguments, 1)

    return pure(name, 1, 2, body)


def _part(name: str, read: Callable[[Timestamp], int]) -> Function:
    return pure(name, 1, 1, lambda arguments: read(parse_timestamp(text(name, arguments[0]))))


def _utc_now(surroundings: Surroundings, arguments: Sequence[Value]) -> Value:
    return _format("utcNow", Timestamp.of(surroundings.now()), arguments, 0)


def _format_date_time(arguments: Sequence[Value]) -> Value:
    return _format(
        "formatDateTime",
        parse_timestamp(text("formatDateTime", arguments[0])),
        arguments,
        1,
    )


def _to_zone(timestamp: Timestamp, source: str, destination: str) -> Timestamp:
    """Wall-clock time moved between zones; whole microseconds move, the last tick digit stays."""
    try:
        moved = timestamp.moment.replace(tzinfo=time_zone(source)).astimezone(time_zone(destination))
    except OverflowError as error:
        raise ExpressionError("the resulting timestamp lies outside the years 1 to 9999") from error
    zone: Zone = "Z" if moved.tzinfo == time_zone(_UTC) else ""
    return Timestamp.naive(moved.replace(tzinfo=None), zone, timestamp.ticks % 10)


def _convert_from_utc(arguments: Sequence[Value]) -> Value:
    given = text("convertFromUtc", arguments[0])
    timestamp = parse_timestamp(given)
    if timestamp.zone != "Z":
        raise ExpressionError(f"the function 'convertFromUtc' expects a time that ends with 'Z', found '{given}'")
    moved = _to_zone(timestamp, _UTC, text("convertFromUtc", arguments[1], 2))
    return _format("convertFromUtc", moved, arguments, 2)


def _convert_to_utc(arguments: Sequence[Value]) -> Value:
    given, source = text("convertToUtc", arguments[0]), text("convertToUtc", arguments[1], 2)
    timestamp = parse_timestamp(given)
    if timestamp.zone == "+00:00" or (timestamp.zone and time_zone(source) != time_zone(_UTC)):
        raise ExpressionError(
            f"the function 'convertToUtc' expects a time without zone, as its zone is '{source}', found '{given}'"
        )
    if _is_skipped_or_repeated(timestamp.moment, source):
        raise ExpressionError(f"the time '{given}' does not exist in the time zone '{source}', or exists twice")
    return _format("convertToUtc", _to_zone(timestamp, source, _UTC), arguments, 2)


def _is_skipped_or_repeated(moment: datetime, zone: str) -> bool:
    offsets = {moment.replace(tzinfo=time_zone(zone), fold=fold).utcoffset() for fold in (0, 1)}
    return len(offsets) > 1


def _convert_time_zone(arguments: Sequence[Value]) -> Value:
    name = "convertTimeZone"
    source, destination = text(name, arguments[1], 2), text(name, arguments[2], 3)
    timestamp = parse_timestamp(text(name, arguments[0]))
    time_zone(source)  # is checked where the time tells its zone itself, too
    return _format(name, _to_zone(timestamp, _UTC if timestamp.zone else source, destination), arguments, 3)


def _day_of_year(timestamp: Timestamp) -> int:
    return (timestamp.moment - datetime(timestamp.moment.year, 1, 1)) // timedelta(days=1) + 1


FUNCTIONS: tuple[Function, ...] = (
    _add("addSeconds", "second"),
    _add("addMinutes", "minute"),
    _add("addHours", "hour"),
    _add("addDays", "day"),
    _shift("addToTime", 1),
    _shift("subtractFromTime", -1),
    _from_now("getFutureTime", 1),
    _from_now("getPastTime", -1),
    _start("startOfHour", "hour"),
    _start("startOfDay", "day"),
    _start("startOfMonth", "month"),
    _part("dayOfMonth", lambda timestamp: timestamp.moment.day),
    _part("dayOfWeek", lambda timestamp: timestamp.moment.isoweekday() % 7),
    _part("dayOfYear", _day_of_year),
    _part("ticks", lambda timestamp: timestamp.ticks),
    Function("utcNow", 0, 1, _utc_now),
    pure("formatDateTime", 1, 2, _format_date_time),
    pure("convertFromUtc", 2, 3, _convert_from_utc),
    pure("convertToUtc", 2, 3, _convert_to_utc),
    pure("convertTimeZone", 3, 4, _convert_time_zone),
)
