"""Checksums of contents: compared on the way in, told on the way out, inside the body where clients want them there."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from lake_bench import Bench

from local_azure.services.data_lake.crc64 import crc64
from local_azure.services.data_lake.structured_bodies import FORM, StructureError, decoded, encoded

LONG = bytes(range(256)) * 1024 * 20
"""More than one segment, and more than is read byte by byte."""


def md5(content: bytes) -> str:
    """As headers have it."""
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def test_the_checksum_is_that_of_the_service() -> None:
    # https://github.com/Azure/azure-sdk-assets: test_upload_blob_from_url_if_match_condition
    assert (crc64(b""), crc64(b"fake data")) == ("AAAAAAAAAAA=", "i5c8XC72eYw=")


@pytest.mark.parametrize("length", [1, 1023, 65535, 65536, 65537, 70000])
def test_a_long_text_has_the_checksum_that_it_has_byte_by_byte(length: int) -> None:
    content = LONG[:length]
    state = 0xFFFFFFFFFFFFFFFF
    for byte in content:
        state ^= byte
        for _ in range(8):
            state = (state >> 1) ^ (0x9A6C9329AC4BC9B5 if state & 1 else 0)
    expected = (state ^ 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little")
    assert crc64(content) == base64.b64encode(expected).decode()


@pytest.mark.parametrize("content", [b"", b"a", LONG])
def test_a_structured_body_is_read_as_it_was_written(content: bytes) -> None:
    assert decoded(encoded(content)) == content


@pytest.mark.parametrize("position", [0, 1, 9, 11, 13, 15, 23, 24, -9, -1])
def test_a_structured_body_in_which_a_byte_is_wrong_is_refused(position: int) -> None:
    body = bytearray(encoded(b"content"))
    body[position] ^= 1
    with pytest.raises(StructureError):
        decoded(bytes(body))
    with pytest.raises(StructureError):
        decoded(encoded(b"content")[:20])


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("PUT", "data/blob", {"x_ms_blob_type": "BlockBlob"}),
        ("PUT", "data/blob?comp=block&blockid=QUFB", {}),
        ("PUT", "data/log?comp=appendblock", {}),
    ],
)
def test_contents_are_compared_and_told(flat: Bench, method: str, path: str, more: dict[str, str]) -> None:
    flat.blobs().create_container("data")
    flat.send("PUT", flat.blob("data/log"), x_ms_blob_type="AppendBlob")
    content, url = LONG[:3000], flat.blob(path)
    bare = flat.send(method, url, body=content, **more)
    assert (bare.status_code, bare.headers.get("x-ms-content-crc64")) == (201, None)
    for checked in ({"content_md5": md5(content)}, {"x_ms_content_crc64": crc64(content)}):
        answer = flat.send(method, url, body=content, **more, **checked)
        assert (answer.status_code, answer.headers["x-ms-content-crc64"]) == (201, crc64(content))
    wrong = flat.send(method, url, body=content, **more, x_ms_content_crc64=crc64(b""))
    assert (wrong.status_code, wrong.headers["x-ms-error-code"]) == (400, "Crc64Mismatch")
    both = {"content_md5": md5(content), "x_ms_content_crc64": crc64(content)}
    assert flat.send(method, url, body=content, **more, **both).status_code == 400
    form = {"x_ms_structured_body": FORM, "x_ms_structured_content_length": str(len(content))}
    structured = flat.send(method, url, body=encoded(content), **more, **form)
    assert (structured.status_code, structured.headers["x-ms-structured-body"]) == (201, FORM)
    for other in ({"x_ms_structured_body": "XSM/2.0"}, {"x_ms_structured_content_length": "1"}):
        assert flat.send(method, url, body=encoded(content), **more, **(form | other)).status_code == 400
    assert flat.send(method, url, body=content, **more, **form).status_code == 400


def test_a_range_is_told_with_the_checksum_that_is_wanted(bench: Bench) -> None:
    bench.made_file_system().get_file_client("file").upload_data(LONG, overwrite=True)
    for name, header, expected in (
        ("md5", "content-md5", md5(LONG[1:5])),
        ("crc64", "x-ms-content-crc64", crc64(LONG[1:5])),
    ):
        wanted: Any = {f"x_ms_range_get_content_{name}": "true"}
        for url in (bench.blob("data/file"), bench.dfs("data/file")):
            part = bench.send("GET", url, range="bytes=1-4", **wanted)
            assert (part.status_code, part.content, part.headers[header]) == (206, LONG[1:5], expected)
        assert bench.send("GET", bench.blob("data/file"), range=f"bytes=0-{1 << 22}", **wanted).status_code == 400


def test_what_was_written_in_segments_is_read_plain_and_in_segments(bench: Bench) -> None:
    file, url = bench.made_file_system().create_file("file"), bench.dfs("data/file")
    form = {"x_ms_structured_body": FORM, "x_ms_structured_content_length": str(len(LONG))}
    bench.send("PATCH", f"{url}?action=append&position=0", body=encoded(LONG), **form)
    bench.send("PATCH", f"{url}?action=flush&position={len(LONG)}")
    assert file.download_file().readall() == LONG
    whole = bench.send("GET", bench.blob("data/file"), x_ms_structured_body=FORM)
    assert (whole.status_code, whole.headers["x-ms-structured-content-length"]) == (200, str(len(LONG)))
    assert (whole.headers["x-ms-structured-body"], decoded(whole.content)) == (FORM, LONG)
    part = bench.send("GET", url, x_ms_structured_body=FORM, x_ms_range="bytes=10-19")
    assert (part.status_code, part.headers["content-range"]) == (206, f"bytes 10-19/{len(LONG)}")
    assert decoded(part.content) == LONG[10:20]
    assert bench.send("GET", url, x_ms_structured_body="XSM/9").status_code == 400
