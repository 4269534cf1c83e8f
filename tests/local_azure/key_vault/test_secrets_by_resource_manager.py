"""What deployments do below a vault: secrets, access policies; and what is purged by itself when its time is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from arm_bench import ArmBench
from azure.core.exceptions import ResourceNotFoundError
from azure.keyvault.secrets import SecretClient
from running_azure import AzureBench, running_azure

from local_azure.role_definitions import KEY_VAULT_ADMINISTRATOR

VERSION = "2023-07-01"


def path_of(arm: ArmBench, group: str, vault: str) -> str:
    """The id of a vault."""
    return f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{vault}"


def test_a_deployment_writes_secrets_that_the_vault_hands_out(
    arm: ArmBench, group: str, vault: str, clients: Callable[[str, str], SecretClient]
) -> None:
    body: dict[str, Any] = {"properties": {"value": "one", "contentType": "text"}, "tags": {"a": "b"}}
    secret, data = f"{path_of(arm, group, vault)}/secrets/key", clients("data-engineer", vault)
    made = arm.send("PUT", secret, VERSION, body)
    assert (made.status, made.body["id"], made.body["tags"]) == (201, secret, {"a": "b"})
    assert "one" not in str(made.body)
    kept = data.get_secret("key")
    assert (kept.value, kept.properties.content_type) == ("one", "text")
    assert made.body["properties"]["secretUriWithVersion"] == kept.id
    again = arm.send("PUT", secret, VERSION, {"properties": {"value": "two"}})
    assert (again.status, data.get_secret("key").value) == (200, "two")
    changed = arm.vaults.secrets.update(group, vault, "key", {"properties": {"attributes": {"enabled": False}}})
    assert (changed.properties.attributes.enabled, changed.properties.value) == (False, None)
    assert [each.name for each in arm.vaults.secrets.list(group, vault)] == ["key"]
    assert arm.vaults.secrets.get(group, vault, "key").properties.secret_uri.endswith("/secrets/key")
    assert arm.resources.resources.check_existence_by_id(secret, VERSION) is True


def test_what_is_no_secret_is_refused_by_resource_manager(arm: ArmBench, group: str, vault: str) -> None:
    below = f"{path_of(arm, group, vault)}/secrets"
    assert arm.send("GET", f"{below}/none", VERSION).error == (404, "SecretNotFound")
    assert arm.send("PUT", f"{below}/a_b", VERSION, {"properties": {"value": "x"}}).error == (400, "BadParameter")
    assert arm.send("PUT", f"{below}/a", VERSION, {"properties": {}}).error == (400, "BadParameter")
    assert arm.send("DELETE", f"{below}/a", VERSION).error == (501, "UnknownRoute")
    assert arm.send("GET", f"{below}?$top=1", VERSION).error == (501, "UnknownParameter")
    outsider = ArmBench(arm.azure, "outsider")
    assert outsider.send("GET", f"{below}/none", VERSION).error == (403, "AuthorizationFailed")


def test_access_policies_are_added_replaced_and_taken_away(arm: ArmBench, group: str) -> None:
    vault = arm.new_vault(group, enableRbacAuthorization=False, accessPolicies=[])
    tenant = arm.azure.endpoints.tenant_id

    def entry(who: str, *secrets: str) -> dict[str, Any]:
        return {"tenantId": tenant, "objectId": who, "permissions": {"secrets": list(secrets)}}

    def change(operation: str, *entries: dict[str, Any]) -> list[tuple[str, list[str]]]:
        url = f"{path_of(arm, group, vault)}/accessPolicies/{operation}"
        answer = arm.send("PUT", url, VERSION, {"properties": {"accessPolicies": list(entries)}})
        assert answer.status == 200, answer.body
        shown = arm.vaults.vaults.get(group, vault).properties.access_policies
        assert len(answer.body["properties"]["accessPolicies"]) == len(shown)
        return [(each.object_id, each.permissions.secrets) for each in shown]

    one, two = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
    assert change("add", entry(one, "get"), entry(two, "list")) == [(one, ["get"]), (two, ["list"])]
    assert change("add", entry(one, "Get", "set")) == [(two, ["list"]), (one, ["get", "set"])]
    assert change("replace", entry(one, "delete")) == [(two, ["list"]), (one, ["delete"])]
    assert change("remove", entry(two, "list", "get"), entry("3", "get")) == [(one, ["delete"])]
    bad = arm.send(
        "PUT", f"{path_of(arm, group, vault)}/accessPolicies/x", VERSION, {"properties": {"accessPolicies": []}}
    )
    assert bad.error == (400, "BadRequest")


def test_what_was_deleted_is_purged_when_its_time_is_over() -> None:
    with running_azure() as azure, azure.acting_as("deployer"):
        arm = ArmBench(azure)
        group = arm.new_group()
        gone, kept = (arm.new_vault(group, softDeleteRetentionInDays=7) for _ in range(2))
        arm.give(path_of(arm, group, kept), KEY_VAULT_ADMINISTRATOR.id, "deployer")

        def anew() -> AzureBench:
            """The same stand-in for somebody who signs in now: tokens of before are over when days have passed."""
            return AzureBench(azure.state_folder, azure.endpoints)

        def data() -> SecretClient:
            return SecretClient(f"https://{kept}.vault.azure.net", anew().credential("deployer"))

        def deleted() -> tuple[list[str | None], list[str | None]]:
            vaults, secrets = ArmBench(anew()).vaults.vaults.list_deleted(), data().list_deleted_secrets()
            return [each.name for each in vaults], [each.name for each in secrets]

        data().set_secret("key", "x")
        data().begin_delete_secret("key")
        arm.vaults.vaults.delete(group, gone)
        azure.admin("POST", "/clock", {"advanceSeconds": 7 * 86400 - 60})
        assert deleted() == ([gone], ["key"])
        azure.admin("POST", "/clock", {"advanceSeconds": 120})
        assert deleted() == ([], [])
        assert data().set_secret("key", "y").value == "y"
        with pytest.raises(ResourceNotFoundError):
            ArmBench(anew()).vaults.vaults.get_deleted(gone, "westeurope")
