"""Synapse roles: one assignment for a role, a principal and a scope, with the same id on every machine."""

import json

import pytest
from provider_bench import ProviderBench, lines

from provider_wire.lifecycle import Action, CheckFailed, Lifecycle, Step, run_table
from provider_wire.verbs import ProviderError, Severity

USER = "2a385764-43e8-416c-9825-7b18d05a2c4b"


@pytest.fixture
def life(bench: ProviderBench) -> Lifecycle:
    return bench.life("SynapseRoleAssignment", "reader")


def inputs(bench: ProviderBench, **more: object) -> dict[str, object]:
    principal = bench.workspace.principal("data-engineer").object_id
    return {"endpoint": bench.workspace.endpoint, "principalId": principal, "roleName": "Synapse User", **more}


def assigned(bench: ProviderBench) -> list[str]:
    principal = bench.workspace.principal("data-engineer").object_id
    items = json.loads(bench.workspace.call("GET", "/roleAssignments").content())["value"]
    return [item["roleDefinitionId"] for item in items if item["principalId"] == principal]


def test_a_role_is_assigned(bench: ProviderBench, life: Lifecycle) -> None:
    run_table(life, [Step("create", inputs(bench, principalType="ServicePrincipal"), Action.CREATE)])
    assert assigned(bench) == [USER]
    assert life.deployed
    assert life.deployed.id == f"{bench.workspace.endpoint}/roleAssignments/{life.deployed.state['assignmentId']}"


