"""What is refused about a pipeline document before it runs, each with its JSON pointer."""

from __future__ import annotations

from typing import Any

import pytest
from interpreter_bench import activity

from pipeline_runtime.definition import seconds_of_timeout
from pipeline_runtime.errors import PipelineDefinitionError
from pipeline_runtime.interpreter import read_pipeline
from pipeline_runtime.parameters import bind_parameters, shown


def _problems(activities: list[Any], **properties: Any) -> list[str]:
    with pytest.raises(PipelineDefinitionError) as caught:
        read_pipeline("p", {"name": "p", "properties": {"activities": activities, **properties}})
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"name": "A", "type": "HDInsightHive", "typeProperties": {}},
            "/properties/activities/0/type: unknown activity type 'HDInsightHive'; expected one of Append",
        ),
        (
            activity("A", retries=3),
            "/properties/activities/0/typeProperties/retries: unknown property 'retries' of activity type WebActivity",
        ),
        (
            {"name": "A", "type": "Wait", "typeProperties": {}},
            "/properties/activities/0/typeProperties: the property 'waitTimeInSeconds' of activity type Wait is m",
        ),
        ({**activity("A"), "polcy": {}}, "/properties/activities/0/polcy: unknown property 'polcy'; expected one of"),
        (
            {**activity("A"), "policy": {"retrys": 1}},
            "/properties/activities/0/policy/retrys: unknown policy 'retrys'; expected one of",
        ),
        (
            {**activity("A"), "policy": {"timeout": "soon"}},
            "/properties/activities/0/policy/timeout: 'soon' is not a duration; expected d.hh:mm:ss",
        ),
        ({**activity("A"), "policy": []}, "/properties/activities/0/policy: expected an object"),
        ({**activity("A"), "state": "Off"}, "/properties/activities/0/state: unknown state 'Off'"),
        ({"type": "Wait"}, "/properties/activities/0: expected an activity with a name and a type"),
        (
            {"name": "A", "type": "Wait", "typeProperties": []},
            "/properties/activities/0/typeProperties: the property 'waitTimeInSeconds'",
        ),
        (
            activity("A", after="B"),
            "/properties/activities/0/dependsOn/0/activity: 'A' depends on 'B', which is no activity beside it",
        ),
        (
            activity("A", after="A:Done"),
            "/properties/activities/0/dependsOn/0/dependencyConditions: unknown condition 'Done'; expected one of",
        ),
        (
            activity("A", body="@nope(1)"),
            "/properties/activities/0/typeProperties/body: the function 'nope' does not exist in the expression "
            "language (character 2 of '@nope(1)')",
        ),
        (activity("A", body="@add(1)"), "/body: the function 'add' takes 2 argument(s), found 1 (character 2 of"),
        (activity("A", body="@add(1"), "/properties/activities/0/typeProperties/body: expected ',', found the end"),
        (
            activity("A", body="@pipeline().parameters.zip"),
            "/properties/activities/0/typeProperties/body: the pipeline has no parameter 'zip'",
        ),
        (
            activity("A", body="@pipeline().Zip"),
            "/properties/activities/0/typeProperties/body: pipeline() has no property 'Zip'; expected one of Data",
        ),
        (activity("A", body="@variables('zip')"), "/body: the pipeline has no variable 'zip'"),
        (activity("A", body="@activity('zip').output"), "/body: the pipeline has no activity 'zip'"),
        (
            activity("A", body="@activity('A').output"),
            "/body: the output of activity 'A' can't be referenced since it does not come before 'A'",
        ),
        (
            activity("A", body="@activity('a').output"),
            "/body: the output of activity 'a' can't be referenced since it does not come before 'A'",
        ),
        (
            activity("A", body="@item()"),
            "/body: item() can only be used inside a ForEach or in the condition of a Filter",
        ),
        (activity("A", body="@dataset().x"), "/body: dataset() cannot be used in a pipeline"),
        (activity("A", body="@trigger().startTime"), "/body: trigger() cannot be used in a pipeline"),
        (
            activity("A", "SetVariable", variableName="x", value=1),
            "/properties/activities/0/typeProperties/variableName: the pipeline has no variable 'x'",
        ),
        (
            activity("A", "ForEach", items="@range(0,1)", activities=[activity("I")], batchCount=51),
            "/properties/activities/0/typeProperties/batchCount: expected 1 to 50, found 51",
        ),
        (
            activity("A", "ForEach", items="@range(0,1)", activities=[]),
            "/properties/activities/0/typeProperties/activities: ForEach 'A' holds no activity",
        ),
        (
            activity("A", "ExecutePipeline", pipeline="other"),
            "/properties/activities/0/typeProperties/pipeline: expected a PipelineReference with a referenceName",
        ),
    ],
)
def test_a_wrong_activity_is_refused_with_its_place(document: Any, expected: str) -> None:
    assert any(expected in problem for problem in _problems([document])), _problems([document])


def test_the_properties_of_an_activity_are_read_in_any_case() -> None:
    """Studio writes `dataflow`, the clients of the interface `dataFlow`."""
    flow = {"referenceName": "f", "type": "DataFlowReference"}
    calls = activity("A", "ExecuteDataFlow", dataFlow=flow)
    read = read_pipeline("p", {"properties": {"activities": [calls]}})
    assert read.activities[0].properties["dataflow"] == flow


