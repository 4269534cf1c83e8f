"""Blobs and blocks whose content the service itself fetches from a URL, as azcopy copies between accounts."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from azure.storage.blob import BlobBlock, BlobClient, ContentSettings
from lake_bench import AUDIENCE, OWNER, Bench, make_account, refused

from local_azure.server import LocalAzure

CONTENT = b"0123456789"


@pytest.fixture
def source(bench: Bench) -> Bench:
    """An account with the blob `digits`, which is German."""
    container = bench.blobs().create_container("data")
    settings = ContentSettings(content_type="text/plain", content_language="de")
    container.upload_blob("digits", CONTENT, content_settings=settings, metadata={"Made": "here"})
    return bench


@pytest.fixture
def target(azure: LocalAzure) -> BlobClient:
    """A blob of another account that is not there yet."""
    return make_account(azure).blobs().create_container("copies").get_blob_client("copy")


def token(bench: Bench, identity: str = OWNER) -> str:
    """What a client shows for the source."""
    return f"Bearer {bench.credential(identity, AUDIENCE).get_token().token}"


def digest(content: bytes) -> bytearray:
    """The MD5 of a content."""
    return bytearray(hashlib.md5(content, usedforsecurity=False).digest())


def test_a_blob_is_put_from_another_account_with_the_token_of_its_reader(source: Bench, target: Any) -> None:
    target.upload_blob_from_url(source.blob("data/digits"), source_authorization=token(source))
    properties = target.get_blob_properties()
    assert target.download_blob().readall() == CONTENT
    assert (properties.content_settings.content_language, properties.content_settings.content_md5) == (
        "de",
        digest(CONTENT),
    )


def test_properties_of_the_source_may_be_left_out(source: Bench, target: Any) -> None:
    target.upload_blob_from_url(
        source.blob("data/digits"),
        source_authorization=token(source),
        include_source_blob_properties=False,
        content_settings=ContentSettings(content_type="text/csv"),
        metadata={"Other": "yes"},
    )
    properties = target.get_blob_properties()
    assert (properties.content_settings.content_type, properties.content_settings.content_language) == (
        "text/csv",
        None,
    )
    assert properties.metadata == {"Other": "yes"}


def test_blocks_are_ranges_of_the_source(source: Bench, target: Any) -> None:
    url, shown = source.blob("data/digits"), {"source_authorization": token(source)}
    target.stage_block_from_url("first", url, source_offset=6, source_length=4, **shown)
    target.stage_block_from_url("second", url, source_offset=0, source_length=2, **shown)
    target.stage_block_from_url("third", url, **shown)
    target.commit_block_list([BlobBlock(each) for each in ("first", "second", "third")])
    assert target.download_blob().readall() == b"678901" + CONTENT


def test_a_source_is_read_by_whom_the_request_names(source: Bench, target: Any) -> None:
    for put in (target.upload_blob_from_url, lambda url, **shown: target.stage_block_from_url("one", url, **shown)):
        with refused(403, "AuthorizationPermissionMismatch"):
            put(source.blob("data/digits"), source_authorization=token(source, "outsider"))
        with refused(501, "NotImplementedLocally"):  # a public blob of another account
            put(source.blob("data/digits"))
        with refused(404, "CannotVerifyCopySource"):
            put(source.blob("data/missing"), source_authorization=token(source))
    with refused(401, "NoAuthenticationInformation"):
        source.blobs().get_blob_client("data", "copy").upload_blob_from_url(source.blob("data/digits"))
    assert not target.exists()


def test_content_other_than_expected_is_refused(source: Bench, target: Any) -> None:
    url, shown = source.blob("data/digits"), {"source_authorization": token(source)}
    with refused(400, "Md5Mismatch"):
        target.upload_blob_from_url(url, source_content_md5=digest(b"other"), **shown)
    with refused(400, "Md5Mismatch"):
        target.stage_block_from_url("one", url, source_content_md5=digest(b"other"), **shown)
    target.stage_block_from_url("one", url, source_content_md5=digest(CONTENT), **shown)
    assert [each.id for each in target.get_block_list("all")[1]] == ["one"]
