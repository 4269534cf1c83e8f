"""The tags of a resource group or a resource as a thing of their own: read, replaced, merged, deleted.

https://learn.microsoft.com/rest/api/resources/tags
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from azure.mgmt.resource.resources.v2025_03_01 import models

from azure_ids.arm import ArmId, ArmIdError
from local_azure.http import Response, ServiceError
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import Call, Route
from local_azure.services.resource_manager.store import ArmStore

_TYPE = "Microsoft.Resources/tags"
_ONE = f"{{scope}}/providers/{_TYPE}/default"
_OPERATIONS = ("Merge", "Replace", "Delete")


def routes(store: ArmStore) -> list[Route]:
    """TagsOperations at a scope."""

    def route(method: str, handle: Callable[[Call], Response], verb: str) -> Route:
        return Route(method, _ONE, handle, f"{_TYPE}/{verb}", "{scope}", api_versions.RESOURCES, _TYPE)

    return [
        route("GET", _get, "read"),
        route("PUT", _put, "write"),
        route("PATCH", _patch, "write"),
        route("DELETE", _delete, "delete"),
    ]


def _get(call: Call) -> Response:
    return _told(_tagged(call))


def _put(call: Call) -> Response:
    document = _tagged(call)
    given = call.body(models, "TagsResource")["properties"].get("tags") or {}
    return _written(call, document, given)


def _patch(call: Call) -> Response:
    document = _tagged(call)
    body = call.body(models, "TagsPatchResource")
    given: dict[str, str] = (body.get("properties") or {}).get("tags") or {}
    operation = next((each for each in _OPERATIONS if each.lower() == str(body.get("operation", "")).lower()), "")
    if not operation:
        raise errors.property_invalid("operation", f"expected one of {', '.join(_OPERATIONS)}")
    present: dict[str, str] = document.get("tags") or {}
    if operation == "Merge":
        given = {**present, **given}
    elif operation == "Delete":
        given = {name: value for name, value in present.items() if given.get(name) != value}
    return _written(call, document, given)


def _delete(call: Call) -> Response:
    _written(call, _tagged(call), {})
    return Response(200)


def _tagged(call: Call) -> dict[str, Any]:
    """The document of what has the tags."""
    scope = call.names["scope"]
    try:
        arm_id = ArmId.parse(scope)
    except ArmIdError as error:
        raise errors.bad_request(f"The scope '{scope}' is not valid: {error}") from error
    if not arm_id.resource_group:
        raise ServiceError(501, "UnknownRoute", f"the tags of {scope}: the local stand-in has none of a subscription")
    return call.store.get(arm_id)


def _written(call: Call, document: dict[str, Any], tags: dict[str, str]) -> Response:
    document["tags"] = tags
    call.store.put(document)
    return _told(document)


def _told(document: dict[str, Any]) -> Response:
    tags = {"tags": document.get("tags") or {}}
    found = f"{document['id']}/providers/{_TYPE}/default"
    return Response.json(200, {"id": found, "name": "default", "type": _TYPE, "properties": tags})
