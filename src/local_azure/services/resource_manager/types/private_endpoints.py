"""Private endpoints: an address of a virtual network that leads to a part of one resource, and the zones of its name.

Whoever may approve connections of the resource makes an approved one; manual requests for approval are not served.
https://learn.microsoft.com/rest/api/virtualnetwork/private-endpoints
https://learn.microsoft.com/rest/api/virtualnetwork/private-dns-zone-groups
"""

from __future__ import annotations

import uuid
from typing import Any

from arm_schema import network_models
from arm_schema.validation import Problem
from azure_ids.arm import ArmId, ArmIdError
from azure_ids.private_links import private_links_of
from local_azure.http import Response
from local_azure.resources import PRIVATE_DNS_ZONE, PRIVATE_ENDPOINT, STORAGE_ACCOUNT, VIRTUAL_NETWORK
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import (
    Call,
    Route,
    listing_below,
    listing_of,
    operation_url,
    poll_location,
    poll_status,
    polling,
    telling,
)
from local_azure.services.resource_manager.store import ArmStore, normal_location

_SUBSCRIPTION = "/subscriptions/{subscription}"
_ALL = f"/providers/{PRIVATE_ENDPOINT}"
_LIST = f"{_SUBSCRIPTION}/resourceGroups/{{group}}{_ALL}"
_ONE = f"{_LIST}/{{endpoint}}"
_ZONES = f"{PRIVATE_ENDPOINT}/privateDnsZoneGroups"
_ONE_ZONES = f"{_ONE}/privateDnsZoneGroups/{{zones}}"
_OPERATIONS = f"{_SUBSCRIPTION}/providers/Microsoft.Network/locations/{{location}}"
_NOT_SERVED = frozenset(
    {
        "applicationSecurityGroups",
        "customDnsConfigs",
        "extendedLocation",
        "ipConfigurations",
        "manualPrivateLinkServiceConnections",
    }
)
_CONNECTIONS = "privateLinkServiceConnections"
_PLACE = f"properties.{_CONNECTIONS}"
_APPROVED = {"status": "Approved", "description": "Auto-Approved", "actionsRequired": "None"}


def routes(store: ArmStore) -> list[Route]:
    """PrivateEndpoints- and PrivateDnsZoneGroupsOperations."""

    def route(method: str, path: str, handle: Any, kind: str, verb: str) -> Route:
        return Route(method, path, handle, verb and f"{kind}/{verb}", "", api_versions.NETWORK, kind)

    return [
        route("GET", f"{_SUBSCRIPTION}{_ALL}", listing_of(PRIVATE_ENDPOINT), PRIVATE_ENDPOINT, ""),
        route("GET", _LIST, listing_of(PRIVATE_ENDPOINT), PRIVATE_ENDPOINT, "read"),
        route("PUT", _ONE, _put, PRIVATE_ENDPOINT, "write"),
        route("GET", _ONE, telling(_id), PRIVATE_ENDPOINT, "read"),
        route("DELETE", _ONE, _delete, PRIVATE_ENDPOINT, "delete"),
        route("GET", f"{_ONE}/privateDnsZoneGroups", listing_below(_id, _ZONES), _ZONES, "read"),
        route("PUT", _ONE_ZONES, _put_zones, _ZONES, "write"),
        route("GET", _ONE_ZONES, telling(_id), _ZONES, "read"),
        route("DELETE", _ONE_ZONES, _delete, _ZONES, "delete"),
        route("GET", f"{_OPERATIONS}/operations/{{operation}}", poll_status, PRIVATE_ENDPOINT, ""),
        route("GET", f"{_OPERATIONS}/operationResults/{{operation}}", poll_location, PRIVATE_ENDPOINT, ""),
    ]


