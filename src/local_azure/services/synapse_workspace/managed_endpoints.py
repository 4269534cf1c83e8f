"""Managed private endpoints of a workspace's managed virtual network: asked for here, approved on the target.

Recorded: a PUT answers 200 while it is provisioned, the connection then waits for the target's owner; a DELETE answers
202 without a place to poll. https://learn.microsoft.com/azure/synapse-analytics/security/synapse-workspace-managed-private-endpoints
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from azure_ids.arm import ArmId, ArmIdError
from azure_ids.private_links import KEY_VAULT, SQL_SERVER, STORAGE_ACCOUNT, private_links_of
from local_azure.context import ServiceContext
from local_azure.http import Request, Response, ServiceError
from local_azure.services.synapse_workspace.calls import SEGMENT, Call, Require, Row
from local_azure.services.synapse_workspace.errors import bad_request
from local_azure.services.synapse_workspace.workspace import Workspace

_NETWORK = "default"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,78}[A-Za-z0-9_]")
_KNOWN = frozenset({"privateLinkResourceId", "groupId", "fqdns", "connectionState", "provisioningState", "isCompliant"})
_TARGETS = (STORAGE_ACCOUNT, KEY_VAULT, SQL_SERVER)


def managed_endpoint_routes(endpoints: ManagedEndpoints, require: Require) -> list[Row]:
    """The routes below `/managedVirtualNetworks`."""
    path = f"/managedVirtualNetworks/{SEGMENT}/managedPrivateEndpoints"

    def listed(call: Call, network: str) -> Response:
        require(call, "read")
        return endpoints.list(call.workspace, network)

    def get(call: Call, network: str, name: str) -> Response:
        require(call, "read")
        return endpoints.get(call.workspace, network, name)

    def put(call: Call, network: str, name: str) -> Response:
        require(call, "managedPrivateEndpoints/write")
        return endpoints.put(call.workspace, network, name, call.request)

    def delete(call: Call, network: str, name: str) -> Response:
        require(call, "managedPrivateEndpoints/delete")
        return endpoints.delete(call.workspace, network, name)

    one = f"{path}/{SEGMENT}"
    return [("GET", path, listed), ("PUT", one, put), ("GET", one, get), ("DELETE", one, delete)]


class ManagedEndpoints:
    """The managed private endpoints of all workspaces; their connections are resources below their targets."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._endpoints = context.state.collection("synapse-managed-endpoints")

    def list(self, workspace: Workspace, network: str) -> Response:
        """GET of all, the two that every managed network has from its first day among them."""
        _require_network(workspace, network)
        own = [self._shown(workspace, each) for _, each in self._endpoints.scan(prefix=workspace.key(""))]
        return Response.json(200, {"value": [*_reserved(workspace), *own]})

    def get(self, workspace: Workspace, network: str, name: str) -> Response:
        """GET of one."""
        _require_network(workspace, network)
        reserved = {each["name"].lower(): each for each in _reserved(workspace)}
        if name.lower() in reserved:
            return Response.json(200, reserved[name.lower()])
        return Response.json(200, self._shown(workspace, self._require(workspace, name)))

    def put(self, workspace: Workspace, network: str, name: str, request: Request) -> Response:
        """PUT: 200 while it is provisioned; an endpoint cannot lead elsewhere later."""
        _require_network(workspace, network)
        target, group = self._target(name, request.json())
        with self._context.state.transaction():
            existing = self._endpoints.get(workspace.key(name.lower()))
            if existing is not None and (existing["target"].lower(), existing["group"]) != (target.lower(), group):
                raise ServiceError(
                    409, "Conflict", f"The managed private endpoint '{name}' leads to {existing['target']}."
                )
            document = existing or {"name": name, "target": target, "group": group, "connection": ""}
            if existing is None:
                document["connection"] = self._connect(workspace, document)
            self._endpoints.put(workspace.key(name.lower()), document)
        shown = self._shown(workspace, document)
        if existing is None:
            shown["properties"] |= {"provisioningState": "Provisioning", "connectionState": {}}
        return Response.json(200, shown, {"location": f"{workspace.endpoint}{request.path}"})

    def delete(self, workspace: Workspace, network: str, name: str) -> Response:
        """DELETE: 202, empty; the connection at the target goes with it. 204 where there is none."""
        _require_network(workspace, network)
        with self._context.state.transaction():
            document = self._endpoints.get(workspace.key(name.lower()))
            if document is None:
                return Response(204)
            self._context.resources.delete(document["connection"])
            self._endpoints.delete(workspace.key(name.lower()))
        return Response(202)

    def _target(self, name: str, body: Any) -> tuple[str, str]:
        properties = body.get("properties") if isinstance(body, Mapping) else None
        if not isinstance(properties, Mapping) or not _NAME.fullmatch(name):
            raise bad_request(f"The managed private endpoint '{name}' is invalid: expected a name and properties.")
        unknown = sorted(set(properties) - _KNOWN)
        if unknown:
            raise bad_request(f"The managed private endpoint '{name}' has the unknown property '{unknown[0]}'.")
        target, group = str(properties.get("privateLinkResourceId") or ""), str(properties.get("groupId") or "")
        try:
            kind = ArmId.parse(target).type.lower()
        except ArmIdError as error:
            raise bad_request(f"The privateLinkResourceId '{target}' is invalid: {error}") from error
        groups = private_links_of(kind)
        if kind not in map(str.lower, _TARGETS):
            known = ", ".join(sorted(map(str.lower, _TARGETS)))
            raise bad_request(f"Local Azure has private links to {known}, not to {kind}.", "PrivateLinkNotSupported")
        if group not in groups:
            expected = ", ".join(sorted(groups))
            raise bad_request(f"The groupId '{group}' is none of {kind}; expected one of {expected}.", "InvalidGroupId")
        if self._context.resources.get(target) is None:
            raise bad_request(f"The resource '{target}' does not exist.", "PrivateLinkResourceNotFound")
        return target, group

    def _connect(self, workspace: Workspace, document: Mapping[str, Any]) -> str:
        """A pending connection below the target; its id."""
        target = ArmId.parse(document["target"])
        name = f"{target.name}.{uuid.uuid4()}"
        id = f"{target}/privateEndpointConnections/{name}"
        endpoint = f"{workspace.name}.{document['name']}"
        network = f"/subscriptions/{uuid.UUID(int=1)}/resourceGroups/vnet-{workspace.uid}"
        self._context.resources.put(
            id,
            {
                "id": id,
                "name": name,
                "type": f"{target.type}/privateEndpointConnections",
                "properties": {
                    "privateEndpoint": {"id": f"{network}/providers/Microsoft.Network/privateEndpoints/{endpoint}"},
                    "privateLinkServiceConnectionState": {
                        "status": "Pending",
                        "description": "",
                        "actionRequired": "None",
                    },
                    "groupIds": [document["group"]],
                    "provisioningState": "Succeeded",
                },
            },
        )
        return id

    def _require(self, workspace: Workspace, name: str) -> dict[str, Any]:
        found = self._endpoints.get(workspace.key(name.lower()))
        if found is None:
            inner = {"StatusCode": 404, "ErrorType": "PrivateEndpointNotFound", "Message": f"No endpoint '{name}'."}
            raise ServiceError(404, "UnknownError", json.dumps(inner))
        return found

    def _shown(self, workspace: Workspace, document: Mapping[str, Any]) -> dict[str, Any]:
        connection = self._context.resources.get(document["connection"])
        state = {"status": "Disconnected", "description": ""}
        if connection is not None:
            state = connection["properties"]["privateLinkServiceConnectionState"]
        properties = {
            "privateLinkResourceId": document["target"],
            "groupId": document["group"],
            "provisioningState": "Succeeded",
            "connectionState": {
                "status": state["status"],
                "description": state.get("description") or "",
                "actionsRequired": "None",
            },
            "isReserved": False,
            "fqdns": [],
            "isCompliant": False,
        }
        return _resource(workspace, document["name"], properties)


