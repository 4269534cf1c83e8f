"""Types of linked services, datasets and their parts that can be used here, with their properties. Pure tables.

The pages: https://learn.microsoft.com/azure/data-factory/connector-azure-sql-database (and -azure-data-lake-storage,
-azure-blob-storage, store-credentials-in-key-vault), /format-delimited-text (and -json, -parquet, -binary).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """The properties an object may and must have."""

    known: frozenset[str]
    required: frozenset[str] = frozenset()


def _shape(known: str, required: str = "") -> Shape:
    return Shape(frozenset(known.split()) | frozenset(required.split()), frozenset(required.split()))


LINKED_SERVICE_PROPERTIES = _shape(
    "typeProperties parameters annotations description connectVia version", required="type"
)
LINKED_SERVICE_TYPES: dict[str, Shape] = {
    "AzureSqlDatabase": _shape(
        "connectionString server database encrypt trustServerCertificate hostNameInCertificate authenticationType "
        "connectTimeout commandTimeout applicationIntent connectRetryCount connectRetryInterval"
    ),
    "AzureBlobFS": _shape("", required="url"),
    "AzureBlobStorage": _shape("accountKind", required="serviceEndpoint"),
    "AzureKeyVault": _shape("", required="baseUrl"),
}
DATASET_PROPERTIES = _shape(
    "typeProperties parameters annotations schema structure folder description", required="type linkedServiceName"
)
DATASET_TYPES: dict[str, Shape] = {
    "AzureSqlTable": _shape("schema table tableName"),
    "DelimitedText": _shape(
        "columnDelimiter rowDelimiter encodingName compressionCodec compressionLevel quoteChar escapeChar "
        "firstRowAsHeader nullValue",
        required="location",
    ),
    "Json": _shape("encodingName compression", required="location"),
    "Parquet": _shape("compressionCodec", required="location"),
    "Binary": _shape("compression", required="location"),
}
LOCATION_TYPES: dict[str, Shape] = {
    "AzureBlobFSLocation": _shape("fileName folderPath", required="type fileSystem"),
    "AzureBlobStorageLocation": _shape("fileName folderPath", required="type container"),
}
DATA_FLOW_PROPERTIES = _shape("annotations folder description", required="type typeProperties")
DATA_FLOW_TYPES: dict[str, Shape] = {
    "MappingDataFlow": _shape("sources sinks transformations script scriptLines"),
}
TRIGGER_PROPERTIES = _shape("pipelines annotations description runtimeState", required="type typeProperties")
TRIGGER_TYPES: dict[str, Shape] = {"ScheduleTrigger": _shape("", required="recurrence")}

# Kinds without types, as azure-synapse-artifacts 0.22 declares them and Studio writes them into Git.
# https://learn.microsoft.com/rest/api/synapse/data-plane/notebook (and /sql-script, /kql-scripts, …)
CREDENTIAL_PROPERTIES = _shape("typeProperties annotations description", required="type")
CREDENTIAL_TYPES: dict[str, Shape] = {
    "ManagedIdentity": _shape("resourceId"),
    "ServicePrincipal": _shape("azureCloudType", required="tenant servicePrincipalId servicePrincipalKey"),
}
NOTEBOOK = _shape(
    "description bigDataPool targetSparkConfiguration sessionProperties folder entityState renameOperationDetails",
    required="metadata nbformat nbformat_minor cells",
)
NOTEBOOK_SESSION = _shape(
    "conf runAsWorkspaceSystemIdentity",
    required="driverMemory driverCores executorMemory executorCores numExecutors",
)
NOTEBOOK_CELL = _shape("metadata attachments outputs execution_count", required="cell_type source")
NOTEBOOK_CELL_TYPES = frozenset({"code", "markdown", "raw"})
SQL_SCRIPT = _shape("description type folder", required="content")
SQL_SCRIPT_CONTENT = _shape("currentConnection metadata resultLimit", required="query")
SQL_CONNECTION = _shape("type name poolName databaseName")
KQL_SCRIPT = _shape("description folder", required="content")
KQL_SCRIPT_CONTENT = _shape("currentConnection metadata", required="query")
KQL_CONNECTION = _shape("type name poolName databaseName")
SCRIPT_METADATA = _shape("language")
SPARK_JOB_DEFINITION = _shape(
    "description targetSparkConfiguration requiredSparkVersion language folder",
    required="targetBigDataPool jobProperties",
)
SPARK_JOB = _shape(
    "name className conf args jars files archives pyFiles scanFolder",
    required="file driverMemory driverCores executorMemory executorCores numExecutors",
)
SPARK_CONFIGURATION = _shape("description annotations notes createdBy created configMergeRule", required="configs")
FOLDER = _shape("name")
