"""Kills and Ctrl-C at every moment of a run: what is left converges, nothing is orphaned, nothing is there twice."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from artifact_documents import FILES, FLOW, LOAD, NIGHTLY, changed, documents, many
from provider_bench import Killed, Meanwhile, OneRun, ProviderBench, Reply, lines, provider_bench

from azure_ids.synapse import ArtifactId
from dataplane_provider.drift.search import ARTIFACTS, find_drift
from dataplane_provider.drift.state import StateResource
from dataplane_provider.resources.artifact_graph import changed_paths, own_document
from local_azure.server import LocalAzure
from local_azure.settings import Settings
from provider_wire.lifecycle import Action, Lifecycle, RecordingSession
from provider_wire.verbs import PartialFailure, ProviderError, Severity
from synapse_artifacts.packed import pack, unpack

KINDS = {
    "linkedservices": "linkedService",
    "datasets": "dataset",
    "dataflows": "dataflow",
    "pipelines": "pipeline",
    "triggers": "trigger",
}
FOREIGN = "pipeline/foreign"
Documents = Mapping[str, Any]


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAzure]:
    found = LocalAzure(tmp_path_factory.mktemp("azure"), Settings())
    yield found
    found.stop()


def inputs(bench: ProviderBench, wanted: Documents) -> dict[str, Any]:
    started = [key.split("/")[1] for key in wanted if key.startswith("trigger/")]
    return {"endpoint": bench.workspace.endpoint, "documents": pack(wanted), "startedTriggers": started}


def live_documents(bench: ProviderBench) -> dict[str, Any]:
    """What is in the workspace, by artifact id, but for what was there before."""
    return {
        key: own_document(ArtifactId.parse(key), {"properties": properties})
        for collection, kind in KINDS.items()
        for name, properties in bench.documents(collection).items()
        if (key := f"{kind}/{name}") != FOREIGN
    }


def check_converged(bench: ProviderBench, life: Lifecycle, wanted: Documents) -> None:
    live = live_documents(bench)
    assert live.keys() == wanted.keys(), "orphans or gaps"
    assert [key for key in wanted if changed_paths(key, live[key], wanted[key])] == []
    states = {each["runtimeState"] for each in bench.documents("triggers").values()}
    assert states <= {"Started"}
    assert life.refresh() is Action.SAME
    assert life.preview(inputs(bench, wanted)) == (Action.SAME, {})
    assert FOREIGN.split("/")[1] in bench.documents("pipelines")


def small_change() -> dict[str, Any]:
    """A change that stops, writes, replaces, deletes, adds and starts."""
    wanted = changed(LOAD, "activities", 1, "policy", "timeout", to="0.02:00:00")
    wanted["dataset/other"] = {**wanted[FILES], "name": "other"}
    wanted["pipeline/rest"] = {
        "name": "rest",
        "properties": {"activities": wanted[LOAD]["properties"]["activities"][:1]},
    }
    del wanted[LOAD]
    del wanted[FLOW]
    wanted[NIGHTLY]["properties"]["pipelines"][0]["pipelineReference"]["referenceName"] = "rest"
    return wanted


BEFORE: dict[str, Documents | None] = {"create": None, "update": documents()}
WANTED: dict[str, Documents] = {"create": documents(), "update": small_change()}


def life_before(azure: LocalAzure, phase: str) -> tuple[ProviderBench, Lifecycle]:
    bench = provider_bench(azure)
    bench.outside("PUT", "/pipelines/foreign", {"activities": []})()
    life = bench.life("WorkspaceArtifacts", "artifacts")
    before = BEFORE[phase]
    if before is not None:
        life.up(inputs(bench, before))
    return bench, life


@pytest.mark.parametrize("arrives", [False, True], ids=["before the request arrives", "before its answer arrives"])
@pytest.mark.parametrize("phase", ["create", "update"])
def test_a_kill_at_any_request_is_recovered_from_by_the_next_run(azure: LocalAzure, phase: str, arrives: bool) -> None:
    number, killed = 0, True
    while killed:
        number += 1
        bench, life = life_before(azure, phase)
        bench.wire.kill_at(number, arrives)
        try:
            life.up(inputs(bench, WANTED[phase]))
            killed = False
        except Killed:
            bench.wire.kill_at(None)
            life.up(inputs(bench, WANTED[phase]))
        bench.wire.kill_at(None)
        check_converged(bench, life, WANTED[phase])
    assert number > 15, "the kills went through the whole run"


@pytest.mark.parametrize("phase", ["create", "update"])
def test_ctrl_c_at_any_request_leaves_a_true_state_and_the_next_run_finishes(azure: LocalAzure, phase: str) -> None:
    number, stopped = 0, True
    while stopped:
        number += 1
        bench, life = life_before(azure, phase)
        stopped = _stopped_at(bench, life, number, partial(life.up, inputs(bench, WANTED[phase])))
        if stopped:
            _check_state(bench, life)
            life.session = RecordingSession(OneRun(bench.time))
            life.up(inputs(bench, WANTED[phase]))
        check_converged(bench, life, WANTED[phase])
    assert number > 15, "the wish came at every moment of the run"


def test_ctrl_c_at_any_request_of_a_deletion_is_finished_by_the_next(azure: LocalAzure) -> None:
    number, stopped = 0, True
    while stopped:
        number += 1
        bench, life = life_before(azure, "update")
        stopped = _stopped_at(bench, life, number, life.destroy)
        if stopped:
            life.session = RecordingSession(OneRun(bench.time))
            life.destroy()
        assert live_documents(bench) == {}
    assert number > 10


def _stopped_at(bench: ProviderBench, life: Lifecycle, number: int, act: Callable[[], object]) -> bool:
    """Whether the wish to stop, with the request of that number, ended the act before its end."""
    run = OneRun(bench.time)
    life.session = RecordingSession(run)
    bench.wire.fail("", "", *[Meanwhile(lambda: None)] * (number - 1), Meanwhile(run.request))
    told = ""
    try:
        act()
    except ProviderError as error:
        told = str(error)
    bench.wire.heal()
    assert not told or "stopped on request" in told
    return bool(told)


def _check_state(bench: ProviderBench, life: Lifecycle) -> None:
    """The state holds what is there: what was under way has ended."""
    held = unpack(life.deployed.state["documents"]) if life.deployed else {}
    live = live_documents(bench)
    apart = {key for key in held.keys() | live.keys() if key not in held or key not in live}
    apart |= {key for key in held.keys() & live.keys() if changed_paths(key, live[key], held[key])}
    assert apart == set()


CHANGE = changed(LOAD, "description", to="x")


def life_with_operators(azure: LocalAzure) -> tuple[ProviderBench, Lifecycle]:
    """A stack that starts nothing; an operator started its trigger, and one that is not the stack's."""
    bench = provider_bench(azure)
    bench.outside("PUT", "/pipelines/foreign", {"activities": []})()
    life = bench.life("WorkspaceArtifacts", "artifacts")
    life.up(as_operators_left(bench, documents()))
    bench.outside("PUT", "/triggers/theirs", documents()[NIGHTLY]["properties"])()
    for name in ("nightly", "theirs"):
        bench.outside("POST", f"/triggers/{name}/start")()
    return bench, life


