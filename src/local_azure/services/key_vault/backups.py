"""Backups of secrets: sealed, since whoever holds one shall not read it.

https://learn.microsoft.com/rest/api/keyvault/secrets/backup-secret/backup-secret
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from local_azure.state import State


class Backups:
    """Seals and opens secrets with a key of this stand-in."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._keys = state.collection("key-vault-backup-keys")

    def sealed(self, document: dict[str, Any]) -> str:
        """A secret with its versions as base64url without padding."""
        sealed = self._fernet().encrypt(json.dumps(document).encode())
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def opened(self, text: str) -> dict[str, Any] | None:
        """The secret that was sealed, None where the text is no backup of this stand-in."""
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            document: dict[str, Any] = json.loads(self._fernet().decrypt(sealed))
        except (binascii.Error, InvalidToken):
            return None
        return document

    def _fernet(self) -> Fernet:
        with self._state.transaction():
            document = self._keys.get("key")
            if document is None:
                document = {"key": Fernet.generate_key().decode()}
                self._keys.put("key", document)
        return Fernet(document["key"])
