"""Accounts made without Resource Manager, by the owner of the stand-in: what `ingest local account` asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient
from lake_bench import DispatcherAdapter, make_account

from local_azure.http import Request, Response
from local_azure.server import LocalAzure


def _create(azure: LocalAzure, body: Any, token: str | None = None) -> Response:
    token = (azure.state_folder / "admin_token").read_text(encoding="utf-8") if token is None else token
    headers = {"authorization": f"Bearer {token}"}
    request = Request("POST", "local-azure.internal", "/accounts", {}, headers, json.dumps(body).encode())
    return azure.dispatcher.handle(request)


@pytest.mark.parametrize("is_flat", [True, False])
def test_a_bare_account_comes_with_its_key_and_its_endpoints(azure: LocalAzure, is_flat: bool) -> None:
    name = f"bare{is_flat}".lower()
    answer = _create(azure, {"name": name, "flat": is_flat})
    made = json.loads(answer.content())
    group = f"/subscriptions/{azure.directory.subscription_id}/resourceGroups/bare-accounts"
    assert answer.status == 200
    assert made == {
        "name": name,
        "key": made["key"],
        "endpoints": {
            "blob": f"https://{name}.blob.core.windows.net/",
            "dfs": f"https://{name}.dfs.core.windows.net/",
        },
        "hierarchical": not is_flat,
        "id": f"{group}/providers/Microsoft.Storage/storageAccounts/{name}",
    }
    transport = DispatcherAdapter(azure.dispatcher, "203.0.113.10").transport()
    blobs = BlobServiceClient(made["endpoints"]["blob"], made["key"], transport=transport, retry_total=0)
    assert str(blobs.get_account_information()["is_hns_enabled"]) == str(not is_flat)
    blobs.create_container("data").upload_blob("a", b"1")
    assert blobs.get_blob_client("data", "a").download_blob().readall() == b"1"


def test_who_asks_again_gets_the_same_account(azure: LocalAzure) -> None:
    made = _create(azure, {"name": "again", "flat": True})
    assert (made.status, _create(azure, {"name": "again", "flat": True}).content()) == (200, made.content())


def test_a_name_is_given_once(azure: LocalAzure) -> None:
    assert _create(azure, {"name": "taken"}).status == 200
    answer = _create(azure, {"name": "taken", "flat": True})
    assert (answer.status, json.loads(answer.content())["error"]) == (
        409,
        {
            "code": "StorageAccountAlreadyTaken",
            "message": "creating account taken: it is there with hierarchical namespace\n"
            "expected one without: choose another name",
        },
    )
    other = make_account(azure)
    refused = json.loads(_create(azure, {"name": other.name}).content())["error"]
    assert refused["message"] == (
        f"creating account {other.name}: the name is taken by {other.arm_id}\nexpected a name that no account has"
    )


@pytest.mark.parametrize("name", ["ab", "a" * 25, "With-Hyphen", "schön"])
def test_a_name_that_azure_would_not_take_is_refused(azure: LocalAzure, name: str) -> None:
    answer = _create(azure, {"name": name})
    message = (
        f"creating account {name}: {name} is not a valid storage account name\nexpected 3 to 24 lower-case letters"
    )
    assert (answer.status, json.loads(answer.content())["error"]) == (
        400,
        {"code": "AccountNameInvalid", "message": f"{message} and digits"},
    )


def test_only_the_owner_of_the_state_folder_makes_accounts(azure: LocalAzure) -> None:
    assert _create(azure, {"name": "mine"}, token="guessed").status == 401
