"""Pipeline runs and triggers through the official client: started, queried, cancelled, fired by the clock."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.synapse.artifacts import models as typed_models
from synapse_bench import WAIT_PIPELINE, Bench, make_workspace

from local_azure.clock import ManualClock
from local_azure.server import LocalAzure
from local_azure.settings import Settings

models: Any = typed_models  # its hints name other types than it takes
PAST, FUTURE = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
WINDOW = {"lastUpdatedAfter": PAST.isoformat(), "lastUpdatedBefore": FUTURE.isoformat()}


def _wait(seconds: int) -> dict[str, Any]:
    return {"activities": [{"name": "Rest", "type": "Wait", "typeProperties": {"waitTimeInSeconds": seconds}}]}


def _fail(message: str) -> dict[str, Any]:
    properties = {"message": message, "errorCode": "E1"}
    return {"activities": [{"name": "Stop", "type": "Fail", "typeProperties": properties}]}


def _set(value: str, **parameters: Any) -> dict[str, Any]:
    activity = {"name": "Set", "type": "SetVariable", "typeProperties": {"variableName": "v", "value": value}}
    return {"activities": [activity], "variables": {"v": {"type": "String"}}, "parameters": parameters}


def _start(bench: Bench, name: str, parameters: dict[str, Any] | None = None) -> str:
    answer = bench.call("POST", f"/pipelines/{name}/createRun", parameters or {})
    assert answer.status == 202, answer.content()
    return str(json.loads(answer.content())["runId"])


def _finish(bench: Bench, run_id: str) -> dict[str, Any]:
    assert bench.service.runs.wait(run_id, 10)
    found: dict[str, Any] = json.loads(bench.call("GET", f"/pipelineruns/{run_id}").content())
    return found


def _activities(bench: Bench, name: str, run_id: str) -> list[dict[str, Any]]:
    answer = bench.call("POST", f"/pipelines/{name}/pipelineruns/{run_id}/queryActivityruns", WINDOW)
    found: list[dict[str, Any]] = json.loads(answer.content())["value"]
    return found


def test_the_official_client_runs_a_pipeline_and_reads_its_history(bench: Bench) -> None:
    client = bench.artifacts_client()
    bench.put("/pipelines/p", _set("@{pipeline().parameters.word}!", word={"type": "String"}))
    run_id = client.pipeline.create_pipeline_run("p", parameters={"word": "hello"}).run_id
    assert bench.service.runs.wait(run_id, 10)
    run = client.pipeline_run.get_pipeline_run(run_id)
    assert (run.status, run.pipeline_name, run.parameters, run.invoked_by.name) == (
        "Succeeded",
        "p",
        {"word": "hello"},
        "Manual",
    )
    query = models.RunFilterParameters(last_updated_after=PAST, last_updated_before=FUTURE)
    activities = client.pipeline_run.query_activity_runs("p", run_id, query).value
    assert [(each.activity_name, each.status, each.output) for each in activities] == [
        ("Set", "Succeeded", {"name": "v", "value": "hello!"})
    ]
    assert [each.run_id for each in client.pipeline_run.query_pipeline_runs_by_workspace(query).value] == [run_id]


def test_a_run_has_the_recorded_shape(bench: Bench) -> None:
    bench.put("/pipelines/p", WAIT_PIPELINE)
    run = _finish(bench, _start(bench, "p"))
    assert run["id"].startswith("/SUBSCRIPTIONS/")
    assert run["id"].endswith(f"/PIPELINERUNS/{run['runId']}")
    assert run["runGroupId"] == run["runId"]
    assert len(run["runStart"]) == len("2021-09-14T07:17:19.2966667Z")
    assert {
        key: run[key] for key in ("debugRunId", "message", "output", "annotations", "runDimension", "isLatest")
    } == {
        "debugRunId": None,
        "message": "",
        "output": None,
        "annotations": [],
        "runDimension": {},
        "isLatest": True,
    }


def test_a_failed_activity_is_the_message_of_the_run(bench: Bench) -> None:
    bench.put("/pipelines/p", _fail("schema changed"))
    run_id = _start(bench, "p")
    assert _finish(bench, run_id)["message"] == "Operation on target Stop failed: schema changed"
    error = _activities(bench, "p", run_id)[0]["error"]
    assert (error["errorCode"], error["message"], error["failureType"]) == ("E1", "schema changed", "UserError")


def test_missing_wrong_and_unknown_parameters_are_refused_at_once(bench: Bench) -> None:
    bench.put("/pipelines/p", _set("x", count={"type": "Int"}, word={"type": "String"}))
    answer = bench.call("POST", "/pipelines/p/createRun", {"count": "many", "extra": 1})
    message = json.loads(answer.content())["message"]
    assert answer.status == 400
    assert "/parameters/extra: pipeline 'p' has no parameter 'extra'" in message
    assert "/parameters/word: the parameter 'word' has no value" in message
    assert "/parameters/count: the parameter 'count' is of type int, found a value of type 'String'" in message
    assert bench.call("POST", "/pipelines/p/createRun", [1]).status == 400


def test_secure_parameters_are_masked_in_the_run(bench: Bench) -> None:
    bench.put("/pipelines/p", _set("x", word={"type": "SecureString"}))
    assert _finish(bench, _start(bench, "p", {"word": "hidden-word"}))["parameters"] == {"word": "**********"}


def test_what_cannot_be_executed_here_is_refused_before_the_run(bench: Bench) -> None:
    copy = {"source": {"type": "RestSource"}, "sink": {"type": "AzureSqlSink"}}
    bench.put("/pipelines/p", {"activities": [{"name": "C", "type": "Copy", "typeProperties": copy}]})
    answer = bench.call("POST", "/pipelines/p/createRun", {})
    message = json.loads(answer.content())["message"]
    assert answer.status == 400
    assert "/properties/activities/0/typeProperties/source/type: unknown source type 'RestSource'" in message
    assert "/properties/activities/0/typeProperties/sink/type: unknown sink type 'AzureSqlSink'" in message
    assert "/properties/activities/0/inputs: expected exactly one dataset reference" in message


@pytest.mark.parametrize("query", ["isRecovery=true", "referencePipelineRunId=x", "startActivityName=x"])
def test_recovery_runs_are_501_by_name(bench: Bench, query: str) -> None:
    answer = bench.call("POST", f"/pipelines/p/createRun?{query}")
    assert answer.status == 501
    assert f"The query parameter '{query.partition('=')[0]}' is not supported locally." in answer.content().decode()


def test_an_unknown_run_is_404(bench: Bench) -> None:
    with pytest.raises(ResourceNotFoundError, match="The pipeline run ID nothing could not be found"):
        bench.artifacts_client().pipeline_run.get_pipeline_run("nothing")


def test_a_run_is_cancelled(bench: Bench) -> None:
    bench.put("/pipelines/p", _wait(60))
    run_id = _start(bench, "p")
    client = bench.artifacts_client()
    client.pipeline_run.cancel_pipeline_run(run_id)
    assert _finish(bench, run_id)["status"] == "Cancelled"
    assert [each["status"] for each in _activities(bench, "p", run_id)] in (["Cancelled"], [])
    with pytest.raises(HttpResponseError, match="has already ended with status Cancelled"):
        client.pipeline_run.cancel_pipeline_run(run_id)


def _parent(child: str, wait: bool = True) -> dict[str, Any]:
    properties = {"pipeline": {"referenceName": child, "type": "PipelineReference"}, "waitOnCompletion": wait}
    return {"activities": [{"name": "Child", "type": "ExecutePipeline", "typeProperties": properties}]}


def test_a_child_pipeline_runs_in_the_group_of_its_parent_and_fails_it(bench: Bench) -> None:
    bench.put("/pipelines/child", _fail("no luck"))
    bench.put("/pipelines/parent", _parent("child"))
    parent = _finish(bench, _start(bench, "parent"))
    assert parent["message"] == "Operation on target Child failed: Operation on target Stop failed: no luck"
    runs = json.loads(bench.call("POST", "/queryPipelineRuns", WINDOW).content())["value"]
    child = next(run for run in runs if run["pipelineName"] == "child")
    assert child["runGroupId"] == parent["runId"]
    assert child["invokedBy"]["pipelineRunId"] == parent["runId"]
    assert child["invokedBy"]["invokedByType"] == "PipelineActivity"


def test_cancelling_a_parent_cancels_the_child_it_waits_for(bench: Bench) -> None:
    bench.put("/pipelines/child", _wait(60))
    bench.put("/pipelines/parent", _parent("child"))
    run_id = _start(bench, "parent")
    for _ in range(100):
        runs = json.loads(bench.call("POST", "/queryPipelineRuns", WINDOW).content())["value"]
        if len(runs) == 2:
            break
        time.sleep(0.02)
    bench.call("POST", f"/pipelineruns/{run_id}/cancel?isRecursive=true")
    assert _finish(bench, run_id)["status"] == "Cancelled"
    child = next(run["runId"] for run in runs if run["pipelineName"] == "child")
    assert _finish(bench, child)["status"] == "Cancelled"


def test_a_child_that_cannot_start_fails_the_activity(bench: Bench) -> None:
    bench.put("/pipelines/child", _set("x", word={"type": "String"}))
    bench.put("/pipelines/parent", _parent("child"))
    assert "the parameter 'word' has no value" in _finish(bench, _start(bench, "parent"))["message"]


def test_concurrency_holds_further_runs_back(bench: Bench) -> None:
    bench.put("/pipelines/p", {**_wait(60), "concurrency": 1})
    first, second = _start(bench, "p"), _start(bench, "p")
    time.sleep(0.3)
    states = {json.loads(bench.call("GET", f"/pipelineruns/{run}").content())["status"] for run in (first, second)}
    assert states == {"InProgress", "Queued"}
    for run in (first, second):
        bench.call("POST", f"/pipelineruns/{run}/cancel")
        assert _finish(bench, run)["status"] == "Cancelled"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([{"operand": "PipelineName", "operator": "Equals", "values": ["good"]}], ["good"]),
        ([{"operand": "PipelineName", "operator": "NotEquals", "values": ["good"]}], ["bad"]),
        ([{"operand": "Status", "operator": "In", "values": ["Failed", "Cancelled"]}], ["bad"]),
        ([{"operand": "Status", "operator": "NotIn", "values": ["Failed"]}], ["good"]),
        ([{"operand": "LatestOnly", "operator": "Equals", "values": ["true"]}], ["good", "bad"]),
    ],
)
def test_runs_are_filtered(bench: Bench, filters: list[Any], expected: list[str]) -> None:
    bench.put("/pipelines/good", WAIT_PIPELINE)
    bench.put("/pipelines/bad", _fail("x"))
    for name in ("good", "bad"):
        _finish(bench, _start(bench, name))
    answer = bench.call("POST", "/queryPipelineRuns", {**WINDOW, "filters": filters})
    assert [run["pipelineName"] for run in json.loads(answer.content())["value"]] == expected


@pytest.mark.parametrize(
    ("method", "path", "refused"),
    [
        ("GET", "/pipelines?$top=1", "$top"),
        ("GET", "/pipelines/p?refresh=true", "refresh"),
        ("GET", "/roleAssignments?filter=x", "filter"),
    ],
)
def test_a_query_parameter_that_is_not_read_is_refused_by_name(
    bench: Bench, method: str, path: str, refused: str
) -> None:
    told = bench.call(method, path)
    assert (told.status, json.loads(told.content())["error"]["code"]) == (501, "UnknownParameter")
    assert f"the query parameter {refused}:" in told.content().decode()


def test_a_rerun_is_refused_by_name(bench: Bench) -> None:
    bench.put("/pipelines/p", WAIT_PIPELINE)
    for name in ("isRecovery", "startFromFailure", "StartActivityName"):
        told = bench.call("POST", f"/pipelines/p/createRun?{name}=true")
        assert (told.status, json.loads(told.content())["code"]) == (501, "NotSupported")
    assert bench.call("POST", "/pipelines/p/createRun?isRecovery=false").status == 202


def test_runs_are_ordered_and_bounded_by_time(bench: Bench) -> None:
    bench.put("/pipelines/p", WAIT_PIPELINE)
    runs = [_start(bench, "p") for _ in range(3)]
    for run in runs:
        _finish(bench, run)
    newest_first = {**WINDOW, "orderBy": [{"orderBy": "RunStart", "order": "DESC"}]}
    answer = json.loads(bench.call("POST", "/queryPipelineRuns", newest_first).content())
    assert [run["runId"] for run in answer["value"]] == runs[::-1]
    early = {**WINDOW, "lastUpdatedBefore": "2001-01-01T00:00:00Z"}
    assert json.loads(bench.call("POST", "/queryPipelineRuns", early).content()) == {"value": []}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "The property 'lastUpdatedAfter' is missing."),
        ({**WINDOW, "lastUpdatedAfter": "soon"}, "The property 'lastUpdatedAfter' is no timestamp"),
        (
            {**WINDOW, "filters": [{"operand": "Colour", "operator": "Equals", "values": ["red"]}]},
            "The operand 'Colour' is not supported; expected one of LatestOnly, PipelineName",
        ),
        (
            {**WINDOW, "filters": [{"operand": "ActivityName", "operator": "Equals", "values": ["a"]}]},
            "The operand 'ActivityName' is not supported",
        ),
        (
            {**WINDOW, "filters": [{"operand": "Status", "operator": "Like", "values": ["red"]}]},
            "The filter with operand 'Status' and operator 'Like' is not supported.",
        ),
        ({**WINDOW, "orderBy": [{"orderBy": "Colour", "order": "ASC"}]}, "The orderBy 'Colour' is not supported"),
        ({**WINDOW, "orderBy": [{"orderBy": "Status", "order": "UP"}]}, "The order 'UP' is not supported"),
        ({**WINDOW, "continuationToken": "next"}, "The continuationToken 'next' is not one that an answer gave."),
        ([], "expected a JSON object"),
    ],
)
def test_a_query_that_cannot_be_meant_is_refused(bench: Bench, body: Any, message: str) -> None:
    bench.put("/pipelines/p", WAIT_PIPELINE)
    _finish(bench, _start(bench, "p"))
    answer = bench.call("POST", "/queryPipelineRuns", body)
    assert answer.status == 400
    assert message in json.loads(answer.content())["message"]


def test_activities_of_a_run_are_asked_for_under_its_own_pipeline(bench: Bench) -> None:
    bench.put("/pipelines/p", WAIT_PIPELINE)
    run_id = _start(bench, "p")
    _finish(bench, run_id)
    answer = bench.call("POST", f"/pipelines/q/pipelineruns/{run_id}/queryActivityruns", WINDOW)
    assert f"The pipeline run {run_id} is a run of 'p', not of 'q'." in answer.content().decode()


@pytest.fixture
def timed(tmp_path: Path) -> Iterator[tuple[Bench, ManualClock]]:
    """A workspace on a clock that only the test moves."""
    clock = ManualClock(datetime(2021, 7, 14, 0, 30, tzinfo=UTC))
    azure = LocalAzure(tmp_path, Settings(lro_polls=0), clock, ("identity", "synapse_workspace"))
    yield make_workspace(azure), clock
    azure.stop()


def _schedule(value: str = "@trigger().scheduledTime", **recurrence: Any) -> dict[str, Any]:
    return {
        "type": "ScheduleTrigger",
        "typeProperties": {
            "recurrence": {
                "frequency": "Hour",
                "interval": 1,
                "startTime": "2021-07-01T00:00:00Z",
                "timeZone": "UTC",
                **recurrence,
            }
        },
        "pipelines": [
            {"pipelineReference": {"referenceName": "p", "type": "PipelineReference"}, "parameters": {"when": value}}
        ],
    }


def _trigger_runs(bench: Bench) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(bench.call("POST", "/queryTriggerRuns", WINDOW).content())["value"]
    return found


def test_a_started_trigger_fires_on_time_with_its_parameters(timed: tuple[Bench, ManualClock]) -> None:
    bench, clock = timed
    bench.put("/pipelines/p", _set("x", when={"type": "String"}))
    bench.put("/triggers/t", _schedule())
    bench.call("POST", "/triggers/t/start")
    bench.service.scheduler.look()
    assert _trigger_runs(bench) == []
    clock.advance(timedelta(minutes=31))
    bench.service.scheduler.look()
    (fired,) = _trigger_runs(bench)
    assert (fired["triggerName"], fired["triggerType"], fired["status"]) == ("t", "ScheduleTrigger", "Succeeded")
    run = _finish(bench, fired["triggeredPipelines"]["p"])
    assert run["parameters"] == {"when": "2021-07-14T01:00:00Z"}
    assert run["invokedBy"]["invokedByType"] == "ScheduleTrigger"


def test_a_stopped_trigger_does_not_fire(timed: tuple[Bench, ManualClock]) -> None:
    bench, clock = timed
    bench.put("/pipelines/p", _set("x", when={"type": "String"}))
    bench.put("/triggers/t", _schedule())
    bench.call("POST", "/triggers/t/start")
    bench.call("POST", "/triggers/t/stop")
    clock.advance(timedelta(hours=2))
    bench.service.scheduler.look()
    assert _trigger_runs(bench) == []


def test_every_missed_hour_fires_once_and_reruns_keep_the_scheduled_time(timed: tuple[Bench, ManualClock]) -> None:
    bench, clock = timed
    bench.put("/pipelines/p", _set("x", when={"type": "String"}))
    bench.put("/triggers/t", _schedule("@formatDateTime(trigger().scheduledTime, 'HH:mm')"))
    bench.call("POST", "/triggers/t/start")
    clock.advance(timedelta(hours=3))
    bench.service.scheduler.look()
    bench.service.scheduler.look()
    fired = _trigger_runs(bench)
    assert len(fired) == 3
    bench.put("/triggers/other", json.loads(bench.call("GET", "/triggers/t").content())["properties"])
    assert bench.call("POST", f"/triggers/other/triggerRuns/{fired[0]['triggerRunId']}/rerun").status == 404
    assert bench.call("POST", f"/triggers/t/triggerRuns/{fired[0]['triggerRunId']}/rerun").status == 200
    times = sorted(_finish(bench, run["triggeredPipelines"]["p"])["parameters"]["when"] for run in _trigger_runs(bench))
    assert times == ["01:00", "01:00", "02:00", "03:00"]


def test_a_trigger_whose_pipeline_cannot_start_is_recorded_as_failed(timed: tuple[Bench, ManualClock]) -> None:
    bench, clock = timed
    bench.put("/pipelines/p", _set("x", other={"type": "String"}))
    bench.put("/triggers/t", _schedule())
    bench.call("POST", "/triggers/t/start")
    clock.advance(timedelta(hours=1))
    bench.service.scheduler.look()
    (fired,) = _trigger_runs(bench)
    assert fired["status"] == "Failed"
    assert "has no parameter 'when'" in fired["message"]


def test_a_trigger_parameter_that_cannot_be_evaluated_is_recorded(timed: tuple[Bench, ManualClock]) -> None:
    bench, clock = timed
    bench.put("/pipelines/p", _set("x", when={"type": "String"}))
    bench.put("/triggers/t", _schedule("@trigger().outputs.nothing"))
    bench.call("POST", "/triggers/t/start")
    clock.advance(timedelta(hours=1))
    bench.service.scheduler.look()
    assert "property 'nothing' doesn't exist" in _trigger_runs(bench)[0]["message"]


def test_a_rerun_of_an_unknown_trigger_run_is_404(bench: Bench) -> None:
    bench.put("/pipelines/p", WAIT_PIPELINE)
    bench.put("/triggers/t", _schedule())
    assert bench.call("POST", "/triggers/t/triggerRuns/nothing/rerun").status == 404


def test_runs_in_flight_at_a_restart_have_failed_and_everything_else_is_kept(tmp_path: Path) -> None:
    names = ("identity", "synapse_workspace")
    first = LocalAzure(tmp_path, Settings(lro_polls=0), services=names)
    bench = make_workspace(first)
    bench.put("/pipelines/p", _wait(60))
    run_id = _start(bench, "p")
    first.stop()
    again = Bench(LocalAzure(tmp_path, Settings(lro_polls=0), services=names), bench.name)
    run = json.loads(again.call("GET", f"/pipelineruns/{run_id}").content())
    assert again.call("GET", "/pipelines/p").status == 200
    assert run["status"] in ("Failed", "Cancelled")
    again.azure.stop()


def test_a_run_that_a_crash_cut_off_is_failed_with_a_plain_message(tmp_path: Path) -> None:
    names = ("identity", "synapse_workspace")
    first = LocalAzure(tmp_path, Settings(lro_polls=0), services=names)
    bench = make_workspace(first)
    bench.put("/pipelines/p", WAIT_PIPELINE)
    run_id = _start(bench, "p")
    _finish(bench, run_id)
    runs = first.state.collection("synapse-pipeline-runs")
    key, document = next(runs.scan())
    runs.put(key, {**document, "status": "InProgress"})
    first.stop()
    again = Bench(LocalAzure(tmp_path, Settings(lro_polls=0), services=names), bench.name)
    run = json.loads(again.call("GET", f"/pipelineruns/{run_id}").content())
    again.azure.stop()
    assert (run["status"], run["message"]) == (
        "Failed",
        "The run was in progress when the local Azure was stopped; it was not continued.",
    )
