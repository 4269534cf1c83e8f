"""Renaming to a directory that is there, and clients that call their requests something to know them again."""

from __future__ import annotations

import pytest
from azure.storage.filedatalake import FileSystemClient
from lake_bench import Bench

TRANSACTION = "x-ms-client-transaction-id"


@pytest.fixture
def data(bench: Bench) -> FileSystemClient:
    """A filesystem with /from/file, /from/below/file and the directory /to with a file."""
    made = bench.made_file_system()
    for name in ("from/file", "from/below/file", "to/file.old"):
        made.create_file(name)
    return made


@pytest.mark.parametrize(
    ("source", "destination", "expected"),
    [
        ("from/file", "to", ["to/file", "to/file.old"]),
        ("from/below", "to", ["to/below", "to/below/file", "to/file.old"]),
        ("from/file", "from", None),
    ],
)
def test_what_is_renamed_to_a_directory_goes_into_it(
    data: FileSystemClient, source: str, destination: str, expected: list[str] | None
) -> None:
    before = [each.name for each in data.get_paths()]
    data.get_file_client(source).rename_file(f"data/{destination}")
    found = [each.name for each in data.get_paths(destination)]
    assert found == (expected or [name for name in before if name.startswith(f"{destination}/")])


@pytest.mark.parametrize("source", ["from/file", "from/below"])
def test_what_is_renamed_to_the_root_goes_into_it(data: FileSystemClient, bench: Bench, source: str) -> None:
    assert bench.send("PUT", bench.dfs("data/"), x_ms_rename_source=f"/data/{source}").status_code == 201
    assert data.get_file_client(source.removeprefix("from/")).exists()
    assert not data.get_file_client(source).exists()


@pytest.mark.parametrize(("mode", "path"), [("legacy", "empty/file"), ("posix", "empty/below/file")])
def test_a_directory_takes_the_place_of_an_empty_one_in_the_legacy_mode(
    data: FileSystemClient, bench: Bench, mode: str, path: str
) -> None:
    data.create_directory("empty")
    answer = bench.send("PUT", bench.dfs(f"data/empty?mode={mode}"), x_ms_rename_source="/data/from/below")
    assert answer.status_code == 201
    assert data.get_file_client(path).exists()


def test_a_path_tells_which_request_made_it_or_gave_it_its_name(data: FileSystemClient, bench: Bench) -> None:
    def told(path: str) -> str | None:
        return bench.send("HEAD", bench.dfs(f"data/{path}?action=getStatus")).headers.get(TRANSACTION)

    assert told("from/file") is None
    bench.send("PUT", bench.dfs("data/new?resource=file"), x_ms_client_transaction_id="made")
    assert told("new") == "made"
    bench.send("PUT", bench.dfs("data/newer"), x_ms_rename_source="/data/new", x_ms_client_transaction_id="renamed")
    assert told("newer") == "renamed"
    bench.send("PUT", bench.dfs("data/newest"), x_ms_rename_source="/data/newer")
    assert told("newest") is None
