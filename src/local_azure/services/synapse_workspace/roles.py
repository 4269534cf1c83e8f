"""Synapse role assignments: kept, and asked on every call whether they allow an action.

A role at any scope gives `read` on the whole workspace; a new assignment counts only after a lag, as on Azure.
https://learn.microsoft.com/azure/synapse-analytics/security/synapse-workspace-understand-what-role-you-need
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from local_azure.context import ServiceContext
from local_azure.http import ServiceError
from local_azure.services.synapse_workspace.errors import unauthorized
from local_azure.services.synapse_workspace.role_definitions import ADMINISTRATOR, BY_ID, PREFIX, SCOPES
from local_azure.services.synapse_workspace.workspace import Workspace

_AZURE_GRANT = "Microsoft.Authorization/roleAssignments/write"


class Roles:
    """The assignments of all workspaces."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._assignments = context.state.collection("synapse-role-assignments")
        self._initialised = context.state.collection("synapse-role-initialised")

    def ensure_creator(self, workspace: Workspace) -> None:
        """Give the creator of a workspace its first role, once; a removed assignment stays removed."""
        with self._context.state.transaction():
            if self._initialised.get(workspace.uid) is not None:
                return
            self._initialised.put(workspace.uid, {})
            if workspace.creator:
                name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{workspace.uid}/creator"))
                creator = self._context.directory.by_object_id(workspace.creator)
                kind = creator.principal_type if creator else "ServicePrincipal"
                self._write(workspace, name, ADMINISTRATOR.id, workspace.creator, workspace.scope, kind, bootstrap=True)

    def list(self, workspace: Workspace) -> Iterator[dict[str, Any]]:
        """All assignments as the service shows them."""
        for _, document in self._assignments.scan(prefix=workspace.key("")):
            yield document["shown"]

    def get(self, workspace: Workspace, name: str) -> dict[str, Any]:
        """One assignment; raises 404."""
        document = self._assignments.get(workspace.key(name.lower()))
        if document is None:
            raise ServiceError(404, "RoleAssignmentNotFound", f"The role assignment '{name}' could not be found.")
        shown: dict[str, Any] = document["shown"]
        return shown

    def put(self, workspace: Workspace, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Create an assignment; raises 400 for a bad role, principal or scope, 409 when it exists otherwise."""
        role = BY_ID.get(str(request.get("roleId", "")).lower())
        if role is None:
            raise ServiceError(400, "InvalidRoleId", f"The role definition '{request.get('roleId')}' does not exist.")
        principal_id = str(request.get("principalId", "")).lower()
        principal_type = self._checked_type(principal_id, request.get("principalType"))
        scope = str(request.get("scope") or workspace.scope)
        _check_scope(scope, workspace, role.scopes)
        for existing in self.list(workspace):
            same = (existing["roleDefinitionId"], existing["principalId"], existing["scope"].lower())
            if same == (role.id, principal_id, scope.lower()):
                if existing["id"].lower() == name.lower():
                    return existing
                raise ServiceError(409, "RoleAssignmentExists", "The role assignment already exists.")
        if self._assignments.get(workspace.key(name.lower())) is not None:
            raise ServiceError(
                409, "RoleAssignmentUpdateNotPermitted", "Role, scope and principal of an assignment cannot be changed."
            )
        return self._write(workspace, name, role.id, principal_id, scope, principal_type)

    def delete(self, workspace: Workspace, name: str) -> bool:
        """Remove an assignment; False when there was none."""
        return self._assignments.delete(workspace.key(name.lower()))

    def require(self, workspace: Workspace, principal_id: str, action: str, scope: str | None = None) -> None:
        """Raise 403 unless the principal holds a role with the action (without prefix) at the scope or above it."""
        wanted = scope or workspace.scope
        if not self.allows(workspace, principal_id, action, wanted):
            shown = f"{wanted}/*" if action == "read" else wanted
            raise unauthorized(principal_id, PREFIX + action, shown)

    def require_granting(self, workspace: Workspace, principal_id: str, action: str, scope: str) -> None:
        """Like `require`, but whoever may assign Azure roles on the workspace may assign Synapse roles too."""
        if not self._context.role_assignments.allows(principal_id, _AZURE_GRANT, workspace.arm_id):
            self.require(workspace, principal_id, action, scope)

    def allows(self, workspace: Workspace, principal_id: str, action: str, scope: str) -> bool:
        """Whether an assignment that counts now grants the action."""
        holders = {principal_id, *self._context.directory.groups_of(principal_id)}
        return self.allows_any(workspace, holders, action, scope) is not None

    def allows_any(self, workspace: Workspace, holders: set[str], action: str, scope: str) -> dict[str, Any] | None:
        """The assignment to one of the holders that grants the action at the scope, or None."""
        latest = self._context.clock.now() - timedelta(seconds=self._context.settings.synapse_role_lag_seconds)
        for _, document in self._assignments.scan(prefix=workspace.key("")):
            shown: dict[str, Any] = document["shown"]
            counts = document["bootstrap"] or datetime.fromisoformat(document["created"]) <= latest
            if not counts or shown["principalId"] not in holders:
                continue
            covers = action == "read" or _within(scope, shown["scope"])
            if covers and BY_ID[shown["roleDefinitionId"]].allows(action):
                return shown
        return None

    def _checked_type(self, principal_id: str, given: object) -> str | None:
        """The type that a request gives; the service looks for none where it gives none, and keeps null.

        https://github.com/Azure/azure-cli/issues/22078, https://github.com/hashicorp/terraform-provider-azurerm/pull/24089
        """
        principal = self._context.directory.by_object_id(principal_id)
        if principal is None:
            raise ServiceError(
                400, "PrincipalTypeNotSupported", f"The principal '{principal_id}' does not exist in the directory."
            )
        if given and given != principal.principal_type:
            raise ServiceError(
                400,
                "PrincipalTypeMismatch",
                f"The principal '{principal_id}' is of type {principal.principal_type}, not {given}.",
            )
        return str(given) if given else None

    def _write(
        self,
        workspace: Workspace,
        name: str,
        role_id: str,
        principal_id: str,
        scope: str,
        principal_type: str | None,
        bootstrap: bool = False,
    ) -> dict[str, Any]:
        shown = {
            "id": name,
            "roleDefinitionId": role_id,
            "principalId": principal_id,
            "scope": scope,
            "principalType": principal_type,
        }
        created = self._context.clock.now().isoformat()
        document = {"shown": shown, "created": created, "bootstrap": bootstrap}
        self._assignments.put(workspace.key(name.lower()), document)
        return shown


def _within(inner: str, outer: str) -> bool:
    low, high = inner.lower(), outer.lower()
    return low == high or low.startswith(high + "/")


def _check_scope(scope: str, workspace: Workspace, allowed: tuple[str, ...]) -> None:
    parts = scope.split("/")
    matches = [
        template
        for template in SCOPES
        if len(template.split("/")) == len(parts)
        and all(want.startswith("{") or want == found for want, found in zip(template.split("/"), parts, strict=True))
    ]
    if not matches or parts[1].lower() != workspace.name.lower():
        raise ServiceError(
            400, "InvalidScope", f"The scope '{scope}' is not a scope of the workspace '{workspace.name}'."
        )
    if matches[0] not in allowed:
        raise ServiceError(400, "ScopeNotSupported", f"The role cannot be assigned at the scope '{scope}'.")