def test_the_id_is_the_same_each_time(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    first = life.deployed and life.deployed.id
    life.destroy()
    life.up(inputs(bench))
    assert life.deployed and life.deployed.id == first


def test_an_assignment_that_exists_is_taken_over_whatever_its_id(bench: ProviderBench, life: Lifecycle) -> None:
    id = "12345678-0000-4000-8000-000000000000"
    principal = inputs(bench)["principalId"]
    scope = f"workspaces/{bench.workspace.name}"
    body = {"roleId": USER, "principalId": principal, "scope": scope, "principalType": "ServicePrincipal"}
    assert bench.workspace.call("PUT", f"/roleAssignments/{id}", body).status == 200
    run_table(life, [Step("create", inputs(bench), Action.CREATE)])
    assert bench.wire.writes == 0
    assert list(lines(life, Severity.INFO)) == [f"creating role assignment {id}: it exists, taken over"]


def test_every_argument_is_kept(bench: ProviderBench, life: Lifecycle) -> None:
    wanted = {key: value for key, value in inputs(bench).items() if key != "roleName"}
    wanted |= {
        "roleDefinitionId": USER.upper(),
        "principalType": "ServicePrincipal",
        "scope": f"workspaces/{bench.workspace.name}",
        "propagationTimeoutSeconds": 60,
    }
    run_table(life, [Step("create", wanted, Action.CREATE)])
    assert life.deployed and life.deployed.inputs == wanted
    assert assigned(bench) == [USER]


def test_changes_drift_and_deletion_follow_the_table(bench: ProviderBench, life: Lifecycle) -> None:
    def deleted() -> None:
        assert life.deployed
        bench.workspace.call("DELETE", f"/roleAssignments/{life.deployed.state['assignmentId']}")

    longer = inputs(bench, propagationTimeoutSeconds=900)
    other = inputs(bench, roleName="Synapse Artifact User")
    run_table(
        life,
        [
            Step("create", inputs(bench), Action.CREATE),
            Step("setting", longer, Action.UPDATE, frozenset({"propagationTimeoutSeconds"})),
            Step("deleted outside", None, Action.DELETE, outside=deleted),
            Step("made again", inputs(bench), Action.CREATE),
            Step("other role", other, Action.REPLACE, frozenset({"roleName"})),
        ],
    )
    assert len(assigned(bench)) == 1
    life.destroy()
    assert assigned(bench) == []


def test_an_assignment_that_became_another_one_is_drift(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    assert life.deployed
    path = f"/roleAssignments/{life.deployed.state['assignmentId']}"
    bench.workspace.call("DELETE", path)
    other = bench.workspace.principal("auditor").object_id
    body = {"roleId": USER, "principalId": other, "scope": f"workspaces/{bench.workspace.name}"}
    assert bench.workspace.call("PUT", path, body).status == 200
    assert life.refresh() is Action.DRIFT
    assert life.deployed.state["principalId"] == other
    assert life.preview(inputs(bench)) == (Action.REPLACE, life.diff(life.check(inputs(bench))))
    assert set(life.diff(life.check(inputs(bench)))) == {"principalId"}


def test_an_assignment_whose_scope_became_another_is_drift_and_made_anew(bench: ProviderBench, life: Lifecycle) -> None:
    life.up(inputs(bench))
    assert life.deployed
    path, whole = f"/roleAssignments/{life.deployed.state['assignmentId']}", f"workspaces/{bench.workspace.name}"
    given = json.loads(bench.workspace.call("GET", path).content())
    assert bench.workspace.call("DELETE", path).status == 200
    body = {"roleId": given["roleDefinitionId"], "principalId": given["principalId"]}
    body["scope"] = f"{whole}/linkedServices/lake"
    assert bench.workspace.call("PUT", path, body).status == 200
    assert life.refresh() is Action.DRIFT
    action, changes = life.preview(inputs(bench))
    assert (action, set(changes)) == (Action.REPLACE, {"scope"})
    life.destroy()
    life.up(inputs(bench))
    assert json.loads(bench.workspace.call("GET", path).content())["scope"] == whole
    assert life.refresh() is Action.SAME


@pytest.mark.parametrize("kind", [{"principalType": "ServicePrincipal"}, {}])
def test_an_assignment_is_imported_by_its_id(bench: ProviderBench, life: Lifecycle, kind: dict[str, str]) -> None:
    life.up(inputs(bench, **kind))
    assert life.deployed
    other = bench.life("SynapseRoleAssignment")
    assert other.adopt(life.deployed.id)
    wanted = inputs(bench, scope=f"workspaces/{bench.workspace.name}", **kind)
    assert other.preview(wanted) == (Action.SAME, {})
    assert other.refresh() is Action.SAME
    nothing = f"{bench.workspace.endpoint}/roleAssignments/12345678-0000-4000-8000-000000000000"
    assert not bench.life("SynapseRoleAssignment").adopt(nothing)


def test_an_id_of_nothing_is_refused(life: Lifecycle) -> None:
    with pytest.raises(ProviderError) as caught:
        life.adopt("reader")
    assert str(caught.value) == (
        "reading role assignment 'reader': it is not an id of one\n"
        "expected https://<workspace>.dev.azuresynapse.net/roleAssignments/<guid>"
    )


def test_an_unknown_role_is_refused_with_the_known_ones(bench: ProviderBench, life: Lifecycle) -> None:
    with pytest.raises(ProviderError) as caught:
        life.up(inputs(bench, roleName="Synapse Boss"))
    first, second = str(caught.value).split("\n")
    assert first == f"looking up role 'Synapse Boss' of {bench.workspace.endpoint}: no such role"
    assert second.startswith("expected one of ") and "Synapse Administrator, " in second


def test_wrong_inputs_are_all_reported_before_anything_is_sent(bench: ProviderBench, life: Lifecycle) -> None:
    given = {
        "endpoint": "https://example.org",
        "principalId": "me",
        "roleName": "a",
        "roleDefinitionId": "b",
        "principalType": "Person",
        "scope": "/subscriptions/x",
    }
    with pytest.raises(CheckFailed) as caught:
        life.check(given)
    assert [(failure.property_path, failure.reason) for failure in caught.value.failures] == [
        (
            "endpoint",
            "parsing workspace endpoint 'https://example.org': it is not an endpoint of a workspace\n"
            "expected https://<workspace>.dev.azuresynapse.net",
        ),
        ("roleName", "expected exactly one of roleName and roleDefinitionId"),
        ("principalId", "principalId is 'me'\nexpected a GUID"),
        ("roleDefinitionId", "roleDefinitionId is 'b'\nexpected a GUID"),
        ("principalType", "principalType is 'Person'\nexpected one of User, Group, ServicePrincipal"),
        ("scope", "scope is '/subscriptions/x'\nexpected workspaces/<workspace> or a path below it"),
    ]
    assert bench.wire.calls == []
