"""Timestamps of the expression language: .NET's DateTime in 100-nanosecond ticks.

A `Z` in the text stays, an offset is converted to UTC and printed as `+00:00`, a text without either stays without.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from pipeline_runtime.expressions.errors import ExpressionError

Zone: TypeAlias = Literal["", "Z", "+00:00"]
"""What tells in the text that a time is UTC."""
TICKS_PER_SECOND = 10_000_000
_EPOCH = datetime(1, 1, 1)


@dataclass(frozen=True)
class Timestamp:
    """A point in time: `ticks` since 0001-01-01 00:00; `zone` is how the text said that it is UTC, if it did."""

    ticks: int
    zone: Zone = ""

    @staticmethod
    def of(moment: datetime) -> Timestamp:
        """From an aware datetime."""
        return Timestamp.naive(moment.astimezone(UTC).replace(tzinfo=None), "Z")

    @staticmethod
    def naive(moment: datetime, zone: Zone = "", extra_ticks: int = 0) -> Timestamp:
        """From a datetime without zone."""
        delta = moment - _EPOCH
        ticks = (delta.days * 86_400 + delta.seconds) * TICKS_PER_SECOND + delta.microseconds * 10
        return Timestamp(ticks + extra_ticks, zone)

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
            self.zone,
            self.ticks % 10,
        )

    def start_of(self, unit: Literal["hour", "day", "month"]) -> Timestamp:
        """The beginning of the hour, day or month it lies in."""
        moment = self.moment.replace(minute=0, second=0, microsecond=0)
        if unit != "hour":
            moment = moment.replace(hour=0)
        return Timestamp.naive(moment.replace(day=1) if unit == "month" else moment, self.zone)

    def _checked(self, ticks: int) -> Timestamp:
        if not 0 <= ticks < 3_155_378_976_000_000_000:
            raise ExpressionError("the resulting timestamp lies outside the years 1 to 9999")
        return replace(self, ticks=ticks)
