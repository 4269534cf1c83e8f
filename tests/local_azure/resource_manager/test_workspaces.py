"""Synapse workspaces and their control-plane children through azure-mgmt-synapse."""

from __future__ import annotations

from typing import Any

import pytest
from arm_bench import ArmBench, unique, workspace_body
from azure.core.exceptions import HttpResponseError

API = "2021-06-01"


def workspace_path(arm: ArmBench, group: str, name: str) -> str:
    return f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.Synapse/workspaces/{name}"


def test_a_workspace_is_made_with_an_identity_and_its_endpoints(arm: ArmBench, group: str) -> None:
    name = arm.new_workspace(group)
    workspace = arm.synapse.workspaces.get(group, name)
    assert workspace.provisioning_state == "Succeeded"
    assert workspace.connectivity_endpoints["dev"] == f"https://{name}.dev.azuresynapse.net"
    assert workspace.identity.type == "SystemAssigned" and workspace.identity.principal_id
    assert workspace.sql_administrator_login is None
    assert [each.name for each in arm.synapse.workspaces.list_by_resource_group(group)] == [name]
    assert name in [each.name for each in arm.synapse.workspaces.list()]


def test_a_workspace_with_a_key_of_its_own_is_encrypted_twice(arm: ArmBench, group: str) -> None:
    key = {"key": {"name": "default", "keyVaultUrl": "https://v.vault.azure.net/keys/k"}}
    body = workspace_body(encryption={"cmk": key})
    answer = arm.send("PUT", workspace_path(arm, group, unique("workspace-")), API, body)
    assert answer.body["properties"]["encryption"] == {"cmk": key, "doubleEncryptionEnabled": True}


def test_a_new_workspace_is_provisioned_in_the_background(arm: ArmBench, group: str) -> None:
    answer = arm.send("PUT", workspace_path(arm, group, unique("workspace-")), API, workspace_body())
    assert (answer.status, answer.body["properties"]["provisioningState"]) == (201, "Provisioning")
    poll = answer.headers["azure-asyncoperation"].removeprefix("https://management.azure.com").partition("?")[0]
    states = [arm.send("GET", poll, API).body["status"] for _ in range(2)]
    assert states == ["InProgress", "Succeeded"]


def test_a_workspace_is_patched_and_deleted_with_all_it_holds(arm: ArmBench, group: str) -> None:
    name = arm.new_workspace(group)
    arm.synapse.ip_firewall_rules.begin_create_or_update(
        group, name, "office", {"properties": {"startIpAddress": "203.0.113.1", "endIpAddress": "203.0.113.9"}}
    ).result()
    patched = arm.synapse.workspaces.begin_update(group, name, {"tags": {"a": "b"}}).result()
    assert patched.tags == {"a": "b"}
    assert patched.encryption.double_encryption_enabled is False
    arm.synapse.workspaces.begin_delete(group, name).result()
    assert arm.send("GET", workspace_path(arm, group, name), API).error == (404, "ResourceNotFound")
    assert arm.send("PUT", workspace_path(arm, group, name), API, workspace_body()).status == 201
    assert list(arm.synapse.ip_firewall_rules.list_by_workspace(group, name)) == []


@pytest.mark.parametrize(
    "change",
    [
        {"managedVirtualNetwork": "default"},
        {"managedVirtualNetworkSettings": {"preventDataExfiltration": True}},
        {"sqlAdministratorLogin": "admin"},
        {"sqlAdministratorLoginPassword": "Secret-123456"},
        {"defaultDataLakeStorage": {"accountUrl": "https://other.dfs.core.windows.net", "filesystem": "synapse"}},
        {"managedResourceGroupName": "elsewhere"},
    ],
    ids=lambda change: str(next(iter(change))),
)
def test_what_a_workspace_is_made_with_stays(arm: ArmBench, group: str, change: dict[str, Any]) -> None:
    name = arm.new_workspace(group)
    answer = arm.send("PUT", workspace_path(arm, group, name), API, workspace_body(**change))
    assert answer.error == (409, "PropertyChangeNotAllowed")
    assert answer.body["error"]["target"].startswith(f"properties.{next(iter(change))}")


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        (
            {"defaultDataLakeStorage": {"filesystem": "x"}},
            "'properties.defaultDataLakeStorage.accountUrl': is required",
        ),
        ({"azureADOnlyAuthentication": False}, "is required unless azureADOnlyAuthentication is true"),
        ({"managedVirtualNetworkSettings": {"preventDataExfiltration": True}}, "needs a managed virtual network"),
        ({"colour": "red"}, "Could not find member 'colour' on object of type 'Workspace'."),
    ],
)
def test_a_wrong_workspace_is_refused(arm: ArmBench, group: str, properties: dict[str, Any], text: str) -> None:
    answer = arm.send("PUT", workspace_path(arm, group, unique("workspace-")), API, workspace_body(**properties))
    assert answer.error == (400, "InvalidRequestContent") and text in answer.body["error"]["message"]


