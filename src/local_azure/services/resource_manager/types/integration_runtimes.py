"""Integration runtimes of a Synapse workspace or a factory: resources below it, to which artifacts refer.

A workspace writes and deletes them by operations that are polled, a factory at once.
https://learn.microsoft.com/rest/api/synapse/resourcemanager/integration-runtimes
https://learn.microsoft.com/rest/api/datafactory/integration-runtimes
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from azure.mgmt.datafactory import models as factory_models
from azure.mgmt.synapse import models as synapse_models  # type: ignore[import-untyped]

from azure_ids.arm import ArmId
from local_azure.http import Response
from local_azure.resources import DATA_FACTORY, SYNAPSE_WORKSPACE
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import Call, Route, check_etag, listing_below, unless_known
from local_azure.services.resource_manager.store import ArmStore
from local_azure.services.resource_manager.types import runtime_operations
from local_azure.services.resource_manager.types.factories import FACTORY, factory_id
from local_azure.services.resource_manager.types.workspaces import WORKSPACE, operation_headers, workspace_id

_COLLECTION = "integrationRuntimes"
_ETAG = "etag"


def routes(store: ArmStore) -> list[Route]:
    """IntegrationRuntimesOperations of both providers."""
    runtime_operations.forget_with(store)
    return [*_OF_WORKSPACE.routes(), *_OF_FACTORY.routes()]


@dataclass(frozen=True)
class _Runtimes:
    """The runtimes below one type of resource; `polled` gives the headers of an operation, None: there is none."""

    host_type: str
    host: str
    """The template of the host's path."""
    host_id: Callable[[Call], ArmId]
    models: ModuleType
    api_versions: frozenset[str]
    reading: str
    """How the rights to operations that read end."""
    polled: Callable[[Call, str], dict[str, str]] | None = None

    @property
    def _type(self) -> str:
        return f"{self.host_type}/{_COLLECTION}"

    def routes(self) -> list[Route]:
        """All that is served of them."""

        def route(method: str, path: str, handle: Callable[[Call], Response], verb: str) -> Route:
            action = f"{self._type}/{verb}"
            return Route(method, self.host + path, handle, action, self.host, self.api_versions, self._type)

        one = f"/{_COLLECTION}/{{runtime}}"
        return [
            route("GET", f"/{_COLLECTION}", listing_below(self.host_id, self._type), "read"),
            route("PUT", one, self._put, "write"),
            route("GET", one, self._get, "read"),
            route("DELETE", one, self._delete, "delete"),
            route("POST", f"{one}/getStatus", self._told(runtime_operations.status), f"getStatus/{self.reading}"),
            route(
                "POST", f"{one}/monitoringData", self._told(runtime_operations.load), f"monitoringData/{self.reading}"
            ),
            route("POST", f"{one}/listAuthKeys", self._told(runtime_operations.keys), f"listAuthKeys/{self.reading}"),
            route("POST", f"{one}/regenerateAuthKey", self._renew_key, "regenerateAuthKey/action"),
        ]

    def _told(self, tell: Callable[[Call, str, dict[str, Any]], Response]) -> Callable[[Call], Response]:
        return lambda call: tell(call, self.host_id(call).name, call.store.get(self._id(call)))

    def _renew_key(self, call: Call) -> Response:
        document = call.store.get(self._id(call))
        return runtime_operations.renew_key(call, self.host_id(call).name, document, self.models)

    def _id(self, call: Call) -> ArmId:
        return self.host_id(call).child(_COLLECTION, call.names["runtime"])

    def _put(self, call: Call) -> Response:
        if call.store.find(self.host_id(call)) is None:
            raise errors.parent_not_found(self._id(call))
        given = call.body(self.models, "IntegrationRuntimeResource").get("properties", {})
        existing = call.store.find(self._id(call))
        check_etag(call, existing, _ETAG)
        if existing and existing["properties"]["type"].lower() != given["type"].lower():
            raise errors.property_change_not_allowed("properties.type")
        state = {"state": "Initial"} if given["type"].lower() == "managed" else {}
        document: dict[str, Any] = {
            "id": str(self._id(call)),
            "name": call.names["runtime"],
            "type": self._type,
            "properties": {**given, **state},
            _ETAG: str(uuid.uuid4()),
        }
        call.store.put(document)
        if not existing:
            runtime_operations.note_creation(call, document["id"])
        if existing or self.polled is None:
            return Response.json(200, document)
        return Response.json(202, document, self.polled(call, call.store.start_operation(document)))

    def _get(self, call: Call) -> Response:
        return unless_known(call, call.store.get(self._id(call)), _ETAG)

    def _delete(self, call: Call) -> Response:
        call.store.get(self.host_id(call))
        if not call.store.delete(self._id(call)):
            return Response(204)
        if self.polled is None:
            return Response(200)
        return Response(202, self.polled(call, call.store.start_operation()))


_OF_WORKSPACE = _Runtimes(
    SYNAPSE_WORKSPACE, WORKSPACE, workspace_id, synapse_models, api_versions.SYNAPSE, "action", operation_headers
)
_OF_FACTORY = _Runtimes(DATA_FACTORY, FACTORY, factory_id, factory_models, api_versions.DATA_FACTORY, "read")
