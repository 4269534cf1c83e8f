"""What we count on of shared access signatures and no page of the vendor states (docs/verified.md)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobClient, BlobServiceClient
from contract_bench import Place, once_permitted

from local_azure.role_definitions import STORAGE_BLOB_DATA_CONTRIBUTOR

CONTAINER, BLOB = "contract", "signed.txt"
_REQUEST_LINES = {"2025-07-05": 0, "2026-04-06": 2}
"""Headers and query parameters that a request must have; before them both versions sign a user and its tenant."""


def _signed(account: str, key: Any, version: str, extra_lines: int) -> str:
    """A signature that reads one blob, for requests of any user, header and parameter."""
    end = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    of_key = {
        "skoid": key.signed_oid,
        "sktid": key.signed_tid,
        "skt": key.signed_start,
        "ske": key.signed_expiry,
        "sks": key.signed_service,
        "skv": key.signed_version,
    }
    lines = ["r", "", end, f"/blob/{account}/{CONTAINER}/{BLOB}", *of_key.values(), *[""] * 5]
    lines += ["", "https", version, "b", "", "", *[""] * (_REQUEST_LINES[version] + extra_lines + 5)]
    digest = hmac.new(base64.b64decode(key.value), "\n".join(lines).encode(), hashlib.sha256).digest()
    named = {"sp": "r", "se": end, "spr": "https", "sv": version, "sr": "b", **of_key}
    return urlencode({**named, "sig": base64.b64encode(digest).decode()})


def _read(account: str, signature: str) -> bytes:
    address = f"https://{account}.blob.core.windows.net/{CONTAINER}/{BLOB}?{signature}"
    return bytes(BlobClient.from_blob_url(address, retry_total=0).download_blob().readall())


@pytest.mark.parametrize("version", ["2025-07-05", "2026-04-06"])
def test_a_delegated_signature_signs_an_empty_line_for_each_name_that_it_does_not_use(
    place: Place, version: str
) -> None:
    account, owner = place.new_account(), place.target.owner
    scope = f"{place.scope}/providers/Microsoft.Storage/storageAccounts/{account}"
    body = place.role_properties(STORAGE_BLOB_DATA_CONTRIBUTOR.id, owner.object_id)
    place.roles.role_assignments.create(scope, str(uuid.uuid4()), body)
    place.storage.blob_containers.create(place.group, account, CONTAINER, {})
    service = BlobServiceClient(f"https://{account}.blob.core.windows.net", owner.credential, retry_total=0)
    once_permitted(lambda: service.get_blob_client(CONTAINER, BLOB).upload_blob(b"signed", overwrite=True))
    now = datetime.now(UTC)
    key = once_permitted(lambda: service.get_user_delegation_key(now - timedelta(minutes=5), now + timedelta(hours=1)))
    assert _read(account, _signed(account, key, version, 0)) == b"signed"
    for wrong in (-1, 1):
        with pytest.raises(HttpResponseError, match="AuthenticationFailed"):
            _read(account, _signed(account, key, version, wrong))
