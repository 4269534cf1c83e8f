"""Role assignments and definitions through azure-mgmt-authorization, and what they let other identities do."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from arm_bench import ArmBench
from azure.core.exceptions import HttpResponseError
from running_azure import AzureBench

from local_azure.role_definitions import CONTRIBUTOR, OWNER, READER, STORAGE_BLOB_DATA_READER

API = "2022-04-01"


def definition(arm: ArmBench, role_id: str) -> str:
    return f"{arm.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role_id}"


def group_scope(arm: ArmBench, group: str) -> str:
    return f"{arm.subscription}/resourceGroups/{group}"


def test_an_assignment_is_made_read_listed_and_deleted(arm: ArmBench, group: str) -> None:
    assignments, scope, name = arm.authorization.role_assignments, group_scope(arm, group), str(uuid.uuid4())
    principal = arm.azure.object_id("auditors")
    properties = {"roleDefinitionId": definition(arm, READER.id), "principalId": principal, "principalType": "Group"}
    made = assignments.create(scope, name, {"properties": properties})
    assert (made.principal_id, made.principal_type, made.scope) == (principal, "Group", scope)
    assert made.created_by == arm.azure.object_id("deployer")
    again = assignments.create(scope, name, {"properties": properties})
    assert again.created_on == made.created_on
    assert assignments.get(scope, name).id == made.id
    below = assignments.list_for_scope(f"{scope}/providers/Microsoft.Storage/storageAccounts/any", filter="atScope()")
    assert name in [each.name for each in below]
    to_principal = assignments.list_for_scope(scope, filter=f"principalId eq '{principal}'")
    assert [each.name for each in to_principal] == [name]
    to_member = assignments.list_for_scope(scope, filter=f"assignedTo('{arm.azure.object_id('auditor')}')")
    assert name in [each.name for each in to_member]
    deleted = assignments.delete(scope, name)
    assert deleted is not None and deleted.id == made.id
    assert assignments.delete(scope, name) is None
    with pytest.raises(HttpResponseError, match="RoleAssignmentNotFound"):
        assignments.get(scope, name)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (
            {"roleDefinitionId": "{definitions}/00000000-0000-0000-0000-000000000000"},
            (400, "RoleDefinitionDoesNotExist"),
        ),
        ({"principalId": "00000000-0000-0000-0000-000000000000"}, (400, "PrincipalNotFound")),
        ({"principalType": "User"}, (400, "UnmatchedPrincipalType")),
        ({"principalType": "Robot"}, (400, "InvalidRequestContent")),
        ({"condition": "@Resource", "conditionVersion": "2.0"}, (501, "ConditionNotServed")),
        ({"reason": "none"}, (400, "InvalidRequestContent")),
    ],
)
def test_a_wrong_assignment_is_refused(
    arm: ArmBench, group: str, change: dict[str, str], error: tuple[int, str]
) -> None:
    definitions = f"{arm.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    properties: dict[str, Any] = {
        "roleDefinitionId": definition(arm, READER.id),
        "principalId": arm.azure.object_id("auditors"),
        "principalType": "Group",
    }
    properties |= {key: value.replace("{definitions}", definitions) for key, value in change.items()}
    path = f"{group_scope(arm, group)}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    assert arm.send("PUT", path, API, {"properties": properties}).error == error


def test_the_same_role_twice_or_another_one_under_the_same_name_is_refused(arm: ArmBench, group: str) -> None:
    scope = group_scope(arm, group)
    name = arm.give(scope, READER.id, "auditors")
    base = f"{scope}/providers/Microsoft.Authorization/roleAssignments"
    properties = {"roleDefinitionId": definition(arm, READER.id), "principalId": arm.azure.object_id("auditors")}
    twice = arm.send("PUT", f"{base}/{uuid.uuid4()}", API, {"properties": properties})
    assert twice.error == (409, "RoleAssignmentExists") and name.replace("-", "") in twice.body["error"]["message"]
    changed = arm.send(
        "PUT", f"{base}/{name}", API, {"properties": properties | {"roleDefinitionId": definition(arm, OWNER.id)}}
    )
    assert changed.error == (409, "RoleAssignmentUpdateNotPermitted")
    assert arm.send("PUT", f"{base}/no-guid", API, {"properties": properties}).error == (400, "InvalidRoleAssignmentId")


@pytest.mark.parametrize(
    ("scope", "error"),
    [
        ("{subscription}/resourceGroups/nowhere", (404, "ResourceGroupNotFound")),
        # Outside the subscription nobody has a role: no more is said than that.
        ("/subscriptions/11111111-1111-1111-1111-111111111111", (403, "AuthorizationFailed")),
        ("/planets/earth", (403, "AuthorizationFailed")),
        ("{subscription}/planets/earth", (400, "BadRequest")),
    ],
)
def test_an_assignment_needs_a_scope_that_exists(arm: ArmBench, scope: str, error: tuple[int, str]) -> None:
    properties = {"roleDefinitionId": definition(arm, READER.id), "principalId": arm.azure.object_id("auditors")}
    shown = scope.format(subscription=arm.subscription)
    path = f"{shown}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    assert arm.send("PUT", path, API, {"properties": properties}).error == error


def test_deleting_a_resource_takes_its_assignments(arm: ArmBench, group: str) -> None:
    account = arm.new_account(group)
    scope = f"{group_scope(arm, group)}/providers/Microsoft.Storage/storageAccounts/{account}"
    name = arm.give(f"{scope}/blobServices/default/containers/raw", STORAGE_BLOB_DATA_READER.id, "data-scientists")
    arm.storage.storage_accounts.delete(group, account)
    assert name not in [each.name for each in arm.authorization.role_assignments.list_for_subscription()]


def test_roles_are_found_by_name_and_by_id(arm: ArmBench) -> None:
    definitions = arm.authorization.role_definitions
    found = list(definitions.list(arm.subscription, filter="roleName eq 'Storage Blob Data Reader'"))
    assert [each.name for each in found] == [STORAGE_BLOB_DATA_READER.id]
    permissions = definitions.get(arm.subscription, READER.id).permissions
    assert permissions is not None and permissions[0].actions == ["*/read"]
    with pytest.raises(HttpResponseError, match="RoleDefinitionDoesNotExist"):
        definitions.get(arm.subscription, "00000000-0000-0000-0000-000000000000")
    with pytest.raises(HttpResponseError, match="is not served by the local stand-in; it serves roleName, atScope"):
        list(definitions.list(arm.subscription, filter="type eq 'BuiltInRole'"))


def test_each_identity_does_what_its_roles_allow_and_no_more(
    shared_azure: AzureBench, arm: ArmBench, group: str
) -> None:
    outsider, scope = ArmBench(shared_azure, "outsider"), group_scope(arm, group)
    body = {"location": "westeurope", "tags": {"a": "b"}}
    refused = outsider.send("GET", scope, "2021-04-01")
    assert refused.error == (403, "AuthorizationFailed")
    assert f"object id '{shared_azure.object_id('outsider')}'" in refused.body["error"]["message"]
    assert "action 'Microsoft.Resources/subscriptions/resourceGroups/read'" in refused.body["error"]["message"]
    reader = arm.give(scope, READER.id, "outsider")
    assert outsider.send("GET", scope, "2021-04-01").status == 200
    assert outsider.send("PUT", scope, "2021-04-01", body).error == (403, "AuthorizationFailed")
    arm.authorization.role_assignments.delete(scope, reader)
    arm.give(scope, CONTRIBUTOR.id, "outsider")
    assert outsider.send("PUT", scope, "2021-04-01", body).status == 200
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    properties = {"roleDefinitionId": definition(arm, OWNER.id), "principalId": shared_azure.object_id("outsider")}
    assert outsider.send("PUT", path, API, {"properties": properties}).error == (403, "AuthorizationFailed")


def test_lists_show_what_the_caller_may_see(shared_azure: AzureBench, arm: ArmBench, group: str) -> None:
    other = arm.new_group()
    arm.give(group_scope(arm, group), READER.id, "auditor")
    auditor = ArmBench(shared_azure, "auditor")
    names = [each.name for each in auditor.resources.resource_groups.list()]
    assert group in names and other not in names


def test_a_role_counts_only_after_the_lag(shared_azure: AzureBench, arm: ArmBench, group: str) -> None:
    outsider, scope = ArmBench(shared_azure, "outsider"), group_scope(arm, group)
    shared_azure.admin("POST", "/role-lag", {"seconds": 30})
    try:
        arm.give(scope, READER.id, "outsider")
        assert outsider.send("GET", scope, "2021-04-01").error == (403, "AuthorizationFailed")
        shared_azure.admin("POST", "/clock", {"advanceSeconds": 31})
        assert outsider.send("GET", scope, "2021-04-01").status == 200
    finally:
        shared_azure.admin("POST", "/role-lag", {"seconds": 0})


def test_everyone_who_may_learns_its_own_permissions_on_a_scope(
    shared_azure: AzureBench, arm: ArmBench, group: str
) -> None:
    def told(identity: str) -> list[tuple[list[str], list[str]]]:
        client = ArmBench(shared_azure, identity).authorization.permissions
        return [(each.actions, each.data_actions) for each in client.list_for_resource_group(group)]

    assert told("deployer") == [(["*"], [])]
    with pytest.raises(HttpResponseError, match="AuthorizationFailed"):
        told("data-scientist")
    scope = f"{arm.subscription}/resourceGroups/{group}"
    arm.give(scope, READER.id, "data-scientist")
    arm.give(scope, STORAGE_BLOB_DATA_READER.id, "data-scientist")
    assert sorted(actions for actions, _ in told("data-scientist"))[0] == ["*/read"]
    assert any(data for _, data in told("data-scientist"))
    gone = ArmBench(shared_azure).authorization.permissions
    with pytest.raises(HttpResponseError, match="ResourceGroupNotFound"):
        list(gone.list_for_resource_group("none"))
