"""What is wrong with triggers: recurrences, events and the pipelines that they start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from artifact_checks.expressions import TRIGGER, check_expressions
from artifact_checks.findings import Finding, is_named, one_of
from artifact_checks.tumbling_windows import check_rerun, check_tumbling_window
from pipeline_runtime.recurrence import FREQUENCIES, KEYS, Recurrence, RecurrenceError
from synapse_artifacts.documents import escaped

# https://learn.microsoft.com/rest/api/datafactory/triggers/create-or-update
_BLOB_EVENTS = ("Microsoft.Storage.BlobCreated", "Microsoft.Storage.BlobDeleted")
_SOUND = {"frequency": "Day", "startTime": "2000-01-01T00:00:00"}
"""What stands in for a value that is wrong or missing, so that the others are read too."""
_PIPELINE = frozenset({"PipelineReference"})
_POINTER = "/properties/typeProperties"


def check_trigger(properties: Mapping[str, Any]) -> Iterator[Finding]:
    """The problems of a trigger's properties."""
    inner = properties.get("typeProperties")
    if not isinstance(inner, Mapping):
        return  # its shape is told already
    kind = properties.get("type")
    if kind == "ScheduleTrigger":
        yield from _schedule(inner.get("recurrence"))
    elif kind == "TumblingWindowTrigger":
        yield from check_tumbling_window(inner)
    elif kind == "RerunTumblingWindowTrigger":
        yield from check_rerun(inner)
    elif kind == "BlobEventsTrigger":
        yield from _events(inner.get("events"))
        yield from _paths(inner)
    elif kind == "CustomEventsTrigger" and inner.get("events") in (None, [], ""):
        yield Finding(f"{_POINTER}/events", "it names no event", "an array of types of events")
    yield from _pipelines(properties)


def _schedule(value: Any) -> Iterator[Finding]:
    pointer = f"{_POINTER}/recurrence"
    if not isinstance(value, Mapping):
        yield Finding(pointer, "expected an object")
        return
    for key in value:
        if key not in KEYS:
            yield Finding(f"{pointer}/{escaped(key)}", f"unknown property '{key}'", one_of(key, KEYS), is_ignored=True)
    kept = _as_executed({key: each for key, each in value.items() if key in KEYS})
    while True:
        try:
            Recurrence.read(kept)
        except RecurrenceError as error:
            cause, _, expected = str(error).partition("; expected ")
            yield Finding(pointer + error.pointer, cause, expected)
            key = error.pointer.split("/")[1] if error.pointer else "startTime"
            kept.pop(key, None)
            kept.update({each: _SOUND[each] for each in _SOUND if each == key})
        else:
            return


def _as_executed(value: Mapping[str, Any]) -> dict[str, Any]:
    """A recurrence with what is documented but never executed here replaced by what is read in the same way."""
    frequency = str(value.get("frequency")).capitalize()
    schedule = value.get("schedule")
    kept = {key: each for key, each in value.items() if key != "schedule"}
    if frequency == "Year":
        frequency = "Month"
    if frequency in FREQUENCIES:
        kept["frequency"] = frequency
    if isinstance(schedule, Mapping):
        kept["schedule"] = {key: each for key, each in schedule.items() if key != "monthlyOccurrences"}
    elif schedule is not None:
        kept["schedule"] = schedule
    return kept


def _events(events: Any) -> Iterator[Finding]:
    if not isinstance(events, list) or not events:
        yield Finding(f"{_POINTER}/events", "it names no event", f"one of {', '.join(_BLOB_EVENTS)}")
        return
    for index, event in enumerate(events):
        if event not in _BLOB_EVENTS:
            expected = f"one of {', '.join(_BLOB_EVENTS)}"
            yield Finding(f"{_POINTER}/events/{index}", f"unknown event '{event}'", expected)


def _paths(inner: Mapping[str, Any]) -> Iterator[Finding]:
    """https://learn.microsoft.com/rest/api/datafactory/triggers/create-or-update#blobeventstrigger."""
    if not (inner.get("blobPathBeginsWith") or inner.get("blobPathEndsWith")):
        yield Finding(_POINTER, "it names no path", "blobPathBeginsWith or blobPathEndsWith")


def _pipelines(properties: Mapping[str, Any]) -> Iterator[Finding]:
    entries = properties.get("pipelines")
    if not isinstance(entries, list):
        if entries is not None:
            yield Finding("/properties/pipelines", "expected an array")
        entries = []
    single = properties.get("pipeline")
    places = [(f"/properties/pipelines/{index}", entry) for index, entry in enumerate(entries)]
    for pointer, entry in [*places, *([("/properties/pipeline", single)] if single else [])]:
        reference = entry.get("pipelineReference") if isinstance(entry, Mapping) else None
        if not isinstance(reference, Mapping) or not isinstance(reference.get("referenceName"), str):
            yield Finding(pointer, "expected a pipelineReference and its parameters")
        elif str(reference.get("type")).endswith("Reference") and not is_named(reference["type"], _PIPELINE):
            cause = f"a trigger cannot start a {reference['type']}"
            yield Finding(f"{pointer}/pipelineReference/type", cause, "PipelineReference")
        if isinstance(entry, Mapping):
            yield from check_expressions(entry.get("parameters"), f"{pointer}/parameters", TRIGGER)
