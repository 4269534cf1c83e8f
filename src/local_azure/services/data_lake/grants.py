"""What a shared access signature lets its holder do, and with what.

https://learn.microsoft.com/rest/api/storageservices/create-service-sas
https://learn.microsoft.com/rest/api/storageservices/create-account-sas
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Resource = Literal["account", "container", "directory", "blob"]


@dataclass(frozen=True)
class Grant:
    """The content of a signature that was found to be valid; `path` is "" for an account or a container."""

    permissions: frozenset[str]
    """Letters: r read, a add, c create, w write, d delete, l list, m move, o ownership, p permissions."""
    resource: Resource
    signer: str
    """Object id of the principal whose delegation key signed, or SUPERUSER for an account key."""
    file_system: str = ""
    path: tuple[str, ...] = ()
    resource_types: frozenset[str] = frozenset()
    """Letters of an account's signature: s service, c containers, o blobs and files."""
    agent: str = ""
    """Object id of who must be allowed by access-control lists, too; "" for nobody."""
    response_headers: Mapping[str, str] = field(default_factory=dict)
    """What a read answers in place of the stored headers."""

    def permits(self, letters: str) -> bool:
        """Whether one of the letters is among the permissions."""
        return not self.permissions.isdisjoint(letters)

    def reaches(self, level: str) -> bool:
        """Whether the signature is for the level: s service, c containers, o blobs and files."""
        if self.resource == "account":
            return level in self.resource_types
        return level == "o"

    def covers(self, file_system: str, path: tuple[str, ...]) -> bool:
        """Whether a path is what was signed, or in it."""
        if self.resource == "account":
            return True
        if file_system != self.file_system:
            return False
        return path == self.path if self.resource == "blob" else path[: len(self.path)] == self.path
