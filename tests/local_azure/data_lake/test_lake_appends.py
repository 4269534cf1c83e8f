"""Appends within the content that is there already: what several writers of one file send."""

from __future__ import annotations

import pytest
from azure.storage.filedatalake import DataLakeFileClient
from lake_bench import Bench, refused


@pytest.fixture
def file(bench: Bench) -> DataLakeFileClient:
    """A file of four bytes."""
    made = bench.made_file_system().get_file_client("file")
    made.upload_data(b"1234", overwrite=True)
    return made


@pytest.mark.parametrize(("position", "flush"), [(0, True), (0, False), (2, False)])
def test_an_append_within_the_content_is_accepted_and_changes_nothing(
    file: DataLakeFileClient, position: int, flush: bool
) -> None:
    file.append_data(b"abcd"[position:], position, flush=flush)
    file.flush_data(4)
    assert file.download_file().readall() == b"1234"


def test_a_second_writer_goes_on_behind_what_the_first_one_flushed(file: DataLakeFileClient) -> None:
    file.append_data(b"ab", 0)
    file.append_data(b"56", 4)
    file.flush_data(6)
    assert file.download_file().readall() == b"123456"


def test_ids_of_blocks_have_one_length(flat: Bench) -> None:
    blob = flat.blobs().create_container("data").get_blob_client("blob")
    blob.stage_block("a" * 4, b"1")
    with refused(400, "InvalidBlobOrBlock"):
        blob.stage_block("a" * 8, b"2")
    blob.stage_block("b" * 4, b"2")
