"""Models of Microsoft.Network in the form of azure-mgmt packages, by hand: azure-mgmt-network 33 has no such tables.

https://learn.microsoft.com/rest/api/virtualnetwork/private-endpoints/create-or-update
https://learn.microsoft.com/rest/api/virtualnetwork/private-dns-zone-groups/create-or-update
https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks/create-or-update
https://learn.microsoft.com/rest/api/dns/privatedns/private-zones/create-or-update
"""

from __future__ import annotations

from typing import Any, ClassVar

_Attributes = dict[str, dict[str, str]]
_Rules = dict[str, dict[str, Any]]


def _of(**types: str) -> _Attributes:
    """Attributes that stand in the body itself."""
    return {name: {"key": _camel(name), "type": kind} for name, kind in types.items()}


def _inside(**types: str) -> _Attributes:
    """Attributes that stand in ``properties``."""
    return {name: {"key": f"properties.{_camel(name)}", "type": kind} for name, kind in types.items()}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


_RESOURCE = _of(id="str", name="str", type="str", location="str", tags="{str}")
_READ_ONLY: _Rules = {name: {"readonly": True} for name in ("id", "name", "type", "provisioning_state", "etag")}


class SubResource:
    """Another resource, by its id."""

    _attribute_map: ClassVar[_Attributes] = _of(id="str")


class AddressSpace:
    """Ranges of addresses (CIDR)."""

    _attribute_map: ClassVar[_Attributes] = _of(address_prefixes="[str]")
    _validation: ClassVar[_Rules] = {"address_prefixes": {"required": True}}


class ServiceEndpoint:
    """A service that a subnet reaches under its own address."""

    _attribute_map: ClassVar[_Attributes] = _of(service="str", locations="[str]")


class Subnet:
    """A part of a virtual network."""

    _attribute_map: ClassVar[_Attributes] = _of(id="str", name="str", type="str", etag="str") | _inside(
        address_prefix="str",
        address_prefixes="[str]",
        delegations="[SubResource]",
        service_endpoint_policies="[SubResource]",
        service_endpoints="[ServiceEndpoint]",
        sharing_scope="str",
        default_outbound_access="bool",
        private_endpoint_network_policies="str",
        private_link_service_network_policies="str",
        provisioning_state="str",
    )
    _validation: ClassVar[_Rules] = {**_READ_ONLY, "name": {}}


class DhcpOptions:
    """The servers that machines in a virtual network ask for names."""

    _attribute_map: ClassVar[_Attributes] = _of(dns_servers="[str]")


class VirtualNetwork:
    """A virtual network with its subnets."""

    _attribute_map: ClassVar[_Attributes] = _RESOURCE | _inside(
        address_space="AddressSpace",
        subnets="[Subnet]",
        dhcp_options="DhcpOptions",
        private_endpoint_v_net_policies="str",
        enable_ddos_protection="bool",
        enable_vm_protection="bool",
        provisioning_state="str",
    )
    _validation: ClassVar[_Rules] = _READ_ONLY | {"location": {"required": True}, "address_space": {"required": True}}


class PrivateLinkServiceConnection:
    """What a private endpoint leads to."""

    _attribute_map: ClassVar[_Attributes] = _of(id="str", name="str", type="str", etag="str") | _inside(
        private_link_service_id="str",
        group_ids="[str]",
        request_message="str",
        private_link_service_connection_state="PrivateLinkServiceConnectionState",
        provisioning_state="str",
    )
    _validation: ClassVar[_Rules] = {
        **_READ_ONLY,
        "name": {},
        # The owner of the target says it; what whoever wants to come in writes here says nothing.
        "private_link_service_connection_state": {"readonly": True},
    }


class PrivateLinkServiceConnectionState:
    """What the owner of the target says to a connection."""

    _attribute_map: ClassVar[_Attributes] = _of(status="str", description="str", actions_required="str")


class ExtendedLocation:
    """An edge zone."""

    _attribute_map: ClassVar[_Attributes] = _of(name="str", type="str")


class CustomDnsConfig:
    """A name and its addresses, where no zone keeps them."""

    _attribute_map: ClassVar[_Attributes] = _of(fqdn="str", ip_addresses="[str]")


class PrivateEndpointIPConfiguration:
    """A fixed address of one member of the part that is led to."""

    _attribute_map: ClassVar[_Attributes] = {
        **_of(name="str"),
        **_inside(group_id="str", member_name="str"),
        "private_ip_address": {"key": "properties.privateIPAddress", "type": "str"},
    }


class PrivateEndpoint:
    """An address in a subnet that leads to a part of one resource."""

    _attribute_map: ClassVar[_Attributes] = {
        **_RESOURCE,
        **_of(extended_location="ExtendedLocation"),
        **_inside(
            subnet="SubResource",
            private_link_service_connections="[PrivateLinkServiceConnection]",
            manual_private_link_service_connections="[PrivateLinkServiceConnection]",
            application_security_groups="[SubResource]",
            custom_dns_configs="[CustomDnsConfig]",
            ip_configurations="[PrivateEndpointIPConfiguration]",
            custom_network_interface_name="str",
            ip_version_type="str",
            provisioning_state="str",
        ),
    }
    _validation: ClassVar[_Rules] = _READ_ONLY


class PrivateDnsZoneConfig:
    """A zone in which the endpoint's name is kept."""

    _attribute_map: ClassVar[_Attributes] = _of(name="str") | _inside(private_dns_zone_id="str")


class PrivateDnsZoneGroup:
    """The zones of a private endpoint."""

    _attribute_map: ClassVar[_Attributes] = _of(id="str", name="str", type="str", etag="str") | _inside(
        private_dns_zone_configs="[PrivateDnsZoneConfig]", provisioning_state="str"
    )
    _validation: ClassVar[_Rules] = {**_READ_ONLY, "name": {}}


class PrivateZone:
    """A private DNS zone."""

    _attribute_map: ClassVar[_Attributes] = _RESOURCE | _inside(provisioning_state="str")
    _validation: ClassVar[_Rules] = _READ_ONLY


class VirtualNetworkLink:
    """A virtual network that resolves the names of a zone."""

    _attribute_map: ClassVar[_Attributes] = _RESOURCE | _inside(
        virtual_network="SubResource", registration_enabled="bool", provisioning_state="str"
    )
    _validation: ClassVar[_Rules] = _READ_ONLY
