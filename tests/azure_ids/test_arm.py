"""Ids of Resource Manager: taken apart, put together, compared, and what is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azure_ids.arm import ArmId, ArmIdError

SUBSCRIPTION = "/subscriptions/s"
GROUP = f"{SUBSCRIPTION}/resourceGroups/g"
WORKSPACE = f"{GROUP}/providers/Microsoft.Synapse/workspaces/ws"
ROLE = "/providers/Microsoft.Authorization/roleAssignments/r"
NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"], include_characters="-_."), min_size=1)


@pytest.mark.parametrize(
    ("text", "kind", "name", "parent"),
    [
        (SUBSCRIPTION, "Microsoft.Resources/subscriptions", "s", None),
        (GROUP, "Microsoft.Resources/resourceGroups", "g", SUBSCRIPTION),
        (WORKSPACE, "Microsoft.Synapse/workspaces", "ws", GROUP),
        (f"{WORKSPACE}/firewallRules/f", "Microsoft.Synapse/workspaces/firewallRules", "f", WORKSPACE),
        (WORKSPACE + ROLE, "Microsoft.Authorization/roleAssignments", "r", WORKSPACE),
        (GROUP + ROLE, "Microsoft.Authorization/roleAssignments", "r", GROUP),
        (SUBSCRIPTION + ROLE, "Microsoft.Authorization/roleAssignments", "r", SUBSCRIPTION),
        (ROLE, "Microsoft.Authorization/roleAssignments", "r", None),
    ],
)
def test_an_id_is_taken_apart_and_put_together(text: str, kind: str, name: str, parent: str | None) -> None:
    arm_id = ArmId.parse(text)
    assert (str(arm_id), arm_id.type, arm_id.name) == (text, kind, name)
    if parent is None:
        with pytest.raises(ArmIdError, match=re.escape(f"taking the parent of ARM id '{text}': it has none")):
            _ = arm_id.parent
    else:
        assert str(arm_id.parent) == parent


@given(NAMES, NAMES, st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=4))
def test_every_id_survives_being_written_and_read(group: str, provider: str, segments: list[tuple[str, str]]) -> None:
    arm_id = ArmId("sub", group, provider, tuple(segments))
    assert ArmId.parse(str(arm_id)) == arm_id


def test_an_extension_has_the_group_of_its_scope() -> None:
    arm_id = ArmId.parse(WORKSPACE + ROLE)
    assert (arm_id.subscription_id, arm_id.resource_group) == ("s", "g")
    assert arm_id.scope is not None and str(arm_id.scope) == WORKSPACE


def test_ids_are_built_downward() -> None:
    group = ArmId("s", "g")
    workspace = group.resource("Microsoft.Synapse", "workspaces", "ws")
    assert str(workspace) == WORKSPACE
    assert str(workspace.child("firewallRules", "f")) == f"{WORKSPACE}/firewallRules/f"
    assert str(workspace.resource("Microsoft.Authorization", "roleAssignments", "r")) == WORKSPACE + ROLE
    with pytest.raises(ArmIdError, match=re.escape(f"adding a/b to ARM id '{GROUP}': expected the id of a resource")):
        group.child("a", "b")


def test_case_and_a_final_slash_make_no_difference() -> None:
    assert ArmId.parse(WORKSPACE.upper() + "/").same_as(ArmId.parse(WORKSPACE))
    assert not ArmId.parse(GROUP).same_as(ArmId.parse(WORKSPACE))


@pytest.mark.parametrize(
    "text",
    ["", "/", "x", "/subscriptions", "/subscriptions/", "/subscriptions/s/groups/g", f"{GROUP}/x", "/resourceGroups/g"],
)
def test_what_is_no_container_is_refused(text: str) -> None:
    expected = f"parsing ARM id {text!r}: expected /subscriptions/<id>[/resourceGroups/<name>][/providers/…]"
    with pytest.raises(ArmIdError, match=re.escape(expected)):
        ArmId.parse(text)


@pytest.mark.parametrize("tail", ["Microsoft.Synapse", "Microsoft.Synapse/workspaces", "/a/b", "A/b//", "A/b/c/d"])
def test_what_is_no_resource_is_refused(tail: str) -> None:
    text = f"{GROUP}/providers/{tail}"
    expected = f"parsing ARM id {text!r}: expected /providers/<namespace> and pairs of type and name"
    with pytest.raises(ArmIdError, match=re.escape(expected)):
        ArmId.parse(text)
