"""Ids of Azure Synapse: the development endpoint of a workspace, and its artifacts by kind and name."""

import re
from dataclasses import dataclass
from enum import Enum

DEVELOPMENT_SUFFIX = ".dev.azuresynapse.net"
# https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftsynapse
_WORKSPACE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?")
# https://learn.microsoft.com/azure/data-factory/naming-rules
_FORBIDDEN_IN_ARTIFACT_NAME = frozenset('.+?/<>*%&:\\"')
_ARTIFACT_NAME_LIMIT = 260


class SynapseIdError(ValueError):
    """A text that is no id of a workspace or artifact; the message says why and what is expected."""


@dataclass(frozen=True)
class WorkspaceEndpoint:
    """The development endpoint of a workspace, `https://<workspace>.dev.azuresynapse.net`."""

    workspace: str

    @staticmethod
    def parse(text: str) -> "WorkspaceEndpoint":
        """The endpoint that a text is, a trailing slash aside. Raises SynapseIdError."""
        host = text.removesuffix("/").removeprefix("https://").lower()
        workspace = host.removesuffix(DEVELOPMENT_SUFFIX)
        if not text.startswith("https://") or workspace == host or not _WORKSPACE_NAME.fullmatch(workspace):
            raise SynapseIdError(
                f"parsing workspace endpoint {text!r}: it is not an endpoint of a workspace\n"
                f"expected https://<workspace>{DEVELOPMENT_SUFFIX}"
            )
        return WorkspaceEndpoint(workspace)

    @property
    def host(self) -> str:
        """The host name alone."""
        return f"{self.workspace}{DEVELOPMENT_SUFFIX}"

    def __str__(self) -> str:
        return f"https://{self.host}"


class ArtifactKind(Enum):
    """A kind of artifact; the value is the folder name in Studio's Git layout and the prefix of an artifact id."""

    LINKED_SERVICE = "linkedService"
    DATASET = "dataset"
    DATA_FLOW = "dataflow"
    PIPELINE = "pipeline"
    TRIGGER = "trigger"

    @property
    def collection(self) -> str:
        """The path segment of the kind on the development endpoint: `linkedservices`, `dataflows` and so on."""
        return f"{self.value.lower()}s"


@dataclass(frozen=True)
class ArtifactId:
    """An artifact within a workspace; its text form is `pipeline/ingest_patients`."""

    kind: ArtifactKind
    name: str

    @staticmethod
    def parse(text: str) -> "ArtifactId":
        """The artifact id that a text is. Raises SynapseIdError naming the known kinds or the character at fault."""
        prefix, slash, name = text.partition("/")
        kinds = {kind.value: kind for kind in ArtifactKind}
        if not slash or prefix not in kinds:
            raise SynapseIdError(
                f"parsing artifact id {text!r}: unknown kind {prefix!r}\n"
                f"expected <kind>/<name> with one of the kinds {', '.join(kinds)}"
            )
        wrong = sorted(_FORBIDDEN_IN_ARTIFACT_NAME.intersection(name))
        if wrong or not name or len(name) > _ARTIFACT_NAME_LIMIT:
            cause = f"the name contains {wrong[0]!r}" if wrong else f"the name has {len(name)} characters"
            raise SynapseIdError(
                f"parsing artifact id {text!r}: {cause}\n"
                f"expected 1 to {_ARTIFACT_NAME_LIMIT} characters, "
                f"none of {' '.join(sorted(_FORBIDDEN_IN_ARTIFACT_NAME))}"
            )
        return ArtifactId(kinds[prefix], name)

    def __str__(self) -> str:
        return f"{self.kind.value}/{self.name}"
