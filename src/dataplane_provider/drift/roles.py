"""Synapse roles of a state against those that a workspace lists: taken away, or given behind the engine's back."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from azure_ids.synapse import WorkspaceEndpoint
from dataplane_provider.drift.differences import Difference, Drift
from dataplane_provider.drift.state import StateResource
from dataplane_provider.resources.role_assignment import assignment_guid, same_scope

_WORKSPACE = "azure-native:synapse:Workspace"
_ADMINISTRATOR = "Synapse Administrator"


class RoleNames(Protocol):
    """What knows the roles of a workspace."""

    def role_definitions(self) -> dict[str, str]:
        """The ids of the workspace's Synapse roles by their names."""


def creators(resources: Iterable[StateResource]) -> dict[str, str]:
    """By name of a workspace of the state: the object id of who created it, as Resource Manager told it.

    The service makes that one the first administrator of the workspace.
    https://learn.microsoft.com/azure/synapse-analytics/security/synapse-workspace-synapse-rbac-roles
    """
    found = {}
    for each in resources:
        if each.type == _WORKSPACE:
            told = each.outputs.get("cspWorkspaceAdminProperties") or {}
            found[each.id.rpartition("/")[2].lower()] = str(told.get("initialWorkspaceAdminObjectId", "")).lower()
    return found


def compare_roles(
    known: Sequence[StateResource], live: Sequence[Mapping[str, Any]], creator: str, client: RoleNames
) -> list[Difference]:
    """Known assignments that are gone or mean something else, and live ones not known, but for the creator's first.

    The names of roles are asked for only where one is not known.
    """
    there = {str(each["id"]).lower(): each for each in live}
    owned = {str(each.outputs["assignmentId"]).lower() for each in known}
    others = [each for id, each in there.items() if id not in owned]
    names = _Names(client)
    found = [
        difference
        for each in known
        for difference in _compared(each.outputs, there.get(str(each.outputs["assignmentId"]).lower()), names)
    ]
    first = f"role {_ADMINISTRATOR} of {creator}"
    told = sorted(subject for each in others if (subject := _subject(each, names)) != first)
    return found + [Difference(Drift.UNMANAGED, subject) for subject in told]


class _Names:
    """Names of roles by id, asked for when the first is needed."""

    def __init__(self, client: RoleNames) -> None:
        self._client = client

    @cached_property
    def _by_id(self) -> dict[str, str]:
        return {id.lower(): name for name, id in self._client.role_definitions().items()}

    def of(self, id: str) -> str:
        """The name of a role, or its id where it has none."""
        return self._by_id.get(id.lower(), id)


def _compared(outputs: Mapping[str, Any], live: Mapping[str, Any] | None, names: _Names) -> list[Difference]:
    """What happened to a known assignment; one of the same id may have been made anew for something else."""
    role = outputs.get("roleName") or outputs.get("roleDefinitionId")
    subject, endpoint = f"role {role} of {outputs['principalId']}", WorkspaceEndpoint.parse(str(outputs["endpoint"]))
    if live is None:
        return [Difference(Drift.DELETED, subject)]
    id, scope, principal = (str(live[key]) for key in ("roleDefinitionId", "scope", "principalId"))
    if assignment_guid(endpoint, scope, id, principal) == str(live["id"]).lower():
        return []
    changes = []
    now = id if "roleDefinitionId" in outputs else names.of(id)
    if now.lower() != str(role).lower():
        changes.append(f"the role is now {now}")
    if principal.lower() != str(outputs["principalId"]).lower():
        changes.append(f"the principal is now {principal}")
    if not same_scope(outputs.get("scope"), scope, endpoint):
        changes.append(f"the scope is now {scope}")
    return [Difference(Drift.CHANGED, subject, text) for text in changes]


def _subject(assignment: Mapping[str, Any], names: _Names) -> str:
    """`role Synapse Administrator of <object id>`, with the scope where it is not the whole workspace."""
    id, scope = str(assignment["roleDefinitionId"]), str(assignment["scope"])
    where = f" at {scope}" if scope.count("/") > 1 else ""
    return f"role {names.of(id)} of {str(assignment['principalId']).lower()}{where}"
