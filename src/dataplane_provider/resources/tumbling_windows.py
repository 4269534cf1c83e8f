"""Tumbling windows whose start or recurrence changes: Azure refuses that in place, so they are deleted and made anew.

A trigger made anew knows nothing of the windows that it ran: once started, it runs all of them from its start on.
https://learn.microsoft.com/azure/data-factory/how-to-create-tumbling-window-trigger
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dataplane_provider.errors import message
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.timestamp_texts import parse_timestamp
from provider_wire.values import UNKNOWN
from provider_wire.verbs import ProviderError

WINDOWS_WITHOUT_CONSENT = 100
_TYPE = "TumblingWindowTrigger"
_FIXED = ("frequency", "interval", "startTime")
_STEPS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Replacement:
    """A trigger that is deleted and made anew; `windows` have ended by now and run once it is started."""

    name: str
    changed: tuple[str, ...]
    windows: int
    start: str
    runs: bool
    """Whether it is started after that, as far as is known."""

    def __str__(self) -> str:
        plural = "window" if self.windows == 1 else "windows"
        when = "will run" if self.runs else "would run if it were started"
        return (
            f"trigger/{self.name} is replaced (deleted and made anew): Azure does not change {', '.join(self.changed)} "
            f"of a tumbling window; {self.windows} {plural} from {self.start} to now {when}, those that ran before too"
        )


def replacements(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: datetime,
    running: Collection[str] | None,
) -> list[Replacement]:
    """The triggers in both sets of documents, by artifact id, that Azure would not change in place.

    `running` are the names of those that run in the end; None: any may.
    """
    found = []
    for key in sorted(before.keys() & after.keys()):
        if key.startswith("trigger/") and UNKNOWN not in (before[key], after[key]):
            old, new = before[key]["properties"], after[key]["properties"]
            changed = _changed(old, new)
            if changed:
                start = str(_inside(new).get("startTime", "its start"))
                count = passed_windows(new, now) if new.get("type") == _TYPE else 0
                name = key.split("/", 1)[1]
                found.append(Replacement(name, changed, count, start, running is None or name in running))
    return found


def refuse(found: Iterable[Replacement], consented: int | None, doing: str) -> None:
    """Raise ProviderError that names the replacements with more windows than consented."""
    most = WINDOWS_WITHOUT_CONSENT if consented is None else consented
    many = [each for each in found if each.runs and each.windows > most]
    if many:
        needed = max(each.windows for each in many)
        raise ProviderError(
            message(
                doing,
                "; ".join(map(str, many)),
                f"at most {most} windows that run without consent",
                f"begin later (startTime), or consent: consentedWindows {needed} or more "
                "(in this project's stack settings: triggers.consented_windows)",
            )
        )


def dependants(documents: Mapping[str, Any], replaced: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """The triggers that depend on replaced ones, by artifact id, without these dependencies.

    Azure deletes no trigger that another depends on, and lets the dependencies of a trigger change.
    """
    names = frozenset(key.split("/", 1)[1].lower() for key in replaced)
    found: dict[str, Mapping[str, Any]] = {}
    for key, document in documents.items():
        depends = _inside(document["properties"]).get("dependsOn") if key.startswith("trigger/") else None
        left = [each for each in depends if _upstream(each) not in names] if isinstance(depends, list) else depends
        if left != depends:
            inside = {**_inside(document["properties"]), "dependsOn": left}
            found[key] = {**document, "properties": {**document["properties"], "typeProperties": inside}}
    return found


def _upstream(dependency: Any) -> str:
    """The name of the trigger that a dependency leads to; empty for one on the trigger's own windows."""
    reference = dependency.get("referenceTrigger") if isinstance(dependency, Mapping) else None
    return str(reference.get("referenceName", "")).lower() if isinstance(reference, Mapping) else ""


def passed_windows(properties: Mapping[str, Any], now: datetime) -> int:
    """How many windows have ended: from the start to now, less the delay, or to the last that begins before the end."""
    inside = _inside(properties)
    start, end = _time(inside.get("startTime")), _time(inside.get("endTime"))
    interval = inside.get("interval")
    if start is None or not isinstance(interval, int) or interval < 1:
        return 0
    until = now - _delay(inside.get("delay"))
    frequency = str(inside.get("frequency")).lower()
    if frequency == "month":
        return _months(start, interval, until, end)
    step = _STEPS.get(frequency, timedelta(0)) * interval
    if not step:
        return 0
    ended = max(0, (until - start) // step)
    return ended if end is None else min(ended, max(0, -((start - end) // step)))


def _months(start: datetime, interval: int, until: datetime, end: datetime | None) -> int:
    count = 0
    while _month_later(start, (count + 1) * interval) <= until and (
        end is None or _month_later(start, count * interval) < end
    ):
        count += 1
    return count


def _month_later(start: datetime, months: int) -> datetime:
    """The same day and time that many months later; the last day of a shorter month."""
    whole = start.month - 1 + months
    first = start.replace(year=start.year + whole // _MONTHS_A_YEAR, month=whole % _MONTHS_A_YEAR + 1, day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=min(start.day, (following - first).days) - 1)


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    types = (old.get("type"), new.get("type"))
    if _TYPE not in types:
        return ()
    if types[0] != types[1]:
        return ("type",)
    before, after = _inside(old), _inside(new)
    return tuple(name for name in _FIXED if _meaning(name, before.get(name)) != _meaning(name, after.get(name)))


def _inside(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    inside = properties.get("typeProperties")
    return inside if isinstance(inside, Mapping) else {}


def _meaning(name: str, value: Any) -> Any:
    if name == "startTime":
        return _time(value) or value
    return value.lower() if isinstance(value, str) else value


def _time(value: Any) -> datetime | None:
    """A time of a trigger, which is UTC; None for what is none: an expression that Azure will judge."""
    try:
        return None if value is None else parse_timestamp(str(value)).moment.replace(tzinfo=UTC)
    except ExpressionError:
        return None


def _delay(value: Any) -> timedelta:
    """`[days.]hours:minutes:seconds`; anything else is taken for none, which counts more windows rather than fewer."""
    days, _, clock = str(value or "0").rpartition(".")
    parts = clock.split(":")
    if len(parts) != 3 or not all(part.isdigit() for part in (*parts, days or "0")):
        return timedelta(0)
    hours, minutes, seconds = map(int, parts)
    return timedelta(days=int(days or 0), hours=hours, minutes=minutes, seconds=seconds)
