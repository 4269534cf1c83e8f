"""Synapse roles: listed and assigned through the official client, enforced on every call, with a lag."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from synapse_bench import VAULT_LINK, WAIT_PIPELINE, Bench, add_firewall_rule, grant, make_workspace

from local_azure.authorization import RoleAssignment
from local_azure.clock import ManualClock
from local_azure.http import Request, Response
from local_azure.role_definitions import OWNER
from local_azure.server import LocalAzure
from local_azure.services.synapse_workspace.role_definitions import BY_ID, ROLES
from local_azure.settings import Settings

ROLE = {role.name: role.id for role in ROLES}


def _json(response: Response) -> Any:
    return json.loads(response.content())


def test_the_built_in_roles_are_listed_with_their_ids(bench: Bench) -> None:
    client = bench.access_client()
    found = {role.name: role for role in client.role_definitions.list_role_definitions()}
    assert found["Synapse Administrator"].id == "6e4bf58a-b8e1-4cc3-bbf9-d73143322b78"
    assert found["Synapse Contributor"].id == "7572bffe-f453-4b66-912a-46cc5ef38fda"
    assert len(found) == 11
    user = client.role_definitions.get_role_definition_by_id(ROLE["Synapse User"])
    assert user.permissions[0].data_actions == ["Microsoft.Synapse/workspaces/read"]
    assert client.role_definitions.list_role_definitions(is_built_in=False) == []
    assert client.role_definitions.list_scopes()[0] == "workspaces/{workspaceName}"
    with pytest.raises(HttpResponseError, match="The role definition 'nothing' could not be found"):
        client.role_definitions.get_role_definition_by_id("nothing")


def test_role_definitions_are_filtered_by_scope(bench: Bench) -> None:
    answer = bench.call("GET", f"/roleDefinitions?scope=workspaces/{bench.name}/credentials/c")
    assert {role["name"] for role in _json(answer)} == {
        "Synapse Administrator",
        "Synapse Credential User",
        "Synapse User",
    }


def test_the_creator_is_synapse_administrator_from_the_start(bench: Bench) -> None:
    client = bench.access_client()
    listed = client.role_assignments.list_role_assignments()
    assert listed.count == 1
    assert listed.value[0].role_definition_id == ROLE["Synapse Administrator"]
    assert listed.value[0].principal_id == bench.principal("deployer").object_id


def test_a_role_is_assigned_read_filtered_and_removed(bench: Bench) -> None:
    client = bench.access_client()
    name, engineer = str(uuid.uuid4()), bench.principal("data-engineer").object_id
    made = client.role_assignments.create_role_assignment(
        name, ROLE["Synapse Artifact User"], engineer, f"workspaces/{bench.name}"
    )
    assert (made.id, made.principal_type, made.scope) == (name, None, f"workspaces/{bench.name}")
    assert client.role_assignments.get_role_assignment_by_id(name).principal_id == engineer
    assert client.role_assignments.list_role_assignments(principal_id=engineer).count == 1
    client.role_assignments.delete_role_assignment_by_id(name)
    client.role_assignments.delete_role_assignment_by_id(name)
    with pytest.raises(HttpResponseError, match=f"The role assignment '{name}' could not be found"):
        client.role_assignments.get_role_assignment_by_id(name)


def test_a_group_role_counts_for_its_members(bench: Bench) -> None:
    group = bench.principal("data-scientists").object_id
    whole = f"workspaces/{bench.name}"
    body = {"roleId": ROLE["Synapse Artifact User"], "principalId": group, "scope": whole, "principalType": "Group"}
    assert bench.call("GET", "/pipelines", None, "data-scientist").status == 403
    assert _json(bench.call("PUT", f"/roleAssignments/{uuid.uuid4()}", body))["principalType"] == "Group"
    assert bench.call("GET", "/pipelines", None, "data-scientist").status == 200


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"roleId": "nothing"}, 400, "InvalidRoleId"),
        ({"principalId": "nobody"}, 400, "PrincipalTypeNotSupported"),
        ({"principalType": "User"}, 400, "PrincipalTypeMismatch"),
        ({"scope": "workspaces/other"}, 400, "InvalidScope"),
        ({"scope": "somewhere"}, 400, "InvalidScope"),
        ({"roleId": ROLE["Synapse Artifact User"], "scope": "CREDENTIAL"}, 400, "ScopeNotSupported"),
    ],
)
def test_a_wrong_assignment_is_refused(bench: Bench, change: dict[str, str], status: int, code: str) -> None:
    body = {
        "roleId": ROLE["Synapse User"],
        "principalId": bench.principal("auditor").object_id,
        "scope": f"workspaces/{bench.name}",
        **change,
    }
    body["scope"] = body["scope"].replace("CREDENTIAL", f"workspaces/{bench.name}/credentials/c")
    answer = bench.call("PUT", f"/roleAssignments/{uuid.uuid4()}", body)
    assert (answer.status, _json(answer)["error"]["code"]) == (status, code)


def test_the_same_assignment_again_is_taken_another_of_the_same_name_or_kind_is_a_conflict(bench: Bench) -> None:
    name, auditor = str(uuid.uuid4()), bench.principal("auditor").object_id
    body = {"roleId": ROLE["Synapse User"], "principalId": auditor, "scope": f"workspaces/{bench.name}"}
    assert bench.call("PUT", f"/roleAssignments/{name}", body).status == 200
    assert bench.call("PUT", f"/roleAssignments/{name}", body).status == 200
    again = bench.call("PUT", f"/roleAssignments/{uuid.uuid4()}", body)
    assert (again.status, _json(again)["error"]["code"]) == (409, "RoleAssignmentExists")
    changed = bench.call("PUT", f"/roleAssignments/{name}", {**body, "roleId": ROLE["Synapse Contributor"]})
    assert (changed.status, _json(changed)["error"]["code"]) == (409, "RoleAssignmentUpdateNotPermitted")


def test_without_a_role_every_call_is_refused_in_the_services_words(bench: Bench) -> None:
    answer = bench.call("GET", "/linkedservices", None, "outsider")
    outsider = bench.principal("outsider").object_id
    assert answer.status == 403
    assert _json(answer) == {
        "error": {
            "code": "Unauthorized",
            "message": f"The principal '{outsider}' does not have the required Synapse RBAC permission to perform "
            "this action. Required permission: Action: Microsoft.Synapse/workspaces/read, "
            f"Scope: workspaces/{bench.name}/*.",
        }
    }


CALLS = [
    ("GET", "/linkedservices", "read"),
    ("GET", "/integrationRuntimes", "read"),
    ("GET", "/roleAssignments", "read"),
    ("GET", "/roleDefinitions", "read"),
    ("GET", "/rbacScopes", "read"),
    ("GET", "/operationResults/x", "read"),
    ("GET", "/pipelines", "artifacts/read"),
    ("GET", "/linkedservices/x", "artifacts/read"),
    ("PUT", "/linkedservices/x", "linkedServices/write"),
    ("PUT", "/datasets/x", "datasets/write"),
    ("PUT", "/dataflows/x", "dataFlows/write"),
    ("PUT", "/pipelines/x", "pipelines/write"),
    ("PUT", "/triggers/x", "triggers/write"),
    ("DELETE", "/linkedservices/x", "linkedServices/delete"),
    ("DELETE", "/pipelines/x", "pipelines/delete"),
    ("DELETE", "/triggers/x", "triggers/delete"),
    ("POST", "/pipelines/x/createRun", "credentials/useSecret/action"),
    ("POST", "/triggers/x/start", "credentials/useSecret/action"),
    ("POST", "/triggers/x/stop", "credentials/useSecret/action"),
    ("POST", "/triggers/x/triggerRuns/y/rerun", "credentials/useSecret/action"),
    ("GET", "/pipelineruns/x", "pipelines/viewOutputs/action"),
    ("POST", "/queryPipelineRuns", "pipelines/viewOutputs/action"),
    ("POST", "/queryTriggerRuns", "pipelines/viewOutputs/action"),
    ("POST", "/pipelines/x/pipelineruns/y/queryActivityruns", "pipelines/viewOutputs/action"),
    ("POST", "/pipelineruns/x/cancel", "cancelPipelineRun/action"),
    ("PUT", "/roleAssignments/x", "roleAssignments/write"),
    ("DELETE", "/roleAssignments/x", "roleAssignments/delete"),
]


@pytest.mark.parametrize("role", [role.name for role in ROLES])
def test_each_role_may_call_exactly_what_its_actions_cover(bench: Bench, role: str) -> None:
    grant(bench, ROLE[role], "auditor")
    allowed = BY_ID[ROLE[role]]
    for method, path, action in CALLS:
        answer = bench.call(method, path, {} if method in ("PUT", "POST") else None, "auditor")
        assert (answer.status == 403) is not allowed.allows(action), (method, path, answer.content())


def test_running_a_pipeline_needs_the_credential_at_its_own_scope_or_above(bench: Bench) -> None:
    bench.put("/pipelines/p", WAIT_PIPELINE)
    grant(
        bench,
        ROLE["Synapse Credential User"],
        "auditor",
        f"workspaces/{bench.name}/credentials/WorkspaceSystemIdentity",
    )
    assert bench.call("POST", "/pipelines/p/createRun", {}, "auditor").status == 202
    assert bench.call("GET", "/pipelines/p", None, "auditor").status == 403


def test_a_role_on_something_else_gives_reading_only(bench: Bench) -> None:
    grant(bench, ROLE["Synapse Credential User"], "auditor", f"workspaces/{bench.name}/credentials/other")
    assert bench.call("GET", "/linkedservices", None, "auditor").status == 200
    assert bench.call("POST", "/pipelines/p/createRun", {}, "auditor").status == 403


def test_whoever_may_assign_azure_roles_may_assign_synapse_roles_but_read_no_artifact(bench: Bench) -> None:
    auditor = bench.principal("auditor").object_id
    created = bench.azure.clock.now().isoformat()
    bench.azure.role_assignments.put(
        RoleAssignment(str(uuid.uuid4()), bench.arm_id, OWNER.id, auditor, "ServicePrincipal", created)
    )
    name = str(uuid.uuid4())
    body = {"roleId": ROLE["Synapse Artifact User"], "principalId": auditor, "scope": f"workspaces/{bench.name}"}
    assert bench.call("GET", "/workspace", None, "auditor").status == 200
    assert bench.call("GET", "/pipelines", None, "auditor").status == 403
    assert bench.call("PUT", f"/roleAssignments/{name}", body, "auditor").status == 200
    assert bench.call("GET", f"/roleAssignments/{name}", None, "auditor").status == 200
    assert bench.call("GET", "/pipelines", None, "auditor").status == 200


def test_access_is_checked_for_somebody_else(bench: Bench) -> None:
    grant(bench, ROLE["Synapse Artifact User"], "auditor")
    client = bench.access_client()
    decisions = client.role_assignments.check_principal_access(
        {"principalId": bench.principal("auditor").object_id},
        [
            {"id": "Microsoft.Synapse/workspaces/artifacts/read", "isDataAction": True},
            {"id": "Microsoft.Synapse/workspaces/pipelines/write", "isDataAction": True},
        ],
        f"workspaces/{bench.name}",
    ).access_decisions
    assert [decision.access_decision for decision in decisions] == ["Allowed", "NotAllowed"]


def test_assignments_come_in_pages(bench: Bench) -> None:
    for index in range(101):
        grant(bench, ROLE["Synapse User"], "auditor", f"workspaces/{bench.name}/credentials/c{index}")
    first = bench.call("GET", "/roleAssignments")
    assert (_json(first)["count"], first.headers["x-ms-continuation"]) == (100, "100")
    second = bench.call("GET", "/roleAssignments", None, "deployer", x_ms_continuation="100")
    assert _json(second)["count"] == 2
    assert "x-ms-continuation" not in second.headers


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[Bench, ManualClock]]:
    """A workspace whose new Synapse roles need 120 s, on a clock that only the test moves."""
    clock = ManualClock()
    azure = LocalAzure(tmp_path, Settings(synapse_role_lag_seconds=120), clock, ("identity", "synapse_workspace"))
    yield make_workspace(azure), clock
    azure.stop()


def test_a_new_role_works_only_after_the_lag_the_creators_at_once(slow: tuple[Bench, ManualClock]) -> None:
    bench, clock = slow
    assert bench.call("GET", "/pipelines").status == 200
    grant(bench, ROLE["Synapse Artifact User"], "auditor")
    clock.advance(timedelta(seconds=119))
    assert bench.call("GET", "/pipelines", None, "auditor").status == 403
    clock.advance(timedelta(seconds=1))
    assert bench.call("GET", "/pipelines", None, "auditor").status == 200


def test_the_firewall_lets_in_only_its_addresses(azure: LocalAzure) -> None:
    bench = make_workspace(azure, open_to_all=False)
    answer = bench.call("GET", "/pipelines")
    assert answer.status == 403
    assert _json(answer)["error"] == {
        "code": "ClientIpAddressNotAuthorized",
        "message": "Client Ip address : 203.0.113.10",
    }
    add_firewall_rule(bench, "203.0.113.0", "203.0.113.255")
    assert bench.call("GET", "/pipelines").status == 200


def test_a_call_without_a_token_or_for_another_audience_is_401(bench: Bench) -> None:
    host = f"{bench.name}.dev.azuresynapse.net"
    query = {"api-version": "2020-12-01"}
    assert bench.azure.dispatcher.handle(Request("GET", host, "/pipelines", query)).status == 401
    token = bench.azure.tokens.issue(bench.principal("deployer"), "https://vault.azure.net")
    foreign = Request("GET", host, "/pipelines", query, {"authorization": f"Bearer {token}"})
    assert bench.azure.dispatcher.handle(foreign).status == 401


def test_a_host_without_a_workspace_is_named(bench: Bench) -> None:
    answer = bench.azure.dispatcher.handle(Request("GET", "nothing.dev.azuresynapse.net", "/pipelines"))
    assert answer.status == 501
    assert "there is no workspace 'nothing'" in _json(answer)["error"]["message"]


def test_a_workspace_made_again_has_nothing_of_the_old_one(azure: LocalAzure) -> None:
    bench = make_workspace(azure)
    bench.put("/linkedservices/vault", VAULT_LINK)
    azure.resources.delete(bench.arm_id)
    assert bench.call("GET", "/linkedservices").status == 501
    again = make_workspace(azure, bench.name)
    assert _json(again.call("GET", "/linkedservices"))["value"] == []
