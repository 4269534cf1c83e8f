"""Deleted files and directories that are kept for some days: listed, brought back, and gone when the days are over."""

from __future__ import annotations

import time
from typing import Any

import pytest
from azure.storage.blob import RetentionPolicy
from azure.storage.filedatalake import FileSystemClient
from lake_bench import OWNER, Bench, refused

from local_azure.services.data_lake import retention


@pytest.fixture
def data(bench: Bench) -> FileSystemClient:
    """A filesystem with /dir/file and /top in an account that keeps what is deleted."""
    bench.assign("Contributor", OWNER)
    bench.blobs().set_service_properties(delete_retention_policy=RetentionPolicy(enabled=True, days=3))
    made = bench.made_file_system()
    for name in ("dir/file", "top"):
        made.get_file_client(name).upload_data(name.encode(), overwrite=True)
    return made


def test_a_file_comes_back_with_its_content(data: FileSystemClient) -> None:
    data.get_file_client("top").delete_file()
    with refused(404, "BlobNotFound"):
        data.get_file_client("top").get_file_properties()
    [kept] = data.list_deleted_paths()
    assert (kept.name, kept.remaining_retention_days) == ("top", 2)
    client = data._undelete_path("top", str(kept.deletion_id))  # the official client has no public name for it yet
    assert data.get_file_client(client.path_name).download_file().readall() == b"top"
    assert list(data.list_deleted_paths()) == []


def test_a_directory_comes_back_with_what_is_in_it(bench: Bench, data: FileSystemClient) -> None:
    answer = bench.send("DELETE", bench.dfs("data/dir?recursive=true"))
    told = answer.headers["x-ms-deletion-id"]
    assert answer.headers["x-ms-delete-type-permanent"] == "false"
    assert [each.name for each in data.get_paths()] == ["top"]
    url, source = bench.blob("data/dir?comp=undelete"), f"dir?deletionid={told}"
    back = bench.send("PUT", url, x_ms_undelete_source=source)
    assert (back.status_code, back.headers["x-ms-resource-type"]) == (200, "directory")
    assert data.get_file_client("dir/file").download_file().readall() == b"dir/file"


def test_what_is_deleted_is_folded_and_paged(bench: Bench, data: FileSystemClient) -> None:
    for name in ("dir/file", "top"):
        data.get_file_client(name).delete_file()
    pages = data.list_deleted_paths(results_per_page=1).by_page()
    assert [[each.name for each in page] for page in pages] == [["dir/file"], ["top"]]
    folded = bench.send("GET", bench.blob("data?restype=container&comp=list&showonly=deleted&delimiter=/")).text
    assert folded.count("<BlobPrefix><Name>dir/</Name></BlobPrefix>") == folded.count("<Blob>") == 1
    assert [each.name for each in data.list_deleted_paths(path_prefix="dir/")] == ["dir/file"]


def test_nothing_comes_back_over_something_else_or_twice(bench: Bench, data: FileSystemClient) -> None:
    data.get_file_client("top").delete_file()
    [kept] = data.list_deleted_paths()
    url, source = bench.blob("data/top?comp=undelete"), f"top?deletionid={kept.deletion_id}"
    wrongs: list[dict[str, Any]] = [{}, {"x_ms_undelete_source": "top"}]
    for wrong in wrongs:
        assert bench.send("PUT", url, body=b"", **wrong).headers["x-ms-error-code"] == "InvalidHeaderValue"
    other = bench.send("PUT", url, body=b"", x_ms_undelete_source="top?deletionid=1")
    assert other.headers["x-ms-error-code"] == "BlobNotFound"
    data.create_file("top")
    taken = bench.send("PUT", url, x_ms_undelete_source=source)
    assert taken.headers["x-ms-error-code"] == "BlobAlreadyExists"
    data.get_file_client("top").delete_file()
    assert [
        bench.send("PUT", url, x_ms_undelete_source=each).status_code for each in (source.removeprefix("top"), source)
    ] == [200, 404]


def test_what_was_kept_long_enough_is_gone(
    bench: Bench, data: FileSystemClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.get_file_client("top").delete_file()
    [kept] = data.list_deleted_paths()
    monkeypatch.setattr(retention, "DAY", 1)
    assert [each.name for each in data.list_deleted_paths()] == ["top"]  # is kept for as long as was said then
    bench.send("DELETE", bench.dfs("data/dir/file"))
    time.sleep(0.01)
    assert [each.name for each in data.list_deleted_paths()] == ["top"]
    url, source = bench.blob("data/top?comp=undelete"), f"top?deletionid={kept.deletion_id}"
    bench.blobs().set_service_properties(delete_retention_policy=RetentionPolicy(enabled=False))
    assert bench.send("PUT", url, x_ms_undelete_source=source).status_code == 200


def test_an_account_that_keeps_nothing_deletes_for_good(bench: Bench, flat: Bench) -> None:
    data = bench.made_file_system()
    data.create_file("top")
    answer = bench.send("DELETE", bench.dfs("data/top"))
    assert answer.headers["x-ms-delete-type-permanent"] == "true"
    assert list(data.list_deleted_paths()) == []
    flat.blobs().create_container("data")
    answer = flat.send("PUT", flat.blob("data/x?comp=undelete"), body=b"", x_ms_undelete_source="x?deletionid=1")
    assert answer.headers["x-ms-error-code"] == "HierarchicalNamespaceNotEnabled"
