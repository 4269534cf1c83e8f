"""What is said about one wrong thing in a pipeline: its pointer and its cause, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Found = Callable[..., list[str]]
_AFTER_CLEAN = [{"activity": "Clean", "dependencyConditions": ["Succeeded"]}]


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        ("2/dependsOn/0/activity", "Gone", ": 'Clean' depends on 'Gone', which is no activity beside it"),
        ("2/dependsOn/0/dependencyConditions", ["Done"], ": unknown condition 'Done'"),
        ("2/dependsOn", "Remove", ": expected an array"),
        ("2/dependsOn/0", "Remove", ": expected an activity and dependencyConditions"),
        ("4/type", "SynapseNotbook", ": unknown activity type 'SynapseNotbook'"),
        ("2/policy/timeout", 5, ": '5' is not a duration"),
        ("2/policy/retry", "x", ": expected an integer, not below 0, found 'x'"),
        ("2/policy/retryIntervalInSeconds", -1, ": expected an integer, not below 0, found '-1'"),
        ("2/policy/secureInput", "no", ": expected true or false, found 'no'"),
    ],
)
def test_a_wrong_part_of_an_activity_is_found(found: Found, place: str, value: Any, expected: str) -> None:
    pointer = f"/properties/activities/{place}"
    assert found("pipeline/main", pointer, value) == [f"pipeline/main {pointer}{expected}"]


@pytest.mark.parametrize("value", ["many", "4", True, 1.5, -1, {}])
def test_the_number_of_runs_at_once_is_an_integer(found: Found, value: Any) -> None:
    assert found("pipeline/main", "/properties/concurrency", value) == [
        f"pipeline/main /properties/concurrency: expected an integer, not below 0, found '{value}'"
    ]


def test_activities_that_wait_for_each_other_are_found(found: Found) -> None:
    assert found("pipeline/main", "/properties/activities/0/dependsOn", _AFTER_CLEAN) == [
        "pipeline/main /properties/activities/0: activities depend on each other in a circle: "
        "Set start -> Clean -> Set start"
    ]


def test_two_activities_of_one_name_are_both_named(found: Found) -> None:
    causes = found("pipeline/main", "/properties/activities/3/name", "Explore")
    assert causes == [
        f"pipeline/main /properties/activities/{index}/name: the activity name 'Explore' is used more than once"
        for index in (3, 4)
    ]


def test_activities_are_an_array(found: Found) -> None:
    assert found("pipeline/main", "/properties/activities", {}) == [
        "pipeline/main /properties/activities: expected an array of activities"
    ]


@pytest.mark.parametrize(
    ("place", "value", "expected"),
    [
        ("parameters/limits/type", "Boolean", ": unknown parameter type 'Boolean'"),
        ("parameters/limits", "Object", ": expected an object with a type"),
        (
            "parameters/limits/defaultValue",
            1,
            ": the parameter 'limits' is of type object, found a value of type 'Integer'",
        ),
        (
            "variables/windowStart/defaultValue",
            1,
            ": the variable 'windowStart' is of type String, found a value of type 'Integer'",
        ),
    ],
)
def test_wrong_types_and_defaults_are_found(found: Found, place: str, value: Any, expected: str) -> None:
    assert found("pipeline/main", f"/properties/{place}", value) == [f"pipeline/main /properties/{place}{expected}"]


@pytest.mark.parametrize("kind", ["string", "String", "secureString", "SecureString", "Int", "float", "Bool", "array"])
def test_types_of_parameters_are_known_in_any_case(found: Found, kind: str) -> None:
    assert found("pipeline/main", "/properties/parameters/limits", {"type": kind}) == []


@pytest.mark.parametrize(
    ("expression", "cause"),
    [
        ("@pipeline().parameters.windowSta", "the pipeline has no parameter 'windowSta'"),
        ("@variables('windowSta')", "the pipeline has no variable 'windowSta'"),
        ("@{concat('failed'", "the interpolation '@{' that starts here is not closed by '}'"),
        ("@concat('failed'", "expected ',', found the end"),
        ("@formatDate(utcNow())", "the function 'formatDate' does not exist in the expression language"),
        ("@activity('Claen').output", "the pipeline has no activity 'Claen'"),
        ("@item()", "item() can only be used inside a ForEach or in the condition of a Filter"),
        ("@dataset().folder", "dataset() cannot be used in a pipeline"),
        ("@pipeline().Run", "pipeline() has no property 'Run'"),
        ("@pipeline().globalParameters.place", "it uses the global parameter 'place', which no factory declares"),
    ],
)
@pytest.mark.parametrize(
    "place", ["3/typeProperties/body/value", "4/typeProperties/numExecutors", "3/userProperties/0"]
)
def test_a_wrong_expression_is_found(found: Found, place: str, expression: str, cause: str) -> None:
    pointer, value = f"/properties/activities/{place}", expression
    if place.endswith("userProperties/0"):
        problems = found("pipeline/main", pointer.removesuffix("/0"), [expression])
    else:
        problems = found("pipeline/main", pointer, value)
    assert [each.partition(" (character")[0] for each in problems] == [f"pipeline/main {pointer}: {cause}"]


@pytest.mark.parametrize(
    "expression",
    [
        "@pipeline()?.TriggeredByPipelineName",
        "@@not an expression",
        "today is @{utcNow('yyyy')} and @{activity('Clean')?.output}",
        "@if(empty(activity('Clean').output), 'a', string(createArray(1, 2)[0]))",
    ],
)
def test_sound_expressions_are_no_problem(found: Found, expression: str) -> None:
    assert found("pipeline/main", "/properties/activities/3/typeProperties/body", expression) == []


@pytest.mark.parametrize("levels", [151, 100_000])
def test_an_expression_that_nests_too_deeply_is_a_problem(found: Found, levels: int) -> None:
    deep = "@" + "not(" * levels + "true" + ")" * levels
    (problem,) = found("pipeline/main", "/properties/activities/3/typeProperties/body", deep)
    assert "the expression is nested deeper than 150 levels" in problem
    sound = deep.replace("not(" * levels, "not(" * 149).replace(")" * levels, ")" * 149)
    assert found("pipeline/main", "/properties/activities/3/typeProperties/body", sound) == []


def test_what_is_switched_off_is_not_validated(found: Found) -> None:
    activity = {"name": "Explore", "type": "GetMetadata", "state": "Inactive", "typeProperties": {"x": "@nope("}}
    assert found("pipeline/main", "/properties/activities/4", activity) == []


@pytest.mark.parametrize(
    ("state", "causes"),
    [
        (
            "Active",
            ["the property 'dataset' of activity type Lookup is missing", "unknown source type 'AzureSqlSorce'"],
        ),
        ("Inactive", []),
    ],
)
def test_what_stands_inside_something_that_is_switched_off_is_not_validated(
    found: Found, state: str, causes: list[str]
) -> None:
    inner = {"name": "Find", "type": "Lookup", "typeProperties": {"source": {"type": "AzureSqlSorce"}}}
    properties = {"expression": {"value": "@bool(1)", "type": "Expression"}, "ifTrueActivities": [inner]}
    outer = {"name": "Choose", "type": "IfCondition", "state": state, "typeProperties": properties}
    told = found("pipeline/main", "/properties/activities/4", outer)
    assert [cause in line for cause, line in zip(causes, told, strict=True)] == [True] * len(causes)


@pytest.mark.parametrize(
    ("kind", "source", "cause"),
    [
        ("Lookup", {"type": "AzureSqlSorce"}, "unknown source type 'AzureSqlSorce'"),
        ("Lookup", {"type": "DynamicsCrmSource"}, None),
    ],
)
def test_types_of_sources_are_those_that_azure_has(
    found: Found, kind: str, source: dict[str, str], cause: str | None
) -> None:
    dataset = {"referenceName": "files", "type": "DatasetReference", "parameters": {"folder": "x"}}
    activity = {"name": "Explore", "type": kind, "typeProperties": {"source": source, "dataset": dataset}}
    pointer = "/properties/activities/4/typeProperties/source/type"
    assert found("pipeline/main", "/properties/activities/4", activity) == (
        [f"pipeline/main {pointer}: {cause}"] if cause else []
    )
