"""Virtual networks with their subnets, as where private endpoints stand; no traffic runs through them.

https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks
https://learn.microsoft.com/rest/api/virtualnetwork/subnets
"""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations
from typing import Any

from arm_schema import network_models
from azure_ids.arm import ArmId
from local_azure.http import Response
from local_azure.resources import PRIVATE_ENDPOINT, VIRTUAL_NETWORK
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import Call, Route, listing, listing_of, telling
from local_azure.services.resource_manager.store import ArmStore, normal_location

_LIST = f"/providers/{VIRTUAL_NETWORK}"
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"
_ONE = f"{_GROUP}{_LIST}/{{network}}"
_SUBNET = f"{VIRTUAL_NETWORK}/subnets"
_ONE_SUBNET = f"{_ONE}/subnets/{{subnet}}"
_PROTECTION = ("enableDdosProtection", "enableVmProtection")
_EMPTY = ("delegations", "serviceEndpointPolicies", "serviceEndpoints", "sharingScope")
"""What clients say of a subnet even where it has none of it."""
_KEPT = ("dhcpOptions", "privateEndpointVNetPolicies")


def routes(store: ArmStore) -> list[Route]:
    """VirtualNetworksOperations and SubnetsOperations; a subnet is a part of its network's document."""

    def route(method: str, path: str, handle: Any, kind: str, action: str) -> Route:
        return Route(method, path, handle, action and f"{kind}/{action}", "", api_versions.NETWORK, kind)

    return [
        route("GET", f"/subscriptions/{{subscription}}{_LIST}", listing_of(VIRTUAL_NETWORK), VIRTUAL_NETWORK, ""),
        route("GET", f"{_GROUP}{_LIST}", listing_of(VIRTUAL_NETWORK), VIRTUAL_NETWORK, "read"),
        route("PUT", _ONE, _put, VIRTUAL_NETWORK, "write"),
        route("GET", _ONE, telling(_id), VIRTUAL_NETWORK, "read"),
        route("DELETE", _ONE, _delete, VIRTUAL_NETWORK, "delete"),
        route("GET", f"{_ONE}/subnets", _list_subnets, _SUBNET, "read"),
        route("PUT", _ONE_SUBNET, _put_subnet, _SUBNET, "write"),
        route("GET", _ONE_SUBNET, _get_subnet, _SUBNET, "read"),
        route("DELETE", _ONE_SUBNET, _delete_subnet, _SUBNET, "delete"),
    ]


def _put(call: Call) -> Response:
    call.store.group(call.group_id)
    body = call.body(network_models, "VirtualNetwork")
    given = body["properties"]
    for key in _PROTECTION:
        if given.get(key):
            raise errors.property_invalid(f"properties.{key}", "the local stand-in does not serve it; expected false")
    space, subnets = _space(given), []
    for number, each in enumerate(given.get("subnets", [])):
        if not each.get("name"):
            raise errors.property_invalid(f"properties.subnets[{number}].name", "is required")
        subnets.append(_subnet(_id(call), each["name"], each, space, f"properties.subnets[{number}]."))
    _check_overlaps(subnets)
    existing = call.store.find(_id(call))
    _check_unused(call, existing, {each["name"].lower() for each in subnets})
    document = {
        "id": str(_id(call)),
        "name": call.names["network"],
        "type": VIRTUAL_NETWORK,
        "location": normal_location(body["location"]),
        "tags": body.get("tags", {}),
        "properties": {
            "addressSpace": given["addressSpace"],
            "subnets": subnets,
            **{key: given[key] for key in _KEPT if key in given},
            "enableDdosProtection": False,
            "provisioningState": "Succeeded",
        },
    }
    call.store.put(document)
    return Response.json(200 if existing else 201, document)


def _delete(call: Call) -> Response:
    call.store.group(call.group_id)
    _check_unused(call, call.store.find(_id(call)), set())
    return Response(200 if call.store.delete(_id(call)) else 204)


def _space(properties: dict[str, Any]) -> list[IPv4Network]:
    place = "properties.addressSpace.addressPrefixes"
    return [_range(place, text) for text in properties["addressSpace"]["addressPrefixes"]]


