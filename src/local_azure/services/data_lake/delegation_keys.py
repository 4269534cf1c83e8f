"""Keys of principals that sign shared access signatures in their name.

https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import astuple, dataclass

from local_azure.state import State


@dataclass(frozen=True)
class DelegationKey:
    """What tells one key from another; all of it stands in each signature that the key makes."""

    object_id: str
    tenant_id: str
    start: str
    expiry: str
    service: str
    version: str


class DelegationKeys:
    """Makes keys again from what stands in them and a secret of the account, so that none is kept."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._secrets = state.collection("delegation-secrets")

    def value_of(self, account: str, key: DelegationKey) -> str:
        """The key itself, base64."""
        text = "\n".join(astuple(key)).encode()
        return base64.b64encode(hmac.new(self._secret(account), text, hashlib.sha256).digest()).decode()

    def remove(self, account: str) -> None:
        """Makes all keys of a deleted account invalid."""
        self._secrets.delete(account)

    def _secret(self, account: str) -> bytes:
        with self._state.transaction():
            document = self._secrets.get(account)
            if document is None:
                document = {"secret": secrets.token_hex(32)}
                self._secrets.put(account, document)
        return bytes.fromhex(document["secret"])
