"""The directory by Microsoft Graph, as the az command line asks it for the principals of roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from running_azure import AzureBench

from local_azure.directory import application_id, group_id

GRAPH = "https://graph.microsoft.com"
NOBODY = "11111111-1111-1111-1111-111111111111"


@pytest.fixture(autouse=True)
def _environment(shared_azure: AzureBench) -> Iterator[None]:
    with shared_azure.acting_as("deployer"):
        yield


def ask(azure: AzureBench, method: str, path: str, body: Any = None, identity: str = "deployer") -> Any:
    """Status and body of an answer."""
    token = azure.credential(identity).get_token(f"{GRAPH}/.default").token
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.request(method, f"{GRAPH}/v1.0{path}", json=body, headers=headers, timeout=60)
    return answer.status_code, answer.json()


def test_objects_are_told_by_their_ids(shared_azure: AzureBench) -> None:
    auditor, readers = shared_azure.object_id("auditor"), group_id("auditors")
    status, answer = ask(shared_azure, "POST", "/directoryObjects/getByIds", {"ids": [auditor, readers, NOBODY]})
    assert status == 200
    application, group = answer["value"]
    assert application["@odata.type"] == "#microsoft.graph.servicePrincipal"
    assert (application["id"], application["displayName"]) == (auditor, "auditor")
    assert application["servicePrincipalNames"] == [application["appId"]] == [application_id("auditor")]
    assert (group["@odata.type"], group["displayName"]) == ("#microsoft.graph.group", "auditors")


def test_objects_are_told_by_their_type(shared_azure: AzureBench) -> None:
    ids = [shared_azure.object_id("auditor"), group_id("auditors")]
    _, answer = ask(shared_azure, "POST", "/directoryObjects/getByIds", {"ids": ids, "types": ["user", "Group"]})
    assert [each["id"] for each in answer["value"]] == [group_id("auditors")]


@pytest.mark.parametrize(
    "asked",
    ["servicePrincipalNames/any(c:c eq '{id}')", "appId eq '{id}'", "displayName eq 'auditor'"],
)
def test_service_principals_are_found(shared_azure: AzureBench, asked: str) -> None:
    text = asked.format(id=application_id("auditor"))
    _, answer = ask(shared_azure, "GET", f"/servicePrincipals?$filter={text}")
    assert [each["id"] for each in answer["value"]] == [shared_azure.object_id("auditor")]
    _, answer = ask(shared_azure, "GET", "/servicePrincipals?$filter=displayName eq 'nobody'")
    assert answer["value"] == []


def test_all_are_listed_without_a_filter(shared_azure: AzureBench) -> None:
    _, applications = ask(shared_azure, "GET", "/servicePrincipals")
    _, groups = ask(shared_azure, "GET", "/groups")
    assert shared_azure.object_id("auditor") in [each["id"] for each in applications["value"]]
    assert group_id("auditors") in [each["id"] for each in groups["value"]]
    assert not {each["id"] for each in applications["value"]} & {each["id"] for each in groups["value"]}


def test_groups_are_found(shared_azure: AzureBench) -> None:
    _, answer = ask(shared_azure, "GET", "/groups?$filter=displayName eq 'auditors'")
    assert [each["id"] for each in answer["value"]] == [group_id("auditors")]
    # `az synapse role assignment create --assignee` asks by mail as well; security groups have none
    assert ask(shared_azure, "GET", "/groups?$filter=mail eq 'auditors'") == (200, answer | {"value": []})
    status, refused = ask(shared_azure, "GET", "/groups?$filter=description eq 'x'")
    assert (status, refused["error"]["code"]) == (400, "Request_UnsupportedQuery")


def test_an_object_is_told_by_its_id_and_kind(shared_azure: AzureBench) -> None:
    auditor, auditors = shared_azure.object_id("auditor"), group_id("auditors")
    for path, name in (
        (f"/servicePrincipals/{auditor}", "auditor"),
        (f"/directoryObjects/{auditor}", "auditor"),
        (f"/groups/{auditors}", "auditors"),
    ):
        status, answer = ask(shared_azure, "GET", path)
        assert (status, answer["displayName"]) == (200, name)
    for path in (f"/groups/{auditor}", f"/servicePrincipals/{auditors}", f"/users/{auditor}", f"/groups/{NOBODY}"):
        status, answer = ask(shared_azure, "GET", path)
        assert (status, answer["error"]["code"]) == (404, "Request_ResourceNotFound")
    _, answer = ask(shared_azure, "GET", f"/groups/{auditors}/members")
    assert [each["id"] for each in answer["value"]] == [auditor]


def test_an_application_is_not_me(shared_azure: AzureBench) -> None:
    status, answer = ask(shared_azure, "GET", "/me")
    assert (status, answer["error"]["code"]) == (400, "BadRequest")
    assert "only valid with delegated authentication flow" in answer["error"]["message"]


def test_nobody_is_a_user(shared_azure: AzureBench) -> None:
    assert ask(shared_azure, "GET", "/users?$filter=userPrincipalName eq 'auditor'")[1]["value"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "identity", "status", "code"),
    [
        ("POST", "/directoryObjects/getByIds", {"ids": [NOBODY]}, "auditor", 403, "Authorization_RequestDenied"),
        ("GET", "/users", None, "data-scientist", 403, "Authorization_RequestDenied"),
        ("POST", "/directoryObjects/getByIds", {}, "deployer", 400, "Request_BadRequest"),
        ("POST", "/directoryObjects/getByIds", {"ids": [NOBODY] * 1001}, "deployer", 400, "Request_BadRequest"),
        ("GET", "/servicePrincipals?$filter=tags/any(t:t eq 'x')", None, "deployer", 400, "Request_UnsupportedQuery"),
        ("GET", "/applications", None, "deployer", 501, "UnknownRoute"),
    ],
)
def test_what_does_not_fit_is_refused(
    shared_azure: AzureBench, method: str, path: str, body: Any, identity: str, status: int, code: str
) -> None:
    told, answer = ask(shared_azure, method, path, body, identity)
    assert (told, answer["error"]["code"]) == (status, code)


def test_a_token_for_another_service_is_refused(shared_azure: AzureBench) -> None:
    token = shared_azure.credential("deployer").get_token("https://vault.azure.net/.default").token
    answer = requests.get(f"{GRAPH}/v1.0/users", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_a_service_principal_is_told_by_the_id_of_its_application(shared_azure: AzureBench) -> None:
    status, found = ask(shared_azure, "GET", f"/servicePrincipals(appId='{application_id('auditor')}')")
    assert (status, found["id"]) == (200, shared_azure.object_id("auditor"))
    status, answer = ask(shared_azure, "GET", f"/servicePrincipals(appId='{NOBODY}')")
    assert (status, answer["error"]["code"]) == (404, "Request_ResourceNotFound")
