"""Long-running operations: `Location` to poll, 202 while running, then the final answer as the body of the poll."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_azure.clock import azure_timestamp
from local_azure.context import ServiceContext
from local_azure.http import Response, ServiceError
from local_azure.services.synapse_workspace.artifact_kinds import Kind
from local_azure.services.synapse_workspace.workspace import Workspace

_RETRY_AFTER_MILLISECONDS = "100"
"""The clients of azure-core and azcore wait 30 s without a header, and read Retry-After: 0 as none."""
_NEVER = "0001-01-01T00:00:00"


@dataclass(frozen=True)
class Change:
    """What an operation does (`state` is `Creating`, `Updating` or `Deleting`), and the version it was asked in."""

    state: str
    api_version: str


class Operations:
    """Operations of all workspaces; kept so that a poll after a restart is still answered."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._operations = context.state.collection("synapse-operations")

    def accept(
        self, workspace: Workspace, kind: Kind, name: str, change: Change, result: Any, status: int = 200
    ) -> Response:
        """The 202 for a change; `result` (None: empty body) with `status` is what the last poll answers."""
        operation_id = str(uuid.uuid4())
        deleting = change.state == "Deleting"
        document = {
            "left": max(self._context.settings.lro_polls, 0),
            "status": status,
            "result": result,
            "path": kind.results,
            "version": change.api_version,
        }
        self._operations.put(workspace.key(operation_id), document)
        now = azure_timestamp(self._context.clock.now())
        body: dict[str, Any] = {
            "id": f"{workspace.arm_id}/{kind.path}/{name}",
            "recordId": 0 if deleting else uuid.UUID(operation_id).int % 10_000_000,
            "state": change.state,
            "created": _NEVER if deleting else now,
            "changed": _NEVER if deleting else now,
            "type": kind.noun,
            "name": name,
            "operationId": operation_id,
        }
        if not deleting:
            body["artifactId"] = str(uuid.uuid4()).upper()
        return Response.json(202, body, _location(workspace, document, operation_id))

    def poll(self, workspace: Workspace, operation_id: str, path: str) -> Response:
        """The answer to `GET /operationResults/{id}`, for notebooks to `GET /notebookOperationResults/{id}`."""
        with self._context.state.transaction():
            document = self._operations.get(workspace.key(operation_id))
            if document is None or document["path"].lower() != path.lower():
                raise ServiceError(
                    404, "OperationNotFound", f"The operation '{operation_id}' could not be found.", shape="flat"
                )
            if document["left"] > 0:
                self._operations.put(workspace.key(operation_id), {**document, "left": document["left"] - 1})
                return Response(202, _location(workspace, document, operation_id))
        if document["result"] is None:
            return Response(200)
        return Response.json(document["status"], document["result"])


def _location(workspace: Workspace, document: Mapping[str, Any], operation_id: str) -> Mapping[str, str]:
    path, version = document["path"], document["version"]
    return {
        "location": f"{workspace.endpoint}/{path}/{operation_id}?api-version={version}",
        "retry-after-ms": _RETRY_AFTER_MILLISECONDS,
        "x-ms-retry-after-ms": _RETRY_AFTER_MILLISECONDS,
        "access-control-expose-headers": "Location, Retry-After",
        "access-control-allow-headers": "Location, Retry-After",
    }
