"""When a schedule trigger fires: pure calendar arithmetic over its recurrence.

https://learn.microsoft.com/azure/data-factory/how-to-create-schedule-trigger#json-schema
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.time_zones import time_zone
from pipeline_runtime.expressions.timestamp_texts import parse_timestamp

FREQUENCIES = ("Minute", "Hour", "Day", "Week", "Month")
_WEEK_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SCHEDULE_KEYS = frozenset({"minutes", "hours", "weekDays", "monthDays"})
KEYS = frozenset({"frequency", "interval", "startTime", "endTime", "timeZone", "schedule"})


class RecurrenceError(ValueError):
    """A recurrence that cannot be read; `pointer` is the place below the recurrence."""

    def __init__(self, pointer: str, cause: str) -> None:
        super().__init__(cause)
        self.pointer = pointer


@dataclass(frozen=True)
class Recurrence:
    """A recurrence with its start and end as wall-clock time of `zone`."""

    frequency: str
    interval: int
    start: datetime
    end: datetime | None
    zone: tzinfo
    schedule: Mapping[str, Sequence[Any]]

    @staticmethod
    def read(value: Mapping[str, Any]) -> Recurrence:
        """From a trigger's JSON; raises RecurrenceError."""
        for key in value:
            if key not in KEYS:
                raise RecurrenceError(f"/{key}", f"unknown property '{key}'; expected one of {', '.join(sorted(KEYS))}")
        frequency, interval = value.get("frequency"), value.get("interval", 1)
        if frequency not in FREQUENCIES:
            raise RecurrenceError(
                "/frequency", f"unknown frequency '{frequency}'; expected one of {', '.join(FREQUENCIES)}"
            )
        if isinstance(interval, bool) or not isinstance(interval, int) or not 1 <= interval <= 1000:
            raise RecurrenceError("/interval", f"expected an integer from 1 to 1000, found '{interval}'")
        zone = _read_zone(value.get("timeZone") or "UTC")  # Terraform's provider writes "" where none is set
        start = _read_time(value.get("startTime"), "/startTime", zone)
        if start is None:
            raise RecurrenceError("", "the property 'startTime' is missing")
        end = _read_time(value.get("endTime"), "/endTime", zone)
        return Recurrence(str(frequency), interval, start, end, zone, _read_schedule(value.get("schedule") or {}))

    def between(self, after: datetime, until: datetime) -> list[datetime]:
        """The moments (UTC) later than `after` and not later than `until`, in order."""
        found: list[datetime] = []
        for moment in self._wall_clock(after):
            absolute = moment.replace(tzinfo=self.zone).astimezone(UTC)
            if absolute > until or (self.end is not None and moment > self.end):
                break
            if absolute > after and moment >= self.start:
                found.append(absolute)
        return found

    def _wall_clock(self, after: datetime) -> Iterator[datetime]:
        """Wall-clock moments in order, from some time not later than `after` on."""
        local_after = after.astimezone(self.zone).replace(tzinfo=None)
        if self.frequency in ("Minute", "Hour"):
            step = timedelta(minutes=self.interval) if self.frequency == "Minute" else timedelta(hours=self.interval)
            count = max(0, (local_after - self.start) // step - 1)
            yield from self._within_hours(step, count)
            return
        for first in self._periods(local_after):
            yield from sorted(self._inside(first))

    def _within_hours(self, step: timedelta, count: int) -> Iterator[datetime]:
        minutes = self.schedule.get("minutes") if self.frequency == "Hour" else None
        while True:
            moment = self.start + step * count
            if minutes:
                yield from (moment.replace(minute=minute) for minute in sorted(minutes))
            else:
                yield moment
            count += 1

    def _periods(self, local_after: datetime) -> Iterator[datetime]:
        """The first day of every day, week or month that counts."""
        start = self.start.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.frequency == "Month":
            passed = (local_after.year - start.year) * 12 + local_after.month - start.month
            count = max(0, passed // self.interval - 1)
            while True:
                month = start.month - 1 + count * self.interval
                yield datetime(start.year + month // 12, month % 12 + 1, 1)
                count += 1
        days = 7 if self.frequency == "Week" else 1
        first = start - timedelta(days=start.weekday()) if self.frequency == "Week" else start
        step = timedelta(days=days * self.interval)
        count = max(0, (local_after - first) // step - 1)
        while True:
            yield first + step * count
            count += 1

    def _inside(self, first: datetime) -> Iterator[datetime]:
        times = [
            (hour, minute)
            for hour in self.schedule.get("hours") or [self.start.hour]
            for minute in self.schedule.get("minutes") or ([0] if self.schedule.get("hours") else [self.start.minute])
        ]
        for day in self._days(first):
            for hour, minute in times:
                yield day.replace(hour=hour, minute=minute, second=self.start.second)

    def _days(self, first: datetime) -> Iterator[datetime]:
        if self.frequency == "Day":
            yield first
        elif self.frequency == "Week":
            wanted = self.schedule.get("weekDays") or [_WEEK_DAYS[self.start.weekday()]]
            for name in wanted:
                yield first + timedelta(days=_WEEK_DAYS.index(str(name).lower()))
        else:
            length = calendar.monthrange(first.year, first.month)[1]
            for number in self.schedule.get("monthDays") or [self.start.day]:
                day = length + number + 1 if number < 0 else number
                if 1 <= day <= length:
                    yield first.replace(day=day)


def _read_zone(value: Any) -> tzinfo:
    try:
        return time_zone(str(value))
    except ExpressionError as error:
        raise RecurrenceError("/timeZone", error.cause) from error


def _read_time(value: Any, pointer: str, zone: tzinfo) -> datetime | None:
    if value is None:
        return None
    try:
        timestamp = parse_timestamp(str(value))
    except ExpressionError as error:
        raise RecurrenceError(pointer, error.cause) from error
    if timestamp.zone:
        return timestamp.moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return timestamp.moment


def _read_schedule(value: Any) -> Mapping[str, Sequence[Any]]:
    if not isinstance(value, Mapping):
        raise RecurrenceError("/schedule", "expected an object")
    for key in value:
        if key not in _SCHEDULE_KEYS:
            expected = ", ".join(sorted(_SCHEDULE_KEYS))
            raise RecurrenceError(f"/schedule/{key}", f"unknown property '{key}'; expected one of {expected}")
        if not isinstance(value[key] or [], list):
            raise RecurrenceError(f"/schedule/{key}", "expected an array")
    for day in value.get("weekDays") or []:
        if str(day).lower() not in _WEEK_DAYS:
            raise RecurrenceError("/schedule/weekDays", f"unknown week day '{day}'")
    limits = {"minutes": (0, 59), "hours": (0, 23), "monthDays": (-31, 31)}
    for key, (low, high) in limits.items():
        for number in value.get(key) or []:
            if (
                isinstance(number, bool)
                or not isinstance(number, int)
                or not low <= number <= high
                or (key == "monthDays" and number == 0)
            ):
                raise RecurrenceError(f"/schedule/{key}", f"'{number}' is not in the range {low} to {high}")
    return value
