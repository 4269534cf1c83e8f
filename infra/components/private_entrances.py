"""The ways into account, vault and workspace from a virtual network: an address there for each, and its name."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from azure_ids.private_links import private_links_of
from infra.components.resource_group import IngestionGroup
from infra.naming import Names, private_endpoint_name
from infra.private_endpoint_settings import PrivateEndpointSettings


@dataclass(frozen=True)
class Entered:
    """A resource that is entered: its type, its name and id, and the parts of it by their group ids."""

    resource_type: str
    name: str
    id: pulumi.Input[str]
    groups: Sequence[str]


@dataclass(frozen=True)
class PrivateEntrancesArgs:
    """Where the endpoints stand and what they lead to; they are in the region of the network."""

    settings: PrivateEndpointSettings
    names: Names
    group: IngestionGroup
    location: str
    entered: Entered


class PrivateEntrances(pulumi.ComponentResource):
    """One private endpoint for each part, approved when it is made.

    https://learn.microsoft.com/azure/private-link/private-endpoint-overview
    """

    def __init__(self, name: str, args: PrivateEntrancesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """The endpoints and, where the settings name zones, their names in them."""
        super().__init__("ingestion:index:PrivateEntrances", f"{name}-entrances", {}, opts)
        links = private_links_of(args.entered.resource_type)
        for group in args.entered.groups:
            self._entrance(args, f"{name}-{group}", group, args.settings.zone_id(links[group].zone))
        self.register_outputs({})

    def _entrance(self, args: PrivateEntrancesArgs, name: str, group: str, zone_id: str) -> None:
        from pulumi_azure_native import network  # large, and needed by few stacks

        endpoint = network.PrivateEndpoint(
            name,
            private_endpoint_name=private_endpoint_name(args.entered.name, group),
            resource_group_name=args.group.name,
            location=args.location,
            subnet={"id": str(args.settings.subnet_id)},  # the class adds settings of the subnet itself
            private_link_service_connections=[
                network.PrivateLinkServiceConnectionArgs(
                    name=name, private_link_service_id=args.entered.id, group_ids=[group]
                )
            ],
            tags=args.names.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        if zone_id:
            network.PrivateDnsZoneGroup(
                f"{name}-name",
                private_dns_zone_group_name="default",
                private_endpoint_name=endpoint.name,
                resource_group_name=args.group.name,
                private_dns_zone_configs=[network.PrivateDnsZoneConfigArgs(name=group, private_dns_zone_id=zone_id)],
                opts=pulumi.ResourceOptions(parent=self),
            )
