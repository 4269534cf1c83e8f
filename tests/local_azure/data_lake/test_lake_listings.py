"""Listings that begin at a path: what clients of Delta tables ask for."""

from __future__ import annotations

import pytest
from lake_bench import Bench, make_account, refused

from local_azure.server import LocalAzure

NAMES = ("a/1", "a/2", "b/c/3", "b/c/4", "d")


@pytest.fixture(params=[True, False], ids=["hierarchical", "flat"])
def account(request: pytest.FixtureRequest, azure: LocalAzure) -> Bench:
    """An account with a container of five blobs."""
    bench = make_account(azure, hierarchical=request.param)
    container = bench.blobs().create_container("data")
    for name in NAMES:
        container.upload_blob(name, b"x")
    return bench


@pytest.mark.parametrize(
    ("prefix", "start", "expected"),
    [
        ("", "a/2", ["a/2", "b/c/3", "b/c/4", "d"]),
        ("a/", "a/2", ["a/2"]),
        ("a/", "a/15", ["a/2"]),
        ("b/c/", "b/c/4", ["b/c/4"]),
        ("b/", "a/1", ["b/c/3", "b/c/4"]),
        ("", "e", []),
    ],
)
def test_blobs_are_listed_from_a_path_on_that_path_included(
    account: Bench, prefix: str, start: str, expected: list[str]
) -> None:
    container = account.blobs().get_container_client("data")
    found = container.list_blobs(prefix or None, start_from=start, results_per_page=1)
    assert [each.name for each in found if each.size] == expected


def test_folders_are_listed_from_a_path_on(account: Bench) -> None:
    container = account.blobs().get_container_client("data")
    assert [each.name for each in container.walk_blobs(start_from="b")] == ["b/", "d"]


@pytest.fixture
def lake(azure: LocalAzure) -> Bench:
    """An account with a filesystem of five files."""
    bench = make_account(azure)
    data = bench.made_file_system()
    for name in NAMES:
        data.create_file(name)
    return bench


def test_paths_are_listed_from_a_path_below_the_directory_on(lake: Bench) -> None:
    data = lake.file_system()
    assert [each.name for each in data.get_paths("b", start_from="c/4")] == ["b/c/4"]
    assert [each.name for each in data.get_paths(recursive=False, start_from="b")] == ["b", "d"]


def test_where_one_level_is_listed_one_level_is_named(lake: Bench) -> None:
    with refused(400, "InvalidQueryParameterValue"):
        list(lake.file_system().get_paths(recursive=False, start_from="b/c"))
    with refused(400, "InvalidQueryParameterValue"):
        list(lake.blobs().get_container_client("data").walk_blobs(start_from="b/c"))


def test_a_name_that_xml_cannot_hold_is_listed(account: Bench) -> None:
    container = account.blobs().get_container_client("data")
    container.upload_blob("e/\uffff & <file>", b"x")
    assert "e/\uffff & <file>" in [each.name for each in container.list_blobs("e")]


def test_a_copy_is_listed_with_what_it_was_copied_from(account: Bench) -> None:
    container = account.blobs().get_container_client("data")
    container.get_blob_client("e").start_copy_from_url(account.blob("data/d"))
    [copied] = container.list_blobs("e", include=["copy"])
    assert (copied.copy.source, copied.copy.status, copied.copy.progress) == (account.blob("data/d"), "success", "1/1")
    [unasked] = container.list_blobs("e")
    assert unasked.copy.id is None


def test_blobs_without_content_yet_are_not_left_out_in_silence(account: Bench) -> None:
    container = account.blobs().get_container_client("data")
    container.get_blob_client("d").stage_block("AAAA", b"x")
    assert [each.name for each in container.list_blobs("d", include=["uncommittedblobs"])] == ["d"]
    container.get_blob_client("e").stage_block("AAAA", b"x")
    with refused(501, "NotImplementedLocally") as told:
        list(container.list_blobs(include=["uncommittedblobs"]))
    assert "listing e, which is not committed" in str(told.value)


@pytest.mark.parametrize("recursive", [True, False])
def test_a_file_is_listed_as_itself(lake: Bench, recursive: bool) -> None:
    assert [(each.name, each.is_directory) for each in lake.file_system().get_paths("b/c/4", recursive=recursive)] == [
        ("b/c/4", False)
    ]


def test_a_list_of_containers_includes_what_it_can(flat: Bench) -> None:
    flat.blobs().create_container("data", metadata={"a": "b"})
    found = list(flat.blobs().list_containers(include_metadata=True, include_deleted=True, include_system=True))
    assert [(each.name, each.metadata) for each in found] == [("data", {"a": "b"})]
    unknown = flat.send("GET", flat.blob("?comp=list&include=tags"))
    assert (unknown.status_code, unknown.headers["x-ms-error-code"]) == (400, "InvalidQueryParameterValue")
