"""Virtual networks with their subnets, as where private endpoints stand; no traffic runs through them.

https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from arm_schema import network_models
from azure_ids.arm import ArmId
from local_azure.http import Response
from local_azure.resources import VIRTUAL_NETWORK
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import Call, Route, deleting, telling
from local_azure.services.resource_manager.store import ArmStore, normal_location

_ONE = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{VIRTUAL_NETWORK}/{{network}}"


def routes(store: ArmStore) -> list[Route]:
    """The part of VirtualNetworksOperations that makes a network, tells and deletes it."""

    def route(method: str, handle: Any, action: str) -> Route:
        return Route(method, _ONE, handle, f"{VIRTUAL_NETWORK}/{action}", "", api_versions.NETWORK, VIRTUAL_NETWORK)

    return [
        route("PUT", _put, "write"),
        route("GET", telling(_id), "read"),
        route("DELETE", deleting(_id), "delete"),
    ]


def _put(call: Call) -> Response:
    call.store.group(call.group_id)
    body = call.body(network_models, "VirtualNetwork")
    given = body["properties"]
    space = [
        _range("properties.addressSpace.addressPrefixes", text) for text in given["addressSpace"]["addressPrefixes"]
    ]
    subnets = [_subnet(_id(call), number, each, space) for number, each in enumerate(given.get("subnets", []))]
    existing = call.store.find(_id(call))
    document = {
        "id": str(_id(call)),
        "name": call.names["network"],
        "type": VIRTUAL_NETWORK,
        "location": normal_location(body["location"]),
        "tags": body.get("tags", {}),
        "properties": {"addressSpace": given["addressSpace"], "subnets": subnets, "provisioningState": "Succeeded"},
    }
    call.store.put(document)
    return Response.json(200 if existing else 201, document)


def _subnet(network: ArmId, number: int, given: dict[str, Any], space: list[IPv4Network]) -> dict[str, Any]:
    place = f"properties.subnets[{number}].properties.addressPrefix"
    prefix = _range(place, str(given.get("properties", {}).get("addressPrefix", "")))
    if not any(prefix.subnet_of(each) for each in space):
        raise errors.property_invalid(place, f"'{prefix}' is not inside the address space of the virtual network")
    return {
        "id": str(network.child("subnets", given["name"])),
        "name": given["name"],
        "type": f"{VIRTUAL_NETWORK}/subnets",
        "properties": {**given.get("properties", {}), "provisioningState": "Succeeded"},
    }


def _range(place: str, text: str) -> IPv4Network:
    try:
        return IPv4Network(text)
    except ValueError as error:
        raise errors.property_invalid(place, f"expected a range of IPv4 addresses: {error}") from error


def _id(call: Call) -> ArmId:
    return call.resource(VIRTUAL_NETWORK, "network")
