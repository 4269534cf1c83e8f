"""Lake databases: the metadata service behind `/databases`, which answers at once and has its own api-version.

Its forms are those that Azure/Synapse-workspace-deployment sends and reads; no specification is published.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from local_azure.context import ServiceContext
from local_azure.http import Request, Response, ServiceError
from local_azure.services.synapse_workspace.calls import SEGMENT, Call, Require, Row
from local_azure.services.synapse_workspace.workspace import Workspace

_DATABASE = "DATABASE"
_TYPES = {"tables": "TABLE", "relationships": "RELATIONSHIP"}
_PAGE = 50
LISTS = ("/databases", f"/databases/({SEGMENT[1:-1]}/(?:{'|'.join(_TYPES)}))")
"""Paths of the lists: of all databases, and of what one holds."""


def lake_database_routes(databases: LakeDatabases, require: Require) -> list[Row]:
    """The routes below `/databases`.

    Which right they take is documented nowhere; here, whoever reads or publishes artifacts may.
    """

    def listed(call: Call, path: str = "") -> Response:
        require(call, "artifacts/read")
        return databases.list(call.workspace, call.request, path)

    def get(call: Call, *names: str) -> Response:
        require(call, "artifacts/read")
        return databases.get(call.workspace, names[-1], "/".join(names[:-1]))

    def put(call: Call, *names: str) -> Response:
        require(call, "pipelines/write")
        return databases.put(call.workspace, names[-1], call.request, "/".join(names[:-1]))

    def delete(call: Call, *names: str) -> Response:
        require(call, "pipelines/delete")
        return databases.delete(call.workspace, names[-1], "/".join(names[:-1]))

    rows: list[Row] = [("GET", path, listed) for path in LISTS]
    for path in LISTS:
        one = f"{path}/{SEGMENT}"
        rows += [("PUT", one, put), ("GET", one, get), ("DELETE", one, delete)]
    return rows


class LakeDatabases:
    """The databases of all workspaces with their tables and relationships; names compare without regard to case."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._entities = context.state.collection("synapse-lake-databases")

    def list(self, workspace: Workspace, request: Request, path: str = "") -> Response:
        """GET of the databases, or of what one holds (`path` is `<database>/tables`), in pages."""
        if path:
            self._require(workspace, path.partition("/")[0])
        prefix = _key(workspace, path, "")
        token = unquote(request.query.get("continuationToken", ""))
        found = list(self._entities.scan(prefix=prefix, start_after=prefix + token if token else "", limit=_PAGE + 1))
        body: dict[str, Any] = {"items": [_shown(workspace, path, each) for _, each in found[:_PAGE]]}
        if len(found) > _PAGE:
            body["continuationToken"] = str(found[_PAGE - 1][1]["name"]).lower()
        return Response.json(200, body)

    def get(self, workspace: Workspace, name: str, path: str = "") -> Response:
        """GET of a database, a table or a relationship."""
        return Response.json(200, _shown(workspace, path, self._require(workspace, name, path)))

    def put(self, workspace: Workspace, name: str, request: Request, path: str = "") -> Response:
        """PUT of a database, a table or a relationship: done when it is answered."""
        kind = _TYPES[path.partition("/")[2].lower()] if path else _DATABASE
        given = request.json()
        with self._context.state.transaction():
            if path:
                self._require(workspace, path.partition("/")[0])
            properties = _checked(given, name, kind, path.partition("/")[0])
            existing = self._entities.get(_key(workspace, path, name))
            verb, stored = ("ALTER" if existing else "CREATE"), existing or {"id": str(uuid.uuid4())}
            document = {"id": stored["id"], "name": name, "type": kind, "properties": properties}
            self._entities.put(_key(workspace, path, name), document)
        return Response.json(200, _acknowledged(verb, document))

    def delete(self, workspace: Workspace, name: str, path: str = "") -> Response:
        """DELETE of a database with all it holds, a table or a relationship."""
        with self._context.state.transaction():
            document = self._require(workspace, name, path)
            self._entities.delete(_key(workspace, path, name))
            for collection in () if path else _TYPES:
                prefix = _key(workspace, f"{name}/{collection}", "")
                for key, _ in list(self._entities.scan(prefix=prefix)):
                    self._entities.delete(key)
        return Response.json(200, _acknowledged("DROP", document))

    def _require(self, workspace: Workspace, name: str, path: str = "") -> dict[str, Any]:
        found = self._entities.get(_key(workspace, path, name))
        if found is None:
            kind = path.partition("/")[2].lower().removesuffix("s") or "database"
            details = {"Code": "NotFound", "Message": f"The {kind} '{name}' does not exist."}
            raise ServiceError(404, "NotFound", details["Message"], shape="flat", details=details)
        return found


def _key(workspace: Workspace, path: str, name: str) -> str:
    return workspace.key(path.lower(), name.lower())


def _shown(workspace: Workspace, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
    below = f"{path}/{document['name']}" if path else str(document["name"])
    return {
        "id": f"{workspace.arm_id}/databases/{below}",
        "name": document["name"],
        "properties": {**document["properties"], "ObjectId": document["id"], "PublishStatus": "PUBLISHED"},
        "type": document["type"],
    }


def _acknowledged(verb: str, document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "DDLType": verb,
        "EntityName": document["name"],
        "EntityType": document["type"],
        "ObjectId": document["id"],
        "ObjectVersion": 1,
        "OriginObjectId": None,
        "PublishStatus": "PUBLISHED",
    }


def _checked(given: Any, name: str, kind: str, database: str) -> Mapping[str, Any]:
    properties = given.get("properties") if isinstance(given, Mapping) else None
    if not isinstance(given, Mapping) or not isinstance(properties, Mapping):
        raise _bad("the property 'properties' is missing")
    if str(given.get("name", "")).lower() != name.lower():
        raise _bad(f"the name '{given.get('name')}' is not the name '{name}' in the URL")
    if given.get("type") != kind:
        raise _bad(f"the type '{given.get('type')}' is not '{kind}'")
    namespace = properties.get("Namespace")
    if database and (
        not isinstance(namespace, Mapping) or str(namespace.get("DatabaseName")).lower() != database.lower()
    ):
        raise _bad(f"the Namespace does not name the database '{database}'")
    return properties


def _bad(cause: str) -> ServiceError:
    message = f"The request is invalid: {cause}."
    return ServiceError(400, "BadRequest", message, shape="flat", details={"Code": "BadRequest", "Message": message})
