"""Containers of the blob service through azure-mgmt-storage: the same ones that the data plane has."""

from __future__ import annotations

from typing import Any

import pytest
from arm_bench import ArmBench
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobServiceClient

API = "2023-05-01"
CONTAINER = "Microsoft.Storage/storageAccounts/blobServices/containers"


def path_of(arm: ArmBench, group: str, account: str, name: str) -> str:
    provider = f"{arm.subscription}/resourceGroups/{group}/providers/Microsoft.Storage"
    return f"{provider}/storageAccounts/{account}/blobServices/default/containers/{name}"


def blobs(arm: ArmBench, group: str, account: str) -> BlobServiceClient:
    key = arm.storage.storage_accounts.list_keys(group, account).keys[0].value
    return BlobServiceClient(f"https://{account}.blob.core.windows.net", key)


def test_a_container_is_made_read_changed_and_deleted(arm: ArmBench, group: str) -> None:
    account, containers = arm.new_account(group), arm.storage.blob_containers
    made = containers.create(group, account, "raw", {"properties": {"publicAccess": "None", "metadata": {"zone": "a"}}})
    assert (made.id, made.name, made.type) == (path_of(arm, group, account, "raw"), "raw", CONTAINER)
    client = blobs(arm, group, account).get_container_client("raw")
    assert client.get_container_properties().metadata == {"zone": "a"}
    client.upload_blob("kept", b"1")
    changed = containers.update(group, account, "raw", {"properties": {"metadata": {"zone": "b"}}})
    assert changed.metadata == {"zone": "b"} and changed.etag != made.etag
    again = containers.create(group, account, "raw", {"properties": {}})
    assert (again.metadata, again.etag) == ({"zone": "b"}, changed.etag)
    assert client.download_blob("kept").readall() == b"1"
    found = containers.get(group, account, "raw")
    assert (found.public_access, found.lease_state, found.has_legal_hold) == ("None", "Available", False)
    assert found.last_modified_time == client.get_container_properties().last_modified.replace(
        microsecond=found.last_modified_time.microsecond
    )
    containers.delete(group, account, "raw")
    containers.delete(group, account, "raw")
    assert not client.exists()
    with pytest.raises(HttpResponseError, match="ContainerNotFound"):
        containers.get(group, account, "raw")


def test_creating_answers_201_and_what_is_there_200(arm: ArmBench, group: str) -> None:
    path = path_of(arm, group, arm.new_account(group), "twice")
    assert [arm.send("PUT", path, API, {}).status for _ in range(2)] == [201, 200]
    assert [arm.send("DELETE", path, API).status for _ in range(2)] == [200, 204]


def test_containers_are_listed_by_page_and_prefix_whoever_made_them(arm: ArmBench, group: str) -> None:
    account, containers = arm.new_account(group), arm.storage.blob_containers
    for name in ("curated", "raw-1", "raw-2"):
        containers.create(group, account, name, {})
    blobs(arm, group, account).create_container("raw-3")
    assert [each.name for each in containers.list(group, account)] == ["curated", "raw-1", "raw-2", "raw-3"]
    pages = containers.list(group, account, maxpagesize="2", filter="raw").by_page()
    assert [[each.name for each in page] for page in pages] == [["raw-1", "raw-2"], ["raw-3"]]


def test_deleted_containers_are_listed_where_they_are_kept_and_asked_for(arm: ArmBench, group: str) -> None:
    account, containers = arm.new_account(group), arm.storage.blob_containers
    policy = {
        "deleteRetentionPolicy": {"enabled": False},
        "containerDeleteRetentionPolicy": {"enabled": True, "days": 7},
    }
    arm.storage.blob_services.set_service_properties(group, account, {"properties": policy})
    for name in ("curated", "raw"):
        containers.create(group, account, name, {})
    containers.delete(group, account, "curated")
    assert [each.name for each in containers.list(group, account)] == ["raw"]
    pages = containers.list(group, account, include="deleted", maxpagesize="1").by_page()
    [[gone], [raw]] = [list(page) for page in pages]
    assert (gone.name, gone.deleted, gone.remaining_retention_days) == ("curated", True, 7)
    assert (gone.lease_state, raw.name, raw.deleted) == ("Expired", "raw", False)
    client = blobs(arm, group, account)
    client.undelete_container("curated", str(gone.version))
    assert [each.name for each in containers.list(group, account)] == ["curated", "raw"]


def test_a_leased_container_is_told_and_stays(arm: ArmBench, group: str) -> None:
    account, containers = arm.new_account(group), arm.storage.blob_containers
    containers.create(group, account, "held", {})
    lease = blobs(arm, group, account).get_container_client("held").acquire_lease()
    found = containers.get(group, account, "held")
    assert (found.lease_status, found.lease_state, found.lease_duration) == ("Locked", "Leased", "Infinite")
    assert arm.send("DELETE", path_of(arm, group, account, "held"), API).error == (412, "LeaseIdMissing")
    lease.release()
    assert arm.send("DELETE", path_of(arm, group, account, "held"), API).status == 200


@pytest.mark.parametrize(
    ("name", "properties", "error", "told"),
    [
        ("Upper", {}, (400, "InvalidResourceName"), "creating container Upper: "),
        ("open", {"publicAccess": "Blob"}, (409, "PublicAccessNotPermitted"), "public access is not permitted"),
        ("odd", {"odd": 1}, (400, "InvalidRequestContent"), "'odd'"),
        ("scoped", {"defaultEncryptionScope": "own"}, (501, "PropertyNotServed"), "defaultEncryptionScope 'own'"),
        (
            "locked",
            {"immutableStorageWithVersioning": {"enabled": True}, "enableNfsV3AllSquash": True},
            (501, "PropertyNotServed"),
            "properties.immutableStorageWithVersioning {'enabled': True}, properties.enableNfsV3AllSquash True",
        ),
    ],
)
def test_what_a_container_cannot_be_is_refused_by_name(
    arm: ArmBench, group: str, name: str, properties: dict[str, Any], error: tuple[int, str], told: str
) -> None:
    path = path_of(arm, group, arm.new_account(group), name)
    answer = arm.send("PUT", path, API, {"properties": properties})
    assert answer.error == error
    assert told in answer.body["error"]["message"]
    assert arm.send("GET", path, API).error == (404, "ContainerNotFound")


def test_what_is_not_there_is_told_by_its_name(arm: ArmBench, group: str) -> None:
    nowhere = path_of(arm, group, "nosuchaccount", "raw")
    assert arm.send("PUT", nowhere, API, {}).error == (404, "ResourceNotFound")
    path = path_of(arm, group, arm.new_account(group), "none")
    assert arm.send("PATCH", path, API, {}).error == (404, "ContainerNotFound")
    assert arm.send("POST", f"{path}/lease", API, {}).status == 501
    assert arm.send("GET", path.removesuffix("/none"), "2001-01-01").status == 400


def test_who_may_only_read_makes_no_container(arm: ArmBench, group: str) -> None:
    path = path_of(arm, group, arm.new_account(group), "mine")
    reader = ArmBench(arm.azure, "auditor")
    refused = reader.send("PUT", path, API, {})
    assert refused.error == (403, "AuthorizationFailed")
    assert f"{CONTAINER}/write" in refused.body["error"]["message"]
