"""Synapse workspaces: created in the background, with a system-assigned identity, a managed network set once for all.

https://learn.microsoft.com/rest/api/synapse/resourcemanager/workspaces
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from azure.mgmt.synapse import models  # type: ignore[import-untyped]

from azure_ids.arm import ArmId
from local_azure.http import Response, ServiceError
from local_azure.resources import SYNAPSE_WORKSPACE
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import (
    Call,
    Route,
    listing_of,
    operation_url,
    poll_location,
    poll_status,
    polling,
)
from local_azure.services.resource_manager.store import ArmStore, normal_location

_PROVIDER = "Microsoft.Synapse"
_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_LIST = f"/providers/{SYNAPSE_WORKSPACE}"
WORKSPACE = f"{_GROUP}{_LIST}/{{workspace}}"
_NAME = re.compile(r"(?=.{1,50}$)[a-z0-9]+(?:-[a-z0-9]+)*")
_CREATED_ONCE = (
    "managedVirtualNetwork",
    "managedVirtualNetworkSettings.preventDataExfiltration",
    "managedResourceGroupName",
    "defaultDataLakeStorage.accountUrl",
    "defaultDataLakeStorage.filesystem",
    "sqlAdministratorLogin",
)
"""Properties that only a new workspace takes.

https://learn.microsoft.com/azure/synapse-analytics/security/synapse-workspace-managed-vnet
https://learn.microsoft.com/azure/synapse-analytics/security/workspace-data-exfiltration-protection
"""


def routes(store: ArmStore) -> list[Route]:
    """WorkspacesOperations."""

    def route(method: str, template: str, handle: Any, action: str, scope: str = "") -> Route:
        return Route(method, template, handle, action, scope, api_versions.SYNAPSE, SYNAPSE_WORKSPACE)

    return [
        route(
            "POST",
            f"{_SUBSCRIPTION}/providers/{_PROVIDER}/checkNameAvailability",
            _check_name,
            f"{_PROVIDER}/checkNameAvailability/action",
            _SUBSCRIPTION,
        ),
        route("GET", f"{_SUBSCRIPTION}{_LIST}", listing_of(SYNAPSE_WORKSPACE), ""),
        route("GET", f"{_GROUP}{_LIST}", listing_of(SYNAPSE_WORKSPACE), f"{SYNAPSE_WORKSPACE}/read", _GROUP),
        route("PUT", WORKSPACE, _put, f"{SYNAPSE_WORKSPACE}/write"),
        route("GET", WORKSPACE, _get, f"{SYNAPSE_WORKSPACE}/read"),
        route("PATCH", WORKSPACE, _patch, f"{SYNAPSE_WORKSPACE}/write"),
        route("DELETE", WORKSPACE, _delete, f"{SYNAPSE_WORKSPACE}/delete"),
        route("GET", f"{WORKSPACE}/operationStatuses/{{operation}}", poll_status, ""),
        route("GET", f"{WORKSPACE}/operationResults/{{operation}}", poll_location, ""),
    ]


def workspace_id(call: Call) -> ArmId:
    """The workspace in the path."""
    return call.group_id.resource(_PROVIDER, "workspaces", call.names["workspace"])


def operation_headers(call: Call, operation: str) -> dict[str, str]:
    """Both ways to poll that the service gives."""
    base = str(workspace_id(call))
    return polling(
        location=operation_url(call, f"{base}/operationResults", operation),
        asynchronous=operation_url(call, f"{base}/operationStatuses", operation),
    )


def _check_name(call: Call) -> Response:
    name = str(call.body(models, "CheckNameAvailabilityRequest").get("name", ""))
    taken = call.store.context.resources.find(SYNAPSE_WORKSPACE, name) is not None
    reason = "AlreadyExists" if taken else "" if _NAME.fullmatch(name) else "Invalid"
    answer = {"available": not reason, "name": name, "reason": reason}
    return Response.json(200, {key: value for key, value in answer.items() if value != ""})


def _put(call: Call) -> Response:
    call.store.group(call.group_id)
    name = call.names["workspace"]
    if not _NAME.fullmatch(name) or name.endswith("-ondemand"):
        raise errors.property_invalid(
            "name",
            f"'{name}' is not a valid workspace name: expected 1 to 50 lower-case letters, digits and single hyphens",
        )
    body = call.body(models, "Workspace")
    location = normal_location(body["location"])
    existing = call.store.find(workspace_id(call))
    properties = body.get("properties", {})
    if existing is None:
        if call.store.context.resources.find(SYNAPSE_WORKSPACE, name) is not None:
            raise ServiceError(409, "Conflict", f"The workspace name '{name}' is already in use; names are global.")
        _check_new(body)
    else:
        if existing["location"] != location:
            raise errors.location_changed(name, call.names["group"], existing["location"], location)
        _check_unchanged(existing["properties"], properties)
    document = _document(call, body, location, existing)
    call.store.put(document)
    operation = call.store.start_operation(document)
    state = "Updating" if existing else "Provisioning"
    answer = document | {"properties": document["properties"] | {"provisioningState": state}}
    return Response.json(200 if existing else 201, answer, operation_headers(call, operation))


def _check_new(body: dict[str, Any]) -> None:
    properties = body.get("properties", {})
    lake = properties.get("defaultDataLakeStorage") or {}
    for name in ("accountUrl", "filesystem"):
        if not lake.get(name):
            raise errors.property_invalid(f"properties.defaultDataLakeStorage.{name}", "is required")
    if str(body.get("identity", {}).get("type", "")) not in ("SystemAssigned", "SystemAssigned,UserAssigned"):
        raise errors.property_invalid(
            "identity.type", "expected SystemAssigned: a workspace has an identity of its own"
        )
    if not properties.get("azureADOnlyAuthentication") and not properties.get("sqlAdministratorLogin"):
        raise errors.property_invalid(
            "properties.sqlAdministratorLogin", "is required unless azureADOnlyAuthentication is true"
        )
    settings = properties.get("managedVirtualNetworkSettings") or {}
    if settings.get("preventDataExfiltration") and properties.get("managedVirtualNetwork") != "default":
        raise errors.property_invalid(
            "properties.managedVirtualNetworkSettings.preventDataExfiltration",
            "needs a managed virtual network: managedVirtualNetwork 'default'",
        )


def _step(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _check_unchanged(before: dict[str, Any], after: dict[str, Any]) -> None:
    for path in _CREATED_ONCE:
        wanted = _step(after, path)
        if wanted is not None and (wanted or False) != (_step(before, path) or False):
            raise errors.property_change_not_allowed(f"properties.{path}")
    if after.get("sqlAdministratorLoginPassword") and not before.get("sqlAdministratorLogin"):
        raise errors.property_change_not_allowed("properties.sqlAdministratorLoginPassword")


def _document(call: Call, body: dict[str, Any], location: str, existing: dict[str, Any] | None) -> dict[str, Any]:
    name, given = call.names["workspace"], dict(body.get("properties", {}))
    given.pop("sqlAdministratorLoginPassword", None)
    properties: dict[str, Any] = dict(existing["properties"]) if existing else _first_properties(call, name)
    properties |= {"publicNetworkAccess": "Enabled", "trustedServiceBypassEnabled": False} if not existing else {}
    properties |= given
    encryption = properties.get("encryption") or {}
    properties["encryption"] = {**encryption, "doubleEncryptionEnabled": bool(encryption.get("cmk"))}
    properties["provisioningState"] = "Succeeded"
    return {
        "id": existing["id"] if existing else str(workspace_id(call)),
        "name": name,
        "type": SYNAPSE_WORKSPACE,
        "location": location,
        "tags": body.get("tags", {}),
        "identity": existing["identity"] if existing else _identity(call, name),
        "properties": properties,
    }


def _first_properties(call: Call, name: str) -> dict[str, Any]:
    return {
        "azureADOnlyAuthentication": False,
        "connectivityEndpoints": {
            "web": f"https://web.azuresynapse.net?workspace={workspace_id(call)}".replace("/", "%2f").replace(
                "https:%2f%2f", "https://"
            ),
            "dev": f"https://{name}.dev.azuresynapse.net",
            "sqlOnDemand": f"{name}-ondemand.sql.azuresynapse.net",
            "sql": f"{name}.sql.azuresynapse.net",
        },
        "cspWorkspaceAdminProperties": {"initialWorkspaceAdminObjectId": call.principal.object_id},
        "extraProperties": {"WorkspaceType": "Normal"},
        "managedResourceGroupName": f"synapseworkspace-managedrg-{uuid.uuid4()}",
        "privateEndpointConnections": [],
        "workspaceUID": str(uuid.uuid4()),
    }


def _identity(call: Call, name: str) -> dict[str, Any]:
    principal = call.store.context.directory.add_managed_identity(name, str(workspace_id(call)))
    return {
        "type": "SystemAssigned",
        "principalId": principal.object_id,
        "tenantId": call.store.context.directory.tenant_id,
    }


def _get(call: Call) -> Response:
    return Response.json(200, call.store.get(workspace_id(call)))


def _patch(call: Call) -> Response:
    document = call.store.get(workspace_id(call))
    body = call.body(models, "WorkspacePatchInfo", told="Workspace")
    given = body.get("properties", {})
    _check_unchanged(document["properties"], given)
    given.pop("sqlAdministratorLoginPassword", None)
    document["properties"] |= given
    if "tags" in body:
        document["tags"] = body["tags"]
    call.store.put(document)
    operation = call.store.start_operation(document)
    return Response.json(200, document, operation_headers(call, operation))


def _delete(call: Call) -> Response:
    call.store.group(call.group_id)
    if not call.store.delete(workspace_id(call)):
        return Response(204)
    operation = call.store.start_operation()
    return Response(202, operation_headers(call, operation))
