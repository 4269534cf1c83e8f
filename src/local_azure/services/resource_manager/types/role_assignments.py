"""Role assignments and role definitions of Azure RBAC, at any scope.

https://learn.microsoft.com/rest/api/authorization/role-assignments
https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any

from azure.mgmt.authorization.v2022_04_01 import models

from azure_ids.arm import ArmId, ArmIdError
from local_azure.authorization import RoleAssignment, within
from local_azure.clock import azure_timestamp
from local_azure.http import Response, ServiceError
from local_azure.role_definitions import BY_ID, ROLE_DEFINITIONS, RoleDefinition
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import Call, Route, listing
from local_azure.services.resource_manager.store import ArmStore

ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
_DEFINITIONS = "Microsoft.Authorization/roleDefinitions"
_PERMISSIONS = "Microsoft.Authorization/permissions"
_FILTER = re.compile(r"\s*(?:(principalId|roleName)\s+eq\s+'([^']*)'|(assignedTo)\('([^']*)'\)|(atScope)\(\))\s*")


def routes(store: ArmStore) -> list[Route]:
    """RoleAssignmentsOperations and RoleDefinitionsOperations."""

    def route(method: str, path: str, handle: Any, resource_type: str, verb: str) -> Route:
        action = f"{resource_type}/{verb}" if verb else ""
        template = f"{{scope}}/providers/{resource_type}{path}"
        query = frozenset() if path else frozenset({"$filter"})
        return Route(method, template, handle, action, "{scope}", api_versions.AUTHORIZATION, resource_type, query)

    return [
        route("PUT", "/{name}", _put, ASSIGNMENTS, "write"),
        route("GET", "/{name}", _get, ASSIGNMENTS, "read"),
        route("DELETE", "/{name}", _delete, ASSIGNMENTS, "delete"),
        route("GET", "", _list, ASSIGNMENTS, "read"),
        # Built-in roles are the same everywhere and no secret: Azure shows them to everyone who is signed in.
        route("GET", "/{name}", _get_definition, _DEFINITIONS, ""),
        route("GET", "", _list_definitions, _DEFINITIONS, ""),
        Route(
            "GET",
            f"{{scope}}/providers/{_PERMISSIONS}",
            _list_permissions,
            f"{_PERMISSIONS}/read",
            "{scope}",
            api_versions.AUTHORIZATION,
            _PERMISSIONS,
        ),
    ]


def _put(call: Call) -> Response:
    scope, name = call.names["scope"], call.names["name"]
    _check_scope(call, scope)
    if not _is_guid(name):
        raise ServiceError(
            400,
            "InvalidRoleAssignmentId",
            f"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID.",
        )
    given = call.body(models, "RoleAssignmentCreateParameters", told="RoleAssignment")["properties"]
    if given.get("condition"):
        raise ServiceError(
            501, "ConditionNotServed", "Role assignment conditions are not served by the local stand-in."
        )
    role = _role(str(given["roleDefinitionId"]))
    principal_id = str(given["principalId"]).lower()
    principal_type = _check_principal(call, principal_id, given.get("principalType"))
    assignments = call.store.context.role_assignments
    existing = assignments.get(scope, name)
    if existing is None:
        _check_no_duplicate(call, scope, principal_id, role.id)
    elif (existing.principal_id, existing.role_definition_id) != (principal_id, role.id):
        raise ServiceError(
            409,
            "RoleAssignmentUpdateNotPermitted",
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
        )
    assignment = RoleAssignment(
        name=name.lower(),
        scope=scope,
        role_definition_id=role.id,
        principal_id=principal_id,
        principal_type=principal_type,
        created_on=existing.created_on if existing else call.store.context.clock.now().isoformat(),
        created_by=existing.created_by if existing else call.principal.object_id,
        description=given.get("description"),
    )
    assignments.put(assignment)
    return Response.json(200 if existing else 201, _document(call, assignment))


def _check_scope(call: Call, scope: str) -> None:
    """The scope, or for what data planes own (a container) the top-level resource above it, must exist."""
    try:
        arm_id = ArmId.parse(scope)
    except ArmIdError as error:
        raise errors.bad_request(f"The scope '{scope}' is not valid: {error}") from error
    if arm_id.subscription_id != call.store.context.directory.subscription_id:
        raise errors.subscription_not_found(arm_id.subscription_id or "")
    if arm_id.provider:
        call.store.get(ArmId(arm_id.subscription_id, arm_id.resource_group, arm_id.provider, arm_id.segments[:1]))
    elif arm_id.resource_group:
        call.store.group(arm_id)


def _is_guid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _role(definition_id: str) -> RoleDefinition:
    name = definition_id.rstrip("/").rpartition("/")[2].lower()
    role = BY_ID.get(name)
    if role is None or f"/providers/{_DEFINITIONS}/".lower() not in definition_id.lower():
        raise ServiceError(
            400,
            "RoleDefinitionDoesNotExist",
            f"The specified role definition with ID '{name.replace('-', '')}' does not exist.",
        )
    return role


def _check_principal(call: Call, principal_id: str, wanted_type: str | None) -> str:
    directory = call.store.context.directory
    principal = directory.by_object_id(principal_id)
    if principal is None:
        raise ServiceError(
            400,
            "PrincipalNotFound",
            f"Principal {principal_id.replace('-', '')} does not exist in the directory {directory.tenant_id}. "
            "Check that you "
            "have the correct principal ID. If you are creating this principal and then immediately assigning a "
            "role, this "
            "error might be related to a replication delay. In this case, set the role assignment principalType "
            "property to "
            "a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype",
        )
    if wanted_type is not None and wanted_type != principal.principal_type:
        raise ServiceError(
            400,
            "UnmatchedPrincipalType",
            f"The PrincipalId '{principal_id.replace('-', '')}' has type '{principal.principal_type}' , which is "
            "different "
            f"from specified PrinciaplType '{wanted_type}'.",
        )
    return principal.principal_type


def _check_no_duplicate(call: Call, scope: str, principal_id: str, role_id: str) -> None:
    for each in call.store.context.role_assignments.list(scope):
        same_scope = each.scope.lower().rstrip("/") == scope.lower().rstrip("/")
        if same_scope and (each.principal_id, each.role_definition_id) == (principal_id, role_id):
            raise ServiceError(
                409,
                "RoleAssignmentExists",
                "The role assignment already exists. The ID of the existing role assignment is "
                f"{each.name.replace('-', '')}.",
            )


def _definition_id(call: Call, role_id: str) -> str:
    return f"/subscriptions/{call.store.context.directory.subscription_id}/providers/{_DEFINITIONS}/{role_id}"


def _document(call: Call, assignment: RoleAssignment) -> dict[str, Any]:
    created = azure_timestamp(datetime.fromisoformat(assignment.created_on))
    return {
        "properties": {
            "roleDefinitionId": _definition_id(call, assignment.role_definition_id),
            "principalId": assignment.principal_id,
            "principalType": assignment.principal_type,
            "scope": assignment.scope,
            "description": assignment.description,
            "condition": None,
            "conditionVersion": None,
            "createdOn": created,
            "updatedOn": created,
            "createdBy": assignment.created_by,
            "updatedBy": assignment.created_by,
            "delegatedManagedIdentityResourceId": None,
        },
        "id": assignment.id,
        "type": ASSIGNMENTS,
        "name": assignment.name,
    }


def _get(call: Call) -> Response:
    name = call.names["name"]
    assignment = call.store.context.role_assignments.get(call.names["scope"], name)
    if assignment is None:
        raise ServiceError(404, "RoleAssignmentNotFound", f"The role assignment '{name}' is not found.")
    return Response.json(200, _document(call, assignment))


def _delete(call: Call) -> Response:
    assignments = call.store.context.role_assignments
    assignment = assignments.get(call.names["scope"], call.names["name"])
    if assignment is None:
        return Response(204)
    assignments.delete(assignment.scope, assignment.name)
    return Response.json(200, _document(call, assignment))


def _list(call: Call) -> Response:
    scope = call.names["scope"]
    wanted = _filters(call, "principalId", "assignedTo", "atScope")
    found = []
    for each in call.store.context.role_assignments.list(scope):
        if "principalId" in wanted and each.principal_id != wanted["principalId"].lower():
            continue
        if "assignedTo" in wanted and each.principal_id not in _holders(call, wanted["assignedTo"].lower()):
            continue
        if "atScope" in wanted and not within(scope, each.scope):
            continue
        found.append(_document(call, each))
    return listing(found)


def _holders(call: Call, object_id: str) -> set[str]:
    return {object_id, *call.store.context.directory.groups_of(object_id)}


def _filters(call: Call, *served: str) -> dict[str, str]:
    text = call.request.parameter("$filter")
    found: dict[str, str] = {}
    for part in re.split(r"\s+and\s+", text) if text.strip() else []:
        match = _FILTER.fullmatch(part)
        names = [name for name in (match.group(1), match.group(3), match.group(5)) if name] if match else []
        if match is None or names[0] not in served:
            raise errors.bad_request(
                f"The filter '{part}' is not served by the local stand-in; it serves {', '.join(served)}."
            )
        found[names[0]] = match.group(2) or match.group(4) or ""
    return found


def _definition(call: Call, role: RoleDefinition) -> dict[str, Any]:
    return {
        "id": _definition_id(call, role.id),
        "type": _DEFINITIONS,
        "name": role.id,
        "properties": {
            "roleName": role.name,
            "type": "BuiltInRole",
            "description": "",
            "assignableScopes": ["/"],
            "permissions": [_permissions(role)],
        },
    }


def _permissions(role: RoleDefinition) -> dict[str, Any]:
    return {
        "actions": role.actions,
        "notActions": role.not_actions,
        "dataActions": role.data_actions,
        "notDataActions": role.not_data_actions,
    }


def _list_permissions(call: Call) -> Response:
    """What the caller may do on a scope: the permissions of each role that it has there or above.

    https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource-group
    """
    scope = call.names["scope"]
    _check_scope(call, scope)
    held = call.store.context.role_assignments.effective(call.principal.object_id, scope)
    return listing([_permissions(role) for _, role in held])


def _get_definition(call: Call) -> Response:
    name = call.names["name"]
    role = BY_ID.get(name.lower())
    if role is None:
        raise ServiceError(
            404,
            "RoleDefinitionDoesNotExist",
            f"The specified role definition with ID '{name.replace('-', '')}' does not exist.",
        )
    return Response.json(200, _definition(call, role))


def _list_definitions(call: Call) -> Response:
    wanted = _filters(call, "roleName", "atScope")
    found = [each for each in ROLE_DEFINITIONS if wanted.get("roleName", each.name) == each.name]
    return listing([_definition(call, each) for each in found])
