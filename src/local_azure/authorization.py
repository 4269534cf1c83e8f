"""Azure RBAC: role assignments on scopes, and the question whether they allow an action.

https://learn.microsoft.com/azure/role-based-access-control/overview
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from local_azure.clock import Clock
from local_azure.directory import Directory
from local_azure.role_definitions import BY_ID, RoleDefinition
from local_azure.state import State

_PROVIDER = "/providers/Microsoft.Authorization/roleAssignments/"


@dataclass(frozen=True)
class RoleAssignment:
    """A role for a principal on a scope; `name` is the GUID that Resource Manager addresses it by."""

    name: str
    scope: str
    role_definition_id: str
    principal_id: str
    principal_type: str
    created_on: str
    """ISO 8601, UTC."""
    created_by: str = ""
    description: str | None = None
    bootstrap: bool = False
    """Counts at once, whatever the lag: the deployer's first role would have been given long ago."""

    @property
    def id(self) -> str:
        """The ARM id of the assignment."""
        return f"{self.scope.rstrip('/')}{_PROVIDER}{self.name}"


class RoleAssignments:
    """Every role assignment of the subscription; a new one counts only after the lag, as on Azure."""

    def __init__(self, state: State, directory: Directory, clock: Clock, lag_seconds: float = 0.0) -> None:
        self._collection = state.collection("role-assignments")
        self._directory = directory
        self._clock = clock
        self.lag_seconds = lag_seconds

    def put(self, assignment: RoleAssignment) -> None:
        """Writes an assignment, replacing the one of the same scope and name."""
        self._collection.put(_key(assignment.scope, assignment.name), asdict(assignment))

    def get(self, scope: str, name: str) -> RoleAssignment | None:
        """The assignment of that scope and GUID, or None."""
        document = self._collection.get(_key(scope, name))
        return RoleAssignment(**document) if document else None

    def delete(self, scope: str, name: str) -> bool:
        """Removes an assignment; False when there was none."""
        return self._collection.delete(_key(scope, name))

    def delete_under(self, scope: str) -> None:
        """Removes every assignment on a scope and below it; what Azure does when a resource is deleted."""
        for each in list(self.list(scope)):
            if within(each.scope, scope):
                self.delete(each.scope, each.name)

    def list(self, scope: str) -> Iterator[RoleAssignment]:
        """Assignments that matter to a scope: on it, above it and below it."""
        for _, document in self._collection.scan():
            assignment = RoleAssignment(**document)
            if within(assignment.scope, scope) or within(scope, assignment.scope):
                yield assignment

    def effective(self, principal_object_id: str, resource_id: str) -> Iterator[tuple[RoleAssignment, RoleDefinition]]:
        """Assignments on or above a resource that count now for a principal or one of its groups."""
        holders = {principal_object_id, *self._directory.groups_of(principal_object_id)}
        latest = self._clock.now() - timedelta(seconds=self.lag_seconds)
        for _, document in self._collection.scan():
            assignment = RoleAssignment(**document)
            if assignment.principal_id not in holders or not within(resource_id, assignment.scope):
                continue
            if assignment.bootstrap or datetime.fromisoformat(assignment.created_on) <= latest:
                yield assignment, BY_ID[assignment.role_definition_id]

    def allows(self, principal_object_id: str, action: str, resource_id: str, data: bool = False) -> bool:
        """Whether a principal may do `action` on a resource; `data`: a data action."""
        return any(role.allows(action, data=data) for _, role in self.effective(principal_object_id, resource_id))


def within(inner: str, outer: str) -> bool:
    """Whether a scope is another scope or lies below it; case does not matter."""
    low, high = inner.lower().rstrip("/"), outer.lower().rstrip("/")
    return low == high or low.startswith(high + "/")


def _key(scope: str, name: str) -> str:
    return f"{scope.lower().rstrip('/')}|{name.lower()}"
