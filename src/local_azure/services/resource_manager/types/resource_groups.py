"""Resource groups, and the lists of what they hold.

https://learn.microsoft.com/rest/api/resources/resource-groups
"""

from __future__ import annotations

import re
from typing import Any

from azure.mgmt.resource.resources.v2025_03_01 import models

from azure_ids.arm import GROUP_TYPE
from local_azure.http import Response, ServiceError
from local_azure.services.resource_manager import api_versions, errors, filters
from local_azure.services.resource_manager.handlers import (
    HOST,
    PAGED,
    Call,
    Route,
    paging,
    poll_location,
    polling,
)
from local_azure.services.resource_manager.store import ArmStore, is_direct_member, normal_location

_ACTION = "Microsoft.Resources/subscriptions/resourceGroups"
_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"
_FILTERED = ("resourceType", "name", "location", "resourceGroup")
_FURTHER = ("createdTime", "changedTime", "provisioningState")
_NAME = re.compile(r"[-\w.()]{1,90}(?<!\.)")


def routes(store: ArmStore) -> list[Route]:
    """ResourceGroupsOperations and the lists of ResourcesOperations."""

    def route(
        method: str, template: str, handle: Any, action: str, scope: str = "", query: frozenset[str] = frozenset()
    ) -> Route:
        return Route(method, template, handle, action, scope, api_versions.RESOURCES, GROUP_TYPE, query)

    resources = PAGED | {"$filter", "$expand"}

    return [
        route("GET", f"{_SUBSCRIPTION}/resourceGroups", _list, "", "", PAGED | {"$filter"}),
        route("PUT", _GROUP, _put, f"{_ACTION}/write"),
        route("GET", _GROUP, _get, f"{_ACTION}/read"),
        route("HEAD", _GROUP, _head, f"{_ACTION}/read"),
        route("PATCH", _GROUP, _patch, f"{_ACTION}/write"),
        route("DELETE", _GROUP, _delete, f"{_ACTION}/delete"),
        route(
            "GET",
            f"{_GROUP}/resources",
            _list_resources,
            "Microsoft.Resources/subscriptions/resources/read",
            _GROUP,
            resources,
        ),
        route("GET", f"{_SUBSCRIPTION}/resources", _list_resources, "", "", resources),
        route("GET", f"{_SUBSCRIPTION}/operationresults/{{operation}}", poll_location, ""),
    ]


def _list(call: Call) -> Response:
    scope = f"/subscriptions/{call.names['subscription']}"
    wanted = filters.parse(call.request.parameter("$filter"), ())
    groups = [each for each in call.store.of_type(scope, GROUP_TYPE) if wanted.lets(each)]
    return paging(call, [each for each in groups if call.may(f"{_ACTION}/read", each["id"])])


def _put(call: Call) -> Response:
    name = call.names["group"]
    if not _NAME.fullmatch(name):
        raise ServiceError(
            400,
            "InvalidResourceGroup",
            f"The provided resource group name '{name}' has these invalid characters or is too long; "
            "expected at most 90 of letters, digits, '_', '(', ')', '-' and '.', not ending with '.'.",
        )
    body = call.body(models, "ResourceGroup")
    location = normal_location(body["location"])
    existing = call.store.find(call.group_id)
    if existing is not None and existing["location"] != location:
        raise ServiceError(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{location}'. The Resource group already exists in location "
            f"'{existing['location']}'.",
        )
    document: dict[str, Any] = {
        "id": existing["id"] if existing else str(call.group_id),
        "name": existing["name"] if existing else name,
        "type": GROUP_TYPE,
        "location": location,
        "tags": body.get("tags", {}),
        "properties": {"provisioningState": "Succeeded"},
    }
    if body.get("managedBy"):
        document["managedBy"] = body["managedBy"]
    call.store.put(document)
    return Response.json(200 if existing else 201, document)


def _get(call: Call) -> Response:
    return Response.json(200, call.store.group(call.group_id))


def _head(call: Call) -> Response:
    return Response(404 if call.store.find(call.group_id) is None else 204)


def _patch(call: Call) -> Response:
    document = call.store.group(call.group_id)
    body = call.body(models, "ResourceGroupPatchable", told="ResourceGroup")
    document |= {key: body[key] for key in ("tags", "managedBy") if key in body}
    call.store.put(document)
    return Response.json(200, document)


def _delete(call: Call) -> Response:
    call.store.group(call.group_id)
    call.store.delete(call.group_id)
    operation = call.store.start_operation()
    path = f"/subscriptions/{call.names['subscription']}/operationresults/{operation}"
    return Response(202, polling(location=f"https://{HOST}{path}?api-version={call.api_version}"))


def _list_resources(call: Call) -> Response:
    if "group" in call.names:
        scope = str(call.group_id)
        call.store.group(call.group_id)
    else:
        scope = f"/subscriptions/{call.names['subscription']}"
    wanted, further = filters.parse(call.request.parameter("$filter"), _FILTERED), _expanded(call)
    # Resources that are asked for by a tag are told without their tags.
    keys = ("id", "name", "type", "location", *(() if wanted.tag else ("tags",)), "kind", "sku", "identity")
    found = []
    for _, document in call.store.context.resources.under(scope):
        if not is_direct_member(document, scope) or not wanted.lets(document):
            continue
        if call.may(f"{document['type']}/read", document["id"]):
            shown = {key: document[key] for key in keys if key in document}
            found.append(shown | {key: value for key, value in _further(call, document).items() if key in further})
    return paging(call, found)


def _expanded(call: Call) -> list[str]:
    """The further properties that `$expand` names; raises BadRequest for one that there is not."""
    named = [each.strip() for each in call.request.parameter("$expand").split(",") if each.strip()]
    unknown = [each for each in named if each not in _FURTHER]
    if unknown:
        raise errors.bad_request(f"$expand names {', '.join(unknown)}; expected some of {', '.join(_FURTHER)}.")
    return named


def _further(call: Call, document: dict[str, Any]) -> dict[str, str]:
    state = document.get("properties", {}).get("provisioningState", "Succeeded")
    return {**call.store.times(document["id"]), "provisioningState": state}
