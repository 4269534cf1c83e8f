"""Pools and integration runtimes as the development endpoint lists them: read only, kept by Resource Manager.

https://learn.microsoft.com/rest/api/synapse/data-plane/big-data-pools (and /sql-pools, /integration-runtimes)
"""

from __future__ import annotations

from typing import Any

from local_azure.context import ServiceContext
from local_azure.http import Response, ServiceError
from local_azure.services.synapse_workspace.artifact_kinds import DEFAULT_INTEGRATION_RUNTIME, RESOURCES
from local_azure.services.synapse_workspace.calls import SEGMENT, Call, Require, Row
from local_azure.services.synapse_workspace.workspace import Workspace

_RUNTIMES = "integrationRuntimes"
_NOUNS = {"bigDataPools": "BigDataPool", _RUNTIMES: "IntegrationRuntime", "sqlPools": "SqlPool"}


def referenced_resource_routes(context: ServiceContext, require: Require) -> list[Row]:
    """Lists and reads of each collection."""

    def listed(call: Call, collection: str) -> Response:
        require(call, "read")
        return Response.json(200, {"value": list(_found(context, call.workspace, _spelled(collection)).values())})

    def get(call: Call, collection: str, name: str) -> Response:
        require(call, "read")
        found = _found(context, call.workspace, _spelled(collection)).get(name.lower())
        if found is None:
            noun = _NOUNS[_spelled(collection)]
            raise ServiceError(404, f"{noun}NotFound", f"The {noun} '{name}' was not found.", shape="flat")
        return Response.json(200, found)

    path = f"/({'|'.join(RESOURCES.values())})"
    return [("GET", path, listed), ("GET", f"{path}/{SEGMENT}", get)]


def _spelled(collection: str) -> str:
    return next(each for each in RESOURCES.values() if each.lower() == collection.lower())


def _found(context: ServiceContext, workspace: Workspace, collection: str) -> dict[str, dict[str, Any]]:
    kept = [document for _, document in context.resources.under(f"{workspace.arm_id}/{collection}")]
    own = [_default_runtime(workspace)] if collection == _RUNTIMES else []
    return {str(each["name"]).lower(): each for each in [*own, *kept]}


def _default_runtime(workspace: Workspace) -> dict[str, Any]:
    return {
        "id": f"{workspace.arm_id}/{_RUNTIMES}/{DEFAULT_INTEGRATION_RUNTIME}",
        "name": DEFAULT_INTEGRATION_RUNTIME,
        "type": f"Microsoft.Synapse/workspaces/{_RUNTIMES}",
        "properties": {
            "type": "Managed",
            "typeProperties": {"computeProperties": {"location": "AutoResolve"}},
        },
    }
