"""Resource groups, the subscription and its tenant; and what Resource Manager says to requests that do not fit."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from arm_bench import LOCATION, ArmBench, unique
from azure.core.exceptions import HttpResponseError
from running_azure import AzureBench

from local_azure.role_definitions import STORAGE_BLOB_DATA_CONTRIBUTOR

API = "2021-04-01"


def test_a_group_is_made_updated_listed_and_deleted_with_all_it_holds(arm: ArmBench) -> None:
    groups, name = arm.resources.resource_groups, unique("group-")
    assert groups.check_existence(name) is False
    made = groups.create_or_update(name, {"location": "West Europe", "tags": {"a": "b"}})
    assert (made.location, made.tags, made.properties.provisioning_state) == (LOCATION, {"a": "b"}, "Succeeded")
    assert groups.check_existence(name) is True
    assert groups.update(name, {"tags": {}}).tags == {}
    assert name in [each.name for each in groups.list()]
    account = arm.new_account(name)
    assert [each.name for each in arm.resources.resources.list_by_resource_group(name)] == [account]
    of_type = arm.resources.resources.list(filter="resourceType eq 'Microsoft.Storage/storageAccounts'")
    assert account in [each.name for each in of_type]
    of_name = f"resourceType eq 'Microsoft.Storage/storageAccounts' and name eq '{account}'"
    assert [each.name for each in arm.resources.resources.list(filter=of_name)] == [account]
    assert list(arm.resources.resources.list(filter=f"name eq '{account}' and location eq 'nowhere'")) == []
    assert [each.name for each in arm.resources.resources.list(filter=f"resourceGroup eq '{name}'")] == [account]
    groups.begin_delete(name).result()
    assert groups.check_existence(name) is False
    assert account not in [each.name for each in arm.resources.resources.list()]


def test_groups_and_resources_are_listed_by_their_tags(arm: ArmBench, group: str) -> None:
    groups, account = arm.resources.resource_groups, arm.new_account(group)
    groups.update(group, {"tags": {"Stage": "It's test"}})
    arm.storage.storage_accounts.update(group, account, {"tags": {"Stage": "It's test"}})
    for asked, is_found in (
        ("tagName eq 'stage'", True),
        ("tagname eq 'Stage' and tagvalue eq 'It''s test'", True),
        ("tagName eq 'stage' and tagValue eq 'it''s test'", False),
        ("tagName eq 'other'", False),
    ):
        assert (group in [each.name for each in groups.list(filter=asked)]) == is_found, asked
        found = [each for each in arm.resources.resources.list(filter=asked) if each.name == account]
        assert [each.tags for each in found] == ([None] if is_found else []), asked


def test_a_resource_without_a_parent_is_read_changed_and_deleted_by_its_parts(arm: ArmBench, group: str) -> None:
    account, version = arm.new_account(group), "2023-05-01"
    parts = (group, "Microsoft.Storage", "", "storageAccounts", account, version)
    found = arm.resources.resources.get(*parts)
    assert (found.name, found.type) == (account, "Microsoft.Storage/storageAccounts")
    arm.resources.resources.begin_update(*parts, {"tags": {"a": "b"}}).result()
    assert arm.resources.resources.get(*parts).tags == {"a": "b"}
    arm.resources.resources.begin_delete(*parts).result()
    assert account not in [each.name for each in arm.resources.resources.list_by_resource_group(group)]


def test_a_group_does_not_move(arm: ArmBench, group: str) -> None:
    with pytest.raises(HttpResponseError, match="already exists in location 'westeurope'") as caught:
        arm.resources.resource_groups.create_or_update(group, {"location": "northeurope"})
    assert caught.value.error is not None and caught.value.error.code == "InvalidResourceGroupLocation"


def test_the_subscription_and_its_tenant_are_told(shared_azure: AzureBench, arm: ArmBench) -> None:
    subscription = arm.subscriptions.subscriptions.get(shared_azure.endpoints.subscription_id)
    assert (subscription.display_name, subscription.state) == ("local Azure", "Enabled")
    assert [each.subscription_id for each in arm.subscriptions.subscriptions.list()] == [
        shared_azure.endpoints.subscription_id
    ]
    assert [each.tenant_id for each in arm.subscriptions.tenants.list()] == [shared_azure.endpoints.tenant_id]
    locations = arm.subscriptions.subscriptions.list_locations(shared_azure.endpoints.subscription_id)
    assert LOCATION in [each.name for each in locations]


def test_who_has_no_role_sees_no_subscription(shared_azure: AzureBench) -> None:
    administrator = ArmBench(shared_azure, "database-administrator")
    assert list(administrator.subscriptions.subscriptions.list()) == []
    with pytest.raises(HttpResponseError, match="AuthorizationFailed"):
        administrator.subscriptions.subscriptions.get(shared_azure.endpoints.subscription_id)


def test_resource_providers_are_registered(arm: ArmBench) -> None:
    namespaces = {each.namespace: each.registration_state for each in arm.resources.providers.list()}
    assert namespaces["Microsoft.Synapse"] == "Registered"
    assert arm.resources.providers.register("Microsoft.Storage").registration_state == "Registered"
    with pytest.raises(HttpResponseError, match="InvalidResourceNamespace"):
        arm.resources.providers.get("Microsoft.Compute")


@pytest.mark.parametrize(
    ("method", "path", "api_version", "body", "status", "code", "text"),
    [
        ("GET", "{group}", None, None, 400, "MissingApiVersionParameter", "api-version query parameter"),
        ("GET", "{group}", "1999-01-01", None, 400, "NoRegisteredProviderFound", "API version '1999-01-01' for type"),
        ("GET", "{subscription}/resourceGroups/nowhere", API, None, 404, "ResourceGroupNotFound", "'nowhere'"),
        ("GET", "/subscriptions/{other}/resourceGroups", API, None, 404, "SubscriptionNotFound", "{other}"),
        ("GET", "{group}/providers/Microsoft.Compute/disks/a", API, None, 501, "InvalidResourceType", "type 'disks'"),
        ("POST", "{storage}/a/failover", "2023-05-01", None, 501, "InvalidResourceType", "storageAccounts/failover"),
        ("PATCH", "{storage}/abc/blobServices/default", "2023-05-01", None, 501, "UnknownRoute", "not this operation"),
        ("GET", "/planets", API, None, 501, "UnknownRoute", "answering GET /planets: no such route"),
        ("GET", "{subscription}/operationresults/none", API, None, 404, "OperationNotFound", "'none'"),
        ("PUT", "{group}", API, b"{", 400, "InvalidRequestContent", "could not be deserialized"),
        ("PUT", "{group}", API, [], 400, "InvalidRequestContent", "expected a JSON object, found a list"),
        ("PUT", "{group}", API, {"tags": {}}, 400, "InvalidRequestContent", "'location': is required"),
        ("PUT", "{group}", API, {"location": "mars"}, 400, "LocationNotAvailableForResourceType", "'mars'"),
        ("PUT", "{subscription}/resourceGroups/a.", API, {"location": LOCATION}, 400, "InvalidResourceGroup", "'a.'"),
        ("GET", "{group}/resources?$filter=name%20ne%20'x'", API, None, 400, "BadRequest", "expected resourceType"),
        ("GET", "{group}/resources?$filter=tagName eq 'a' and name eq 'x'", API, None, 400, "BadRequest", "alone"),
        ("GET", "{subscription}/resourceGroups?$filter=name eq 'x'", API, None, 400, "BadRequest", "expected tagName"),
    ],
)  # fmt: skip
def test_a_request_that_does_not_fit_is_refused_by_name(
    arm: ArmBench, group: str, method: str, path: str, api_version: str, body: Any, status: int, code: str, text: str
) -> None:
    other = "11111111-1111-1111-1111-111111111111"
    scope = f"{arm.subscription}/resourceGroups/{group}"
    storage = f"{scope}/providers/Microsoft.Storage/storageAccounts"
    names = {"group": scope, "subscription": arm.subscription, "other": other, "storage": storage}
    answer = arm.send(method, path.format(**names), api_version, body)
    assert answer.error == (status, code)
    assert text.format(**names) in answer.body["error"]["message"]


def test_a_token_for_something_else_is_refused_with_a_challenge(arm: ArmBench) -> None:
    foreign = arm.send("GET", "/tenants", API, token=arm.token("https://vault.azure.net/.default"))
    assert foreign.error == (401, "InvalidAuthenticationTokenAudience")
    assert 'error="invalid_token"' in foreign.headers["www-authenticate"]
    assert arm.send("GET", "/tenants", API, token="nonsense").error == (401, "InvalidAuthenticationToken")


def test_names_compare_without_regard_to_case(arm: ArmBench, group: str) -> None:
    answer = arm.send("GET", f"{arm.subscription}/RESOURCEGROUPS/{group.upper()}", API)
    assert (answer.status, answer.body["name"]) == (200, group)


def test_an_operation_that_nobody_started_is_unknown(arm: ArmBench) -> None:
    path = f"{arm.subscription}/providers/Microsoft.Storage/locations/{LOCATION}/asyncoperations/{uuid.uuid4()}"
    assert arm.send("GET", path, "2023-05-01").error == (404, "OperationNotFound")


def test_the_group_of_bare_accounts_is_one_like_others(arm: ArmBench) -> None:
    name = unique("bare")
    made = arm.azure.admin("POST", "/accounts", {"name": name})
    assert arm.resources.resource_groups.get("bare-accounts").location == LOCATION
    assert name in [each.name for each in arm.resources.resources.list_by_resource_group("bare-accounts")]
    scope = made["id"].partition("/providers/")[0]
    role = f"{arm.subscription}/providers/Microsoft.Authorization/roleDefinitions/{STORAGE_BLOB_DATA_CONTRIBUTOR.id}"
    properties = {"roleDefinitionId": role, "principalId": arm.azure.object_id("auditor")}
    assignments = arm.authorization.role_assignments
    given = assignments.create(scope, str(uuid.uuid4()), {"properties": properties})
    below = [each.id for each in assignments.list_for_scope(made["id"], filter="atScope()")]
    assignments.delete_by_id(str(given.id))
    assert given.id in below


def test_tags_are_read_replaced_merged_and_deleted_by_themselves(arm: ArmBench, group: str) -> None:
    account = f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/"
    for scope in (f"{arm.subscription}/resourceGroups/{group}", account + arm.new_account(group)):
        tags = f"{scope}/providers/Microsoft.Resources/tags/default"
        written = [
            arm.send(method, tags, API, {**operation, "properties": {"tags": given}})
            for method, operation, given in (
                ("PUT", {}, {"a": "1", "b": "2"}),
                ("PATCH", {"operation": "Merge"}, {"b": "3", "c": "4"}),
                ("PATCH", {"operation": "Delete"}, {"a": "1", "c": "other"}),
                ("PATCH", {"operation": "Replace"}, {"d": "5"}),
            )
        ]
        assert [(each.status, each.body["properties"]["tags"]) for each in written] == [
            (200, {"a": "1", "b": "2"}),
            (200, {"a": "1", "b": "3", "c": "4"}),
            (200, {"b": "3", "c": "4"}),
            (200, {"d": "5"}),
        ]
        assert arm.send("PATCH", tags, API, {"operation": "Add"}).error[0] == 400
        assert arm.send("DELETE", tags, API).status == 200
        assert arm.send("GET", tags, API).body["properties"]["tags"] == {}
    missing = arm.send("GET", f"{account}none/providers/Microsoft.Resources/tags/default", API)
    assert missing.error == (404, "ResourceNotFound")
    assert arm.send("GET", f"{arm.subscription}/providers/Microsoft.Resources/tags/default", API).status == 501
