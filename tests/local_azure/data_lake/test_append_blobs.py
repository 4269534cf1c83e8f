"""Blobs that grow at their end, through the official client."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core import MatchConditions
from azure.storage.blob import BlobBlock, BlobClient, BlobType
from lake_bench import Bench, make_account, refused

from local_azure.server import LocalAzure


@pytest.fixture(params=[True, False], ids=["hierarchical", "flat"])
def blob(azure: LocalAzure, request: pytest.FixtureRequest) -> BlobClient:
    """An append blob of two bytes."""
    bench = make_account(azure, hierarchical=request.param)
    made = bench.blobs().create_container("data").get_blob_client("log")
    made.create_append_blob(metadata={"a": "b"})
    made.append_block(b"ab")
    return made


def test_it_grows_by_blocks_and_says_what_it_is(blob: BlobClient) -> None:
    answer = blob.append_block(b"cde", headers={"x-ms-meta-a": "changed"})
    assert (answer["blob_append_offset"], answer["blob_committed_block_count"]) == ("2", 2)
    assert blob.download_blob().readall() == b"abcde"
    properties = blob.get_blob_properties()
    assert properties.blob_type == BlobType.APPENDBLOB
    assert (properties.append_blob_committed_block_count, properties.blob_tier) == (2, None)
    assert properties.etag == answer["etag"]
    assert properties.metadata == {"a": "b"}


def test_listings_and_copies_keep_the_type(blob: BlobClient, azure: LocalAzure) -> None:
    container = blob._get_container_client()
    container.get_blob_client("copy").start_copy_from_url(blob.url)
    container.get_blob_client("copy").append_block(b"!")
    blob.append_block(b"c")
    listed = {each.name: (each.blob_type, each.size, each.blob_tier) for each in container.list_blobs()}
    assert listed == {"copy": (BlobType.APPENDBLOB, 3, None), "log": (BlobType.APPENDBLOB, 3, None)}
    assert blob.download_blob().readall() == b"abc"
    assert container.get_blob_client("copy").download_blob().readall() == b"ab!"


def test_an_upload_of_that_type_appends_or_begins_anew(blob: BlobClient) -> None:
    blob.upload_blob(b"cd", blob_type=BlobType.APPENDBLOB, overwrite=False)
    assert blob.download_blob().readall() == b"abcd"
    blob.upload_blob(b"new", blob_type=BlobType.APPENDBLOB, overwrite=True)
    assert blob.download_blob().readall() == b"new"


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"appendpos_condition": 1}, 412, "AppendPositionConditionNotMet"),
        ({"maxsize_condition": 2}, 412, "MaxBlobSizeConditionNotMet"),
        ({"etag": '"0x1"', "match_condition": MatchConditions.IfNotModified}, 412, "ConditionNotMet"),
    ],
)
def test_a_condition_that_does_not_hold_adds_nothing(
    blob: BlobClient, given: dict[str, Any], status: int, code: str
) -> None:
    with refused(status, code):
        blob.append_block(b"x", **given)
    assert blob.append_block(b"c", appendpos_condition=2, maxsize_condition=3)["blob_committed_block_count"] == 2


def test_only_append_blobs_are_appended_to_and_only_block_blobs_are_made_of_lists(blob: BlobClient) -> None:
    plain = blob._get_container_client().upload_blob("plain", b"1")
    for action in (
        lambda: plain.append_block(b"2"),
        lambda: blob.stage_block("QQ==", b"2"),
        lambda: blob.commit_block_list([BlobBlock("QQ==")]),
        lambda: blob.get_block_list(),
        lambda: blob.set_standard_blob_tier("Cool"),
    ):
        with refused(409, "InvalidBlobType"):
            action()


@pytest.mark.parametrize("blob_type", ["AppendBlob", "BlockBlob"])
def test_what_the_blob_endpoint_wrote_is_not_written_on_over_the_data_lake_endpoint(
    bench: Bench, blob_type: str
) -> None:
    file = bench.made_file_system().get_file_client("log")
    bench.blobs().get_blob_client("data", "log").upload_blob(b"12", blob_type=blob_type)
    with refused(409, "InvalidAppendOperation"):
        file.append_data(b"a", 2)
    with refused(409, "InvalidFlushOperation"):
        file.flush_data(2)
    file.upload_data(b"new", overwrite=True)  # replaces it
    assert file.download_file().readall() == b"new"
