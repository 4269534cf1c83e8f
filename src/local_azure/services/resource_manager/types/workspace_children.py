"""What a Synapse workspace holds on the control plane: firewall rules, Entra administrators, Entra-only authentication.

https://learn.microsoft.com/rest/api/synapse/resourcemanager/ip-firewall-rules
https://learn.microsoft.com/rest/api/synapse/resourcemanager/workspace-aad-admins
https://learn.microsoft.com/rest/api/synapse/resourcemanager/azure-ad-only-authentications
https://learn.microsoft.com/rest/api/synapse/resourcemanager/workspace-managed-identity-sql-control-settings
"""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address
from typing import Any

from azure.mgmt.synapse import models  # type: ignore[import-untyped]

from azure_ids.arm import ArmId
from local_azure.http import Response
from local_azure.resources import SYNAPSE_WORKSPACE
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import Call, Route, listing, listing_below
from local_azure.services.resource_manager.store import ArmStore
from local_azure.services.resource_manager.types.workspaces import WORKSPACE, operation_headers, workspace_id

_RULES = f"{SYNAPSE_WORKSPACE}/firewallRules"
_ENTRA_ONLY = f"{SYNAPSE_WORKSPACE}/azureADOnlyAuthentications"
_SQL_CONTROL = f"{SYNAPSE_WORKSPACE}/managedIdentitySqlControlSettings"
_STATES = ("Enabled", "Disabled")
_ADMINISTRATOR_KINDS = ("administrators", "sqlAdministrators")


def routes(store: ArmStore) -> list[Route]:
    """IpFirewallRules-, WorkspaceAadAdmins-, WorkspaceSqlAadAdmins- and AzureADOnlyAuthenticationsOperations."""

    def route(method: str, path: str, handle: Any, resource_type: str, verb: str) -> Route:
        action = f"{resource_type}/{verb}"
        return Route(method, WORKSPACE + path, handle, action, WORKSPACE, api_versions.SYNAPSE, resource_type)

    found = [
        route("GET", "/firewallRules", listing_below(workspace_id, _RULES), _RULES, "read"),
        route("PUT", "/firewallRules/{rule}", _put_rule, _RULES, "write"),
        route("GET", "/firewallRules/{rule}", _get_rule, _RULES, "read"),
        route("DELETE", "/firewallRules/{rule}", _delete_rule, _RULES, "delete"),
        route("GET", "/azureADOnlyAuthentications", _list_entra_only, _ENTRA_ONLY, "read"),
        route("GET", "/azureADOnlyAuthentications/default", _get_entra_only, _ENTRA_ONLY, "read"),
        route("PUT", "/azureADOnlyAuthentications/default", _put_entra_only, _ENTRA_ONLY, "write"),
    ]
    path = "/managedIdentitySqlControlSettings/default"
    found += [
        route("PUT", path, _put_sql_control, _SQL_CONTROL, "write"),
        route("GET", path, _get_sql_control, _SQL_CONTROL, "read"),
    ]
    for kind in _ADMINISTRATOR_KINDS:
        handlers = _Administrator(kind)
        resource_type = f"{SYNAPSE_WORKSPACE}/{kind}"
        found += [
            route("PUT", f"/{kind}/activeDirectory", handlers.put, resource_type, "write"),
            route("GET", f"/{kind}/activeDirectory", handlers.get, resource_type, "read"),
            route("DELETE", f"/{kind}/activeDirectory", handlers.delete, resource_type, "delete"),
        ]
    return found


def _rule_id(call: Call) -> ArmId:
    return workspace_id(call).child("firewallRules", call.names["rule"])


def _put_rule(call: Call) -> Response:
    if call.store.find(workspace_id(call)) is None:
        raise errors.parent_not_found(_rule_id(call))
    given = call.body(models, "IpFirewallRuleInfo").get("properties", {})
    first, last = (_address(given, name) for name in ("startIpAddress", "endIpAddress"))
    if first > last:
        raise errors.property_invalid("properties.endIpAddress", f"'{last}' is before startIpAddress '{first}'")
    existing = call.store.find(_rule_id(call))
    document: dict[str, Any] = {
        "id": str(_rule_id(call)),
        "name": call.names["rule"],
        "type": _RULES,
        "properties": {"startIpAddress": str(first), "endIpAddress": str(last), "provisioningState": "Succeeded"},
    }
    call.store.put(document)
    operation = call.store.start_operation(document)
    answer = document | {"properties": document["properties"] | {"provisioningState": "Provisioning"}}
    return Response.json(200 if existing else 201, answer, operation_headers(call, operation))


