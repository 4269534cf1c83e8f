"""The local Entra directory: who exists, which groups they are in, and the secrets they sign in with."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from local_azure.state import State

PrincipalKind = Literal["ServicePrincipal", "Group", "ManagedIdentity"]


def _stable_id(path: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://local.azure/{path}"))


TENANT_ID = _stable_id("tenant")
SUBSCRIPTION_ID = _stable_id("subscription")

_MEMBERSHIPS: dict[str, tuple[str, ...]] = {
    "deployer": ("synapse-administrators",),
    "data-engineer": ("data-engineers", "synapse-administrators"),
    "data-scientist": ("data-scientists",),
    "auditor": ("auditors",),
    "outsider": (),
    "preview": (),
    "drift": (),
    "database-administrator": ("sql-administrators",),
}
_GROUPS = ("data-engineers", "data-scientists", "auditors", "synapse-administrators", "sql-administrators")


@dataclass(frozen=True)
class Principal:
    """Someone or something that may hold a role; `member_of` are object ids of groups, direct ones only."""

    name: str
    object_id: str
    client_id: str | None
    kind: PrincipalKind
    member_of: frozenset[str] = frozenset()
    resource_id: str | None = None

    @property
    def principal_type(self) -> str:
        """The word that role assignments use: a managed identity is a service principal to them."""
        return "Group" if self.kind == "Group" else "ServicePrincipal"


def service_principal_id(name: str) -> str:
    """Object id of a built-in service principal."""
    return _stable_id(f"service-principal/{name}")


def application_id(name: str) -> str:
    """Client id (application id) of a built-in service principal."""
    return _stable_id(f"application/{name}")


def group_id(name: str) -> str:
    """Object id of a built-in group."""
    return _stable_id(f"group/{name}")


def _built_in() -> tuple[Principal, ...]:
    groups = [Principal(name, group_id(name), None, "Group") for name in _GROUPS]
    people = [
        Principal(
            name,
            service_principal_id(name),
            application_id(name),
            "ServicePrincipal",
            frozenset(map(group_id, groups_of)),
        )
        for name, groups_of in _MEMBERSHIPS.items()
    ]
    return (*people, *groups)


class Directory:
    """Built-in principals, plus managed identities that come and go with the resources they belong to."""

    tenant_id = TENANT_ID
    subscription_id = SUBSCRIPTION_ID

    def __init__(self, state: State) -> None:
        self._state = state
        self._managed = state.collection("directory-managed-identities")
        self._secrets = state.collection("directory-secrets")
        self._built_in = _built_in()

    def principals(self) -> tuple[Principal, ...]:
        """Everyone in the directory, built-in principals first."""
        return (*self._built_in, *(_managed_identity(document) for _, document in self._managed.scan()))

    def by_client_id(self, client_id: str) -> Principal | None:
        """The principal with that application id, or None."""
        return next((each for each in self.principals() if each.client_id == client_id.lower()), None)

    def by_object_id(self, object_id: str) -> Principal | None:
        """The principal with that object id, or None."""
        key = object_id.lower()
        for each in self._built_in:
            if each.object_id == key:
                return each
        document = self._managed.get(key)
        return _managed_identity(document) if document else None

    def by_name(self, name: str) -> Principal | None:
        """The principal with that display name, or None."""
        return next((each for each in self.principals() if each.name == name), None)

    def groups_of(self, object_id: str) -> frozenset[str]:
        """Object ids of all groups the principal is in, through other groups as well."""
        found: set[str] = set()
        waiting = [object_id]
        while waiting:
            principal = self.by_object_id(waiting.pop())
            fresh = (principal.member_of if principal else frozenset()) - found
            found |= fresh
            waiting.extend(fresh)
        return frozenset(found)

    def managed_identity_of(self, resource_id: str) -> Principal | None:
        """The system-assigned identity of a resource, or None."""
        wanted = resource_id.lower()
        return next((each for each in self.principals() if each.resource_id == wanted), None)

    def add_managed_identity(self, name: str, resource_id: str) -> Principal:
        """Creates the system-assigned identity of a resource; a new one gets a new object id, as on Azure."""
        document = {
            "name": name,
            "objectId": str(uuid.uuid4()),
            "clientId": str(uuid.uuid4()),
            "resourceId": resource_id.lower(),
        }
        self._managed.put(document["objectId"], document)
        return _managed_identity(document)

    def remove_managed_identity(self, resource_id: str) -> bool:
        """Removes the system-assigned identity of a resource; False when it has none."""
        principal = self.managed_identity_of(resource_id)
        return principal is not None and self._managed.delete(principal.object_id)

    def client_secret(self, name: str) -> str:
        """The secret that a built-in service principal signs in with; random, made once for a state folder."""
        with self._state.transaction():
            stored = self._secrets.get(name)
            if stored is None:
                stored = {"secret": secrets.token_urlsafe(30)}
                self._secrets.put(name, stored)
        return str(stored["secret"])


def _managed_identity(document: dict[str, Any]) -> Principal:
    return Principal(
        document["name"],
        document["objectId"],
        document["clientId"],
        "ManagedIdentity",
        frozenset(),
        document["resourceId"],
    )
