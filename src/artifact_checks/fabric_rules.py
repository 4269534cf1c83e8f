"""What Microsoft Fabric lacks of Synapse and Data Factory, and what its documentation offers instead: one table.

Each rule names the page it stands on and the date that the page carried when it was read. How the rules are applied:
`fabric_readiness.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from artifact_checks.fabric_places import (
    ActivityOf,
    Finder,
    activity,
    global_parameter,
    holding,
    of_other_type,
    of_type,
    other_activity,
    plain_runtime,
    vault_secret,
    whole,
)


class Verdict(Enum):
    """What becomes of something, from the easiest to the hardest."""

    DROP = "drop"
    """Fabric needs nothing of the kind."""
    RECREATE = "recreate"
    """Fabric has a counterpart, which is made anew from the same knowledge."""
    REWRITE = "rewrite"
    """The counterpart works differently: the logic has to be written again."""
    MISSING = "missing"
    """Fabric has no counterpart."""
    UNLISTED = "unlisted"
    """The documentation says neither that Fabric has it nor that it lacks it."""


@dataclass(frozen=True)
class Page:
    """A page of Microsoft's documentation, and the date that it carried when it was read (empty: it carried none)."""

    address: str
    dated: str


@dataclass(frozen=True)
class Rule:
    """One difference: where it shows in artifacts of a kind, what Fabric lacks, what the page offers instead."""

    name: str
    kind: str
    find: Finder
    verdict: Verdict
    lacks: str
    """May hold `{type}`: what stands at the place."""
    instead: str
    page: Page


CONNECTORS = frozenset(
    """
    AmazonRdsForOracle AmazonRdsForSqlServer AmazonRedshift AmazonS3 AmazonS3Compatible AzureBlobFS AzureBlobStorage
    AzureDataExplorer AzureDatabricksDeltaLake AzureFileStorage AzureMySql AzurePostgreSql AzureSearch AzureSqlDW
    AzureSqlDatabase AzureSqlMI AzureStorage AzureTableStorage Cassandra CommonDataServiceForApps CosmosDb
    CosmosDbMongoDbApi Db2 DynamicsCrm FileServer FtpServer GoogleBigQuery GoogleBigQueryV2 GoogleCloudStorage Greenplum
    Hdfs HttpServer Impala Informix Lakehouse MariaDB MicrosoftAccess MongoDb MongoDbAtlas MongoDbV2 MySql OData Odbc
    Office365 Oracle OracleCloudStorage PostgreSql PostgreSqlV2 Presto RestService Salesforce SalesforceServiceCloud
    SalesforceServiceCloudV2 SalesforceV2 SapHana SapOpenHub SapTable ServiceNow ServiceNowV2 Sftp SharePointOnlineList
    Snowflake SnowflakeV2 SqlServer Teradata Vertica Warehouse
    """.split()
)
"""Types of linked services whose connector Fabric has as well (the page of connectors)."""
LACKING_CONNECTORS = frozenset(
    """
    Dynamics DynamicsAX GoogleAdWords Hive Hubspot Jira Netezza QuickBooks SapBW SapCloudForCustomer SapEcc Shopify
    Spark Square Sybase Web Xero
    """.split()
)
"""Types of linked services whose connector Fabric has not, as the page of connectors says."""
COMPUTES = frozenset({"AzureBatch", "AzureDatabricks", "AzureFunction", "AzureMLService", "HDInsight"})
"""Types of linked services that an activity runs on which Fabric has as well (the comparison of activities)."""
ACTIVITIES = frozenset(
    """
    AppendVariable AzureDataExplorerCommand AzureFunctionActivity AzureMLExecutePipeline Copy Delete ExecutePipeline
    Fail Filter ForEach GetMetadata IfCondition Lookup Script SetVariable SqlServerStoredProcedure Switch Until Wait
    WebActivity WebHook
    """.split()
)
"""Types of activities that Fabric's pipelines have as well (the comparison of activities)."""

_FABRIC = "https://learn.microsoft.com/fabric"
_COMPARISON = Page(f"{_FABRIC}/data-factory/compare-fabric-data-factory-and-azure-data-factory", "2025-12-19")
_PLANNING = Page(f"{_FABRIC}/data-factory/migrate-planning-azure-data-factory", "2025-08-26")
_CONNECTORS = Page(f"{_FABRIC}/data-factory/connector-parity", "2025-10-02")
_PARAMETERS = Page(f"{_FABRIC}/data-factory/convert-global-parameters-to-variable-libraries", "2026-01-07")
_VAULT = Page(f"{_FABRIC}/data-factory/azure-key-vault-reference-overview", "2025-10-21")
_SPARK_PLANNING = Page(f"{_FABRIC}/data-engineering/synapse-migration-strategy-planning", "")
_SPARK_WORK = Page(f"{_FABRIC}/data-engineering/synapse-migration-spark-workloads", "")
_WAREHOUSE = Page(f"{_FABRIC}/data-warehouse/migrate-with-migration-assistant", "")
_EVENTHOUSE = Page(f"{_FABRIC}/real-time-intelligence/migrate-api-to-eventhouse", "")
_STAY = "keep the pipeline in Data Factory, and call it by the activity Invoke pipeline"
_ACTIVITY = "the activity {type}"
_FLOWS = frozenset({"MappingDataFlow", "Flowlet"})
_POWER_QUERY = "WranglingDataFlow"

