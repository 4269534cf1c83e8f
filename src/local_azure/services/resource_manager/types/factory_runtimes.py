"""Integration runtimes of a factory: resources below it, written at once, to which artifacts refer.

https://learn.microsoft.com/rest/api/datafactory/integration-runtimes
"""

from __future__ import annotations

from typing import Any

from azure.mgmt.datafactory import models

from azure_ids.arm import ArmId
from local_azure.http import Response
from local_azure.resources import DATA_FACTORY
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import Call, Route, listing
from local_azure.services.resource_manager.store import ArmStore
from local_azure.services.resource_manager.types.factories import FACTORY, factory_id

_COLLECTION = "integrationRuntimes"
_TYPE = f"{DATA_FACTORY}/{_COLLECTION}"
_KINDS = ("Managed", "SelfHosted")


def routes(store: ArmStore) -> list[Route]:
    """IntegrationRuntimesOperations."""

    def route(method: str, path: str, handle: Any, verb: str) -> Route:
        return Route(method, FACTORY + path, handle, f"{_TYPE}/{verb}", FACTORY, api_versions.DATA_FACTORY, _TYPE)

    one = f"/{_COLLECTION}/{{runtime}}"
    return [
        route("GET", f"/{_COLLECTION}", _list, "read"),
        route("PUT", one, _put, "write"),
        route("GET", one, _get, "read"),
        route("DELETE", one, _delete, "delete"),
    ]


def _id(call: Call) -> ArmId:
    return factory_id(call).child(_COLLECTION, call.names["runtime"])


def _list(call: Call) -> Response:
    return listing(list(call.store.of_type(call.store.get(factory_id(call))["id"], _TYPE)))


def _put(call: Call) -> Response:
    if call.store.find(factory_id(call)) is None:
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
    return Response.json(200, document)


def _get(call: Call) -> Response:
    return Response.json(200, call.store.get(_id(call)))


def _delete(call: Call) -> Response:
    call.store.get(factory_id(call))
    return Response(200 if call.store.delete(_id(call)) else 204)
