"""The kinds of artifacts that the endpoint keeps, with the words that paths, errors and permissions use for them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Missing(Enum):
    """How the service says that an artifact does not exist; the service behind the endpoint differs by kind."""

    NAMED = auto()
    """`{"code": "PipelineNotFound", …}`."""
    PLAIN = auto()
    """`{"code": "NotFound", …}` with target, details and error."""
    WRAPPED = auto()
    """`{"code": 404, …}` that quotes the plain one in its error."""


@dataclass(frozen=True)
class Kind:
    """`path` is the collection in the URL, `reference` the type of references to it, `action` its name in RBAC."""

    path: str
    noun: str
    reference: str
    action: str
    read_action: str = "artifacts/read"
    results: str = "operationResults"
    missing: Missing = Missing.NAMED


CREDENTIAL = Kind("credentials", "Credential", "CredentialReference", "credentials", "read")
LINKED_SERVICE = Kind("linkedservices", "LinkedService", "LinkedServiceReference", "linkedServices", "read")
DATASET = Kind("datasets", "Dataset", "DatasetReference", "datasets")
SPARK_CONFIGURATION = Kind(
    "sparkconfigurations", "SparkConfiguration", "SparkConfigurationReference", "sparkConfigurations"
)
DATA_FLOW = Kind("dataflows", "DataFlow", "DataFlowReference", "dataFlows")
NOTEBOOK = Kind(
    "notebooks",
    "Notebook",
    "NotebookReference",
    "notebooks",
    results="notebookOperationResults",
    missing=Missing.WRAPPED,
)
SQL_SCRIPT = Kind("sqlscripts", "SqlScript", "SqlScriptReference", "sqlScripts", missing=Missing.PLAIN)
KQL_SCRIPT = Kind("kqlscripts", "KqlScript", "KqlScriptReference", "kqlScripts", missing=Missing.PLAIN)
SPARK_JOB_DEFINITION = Kind(
    "sparkjobdefinitions", "SparkJobDefinition", "SparkJobDefinitionReference", "sparkJobDefinitions"
)
PIPELINE = Kind("pipelines", "Pipeline", "PipelineReference", "pipelines")
TRIGGER = Kind("triggers", "Trigger", "TriggerReference", "triggers")
KINDS: dict[str, Kind] = {
    kind.path: kind
    for kind in (
        CREDENTIAL,
        LINKED_SERVICE,
        DATASET,
        SPARK_CONFIGURATION,
        DATA_FLOW,
        NOTEBOOK,
        SQL_SCRIPT,
        KQL_SCRIPT,
        SPARK_JOB_DEFINITION,
        PIPELINE,
        TRIGGER,
    )
}
GLOBAL_PARAMETERS = Kind("globalParameters", "GlobalParameter", "", "globalParameters")
"""Of a factory only: one artifact with all of its parameters."""
BY_REFERENCE: dict[str, Kind] = {kind.reference: kind for kind in KINDS.values()}
RESOURCES: dict[str, str] = {
    "BigDataPoolReference": "bigDataPools",
    "IntegrationRuntimeReference": "integrationRuntimes",
    "SqlPoolReference": "sqlPools",
}
"""References to resources of the subscription below the workspace: type of the reference and collection there."""
DEFAULT_INTEGRATION_RUNTIME = "AutoResolveIntegrationRuntime"
