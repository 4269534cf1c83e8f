"""Several writers at once: each request takes effect as a whole or not at all, and one of them wins."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from lake_bench import Bench

WRITERS = 8


def _together(act: Callable[[int], Any]) -> list[Any]:
    """What each of the writers got, or the error code that refused it; all begin at the same moment."""
    barrier = Barrier(WRITERS)

    def run(number: int) -> Any:
        barrier.wait()
        try:
            return act(number)
        except HttpResponseError as error:
            response: Any = error.response
            return response.headers["x-ms-error-code"]

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(run, range(WRITERS)))


def test_readers_see_one_whole_version_while_others_write(bench: Bench) -> None:
    bench.made_file_system()
    versions = [bytes([65 + number]) * 50_000 for number in range(WRITERS)]
    blobs = [bench.blobs().get_blob_client("data", "blob") for _ in range(WRITERS)]
    blobs[0].upload_blob(versions[0])

    def write_and_read(number: int) -> bool:
        blobs[number].upload_blob(versions[number], overwrite=True)
        return blobs[number].download_blob().readall() in versions

    assert _together(write_and_read) == [True] * WRITERS


def test_of_many_who_create_what_must_be_missing_one_succeeds(bench: Bench) -> None:
    data = bench.made_file_system()
    files = [data.get_file_client("deep/down/file") for _ in range(WRITERS)]
    got = _together(lambda number: bool(files[number].create_file(match_condition=MatchConditions.IfMissing)))
    assert sorted(map(str, got)) == ["PathAlreadyExists"] * (WRITERS - 1) + ["True"]


def test_of_many_who_rename_the_same_file_one_succeeds(bench: Bench) -> None:
    data = bench.made_file_system()
    data.get_file_client("file").upload_data(b"1", overwrite=True)
    got = _together(lambda number: data.get_file_client("file").rename_file(f"data/to-{number}").path_name)
    [winner] = [each for each in got if each.startswith("to-")]
    assert sorted(got) == ["SourcePathNotFound"] * (WRITERS - 1) + [winner]
    assert [each.name for each in data.get_paths()] == [winner]
    assert data.get_file_client(winner).download_file().readall() == b"1"


def test_parts_appended_in_any_order_make_one_file(bench: Bench) -> None:
    data = bench.made_file_system()
    file = data.create_file("file")
    parts = [bytes([97 + number]) * 1000 for number in range(WRITERS)]
    _together(lambda number: data.get_file_client("file").append_data(parts[number], number * 1000))
    assert file.get_file_properties().size == 0
    file.flush_data(WRITERS * 1000)
    assert file.download_file().readall() == b"".join(parts)


def test_no_change_is_lost_to_those_who_name_the_version_that_they_saw(bench: Bench) -> None:
    bench.made_file_system()
    blobs = [bench.blobs().get_blob_client("data", "counter") for _ in range(WRITERS)]
    blobs[0].upload_blob(b"0")

    def increment(number: int) -> int:
        refusals = 0
        while True:
            seen = blobs[number].download_blob()
            value = str(int(seen.readall()) + 1).encode()
            version = seen.properties.etag
            try:
                blobs[number].upload_blob(
                    value, overwrite=True, etag=version, match_condition=MatchConditions.IfNotModified
                )
            except HttpResponseError as error:
                if error.status_code != 412:
                    raise
                refusals += 1
            else:
                return refusals

    _together(increment)
    assert blobs[0].download_blob().readall() == str(WRITERS).encode()


def test_a_directory_that_is_filled_while_it_is_moved_is_in_one_place(bench: Bench) -> None:
    data = bench.made_file_system()
    data.create_directory("here")

    def fill_or_move(number: int) -> str:
        if number == 0:
            return str(data.get_directory_client("here").rename_directory("data/there").path_name)
        return str(data.create_file(f"here/{number}").path_name)

    assert len(_together(fill_or_move)) == WRITERS
    found = sorted(each.name.rpartition("/")[2] for each in data.get_paths() if not each.is_directory)
    assert found == [str(number) for number in range(1, WRITERS)]
