"""A factory of Data Factory in place of the Synapse workspace: own identity, live mode (no Git)."""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import datafactory

from infra.components.artifact_host import ArtifactHost
from infra.components.resource_group import IngestionGroup
from infra.naming import Names
from infra.settings import Settings


@dataclass(frozen=True)
class DataFactoryArgs:
    """What the factory is made of."""

    settings: Settings
    names: Names
    group: IngestionGroup


class DataFactory(pulumi.ComponentResource):
    """`host` is what artifacts are published to."""

    host: ArtifactHost

    def __init__(self, args: DataFactoryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """A factory; its parameters are published with the artifacts."""
        super().__init__("ingestion:index:DataFactory", "data-factory", {}, opts)
        settings = args.settings
        factory = datafactory.Factory(
            "factory",
            factory_name=args.names.factory,
            resource_group_name=args.group.name,
            location=settings.location,
            identity=datafactory.FactoryIdentityArgs(type=datafactory.FactoryIdentityType.SYSTEM_ASSIGNED),
            public_network_access="Enabled",
            tags=args.names.tags,
            # The service gives back the parameters that artifacts brought: they are not this resource's.
            opts=pulumi.ResourceOptions(parent=self, protect=settings.protect, ignore_changes=["globalParameters"]),
        )
        principal_id = factory.identity.apply(lambda identity: identity.principal_id if identity else "")
        studio_url = pulumi.Output.concat("https://adf.azure.com/home?factory=", factory.id)
        self.host = ArtifactHost(factory.name, factory.id, factory.id, principal_id, studio_url, [self])
        self.register_outputs({"endpoint": factory.id, "principal_id": principal_id})