def as_operators_left(bench: ProviderBench, wanted: Documents) -> dict[str, Any]:
    return {**inputs(bench, wanted), "startedTriggers": [], "keepTriggers": True}


def states(bench: ProviderBench) -> dict[str, str]:
    return {name: each["runtimeState"] for name, each in bench.documents("triggers").items()}


BOTH_RUN = {"nightly": "Started", "theirs": "Started"}


@pytest.mark.parametrize("looks_first", [False, True], ids=["at once", "after a refresh"])
@pytest.mark.parametrize("arrives", [False, True], ids=["before the request arrives", "before its answer arrives"])
def test_what_only_operators_had_started_runs_again_after_a_kill_at_any_request(
    azure: LocalAzure, arrives: bool, looks_first: bool
) -> None:
    number, killed = 0, True
    while killed:
        number += 1
        bench, life = life_with_operators(azure)
        wanted = as_operators_left(bench, CHANGE)
        bench.wire.kill_at(number, arrives)
        try:
            life.up(wanted)
            killed = False
        except Killed:
            bench.wire.kill_at(None)
            if looks_first:
                life.refresh()
            life.up(wanted)
        bench.wire.kill_at(None)
        assert states(bench) == BOTH_RUN, number
        assert live_documents(bench).keys() == {*documents(), "trigger/theirs"}, "the note is gone"
        assert life.refresh() is Action.SAME
        assert life.preview(wanted) == (Action.SAME, {})
    assert number > 12, "the kills went through the whole run"


def killed_half_way(azure: LocalAzure) -> tuple[ProviderBench, Lifecycle]:
    """Triggers of operators rest; the change is written, which nobody knows."""
    bench, life = life_with_operators(azure)
    kill = Meanwhile(lambda: bench.wire.kill_at(0))
    bench.wire.fail("PUT", "/pipelines/load", kill)
    with pytest.raises(Killed):
        life.up(as_operators_left(bench, CHANGE))
    bench.wire.kill_at(None)
    bench.wire.heal()
    assert set(states(bench).values()) == {"Stopped"}
    return bench, life


