"""Synapse roles of a state against those that a workspace lists: taken away, or given behind the engine's back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from dataplane_provider.drift.differences import Difference, Drift
from dataplane_provider.drift.state import StateResource

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
    known: Sequence[StateResource], live: Sequence[Mapping[str, Any]], creator: str, names: RoleNames
) -> list[Difference]:
    """Known assignments that are gone, and live ones that are not known, but for the first role of the creator.

    The names of roles are asked for only where one is not known.
    """
    ids = {str(each["id"]).lower() for each in live}
    owned = {str(each.outputs["assignmentId"]).lower() for each in known}
    found = [
        Difference(Drift.DELETED, f"role {each.outputs.get('roleName')} of {each.outputs['principalId']}")
        for each in known
        if str(each.outputs["assignmentId"]).lower() not in ids
    ]
    others = [each for each in live if str(each["id"]).lower() not in owned]
    by_id = {id.lower(): name for name, id in names.role_definitions().items()} if others else {}
    first = f"role {_ADMINISTRATOR} of {creator}"
    told = sorted(subject for each in others if (subject := _subject(each, by_id)) != first)
    return found + [Difference(Drift.UNMANAGED, subject) for subject in told]


def _subject(assignment: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """`role Synapse Administrator of <object id>`, with the scope where it is not the whole workspace."""
    id, scope = str(assignment["roleDefinitionId"]), str(assignment["scope"])
    where = f" at {scope}" if scope.count("/") > 1 else ""
    return f"role {names.get(id.lower(), id)} of {str(assignment['principalId']).lower()}{where}"
