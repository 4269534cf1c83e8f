"""Factories of Data Factory, and the way to what is inside them, for which their provider answers.

https://learn.microsoft.com/rest/api/datafactory/factories
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from azure.mgmt.datafactory import models

from azure_ids.arm import ArmId
from local_azure.clock import azure_timestamp
from local_azure.dispatch import check_query
from local_azure.http import Response, ServiceError
from local_azure.resources import DATA_FACTORY
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import (
    Call,
    Route,
    check_api_version,
    check_etag,
    listing,
    listing_of,
    not_served,
    unless_known,
)
from local_azure.services.resource_manager.store import ArmStore, normal_location

_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_LIST = f"/providers/{DATA_FACTORY}"
FACTORY = f"{_GROUP}{_LIST}/{{factory}}"
# https://learn.microsoft.com/azure/data-factory/naming-rules
_NAME = re.compile(r"(?=.{3,63}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_ETAG = "eTag"
_NETWORKS = "managedVirtualNetworks"
_NETWORK = f"{DATA_FACTORY}/{_NETWORKS}"
_METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE")


def routes(store: ArmStore) -> list[Route]:
    """FactoriesOperations."""

    def route(method: str, template: str, handle: Any, action: str, scope: str = "") -> Route:
        return Route(method, template, handle, action, scope, api_versions.DATA_FACTORY, DATA_FACTORY)

    return [
        route("GET", f"{_SUBSCRIPTION}{_LIST}", listing_of(DATA_FACTORY), ""),
        route("GET", f"{_GROUP}{_LIST}", listing_of(DATA_FACTORY), f"{DATA_FACTORY}/read", _GROUP),
        route("PUT", FACTORY, _put, f"{DATA_FACTORY}/write"),
        route("GET", FACTORY, _get, f"{DATA_FACTORY}/read"),
        route("PATCH", FACTORY, _patch, f"{DATA_FACTORY}/write"),
        route("DELETE", FACTORY, _delete, f"{DATA_FACTORY}/delete"),
        Route("GET", f"{FACTORY}/{_NETWORKS}", _networks, f"{_NETWORK}/read", "", api_versions.DATA_FACTORY, _NETWORK),
    ]


def routes_inside() -> list[Route]:
    """Everything below a factory that no other route is about (role assignments on it are)."""
    return [
        Route(method, f"{FACTORY}{{below}}", _inside, resource_type=DATA_FACTORY, query=None) for method in _METHODS
    ]


def factory_id(call: Call) -> ArmId:
    """The factory in the path."""
    provider, kind = DATA_FACTORY.split("/")
    return call.group_id.resource(provider, kind, call.names["factory"])


def _inside(call: Call) -> Response:
    """What the provider does on a path below a factory, once the caller may."""
    provider = call.store.context.providers.find(DATA_FACTORY)
    operation = provider.find(call.request.method, call.names["below"]) if provider else None
    if operation is None:
        raise not_served(call.request, call.request.path, [])
    factory = call.store.get(factory_id(call))
    check_api_version(call.request, DATA_FACTORY, operation.api_versions)
    check_query(call.request, operation.query)
    call.require(operation.action, f"{factory_id(call)}{call.names['below']}")
    return operation.answer(factory, call.request)


def _put(call: Call) -> Response:
    call.store.group(call.group_id)
    name = call.names["factory"]
    if not _NAME.fullmatch(name):
        raise errors.property_invalid(
            "name", f"'{name}' is not a valid factory name: expected 3 to 63 letters, digits and single hyphens"
        )
    body = call.body(models, "Factory")
    location = normal_location(body["location"])
    existing = call.store.find(factory_id(call))
    check_etag(call, existing, _ETAG)
    if existing is None:
        _check_name_is_free(call, name)
    elif existing["location"] != location:
        raise errors.location_changed(name, call.names["group"], existing["location"], location)
    document = {
        "name": existing["name"] if existing else name,
        "id": existing["id"] if existing else str(factory_id(call)),
        "type": DATA_FACTORY,
        "properties": {**_first_properties(call, existing), **body.get("properties", {})},
        _ETAG: f'"{uuid.uuid4()}"',
        "location": location,
        "tags": body.get("tags", {}),
    }
    identity = _identity(call, body, existing)
    if identity:
        document["identity"] = identity
    call.store.put(document)
    return Response.json(200, document)


def _check_name_is_free(call: Call, name: str) -> None:
    taken = call.store.of_type("/subscriptions", DATA_FACTORY)
    if any(each["name"].lower() == name.lower() for each in taken):
        raise ServiceError(
            409, "FactoryNameInUse", f"The factory name '{name}' is already in use. Factory names are globally unique."
        )


def _first_properties(call: Call, existing: dict[str, Any] | None) -> dict[str, Any]:
    """What the service adds; a factory that is written again keeps its birth, and nothing that the body leaves out."""
    born = existing["properties"]["createTime"] if existing else azure_timestamp(call.store.context.clock.now())
    return {
        "provisioningState": "Succeeded",
        "createTime": born,
        "version": "2018-06-01",
        "publicNetworkAccess": "Enabled",
    }


def _identity(call: Call, body: dict[str, Any], existing: dict[str, Any] | None) -> dict[str, Any] | None:
    """The identity, which is of the system only; one that there is does not go away by being left out."""
    if existing and "identity" in existing:
        found: dict[str, Any] = existing["identity"]
        return found
    if "identity" not in body:
        return None
    if body["identity"].get("type") != "SystemAssigned":
        raise errors.property_invalid("identity.type", "expected SystemAssigned: the stand-in knows no other")
    directory = call.store.context.directory
    principal = directory.add_managed_identity(call.names["factory"], str(factory_id(call)))
    return {"type": "SystemAssigned", "principalId": principal.object_id, "tenantId": directory.tenant_id}


def _get(call: Call) -> Response:
    return unless_known(call, call.store.get(factory_id(call)), _ETAG)


def _patch(call: Call) -> Response:
    document = call.store.get(factory_id(call))
    body = call.body(models, "FactoryUpdateParameters", told="Factory")
    document["properties"] |= body.get("properties", {})
    if "tags" in body:
        document["tags"] = body["tags"]
    document[_ETAG] = f'"{uuid.uuid4()}"'
    call.store.put(document)
    return Response.json(200, document)


def _networks(call: Call) -> Response:
    """The managed virtual networks of a factory: none, since making one is not served.

    https://learn.microsoft.com/rest/api/datafactory/managed-virtual-networks/list-by-factory
    """
    call.store.get(factory_id(call))
    return listing([])


def _delete(call: Call) -> Response:
    call.store.group(call.group_id)
    return Response(200 if call.store.delete(factory_id(call)) else 204)
