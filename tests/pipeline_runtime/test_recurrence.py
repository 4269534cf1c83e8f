"""When schedule triggers fire: calendar arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline_runtime.recurrence import Recurrence, RecurrenceError


def _between(after: str, until: str, **recurrence: Any) -> list[str]:
    value = {"interval": 1, "startTime": "2021-01-01T00:00:00Z", "timeZone": "UTC", **recurrence}
    found = Recurrence.read(value).between(_time(after), _time(until))
    return [moment.strftime("%Y-%m-%dT%H:%M") for moment in found]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("recurrence", "after", "until", "expected"),
    [
        (
            {"frequency": "Minute", "interval": 15},
            "2021-03-01T10:00",
            "2021-03-01T10:45",
            ["2021-03-01T10:15", "2021-03-01T10:30", "2021-03-01T10:45"],
        ),
        (
            {"frequency": "Hour", "interval": 6, "timeZone": ""},
            "2021-01-02T00:00",
            "2021-01-02T13:00",
            ["2021-01-02T06:00", "2021-01-02T12:00"],
        ),
        (
            {"frequency": "Hour", "schedule": {"minutes": [30, 0]}},
            "2021-01-02T00:00",
            "2021-01-02T01:30",
            ["2021-01-02T00:30", "2021-01-02T01:00", "2021-01-02T01:30"],
        ),
        (
            {"frequency": "Day", "startTime": "2021-01-01T05:30:00Z"},
            "2021-01-01T05:30",
            "2021-01-03T06:00",
            ["2021-01-02T05:30", "2021-01-03T05:30"],
        ),
        (
            {"frequency": "Day", "interval": 2, "schedule": {"hours": [3, 15]}},
            "2021-01-01T00:00",
            "2021-01-03T04:00",
            ["2021-01-01T03:00", "2021-01-01T15:00", "2021-01-03T03:00"],
        ),
        (
            {"frequency": "Week", "schedule": {"weekDays": ["Monday", "Wednesday"], "hours": [4]}},
            "2021-01-01T00:00",
            "2021-01-11T05:00",
            ["2021-01-04T04:00", "2021-01-06T04:00", "2021-01-11T04:00"],
        ),
        ({"frequency": "Week"}, "2021-01-01T00:00", "2021-01-15T00:00", ["2021-01-08T00:00", "2021-01-15T00:00"]),
        (
            {"frequency": "Month", "schedule": {"monthDays": [-1, 1], "hours": [0]}},
            "2021-01-01T00:00",
            "2021-03-01T00:00",
            ["2021-01-31T00:00", "2021-02-01T00:00", "2021-02-28T00:00", "2021-03-01T00:00"],
        ),
        (
            {"frequency": "Month", "startTime": "2021-01-31T08:00:00Z"},
            "2021-02-01",
            "2021-03-31T09:00",
            ["2021-03-31T08:00"],
        ),
        ({"frequency": "Month", "interval": 12}, "2021-06-01", "2022-12-31", ["2022-01-01T00:00"]),
        (
            {"frequency": "Day", "startTime": "2021-03-27T02:30:00", "timeZone": "W. Europe Standard Time"},
            "2021-03-26T00:00",
            "2021-03-29T03:00",
            ["2021-03-27T01:30", "2021-03-28T01:30", "2021-03-29T00:30"],
        ),
        (
            {"frequency": "Day", "endTime": "2021-01-02T12:00:00Z"},
            "2021-01-01T00:00",
            "2021-02-01T00:00",
            ["2021-01-02T00:00"],
        ),
        ({"frequency": "Day", "startTime": "2031-01-01T00:00:00Z"}, "2021-01-01", "2021-02-01", []),
    ],
)
def test_a_recurrence_fires_at(recurrence: dict[str, Any], after: str, until: str, expected: list[str]) -> None:
    assert _between(after, until, **recurrence) == expected


@pytest.mark.parametrize(
    ("recurrence", "pointer", "cause"),
    [
        (
            {"frequency": "Year"},
            "/frequency",
            "unknown frequency 'Year'; expected one of Minute, Hour, Day, Week, Month",
        ),
        ({"frequency": "Day", "interval": 0}, "/interval", "expected an integer from 1 to 1000, found '0'"),
        ({"frequency": "Day", "startTime": None}, "", "the property 'startTime' is missing"),
        ({"frequency": "Day", "startTime": "soon"}, "/startTime", "the value 'soon' is not a valid timestamp"),
        ({"frequency": "Day", "timeZone": "Mars"}, "/timeZone", "the time zone 'Mars' is not known"),
        ({"frequency": "Day", "count": 3}, "/count", "unknown property 'count'"),
        ({"frequency": "Day", "schedule": 1}, "/schedule", "expected an object"),
        (
            {"frequency": "Month", "schedule": {"monthlyOccurrences": []}},
            "/schedule/monthlyOccurrences",
            "unknown property 'monthlyOccurrences'; expected one of hours, minutes, monthDays, weekDays",
        ),
        ({"frequency": "Week", "schedule": {"weekDays": ["Noday"]}}, "/schedule/weekDays", "unknown week day 'Noday'"),
        ({"frequency": "Day", "schedule": {"hours": [24]}}, "/schedule/hours", "'24' is not in the range 0 to 23"),
        (
            {"frequency": "Month", "schedule": {"monthDays": [0]}},
            "/schedule/monthDays",
            "'0' is not in the range -31 to 31",
        ),
    ],
)
def test_a_wrong_recurrence_is_refused_with_its_place(recurrence: dict[str, Any], pointer: str, cause: str) -> None:
    value = {"startTime": "2021-01-01T00:00:00Z", **recurrence}
    with pytest.raises(RecurrenceError) as caught:
        Recurrence.read(value)
    assert caught.value.pointer == pointer
    assert str(caught.value).startswith(cause)
