"""The life-cycle kit finds what it is there to find."""

import pytest
from memory_provider import TOKEN, MemoryProvider

from provider_wire.lifecycle import Action, CheckFailed, Lifecycle, RecordingSession, Step, run_table
from provider_wire.verbs import PartialFailure, Severity


@pytest.fixture
def provider() -> MemoryProvider:
    return MemoryProvider()


@pytest.fixture
def life(provider: MemoryProvider) -> Lifecycle:
    return Lifecycle(lambda: provider, TOKEN, written=lambda: provider.writes)


def test_a_whole_life_passes(life: Lifecycle, provider: MemoryProvider) -> None:
    run_table(
        life,
        [
            Step("create", {"name": "a", "content": "x"}, Action.CREATE),
            Step("update", {"name": "a", "content": "y"}, Action.UPDATE, frozenset({'content["a.b"]'})),
            Step("no change", {"name": "a", "content": "y"}, Action.SAME),
            Step("changed outside", None, Action.DRIFT, outside=lambda: provider.boxes.update(a="z")),
            Step("repaired", {"name": "a", "content": "y"}, Action.UPDATE, frozenset({'content["a.b"]'})),
            Step("renamed", {"name": "b", "content": "y"}, Action.REPLACE, frozenset({"name"})),
            Step("deleted outside", None, Action.DELETE, outside=provider.boxes.clear),
            Step("made again", {"name": "b", "content": "y"}, Action.CREATE),
        ],
    )
    life.destroy()
    assert provider.boxes == {}
    assert life.deployed is None


def test_an_import_takes_over_what_exists(life: Lifecycle, provider: MemoryProvider) -> None:
    provider.boxes["a"] = "x"
    assert life.adopt("box/a")
    assert life.preview({"name": "a", "content": "x"}) == (Action.SAME, {})
    assert not life.adopt("box/b")


def test_a_row_that_comes_out_differently_is_named(life: Lifecycle) -> None:
    with pytest.raises(AssertionError, match=r"step 'create': expected .*UPDATE.*, got .*CREATE"):
        run_table(life, [Step("create", {"name": "a"}, Action.UPDATE)])


def test_a_preview_that_writes_is_found(provider: MemoryProvider) -> None:
    counts = iter([0, 1, 1])
    with pytest.raises(AssertionError, match=f"previewing {TOKEN}: 1 requests wrote to the service"):
        Lifecycle(lambda: provider, TOKEN, written=lambda: next(counts)).preview({"name": "a"})


def test_failed_checks_are_raised_with_their_paths(life: Lifecycle) -> None:
    with pytest.raises(CheckFailed, match="name: missing\n: nothing given"):
        life.up({})


def test_a_partial_failure_is_kept_in_the_state_and_forces_an_update(life: Lifecycle) -> None:
    life.up({"name": "a", "content": "x"})
    with pytest.raises(PartialFailure, match="the second half is missing"):
        life.preview({"name": "a", "content": "half"})
    assert life.deployed is not None
    assert life.deployed.state["content"] == "ha"
    assert life.up({"name": "a", "content": "ha"}) is Action.UPDATE


@pytest.mark.parametrize("verb", ["refresh", "destroy"])
def test_nothing_can_be_done_to_a_resource_that_is_not_deployed(life: Lifecycle, verb: str) -> None:
    with pytest.raises(ValueError, match="the resource is not deployed"):
        getattr(life, verb)()


def test_comparing_needs_a_deployed_resource(life: Lifecycle) -> None:
    with pytest.raises(ValueError, match="comparing: the resource is not deployed"):
        life.diff({})


def test_the_session_keeps_lines_and_statuses() -> None:
    session = RecordingSession()
    session.log(Severity.INFO, "a")
    session.status("b")
    assert (session.lines, session.statuses) == ([(Severity.INFO, "a")], ["b"])
