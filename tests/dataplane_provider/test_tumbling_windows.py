"""A tumbling window whose start or recurrence changes is made anew: told in the preview, refused above a limit."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from artifact_documents import LOAD, documents
from hypothesis import given
from hypothesis import strategies as st
from provider_bench import Killed, ProviderBench, Reply, lines

from dataplane_provider.resources.tumbling_windows import dependants, passed_windows, replacements
from provider_wire.lifecycle import Action, Lifecycle
from provider_wire.verbs import PartialFailure, ProviderError, Severity

HOURLY = "trigger/hourly"
NOW = datetime(2024, 3, 1, 12, 30, tzinfo=UTC)


def windows(**inside: Any) -> dict[str, Any]:
    """The properties of a tumbling window trigger of `load`: an hour each, from the first of March 2024 on."""
    given = {"frequency": "Hour", "interval": 1, "startTime": "2024-03-01T00:00:00Z", "maxConcurrency": 1, **inside}
    return {
        "type": "TumblingWindowTrigger",
        "pipeline": {"pipelineReference": {"referenceName": "load", "type": "PipelineReference"}},
        "typeProperties": {key: value for key, value in given.items() if value is not None},
    }


@pytest.mark.parametrize(
    ("inside", "count"),
    [
        ({}, 12),
        ({"interval": 5}, 2),
        ({"frequency": "Minute", "interval": 15}, 50),
        ({"frequency": "minute", "interval": 15}, 50),
        ({"startTime": "2024-02-29T12:30:00Z"}, 24),
        ({"startTime": "2030-01-01T00:00:00Z"}, 0),
        ({"endTime": "2024-03-01T04:00:00Z"}, 4),
        ({"endTime": "2024-03-01T04:30:00Z"}, 5),
        ({"endTime": "2024-02-01T00:00:00Z"}, 0),
        ({"delay": "02:00:00"}, 10),
        ({"delay": "1.00:00:00"}, 0),
        ({"frequency": "Month", "startTime": "2023-12-31T00:00:00Z"}, 2),
        ({"frequency": "Month", "interval": 2, "startTime": "2022-01-01T00:00:00Z"}, 13),
        ({"frequency": "Month", "startTime": "2023-01-01T00:00:00Z", "endTime": "2023-03-01T00:00:00Z"}, 2),
    ],
)
def test_windows_that_have_ended_are_counted(inside: Mapping[str, Any], count: int) -> None:
    assert passed_windows(windows(**inside), NOW) == count


@given(st.integers(1, 500), st.integers(0, 5000), st.integers(0, 5000))
def test_windows_are_contiguous_and_each_ends_by_now(interval: int, passed_minutes: int, end_minutes: int) -> None:
    start = NOW - timedelta(minutes=passed_minutes)
    end = start + timedelta(minutes=end_minutes)
    inside = {"frequency": "Minute", "interval": interval, "startTime": f"{start:%Y-%m-%dT%H:%M:%SZ}"}
    counted, begin = 0, start
    while begin + timedelta(minutes=interval) <= NOW and begin < end:
        counted, begin = counted + 1, begin + timedelta(minutes=interval)
    assert passed_windows(windows(**inside, endTime=f"{end:%Y-%m-%dT%H:%M:%SZ}"), NOW) == counted


def test_another_start_is_told_under_a_name_in_another_case(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, "hourly"))
    wanted = inputs(bench, "Hourly", startTime=recent(bench, 7))
    wanted["documents"]["trigger/Hourly"] = {**wanted["documents"].pop(HOURLY), "name": "Hourly"}
    life.up(wanted)
    assert [line.partition(" (")[0] for line in lines(life, Severity.WARNING)] == ["trigger/Hourly is replaced"]
    assert life.preview(wanted) == (Action.SAME, {})
    assert life.refresh() is Action.SAME


@pytest.mark.parametrize(
    "inside", [None, 5, "x", [], {"dependsOn": "hourly"}, {"dependsOn": [None, {"referenceTrigger": 1}]}]
)
def test_what_is_not_of_the_form_of_a_trigger_is_left_to_the_service(inside: Any) -> None:
    before = {HOURLY: {"name": "hourly", "properties": windows()}}
    after = {HOURLY: {"name": "hourly", "properties": {**windows(), "typeProperties": inside}}}
    [found] = replacements(before, after, NOW, None)
    assert (found.name, found.windows) == ("hourly", 0)
    assert dependants(after, {HOURLY}) == {}


@pytest.fixture
def life(bench: ProviderBench) -> Lifecycle:
    return bench.life("WorkspaceArtifacts", "artifacts")


def recent(bench: ProviderBench, hours: int) -> str:
    """So many hours ago."""
    return f"{bench.azure.clock.now().replace(microsecond=0) - timedelta(hours=hours, minutes=1):%Y-%m-%dT%H:%M:%SZ}"


def inputs(bench: ProviderBench, *started: str, **inside: Any) -> dict[str, Any]:
    start = inside.pop("startTime", recent(bench, 3))
    wanted = {key: document for key, document in documents().items() if not key.startswith("trigger/")}
    wanted[HOURLY] = {"name": "hourly", "properties": windows(startTime=start, **inside)}
    return {"endpoint": bench.workspace.endpoint, "documents": wanted, "startedTriggers": list(started)}


def test_another_start_is_told_and_the_trigger_made_anew(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, "hourly"))
    start = recent(bench, 7)
    wanted = inputs(bench, "hourly", startTime=start)
    path = 'documents["trigger/hourly"].properties.typeProperties.startTime'
    action, changes = life.preview(wanted)
    assert (action, set(changes)) == (Action.UPDATE, {path})
    [line] = lines(life, Severity.WARNING)
    assert line == (
        "trigger/hourly is replaced (deleted and made anew): Azure does not change startTime of a tumbling window; "
        f"7 windows from {start} to now will run, those that ran before too"
    )
    bench.wire.calls.clear()
    life.up(wanted)
    assert bench.wire.sent() == [
        "POST /triggers/hourly/stop",
        "DELETE /triggers/hourly",
        "PUT /triggers/hourly",
        "POST /triggers/hourly/start",
    ]
    assert life.refresh() is Action.SAME
    assert life.preview(wanted) == (Action.SAME, {})


@pytest.mark.parametrize(
    ("inside", "changed"),
    [
        ({"interval": 2}, "interval"),
        ({"frequency": "Minute", "interval": 15}, "frequency, interval"),
    ],
)
def test_another_recurrence_is_a_replacement(
    bench: ProviderBench, life: Lifecycle, inside: dict[str, Any], changed: str
) -> None:
    start = recent(bench, 3)
    life.up(inputs(bench, startTime=start))
    life.up(inputs(bench, startTime=start, **inside))
    assert f"Azure does not change {changed} of a tumbling window" in next(lines(life, Severity.WARNING))
    assert "would run if it were started" in next(lines(life, Severity.WARNING))
    assert "DELETE /triggers/hourly" in bench.wire.sent()


@pytest.mark.parametrize("inside", [{"maxConcurrency": 9}, {"delay": "00:10:00"}, {"endTime": "2040-01-01T00:00:00Z"}])
def test_what_can_change_in_place_does(bench: ProviderBench, life: Lifecycle, inside: dict[str, Any]) -> None:
    start = recent(bench, 3)
    life.up(inputs(bench, startTime=start))
    bench.wire.calls.clear()
    life.up(inputs(bench, startTime=start, **inside))
    assert bench.wire.sent() == ["PUT /triggers/hourly"]
    assert list(lines(life, Severity.WARNING)) == []


def test_too_many_windows_are_refused_in_the_preview_without_consent(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, "hourly"))
    many = inputs(bench, "hourly", startTime=recent(bench, 250))
    bench.wire.calls.clear()
    with pytest.raises(ProviderError) as caught:
        life.preview(many)
    assert "250 windows from" in str(caught.value)
    assert str(caught.value).endswith(
        "expected at most 100 windows that run without consent\n"
        "hint: begin later (startTime), or consent: consentedWindows 250 or more "
        "(in this project's stack settings: triggers.consented_windows)"
    )
    assert bench.wire.calls == []
    life.up({**many, "consentedWindows": 250})
    assert life.refresh() is Action.SAME


def test_consent_is_asked_only_for_a_trigger_that_runs(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    life.up(inputs(bench, startTime=recent(bench, 250)))
    assert life.refresh() is Action.SAME


def test_where_operators_decide_consent_is_asked_for_what_runs(bench: ProviderBench, life: Lifecycle) -> None:
    kept = {"keepTriggers": True}
    life.up({**inputs(bench), **kept})
    many = {**inputs(bench, startTime=recent(bench, 250)), **kept}
    with pytest.raises(ProviderError, match="at most 100 windows"):
        life.preview(many)


def test_windows_changed_in_studio_are_not_run_again_without_consent(bench: ProviderBench, life: Lifecycle) -> None:
    """The state does not know of the change: the update looks at what is there."""
    first = inputs(bench, "hourly", startTime=recent(bench, 250))
    life.up(first)
    bench.outside("POST", "/triggers/hourly/stop")()
    bench.outside("DELETE", "/triggers/hourly")()
    bench.outside("PUT", "/triggers/hourly", windows(startTime=recent(bench, 1)))()
    bench.wire.calls.clear()
    described = {**first, "documents": {**first["documents"]}}
    described["documents"][HOURLY] = {
        "name": "hourly",
        "properties": {**first["documents"][HOURLY]["properties"], "description": "x"},
    }
    with pytest.raises(ProviderError, match="at most 100 windows"):
        life.up(described)
    assert bench.wire.writes == 0
    life.up({**described, "consentedWindows": 1000})
    assert life.refresh() is Action.SAME


def test_a_replacement_that_fails_half_way_is_finished_by_the_next_run(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, "hourly"))
    wanted = inputs(bench, "hourly", startTime=recent(bench, 7))
    bench.wire.fail("PUT", "/triggers/hourly", Reply(400, {"code": "BadRequest", "message": "no"}))
    with pytest.raises(PartialFailure, match=r"leaving triggers stopped \(hourly\)"):
        life.up(wanted)
    assert life.deployed and HOURLY not in life.deployed.state["documents"]
    assert LOAD in life.deployed.state["documents"]
    assert bench.documents("triggers") == {}
    life.up(wanted)
    assert bench.documents("triggers")["hourly"]["runtimeState"] == "Started"
    assert life.refresh() is Action.SAME


def test_local_azure_refuses_other_windows_in_place(bench: ProviderBench) -> None:
    bench.outside("PUT", "/pipelines/load", {"activities": []})()
    bench.outside("PUT", "/triggers/hourly", windows())()
    for inside, code in (
        ({"startTime": "2024-01-01T00:00:00Z"}, "TumblingWindowTriggerStartTimeUpdateNotAllowed"),
        ({"interval": 2}, "TumblingWindowTriggerFrequencyOrIntervalUpdateNotAllowed"),
        ({"frequency": "Minute", "interval": 60}, "TumblingWindowTriggerFrequencyOrIntervalUpdateNotAllowed"),
    ):
        accepted = bench.workspace.call("PUT", "/triggers/hourly", {"properties": windows(**inside)})
        answer = bench.workspace.poll(accepted)
        assert answer.status == 400
        assert code.encode() in answer.content()
    bench.outside("PUT", "/triggers/hourly", windows(startTime="2024-03-01T00:00:00.000Z", maxConcurrency=5))()


SELF = {"type": "SelfDependencyTumblingWindowTriggerReference", "offset": "-01:00:00", "size": "01:00:00"}


def depending(on: str, *more: Any, **inside: Any) -> dict[str, Any]:
    """The properties of a trigger that waits for the windows of another one."""
    reference = {"referenceName": on, "type": "TriggerReference"}
    dependency = {"type": "TumblingWindowTriggerDependencyReference", "referenceTrigger": reference}
    return windows(dependsOn=[dependency, *more], **inside)


def chain(bench: ProviderBench, begin: str, first: str = "", second: str = "") -> dict[str, Any]:
    """Three triggers that wait for one another, and begin together but for those of which it is said."""
    wanted = inputs(bench, "hourly", "second", "third", startTime=first or begin)
    for name, properties in (
        ("second", depending("hourly", SELF, startTime=second or begin)),
        ("third", depending("Second", startTime=begin)),
    ):
        wanted["documents"][f"trigger/{name}"] = {"name": name, "properties": properties}
    return wanted


def told_dependencies(bench: ProviderBench, name: str) -> list[Any]:
    """What a trigger waits for, as the service tells."""
    found: list[Any] = bench.documents("triggers")[name]["typeProperties"].get("dependsOn", [])
    return [(each.get("referenceTrigger") or {}).get("referenceName", "itself") for each in found]


def check_settled(bench: ProviderBench, life: Lifecycle, wanted: dict[str, Any]) -> None:
    """Everything is as wanted, and runs."""
    assert life.refresh() is Action.SAME
    assert life.preview(wanted) == (Action.SAME, {})
    triggers = bench.documents("triggers")
    assert {name: each["runtimeState"] for name, each in triggers.items()} == dict.fromkeys(
        ("hourly", "second", "third"), "Started"
    )
    assert told_dependencies(bench, "second") == ["hourly", "itself"]
    assert told_dependencies(bench, "third") == ["Second"]


def test_triggers_that_depend_on_one_that_is_made_anew_let_it_go_and_take_it_back(
    bench: ProviderBench, life: Lifecycle
) -> None:
    begin = recent(bench, 3)
    life.up(chain(bench, begin))
    bench.wire.calls.clear()
    wanted = chain(bench, begin, recent(bench, 5))
    life.up(wanted)
    sent = [line for line in bench.wire.sent("PUT", "DELETE") if "/triggers/" in line]
    assert sent == ["PUT /triggers/second", "DELETE /triggers/hourly", "PUT /triggers/hourly", "PUT /triggers/second"]
    check_settled(bench, life, wanted)


@pytest.mark.parametrize("both", [False, True], ids=["the first", "the first two"])
def test_a_kill_while_triggers_in_a_chain_are_made_anew_is_recovered_from(
    bench: ProviderBench, life: Lifecycle, both: bool
) -> None:
    """The state is that of before then, and nobody refreshes it."""
    begin = recent(bench, 3)
    wanted = chain(bench, begin)
    life.up(wanted)
    for number in range(1, 40):
        other = recent(bench, 4 + number)
        known, wanted = life.deployed, chain(bench, begin, other, other if both else "")
        bench.wire.kill_at(number, arrives=True)
        try:
            life.up(wanted)
            break
        except Killed:
            life.deployed = known
        finally:
            bench.wire.kill_at(None)
        life.up(wanted)
        check_settled(bench, life, wanted)
    assert number > 10
    check_settled(bench, life, wanted)


def test_a_chain_that_is_let_go_and_not_made_anew_is_finished_by_the_next_run(
    bench: ProviderBench, life: Lifecycle
) -> None:
    begin = recent(bench, 3)
    life.up(chain(bench, begin))
    wanted = chain(bench, begin, recent(bench, 5))
    bench.wire.fail("PUT", "/triggers/hourly", Reply(400, {"code": "BadRequest", "message": "no"}))
    with pytest.raises(PartialFailure) as caught:
        life.up(wanted)
    assert "leaving triggers stopped (hourly, second, third)" in str(caught.value)
    assert told_dependencies(bench, "second") == ["itself"]
    bench.wire.heal()
    life.up(wanted)
    check_settled(bench, life, wanted)


def test_a_trigger_that_goes_with_the_one_it_depended_on_made_anew(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(chain(bench, recent(bench, 3)))
    wanted = inputs(bench, "hourly", startTime=recent(bench, 5))
    life.up(wanted)
    assert life.refresh() is Action.SAME
    assert set(bench.documents("triggers")) == {"hourly"}


def test_a_trigger_on_which_others_depend_is_not_made_anew(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench, "hourly"))
    bench.outside("PUT", "/triggers/theirs", depending("hourly", startTime=recent(bench, 3)))()
    bench.wire.calls.clear()
    with pytest.raises(ProviderError) as caught:
        life.up(inputs(bench, "hourly", startTime=recent(bench, 5)))
    assert str(caught.value) == (
        "replacing trigger/hourly: Azure deletes no trigger that another depends on, as trigger/theirs does, which is "
        "of others\nhint: take it out of the dependsOn there first"
    )
    assert bench.wire.writes == 0
