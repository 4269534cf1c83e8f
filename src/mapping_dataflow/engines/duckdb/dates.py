"""Dates and timestamps in DuckDB. Timestamps carry no zone; the service's zone is taken to be UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import DATE
from mapping_dataflow.engines.base import Builder, constant, fill
from mapping_dataflow.engines.conversions import text
from mapping_dataflow.engines.java_patterns import checked_zone, zone_of_clock
from mapping_dataflow.expressions import Call
from mapping_dataflow.functions.dates import MILLISECONDS

_NOW = "date_trunc('millisecond', timezone(_1, now()))"
"""Milliseconds; now() stands still during a transaction, as clock functions do during a run."""

_SECONDS = "hour(CAST({0} AS TIMESTAMP)) * 3600 + minute(CAST({0} AS TIMESTAMP)) * 60 + second(CAST({0} AS TIMESTAMP))"
_MONTHS_BETWEEN = f"""CASE
    WHEN day(_1) = day(_2) OR (CAST(_1 AS DATE) = last_day(_1) AND CAST(_2 AS DATE) = last_day(_2))
    THEN CAST((year(_1) - year(_2)) * 12 + month(_1) - month(_2) AS DOUBLE)
    ELSE (year(_1) - year(_2)) * 12 + month(_1) - month(_2) + ((day(_1) - day(_2)) * 86400.0
        + ({_SECONDS.format("_1")}) - ({_SECONDS.format("_2")})) / 2678400.0 END"""
"""Milliseconds do not count."""


def _shifted(template: str, zone: str | timedelta, value: exp.Expression, direction: int) -> exp.Expression:
    """A timestamp moved by a fixed offset, or by a zone with its summer time."""
    if isinstance(zone, timedelta):
        milliseconds = direction * (zone // timedelta(milliseconds=1))
        return fill(f"_1 + to_milliseconds({milliseconds})", [value])
    return fill(template, [text(zone), value])


def _now_in_zone(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    zone = zone_of_clock(call, 0)
    if isinstance(zone, timedelta):
        return _shifted("", zone, fill(_NOW, [text("UTC")]), 1)
    return fill(_NOW, [text(zone)])


def _today(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return fill("CAST(_1 AS DATE)", [_now_in_zone(call, arguments)])


_LATER = "timezone('UTC', timezone(_1, _2))"
_CLOCK = "timezone(_1, timezone('UTC', _2))"
_BEFORE = "_1 - INTERVAL 3 HOURS"
_EARLIER = "_1 - (_2 - _3)"


def _to_utc(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """When a clock shows a time twice, in autumn, Java means the first one and DuckDB the second."""
    zone, value = checked_zone(call, 1), arguments[0]
    if isinstance(zone, timedelta) or zone == "UTC":
        return _shifted(_LATER, zone, value, -1)
    later = fill(_LATER, [text(zone), value])
    # Three hours before a change of the clock its old offset holds, and no zone changes twice within them.
    before = fill(_BEFORE, [later])
    earlier = fill(_EARLIER, [value, fill(_CLOCK, [text(zone), before]), before])
    shown = fill(_CLOCK, [text(zone), earlier])
    return fill("CASE WHEN _1 = _2 THEN _3 ELSE _4 END", [shown, value, earlier, later])


def _from_utc(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return _shifted(_CLOCK, checked_zone(call, 1), arguments[0], 1)


def _add_days(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    if call.type == DATE:
        return fill("_1 + CAST(_2 AS INTEGER)", arguments)
    return fill("_1 + to_days(CAST(_2 AS INTEGER))", arguments)


def _subtract_days(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return _add_days(call, [arguments[0], fill("-_1", [arguments[1]])])


def _add_months(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The last day of a month stays the last day (documented: 2016-09-30 minus one month is 2016-08-31)."""
    moved = fill("_1 + to_months(CAST(_2 AS INTEGER))", arguments[:2])
    if call.type == DATE:
        template = "CASE WHEN _1 = last_day(_1) THEN last_day(_2) ELSE CAST(_2 AS DATE) END"
    else:
        template = (
            "CASE WHEN CAST(_1 AS DATE) = last_day(_1) THEN last_day(_2) + (_1 - date_trunc('day', _1)) ELSE _2 END"
        )
    return fill(template, [arguments[0], moved])


def _subtract_months(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    return _add_months(call, [arguments[0], fill("-_1", [arguments[1]])])


def _months_between(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    rounded = constant(call, 2) is not False
    months = fill(_MONTHS_BETWEEN, arguments[:2])
    return fill("round(_1, 8)", [months]) if rounded else months


_PARTS = {
    "dayOfMonth": "day(_1)",
    "dayOfWeek": "dayofweek(_1) + 1",
    "dayOfYear": "dayofyear(_1)",
    "hour": "hour(_1)",
    "millisecond": "millisecond(_1) % 1000",
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
    "addMilliseconds": "_1 + to_milliseconds(_2)",
    "addMonths": _add_months,
    "currentDate": _today,
    "currentTimestamp": _now_in_zone,
    "currentUTC": _now_in_zone,
    "daysBetween": "_1 - _2",
    "fromUTC": _from_utc,
    "lastDayOfMonth": "last_day(_1)",
    "millisecondsBetween": "epoch_ms(_1) - epoch_ms(_2)",
    "monthsBetween": _months_between,
    "subDays": _subtract_days,
    "subMonths": _subtract_months,
    "toUTC": _to_utc,
}
