"""Containers that are kept for some days after they were deleted."""

from __future__ import annotations

import time

import pytest
from azure.storage.blob import BlobServiceClient
from lake_bench import Bench, refused

from local_azure.services.data_lake import deleted_containers


def keep_containers(bench: Bench, days: int) -> None:
    """Has an account keep deleted containers, as Resource Manager would."""
    settings, policy = f"{bench.arm_id}/blobServices/default", {"enabled": True, "days": days}
    properties = {"containerDeleteRetentionPolicy": policy, "deleteRetentionPolicy": {"enabled": False}}
    bench.azure.resources.put(settings, {"id": settings, "properties": properties})


@pytest.fixture(params=["bench", "flat"])
def account(request: pytest.FixtureRequest) -> Bench:
    """An account that keeps deleted containers for a week."""
    found: Bench = request.getfixturevalue(request.param)
    keep_containers(found, 7)
    return found


def lines(client: BlobServiceClient) -> list[tuple[str, bool]]:
    """Name, and whether it is deleted, of each line of a list."""
    return [(each.name, bool(each.deleted)) for each in client.list_containers(include_deleted=True)]


def test_a_deleted_container_is_listed_apart_and_comes_back_with_what_is_in_it(account: Bench) -> None:
    client = account.blobs()
    client.create_container("data", metadata={"a": "b"}).upload_blob("dir/one", b"content")
    client.delete_container("data")
    assert list(client.list_containers()) == []
    [kept] = client.list_containers(include_deleted=True, include_metadata=True)
    assert (kept.name, kept.deleted, kept.metadata) == ("data", True, {"a": "b"})
    with refused(404, "ContainerNotFound"):
        client.get_container_client("data").get_container_properties()
    body = account.send("GET", account.blob("?comp=list&include=deleted")).text
    assert "<LeaseState>expired</LeaseState>" in body and "<RemainingRetentionDays>7<" in body
    back = client.undelete_container("data", str(kept.version))
    assert back.get_blob_client("dir/one").download_blob().readall() == b"content"
    assert lines(client) == [("data", False)]


def test_containers_of_one_name_are_told_apart_by_their_versions(account: Bench) -> None:
    client = account.blobs()
    for content in (b"1", b"2"):
        client.create_container("data").upload_blob("one", content)
        client.delete_container("data")
    client.create_container("data")
    client.create_container("more")
    assert lines(client) == [("data", True), ("data", True), ("data", False), ("more", False)]
    pages = client.list_containers(include_deleted=True, results_per_page=1).by_page()
    assert [[each.name for each in page] for page in pages] == [["data"], ["data"], ["data"], ["more"]]
    versions = [str(each.version) for each in client.list_containers(include_deleted=True) if each.deleted]
    with refused(409, "ContainerAlreadyExists"):
        client.undelete_container("data", versions[1])
    client.delete_container("data")
    back = client.undelete_container("data", versions[1])
    assert back.get_blob_client("one").download_blob().readall() == b"2"


def test_what_cannot_be_restored_is_refused(account: Bench) -> None:
    client = account.blobs()
    client.create_container("data")
    client.delete_container("data")
    [kept] = client.list_containers(include_deleted=True)
    with refused(404, "ContainerNotFound"):
        client.undelete_container("data", "01D69540C360196E")
    url, named = account.blob("other?restype=container&comp=undelete"), {"x_ms_deleted_container_name": "data"}
    without = account.send("PUT", url, body=b"", **named)
    assert without.headers["x-ms-error-code"] == "MissingRequiredHeader"
    renamed = account.send("PUT", url, body=b"", x_ms_deleted_container_version=str(kept.version), **named)
    assert renamed.headers["x-ms-error-code"] == "InvalidHeaderValue"


def test_a_container_that_was_kept_long_enough_is_gone(account: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deleted_containers, "DAY", 1)
    client = account.blobs()
    client.create_container("data").upload_blob("one", b"1")
    client.delete_container("data")
    time.sleep(0.01)
    assert lines(client) == []
