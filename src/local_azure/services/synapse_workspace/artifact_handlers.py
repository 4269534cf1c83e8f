"""Answers to the calls on artifacts: create, read, list, delete, rename."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from local_azure.context import ServiceContext
from local_azure.http import Request, Response, ServiceError
from local_azure.services.synapse_workspace.artifact_kinds import Kind
from local_azure.services.synapse_workspace.errors import bad_request
from local_azure.services.synapse_workspace.operations import Change, Operations
from local_azure.services.synapse_workspace.store import Artifact, Artifacts, resource
from local_azure.services.synapse_workspace.validation import check_document
from local_azure.services.synapse_workspace.workspace import Workspace


class ArtifactHandlers:
    """One method for each call; permissions are checked by the routes."""

    def __init__(self, context: ServiceContext, artifacts: Artifacts, operations: Operations) -> None:
        self._context = context
        self._artifacts = artifacts
        self._operations = operations

    def put(self, workspace: Workspace, kind: Kind, name: str, request: Request) -> Response:
        """PUT: 202; what breaks a rule between artifacts is told by the poll, a bad document at once."""
        document = _json(request)
        check_document(kind, name, document)
        existing = self._artifacts.find(workspace, kind, name)
        change = Change("Updating" if existing else "Creating", _version(request))
        try:
            artifact = self._artifacts.put(workspace, kind, name, document, request.headers.get("if-match"))
        except ServiceError as error:
            if error.status != 400:
                raise
            failure = {"code": error.code, "message": error.message}
            return self._operations.accept(workspace, kind, name, change, failure, status=400)
        return self._operations.accept(workspace, kind, artifact.name, change, resource(workspace, artifact))

    def get(self, workspace: Workspace, kind: Kind, name: str, request: Request) -> Response:
        """GET of one artifact; 304 for an If-None-Match that holds its etag."""
        artifact = self._artifacts.get(workspace, kind, name)
        if request.headers.get("if-none-match", "").strip('"') == artifact.etag:
            return Response(304)
        return Response.json(200, resource(workspace, artifact))

    def list(self, workspace: Workspace, kind: Kind, request: Request) -> Response:
        """GET of all artifacts of a kind, in pages."""
        after, size = request.query.get("$skipToken", ""), self._context.settings.page_size
        found = list(self._artifacts.all_of(workspace, kind, after, size + 1))
        body: dict[str, Any] = {"value": [resource(workspace, each) for each in found[:size]]}
        if len(found) > size:
            version = _version(request)
            token = quote(found[size - 1].name.lower(), safe="")
            body["nextLink"] = f"{workspace.endpoint}/{kind.path}?api-version={version}&%24skipToken={token}"
        return Response.json(200, body)

    def delete(self, workspace: Workspace, kind: Kind, name: str, request: Request) -> Response:
        """DELETE: 204 when there is none, else 202 and an empty last poll; refusals are told by the poll."""
        if self._artifacts.find(workspace, kind, name) is None:
            return Response(204)
        change = Change("Deleting", _version(request))
        try:
            self._artifacts.delete(workspace, kind, name)
        except ServiceError as error:
            if error.status != 400:
                raise
            failure = {"status": "Failed", "error": {"code": error.code, "message": error.message}}
            return self._operations.accept(workspace, kind, name, change, failure, status=400)
        return self._operations.accept(workspace, kind, name, change, None)

    def rename(self, workspace: Workspace, kind: Kind, name: str, request: Request) -> Response:
        """POST rename."""
        new_name = _json(request).get("newName")
        if not isinstance(new_name, str):
            raise bad_request("The property 'newName' is missing.")
        existing: Artifact = self._artifacts.get(workspace, kind, name)
        check_document(kind, new_name, {"properties": existing.properties})
        self._artifacts.rename(workspace, kind, name, new_name)
        return self._operations.accept(workspace, kind, new_name, Change("Updating", _version(request)), None)


def _version(request: Request) -> str:
    return request.query.get("api-version", "")


def _json(request: Request) -> dict[str, Any]:
    value = request.json()
    if not isinstance(value, dict):
        raise bad_request("The request content was invalid: expected a JSON object.")
    return value
