"""The two shared keys of each storage account: made with the account, base64 of 64 random bytes as on Azure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from local_azure.state import State

KEY_NAMES = ("key1", "key2")


class AccountKeys:
    """Keys by account name; Resource Manager hands them out, the data plane checks signatures with them."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._collection = state.collection("storage-account-keys")

    def of(self, account: str) -> tuple[str, str]:
        """key1 and key2 of an account, made at the first call."""
        with self._state.transaction():
            document = self._collection.get(account.lower())
            if document is None:
                document = {"key1": _fresh(), "key2": _fresh()}
                self._collection.put(account.lower(), document)
        return str(document["key1"]), str(document["key2"])

    def renew(self, account: str, key_name: str) -> None:
        """Replaces one key; raises KeyError for a name other than key1 and key2."""
        if key_name not in KEY_NAMES:
            raise KeyError(key_name)
        first, second = self.of(account)
        self._collection.put(account.lower(), {"key1": first, "key2": second, key_name: _fresh()})

    def remove(self, account: str) -> None:
        """Forgets the keys of a deleted account."""
        self._collection.delete(account.lower())


def signature(key: str, text: str) -> str:
    """What a key (base64) makes of a text: HMAC-SHA256, in base64."""
    return base64.b64encode(hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()).decode()


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(64)).decode()
