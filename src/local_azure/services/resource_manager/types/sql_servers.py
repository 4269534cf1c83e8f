"""Servers of Azure SQL, as what private endpoints lead to; their databases are not served.

https://learn.microsoft.com/rest/api/sql/servers
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from azure_ids.arm import ArmId
from local_azure.http import Response, ServiceError
from local_azure.resources import SQL_SERVER
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import Call, Route, deleting, telling
from local_azure.services.resource_manager.store import ArmStore, normal_location

_ONE = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{SQL_SERVER}/{{server}}"
# https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftsql
_NAME = re.compile(r"(?=.{1,63}$)[a-z0-9]+(?:-+[a-z0-9]+)*")
_TOP = frozenset({"location", "tags", "properties"})
_PROPERTIES = frozenset({"administrators", "minimalTlsVersion", "publicNetworkAccess", "version"})
_ADMINISTRATOR = frozenset(
    {"administratorType", "azureADOnlyAuthentication", "login", "principalType", "sid", "tenantId"}
)


def routes(store: ArmStore) -> list[Route]:
    """The part of ServersOperations that makes a server, tells and deletes it."""

    def route(method: str, handle: Any, action: str) -> Route:
        return Route(method, _ONE, handle, f"{SQL_SERVER}/{action}", "", api_versions.SQL, SQL_SERVER)

    return [
        route("PUT", _put, "write"),
        route("GET", telling(_id), "read"),
        route("DELETE", deleting(_id), "delete"),
    ]


def _put(call: Call) -> Response:
    call.store.group(call.group_id)
    name, body = call.names["server"], call.request.json()
    if not _NAME.fullmatch(name):
        expected = "expected 1 to 63 lower-case letters, digits and hyphens between them"
        raise errors.property_invalid("name", f"'{name}' is not a valid server name: {expected}")
    _check(body)
    existing = call.store.find(_id(call))
    if existing is None and any(each["name"] == name for each in call.store.of_type("/subscriptions", SQL_SERVER)):
        raise ServiceError(409, "NameAlreadyExists", f"The name '{name}' already exists. Choose a different name.")
    before = existing["properties"] if existing else {"version": "12.0", "publicNetworkAccess": "Enabled"}
    document = {
        "id": existing["id"] if existing else str(_id(call)),
        "name": name,
        "type": SQL_SERVER,
        "location": normal_location(body["location"]),
        "tags": body.get("tags", {}),
        "properties": {
            **before,
            **body.get("properties", {}),
            "state": "Ready",
            "fullyQualifiedDomainName": f"{name}.database.windows.net",
        },
    }
    call.store.put(document)
    return Response.json(200 if existing else 201, document)


def _check(body: Any) -> None:
    """Only sign-in by Entra is known here: a server with a password would keep a secret that nothing needs."""
    _require_known(body, "", _TOP)
    properties = body.get("properties", {})
    _require_known(properties, "properties.", _PROPERTIES)
    administrators = properties.get("administrators", {})
    _require_known(administrators, "properties.administrators.", _ADMINISTRATOR)
    if not isinstance(body.get("location"), str):
        raise errors.property_invalid("location", "expected the name of a region")
    if administrators.get("azureADOnlyAuthentication") is not True:
        place = "properties.administrators.azureADOnlyAuthentication"
        raise errors.property_invalid(place, "expected true: the stand-in knows no SQL logins")


def _require_known(value: Any, place: str, known: frozenset[str]) -> None:
    if not isinstance(value, Mapping):
        raise errors.property_invalid(place.rstrip(".") or "body", "expected an object")
    for name in sorted(set(value) - known):
        raise errors.property_invalid(f"{place}{name}", f"unknown; expected one of {', '.join(sorted(known))}")


def _id(call: Call) -> ArmId:
    return call.resource(SQL_SERVER, "server")
