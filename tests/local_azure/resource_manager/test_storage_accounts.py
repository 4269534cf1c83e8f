"""Storage accounts and their blob service through azure-mgmt-storage."""

from __future__ import annotations

from typing import Any

import pytest
from arm_bench import LOCATION, ArmBench, unique
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

API = "2023-05-01"


def account_body(**properties: Any) -> Any:
    return {"location": LOCATION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": properties}


def account_path(arm: ArmBench, group: str, name: str) -> str:
    return f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{name}"


def test_an_account_is_made_in_the_background_and_comes_back_with_the_services_defaults(
    arm: ArmBench, group: str
) -> None:
    name = unique("lake")
    answer = arm.send("PUT", account_path(arm, group, name), API, account_body(isHnsEnabled=True))
    assert (answer.status, answer.body) == (202, None)
    poll_path, _, query = answer.headers["location"].removeprefix("https://management.azure.com").partition("?")
    assert query == f"api-version={API}"
    statuses = [arm.send("GET", poll_path, API).status for _ in range(3)]
    assert statuses == [202, 200, 200]
    account = arm.storage.storage_accounts.get_properties(group, name)
    assert account.is_hns_enabled is True and account.enable_https_traffic_only is True
    assert account.provisioning_state == "Succeeded"
    assert account.primary_endpoints.dfs == f"https://{name}.dfs.core.windows.net/"
    assert (account.minimum_tls_version, account.access_tier) == ("TLS1_0", "Hot")
    assert account.network_rule_set.default_action == "Allow"


def test_an_account_is_listed_updated_and_deleted(arm: ArmBench, group: str) -> None:
    name = arm.new_account(group)
    accounts = arm.storage.storage_accounts
    assert [each.name for each in accounts.list_by_resource_group(group)] == [name]
    assert name in [each.name for each in accounts.list()]
    updated = accounts.update(
        group,
        name,
        {"tags": {"zone": "raw"}, "properties": {"minimumTlsVersion": "TLS1_2", "allowSharedKeyAccess": False}},
    )
    assert (updated.tags, updated.minimum_tls_version, updated.allow_shared_key_access) == (
        {"zone": "raw"},
        "TLS1_2",
        False,
    )
    accounts.delete(group, name)
    accounts.delete(group, name)
    with pytest.raises(ResourceNotFoundError, match="ResourceNotFound"):
        accounts.get_properties(group, name)


def test_writing_an_account_again_changes_it_in_place(arm: ArmBench, group: str) -> None:
    name = arm.new_account(group)
    created = arm.storage.storage_accounts.get_properties(group, name).creation_time
    answer = arm.send(
        "PUT", account_path(arm, group, name), API, account_body(isHnsEnabled=True, minimumTlsVersion="TLS1_2")
    )
    assert (answer.status, answer.body["properties"]["minimumTlsVersion"]) == (200, "TLS1_2")
    assert arm.storage.storage_accounts.get_properties(group, name).creation_time == created


def test_an_account_has_two_keys_of_which_one_can_be_renewed(arm: ArmBench, group: str) -> None:
    name = arm.new_account(group)
    before = arm.storage.storage_accounts.list_keys(group, name).keys
    after = arm.storage.storage_accounts.regenerate_key(group, name, {"keyName": "key1"}).keys
    assert before is not None and after is not None
    assert [each.key_name for each in before] == ["key1", "key2"]
    assert before[0].value != after[0].value and before[1].value == after[1].value


def test_a_name_is_available_until_somebody_has_it(arm: ArmBench, group: str) -> None:
    name = arm.new_account(group)
    check = arm.storage.storage_accounts.check_name_availability
    taken, free, wrong = (
        check({"name": each, "type": "Microsoft.Storage/storageAccounts"}) for each in (name, unique("free"), "No")
    )
    assert (taken.name_available, taken.reason) == (False, "AlreadyExists")
    assert free.name_available is True
    assert (wrong.name_available, wrong.reason) == (False, "AccountNameInvalid")


@pytest.mark.parametrize(
    ("change", "status", "code", "text"),
    [
        ({"isHnsEnabled": False}, 409, "AccountPropertyCannotBeUpdated", "'isHnsEnabled'"),
        (
            {"networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.9/32"}]}},
            400,
            "InvalidValuesForRequestParameters",
            "networkAcls.ipRule[0].value(203.0.113.9/32)",
        ),
        (
            {"networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "nowhere"}]}},
            400,
            "InvalidRequestContent",
            "'properties.networkAcls.ipRules[0].value': 'nowhere' does not appear to be an IPv4 or IPv6 network",
        ),
        (
            {"minimumTlsVersion": "TLS9", "supportsHttps": True, "isSftpEnabled": "yes"},
            400,
            "InvalidRequestContent",
            "Could not find member 'supportsHttps' on object of type 'StorageAccountCreateParameters'.",
        ),
    ],
)
def test_a_wrong_account_is_refused_in_the_services_words(
    arm: ArmBench, group: str, change: dict[str, Any], status: int, code: str, text: str
) -> None:
    name = arm.new_account(group)
    answer = arm.send("PUT", account_path(arm, group, name), API, account_body(**{"isHnsEnabled": True, **change}))
    assert answer.error == (status, code)
    assert text in answer.body["error"]["message"]


