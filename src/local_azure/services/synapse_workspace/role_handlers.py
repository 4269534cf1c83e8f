"""Answers to the calls on Synapse roles: definitions, scopes, assignments, access checks."""

from __future__ import annotations

from typing import Any

from local_azure.http import Request, Response, ServiceError
from local_azure.services.synapse_workspace.role_definitions import BY_ID, PREFIX, ROLES, SCOPES
from local_azure.services.synapse_workspace.roles import Roles
from local_azure.services.synapse_workspace.workspace import Workspace

_PAGE = 100


class RoleHandlers:
    """One method for each call; permissions are checked by the routes."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles

    def definitions(self, request: Request) -> Response:
        """GET roleDefinitions: a bare array."""
        scope = request.query.get("scope", "")
        depth = len(scope.split("/")) if scope else 0
        kind = scope.split("/")[2].lower() if depth > 2 else ""
        chosen = [
            role.document()
            for role in ROLES
            if not scope or any(len(s.split("/")) == depth and (not kind or kind in s.lower()) for s in role.scopes)
        ]
        return Response.json(200, [] if request.query.get("isBuiltIn", "true").lower() == "false" else chosen)

    def definition(self, role_id: str) -> Response:
        """GET of one role definition."""
        role = BY_ID.get(role_id.lower())
        if role is None:
            raise ServiceError(404, "RoleDefinitionNotFound", f"The role definition '{role_id}' could not be found.")
        return Response.json(200, role.document())

    def scopes(self) -> Response:
        """GET rbacScopes: a bare array."""
        return Response.json(200, list(SCOPES))

    def assignments(self, workspace: Workspace, request: Request) -> Response:
        """GET roleAssignments, filtered by roleId, principalId and scope; continued by x-ms-continuation."""
        wanted = {
            "roleDefinitionId": request.query.get("roleId", ""),
            "principalId": request.query.get("principalId", ""),
            "scope": request.query.get("scope", ""),
        }
        found = [
            each
            for each in self._roles.list(workspace)
            if all(not value or str(each[key]).lower() == value.lower() for key, value in wanted.items())
        ]
        start = int(request.headers.get("x-ms-continuation") or 0)
        page = found[start : start + _PAGE]
        more = start + _PAGE < len(found)
        headers = {"x-ms-continuation": str(start + _PAGE)} if more else {}
        return Response.json(200, {"count": len(page), "value": page}, headers)

    def check_access(self, workspace: Workspace, request: Request) -> Response:
        """POST checkAccessSynapseRbac: allowed or not, by action."""
        body = request.json()
        subject: dict[str, Any] = body.get("subject") or {}
        holders = {str(subject.get("principalId", "")).lower(), *map(str, subject.get("groupIds") or [])}
        decisions = []
        for action in body.get("actions") or []:
            name = str(action["id"]).removeprefix(PREFIX)
            grant = self._roles.allows_any(workspace, holders, name, str(body.get("scope") or workspace.scope))
            decision = {"accessDecision": "Allowed" if grant else "NotAllowed", "actionId": action["id"]}
            decisions.append({**decision, "roleAssignment": grant} if grant else decision)
        return Response.json(200, {"accessDecisions": decisions})
