"""Key vaults through azure-mgmt-keyvault: life cycle, soft delete, purge, recovery, and what a vault refuses."""

from __future__ import annotations

from typing import Any

import pytest
from arm_bench import LOCATION, ArmBench, unique, vault_body
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

API = "2023-07-01"


def vault_path(arm: ArmBench, group: str, name: str) -> str:
    return f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{name}"


def test_a_vault_is_made_listed_updated_and_soft_deleted(arm: ArmBench, group: str) -> None:
    vaults = arm.vaults.vaults
    name = arm.new_vault(group)
    vault = vaults.get(group, name)
    assert vault.properties.vault_uri == f"https://{name}.vault.azure.net/"
    assert (vault.properties.enable_soft_delete, vault.properties.soft_delete_retention_in_days) == (True, 90)
    assert vault.properties.provisioning_state == "Succeeded"
    assert [each.name for each in vaults.list_by_resource_group(group)] == [name]
    assert name in [each.name for each in vaults.list_by_subscription()]
    patched = vaults.update(group, name, {"tags": {"a": "b"}, "properties": {"publicNetworkAccess": "Disabled"}})
    assert (patched.tags, patched.properties.public_network_access) == ({"a": "b"}, "Disabled")
    born, changed = vault.system_data, patched.system_data
    assert born is not None and born.last_modified_at and changed is not None and changed.last_modified_at
    assert (changed.created_at, changed.last_modified_at > born.last_modified_at) == (born.created_at, True)
    vaults.delete(group, name)
    vaults.delete(group, name)
    with pytest.raises(ResourceNotFoundError, match="ResourceNotFound"):
        vaults.get(group, name)
    deleted = vaults.get_deleted(name, LOCATION)
    assert deleted.properties is not None and deleted.properties.vault_id == vault.id
    assert name in [each.name for each in vaults.list_deleted()]


def test_a_new_vault_says_that_its_name_is_being_registered(arm: ArmBench, group: str) -> None:
    answer = arm.send("PUT", vault_path(arm, group, unique("vault-")), API, vault_body(arm))
    assert (answer.status, answer.body["properties"]["provisioningState"]) == (200, "RegisteringDns")
    assert not [key for key in answer.body if key.startswith("_")]


def test_the_name_of_a_deleted_vault_is_taken_until_it_is_purged(arm: ArmBench, group: str) -> None:
    vaults = arm.vaults.vaults
    name = arm.new_vault(group)
    vaults.delete(group, name)
    available = vaults.check_name_availability({"name": name, "type": "Microsoft.KeyVault/vaults"})
    assert (available.name_available, available.reason) == (False, "AlreadyExists")
    refused = arm.send("PUT", vault_path(arm, group, name), API, vault_body(arm))
    assert refused.error == (409, "ConflictError")
    assert "You need to either recover or purge existing key vault" in refused.body["error"]["message"]
    vaults.begin_purge_deleted(name, LOCATION).result()
    with pytest.raises(HttpResponseError, match="DeletedVaultNotFound"):
        vaults.get_deleted(name, LOCATION)
    assert vaults.begin_create_or_update(group, name, vault_body(arm)).result().name == name


def test_a_deleted_vault_is_recovered_as_it_was(arm: ArmBench, group: str) -> None:
    vaults = arm.vaults.vaults
    name = arm.new_vault(group, softDeleteRetentionInDays=30)
    vaults.delete(group, name)
    vaults.begin_create_or_update(group, name, vault_body(arm, createMode="recover")).result()
    assert vaults.get(group, name).properties.soft_delete_retention_in_days == 30
    with pytest.raises(HttpResponseError, match="not in deleted state"):
        vaults.begin_create_or_update(group, unique("vault-"), vault_body(arm, createMode="recover")).result()


def test_a_vault_with_purge_protection_cannot_be_purged(arm: ArmBench, group: str) -> None:
    name = arm.new_vault(group, enablePurgeProtection=True)
    arm.vaults.vaults.delete(group, name)
    deleted = arm.vaults.vaults.get_deleted(name, LOCATION)
    assert deleted.properties is not None and deleted.properties.purge_protection_enabled is True
    with pytest.raises(HttpResponseError, match="DeletedVaultPurge"):
        arm.vaults.vaults.begin_purge_deleted(name, LOCATION).result()


