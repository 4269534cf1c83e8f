"""Functions over dates and timestamps. Timestamps have millisecond precision and no zone; durations are milliseconds.

An optional time zone of a part function does not move the part (documented example ``hour(…, 'PST')``).
"""

from __future__ import annotations

from mapping_dataflow.functions.signatures import Kind, declare

FUNCTIONS = declare(
    Kind.SCALAR,
    """
    addDays(datetime, integral) -> =first
    addMonths(datetime, integral, const string?) -> =first
    currentDate(const string?) -> date
    currentTimestamp() -> timestamp
    currentUTC(const string?) -> timestamp
    dayOfMonth(datetime) -> integer
    dayOfWeek(datetime) -> integer
    dayOfYear(datetime) -> integer
    days(integral) -> long
    fromUTC(timestamp, const string?) -> timestamp
    hour(timestamp, const string?) -> integer
    hours(integral) -> long
    lastDayOfMonth(datetime) -> date
    millisecond(timestamp, const string?) -> integer
    milliseconds(integral) -> long
    minute(timestamp, const string?) -> integer
    minutes(integral) -> long
    month(datetime) -> integer
    monthsBetween(datetime, datetime, const boolean?, const string?) -> double
    second(timestamp, const string?) -> integer
    seconds(integral) -> long
    subDays(datetime, integral) -> =first
    subMonths(datetime, integral) -> =first
    toUTC(timestamp, const string?) -> timestamp
    weekOfYear(datetime) -> integer
    weeks(integral) -> long
    year(datetime) -> integer
    """,
)
MILLISECONDS = {
    "milliseconds": 1,
    "seconds": 1000,
    "minutes": 60_000,
    "hours": 3_600_000,
    "days": 86_400_000,
    "weeks": 604_800_000,
}
"""What one of each unit counts: the functions of these names give a duration in milliseconds, a long."""
