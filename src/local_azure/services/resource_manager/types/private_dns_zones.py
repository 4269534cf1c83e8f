"""Private DNS zones and the virtual networks that resolve their names; the records are those of private endpoints.

https://learn.microsoft.com/rest/api/dns/privatedns/private-zones
https://learn.microsoft.com/rest/api/dns/privatedns/virtual-network-links
"""

from __future__ import annotations

from typing import Any

from arm_schema import network_models
from azure_ids.arm import ArmId, ArmIdError
from local_azure.http import Response
from local_azure.resources import PRIVATE_DNS_ZONE, VIRTUAL_NETWORK
from local_azure.services.resource_manager import api_versions, errors
from local_azure.services.resource_manager.handlers import Call, Route, deleting, listing_below, listing_of, telling
from local_azure.services.resource_manager.store import ArmStore

_LINK = f"{PRIVATE_DNS_ZONE}/virtualNetworkLinks"
_SOA = f"{PRIVATE_DNS_ZONE}/SOA"
_START_OF_AUTHORITY = {
    "email": "azureprivatedns-host.microsoft.com",
    "expireTime": 2419200,
    "host": "azureprivatedns.net",
    "minimumTtl": 10,
    "refreshTime": 3600,
    "retryTime": 300,
    "serialNumber": 1,
}
"""What a zone says of itself where nobody has changed it.

https://learn.microsoft.com/rest/api/dns/privatedns/record-sets/get
"""
_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_ALL = f"/providers/{PRIVATE_DNS_ZONE}"
_ONE = f"{_GROUP}{_ALL}/{{zone}}"
_ONE_LINK = f"{_ONE}/virtualNetworkLinks/{{link}}"


def routes(store: ArmStore) -> list[Route]:
    """PrivateZones- and VirtualNetworkLinksOperations, without changes of a part (PATCH)."""

    def route(method: str, path: str, handle: Any, kind: str, verb: str) -> Route:
        return Route(method, path, handle, verb and f"{kind}/{verb}", "", api_versions.PRIVATE_DNS, kind)

    return [
        route("GET", f"{_SUBSCRIPTION}{_ALL}", listing_of(PRIVATE_DNS_ZONE), PRIVATE_DNS_ZONE, ""),
        route("GET", f"{_GROUP}{_ALL}", listing_of(PRIVATE_DNS_ZONE), PRIVATE_DNS_ZONE, "read"),
        route("PUT", _ONE, _put_zone, PRIVATE_DNS_ZONE, "write"),
        route("GET", _ONE, telling(_id), PRIVATE_DNS_ZONE, "read"),
        route("DELETE", _ONE, deleting(_id), PRIVATE_DNS_ZONE, "delete"),
        route("GET", f"{_ONE}/SOA/@", _soa, _SOA, "read"),
        route("GET", f"{_ONE}/virtualNetworkLinks", listing_below(_id, _LINK), _LINK, "read"),
        route("PUT", _ONE_LINK, _put_link, _LINK, "write"),
        route("GET", _ONE_LINK, telling(_id), _LINK, "read"),
        route("DELETE", _ONE_LINK, deleting(_id), _LINK, "delete"),
    ]


def _put_zone(call: Call) -> Response:
    call.store.group(call.group_id)
    return _put(call, call.body(network_models, "PrivateZone"), PRIVATE_DNS_ZONE, {})


def _put_link(call: Call) -> Response:
    if call.store.find(_id(call).parent) is None:
        raise errors.parent_not_found(_id(call))
    body = call.body(network_models, "VirtualNetworkLink")
    given = body.get("properties", {})
    place, network = "properties.virtualNetwork.id", str(given.get("virtualNetwork", {}).get("id", ""))
    try:
        known = ArmId.parse(network).type.lower() == VIRTUAL_NETWORK.lower() and call.store.find(ArmId.parse(network))
    except ArmIdError as error:
        raise errors.property_invalid(place, str(error)) from error
    if not known:
        raise errors.property_invalid(place, f"there is no virtual network '{network}'")
    return _put(call, body, _LINK, given)


def _soa(call: Call) -> Response:
    """The record that each zone has from its first day; it cannot be changed here."""
    zone = call.store.get(_id(call))
    properties = {
        "fqdn": f"{zone['name']}.",
        "ttl": 3600,
        "isAutoRegistered": False,
        "soaRecord": _START_OF_AUTHORITY,
    }
    return Response.json(200, {"id": f"{zone['id']}/SOA/@", "name": "@", "type": _SOA, "properties": properties})


def _put(call: Call, body: dict[str, Any], kind: str, properties: dict[str, Any]) -> Response:
    if str(body.get("location", "")).lower() != "global":
        raise errors.property_invalid("location", "expected 'global'")
    existing = call.store.find(_id(call))
    document = {
        "id": str(_id(call)),
        "name": _id(call).name,
        "type": kind,
        "location": "global",
        "tags": body.get("tags", {}),
        "properties": {**properties, "provisioningState": "Succeeded"},
    }
    call.store.put(document)
    return Response.json(200 if existing else 201, document)


def _id(call: Call) -> ArmId:
    """The zone in the path, or the link."""
    zone = call.resource(PRIVATE_DNS_ZONE, "zone")
    return zone.child("virtualNetworkLinks", call.names["link"]) if "link" in call.names else zone