def _put(call: Call) -> Response:
    call.store.group(call.group_id)
    body = call.body(network_models, "PrivateEndpoint")
    given = body.get("properties", {})
    named = sorted(key for key in _NOT_SERVED if body.get(key) or given.get(key))
    not_served = [Problem(key, "the local stand-in does not serve it") for key in named]
    if not_served:
        raise errors.content_invalid(not_served)
    if str(given.get("ipVersionType", "IPv4")).lower() != "ipv4":
        raise errors.property_invalid("properties.ipVersionType", "the local stand-in serves IPv4 alone")
    location = normal_location(body.get("location", ""))
    subnet = _subnet(call, given, location)
    name, target, group = _target(call, given)
    existing = call.store.find(_id(call))
    if existing is None:
        _connect(call, target, group)
    elif _leads(existing) != (str(subnet).lower(), str(target).lower(), group):
        raise errors.property_invalid("properties", "a private endpoint cannot stand or lead elsewhere later")
    document = {
        "id": str(_id(call)),
        "name": call.names["endpoint"],
        "type": PRIVATE_ENDPOINT,
        "location": location,
        "tags": body.get("tags", {}),
        "properties": {
            **given,
            _CONNECTIONS: [_connection(call, name, target, group)],
            "provisioningState": "Succeeded",
        },
    }
    call.store.put(document)
    answer = document | {"properties": document["properties"] | {"provisioningState": "Updating"}}
    return Response.json(200 if existing else 201, answer, _polled(call, location, document))


def _connection(call: Call, name: str, target: ArmId, group: str) -> dict[str, Any]:
    """The connection as the endpoint tells it."""
    properties = {
        "privateLinkServiceId": str(target),
        "groupIds": [group],
        "privateLinkServiceConnectionState": dict(_APPROVED),
        "provisioningState": "Succeeded",
    }
    return {"name": name, "id": f"{_id(call)}/{_CONNECTIONS}/{name}", "properties": properties}


def _subnet(call: Call, given: dict[str, Any], location: str) -> ArmId:
    subnet = _parsed("properties.subnet.id", str(given.get("subnet", {}).get("id", "")), f"{VIRTUAL_NETWORK}/subnets")
    call.require(f"{VIRTUAL_NETWORK}/subnets/join/action", str(subnet))
    network = call.store.find(subnet.parent)
    names = {each["name"].lower() for each in network["properties"]["subnets"]} if network else set()
    if network is None or subnet.name.lower() not in names:
        raise errors.property_invalid("properties.subnet.id", f"there is no subnet '{subnet}'")
    if network["location"] != location:
        raise errors.property_invalid("location", f"expected '{network['location']}', where the subnet is")
    return subnet


def _target(call: Call, given: dict[str, Any]) -> tuple[str, ArmId, str]:
    """Name of the one connection, where it leads and to what part of it."""
    connections = given.get(_CONNECTIONS, [])
    if len(connections) != 1 or len(connections[0].get("properties", {}).get("groupIds", [])) != 1:
        raise errors.property_invalid(_PLACE, "expected one connection with one group id")
    connection = connections[0]["properties"]
    target = _parsed(f"{_PLACE}[0].properties.privateLinkServiceId", connection.get("privateLinkServiceId", ""))
    group = connection["groupIds"][0]
    known = private_links_of(target.type)
    if group not in known:
        expected = f"one of {', '.join(known)}" if known else "a type that has private endpoints"
        raise errors.property_invalid(f"{_PLACE}[0].properties.groupIds", f"'{group}': expected {expected}")
    call.store.get(target)
    call.require(f"{target.type}/privateEndpointConnectionsApproval/action", str(target))
    return str(connections[0].get("name") or call.names["endpoint"]), target, group


def _parsed(place: str, text: str, kind: str = "") -> ArmId:
    try:
        found = ArmId.parse(text)
    except ArmIdError as error:
        raise errors.property_invalid(place, str(error)) from error
    if kind and found.type.lower() != kind.lower():
        raise errors.property_invalid(place, f"expected the id of a resource of type {kind}, found {found.type}")
    return found


