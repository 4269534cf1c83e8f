"""Integration runtimes of a Synapse workspace: resources of the subscription, to which artifacts refer.

https://learn.microsoft.com/rest/api/synapse/resourcemanager/integration-runtimes
"""

from __future__ import annotations

from typing import Any

from azure.mgmt.synapse import models  # type: ignore[import-untyped]

from azure_ids.arm import ArmId
from local_azure.http import Response
from local_azure.resources import SYNAPSE_WORKSPACE
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import Call, Route, listing
from local_azure.services.resource_manager.store import ArmStore
from local_azure.services.resource_manager.types.workspaces import WORKSPACE, operation_headers, workspace_id

_COLLECTION = "integrationRuntimes"
_TYPE = f"{SYNAPSE_WORKSPACE}/{_COLLECTION}"
_KINDS = ("Managed", "SelfHosted")


def routes(store: ArmStore) -> list[Route]:
    """IntegrationRuntimesOperations."""

    def route(method: str, path: str, handle: Any, verb: str) -> Route:
        return Route(method, WORKSPACE + path, handle, f"{_TYPE}/{verb}", WORKSPACE, api_versions.SYNAPSE, _TYPE)

    one = f"/{_COLLECTION}/{{runtime}}"
    return [
        route("GET", f"/{_COLLECTION}", _list, "read"),
        route("PUT", one, _put, "write"),
        route("GET", one, _get, "read"),
        route("DELETE", one, _delete, "delete"),
    ]


def _id(call: Call) -> ArmId:
    return workspace_id(call).child(_COLLECTION, call.names["runtime"])


def _list(call: Call) -> Response:
    return listing(list(call.store.of_type(call.store.get(workspace_id(call))["id"], _TYPE)))


def _put(call: Call) -> Response:
    if call.store.find(workspace_id(call)) is None:
        raise errors.parent_not_found(_id(call))
    given = call.body(models, "IntegrationRuntimeResource").get("properties", {})
    if given.get("type") not in _KINDS:
        raise errors.property_invalid("properties.type", f"expected one of {', '.join(_KINDS)}")
    existing = call.store.find(_id(call))
    if existing and existing["properties"]["type"] != given["type"]:
        raise errors.property_change_not_allowed("properties.type")
    state = {"state": "Initial"} if given["type"] == "Managed" else {}
    document: dict[str, Any] = {
        "id": str(_id(call)),
        "name": call.names["runtime"],
        "type": _TYPE,
        "properties": {**given, **state},
    }
    call.store.put(document)
    if existing:
        return Response.json(200, document)
    return Response.json(202, document, operation_headers(call, call.store.start_operation(document)))


def _get(call: Call) -> Response:
    return Response.json(200, call.store.get(_id(call)))


def _delete(call: Call) -> Response:
    call.store.get(workspace_id(call))
    if not call.store.delete(_id(call)):
        return Response(204)
    return Response(202, operation_headers(call, call.store.start_operation()))