def test_every_problem_of_a_body_is_named_at_once(arm: ArmBench, group: str) -> None:
    body = {
        "location": LOCATION,
        "sku": {"name": "Standard_LRS"},
        "properties": {"minimumTlsVersion": "TLS9", "odd": 1, "isSftpEnabled": "yes"},
    }
    answer = arm.send("PUT", account_path(arm, group, unique("lake")), API, body)
    assert [each["target"] for each in answer.body["error"]["details"]] == [
        "properties.minimumTlsVersion",
        "properties.odd",
        "properties.isSftpEnabled",
        "kind",
    ]


def test_the_name_of_an_account_is_global_and_lower_case(arm: ArmBench, group: str) -> None:
    name, elsewhere = arm.new_account(group), arm.new_group()
    assert arm.send("PUT", account_path(arm, elsewhere, name), API, account_body()).error == (
        409,
        "StorageAccountAlreadyTaken",
    )
    assert arm.send("PUT", account_path(arm, group, "Not_a_name"), API, account_body()).error == (
        400,
        "AccountNameInvalid",
    )


def test_the_blob_service_is_there_from_the_first_day_and_takes_retention(arm: ArmBench, group: str) -> None:
    name = arm.new_account(group)
    services = arm.storage.blob_services
    assert [each.name for each in services.list(group, name)] == ["default"]
    assert services.get_service_properties(group, name).delete_retention_policy.enabled is False
    written = services.set_service_properties(
        group,
        name,
        {
            "properties": {
                "deleteRetentionPolicy": {"enabled": True, "days": 7},
                "containerDeleteRetentionPolicy": {"enabled": True, "days": 7},
            }
        },
    )
    assert written.delete_retention_policy.days == 7
    assert services.get_service_properties(group, name).container_delete_retention_policy.days == 7


@pytest.mark.parametrize(
    "properties",
    [
        {"isVersioningEnabled": True},
        {"changeFeed": {"enabled": True}},
        {"lastAccessTimeTrackingPolicy": {"enable": True}},
        {"automaticSnapshotPolicyEnabled": True},
    ],
)
def test_a_blob_service_refuses_by_name_what_would_have_no_effect_here(
    arm: ArmBench, group: str, properties: dict[str, Any]
) -> None:
    name = arm.new_account(group, isHnsEnabled=False)
    with pytest.raises(HttpResponseError, match=f"properties.{next(iter(properties))} switched on") as caught:
        arm.storage.blob_services.set_service_properties(group, name, {"properties": properties})
    assert caught.value.status_code == 501


@pytest.mark.parametrize(
    ("properties", "code", "text"),
    [
        ({"deleteRetentionPolicy": {"enabled": True, "days": 400}}, "InvalidRequestContent", "expected 1 to 365"),
        ({"isVersioningEnabled": True}, "FeatureNotSupportedForAccount", "it has a hierarchical namespace"),
        ({"restorePolicy": {"enabled": True, "days": 6}}, "FeatureNotSupportedForAccount", "restorePolicy"),
    ],
)
def test_a_blob_service_refuses_what_the_account_cannot_have(
    arm: ArmBench, group: str, properties: dict[str, Any], code: str, text: str
) -> None:
    name = arm.new_account(group)
    with pytest.raises(HttpResponseError) as caught:
        arm.storage.blob_services.set_service_properties(group, name, {"properties": properties})
    assert caught.value.status_code == 400 and caught.value.error is not None
    assert caught.value.error.code == code and text in str(caught.value)


def test_nobody_but_who_wants_to_come_in_makes_a_connection(arm: ArmBench, group: str) -> None:
    account = arm.new_account(group)
    connections = arm.storage.private_endpoint_connections
    assert list(connections.list(group, account)) == []
    body = {"properties": {"privateLinkServiceConnectionState": {"status": "Approved"}}}
    path = f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{account}"
    missing = arm.send("PUT", f"{path}/privateEndpointConnections/none", "2023-05-01", body)
    assert missing.error == (404, "ResourceNotFound")


@pytest.mark.parametrize("version", ["2025-08-01", "2026-09-01"])
def test_newer_clients_make_accounts_and_properties_of_newer_versions_are_refused_by_name(
    arm: ArmBench, group: str, version: str
) -> None:
    path = account_path(arm, group, unique("lake"))
    assert arm.send("PUT", path, version, account_body(isHnsEnabled=True)).status in (200, 202)
    assert arm.send("GET", path, version).status == 200
    refused = arm.send("PUT", path, version, account_body(dualStackEndpointPreference={}))
    assert refused.error == (400, "InvalidRequestContent")
    assert "'dualStackEndpointPreference'" in refused.body["error"]["message"]


def test_the_usage_of_a_region_counts_its_accounts(arm: ArmBench, group: str) -> None:
    [before] = arm.storage.usages.list_by_location("westeurope")
    arm.new_account(group)
    [after] = arm.storage.usages.list_by_location("West Europe")
    assert after.current_value == before.current_value + 1
    assert (after.name.value, after.unit, after.limit) == ("StorageAccounts", "Count", 250)
    nowhere = arm.send("GET", f"{arm.subscription}/providers/Microsoft.Storage/locations/atlantis/usages", "2024-01-01")
    assert nowhere.error == (400, "LocationNotAvailableForResourceType")
