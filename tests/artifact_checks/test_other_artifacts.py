"""Wrong things in triggers, datasets and linked services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

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
