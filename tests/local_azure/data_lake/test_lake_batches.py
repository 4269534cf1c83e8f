"""Blob batches: deletions and tiers of many blobs in one request, each asked by itself."""

from __future__ import annotations

import pytest
from azure.storage.blob import StandardBlobTier
from lake_bench import OWNER, Bench, make_account

from local_azure.server import LocalAzure

BOUNDARY = "batch_1"


def body(*requests: str) -> bytes:
    """A batch with one part for each request; `|` stands for the end of a line."""
    parts = [
        f"--{BOUNDARY}||Content-Type: application/http||Content-ID: {index}||||{request}||||".replace("||", "\r\n")
        for index, request in enumerate(requests)
    ]
    return ("".join(parts) + f"--{BOUNDARY}--\r\n").encode()


@pytest.fixture(params=[True, False], ids=["hierarchical", "flat"])
def account(request: pytest.FixtureRequest, azure: LocalAzure) -> Bench:
    """An account with a container of three blobs."""
    bench = make_account(azure, hierarchical=request.param)
    container = bench.blobs().create_container("data")
    for name in ("a/1", "a/2", "b"):
        container.upload_blob(name, b"x")
    return bench


@pytest.mark.parametrize("is_signed", [True, False])
def test_many_blobs_are_deleted_and_each_says_how_it_went(account: Bench, is_signed: bool) -> None:
    container = account.blobs("key" if is_signed else OWNER).get_container_client("data")
    answers = list(container.delete_blobs("a/1", "nothing", "b", raise_on_any_failure=False))
    assert [each.status_code for each in answers] == [202, 404, 202]
    assert answers[1].headers["x-ms-error-code"] == "BlobNotFound"
    assert [each.name for each in container.list_blobs() if each.size] == ["a/2"]


def test_many_blobs_get_another_tier(account: Bench) -> None:
    container = account.blobs().get_container_client("data")
    answers = list(container.set_standard_blob_tier_blobs(StandardBlobTier.COOL, "a/1", "b"))
    assert [each.status_code for each in answers] == [200, 200]
    listed = [each for each in container.list_blobs() if each.size]
    assert {each.name: each.blob_tier for each in listed} == {"a/1": "Cool", "a/2": "Hot", "b": "Cool"}
    assert {each.name: each.blob_tier_change_time is not None for each in listed} == {
        "a/1": True,
        "a/2": False,
        "b": True,
    }
    assert container.get_blob_client("b").get_blob_properties().blob_tier_change_time is not None


def test_an_answer_without_a_body_ends_with_one_empty_line(account: Bench) -> None:
    token = account.credential(OWNER).get_token().token
    batch = body(*(f"DELETE /data/{name} HTTP/1.1\r\nAuthorization: Bearer {token}" for name in ("b", "nothing")))
    url = account.blob("?comp=batch")
    answer = account.send("POST", url, body=batch, content_type=f"multipart/mixed; boundary={BOUNDARY}")
    first, second = answer.text.split("\r\n--")[0], answer.text.split("\r\n--")[1]
    assert "HTTP/1.1 202" in first and first.endswith("\r\n") and "\r\n\r\n\r\n" not in answer.text
    assert "HTTP/1.1 404" in second and second.endswith("</Error>")


def test_each_part_is_asked_for_its_own_sender(account: Bench) -> None:
    token = account.credential("auditor").get_token().token
    batch = body(
        f"DELETE /data/b HTTP/1.1\r\nAuthorization: Bearer {token}\r\nx-ms-version: 2023-11-03",
        "DELETE /data/a/1 HTTP/1.1",
    )
    answer = account.send(
        "POST",
        account.blob("data?restype=container&comp=batch"),
        body=batch,
        content_type=f"multipart/mixed; boundary={BOUNDARY}",
    )
    assert answer.status_code == 202
    assert "HTTP/1.1 403 AuthorizationPermissionMismatch" in answer.text
    assert answer.text.count("HTTP/1.1 ") == 2 and "HTTP/1.1 202" not in answer.text


@pytest.mark.parametrize(
    ("requests", "content_type", "status", "code"),
    [
        (["DELETE /data/b HTTP/1.1"], "text/plain", 400, "InvalidHeaderValue"),
        (["DELETE /other/b HTTP/1.1"], "", 400, "InvalidInput"),
        (["DELETE /data/b HTTP/1.1", "PUT /data/b?comp=tier HTTP/1.1"], "", 400, "InvalidInput"),
        (["nothing of that kind"], "", 400, "InvalidInput"),
        (["GET /data/b HTTP/1.1"], "", 501, "NotImplementedLocally"),
        (["DELETE /data/b HTTP/1.1"] * 257, "", 400, "ExceedsMaxBatchRequestCount"),
    ],
)
def test_a_batch_that_is_none_is_refused_as_a_whole(
    account: Bench, requests: list[str], content_type: str, status: int, code: str
) -> None:
    answer = account.send(
        "POST",
        account.blob("data?restype=container&comp=batch"),
        body=body(*requests),
        content_type=content_type or f"multipart/mixed; boundary={BOUNDARY}",
    )
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (status, code)
    assert len([each for each in account.blobs().get_container_client("data").list_blobs() if each.size]) == 3