def _leads(document: dict[str, Any]) -> tuple[str, str, str]:
    """Subnet, target and part of a private endpoint, the ids in lower case."""
    properties = document["properties"]
    connection = properties[_CONNECTIONS][0]["properties"]
    subnet, target = properties["subnet"]["id"], connection["privateLinkServiceId"]
    return subnet.lower(), target.lower(), connection["groupIds"][0]


def _approved_at(target: ArmId) -> dict[str, str]:
    """The state as the target tells it: an account calls what is left to do by another name.

    https://learn.microsoft.com/rest/api/storagerp/private-endpoint-connections/get
    """
    required = "actionRequired" if target.type.lower() == STORAGE_ACCOUNT.lower() else "actionsRequired"
    return {"status": "Approved", "description": "Auto-Approved", required: "None"}


def _connect(call: Call, target: ArmId, group: str) -> None:
    """Makes the connection as the target tells it."""
    connection = target.child("privateEndpointConnections", f"{target.name}.{uuid.uuid4()}")
    properties = {
        "privateEndpoint": {"id": str(_id(call))},
        "privateLinkServiceConnectionState": _approved_at(target),
        "groupIds": [group],
        "provisioningState": "Succeeded",
    }
    document = {"id": str(connection), "name": connection.name, "type": connection.type, "properties": properties}
    call.store.put(document)


def _put_zones(call: Call) -> Response:
    endpoint = call.store.find(_id(call).parent)
    if endpoint is None:
        raise errors.parent_not_found(_id(call))
    _, target, group = _leads(endpoint)
    zone = private_links_of(ArmId.parse(target).type)[group].zone
    body = call.body(network_models, "PrivateDnsZoneGroup")
    configurations = body.get("properties", {}).get("privateDnsZoneConfigs", [])
    for number, each in enumerate(configurations):
        place = f"properties.privateDnsZoneConfigs[{number}].properties.privateDnsZoneId"
        found = _parsed(place, each.get("properties", {}).get("privateDnsZoneId", ""), PRIVATE_DNS_ZONE)
        call.require(f"{PRIVATE_DNS_ZONE}/join/action", str(found))
        call.store.get(found)
        if found.name.lower() != zone:
            raise errors.property_invalid(place, f"the name of '{group}' stands in '{zone}', not in '{found.name}'")
    existing = call.store.find(_id(call))
    document = {
        "id": str(_id(call)),
        "name": call.names["zones"],
        "type": _ZONES,
        "properties": {"privateDnsZoneConfigs": configurations, "provisioningState": "Succeeded"},
    }
    call.store.put(document)
    return Response.json(200 if existing else 201, document, _polled(call, endpoint["location"], document))


def _delete(call: Call) -> Response:
    """Its connection at the target goes with it."""
    call.store.group(call.group_id)
    document = call.store.find(_id(call))
    if document is None:
        return Response(204)
    location = "global"
    if document["type"] == PRIVATE_ENDPOINT:
        location = document["location"]
        target = ArmId.parse(_leads(document)[1])
        for each in list(call.store.of_type(str(target), f"{target.type}/privateEndpointConnections")):
            if each["properties"]["privateEndpoint"]["id"].lower() == document["id"].lower():
                call.store.delete(ArmId.parse(each["id"]))
    call.store.delete(_id(call))
    return Response(202, _polled(call, location, None))


def _polled(call: Call, location: str, result: dict[str, Any] | None) -> dict[str, str]:
    operation = call.store.start_operation(result)
    base = _OPERATIONS.format(subscription=call.names["subscription"], location=location)
    return polling(
        location=operation_url(call, f"{base}/operationResults", operation),
        asynchronous=operation_url(call, f"{base}/operations", operation),
    )


def _id(call: Call) -> ArmId:
    """The private endpoint in the path, or its zones."""
    endpoint = call.resource(PRIVATE_ENDPOINT, "endpoint")
    return endpoint.child("privateDnsZoneGroups", call.names["zones"]) if "zones" in call.names else endpoint
