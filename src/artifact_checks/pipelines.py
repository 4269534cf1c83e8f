"""What is wrong with pipelines, whether or not anything here can execute their activities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from artifact_checks.documented_types import ACTIVITIES, COPY_SINKS, COPY_SOURCES
from artifact_checks.findings import Finding, is_named, one_of
from pipeline_runtime.activity_types import ACTIVITY_TYPES, ActivityType
from pipeline_runtime.checks import FACTORY_PROPERTIES, check_pipeline
from pipeline_runtime.definition import Activity, Reader
from pipeline_runtime.errors import Problem

_TYPES: Mapping[str, ActivityType] = {name: ActivityType(name) for name in ACTIVITIES} | ACTIVITY_TYPES


def check_pipeline_document(
    name: str, document: Mapping[str, Any], properties: Sequence[str] = FACTORY_PROPERTIES
) -> Iterator[Finding]:
    """The problems of activities, parameters, variables and expressions; `properties` are those of `pipeline()`."""
    reader = Reader(_TYPES)
    pipeline = reader.pipeline(name, document)
    for problem in [*reader.problems, *check_pipeline(pipeline, properties)]:
        yield _finding(problem)
    yield from _concurrency(document.get("properties"))
    for activity in pipeline.all_activities():
        if activity.inactive_as is None:
            yield from _copied(activity)


def _concurrency(properties: Any) -> Iterator[Finding]:
    """How many runs of the pipeline there may be at once: https://learn.microsoft.com/rest/api/datafactory/pipelines"""
    value = properties.get("concurrency") if isinstance(properties, Mapping) else None
    if value is not None and (type(value) is not int or value < 0):
        yield Finding("/properties/concurrency", f"expected an integer, not below 0, found '{value}'")


def _finding(problem: Problem) -> Finding:
    cause, _, expected = problem.cause.partition("; expected ")
    return Finding(problem.pointer, cause, expected, fails_at_run=problem.fails_at_run, is_ignored=problem.is_ignored)


def _copied(activity: Activity) -> Iterator[Finding]:
    """Types of sources and sinks that Azure does not have."""
    tables = {"Copy": {"source": COPY_SOURCES, "sink": COPY_SINKS}, "Lookup": {"source": COPY_SOURCES}}
    for key, known in tables.get(activity.type.name, {}).items():
        value = activity.properties.get(key)
        kind = value.get("type") if isinstance(value, Mapping) else None
        if isinstance(kind, str) and not is_named(kind, known):
            pointer = f"{activity.pointer}/typeProperties/{key}/type"
            yield Finding(pointer, f"unknown {key} type '{kind}'", one_of(kind, known))
