"""Planning what existing paths get: with any lists they end with what they would inherit now, others' entries stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from azure_ids.acl import Acl, entries_of, merge_acl, parse_acl
from dataplane_provider.resources.directory_acl import complete_acl, texts
from dataplane_provider.resources.existing_paths import (
    ALL,
    APPLIED,
    applied_entries,
    failed_state,
    is_settled,
    planned,
)

OURS = [f"aaaaaaaa-0000-4000-8000-00000000000{number}" for number in range(4)]
THEIRS = "bbbbbbbb-0000-4000-8000-000000000001"
permissions = st.sampled_from(["---", "r--", "r-x", "rwx", "--x"])
defaults = st.dictionaries(st.sampled_from(OURS), permissions, max_size=3)


def listed(entries: Mapping[str, str]) -> Acl:
    """The list of a directory whose default entries are these."""
    return complete_acl(["default:user::rwx", *(f"default:user:{id}:{bits}" for id, bits in entries.items())])


def inherited(acl: Acl, is_directory: bool) -> Acl:
    """The list of a path that is made in a directory with that list, with a mode that takes nothing away."""
    default = entries_of(acl, "default")
    access = tuple(replace(entry, scope="access") for entry in default)
    return (*access, *default) if is_directory else access


def after(passes: Sequence[object], acl: Acl, is_directory: bool) -> Acl:
    for each in passes:
        acl = each.changed(acl, is_directory)  # type: ignore[attr-defined]
    return acl


def state(acl: Acl) -> dict[str, object]:
    return {"acl": texts(acl), "existing": ALL, APPLIED: applied_entries(acl)}


@given(defaults, defaults, st.booleans())
def test_a_path_that_was_inherited_from_the_old_list_ends_as_if_it_were_from_the_new(
    old: Mapping[str, str], new: Mapping[str, str], is_directory: bool
) -> None:
    before, wanted = listed(old), listed(new)
    passes = planned(state(before), before, wanted, ALL).passes
    reached = after(passes, inherited(before, is_directory), is_directory)
    assert named(reached) == named(inherited(wanted, is_directory))
    assert bool(passes) == (before != wanted)


@given(defaults, defaults, permissions)
def test_entries_of_others_stay(old: Mapping[str, str], new: Mapping[str, str], theirs: str) -> None:
    before, wanted = listed(old), listed(new)
    path = merge_acl(inherited(before, False), parse_acl(f"user:{THEIRS}:{theirs}"))
    reached = after(planned(state(before), before, wanted, ALL).passes, path, False)
    assert named(reached) == {**named(inherited(wanted, False)), f"user:{THEIRS}": theirs}


@given(defaults, defaults, defaults, st.integers(0, 1))
def test_a_change_that_stopped_and_was_given_up_for_another_leaves_nothing(
    old: Mapping[str, str], given_up: Mapping[str, str], new: Mapping[str, str], done: int
) -> None:
    before, between, wanted = listed(old), listed(given_up), listed(new)
    plan = planned(state(before), before, between, ALL)
    path = after(plan.passes[:done], inherited(before, True), True)
    inputs = {"acl": texts(between), "existing": ALL}
    failed = failed_state(inputs, plan, between, plan.passes[done:], "") if plan.passes else state(before)
    assert not plan.passes or not is_settled(failed, between, ALL)
    reached = after(planned(failed, between, wanted, ALL).passes, path, True)
    assert named(reached) == named(inherited(wanted, True))


@given(defaults, defaults, st.integers(0, 1))
def test_a_change_that_stopped_goes_on_with_the_passes_that_are_left(
    old: Mapping[str, str], new: Mapping[str, str], done: int
) -> None:
    before, wanted = listed(old), listed(new)
    plan = planned(state(before), before, wanted, ALL)
    left = plan.passes[done:]
    if left:
        failed = failed_state({"acl": texts(wanted), "existing": ALL}, plan, wanted, left, "there")
        again = planned(failed, wanted, wanted, ALL)
        assert (again.passes, again.token) == (left, "there")


@given(defaults, defaults)
def test_after_a_kill_the_live_list_says_what_may_be_below(given_up: Mapping[str, str], new: Mapping[str, str]) -> None:
    before, between, wanted = listed({}), listed(given_up), listed(new)
    path = after(planned(state(before), before, between, ALL).passes, inherited(before, True), True)
    reached = after(planned(state(before), between, wanted, ALL).passes, path, True)
    assert named(reached) == named(inherited(wanted, True))


@given(defaults, defaults)
def test_the_service_goes_through_a_tree_only_if_its_top_keeps_its_list(
    access: Mapping[str, str], default: Mapping[str, str]
) -> None:
    entries = [f"user:{id}:{bits}" for id, bits in access.items()]
    wanted = complete_acl([*entries, *texts(entries_of(listed(default), "default"))])
    for each in planned({}, complete_acl([]), wanted, ALL).passes:
        assert each.as_tree == (each.changed(wanted, True) == wanted)


def named(acl: Acl) -> dict[str, str]:
    """The named entries of a list, with their permissions."""
    return dict(str(entry).rsplit(":", 1) for entry in acl if entry.id)
