"""Snapshots of blobs in an account without hierarchy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.storage.blob import BlobClient, BlobSasPermissions, ContainerClient, generate_blob_sas
from lake_bench import Bench, refused


@pytest.fixture
def blob(container: ContainerClient) -> BlobClient:
    """A blob."""
    return container.upload_blob("one", b"first", metadata={"a": "1"}, tags={"t": "1"})


def of(container: ContainerClient, snapshot: str) -> BlobClient:
    """A client of a snapshot."""
    return container.get_blob_client("one", snapshot=snapshot)


def taken_of(blob: BlobClient, **options: Any) -> str:
    """The name of a new snapshot of a blob."""
    return str(blob.create_snapshot(**options)["snapshot"])


def test_a_snapshot_stays_what_the_blob_was(container: ContainerClient, blob: BlobClient) -> None:
    before = blob.get_blob_properties()
    taken = of(container, taken_of(blob))
    blob.upload_blob(b"second", overwrite=True)
    properties = taken.get_blob_properties()
    assert (properties.etag, properties.metadata) == (before.etag, {"a": "1"})
    assert (taken.download_blob().readall(), taken.get_blob_tags()) == (b"first", {"t": "1"})
    assert blob.download_blob().readall() == b"second"
    renamed = of(container, taken_of(blob, metadata={"b": "2"}))
    assert renamed.get_blob_properties().metadata == {"b": "2"}
    assert renamed.get_blob_properties().etag != blob.get_blob_properties().etag


def test_snapshots_are_listed_before_their_blob_in_pages(container: ContainerClient, blob: BlobClient) -> None:
    container.upload_blob("two", b"")
    moments = [taken_of(blob) for _ in range(3)]
    assert moments == sorted(set(moments))
    expected = [*(("one", each) for each in moments), ("one", None), ("two", None)]
    for size in (1, 2, 3, 10):
        pages = container.list_blobs(include=["snapshots"], results_per_page=size).by_page()
        found = [[(each.name, each.snapshot) for each in page] for page in pages]
        assert [len(page) for page in found[:-1]] == [size] * (len(found) - 1)
        assert [each for page in found for each in page] == expected
    assert [each.name for each in container.list_blobs()] == ["one", "two"]


def test_a_blob_with_snapshots_is_deleted_as_the_request_says(container: ContainerClient, blob: BlobClient) -> None:
    first, second = (taken_of(blob) for _ in range(2))
    with refused(409, "SnapshotsPresent"):
        blob.delete_blob()
    of(container, first).delete_blob()
    assert not of(container, first).exists()
    blob.delete_blob(delete_snapshots="only")
    assert (blob.exists(), of(container, second).exists()) == (True, False)
    blob.create_snapshot()
    blob.delete_blob(delete_snapshots="include")
    assert list(container.list_blobs(include=["snapshots"])) == []


def test_a_snapshot_is_promoted_by_a_copy(container: ContainerClient, blob: BlobClient) -> None:
    taken = of(container, taken_of(blob))
    blob.upload_blob(b"second", overwrite=True)
    blob.start_copy_from_url(taken.url)
    assert blob.download_blob().readall() == b"first"


def test_a_snapshot_may_grow_no_more_though_its_blob_does(container: ContainerClient) -> None:
    log = container.get_blob_client("one")
    log.create_append_blob()
    log.append_block(b"a")
    taken = of(container, taken_of(log))
    log.append_block(b"b")
    assert (taken.download_blob().readall(), log.download_blob().readall()) == (b"a", b"ab")


def test_a_signature_is_for_one_snapshot(flat: Bench, container: ContainerClient, blob: BlobClient) -> None:
    first, second = (taken_of(blob) for _ in range(2))
    blob.upload_blob(b"second", overwrite=True)
    read = BlobSasPermissions(read=True)
    until = datetime.now(UTC) + timedelta(hours=1)

    def signed(snapshot: str | None) -> str:
        return generate_blob_sas(
            flat.name, "data", "one", snapshot=snapshot, account_key=flat.key, permission=read, expiry=until
        )

    def reader(signature: str, snapshot: str | None) -> BlobClient:
        return BlobClient(blob.url.partition("/data")[0], "data", "one", snapshot, signature, **flat.options())

    assert reader(signed(first), first).download_blob().readall() == b"first"
    assert reader(signed(None), second).download_blob().readall() == b"first"
    with refused(403, "AuthenticationFailed"):
        reader(signed(first), second).download_blob()


def test_what_is_no_snapshot_is_refused(
    bench: Bench, flat: Bench, container: ContainerClient, blob: BlobClient
) -> None:
    with refused(404, "BlobNotFound"):
        of(container, "2020-01-01T00:00:00.0000000Z").download_blob()
    with refused(400, "InvalidQueryParameterValue"):
        of(container, "yesterday").download_blob()
    taken = taken_of(blob)
    answer = flat.send("DELETE", flat.blob(f"data/one?snapshot={taken}"), x_ms_delete_snapshots="only")
    assert answer.headers["x-ms-error-code"] == "InvalidHeaderValue"
    bench.made_file_system().create_file("file")
    with refused(501, "NotImplementedLocally"):
        bench.blobs().get_blob_client("data", "file").create_snapshot()
    with refused(412, "ConditionNotMet"):
        blob.create_snapshot(if_tags_match_condition="t = '2'")


def test_accounts_keep_no_versions_so_that_none_are_listed(container: ContainerClient) -> None:
    container.upload_blob("one", b"")
    assert [each.name for each in container.list_blobs(include=["versions"])] == ["one"]
