"""Wrong things in triggers, datasets and linked services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from artifact_checks.findings import Finding
from artifact_checks.triggers import check_trigger
from artifact_checks.tumbling_windows import check_tumbling_window

Found = Callable[..., list[str]]
_INNER = "/properties/typeProperties"


@pytest.mark.parametrize(
    ("artifact", "pointer", "value", "cause"),
    [
        ("trigger/daily", f"{_INNER}/recurrence/frequency", "Fortnight", "unknown frequency 'Fortnight'"),
        ("trigger/daily", f"{_INNER}/recurrence/interval", 0, "expected an integer from 1 to 1000, found '0'"),
        ("trigger/daily", f"{_INNER}/recurrence/schedule/hours", [24], "'24' is not in the range 0 to 23"),
        ("trigger/daily", f"{_INNER}/recurrence/schedule/hours", 2, "expected an array"),
        ("trigger/daily", f"{_INNER}/recurrence", "daily", "expected an object"),
        ("trigger/daily", "/properties/pipelines", {}, "expected an array"),
        ("trigger/daily", "/properties/pipelines/0", "main", "expected a pipelineReference and its parameters"),
        (
            "trigger/daily",
            "/properties/pipelines/0/pipelineReference/type",
            "PipelineRef",
            "the type of reference 'PipelineRef' is unknown",
        ),
        ("trigger/daily", "/properties/type", "SheduleTrigger", "unknown type 'SheduleTrigger' of a trigger"),
        ("trigger/window", f"{_INNER}/frequency", "Fortnight", "unknown frequency 'Fortnight'"),
        ("trigger/window", f"{_INNER}/interval", "6", "expected an integer, at least 1, found '6'"),
        ("trigger/window", f"{_INNER}/startTime", "soon", "the value 'soon' is not a valid timestamp"),
        ("trigger/arrived", f"{_INNER}/events/0", "BlobMade", "unknown event 'BlobMade'"),
        ("trigger/arrived", f"{_INNER}/events", [], "it names no event"),
        ("dataset/files", "/properties/type", "DelimitedTxt", "unknown type 'DelimitedTxt' of a dataset"),
        ("dataset/files", "/properties/parameters/header/type", "Boolean", "unknown parameter type 'Boolean'"),
        (
            "dataset/files",
            "/properties/parameters/header/defaultValue",
            "maybe",
            "the parameter 'header' is of type bool, found a value of type 'String'",
        ),
        (
            "dataset/files",
            f"{_INNER}/firstRowAsHeader/value",
            "@dataset().hedder",
            "dataset() has no parameter 'hedder'",
        ),
        ("dataset/files", f"{_INNER}/firstRowAsHeader/value", "@trigger().name", "trigger() cannot be used here"),
        (
            "dataset/files",
            f"{_INNER}/firstRowAsHeader/value",
            "@dataset().sink file name",
            "expected the end of the expression, found 'file'; a name with blanks is written in brackets: "
            "['sink file name']",
        ),
        (
            "linkedService/lake",
            f"{_INNER}/url",
            "@{linkedService().dwh-connection}",
            "Azure finds no parameter 'dwh', which is all that it reads of 'dwh-connection'; the name of a parameter "
            "that is referred to has letters, digits and underscores alone",
        ),
        (
            "linkedService/lake",
            f"{_INNER}/url",
            "@{linkedService().acount}",
            "linkedService() has no parameter 'acount'",
        ),
        ("linkedService/lake", f"{_INNER}/url", "@concat('a'", "expected ',', found the end"),
        (
            "trigger/daily",
            "/properties/pipelines/0/parameters/windowStart",
            "@triger().scheduledTime",
            "the function 'triger' does not exist in the expression language",
        ),
    ],
)
def test_a_wrong_value_is_found(found: Found, artifact: str, pointer: str, value: Any, cause: str) -> None:
    problems = found(artifact, pointer, value)
    assert [each.partition(" (character")[0] for each in problems] == [f"{artifact} {pointer}: {cause}"]


def window(**inside: Any) -> dict[str, Any]:
    """The type properties of a trigger on tumbling windows."""
    return {"frequency": "Hour", "interval": 1, "startTime": "2024-01-01T00:00:00Z", "maxConcurrency": 1, **inside}


SELF = "SelfDependencyTumblingWindowTriggerReference"
OTHER = {
    "type": "TumblingWindowTriggerDependencyReference",
    "referenceTrigger": {"referenceName": "daily", "type": "x"},
}


@pytest.mark.parametrize(
    ("inside", "problem"),
    [
        ({"maxConcurrency": 51}, "/maxConcurrency: expected an integer, from 1 to 50, found '51'"),
        ({"delay": "5 minutes"}, "/delay: '5 minutes' is no such time; expected a time such as 00:10:00"),
        ({"retryPolicy": []}, "/retryPolicy: expected an object"),
        ({"retryPolicy": {"count": -1}}, "/retryPolicy/count: expected an integer, at least 0, found '-1'"),
        (
            {"retryPolicy": {"intervalInSeconds": 29}},
            "/retryPolicy/intervalInSeconds: expected an integer, from 30 to 86400, found '29'",
        ),
        ({"dependsOn": {}}, "/dependsOn: expected an array"),
        (
            {"dependsOn": [{"type": "Other"}]},
            "/dependsOn/0/type: unknown type of dependency 'Other'; expected one of "
            f"{SELF}, TumblingWindowTriggerDependencyReference, TriggerDependencyReference",
        ),
        (
            {"dependsOn": [{"type": SELF}]},
            "/dependsOn/0: the property 'offset' of a dependency on itself is missing; expected a time before the "
            "window, such as -01:00:00",
        ),
        (
            {"dependsOn": [{"type": SELF, "offset": "01:00:00"}]},
            "/dependsOn/0/offset: '01:00:00' is no such time; expected a time before the window, such as -01:00:00",
        ),
        (
            {"dependsOn": [{**OTHER, "size": "-01:00:00"}]},
            "/dependsOn/0/size: '-01:00:00' is no such time; expected a time such as 02:00:00",
        ),
        (
            {"dependsOn": [{**OTHER, "offset": "-0:10:30"}]},
            "/dependsOn/0/offset: '-0:10:30' is no such time; expected a time such as -01:00:00 or 01:00:00",
        ),
        (
            {"dependsOn": [{"type": OTHER["type"]}]},
            "/dependsOn/0/referenceTrigger: expected a TriggerReference with a referenceName",
        ),
    ],
)
def test_a_wrong_window_is_found(inside: dict[str, Any], problem: str) -> None:
    assert [told(each) for each in check_tumbling_window(window(**inside))] == [f"{_INNER}{problem}"]


def told(finding: Finding) -> str:
    """A finding as a text."""
    return f"{finding.pointer}: {finding.cause}" + (f"; expected {finding.expected}" if finding.expected else "")


def test_windows_wait_for_themselves_and_for_others() -> None:
    others = [{**OTHER, "offset": offset} for offset in ("00:30:00", "-0:10:30:00")]
    depends = [{"type": SELF, "offset": "-1.00:00:00", "size": "02:00:00"}, *others]
    retry = {"count": "@int('2')", "intervalInSeconds": 30}
    assert list(check_tumbling_window(window(delay="1.00:00:00", dependsOn=depends, retryPolicy=retry))) == []


@pytest.mark.parametrize(
    ("kind", "inside", "problem"),
    [
        ("RerunTumblingWindowTrigger", {"rerunConcurrency": 0}, "/rerunConcurrency: expected an integer, from 1 to 50"),
        (
            "RerunTumblingWindowTrigger",
            {"requestedStartTime": "x"},
            "/requestedStartTime: the value 'x' is not a valid",
        ),
        ("CustomEventsTrigger", {"events": []}, "/events: it names no event; expected an array of types of events"),
        (
            "BlobEventsTrigger",
            {"events": ["Microsoft.Storage.BlobCreated"]},
            ": it names no path; expected blobPathBeginsWith or blobPathEndsWith",
        ),
    ],
)
def test_wrong_triggers_of_rare_types_are_found(kind: str, inside: dict[str, Any], problem: str) -> None:
    [finding] = check_trigger({"type": kind, "typeProperties": inside})
    assert told(finding).startswith(f"{_INNER}{problem}")


def test_every_problem_of_a_recurrence_is_told(found: Found) -> None:
    recurrence = {"frequency": "Fortnight", "interval": 0, "timeZone": "Moon"}
    problems = found("trigger/daily", f"{_INNER}/recurrence", recurrence)
    assert [each.partition(": ")[2].partition(";")[0] for each in problems] == [
        "unknown frequency 'Fortnight'",
        "expected an integer from 1 to 1000, found '0'",
        "the time zone 'Moon' is not known",
        "the property 'startTime' is missing",
    ]


@pytest.mark.parametrize(
    "recurrence",
    [
        {"frequency": "day", "interval": 1, "startTime": "2024-01-01T00:00:00Z"},
        {"frequency": "Year", "interval": 1, "startTime": "2024-01-01T00:00:00Z"},
        {
            "frequency": "Month",
            "interval": 1,
            "startTime": "2024-01-01T00:00:00",
            "timeZone": "W. Europe Standard Time",
            "schedule": {"monthlyOccurrences": [{"day": "Monday", "occurrence": 1}]},
        },
    ],
)
def test_documented_recurrences_are_no_problem(found: Found, recurrence: dict[str, Any]) -> None:
    assert found("trigger/daily", f"{_INNER}/recurrence", recurrence) == []


def test_a_linked_service_needs_a_type(found: Found) -> None:
    assert found("linkedService/lake", "/properties/type") == [
        "linkedService/lake /properties/type: the linkedService has no type"
    ]


def test_a_trigger_starts_pipelines_only(found: Found) -> None:
    problems = found(
        "trigger/daily",
        "/properties/pipelines/0/pipelineReference",
        {"referenceName": "explore", "type": "NotebookReference"},
    )
    assert problems == [
        "trigger/daily /properties/pipelines/0/pipelineReference/type: a trigger cannot start a NotebookReference"
    ]