def _address(given: dict[str, Any], name: str) -> IPv4Address:
    try:
        return IPv4Address(str(given.get(name, "")))
    except AddressValueError as error:
        raise errors.property_invalid(f"properties.{name}", f"expected an IPv4 address: {error}") from error


def _get_rule(call: Call) -> Response:
    return Response.json(200, call.store.get(_rule_id(call)))


def _delete_rule(call: Call) -> Response:
    call.store.get(workspace_id(call))
    if not call.store.delete(_rule_id(call)):
        return Response(204)
    return Response(202, operation_headers(call, call.store.start_operation()))


class _Administrator:
    """One of the two Entra administrators: `administrators` or `sqlAdministrators`, both named activeDirectory."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def _id(self, call: Call) -> ArmId:
        return workspace_id(call).child(self._kind, "activeDirectory")

    def put(self, call: Call) -> Response:
        """Sets the administrator; the principal must exist in the directory."""
        if call.store.find(workspace_id(call)) is None:
            raise errors.parent_not_found(self._id(call))
        given = call.body(models, "WorkspaceAadAdminInfo").get("properties", {})
        directory = call.store.context.directory
        sid = str(given.get("sid", ""))
        if directory.by_object_id(sid) is None:
            raise errors.property_invalid(
                "properties.sid", f"no principal '{sid}' in the directory {directory.tenant_id}"
            )
        if str(given.get("tenantId", "")).lower() != directory.tenant_id:
            raise errors.property_invalid("properties.tenantId", f"expected '{directory.tenant_id}'")
        document: dict[str, Any] = {
            "id": str(self._id(call)),
            "name": "activeDirectory",
            "type": f"{SYNAPSE_WORKSPACE}/{self._kind}",
            "properties": {"administratorType": "ActiveDirectory", **given},
        }
        call.store.put(document)
        operation = call.store.start_operation(document)
        return Response.json(200, document, operation_headers(call, operation))

    def get(self, call: Call) -> Response:
        """The administrator, or 404 where none is set."""
        return Response.json(200, call.store.get(self._id(call)))

    def delete(self, call: Call) -> Response:
        """Takes the administrator away."""
        call.store.get(workspace_id(call))
        if not call.store.delete(self._id(call)):
            return Response(204)
        return Response(202, operation_headers(call, call.store.start_operation()))


def _entra_only(workspace: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{workspace['id']}/azureADOnlyAuthentications/default",
        "name": "default",
        "type": _ENTRA_ONLY,
        "properties": {
            "azureADOnlyAuthentication": bool(workspace["properties"].get("azureADOnlyAuthentication")),
            "state": "Consistent",
        },
    }


def _list_entra_only(call: Call) -> Response:
    return listing([_entra_only(call.store.get(workspace_id(call)))])


def _get_entra_only(call: Call) -> Response:
    return Response.json(200, _entra_only(call.store.get(workspace_id(call))))


def _put_entra_only(call: Call) -> Response:
    workspace = call.store.get(workspace_id(call))
    given = call.body(models, "AzureADOnlyAuthentication").get("properties", {})
    workspace["properties"]["azureADOnlyAuthentication"] = bool(given.get("azureADOnlyAuthentication"))
    call.store.put(workspace)
    document = _entra_only(workspace)
    return Response.json(200, document, operation_headers(call, call.store.start_operation(document)))


def _sql_control_id(call: Call) -> ArmId:
    return workspace_id(call).child("managedIdentitySqlControlSettings", "default")


def _sql_control(call: Call, state: str) -> dict[str, Any]:
    return {
        "id": str(_sql_control_id(call)),
        "name": "default",
        "type": _SQL_CONTROL,
        "properties": {"grantSqlControlToManagedIdentity": {"desiredState": state, "actualState": state}},
    }


def _put_sql_control(call: Call) -> Response:
    """Whether pipelines control the SQL pools of the workspace, of which there are none here."""
    call.store.get(workspace_id(call))
    given = call.body(models, "ManagedIdentitySqlControlSettingsModel").get("properties", {})
    state = str((given.get("grantSqlControlToManagedIdentity") or {}).get("desiredState", ""))
    if state not in _STATES:
        place = "properties.grantSqlControlToManagedIdentity.desiredState"
        raise errors.property_invalid(place, f"expected one of {', '.join(_STATES)}")
    document = _sql_control(call, state)
    call.store.put(document)
    operation = call.store.start_operation(document)
    return Response.json(200, document, operation_headers(call, operation))


def _get_sql_control(call: Call) -> Response:
    call.store.get(workspace_id(call))
    return Response.json(200, call.store.find(_sql_control_id(call)) or _sql_control(call, "Disabled"))