_Row = tuple[str, str, Finder, str, str]


def _rules(page: Page, verdict: Verdict, rows: Iterable[_Row]) -> tuple[Rule, ...]:
    return tuple(Rule(name, kind, find, verdict, lacks, instead, page) for name, kind, find, lacks, instead in rows)


_LISTED = (
    *_rules(
        _PLANNING,
        Verdict.DROP,
        (
            ("factory", "factory", whole, "factories", "a workspace of Fabric holds the items"),
            ("cloud-runtime", "integrationRuntime", plain_runtime, "integration runtimes", "none is needed"),
        ),
    ),
    *_rules(
        _PLANNING,
        Verdict.RECREATE,
        (
            ("linked-service", "linkedService", of_type(CONNECTORS | COMPUTES), "linked services", "a connection"),
            (
                "connect-via",
                "linkedService",
                holding("/properties/connectVia"),
                "integration runtimes to connect through",
                "the gateway of the connection; none for what the cloud reaches",
            ),
            ("dataset", "dataset", whole, "datasets", "the same properties inside each activity that uses it"),
            (
                "power-query",
                "dataflow",
                of_type({_POWER_QUERY}),
                "the Power Query of Data Factory",
                "a Dataflow Gen2 with the same M code",
            ),
            ("change-data-capture", "adfcdc", whole, "change data capture as an item", "a Copy job"),
            ("synapse-link", "linkConnection", whole, "Synapse Link", "mirroring"),
            ("schedule", "trigger", of_type({"ScheduleTrigger"}), "schedule triggers", "a schedule of the pipeline"),
            (
                "databricks",
                "pipeline",
                activity("DatabricksJob DatabricksNotebook DatabricksSparkJar DatabricksSparkPython"),
                _ACTIVITY,
                "the activity Azure Databricks",
            ),
            (
                "hdinsight",
                "pipeline",
                activity("HDInsightHive HDInsightMapReduce HDInsightPig HDInsightSpark HDInsightStreaming"),
                _ACTIVITY,
                "the activity HDInsight",
            ),
        ),
    ),
    *_rules(
        _PLANNING,
        Verdict.REWRITE,
        (
            (
                "network-runtime",
                "integrationRuntime",
                holding("/properties/managedVirtualNetwork"),
                "integration runtimes in a managed virtual network",
                "a virtual network data gateway",
            ),
            (
                "data-flow",
                "dataflow",
                of_type(_FLOWS),
                "mapping data flows and flowlets",
                f"a Dataflow Gen2 (Power Query); or {_STAY}",
            ),
            ("custom-event", "trigger", of_type({"CustomEventsTrigger"}), "triggers on custom events", "Activator"),
            (
                "validation",
                "pipeline",
                activity("Validation"),
                _ACTIVITY,
                "Get metadata and If condition, in an Until where it waits",
            ),
        ),
    ),
    *_rules(
        _PLANNING,
        Verdict.MISSING,
        (
            (
                "ssis-runtime",
                "integrationRuntime",
                holding("/properties/typeProperties/ssisProperties"),
                "integration runtimes for SSIS",
                _STAY,
            ),
            ("ssis", "pipeline", activity("ExecuteSSISPackage"), _ACTIVITY, _STAY),
            ("chaining", "trigger", of_type({"ChainingTrigger"}), "triggers on the ends of pipelines", "Activator"),
        ),
    ),
    *_rules(
        _COMPARISON,
        Verdict.RECREATE,
        (
            (
                "self-hosted-runtime",
                "integrationRuntime",
                of_type({"SelfHosted"}),
                "self-hosted integration runtimes",
                "an on-premises data gateway (on Windows, in no container)",
            ),
            (
                "storage-event",
                "trigger",
                of_type({"BlobEventsTrigger", "BlobTrigger"}),
                "triggers on storage events as items",
                "a file event trigger of the pipeline",
            ),
            (
                "power-query-activity",
                "pipeline",
                activity("ExecuteWranglingDataflow"),
                _ACTIVITY,
                "the activity Dataflow Gen2",
            ),
            (
                "notebook-activity",
                "pipeline",
                activity("SynapseNotebook"),
                _ACTIVITY,
                "the activity Notebook, on the notebook made anew in Fabric",
            ),
            (
                "spark-job-activity",
                "pipeline",
                activity("SparkJob"),
                _ACTIVITY,
                "the activity Spark job definition, on the definition made anew in Fabric",
            ),
            ("procedure", "pipeline", activity("SqlPoolStoredProcedure"), _ACTIVITY, "the activity Stored procedure"),
            ("batch", "pipeline", activity("Custom"), _ACTIVITY, "the activity Azure Batch"),
        ),
    ),
    *_rules(
        _COMPARISON,
        Verdict.REWRITE,
        (
            (
                "managed-network",
                "managedVirtualNetwork",
                whole,
                "managed virtual networks",
                "a virtual network data gateway in a network of your own",
            ),
            (
                "managed-private-endpoint",
                "managedPrivateEndpoint",
                whole,
                "private endpoints of a managed network",
                "a virtual network data gateway in the network that has the private endpoint",
            ),
            (
                "tumbling-window",
                "trigger",
                of_type({"TumblingWindowTrigger", "RerunTumblingWindowTrigger"}),
                "tumbling-window triggers as items",
                "an interval schedule of the pipeline",
            ),
            (
                "data-flow-activity",
                "pipeline",
                activity("ExecuteDataFlow"),
                _ACTIVITY,
                "the activity Dataflow Gen2",
            ),
        ),
    ),
    *_rules(
        _COMPARISON,
        Verdict.MISSING,
        (
            (
                "retired",
                "pipeline",
                activity("AzureMLBatchExecution AzureMLUpdateResource DataLakeAnalyticsU-SQL"),
                _ACTIVITY,
                "nothing: its service is retired",
            ),
        ),
    ),
    *_rules(
        _CONNECTORS,
        Verdict.RECREATE,
        (
            (
                "credential",
                "credential",
                whole,
                "credentials as items",
                "the authentication kind of each connection; workspace identity in place of a managed identity",
            ),
        ),
    ),
    *_rules(
        _CONNECTORS,
        Verdict.MISSING,
        (("connector", "linkedService", of_type(LACKING_CONNECTORS), "a connector for {type}", _STAY),),
    ),
    *_rules(
        _PARAMETERS,
        Verdict.RECREATE,
        (
            (
                "global-parameters",
                "factory",
                holding("/properties/globalParameters"),
                "global parameters",
                "a variable library of the workspace",
            ),
            (
                "library-variable",
                "pipeline",
                global_parameter,
                "the global parameter {type}",
                "pipeline().libraryVariables of a variable library",
            ),
        ),
    ),
    *_rules(
        _VAULT,
        Verdict.RECREATE,
        (
            (
                "vault",
                "linkedService",
                of_type({"AzureKeyVault"}),
                "linked services to key vaults",
                "a Key Vault reference, named by the connections that need a secret of it",
            ),
            (
                "vault-secret",
                "linkedService",
                vault_secret,
                "references from a linked service to a secret",
                "a Key Vault reference of the connection (not through a virtual network data gateway)",
            ),
        ),
    ),
    *_rules(
        _SPARK_PLANNING,
        Verdict.RECREATE,
        (
            ("notebook", "notebook", whole, "notebooks of Synapse", "a notebook, by the Spark Migration Assistant"),
            (
                "spark-job",
                "sparkJobDefinition",
                whole,
                "Spark job definitions of Synapse",
                "a Spark job definition, by the Spark Migration Assistant",
            ),
        ),
    ),
    *_rules(
        _SPARK_WORK,
        Verdict.RECREATE,
        (
            ("spark-configuration", "sparkConfiguration", whole, "Spark configurations", "an environment, by hand"),
            ("spark-pool", "bigDataPool", whole, "Spark pools of Synapse", "a pool and its environment"),
            ("lake-database", "database", whole, "lake databases", "schemas of a lakehouse, with shortcuts to tables"),
        ),
    ),
    *_rules(
        _WAREHOUSE,
        Verdict.REWRITE,
        (
            ("sql-pool", "sqlPool", whole, "SQL pools", "a warehouse, by the Migration Assistant"),
            ("sql-script", "sqlscript", whole, "SQL scripts of Synapse", "queries of a warehouse or a lakehouse"),
        ),
    ),
    *_rules(
        _EVENTHOUSE,
        Verdict.RECREATE,
        (("kql-script", "kqlscript", whole, "KQL scripts of Synapse", "queries of an eventhouse"),),
    ),
)

LACKING_ACTIVITIES = frozenset[str]().union(*(each.find.types for each in _LISTED if isinstance(each.find, ActivityOf)))
"""Types of activities that a rule speaks of."""

RULES: tuple[Rule, ...] = (
    *_LISTED,
    *_rules(
        _CONNECTORS,
        Verdict.UNLISTED,
        (
            (
                "other-linked-service",
                "linkedService",
                of_other_type(CONNECTORS | COMPUTES | LACKING_CONNECTORS | {"AzureKeyVault"}),
                "linked services, and says nothing of {type}",
                "look for a connection of that kind",
            ),
        ),
    ),
    *_rules(
        _COMPARISON,
        Verdict.UNLISTED,
        (
            (
                "other-activity",
                "pipeline",
                other_activity(ACTIVITIES | LACKING_ACTIVITIES),
                "anything that is documented of the activity {type}",
                "look for it in the editor of pipelines",
            ),
            (
                "other-data-flow",
                "dataflow",
                of_other_type(_FLOWS | {_POWER_QUERY}),
                "anything that is documented of data flows of type {type}",
                "a Dataflow Gen2 (Power Query)",
            ),
        ),
    ),
)
