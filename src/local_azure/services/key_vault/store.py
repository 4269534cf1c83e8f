"""Secrets of one vault with their versions, soft delete included; no HTTP here."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from local_azure.state import State


class SecretStore:
    """Secrets by vault generation: a vault that was purged and made anew starts empty."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._collection = state.collection("key-vault-secrets")

    def get(self, vault: str, name: str) -> dict[str, Any] | None:
        """{"name", "versions": [oldest … newest], "deleted": epoch seconds or None}, or None."""
        return self._collection.get(_key(vault, name))

    def list(self, vault: str) -> Iterator[dict[str, Any]]:
        """Every secret of a vault, deleted ones included, by name."""
        return (document for _, document in self._collection.scan(prefix=f"{vault}|"))

    def add_version(self, vault: str, name: str, value: dict[str, Any]) -> dict[str, Any]:
        """Adds the newest version, with a fresh id under "version", and gives it back."""
        with self._state.transaction():
            document = self.get(vault, name) or {"name": name, "versions": [], "deleted": None}
            version = {"version": uuid.uuid4().hex, **value}
            document["versions"].append(version)
            self._collection.put(_key(vault, name), document)
        return version

    def put(self, vault: str, document: dict[str, Any]) -> None:
        """Writes a secret as a whole."""
        self._collection.put(_key(vault, document["name"]), document)

    def remove(self, vault: str, name: str) -> None:
        """Removes a secret for good."""
        self._collection.delete(_key(vault, name))

    def remove_vault(self, vault: str) -> None:
        """Removes all secrets of a purged vault."""
        for key, _ in list(self._collection.scan(prefix=f"{vault}|")):
            self._collection.delete(key)


def _key(vault: str, name: str) -> str:
    return f"{vault}|{name.lower()}"
