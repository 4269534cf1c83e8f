"""The resource group that holds everything."""

import pulumi
from pulumi_azure_native import resources

from infra.naming import Names


class IngestionGroup(pulumi.ComponentResource):
    """`name` and `id` (the ARM id) of the group."""

    name: pulumi.Output[str]
    id: pulumi.Output[str]

    def __init__(self, names: Names, location: str, opts: pulumi.ResourceOptions | None = None) -> None:
        """A group of that name in the region, with the tags of the stack."""
        super().__init__("ingestion:index:IngestionGroup", "group", {}, opts)
        group = resources.ResourceGroup(
            "resource-group",
            resource_group_name=names.resource_group,
            location=location,
            tags=names.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name, self.id = group.name, group.id
        self.register_outputs({"name": self.name, "id": self.id})
