"""The settings `private_endpoints`: the subnet from which the deployment is reached, and the zones of the names there.

https://learn.microsoft.com/azure/private-link/private-endpoint-dns
"""

from dataclasses import dataclass

from azure_ids.arm import GROUP_TYPE, ArmId, ArmIdError
from infra.setting_reader import SettingReader

_SUBNET = "Microsoft.Network/virtualNetworks/subnets"
_ZONE = "Microsoft.Network", "privateDnsZones"
_OF_A_SUBNET = (
    "the id of a subnet: /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Network/virtualNetworks/<name>"
    "/subnets/<name>"
)
_OF_A_GROUP = "the id of a resource group: /subscriptions/<id>/resourceGroups/<name>"


@dataclass(frozen=True)
class PrivateEndpointSettings:
    """Where private endpoints stand; without `zones_group` something else keeps their names."""

    subnet_id: ArmId
    zones_group: ArmId | None

    def zone_id(self, zone: str) -> str:
        """The id of a private DNS zone; empty where this deployment keeps no names."""
        return str(self.zones_group.resource(*_ZONE, zone)) if self.zones_group else ""


def read_private_endpoints(reader: SettingReader, *, needed: bool) -> PrivateEndpointSettings | None:
    """The settings inside `private_endpoints`, or None; problems go to the reader."""
    inside = reader.group("private_endpoints")
    if not inside.values and not needed:
        return None
    hint = "az network vnet subnet show --query id"
    subnet = _id(inside, "subnet_id", inside.text("subnet_id", _OF_A_SUBNET), _SUBNET, _OF_A_SUBNET, hint)
    text = inside.text_or("dns_zones_group_id", "", _OF_A_GROUP)
    zones = _id(inside, "dns_zones_group_id", text, GROUP_TYPE, _OF_A_GROUP, "az group show --query id")
    inside.finish()
    return PrivateEndpointSettings(subnet, zones) if subnet else None


def _id(reader: SettingReader, key: str, text: str, kind: str, expected: str, hint: str) -> ArmId | None:
    if not text:
        return None
    try:
        found = ArmId.parse(text)
    except ArmIdError:
        found = ArmId()
    if found.type.lower() != kind.lower() or not (found.subscription_id and found.resource_group):
        reader.refuse(key, text, expected, hint)
        return None
    return found