def test_a_workspace_needs_an_identity_and_a_plain_name(arm: ArmBench, group: str) -> None:
    bare = {key: value for key, value in workspace_body().items() if key != "identity"}
    answer = arm.send("PUT", workspace_path(arm, group, unique("workspace-")), API, bare)
    assert "expected SystemAssigned: a workspace has an identity of its own" in answer.body["error"]["message"]
    named = arm.send("PUT", workspace_path(arm, group, "Not-Plain"), API, workspace_body())
    assert "'Not-Plain' is not a valid workspace name" in named.body["error"]["message"]


def test_firewall_rules_are_made_read_and_removed(arm: ArmBench, group: str) -> None:
    name, rules = arm.new_workspace(group), arm.synapse.ip_firewall_rules
    body = {"properties": {"startIpAddress": "203.0.113.1", "endIpAddress": "203.0.113.9"}}
    rules.begin_create_or_update(group, name, "office", body).result()
    rule = rules.get(group, name, "office")
    assert (rule.start_ip_address, rule.end_ip_address, rule.provisioning_state) == (
        "203.0.113.1",
        "203.0.113.9",
        "Succeeded",
    )
    rules.begin_delete(group, name, "office").result()
    assert list(rules.list_by_workspace(group, name)) == []
    rules.begin_delete(group, name, "office").result()


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ("203.0.113.9", "203.0.113.1", "'203.0.113.1' is before startIpAddress '203.0.113.9'"),
        ("office", "203.0.113.1", "expected an IPv4 address"),
    ],
)
def test_a_wrong_firewall_rule_is_refused(arm: ArmBench, group: str, first: str, last: str, text: str) -> None:
    name = arm.new_workspace(group)
    with pytest.raises(HttpResponseError) as caught:
        arm.synapse.ip_firewall_rules.begin_create_or_update(
            group, name, "office", {"properties": {"startIpAddress": first, "endIpAddress": last}}
        )
    assert text in str(caught.value)


@pytest.mark.parametrize("operations", ["workspace_aad_admins", "workspace_sql_aad_admins"])
def test_an_entra_administrator_is_set_and_removed(arm: ArmBench, group: str, operations: str) -> None:
    name, administrators = arm.new_workspace(group), getattr(arm.synapse, operations)
    group_id, tenant = arm.azure.object_id("sql-administrators"), arm.azure.endpoints.tenant_id
    body = {
        "properties": {
            "login": "sql-administrators",
            "sid": group_id,
            "tenantId": tenant,
            "administratorType": "ActiveDirectory",
        }
    }
    administrators.begin_create_or_update(group, name, body).result()
    found = administrators.get(group, name)
    assert (found.login, found.sid, found.tenant_id) == ("sql-administrators", group_id, tenant)
    administrators.begin_delete(group, name).result()
    with pytest.raises(HttpResponseError) as caught:
        administrators.get(group, name)
    assert caught.value.status_code == 404


def test_entra_only_authentication_is_read_and_written(arm: ArmBench, group: str) -> None:
    path = workspace_path(arm, group, arm.new_workspace(group))
    child = f"{path}/azureADOnlyAuthentications/default"
    assert arm.send("GET", child, API).body["properties"]["azureADOnlyAuthentication"] is True
    written = arm.send("PUT", child, API, {"properties": {"azureADOnlyAuthentication": False}})
    assert written.status in (200, 201)
    assert arm.send("GET", child, API).body["properties"]["azureADOnlyAuthentication"] is False
    assert arm.send("GET", path, API).body["properties"]["azureADOnlyAuthentication"] is False
    listed = arm.send("GET", f"{path}/azureADOnlyAuthentications", API).body["value"]
    assert [each["name"] for each in listed] == ["default"]


def test_a_child_of_a_missing_workspace_is_refused(arm: ArmBench, group: str) -> None:
    body = {"properties": {"startIpAddress": "203.0.113.1", "endIpAddress": "203.0.113.9"}}
    answer = arm.send("PUT", workspace_path(arm, group, "nowhere") + "/firewallRules/office", API, body)
    assert answer.error == (404, "ParentResourceNotFound")


def test_a_workspace_without_pools_lists_none(arm: ArmBench, group: str) -> None:
    name = arm.new_workspace(group)
    assert list(arm.synapse.big_data_pools.list_by_workspace(group, name)) == []
    assert list(arm.synapse.sql_pools.list_by_workspace(group, name)) == []
    assert list(arm.synapse.libraries.list_by_workspace(group, name)) == []
    path = workspace_path(arm, group, name)
    assert arm.send("GET", f"{path}/bigDataPools/spark", API).error == (404, "ResourceNotFound")
    assert arm.send("GET", f"{path}/sqlPools/dedicated", API).error == (404, "ResourceNotFound")
    assert arm.send("PUT", f"{path}/sqlPools/dedicated", API, {"location": "westeurope"}).error[0] == 501
    missing = workspace_path(arm, group, "missing")
    assert arm.send("GET", f"{missing}/bigDataPools", API).error == (404, "ResourceNotFound")
