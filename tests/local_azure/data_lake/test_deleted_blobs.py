"""What accounts without hierarchy keep of blobs that were deleted or replaced: listed, brought back, gone at last."""

from __future__ import annotations

import time

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobType, ContainerClient, RetentionPolicy
from lake_bench import OWNER, Bench, refused

from local_azure.services.data_lake import retention

SHOWN = ["snapshots", "deleted"]


@pytest.fixture
def kept(flat: Bench) -> ContainerClient:
    """A container of an account that keeps what is deleted."""
    flat.assign("Contributor", OWNER)
    flat.blobs().set_service_properties(delete_retention_policy=RetentionPolicy(enabled=True, days=7))
    return flat.blobs().create_container("data")


def shown(container: ContainerClient, *include: str) -> list[tuple[str, bool, bool]]:
    """Name, whether it is a snapshot, whether it is deleted: of each line of a list."""
    found = container.list_blobs(include=list(include or SHOWN))
    return [(each.name, bool(each.snapshot), bool(each.deleted)) for each in found]


def test_a_deleted_blob_is_listed_apart_and_comes_back(flat: Bench, kept: ContainerClient) -> None:
    blob = kept.upload_blob("dir/one", b"content", metadata={"a": "b"})
    answer = flat.send("DELETE", flat.blob("data/dir/one"))
    assert (answer.status_code, answer.headers["x-ms-delete-type-permanent"]) == (202, "false")
    assert list(kept.list_blobs()) == []
    [line] = kept.list_blobs(include=["deleted"])
    assert (line.name, line.deleted, line.remaining_retention_days, line.size) == ("dir/one", True, 6, 7)
    assert line.deleted_time is not None and line.lease.state is None
    with refused(404, "BlobNotFound"):
        blob.get_blob_properties()
    blob.undelete_blob()
    assert blob.download_blob().readall() == b"content" and blob.get_blob_properties().metadata == {"a": "b"}
    assert shown(kept) == [("dir/one", False, False)]


def test_snapshots_are_deleted_with_their_blob_and_come_back_with_it(kept: ContainerClient) -> None:
    blob = kept.upload_blob("one", b"1")
    moment = str(blob.create_snapshot()["snapshot"])
    with refused(409, "SnapshotsPresent"):
        blob.delete_blob()
    blob.delete_blob(delete_snapshots="include")
    assert shown(kept) == [("one", True, True), ("one", False, True)]
    assert shown(kept, "deleted") == [("one", False, True)]
    with pytest.raises(ResourceNotFoundError):
        kept.get_blob_client("one", snapshot=moment).download_blob()
    blob.undelete_blob()
    assert shown(kept) == [("one", True, False), ("one", False, False)]
    kept.get_blob_client("one", snapshot=moment).delete_blob()
    assert shown(kept) == [("one", True, True), ("one", False, False)]
    blob.create_snapshot()
    blob.delete_blob(delete_snapshots="only")
    assert shown(kept) == [("one", True, True), ("one", True, True), ("one", False, False)]
    blob.undelete_blob()
    assert shown(kept) == [("one", True, False), ("one", True, False), ("one", False, False)]


def test_what_a_blob_replaces_is_kept_as_a_deleted_snapshot(kept: ContainerClient) -> None:
    blob = kept.upload_blob("one", b"first")
    kept.upload_blob("one", b"second", overwrite=True)
    blob.set_blob_metadata({"a": "b"})
    assert shown(kept) == [("one", True, True), ("one", False, False)]
    blob.undelete_blob()
    [first, _] = kept.list_blobs(include=["snapshots"])
    assert kept.get_blob_client("one", snapshot=str(first.snapshot)).download_blob().readall() == b"first"
    blob.delete_blob(delete_snapshots="include")
    kept.upload_blob("one", b"third")
    assert shown(kept) == [("one", True, True), ("one", True, True), ("one", False, False)]


def test_a_blob_of_another_type_ends_what_was_deleted_at_its_path(kept: ContainerClient) -> None:
    kept.upload_blob("one", b"1").delete_blob()
    kept.upload_blob("one", b"1", blob_type=BlobType.APPENDBLOB)
    assert shown(kept) == [("one", False, False)]


def test_deleted_blobs_are_folded_and_paged_among_the_others(kept: ContainerClient) -> None:
    for name in ("a/1", "a/2", "b", "c"):
        kept.upload_blob(name, b"0")
    for name in ("a/1", "a/2", "c"):
        kept.delete_blob(name)
    kept.upload_blob("c", b"1")
    assert [each.name for each in kept.walk_blobs(include=["deleted"])] == ["a/", "b", "c"]
    assert [each.name for each in kept.walk_blobs()] == ["b", "c"]
    pages = kept.list_blobs(include=SHOWN, results_per_page=1).by_page()
    names = [[(each.name, bool(each.snapshot)) for each in page] for page in pages]
    assert names == [[("a/1", False)], [("a/2", False)], [("b", False)], [("c", True)], [("c", False)]]
    assert [each.name for each in kept.list_blobs("a/", include=["deleted"])] == ["a/1", "a/2"]


def test_undelete_of_what_never_was_is_refused_and_of_what_is_there_changes_nothing(kept: ContainerClient) -> None:
    kept.upload_blob("one", b"1").undelete_blob()
    assert shown(kept) == [("one", False, False)]
    with refused(404, "BlobNotFound"):
        kept.get_blob_client("never").undelete_blob()


def test_what_was_kept_long_enough_is_gone(kept: ContainerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "DAY", 1)
    blob = kept.upload_blob("one", b"1")
    blob.delete_blob()
    time.sleep(0.01)
    assert shown(kept) == []
    with refused(404, "BlobNotFound"):
        blob.undelete_blob()


def test_an_account_that_keeps_nothing_deletes_for_good(flat: Bench, container: ContainerClient) -> None:
    container.upload_blob("one", b"1")
    assert flat.send("DELETE", flat.blob("data/one")).headers["x-ms-delete-type-permanent"] == "true"
    assert shown(container) == []
    only = flat.send("GET", flat.blob("data?restype=container&comp=list&showonly=deleted"))
    assert (only.status_code, only.headers["x-ms-error-code"]) == (501, "NotImplementedLocally")
