"""The life of a secret through the official client, and who is kept from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from arm_bench import ArmBench, unique, vault_body
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.keyvault.secrets import SecretClient
from running_azure import AzureBench

from local_azure.role_definitions import KEY_VAULT_ADMINISTRATOR, KEY_VAULT_SECRETS_USER

Clients = Callable[[str, str], SecretClient]
SIXTEEN_TAGS = {str(number): "" for number in range(16)}


def scope_of(arm: ArmBench, group: str, vault: str) -> str:
    return f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{vault}"


def test_a_secret_is_set_read_updated_and_versioned(clients: Clients, vault: str) -> None:
    client = clients("data-engineer", vault)
    expires = datetime(2030, 1, 1, tzinfo=UTC)
    first = client.set_secret("key", "one", content_type="text/plain", tags={"a": "b"}, expires_on=expires)
    second = client.set_secret("key", "two")
    assert client.get_secret("key").value == "two"
    old = client.get_secret("key", first.properties.version)
    assert (old.value, old.properties.content_type, old.properties.tags) == ("one", "text/plain", {"a": "b"})
    assert old.properties.expires_on == expires
    updated = client.update_secret_properties("key", second.properties.version, content_type="x", tags={"c": "d"})
    assert (updated.content_type, updated.tags) == ("x", {"c": "d"})
    versions = {each.version for each in client.list_properties_of_secret_versions("key")}
    assert versions == {first.properties.version, second.properties.version}
    assert [each.name for each in client.list_properties_of_secrets()] == ["key"]
    assert second.properties.vault_url == f"https://{vault}.vault.azure.net"
    assert second.properties.recovery_level == "Recoverable+Purgeable"


def test_contacts_of_certificates_are_none_for_those_who_may_ask(
    arm: ArmBench, shared_azure: AzureBench, vault: str
) -> None:
    def asked(identity: str) -> tuple[int, str]:
        token = shared_azure.credential(identity).get_token("https://vault.azure.net/.default").token
        url = f"https://{vault}.vault.azure.net/certificates/contacts?api-version=7.4"
        answer = requests.get(url, headers={"authorization": f"Bearer {token}"}, timeout=10)
        return answer.status_code, answer.json()["error"]["code"]

    assert asked("data-engineer") == (404, "ContactsNotFound")
    assert asked("outsider") == (403, "Forbidden")


def test_a_secret_is_soft_deleted_recovered_and_purged(clients: Clients, vault: str) -> None:
    client = clients("data-engineer", vault)
    client.set_secret("key", "one")
    deleted = client.begin_delete_secret("key").result()
    assert deleted.recovery_id == f"https://{vault}.vault.azure.net/deletedsecrets/key"
    assert deleted.deleted_date is not None and deleted.scheduled_purge_date is not None
    assert (deleted.scheduled_purge_date - deleted.deleted_date).days == 90
    with pytest.raises(ResourceNotFoundError, match="SecretNotFound"):
        client.get_secret("key")
    with pytest.raises(HttpResponseError, match="deleted but recoverable state"):
        client.set_secret("key", "again")
    assert [each.name for each in client.list_deleted_secrets()] == ["key"]
    assert client.get_deleted_secret("key").name == "key"
    client.begin_recover_deleted_secret("key").result()
    assert client.get_secret("key").value == "one"
    client.begin_delete_secret("key").result()
    client.purge_deleted_secret("key")
    with pytest.raises(ResourceNotFoundError):
        client.get_deleted_secret("key")
    assert client.set_secret("key", "new").value == "new"


def test_a_backup_is_restored_to_a_free_name(clients: Clients, vault: str) -> None:
    client = clients("data-engineer", vault)
    client.set_secret("key", "one")
    client.set_secret("key", "two", tags={"a": "b"})
    backup = client.backup_secret("key")
    assert b"two" not in backup
    with pytest.raises(HttpResponseError, match="Conflict"):
        client.restore_secret_backup(backup)
    client.begin_delete_secret("key").result()
    with pytest.raises(HttpResponseError, match="deleted but recoverable state"):
        client.restore_secret_backup(backup)
    client.purge_deleted_secret("key")
    assert client.restore_secret_backup(backup).tags == {"a": "b"}
    assert client.get_secret("key").value == "two"
    assert len(list(client.list_properties_of_secret_versions("key"))) == 2
    with pytest.raises(HttpResponseError, match="invalid or corrupt"):
        client.restore_secret_backup(b"no backup")


def test_a_secret_that_is_not_there_has_no_versions(clients: Clients, vault: str) -> None:
    assert list(clients("data-engineer", vault).list_properties_of_secret_versions("missing")) == []


def test_many_secrets_come_in_pages(clients: Clients, vault: str) -> None:
    client = clients("data-engineer", vault)
    names = [f"key-{number:02}" for number in range(30)]
    for name in names:
        client.set_secret(name, "value")
    assert [each.name for each in client.list_properties_of_secrets()] == names
    pages = list(client.list_properties_of_secrets(max_page_size=12).by_page())
    assert [len(list(page)) for page in pages] == [12, 12, 6]


def test_a_disabled_secret_cannot_be_read(clients: Clients, vault: str) -> None:
    client = clients("data-engineer", vault)
    client.set_secret("key", "one", enabled=False)
    with pytest.raises(HttpResponseError, match="not allowed on a disabled secret") as caught:
        client.get_secret("key")
    assert caught.value.status_code == 403


def test_a_vault_with_purge_protection_keeps_deleted_secrets(arm: ArmBench, group: str, clients: Clients) -> None:
    name = arm.new_vault(group, enablePurgeProtection=True)
    arm.give(scope_of(arm, group, name), KEY_VAULT_ADMINISTRATOR.id, "data-engineer")
    client = clients("data-engineer", name)
    assert client.set_secret("key", "one").properties.recovery_level == "Recoverable"
    client.begin_delete_secret("key").result()
    with pytest.raises(HttpResponseError, match='"purge" is not enabled for this vault'):
        client.purge_deleted_secret("key")


def test_owning_a_vault_opens_none_of_its_secrets(clients: Clients, vault: str) -> None:
    with pytest.raises(HttpResponseError) as caught:
        clients("deployer", vault).get_secret("key")
    assert caught.value.status_code == 403 and caught.value.error is not None
    assert "Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'" in str(caught.value)
    inner = caught.value.error.innererror
    assert inner is not None and inner["code"] == "ForbiddenByRbac"


def test_a_role_on_one_secret_opens_that_one(arm: ArmBench, group: str, vault: str, clients: Clients) -> None:
    owner = clients("data-engineer", vault)
    owner.set_secret("mine", "yes")
    owner.set_secret("other", "no")
    arm.give(f"{scope_of(arm, group, vault)}/secrets/mine", KEY_VAULT_SECRETS_USER.id, "data-scientist")
    reader = clients("data-scientist", vault)
    assert reader.get_secret("mine").value == "yes"
    with pytest.raises(HttpResponseError, match="Caller is not authorized to perform action"):
        reader.get_secret("other")
    with pytest.raises(HttpResponseError, match="Caller is not authorized to perform action"):
        reader.set_secret("mine", "no")


def test_in_policy_mode_the_policies_decide(arm: ArmBench, group: str, clients: Clients) -> None:
    policy = {
        "tenantId": arm.azure.endpoints.tenant_id,
        "objectId": arm.azure.object_id("data-scientists"),
        "permissions": {"secrets": ["get", "set", "delete"]},
    }
    name = arm.new_vault(group, enableRbacAuthorization=False, accessPolicies=[policy])
    member, other = clients("data-scientist", name), clients("data-engineer", name)
    member.set_secret("key", "one")
    assert member.get_secret("key").value == "one"
    assert member.update_secret_properties("key", content_type="text").content_type == "text"
    with pytest.raises(HttpResponseError, match="does not have secrets set permission on key vault"):
        other.update_secret_properties("key", content_type="other")
    with pytest.raises(HttpResponseError, match="does not have secrets list permission on key vault"):
        list(member.list_properties_of_secrets())
    with pytest.raises(HttpResponseError, match="does not have secrets get permission on key vault"):
        other.get_secret("key")
    member.begin_delete_secret("key").wait()
    assert member.get_deleted_secret("key").name == "key"
    with pytest.raises(HttpResponseError, match="does not have secrets list permission on key vault"):
        list(member.list_deleted_secrets())


def test_the_first_call_is_answered_with_a_challenge(shared_azure: AzureBench, vault: str) -> None:
    answer = _send(shared_azure, "GET", vault, "/secrets/key?api-version=7.4")
    assert answer.status_code == 401
    tenant = shared_azure.endpoints.tenant_id
    assert answer.headers["www-authenticate"] == (
        f'Bearer authorization="https://login.microsoftonline.com/{tenant}", resource="https://vault.azure.net"'
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "text"),
    [
        ("GET", "/secrets/none?api-version=7.4", None, 404, "SecretNotFound", "(name/id) none was not found"),
        ("GET", "/secrets/key/none?api-version=7.4", None, 404, "SecretNotFound", "key/none"),
        ("GET", "/secrets/key", None, 400, "BadParameter", "The specified version () is not recognized"),
        ("GET", "/secrets/key?api-version=1.0", None, 400, "BadParameter", "The specified version (1.0)"),
        ("PUT", "/secrets/a_b?api-version=7.4", {"value": "x"}, 400, "BadParameter", "invalid name: a_b"),
        ("PUT", "/secrets/key?api-version=7.4", {"value": 1}, 400, "BadParameter", "'value' is required"),
        ("PUT", "/secrets/key?api-version=7.4", {"value": "x", "odd": 1}, 400, "BadParameter", "unknown: odd"),
        ("PUT", "/secrets/key?api-version=7.4", {"value": "x", "attributes": {"odd": 1}}, 400, "BadParameter", "odd"),
        ("PUT", "/secrets/key?api-version=7.4", {"value": "é" * 12801}, 400, "BadParameter", "25602 bytes, at most"),
        ("PUT", "/secrets/key?api-version=7.4", {"value": "x", "contentType": "x" * 256}, 400, "BadParameter", "255"),
        ("PUT", "/secrets/key?api-version=7.4", {"value": "", "tags": {"a": "x" * 513}}, 400, "BadParameter", "512"),
        ("PUT", "/secrets/key?api-version=7.4", {"value": "", "tags": SIXTEEN_TAGS}, 400, "BadParameter", "at most 15"),
        ("PUT", "/secrets/key?api-version=7.4", [], 400, "BadParameter", "must be a JSON object"),
        ("PUT", "/secrets/key?api-version=7.4", "{", 400, "BadParameter", "must be a JSON object"),
        ("GET", "/secrets?api-version=7.4&maxresults=99", None, 400, "BadParameter", "expected 1 to 25"),
        ("DELETE", "/deletedsecrets/none?api-version=7.4", None, 404, "SecretNotFound", "none"),
        ("GET", "/keys?api-version=7.4", None, 501, "UnknownRoute", "/keys: no such route"),
        ("POST", "/deletedsecrets/a/b?api-version=7.4", None, 501, "UnknownRoute", "no such route"),
    ],
)  # fmt: skip
def test_a_request_that_does_not_fit_is_refused(
    shared_azure: AzureBench, arm: ArmBench, vault: str, clients: Clients, method: str, path: str, body: Any,
    status: int, code: str, text: str,
) -> None:  # fmt: skip
    clients("data-engineer", vault).set_secret("key", "one")
    token = shared_azure.credential("data-engineer").get_token("https://vault.azure.net/.default").token
    answer = _send(shared_azure, method, vault, path, body, token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert text in answer.json()["error"]["message"]


def test_a_token_for_storage_does_not_open_a_vault(shared_azure: AzureBench, vault: str) -> None:
    token = shared_azure.credential("data-engineer").get_token("https://storage.azure.com/.default").token
    answer = _send(shared_azure, "GET", vault, "/secrets/key?api-version=7.4", None, token)
    assert answer.status_code == 401 and "wrong audience" in answer.json()["error"]["message"]


def test_the_name_of_no_vault_does_not_resolve(shared_azure: AzureBench) -> None:
    with pytest.raises(requests.exceptions.ProxyError, match="502"):
        _send(shared_azure, "GET", unique("nowhere-"), "/secrets?api-version=7.4")


@pytest.mark.parametrize(
    ("properties", "source_ip", "inner"),
    [
        ({"networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "198.51.100.0/24"}]}}, "198.51.100.7", None),
        (
            {"networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "198.51.100.0/24"}]}},
            "203.0.113.10",
            "ForbiddenByFirewall",
        ),
        ({"networkAcls": {"defaultAction": "Allow"}}, "203.0.113.10", None),
        ({"publicNetworkAccess": "Disabled"}, "203.0.113.10", "ForbiddenByConnection"),
    ],
)
def test_network_rules_stand_before_everything_else(
    shared_azure: AzureBench, arm: ArmBench, group: str, properties: dict[str, Any], source_ip: str, inner: str | None
) -> None:
    name = arm.new_vault(group, **properties)
    arm.give(scope_of(arm, group, name), KEY_VAULT_SECRETS_USER.id, "data-engineer")
    with shared_azure.acting_as("data-engineer", source_ip):
        client = SecretClient(f"https://{name}.vault.azure.net", shared_azure.credential("data-engineer"))
        with pytest.raises(HttpResponseError) as caught:
            client.get_secret("key")
    assert caught.value.error is not None
    found = caught.value.error.innererror
    assert (found["code"] if found else None) == inner
    assert caught.value.status_code == (403 if inner else 404)


def test_secrets_of_a_purged_vault_do_not_come_back(arm: ArmBench, group: str, vault: str, clients: Clients) -> None:
    clients("data-engineer", vault).set_secret("key", "one")
    vaults = arm.vaults.vaults
    vaults.delete(group, vault)
    vaults.begin_create_or_update(group, vault, vault_body(arm, createMode="recover")).result()
    arm.give(scope_of(arm, group, vault), KEY_VAULT_SECRETS_USER.id, "data-engineer")
    assert clients("data-engineer", vault).get_secret("key").value == "one"
    vaults.delete(group, vault)
    vaults.begin_purge_deleted(vault, "westeurope").result()
    vaults.begin_create_or_update(group, vault, vault_body(arm)).result()
    arm.give(scope_of(arm, group, vault), KEY_VAULT_SECRETS_USER.id, "data-engineer")
    with pytest.raises(ResourceNotFoundError, match="SecretNotFound"):
        clients("data-engineer", vault).get_secret("key")


def _send(
    azure: AzureBench, method: str, vault: str, path: str, body: Any = None, token: str | None = None
) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": azure.endpoints.proxy}
        session.verify = azure.endpoints.ca_file
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return session.request(method, f"https://{vault}.vault.azure.net{path}", json=body, headers=headers)
