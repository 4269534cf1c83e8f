"""What an account key signs: the official clients sign values as they are, the documentation wants single spaces."""

from __future__ import annotations

import base64
import hashlib
import hmac
from email.utils import formatdate

import pytest
from lake_bench import Bench

VERSION = "2023-11-03"


def test_the_official_client_signs_a_value_with_spaces_as_it_is(flat: Bench) -> None:
    container = flat.blobs("key").create_container("data")
    blob = container.upload_blob("one", b"1", metadata={"words": "hello   world"})
    assert blob.get_blob_properties().metadata == {"words": "hello   world"}


@pytest.mark.parametrize(("signed", "status"), [("a   b", 201), ("a b", 201), ("ab", 403)])
def test_a_value_is_signed_as_it_is_or_with_single_spaces(flat: Bench, signed: str, status: int) -> None:
    date = formatdate(usegmt=True)
    headers = f"x-ms-date:{date}\nx-ms-meta-words:{signed}\nx-ms-version:{VERSION}\n"
    text = "PUT" + "\n" * 12 + headers + f"/{flat.name}/data\nrestype:container"
    made = hmac.new(base64.b64decode(flat.key), text.encode(), hashlib.sha256).digest()
    answer = flat.send(
        "PUT",
        flat.blob("data?restype=container"),
        "",
        authorization=f"SharedKey {flat.name}:{base64.b64encode(made).decode()}",
        x_ms_date=date,
        x_ms_version=VERSION,
        x_ms_meta_words="a   b",
    )
    assert answer.status_code == status
