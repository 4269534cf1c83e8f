"""What the owner of a stand-in may do: clock, role lag, faults, bare accounts; each refusal by name."""

from __future__ import annotations

import json
import urllib.error
from datetime import datetime
from typing import Any

import pytest
from arm_bench import unique
from azure.storage.filedatalake import DataLakeServiceClient
from running_azure import AzureBench


def test_the_clock_moves_forward_only(shared_azure: AzureBench) -> None:
    before = datetime.fromisoformat(shared_azure.admin("GET", "/status")["now"][:19])
    after = datetime.fromisoformat(shared_azure.admin("POST", "/clock", {"advanceSeconds": 2})["now"][:19])
    assert 2 <= (after - before).total_seconds() < 60
    assert _refusal(shared_azure, "POST", "/clock", {"advanceSeconds": -1}) == (
        400,
        "reading the admin request: expected a number of 0 or more 'advanceSeconds'",
    )


def test_the_role_lag_is_set(shared_azure: AzureBench) -> None:
    assert shared_azure.admin("POST", "/role-lag", {"seconds": 5}) == {"roleLagSeconds": 5.0}
    assert shared_azure.admin("GET", "/status")["roleLagSeconds"] == 5.0
    shared_azure.admin("POST", "/role-lag", {"seconds": 0})


def test_a_fault_answers_as_often_as_asked(shared_azure: AzureBench) -> None:
    url = "https://login.microsoftonline.com/common/discovery/keys"
    fault = {"pattern": "GET https://login.*/common/discovery/keys", "status": 503, "code": "Busy", "times": 2}
    shared_azure.admin("POST", "/faults", {**fault, "retryAfterSeconds": 7})
    for _ in range(2):
        with pytest.raises(urllib.error.HTTPError) as caught:
            shared_azure.call("GET", url)
        assert (caught.value.code, caught.value.headers["retry-after"]) == (503, "7")
        assert b"injected by the local stand-in" in caught.value.read()
    assert shared_azure.call("GET", url)["keys"]


def test_faults_that_wait_can_be_cleared(shared_azure: AzureBench) -> None:
    shared_azure.admin("POST", "/faults", {"pattern": "discovery/keys", "status": 500, "code": "Broken"})
    shared_azure.admin("DELETE", "/faults")
    assert shared_azure.call("GET", "https://login.microsoftonline.com/common/discovery/keys")["keys"]


@pytest.mark.parametrize("flat", [False, True])
def test_a_bare_account_works_with_its_shared_key(shared_azure: AzureBench, flat: bool) -> None:
    name = unique("bare")
    made = shared_azure.admin("POST", "/accounts", {"name": name, "flat": flat})
    assert made["hierarchical"] is not flat
    assert made["endpoints"]["dfs"] == f"https://{name}.dfs.core.windows.net/"
    with (
        shared_azure.acting_as("outsider"),
        DataLakeServiceClient(made["endpoints"]["dfs"], credential=made["key"]) as client,
    ):
        client.create_file_system("raw")
        assert [each.name for each in client.list_file_systems()] == ["raw"]
    assert shared_azure.admin("POST", "/accounts", {"name": name, "flat": flat}) == made
    status, message = _refusal(shared_azure, "POST", "/accounts", {"name": name, "flat": not flat})
    assert (status, message.partition(": ")[0]) == (409, f"creating account {name}")


READING = "reading the admin request: expected "
AMOUNT = READING + "a number of 0 or more "


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("POST", "/clock", [], 400, READING + "a JSON object"),
        ("POST", "/clock", {"advanceSeconds": True}, 400, AMOUNT + "'advanceSeconds'"),
        ("POST", "/role-lag", {}, 400, AMOUNT + "'seconds'"),
        ("POST", "/role-lag", {"seconds": -1}, 400, AMOUNT + "'seconds'"),
        ("POST", "/accounts", {"name": ""}, 400, READING + "a text 'name'"),
        (
            "POST",
            "/accounts",
            {"name": "No_Name"},
            400,
            "creating account No_Name: No_Name is not a valid storage account name\n"
            "expected 3 to 24 lower-case letters and digits",
        ),
        (
            "POST",
            "/faults",
            {"pattern": "(", "status": 500, "code": "x"},
            400,
            "adding a fault for '(': missing ), unterminated subpattern at position 0; expected a regular expression",
        ),
        ("POST", "/faults", {"pattern": "a", "status": 500, "code": "x", "times": "2"}, 400, AMOUNT + "'times'"),
        (
            "GET",
            "/everything",
            None,
            501,
            "answering GET https://local-azure.internal/everything: no such route in the local stand-in",
        ),
    ],
)
def test_an_admin_request_that_does_not_fit_is_refused(
    shared_azure: AzureBench, method: str, path: str, body: Any, status: int, message: str
) -> None:
    assert _refusal(shared_azure, method, path, body) == (status, message)


def _refusal(azure: AzureBench, method: str, path: str, body: Any) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as caught:
        azure.admin(method, path, body)
    return caught.value.code, str(json.loads(caught.value.read())["error"]["message"])