def _subnet(
    network: ArmId, name: str, given: dict[str, Any], space: list[IPv4Network], place: str = ""
) -> dict[str, Any]:
    properties = dict(given.get("properties", {}))
    for key in _EMPTY:
        if properties.get(key):
            raise errors.property_invalid(
                f"{place}properties.{key}", "the local stand-in does not serve it; expected nothing"
            )
    several = properties.pop("addressPrefixes", None)
    if several is not None:
        if len(several) != 1:
            raise errors.property_invalid(f"{place}properties.addressPrefixes", "expected one range")
        properties.setdefault("addressPrefix", several[0])
    place = f"{place}properties.addressPrefix"
    prefix = _range(place, str(properties.get("addressPrefix", "")))
    if not any(prefix.subnet_of(each) for each in space):
        raise errors.property_invalid(place, f"'{prefix}' is not inside the address space of the virtual network")
    return {
        "id": str(network.child("subnets", name)),
        "name": name,
        "type": _SUBNET,
        "properties": {
            "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
            **properties,
            "provisioningState": "Succeeded",
        },
    }


def _range(place: str, text: str) -> IPv4Network:
    try:
        return IPv4Network(text)
    except ValueError as error:
        raise errors.property_invalid(place, f"expected a range of IPv4 addresses: {error}") from error


def _check_overlaps(subnets: list[dict[str, Any]]) -> None:
    ranges = [(each["name"], IPv4Network(each["properties"]["addressPrefix"])) for each in subnets]
    for (earlier, one), (later, other) in combinations(ranges, 2):
        if one.overlaps(other):
            raise errors.subnet_overlaps(later, earlier)


def _check_unused(call: Call, network: dict[str, Any] | None, kept: set[str]) -> None:
    """Raises InUseSubnetCannotBeDeleted where a private endpoint stands in a subnet that would go.

    https://learn.microsoft.com/azure/virtual-network/virtual-network-troubleshoot-cannot-delete-vnet
    """
    going = {each["id"].lower(): each for each in _subnets(network) if each["name"].lower() not in kept}
    for endpoint in call.store.of_type(f"/subscriptions/{call.names['subscription']}", PRIVATE_ENDPOINT):
        subnet = going.get(endpoint["properties"]["subnet"]["id"].lower())
        if subnet is not None:
            raise errors.subnet_in_use(subnet["name"], endpoint["id"])


def _subnets(network: dict[str, Any] | None) -> list[dict[str, Any]]:
    return network["properties"]["subnets"] if network else []


def _list_subnets(call: Call) -> Response:
    return listing(_subnets(call.store.get(_id(call))))


def _get_subnet(call: Call) -> Response:
    network = call.store.get(_id(call))
    found = next((each for each in _subnets(network) if _is_named(call, each)), None)
    if found is None:
        raise errors.resource_not_found(_id(call).child("subnets", call.names["subnet"]))
    return Response.json(200, found)


def _put_subnet(call: Call) -> Response:
    network = call.store.find(_id(call))
    if network is None:
        raise errors.parent_not_found(_id(call).child("subnets", call.names["subnet"]))
    body = call.body(network_models, "Subnet")
    others = [each for each in _subnets(network) if not _is_named(call, each)]
    subnet = _subnet(_id(call), call.names["subnet"], body, _space(network["properties"]))
    _check_overlaps([*others, subnet])
    is_new = len(others) == len(_subnets(network))
    network["properties"]["subnets"] = [*others, subnet]
    call.store.put(network)
    return Response.json(201 if is_new else 200, subnet)


def _delete_subnet(call: Call) -> Response:
    network = call.store.get(_id(call))
    kept = [each for each in _subnets(network) if not _is_named(call, each)]
    if len(kept) == len(_subnets(network)):
        return Response(204)
    _check_unused(call, network, {each["name"].lower() for each in kept})
    network["properties"]["subnets"] = kept
    call.store.put(network)
    return Response(200)


def _is_named(call: Call, subnet: dict[str, Any]) -> bool:
    return str(subnet["name"]).lower() == call.names["subnet"].lower()


def _id(call: Call) -> ArmId:
    return call.resource(VIRTUAL_NETWORK, "network")
