"""Triggers that are left to operators, and artifacts of others: told, never touched."""

import copy
from typing import Any

import pytest
from provider_bench import Killed, Meanwhile, ProviderBench, Reply, lines

from provider_wire.lifecycle import Action, Lifecycle
from provider_wire.verbs import PartialFailure, Severity

WAIT = {"name": "Rest", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}
LOAD = {"name": "load", "properties": {"activities": [WAIT]}}


def trigger(name: str) -> dict[str, Any]:
    recurrence = {"frequency": "Day", "interval": 1, "startTime": "2024-01-01T00:00:00Z", "timeZone": "UTC"}
    called = [{"pipelineReference": {"referenceName": "load", "type": "PipelineReference"}}]
    return {
        "name": name,
        "properties": {"type": "ScheduleTrigger", "pipelines": called, "typeProperties": {"recurrence": recurrence}},
    }


@pytest.fixture
def life(bench: ProviderBench) -> Lifecycle:
    return bench.life("WorkspaceArtifacts", "artifacts")


def inputs(bench: ProviderBench, *triggers: str, started: list[str], **load: Any) -> dict[str, Any]:
    pipeline = copy.deepcopy(LOAD)
    pipeline["properties"].update(load)  # type: ignore[attr-defined]
    documents = {"pipeline/load": pipeline, **{f"trigger/{name}": trigger(name) for name in triggers}}
    kept = {"startedTriggers": started, "keepTriggers": True}
    return {"endpoint": bench.workspace.endpoint, "documents": documents, **kept}


def states(bench: ProviderBench) -> dict[str, str]:
    return {name: each["runtimeState"] for name, each in bench.documents("triggers").items()}


def test_a_new_trigger_runs_as_declared_and_later_as_its_operator_left_it(
    bench: ProviderBench, life: Lifecycle
) -> None:
    given = inputs(bench, "daily", "weekly", started=["daily"])
    life.up(given)
    assert states(bench) == {"daily": "Started", "weekly": "Stopped"}
    bench.outside("POST", "/triggers/daily/stop")()
    bench.outside("POST", "/triggers/weekly/start")()
    assert life.refresh() is Action.SAME
    assert life.preview(given) == (Action.SAME, {})
    bench.wire.calls.clear()
    life.up(inputs(bench, "daily", "weekly", "hourly", started=["daily", "hourly"], concurrency=2))
    assert states(bench) == {"daily": "Stopped", "hourly": "Started", "weekly": "Started"}
    first, *others = [line.rsplit("/triggers/")[1] for line in bench.wire.sent("POST")]
    assert (first, sorted(others)) == ("weekly/stop", ["hourly/start", "weekly/start"])


def test_a_change_of_the_declared_names_changes_nothing_that_is_there(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, "daily", started=["daily"]))
    assert life.preview(inputs(bench, "daily", started=[])) == (Action.SAME, {})


def test_a_refresh_names_what_the_stack_does_not_manage_and_changes_nothing(
    bench: ProviderBench, life: Lifecycle
) -> None:
    given = inputs(bench, started=[])
    life.up(given)
    bench.outside("PUT", "/pipelines/handmade", LOAD["properties"])()  # type: ignore[arg-type]
    assert life.refresh() is Action.SAME
    assert life.preview(given) == (Action.SAME, {})
    assert list(lines(life, Severity.WARNING)) == [
        f"reading {bench.workspace.endpoint}: the workspace holds artifacts that this stack does not manage: "
        "pipeline/handmade"
    ]


REFUSED = Reply(400, {"code": "BadRequest", "message": "no"})


def test_a_new_trigger_that_was_written_and_not_started_is_started_by_the_next_run(
    bench: ProviderBench, life: Lifecycle
) -> None:
    given = inputs(bench, "daily", started=["daily"])
    bench.wire.fail("POST", "/triggers/daily/start", REFUSED)
    with pytest.raises(PartialFailure):
        life.up(given)
    assert states(bench) == {"daily": "Stopped"}
    life.up(given)
    assert states(bench) == {"daily": "Started"}
    assert life.preview(given) == (Action.SAME, {})


def test_a_new_trigger_that_was_written_before_a_kill_is_started_by_the_next_run(
    bench: ProviderBench, life: Lifecycle
) -> None:
    given = inputs(bench, "daily", started=["daily"])
    bench.wire.fail("POST", "/triggers/daily/start", Meanwhile(lambda: bench.wire.kill_at(0)))
    bench.wire.kill_at(None)
    with pytest.raises(Killed):
        life.up(given)
    bench.wire.kill_at(None)
    life.up(given)
    assert states(bench) == {"daily": "Started"}


def test_what_an_operator_left_running_runs_again_though_the_change_failed_first(
    bench: ProviderBench, life: Lifecycle
) -> None:
    life.up(inputs(bench, "daily", "weekly", started=[]))
    bench.outside("POST", "/triggers/daily/start")()
    bench.wire.fail("PUT", "/pipelines/load", REFUSED)
    wanted = inputs(bench, "daily", "weekly", started=[], concurrency=2)
    with pytest.raises(PartialFailure, match=r"leaving triggers stopped \(daily\)"):
        life.up(wanted)
    assert states(bench) == {"daily": "Stopped", "weekly": "Stopped"}
    life.up(wanted)
    assert states(bench) == {"daily": "Started", "weekly": "Stopped"}


def test_a_trigger_whose_stop_is_not_confirmed_runs_in_the_end(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, "daily", started=["daily"]))
    bench.wire.fail("GET", "/triggers/daily", Meanwhile(lambda: None), REFUSED)
    wanted = inputs(bench, "daily", started=["daily"], concurrency=2)
    with pytest.raises(PartialFailure) as caught:
        life.up(wanted)
    assert caught.value.reasons == ("reading trigger/daily: the service answered 400 BadRequest: no",)
    assert states(bench) == {"daily": "Stopped"}
    life.up(wanted)
    assert states(bench) == {"daily": "Started"}
    assert life.preview(wanted) == (Action.SAME, {})