def test_every_problem_is_reported_at_once() -> None:
    problems = _problems([activity("A", body="@nope()"), activity("B", after="Z"), {"name": "C", "type": "Nope"}])
    assert len(problems) == 3


def test_activity_names_are_unique_in_the_whole_pipeline() -> None:
    loop = activity("A", "ForEach", items="@range(0,1)", activities=[activity("A")])
    assert _problems([loop]) == [
        "/properties/activities/0/name: the activity name 'A' is used more than once",
        "/properties/activities/0/typeProperties/activities/0/name: the activity name 'A' is used more than once",
    ]


def test_a_circle_of_dependencies_is_named() -> None:
    assert _problems([activity("A", after="B"), activity("B", after="A")]) == [
        "/properties/activities/0: activities depend on each other in a circle: A -> B -> A"
    ]


def test_loops_do_not_nest_in_loops_nor_conditions_in_conditions() -> None:
    inner = activity("In", "Until", expression="@bool(1)", activities=[activity("I")])
    loop = activity("Out", "ForEach", items="@range(0,1)", activities=[inner])
    branch = activity("If", "IfCondition", expression="@bool(1)", ifTrueActivities=[activity("Sw", "Switch", on="a")])
    assert [problem.partition(": ")[2] for problem in _problems([loop, branch])] == [
        "Until 'In' cannot stand inside a ForEach or Until",
        "Switch 'Sw' cannot stand inside an IfCondition or Switch",
    ]


def test_append_variable_needs_an_array() -> None:
    problems = _problems(
        [activity("A", "AppendVariable", variableName="x", value=1)], variables={"x": {"type": "String"}}
    )
    assert problems == [
        "/properties/activities/0/typeProperties/variableName: the variable 'x' is of type String, expected Array"
    ]


def test_unknown_types_of_parameters_and_variables_are_refused() -> None:
    problems = _problems([], parameters={"a": {"type": "Date"}}, variables={"b": {"type": "Float"}}, folders={})
    assert [problem.partition(";")[0] for problem in problems] == [
        "/properties/folders: unknown property 'folders'",
        "/properties/parameters/a/type: unknown parameter type 'Date'",
        "/properties/variables/b/type: unknown variable type 'Float'",
    ]


def test_a_document_without_properties_is_refused() -> None:
    with pytest.raises(PipelineDefinitionError, match="/properties: expected an object"):
        read_pipeline("p", {"name": "p"})


def test_outputs_of_activities_inside_a_finished_container_may_be_used() -> None:
    container = activity("If", "IfCondition", expression="@bool(1)", ifTrueActivities=[activity("I")])
    pipeline = read_pipeline(
        "p", {"properties": {"activities": [container, activity("B", after="If", body="@{activity('If').Status}")]}}
    )
    assert [each.name for each in pipeline.all_activities()] == ["If", "I", "B"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0.12:00:00", 43_200),
        ("7.00:00:00", 604_800),
        ("00:10:30", 630),
        ("1:00:00", 3600),
        ("0.00:1:00", 60),
        ("12:30", 45_000),
    ],
)
def test_a_timeout_is_read_in_seconds(text: str, seconds: int) -> None:
    assert seconds_of_timeout(text) == seconds


PARAMETERS = {
    "text": {"type": "String"},
    "count": {"type": "Int", "defaultValue": 3},
    "ratio": {"type": "Float", "defaultValue": 1},
    "flag": {"type": "Bool", "defaultValue": False},
    "list": {"type": "Array", "defaultValue": []},
    "thing": {"type": "Object", "defaultValue": {}},
    "password": {"type": "SecureString", "defaultValue": "x"},
}


def test_parameters_take_defaults_and_are_read_from_text() -> None:
    pipeline = read_pipeline("p", {"properties": {"activities": [], "parameters": PARAMETERS}})
    values = bind_parameters(pipeline, {"text": 5, "count": "7", "flag": "True", "list": "[1]", "thing": {"a": 1}})
    assert values == {
        "text": "5",
        "count": 7,
        "ratio": 1,
        "flag": True,
        "list": [1],
        "thing": {"a": 1},
        "password": "x",
    }
    assert shown(pipeline, values)["password"] == "**********"


def test_wrong_parameters_are_refused_all_at_once() -> None:
    pipeline = read_pipeline("p", {"properties": {"activities": [], "parameters": PARAMETERS}})
    with pytest.raises(PipelineDefinitionError) as caught:
        bind_parameters(pipeline, {"count": "many", "flag": 1, "extra": 1})
    assert [str(problem) for problem in caught.value.problems] == [
        "/parameters/extra: pipeline 'p' has no parameter 'extra'",
        "/parameters/text: the parameter 'text' has no value",
        "/parameters/count: the parameter 'count' is of type int, found a value of type 'String'",
        "/parameters/flag: the parameter 'flag' is of type bool, found a value of type 'Integer'",
    ]


def test_results_inside_a_loop_over_items_may_not_be_used_after_it() -> None:
    loop = activity("Loop", "ForEach", items="@range(0,1)", activities=[activity("Inner")])
    (problem,) = _problems([loop, activity("B", after="Loop", body="@activity('Inner').Status")])
    assert "the output of activity 'Inner' can't be referenced" in problem