def test_what_rests_since_a_kill_is_told_by_refresh_and_drift_and_is_no_artifact(azure: LocalAzure) -> None:
    bench, life = killed_half_way(azure)
    assert life.refresh() is Action.DRIFT
    assert list(lines(life, Severity.WARNING)) == [
        f"reading {bench.workspace.endpoint}: the workspace holds artifacts that this stack does not manage: "
        "pipeline/foreign, trigger/theirs",
        f"reading {bench.workspace.endpoint}: the workspace differs from the state at "
        'documents["pipeline/load"].properties.description',
        f"reading {bench.workspace.endpoint}: triggers stand stopped since an update was interrupted: nightly, theirs\n"
        "hint: pulumi up --refresh starts them again",
    ]
    assert life.deployed
    with ThreadPoolExecutor(4) as pool:
        known = StateResource(ARTIFACTS, life.deployed.id, life.deployed.state)
        told = [str(each) for each in find_drift([known], bench.connections(), pool)]
    assert told == [
        "stopped   trigger/nightly: since an update was interrupted; pulumi up --refresh starts it",
        "stopped   trigger/theirs: since an update was interrupted; pulumi up --refresh starts it",
        "unmanaged pipeline/foreign",
        "unmanaged trigger/theirs",
    ]


def test_a_change_that_was_taken_back_after_a_kill_resumes_too(azure: LocalAzure) -> None:
    bench, life = killed_half_way(azure)
    life.refresh()
    life.up(as_operators_left(bench, documents()))
    assert states(bench) == BOTH_RUN
    assert life.preview(as_operators_left(bench, documents())) == (Action.SAME, {})


def test_a_trigger_that_is_gone_meanwhile_is_not_resumed(azure: LocalAzure) -> None:
    bench, life = killed_half_way(azure)
    bench.outside("DELETE", "/triggers/theirs")()
    life.up(as_operators_left(bench, CHANGE))
    assert states(bench) == {"nightly": "Started"}


def test_a_note_that_cannot_be_written_stops_nothing(azure: LocalAzure) -> None:
    bench, life = life_with_operators(azure)
    bench.wire.fail("PUT", "/pipelines/_resume_triggers_", Reply(400, {"code": "BadRequest", "message": "no"}))
    with pytest.raises(PartialFailure, match=r"publishing pipeline/_resume_triggers_.*: the service answered 400"):
        life.up(as_operators_left(bench, CHANGE))
    assert states(bench) == BOTH_RUN


def test_a_stack_that_is_destroyed_after_a_kill_takes_its_note_along(azure: LocalAzure) -> None:
    bench, life = killed_half_way(azure)
    bench.outside("DELETE", "/triggers/theirs")()
    bench.outside("PUT", "/triggers/others", {**documents()[NIGHTLY]["properties"], "pipelines": []})()
    life.destroy()
    assert live_documents(bench).keys() == {"trigger/others"}
    assert "start them in Studio (theirs)" in list(lines(life, Severity.WARNING))[-1]


def test_what_only_a_run_knows_is_told_before_it_is_stopped(azure: LocalAzure) -> None:
    _, life = killed_half_way(azure)
    assert (
        "stopping triggers that run as an operator left them (nightly, theirs); they are started again in the end; "
        "if this run is killed the next one starts them"
    ) in list(lines(life, Severity.INFO))


def test_triggers_that_the_program_starts_need_no_note(azure: LocalAzure) -> None:
    bench, life = life_before(azure, "update")
    bench.wire.calls.clear()
    life.up(inputs(bench, CHANGE))
    assert [call.path for call in bench.wire.calls if "_resume" in call.path and call.method != "GET"] == []


@pytest.mark.parametrize("seed", range(4))
def test_25_kills_at_random_moments_of_a_run_of_200_artifacts(azure: LocalAzure, seed: int) -> None:
    """From nothing, then from version to version, each killed some times before it may finish."""
    chance = random.Random(seed)
    bench, life = life_before(azure, "create")
    kills, version = 0, 0
    while kills < 25:
        wanted = many(200, version)
        assert len(wanted) == 201
        for _ in range(13):
            bench.wire.kill_at(chance.randint(1, chance.choice((80, 80, 80, 500))), chance.random() < 0.5)
            try:
                life.up(inputs(bench, wanted))
            except Killed:
                kills += 1
        bench.wire.kill_at(None)
        life.up(inputs(bench, wanted))
        check_converged(bench, life, wanted)
        version += 1