def _require_network(workspace: Workspace, network: str) -> None:
    properties = workspace.document.get("properties") or {}
    if properties.get("managedVirtualNetwork") != _NETWORK or network != _NETWORK:
        raise bad_request(
            f"The workspace {workspace.name} does not have a managed virtual network associated.",
            "ManagedVirtualNetworkNotFound",
        )


def _reserved(workspace: Workspace) -> list[dict[str, Any]]:
    state = {"status": "Approved", "description": "", "actionsRequired": "None"}
    return [
        _resource(
            workspace,
            f"synapse-ws-{group}--{workspace.name}",
            {
                "privateLinkResourceId": workspace.arm_id,
                "groupId": group,
                "provisioningState": "Succeeded",
                "connectionState": state,
                "isReserved": True,
                "fqdns": [],
                "isCompliant": True,
            },
        )
        for group in ("sql", "sqlOnDemand")
    ]


def _resource(workspace: Workspace, name: str, properties: dict[str, Any]) -> dict[str, Any]:
    kind = "managedVirtualNetworks/managedPrivateEndpoints"
    return {
        "id": f"{workspace.arm_id}/managedVirtualNetworks/{_NETWORK}/managedPrivateEndpoints/{name}",
        "name": name,
        "type": f"Microsoft.Synapse/workspaces/{kind}",
        "properties": properties,
    }
