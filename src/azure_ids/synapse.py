"""Ids of Azure Synapse: the development endpoint of a workspace, and its artifacts by kind and name."""

import re
from dataclasses import dataclass
from enum import Enum

DEVELOPMENT_SUFFIX = ".dev.azuresynapse.net"
# https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftsynapse
_WORKSPACE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?")
# https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftdatafactory
_FORBIDDEN_IN_ARTIFACT_NAME = frozenset("<>*#.%&:\\+?/")
_FIRST_OF_ARTIFACT_NAME = re.compile(r"[A-Za-z0-9_]")
_ARTIFACT_NAME_LIMIT = 260
ARTIFACT_NAME_RULE = (
    "a letter from A to Z, a digit or an underscore, then up to 259 characters, letters of any language too, "
    "none of them one of < > * # . % & : + ? / and back slash"
)
"""What the name of an artifact is, in words."""
# As Azure/Synapse-workspace-deployment knows them (DefaultArtifact).
_DEFAULT_LINKED_SERVICE = "-workspacedefault"
_DEFAULT_CREDENTIAL = "workspacesystemidentity"


def fault_of_artifact_name(name: str) -> str:
    """Why no artifact may have that name; an empty text where one may."""
    if not 0 < len(name) <= _ARTIFACT_NAME_LIMIT:
        return f"the name has {len(name)} characters"
    wrong = sorted(_FORBIDDEN_IN_ARTIFACT_NAME.intersection(name))
    if wrong:
        return f"the name contains {wrong[0]!r}"
    return "" if _FIRST_OF_ARTIFACT_NAME.match(name) else f"the name begins with {name[0]!r}"


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
    def name(self) -> str:
        """The name of the workspace."""
        return self.workspace

    @property
    def host(self) -> str:
        """The host name alone."""
        return f"{self.workspace}{DEVELOPMENT_SUFFIX}"

    def __str__(self) -> str:
        return f"https://{self.host}"


class ListForm(Enum):
    """How a list of the development endpoint names its items, and what leads to its next page."""

    VALUES = ("value", "nextLink")
    """`nextLink` is the address of the next page."""
    ITEMS = ("items", "continuationToken")
    """`continuationToken` is the value of the query parameter of that name."""


@dataclass(frozen=True)
class Collection:
    """Where the artifacts of a kind are on the development endpoint, and in which form their calls are made."""

    path: str
    api_version: str = "2020-12-01"
    list_form: ListForm = ListForm.VALUES
    is_written_at_once: bool = False
    """True where PUT and DELETE answer 200 when all is done; elsewhere 202 with a `Location` to poll."""


class ArtifactKind(Enum):
    """A kind of artifact that is published; the value is its folder in Studio's Git layout and the prefix of its ids.

    What is only referred to (pools, integration runtimes, managed networks) is no kind of artifact. In the order in
    which kinds are published where no reference says otherwise.
    """

    CREDENTIAL = "credential"
    LINKED_SERVICE = "linkedService"
    DATASET = "dataset"
    SPARK_CONFIGURATION = "sparkConfiguration"
    DATA_FLOW = "dataflow"
    NOTEBOOK = "notebook"
    SQL_SCRIPT = "sqlscript"
    KQL_SCRIPT = "kqlscript"
    SPARK_JOB_DEFINITION = "sparkJobDefinition"
    DATABASE = "database"
    PIPELINE = "pipeline"
    TRIGGER = "trigger"
    GLOBAL_PARAMETERS = "globalParameters"
    """Of a factory only, which keeps all of its parameters in one artifact; in Git they stand in its own document."""

    @property
    def calls(self) -> Collection:
        """The collection of the kind in a workspace and the form of its calls. Raises KeyError if it has none."""
        return SYNAPSE_COLLECTIONS[self]

    @property
    def collection(self) -> str:
        """The path segment of the kind on the development endpoint: `linkedservices`, `dataflows` and so on."""
        return self.calls.path


# Paths and versions are those of azure-synapse-artifacts 0.22. Its specification lacks credentials
# (Azure/azure-rest-api-specs#19318) and lake databases: these are as Azure/Synapse-workspace-deployment calls them.
SYNAPSE_COLLECTIONS: dict[ArtifactKind, Collection] = {
    ArtifactKind.CREDENTIAL: Collection("credentials"),
    ArtifactKind.LINKED_SERVICE: Collection("linkedservices"),
    ArtifactKind.DATASET: Collection("datasets"),
    ArtifactKind.SPARK_CONFIGURATION: Collection("sparkconfigurations", "2021-06-01-preview"),
    ArtifactKind.DATA_FLOW: Collection("dataflows"),
    ArtifactKind.NOTEBOOK: Collection("notebooks"),
    ArtifactKind.SQL_SCRIPT: Collection("sqlScripts"),
    ArtifactKind.KQL_SCRIPT: Collection("kqlScripts", "2021-11-01-preview"),
    ArtifactKind.SPARK_JOB_DEFINITION: Collection("sparkJobDefinitions"),
    ArtifactKind.DATABASE: Collection("databases", "2021-04-01", ListForm.ITEMS, is_written_at_once=True),
    ArtifactKind.PIPELINE: Collection("pipelines"),
    ArtifactKind.TRIGGER: Collection("triggers"),
}
"""Where a workspace keeps the artifacts of each kind that it has."""


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
        fault = fault_of_artifact_name(name)
        if fault:
            raise SynapseIdError(f"parsing artifact id {text!r}: {fault}\nexpected {ARTIFACT_NAME_RULE}")
        return ArtifactId(kinds[prefix], name)

    @property
    def is_made_by_the_service(self) -> bool:
        """True for what every workspace has from its beginning and nobody can delete.

        The linked services `<workspace>-WorkspaceDefaultStorage` and `…SqlServer`, the credential of the identity.
        """
        name = self.name.lower()
        if self.kind is ArtifactKind.LINKED_SERVICE:
            return _DEFAULT_LINKED_SERVICE in name
        return self.kind is ArtifactKind.CREDENTIAL and name == _DEFAULT_CREDENTIAL

    def __str__(self) -> str:
        return f"{self.kind.value}/{self.name}"
