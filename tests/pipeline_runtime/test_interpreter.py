"""Control flow: dependencies, outcomes, retries, secure values, containers and cancellation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from interpreter_bench import Bench, FakeActivities, activity, failing

from pipeline_runtime.errors import ActivityFailure, PipelineDefinitionError
from pipeline_runtime.ports import ActivityCall, ChildOutcome


def _bench(**behaviours: Any) -> Bench:
    return Bench(FakeActivities(behaviours))


@pytest.mark.parametrize(
    ("after", "a_fails", "b_runs", "status"),
    [
        ("A", False, True, "Succeeded"),
        ("A", True, False, "Failed"),
        ("A:Failed", True, True, "Succeeded"),
        ("A:Failed", False, False, "Succeeded"),
        ("A:Completed", True, True, "Succeeded"),
        ("A:Completed", False, True, "Succeeded"),
        ("A:Skipped", False, False, "Succeeded"),
    ],
)
def test_a_dependency_condition_decides_whether_the_next_activity_runs(
    after: str, a_fails: bool, b_runs: bool, status: str
) -> None:
    bench = _bench(A=failing("broken")) if a_fails else _bench()
    outcome = bench.run([activity("A"), activity("B", after=after)])
    assert ("B" in bench.history.statuses()) is b_runs
    assert outcome.status == status


def test_a_failed_activity_with_success_and_failure_paths_fails_the_run() -> None:
    bench = _bench(A=failing("broken"))
    outcome = bench.run([activity("A"), activity("Good", after="A"), activity("Bad", after="A:Failed")])
    assert (outcome.status, outcome.message) == ("Failed", "Operation on target A failed: broken")
    assert bench.history.statuses() == {"A": "Failed", "Bad": "Succeeded"}


def test_a_skipped_path_that_is_caught_lets_the_run_succeed() -> None:
    bench = _bench(A=failing("broken"))
    outcome = bench.run(
        [
            activity("A"),
            activity("Good", after="A"),
            activity("Bad", after="A:Failed"),
            activity("Anyway", after="Good:Skipped"),
        ]
    )
    assert outcome.status == "Succeeded"


def test_several_dependencies_must_all_hold() -> None:
    bench = _bench(B=failing("broken"))
    outcome = bench.run([activity("A"), activity("B"), activity("C", after="A,B")])
    assert outcome.status == "Failed"
    assert "C" not in bench.history.statuses()


def test_retries_wait_their_interval_and_each_is_recorded() -> None:
    bench = _bench(A=failing("flaky", times=2))
    document = {**activity("A"), "policy": {"retry": 3, "retryIntervalInSeconds": 45}}
    assert bench.run([document]).status == "Succeeded"
    assert bench.clock.waits == [45, 45]
    assert [(run.status, run.retry_attempt) for run in bench.history.of("A")] == [
        ("Failed", None),
        ("Failed", 1),
        ("Succeeded", 2),
    ]


def test_a_retry_count_that_is_no_number_fails_the_activity() -> None:
    bench = _bench()
    outcome = bench.run([{**activity("A"), "policy": {"retry": "@concat('a', 'b')"}}])
    assert "The policy 'retry' is not a number: 'ab'." in outcome.message


def test_secure_input_and_output_are_in_no_record_but_reach_the_next_activity() -> None:
    bench = _bench(Key=lambda _call: {"value": "s3cret-key"}, Use=failing("could not use s3cret-key"))
    key = {**activity("Key"), "policy": {"secureOutput": True}}
    use = {
        **activity("Use", after="Key", body="'@{activity('Key').output.value}'"),
        "policy": {"secureInput": True, "secureOutput": True},
    }
    outcome = bench.run([key, use])
    assert bench.activities.calls[1].properties["body"] == "'s3cret-key'"
    assert bench.history.of("Key")[0].output == {}
    assert bench.history.of("Use")[0].input == {}
    assert outcome.message == "Operation on target Use failed: could not use ***"
    assert "s3cret-key" not in repr(bench.history.of("Use")) + repr(bench.history.of("Key"))


def test_a_secure_string_among_the_properties_is_masked_in_the_input() -> None:
    bench = _bench()
    bench.run([activity("A", headers={"x": {"type": "SecureString", "value": "hidden-word"}})])
    shown = bench.history.of("A")[0].input
    assert shown is not None
    assert shown["headers"] == {"x": {"type": "SecureString", "value": "**********"}}


def test_for_each_gives_each_item_and_names_the_iteration() -> None:
    bench = _bench()
    inner = activity("Inner", url="https://example.org/@{item()}")
    outcome = bench.run(
        [activity("Loop", "ForEach", items="@createArray('a','b','c')", activities=[inner], batchCount=2)]
    )
    assert outcome.status == "Succeeded"
    assert sorted(str(call.properties["url"]) for call in bench.activities.calls) == [
        "https://example.org/a",
        "https://example.org/b",
        "https://example.org/c",
    ]
    assert {run.iteration for run in bench.history.of("Inner")} == {"Loop[0]", "Loop[1]", "Loop[2]"}
    assert bench.history.of("Loop")[0].output == {"ItemsCount": 3}


def test_a_sequential_for_each_keeps_the_order_and_goes_on_after_a_failure() -> None:
    def behaviour(call: ActivityCall) -> Mapping[str, Any]:
        if str(call.properties["url"]).endswith("a"):
            raise ActivityFailure("2108", "no a")
        return {}

    bench = _bench(Inner=behaviour)
    inner = activity("Inner", url="https://example.org/@{item()}")
    outcome = bench.run(
        [activity("Loop", "ForEach", items="@createArray('a','b')", isSequential=True, activities=[inner])]
    )
    assert [str(call.properties["url"])[-1] for call in bench.activities.calls] == ["a", "b"]
    assert outcome.message == (
        "Operation on target Loop failed: Activity failed because an inner activity failed; "
        "Inner activity name: Inner, Error: no a"
    )


def test_for_each_over_something_else_than_an_array_fails() -> None:
    outcome = _bench().run([activity("Loop", "ForEach", items="@string(1)", activities=[activity("I")])])
    assert "The items of ForEach are of type 'String', expected Array." in outcome.message


def test_if_condition_takes_its_branch() -> None:
    bench = _bench()
    bench.run(
        [
            activity(
                "If",
                "IfCondition",
                expression={"value": "@equals(1, 2)", "type": "Expression"},
                ifTrueActivities=[activity("Yes")],
                ifFalseActivities=[activity("No")],
            )
        ]
    )
    assert bench.history.statuses() == {"If": "Succeeded", "No": "Succeeded"}


def test_if_condition_without_a_boolean_fails() -> None:
    outcome = _bench().run([activity("If", "IfCondition", expression="@string(1)")])
    assert "The expression of IfCondition gave '1', expected a Boolean." in outcome.message


@pytest.mark.parametrize(("on", "expected"), [("a", "InA"), ("b", "InB"), ("z", "InDefault")])
def test_switch_takes_the_case_or_the_default(on: str, expected: str) -> None:
    bench = _bench()
    bench.run(
        [
            activity(
                "Switch",
                "Switch",
                on=f"@concat('{on}', '')",
                cases=[
                    {"value": "a", "activities": [activity("InA")]},
                    {"value": "b", "activities": [activity("InB")]},
                ],
                defaultActivities=[activity("InDefault")],
            )
        ]
    )
    assert bench.history.statuses() == {"Switch": "Succeeded", expected: "Succeeded"}


def test_until_repeats_until_its_expression_holds() -> None:
    bench = _bench()
    append = activity("Append", "AppendVariable", variableName="seen", value="x")
    outcome = bench.run(
        [activity("Loop", "Until", expression="@equals(length(variables('seen')), 3)", activities=[append])],
        variables={"seen": {"type": "Array"}},
    )
    assert outcome.status == "Succeeded"
    assert bench.history.of("Loop")[0].output == {"IterationCount": 3}


def test_until_sees_the_output_of_its_own_activities() -> None:
    count = iter(range(10))
    bench = _bench(Poll=lambda _call: {"n": next(count)})
    outcome = bench.run(
        [activity("Loop", "Until", expression="@equals(activity('Poll').output.n, 2)", activities=[activity("Poll")])]
    )
    assert outcome.status == "Succeeded"


def test_until_ends_at_its_timeout() -> None:
    bench = _bench()
    wait = activity("Rest", "Wait", waitTimeInSeconds=60)
    outcome = bench.run(
        [activity("Loop", "Until", expression="@equals(1, 2)", timeout="0.00:05:00", activities=[wait])]
    )
    assert outcome.message == "Operation on target Loop failed: The activity 'Loop' ran past its timeout."


def test_variables_are_set_appended_and_read() -> None:
    bench = _bench()
    bench.run(
        [
            activity("Set", "SetVariable", variableName="name", value="@concat('a', 'b')"),
            activity("Add", "AppendVariable", after="Set", variableName="list", value="@variables('name')"),
            activity("Use", after="Add", body="@{join(variables('list'), ';')}"),
        ],
        variables={"name": {"type": "String"}, "list": {"type": "Array", "defaultValue": ["x"]}},
    )
    assert bench.activities.calls[0].properties["body"] == "x;ab"
    assert bench.history.of("Set")[0].output == {"name": "name", "value": "ab"}


def test_a_variable_refuses_a_value_of_another_type() -> None:
    outcome = _bench().run(
        [activity("Set", "SetVariable", variableName="flag", value="@string(1)")],
        variables={"flag": {"type": "Boolean"}},
    )
    assert outcome.message == (
        "Operation on target Set failed: The variable 'flag' of type 'Boolean' cannot be initialized or updated with "
        "value of type 'String'. The variable 'flag' only supports values of types 'Boolean'."
    )


def test_a_pipeline_return_value_is_the_outcome_of_the_run() -> None:
    value = [{"key": "rows", "value": {"type": "Int", "content": "@add(1, 2)"}}]
    outcome = _bench().run(
        [activity("Set", "SetVariable", variableName="pipelineReturnValue", setSystemVariable=True, value=value)]
    )
    assert outcome.return_value == {"rows": 3}


def test_filter_keeps_the_items_its_condition_accepts() -> None:
    bench = _bench()
    bench.run(
        [
            activity("Filter", "Filter", items="@range(1, 5)", condition="@greater(item(), 3)"),
            activity("Use", after="Filter", body="@{activity('Filter').output.value[1]}"),
        ]
    )
    assert bench.history.of("Filter")[0].output == {"ItemsCount": 5, "FilteredItemsCount": 2, "Value": [4, 5]}
    assert bench.activities.calls[0].properties["body"] == "5"


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"items": "@string(1)", "condition": "@bool(1)"}, "The items of Filter are of type 'String', expected Array."),
        ({"items": "@range(1, 1)", "condition": "@string(1)"}, "The condition of Filter gave '1', expected a Boolean."),
    ],
)
def test_filter_refuses_wrong_types(properties: dict[str, Any], message: str) -> None:
    assert message in _bench().run([activity("Filter", "Filter", **properties)]).message


def test_fail_ends_the_run_with_its_message_and_code() -> None:
    bench = _bench()
    outcome = bench.run([activity("Stop", "Fail", message="@concat('schema ', 'changed')", errorCode="SchemaChanged")])
    assert outcome.message == "Operation on target Stop failed: schema changed"
    assert bench.history.of("Stop")[0].error["errorCode"] == "SchemaChanged"


def test_wait_asks_the_clock() -> None:
    bench = _bench()
    assert bench.run([activity("Rest", "Wait", waitTimeInSeconds=7)]).status == "Succeeded"
    assert bench.clock.waits == [7]


def test_wait_for_no_number_fails() -> None:
    outcome = _bench().run([activity("Rest", "Wait", waitTimeInSeconds="@string('x')")])
    assert "The waitTimeInSeconds 'x' is not a number of seconds." in outcome.message


def test_execute_pipeline_waits_and_gives_the_return_value() -> None:
    bench = _bench()
    bench.pipelines.outcome = ChildOutcome("Succeeded", "", {"rows": 5})
    child = activity(
        "Child",
        "ExecutePipeline",
        pipeline={"referenceName": "other", "type": "PipelineReference"},
        parameters={"a": "@add(1, 1)"},
    )
    use = activity("Use", after="Child", body="@{activity('Child').output.pipelineReturnValue.rows}")
    assert bench.run([child, use]).status == "Succeeded"
    assert bench.pipelines.started == [("other", {"a": 2})]
    assert bench.activities.calls[0].properties["body"] == "5"


def test_a_failed_child_pipeline_fails_its_parent() -> None:
    bench = _bench()
    bench.pipelines.outcome = ChildOutcome("Failed", "Operation on target X failed: y", {})
    child = activity("Child", "ExecutePipeline", pipeline={"referenceName": "other", "type": "PipelineReference"})
    assert bench.run([child]).message == "Operation on target Child failed: Operation on target X failed: y"


def test_a_child_pipeline_that_is_not_waited_for_cannot_fail_its_parent() -> None:
    bench = _bench()
    bench.pipelines.outcome = ChildOutcome("Failed", "late", {})
    child = activity(
        "Child",
        "ExecutePipeline",
        pipeline={"referenceName": "other", "type": "PipelineReference"},
        waitOnCompletion=False,
    )
    assert bench.run([child]).status == "Succeeded"


def test_an_inactive_activity_is_not_run_and_counts_as_marked() -> None:
    bench = _bench(A=failing("never called"))
    document = {**activity("A"), "state": "Inactive", "onInactiveMarkAs": "Failed"}
    bench.run([document, activity("B", after="A:Failed")])
    assert bench.history.statuses() == {"A": "Inactive", "B": "Succeeded"}


def test_an_expression_that_fails_at_run_time_fails_its_activity() -> None:
    bench = _bench(A=lambda _call: {"rows": 1})
    outcome = bench.run([activity("A"), activity("B", after="A", body="@activity('A').output.count")])
    assert outcome.message == (
        "Operation on target B failed: The expression 'activity('A').output.count' cannot be evaluated because "
        "property 'count' doesn't exist, available properties are 'rows'."
    )
    assert bench.history.of("B")[0].error["errorCode"] == "InvalidTemplate"


def test_a_result_is_found_by_the_name_of_its_activity_in_any_case() -> None:
    bench = _bench(Count=lambda _call: {"rows": 7})
    outcome = bench.run([activity("Count"), activity("Use", after="Count", body="@activity('COUNT').output.rows")])
    assert outcome.status == "Succeeded"
    assert bench.activities.calls[1].properties["body"] == 7


def test_the_failure_of_an_activity_can_be_read_by_the_next() -> None:
    bench = _bench(A=failing("broken"))
    bench.run([activity("A"), activity("B", after="A:Failed", body="@activity('A').error.message")])
    assert bench.activities.calls[1].properties["body"] == "broken"


def test_cancelling_ends_the_run_between_activities() -> None:
    bench = _bench()

    def cancel(_call: ActivityCall) -> Mapping[str, Any]:
        bench.cancellation.cancel()
        return {}

    bench.activities.behaviours["A"] = cancel
    assert bench.run([activity("A"), activity("B", after="A")]).status == "Cancelled"
    assert "B" not in bench.history.statuses()


def test_cancelling_inside_an_activity_marks_it_cancelled() -> None:
    bench = _bench()

    def cancel(call: ActivityCall) -> Mapping[str, Any]:
        bench.cancellation.cancel()
        call.cancellation.check()
        return {}

    bench.activities.behaviours["A"] = cancel
    assert bench.run([activity("A"), activity("B")]).status == "Cancelled"
    assert bench.history.statuses()["A"] == "Cancelled"


def test_an_activity_ends_at_the_timeout_of_its_policy() -> None:
    bench = _bench()

    def slow(call: ActivityCall) -> Mapping[str, Any]:
        bench.clock.wait(61, call.cancellation)
        return {}

    bench.activities.behaviours["A"] = slow
    outcome = bench.run([{**activity("A"), "policy": {"timeout": "0.00:01:00"}}])
    assert outcome.message == "Operation on target A failed: The activity 'A' ran past its timeout."


def test_a_timeout_that_is_no_duration_at_run_time_fails_the_activity() -> None:
    outcome = _bench().run([{**activity("A"), "policy": {"timeout": "@concat('so', 'on')"}}])
    assert "The timeout 'soon' is not a duration; expected d.hh:mm:ss" in outcome.message


def test_inputs_and_outputs_are_evaluated() -> None:
    bench = _bench()
    copy = {
        **activity("Copy", "Copy", source={"type": "AzureSqlSource"}, sink={"type": "DelimitedTextSink"}),
        "inputs": [{"referenceName": "in", "type": "DatasetReference", "parameters": {"t": "@toUpper('x')"}}],
    }
    bench.run([copy])
    assert bench.activities.calls[0].inputs[0]["parameters"] == {"t": "X"}


def test_what_the_port_cannot_execute_is_refused_before_the_run() -> None:
    bench = _bench()
    bench.activities.refused["A"] = "no such source"
    with pytest.raises(PipelineDefinitionError, match="/properties/activities/0/typeProperties: no such source"):
        bench.run([activity("A")])


def test_results_inside_a_finished_container_may_be_used_after_it() -> None:
    inner = activity("Inner", "SetVariable", variableName="seen", value="a")
    branch = activity("If", "IfCondition", expression="@bool(1)", ifTrueActivities=[inner])
    after = activity("After", after="If", body="@activity('Inner').Status")
    bench = _bench()
    outcome = bench.run([branch, after], variables={"seen": {"type": "String"}})
    assert outcome.status == "Succeeded"
    assert bench.activities.calls[0].properties["body"] == "Succeeded"
