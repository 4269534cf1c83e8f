"""Network rules of storage accounts, vaults and workspaces: may traffic from an address enter.

Traffic from a virtual network comes in by a private endpoint there, if the name that it asks for resolves to it.
https://learn.microsoft.com/azure/storage/common/storage-network-security
https://learn.microsoft.com/azure/private-link/private-endpoint-dns
https://learn.microsoft.com/azure/key-vault/general/network-security
https://learn.microsoft.com/azure/synapse-analytics/security/synapse-workspace-ip-firewall
"""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any

from azure_ids.arm import ArmId
from azure_ids.private_links import private_links_of
from local_azure.resources import KEY_VAULT, STORAGE_ACCOUNT, SYNAPSE_WORKSPACE, ResourceRegistry

AZURE_SOURCE_PREFIX = "azure:"
"""A source address "azure:<ARM id>" is traffic of that resource's managed identity from inside Azure."""


class NetworkRules:
    """Decides from a resource's ARM document; the firewall of a workspace is its firewallRules documents."""

    def __init__(self, resources: ResourceRegistry) -> None:
        self._resources = resources

    def permits(self, resource_document: dict[str, Any], source_ip: str, host: str) -> bool:
        """Whether the resource accepts traffic from the source to one of its hosts.

        Raises ValueError for a type without network rules.
        """
        by_rules = self._rules_permit(resource_document, source_ip)
        return by_rules or self._comes_privately(resource_document, source_ip, host)

    def _rules_permit(self, resource_document: dict[str, Any], source_ip: str) -> bool:
        resource_type = str(resource_document["type"]).lower()
        if resource_type == SYNAPSE_WORKSPACE.lower():
            return self._workspace_permits(resource_document, source_ip)
        if resource_type not in (STORAGE_ACCOUNT.lower(), KEY_VAULT.lower()):
            raise ValueError(
                f"applying network rules to {resource_document['id']}: type {resource_document['type']} has none"
            )
        properties = resource_document.get("properties", {})
        rules = properties.get("networkAcls") or {}
        if source_ip.startswith(AZURE_SOURCE_PREFIX):
            return _permits_azure(resource_type, properties, rules, source_ip.removeprefix(AZURE_SOURCE_PREFIX))
        if _is_disabled(properties):
            return False
        return rules.get("defaultAction", "Allow").lower() == "allow" or _in_ip_rules(rules, source_ip)

    def _comes_privately(self, document: dict[str, Any], source_ip: str, host: str) -> bool:
        """Whether an approved private endpoint for the host is in the network of the address, and named there."""
        links = private_links_of(str(document["type"])).items()
        group = next((group for group, link in links if host.endswith(link.suffix)), "")
        for _, connection in self._resources.under(f"{document['id']}/privateEndpointConnections"):
            properties = connection["properties"]
            approved = properties["privateLinkServiceConnectionState"]["status"] == "Approved"
            leads = approved and properties["groupIds"] == [group]
            if leads and self._comes_by(properties["privateEndpoint"]["id"], source_ip):
                return True
        return False

    def _comes_by(self, endpoint_id: str, source_ip: str) -> bool:
        if source_ip.startswith(AZURE_SOURCE_PREFIX):  # a managed endpoint is called <workspace>.<name>
            return ArmId.parse(endpoint_id).name.startswith(f"{source_ip.rpartition('/')[2]}.")
        endpoint = self._resources.get(endpoint_id)
        return endpoint is not None and self._is_at(endpoint, source_ip)

    def _is_at(self, endpoint: dict[str, Any], source_ip: str) -> bool:
        network = self._resources.get(str(ArmId.parse(endpoint["properties"]["subnet"]["id"]).parent))
        if network is None:
            return False
        ranges = network["properties"]["addressSpace"]["addressPrefixes"]
        near = any(ip_address(source_ip) in ip_network(each) for each in ranges)
        return near and any(
            linked["properties"]["virtualNetwork"]["id"].lower() == network["id"].lower()
            for _, zones in self._resources.under(f"{endpoint['id']}/privateDnsZoneGroups")
            for each in zones["properties"]["privateDnsZoneConfigs"]
            for _, linked in self._resources.under(f"{each['properties']['privateDnsZoneId']}/virtualNetworkLinks")
        )

    def _workspace_permits(self, document: dict[str, Any], source_ip: str) -> bool:
        inside = source_ip.startswith(AZURE_SOURCE_PREFIX)
        if inside and source_ip.removeprefix(AZURE_SOURCE_PREFIX).lower() == str(document["id"]).lower():
            return True
        if _is_disabled(document.get("properties", {})):
            return False
        for _, rule in self._resources.under(f"{document['id']}/firewallRules"):
            properties = rule["properties"]
            first, last = IPv4Address(properties["startIpAddress"]), IPv4Address(properties["endIpAddress"])
            if inside:
                if int(first) == int(last) == 0:  # 0.0.0.0 to 0.0.0.0 is Azure's way to say "all of Azure"
                    return True
            elif first <= IPv4Address(source_ip) <= last:
                return True
        return False


def _is_disabled(properties: dict[str, Any]) -> bool:
    return str(properties.get("publicNetworkAccess") or "Enabled").lower() == "disabled"


def _permits_azure(resource_type: str, properties: dict[str, Any], rules: dict[str, Any], caller_id: str) -> bool:
    open_to_all = not _is_disabled(properties) and rules.get("defaultAction", "Allow").lower() == "allow"
    if resource_type == KEY_VAULT.lower():
        bypass = str(rules.get("bypass") or "AzureServices").lower()
        return open_to_all or "azureservices" in bypass
    if _is_disabled(properties):
        return False
    named = {str(each.get("resourceId", "")).lower() for each in rules.get("resourceAccessRules") or []}
    return open_to_all or caller_id.lower() in named


def _in_ip_rules(rules: dict[str, Any], source_ip: str) -> bool:
    address = ip_address(source_ip)
    return any(
        address in ip_network(str(each["value"]), strict=False)
        for each in rules.get("ipRules") or []
        if str(each.get("action") or "Allow").lower() == "allow"
    )
