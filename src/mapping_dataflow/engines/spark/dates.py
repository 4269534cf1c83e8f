"""Dates and timestamps in Spark. Timestamps carry no zone; the session's zone is UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import DATE
from mapping_dataflow.engines.base import Builder, constant
from mapping_dataflow.engines.conversions import text
from mapping_dataflow.engines.java_patterns import checked_zone, zone_of_clock
from mapping_dataflow.engines.spark.types import sql
from mapping_dataflow.expressions import Call
from mapping_dataflow.functions.dates import MILLISECONDS

_NOW = "date_trunc('MILLISECOND', from_utc_timestamp(current_timestamp(), _1))"
"""Milliseconds; the clock stands still during a query."""

_TIME_OF_DAY = "unix_micros(_1) - unix_micros(date_trunc('DAY', _1))"


def _zone(zone: str | timedelta) -> exp.Expression:
    """A zone as Spark knows it."""
    if isinstance(zone, str):
        return text(zone)
    minutes = int(zone.total_seconds()) // 60
    return text(f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}")


def _now_in_zone(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql(_NOW, [_zone(zone_of_clock(call, 0))])


def _today(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql("CAST(_1 AS DATE)", [_now_in_zone(call, arguments)])


def _to_utc(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql("to_utc_timestamp(_2, _1)", [_zone(checked_zone(call, 1)), arguments[0]])


def _from_utc(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return sql("from_utc_timestamp(_2, _1)", [_zone(checked_zone(call, 1)), arguments[0]])


def _add_days(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    if call.type == DATE:
        return sql("date_add(_1, CAST(_2 AS INT))", arguments)
    return sql("timestamp_micros(unix_micros(_1) + CAST(_2 AS BIGINT) * 86400000000)", arguments)


def _subtract_days(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return _add_days(call, [arguments[0], sql("-_1", [arguments[1]])])


def _add_months(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The last day of a month stays the last day (documented: 2016-09-30 minus one month is 2016-08-31)."""
    moved = sql("add_months(CAST(_1 AS DATE), CAST(_2 AS INT))", arguments[:2])
    template = "CASE WHEN CAST(_1 AS DATE) = last_day(_1) THEN last_day(_2) ELSE _2 END"
    day = sql(template, [arguments[0], moved])
    if call.type == DATE:
        return day
    time = sql(_TIME_OF_DAY, [arguments[0]])
    return sql("timestamp_micros(unix_micros(CAST(_1 AS TIMESTAMP)) + _2)", [day, time])


def _subtract_months(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return _add_months(call, [arguments[0], sql("-_1", [arguments[1]])])


def _months_between(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    rounded = "FALSE" if constant(call, 2) is False else "TRUE"
    return sql(f"months_between(_1, _2, {rounded})", arguments[:2])


_PARTS = {
    "dayOfMonth": "day(_1)",
    "dayOfWeek": "dayofweek(_1)",
    "dayOfYear": "dayofyear(_1)",
    "hour": "hour(_1)",
    "millisecond": "pmod(unix_millis(_1), 1000)",
    "minute": "minute(_1)",
    "month": "month(_1)",
    "second": "second(_1)",
    "weekOfYear": "weekofyear(_1)",
    "year": "year(_1)",
}

FUNCTIONS: dict[str, str | Builder] = {
    **_PARTS,
    **{name: f"CAST(_1 AS BIGINT) * {factor}" for name, factor in MILLISECONDS.items()},
    "addDays": _add_days,
    "addMilliseconds": "timestamp_micros(unix_micros(_1) + _2 * 1000)",
    "addMonths": _add_months,
    "currentDate": _today,
    "currentTimestamp": _now_in_zone,
    "currentUTC": _now_in_zone,
    "daysBetween": "datediff(_1, _2)",
    "fromUTC": _from_utc,
    "lastDayOfMonth": "last_day(_1)",
    "millisecondsBetween": "unix_millis(_1) - unix_millis(_2)",
    "monthsBetween": _months_between,
    "subDays": _subtract_days,
    "subMonths": _subtract_months,
    "toUTC": _to_utc,
}
