"""Ids of Azure Data Factory: a factory, and what of the Git layout it holds; and what can hold artifacts at all.

https://learn.microsoft.com/rest/api/datafactory
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from azure_ids.arm import ArmId, ArmIdError
from azure_ids.synapse import SYNAPSE_COLLECTIONS, ArtifactKind, Collection, WorkspaceEndpoint

FACTORY_TYPE = "Microsoft.DataFactory/factories"
FACTORY_ID_FORM = f"/subscriptions/<id>/resourceGroups/<name>/providers/{FACTORY_TYPE}/<name>"
GLOBAL_PARAMETERS_NAME = "default"
"""The name of the one artifact that holds all parameters of a factory."""


class FactoryIdError(ValueError):
    """A text that is no id of a factory; the message says why and what is expected."""


@dataclass(frozen=True)
class FactoryId:
    """The Resource Manager id of a factory."""

    arm_id: ArmId

    @staticmethod
    def parse(text: str) -> FactoryId:
        """The factory that a text names, a trailing slash aside. Raises FactoryIdError."""
        expected = f"expected {FACTORY_ID_FORM}"
        try:
            arm_id = ArmId.parse(text.removesuffix("/"))
        except ArmIdError as error:
            raise FactoryIdError(f"parsing id of a factory {text!r}: {error}\n{expected}") from error
        if arm_id.type.lower() != FACTORY_TYPE.lower() or not arm_id.resource_group:
            raise FactoryIdError(f"parsing id of a factory {text!r}: it is the id of something else\n{expected}")
        return FactoryId(arm_id)

    @property
    def name(self) -> str:
        """The name of the factory."""
        return self.arm_id.name

    def __str__(self) -> str:
        return str(self.arm_id)


ArtifactHost = WorkspaceEndpoint | FactoryId
"""What holds artifacts: a Synapse workspace, or a factory."""


def artifact_host(text: str) -> ArtifactHost:
    """The host that a text names: an endpoint of a workspace, or (from a slash on) the id of a factory.

    Raises SynapseIdError or FactoryIdError, both of them ValueErrors.
    """
    return FactoryId.parse(text) if text.startswith("/") else WorkspaceEndpoint.parse(text)


# As azure-mgmt-datafactory 9.3 calls them.
FACTORY_COLLECTIONS: dict[ArtifactKind, Collection] = {
    kind: Collection(path, "2018-06-01", is_written_at_once=True)
    for kind, path in (
        (ArtifactKind.GLOBAL_PARAMETERS, "globalParameters"),
        (ArtifactKind.CREDENTIAL, "credentials"),
        (ArtifactKind.LINKED_SERVICE, "linkedservices"),
        (ArtifactKind.DATASET, "datasets"),
        (ArtifactKind.DATA_FLOW, "dataflows"),
        (ArtifactKind.PIPELINE, "pipelines"),
        (ArtifactKind.TRIGGER, "triggers"),
    )
}
"""Where a factory keeps the artifacts of each kind that it has, below its id."""


def collections_of(host: ArtifactHost) -> Mapping[ArtifactKind, Collection]:
    """Where a host keeps the artifacts of each kind, in the order in which kinds are published; others it has not."""
    return SYNAPSE_COLLECTIONS if isinstance(host, WorkspaceEndpoint) else FACTORY_COLLECTIONS