def test_addresses_come_back_as_networks(arm: ArmBench, group: str) -> None:
    rules = {
        "defaultAction": "Deny",
        "bypass": "None",
        "ipRules": [{"value": "203.0.113.7"}, {"value": "198.51.100.0/24"}],
    }
    name = arm.new_vault(group, networkAcls=rules)
    acls = arm.vaults.vaults.get(group, name).properties.network_acls
    assert acls is not None and acls.ip_rules is not None
    assert [each.value for each in acls.ip_rules] == ["203.0.113.7/32", "198.51.100.0/24"]


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"tenantId": "00000000-0000-0000-0000-000000000000"}, "The property 'tenantId' has the value"),
        ({"enableSoftDelete": False}, '"enableSoftDelete" can be set to false only for creating new vault'),
        ({"enablePurgeProtection": False}, '"enablePurgeProtection" cannot be set to false'),
        ({"softDeleteRetentionInDays": 3}, '"softDeleteRetentionInDays" is invalid; expected 7 to 90'),
        ({"enableRbacAuthorization": False}, "The parameter accessPolicies is not specified"),
        ({"networkAcls": {"ipRules": [{"value": "x"}]}}, "'properties.networkAcls.ipRules[0].value'"),
        ({"sku": {"family": "A", "name": "free"}}, "'free' is not one of the known values: standard, premium"),
        ({"colour": "red"}, "Could not find member 'colour' on object of type 'VaultProperties'."),
    ],
)
def test_a_wrong_vault_is_refused(arm: ArmBench, group: str, properties: dict[str, Any], text: str) -> None:
    answer = arm.send("PUT", vault_path(arm, group, unique("vault-")), API, vault_body(arm, **properties))
    assert answer.status == 400 and text in answer.body["error"]["message"]


def test_what_is_set_once_cannot_be_set_again(arm: ArmBench, group: str) -> None:
    name, elsewhere = arm.new_vault(group), arm.new_group()
    path = vault_path(arm, group, name)
    retention = arm.send("PUT", path, API, vault_body(arm, softDeleteRetentionInDays=30))
    assert retention.error == (400, "BadRequest") and "has been set already" in retention.body["error"]["message"]
    moved = arm.send("PUT", path, API, vault_body(arm) | {"location": "northeurope"})
    assert moved.error == (409, "InvalidResourceLocation")
    taken = arm.send("PUT", vault_path(arm, elsewhere, name), API, vault_body(arm))
    assert taken.error == (409, "VaultAlreadyExists")
    assert arm.send("PUT", vault_path(arm, group, "1x"), API, vault_body(arm)).error == (400, "VaultNameNotValid")


@pytest.mark.parametrize(
    ("version", "given", "expected"),
    [
        ("2024-11-01", {"accessPolicies": []}, False),
        ("2026-02-01", {}, True),
        ("2026-02-01", {"accessPolicies": []}, True),
        ("2026-02-01", {"enableRbacAuthorization": False, "accessPolicies": []}, False),
        ("2026-05-15", {"enableRbacAuthorization": None}, True),
    ],
)
def test_what_opens_a_new_vault_that_does_not_say_so_depends_on_the_version(
    arm: ArmBench, group: str, version: str, given: dict[str, Any], expected: bool
) -> None:
    body = vault_body(arm)
    body["properties"] = {
        key: value for key, value in body["properties"].items() if key != "enableRbacAuthorization"
    } | given
    made = arm.send("PUT", vault_path(arm, group, unique("vault-")), version, body)
    assert (made.status, made.body["properties"]["enableRbacAuthorization"]) == (200, expected)


def test_a_vault_that_is_written_again_keeps_what_opens_it(arm: ArmBench, group: str) -> None:
    path, body = vault_path(arm, group, unique("vault-")), vault_body(arm)
    body["properties"] |= {"enableRbacAuthorization": False, "accessPolicies": []}
    arm.send("PUT", path, "2026-02-01", body)
    del body["properties"]["enableRbacAuthorization"]
    written = arm.send("PUT", path, "2026-02-01", body)
    assert (written.status, written.body["properties"]["enableRbacAuthorization"]) == (200, False)


@pytest.mark.parametrize("kind", ["managedHSMs", "deletedManagedHSMs"])
def test_there_are_no_managed_hsms(arm: ArmBench, kind: str) -> None:
    answer = arm.send("GET", f"{arm.subscription}/providers/Microsoft.KeyVault/{kind}", "2026-02-01")
    assert (answer.status, answer.body) == (200, {"value": []})
