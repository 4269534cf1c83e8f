"""What is wrong with windows that tumble, with what they wait for, and with windows that run again.

Ranges and patterns are those of the interface: https://learn.microsoft.com/rest/api/datafactory/triggers/create-or-update
and https://learn.microsoft.com/azure/data-factory/tumbling-window-trigger-dependency. A time may have a colon behind
its days, too, as .NET reads it: https://learn.microsoft.com/dotnet/api/system.timespan.parse
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from artifact_checks.findings import Finding
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.parser import holds_expression
from pipeline_runtime.expressions.timestamp_texts import parse_timestamp

_POINTER = "/properties/typeProperties"
_FREQUENCIES = ("Minute", "Hour", "Month")
_MOST_AT_ONCE = 50
_LEAST_PAUSE_SECONDS, _MOST_PAUSE_SECONDS = 30, 86_400
_SPAN = r"(\d+[.:])?\d\d:(60|[0-5]\d):(60|[0-5]\d)"
_PATTERNS = {
    "delay": (_SPAN, "a time such as 00:10:00"),
    "size": (_SPAN, "a time such as 02:00:00"),
    "offset": (f"-?{_SPAN}", "a time such as -01:00:00 or 01:00:00"),
    "own offset": (f"-{_SPAN}", "a time before the window, such as -01:00:00"),
}
_SELF, _OTHER = "SelfDependencyTumblingWindowTriggerReference", "TumblingWindowTriggerDependencyReference"
_DEPENDENCIES = (_SELF, _OTHER, "TriggerDependencyReference")


def check_tumbling_window(inner: Mapping[str, Any]) -> Iterator[Finding]:
    """The problems of the type properties of a trigger on tumbling windows."""
    frequency = inner.get("frequency")
    if str(frequency).capitalize() not in _FREQUENCIES:
        expected = f"one of {', '.join(_FREQUENCIES)}"
        yield Finding(f"{_POINTER}/frequency", f"unknown frequency '{frequency}'", expected)
    yield from _integer(inner.get("interval"), f"{_POINTER}/interval", 1, None)
    yield from _time(inner.get("startTime"), f"{_POINTER}/startTime")
    if inner.get("endTime") is not None:
        yield from _time(inner["endTime"], f"{_POINTER}/endTime")
    yield from _span(inner, "delay", _POINTER)
    if "maxConcurrency" in inner:
        yield from _integer(inner["maxConcurrency"], f"{_POINTER}/maxConcurrency", 1, _MOST_AT_ONCE)
    yield from _retry(inner.get("retryPolicy"), f"{_POINTER}/retryPolicy")
    yield from _dependencies(inner.get("dependsOn"), f"{_POINTER}/dependsOn")


def check_rerun(inner: Mapping[str, Any]) -> Iterator[Finding]:
    """The problems of the type properties of a trigger that runs windows of another one again."""
    for key in ("requestedStartTime", "requestedEndTime"):
        if key in inner:
            yield from _time(inner[key], f"{_POINTER}/{key}")
    if "rerunConcurrency" in inner:
        yield from _integer(inner["rerunConcurrency"], f"{_POINTER}/rerunConcurrency", 1, _MOST_AT_ONCE)


def _retry(policy: Any, pointer: str) -> Iterator[Finding]:
    if policy is None:
        return
    if not isinstance(policy, Mapping):
        yield Finding(pointer, "expected an object")
        return
    if policy.get("count") is not None and not _is_expression(policy["count"]):
        yield from _integer(policy["count"], f"{pointer}/count", 0, None)
    if policy.get("intervalInSeconds") is not None:
        place = f"{pointer}/intervalInSeconds"
        yield from _integer(policy["intervalInSeconds"], place, _LEAST_PAUSE_SECONDS, _MOST_PAUSE_SECONDS)


def _dependencies(value: Any, pointer: str) -> Iterator[Finding]:
    if value is not None and not isinstance(value, list):
        yield Finding(pointer, "expected an array")
    for index, each in enumerate(value if isinstance(value, list) else ()):
        yield from _dependency(each, f"{pointer}/{index}")


def _dependency(value: Any, pointer: str) -> Iterator[Finding]:
    kind = value.get("type") if isinstance(value, Mapping) else None
    if kind not in _DEPENDENCIES:
        yield Finding(f"{pointer}/type", f"unknown type of dependency '{kind}'", f"one of {', '.join(_DEPENDENCIES)}")
        return
    reference = value.get("referenceTrigger")
    if kind != _SELF and not (isinstance(reference, Mapping) and isinstance(reference.get("referenceName"), str)):
        yield Finding(f"{pointer}/referenceTrigger", "expected a TriggerReference with a referenceName")
    if kind == _SELF and value.get("offset") is None:
        yield Finding(pointer, "the property 'offset' of a dependency on itself is missing", _PATTERNS["own offset"][1])
    yield from _span(value, "offset", pointer, "own offset" if kind == _SELF else "offset")
    yield from _span(value, "size", pointer)


def _span(holder: Mapping[str, Any], key: str, pointer: str, form: str = "") -> Iterator[Finding]:
    value = holder.get(key)
    if value is None or _is_expression(value):
        return
    pattern, expected = _PATTERNS[form or key]
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        yield Finding(f"{pointer}/{key}", f"'{value}' is no such time", expected)


def _integer(value: Any, pointer: str, least: int, most: int | None) -> Iterator[Finding]:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number or value < least or (most is not None and value > most):
        span = f"at least {least}" if most is None else f"from {least} to {most}"
        yield Finding(pointer, f"expected an integer, {span}, found '{value}'")


def _time(value: Any, pointer: str) -> Iterator[Finding]:
    try:
        parse_timestamp(str(value))
    except ExpressionError as error:
        cause, _, expected = error.cause.partition("; expected ")
        yield Finding(pointer, cause, expected)


def _is_expression(value: Any) -> bool:
    inner = value.get("value") if isinstance(value, Mapping) and value.get("type") == "Expression" else value
    return isinstance(inner, str) and holds_expression(inner)
