"""The types that Azure documents, by kind: whether a name is one, not whether anything here can execute it.

From the discriminators of the REST interfaces of Data Factory and of Synapse:
https://learn.microsoft.com/rest/api/datafactory and https://learn.microsoft.com/rest/api/synapse/data-plane
"""

from __future__ import annotations

from collections.abc import Mapping

ACTIVITIES = frozenset(
    """
    AppendVariable AzureDataExplorerCommand AzureFunctionActivity AzureMLBatchExecution AzureMLExecutePipeline
    AzureMLUpdateResource Copy Custom DataLakeAnalyticsU-SQL DatabricksJob DatabricksNotebook DatabricksSparkJar
    DatabricksSparkPython Delete ExecuteDataFlow ExecutePipeline ExecuteSSISPackage ExecuteWranglingDataflow Fail Filter
    ForEach GetMetadata HDInsightHive HDInsightMapReduce HDInsightPig HDInsightSpark HDInsightStreaming IfCondition
    Lookup Script SetVariable SparkJob SqlPoolStoredProcedure SqlServerStoredProcedure Switch SynapseNotebook Until
    Validation Wait WebActivity WebHook
    """.split()
)
DATASETS = frozenset(
    """
    AmazonMWSObject AmazonRdsForOracleTable AmazonRdsForSqlServerTable AmazonRedshiftTable AmazonS3Object Avro AzureBlob
    AzureBlobFSFile AzureDataExplorerTable AzureDataLakeStoreFile AzureDatabricksDeltaLakeDataset AzureMariaDBTable
    AzureMySqlTable AzurePostgreSqlTable AzureSearchIndex AzureSqlDWTable AzureSqlMITable AzureSqlTable AzureTable
    Binary CassandraTable CommonDataServiceForAppsEntity ConcurObject CosmosDbMongoDbApiCollection
    CosmosDbSqlApiCollection CouchbaseTable CustomDataset Db2Table DelimitedText DocumentDbCollection DrillTable
    DynamicsAXResource DynamicsCrmEntity DynamicsEntity EloquaObject Excel FileShare GoogleAdWordsObject
    GoogleBigQueryObject GoogleBigQueryV2Object GreenplumTable HBaseObject HiveObject HttpFile HubspotObject Iceberg
    ImpalaObject InformixTable JiraObject Json LakehouseTable MagentoObject MariaDBTable MarketoObject
    MicrosoftAccessTable MongoDbAtlasCollection MongoDbCollection MongoDbV2Collection MySqlTable NetezzaTable
    ODataResource OdbcTable Office365Table OracleServiceCloudObject OracleTable Orc Parquet PaypalObject PhoenixObject
    PostgreSqlTable PostgreSqlV2Table PrestoObject QuickBooksObject RelationalTable ResponsysObject RestResource
    SalesforceMarketingCloudObject SalesforceObject SalesforceServiceCloudObject SalesforceServiceCloudV2Object
    SalesforceV2Object SapBwCube SapCloudForCustomerResource SapEccResource SapHanaTable SapOdpResource SapOpenHubTable
    SapTableResource ServiceNowObject ServiceNowV2Object SharePointOnlineListResource ShopifyObject SnowflakeTable
    SnowflakeV2Table SparkObject SqlServerTable SquareObject SybaseTable TeradataTable VerticaTable WarehouseTable
    WebTable XeroObject Xml ZohoObject
    """.split()
)
LINKED_SERVICES = frozenset(
    """
    AmazonMWS AmazonRdsForOracle AmazonRdsForSqlServer AmazonRedshift AmazonS3 AmazonS3Compatible AppFigures Asana
    AzureBatch AzureBlobFS AzureBlobStorage AzureDataExplorer AzureDataLakeAnalytics AzureDataLakeStore AzureDatabricks
    AzureDatabricksDeltaLake AzureFileStorage AzureFunction AzureKeyVault AzureML AzureMLService AzureMariaDB AzureMySql
    AzurePostgreSql AzureSearch AzureSqlDW AzureSqlDatabase AzureSqlMI AzureStorage AzureSynapseArtifacts
    AzureTableStorage Cassandra CommonDataServiceForApps Concur CosmosDb CosmosDbMongoDbApi Couchbase CustomDataSource
    Dataworld Db2 Drill Dynamics DynamicsAX DynamicsCrm Eloqua FileServer FtpServer GoogleAdWords GoogleBigQuery
    GoogleBigQueryV2 GoogleCloudStorage GoogleSheets Greenplum HBase HDInsight HDInsightOnDemand Hdfs Hive HttpServer
    Hubspot Impala Informix Jira Lakehouse Magento MariaDB Marketo MicrosoftAccess MongoDb MongoDbAtlas MongoDbV2 MySql
    Netezza OData Odbc Office365 Oracle OracleCloudStorage OracleServiceCloud Paypal Phoenix PostgreSql PostgreSqlV2
    PowerBIWorkspace Presto QuickBooks Quickbase Responsys RestService Salesforce SalesforceMarketingCloud
    SalesforceServiceCloud SalesforceServiceCloudV2 SalesforceV2 SapBW SapCloudForCustomer SapEcc SapHana SapOdp
    SapOpenHub SapTable ServiceNow ServiceNowV2 Sftp SharePointOnlineList Shopify Smartsheet Snowflake SnowflakeV2 Spark
    SqlServer Square Sybase TeamDesk Teradata Twilio Vertica Warehouse Web Xero Zendesk Zoho
    """.split()
)
TRIGGERS = frozenset(
    """
    BlobEventsTrigger BlobTrigger ChainingTrigger CustomEventsTrigger RerunTumblingWindowTrigger ScheduleTrigger
    TumblingWindowTrigger
    """.split()
)
DATA_FLOWS = frozenset(
    """
    Flowlet MappingDataFlow UDFLibrary WranglingDataFlow
    """.split()
)
COPY_SOURCES = frozenset(
    """
    AmazonMWSSource AmazonRdsForOracleSource AmazonRdsForSqlServerSource AmazonRedshiftSource AvroSource
    AzureBlobFSSource AzureDataExplorerSource AzureDataLakeStoreCosmosStructuredStreamSource AzureDataLakeStoreSource
    AzureDatabricksDeltaLakeSource AzureMariaDBSource AzureMySqlSource AzurePostgreSqlSource AzureSqlSource
    AzureTableSource BinarySource BlobSource CassandraSource CommonDataServiceForAppsSource ConcurSource
    CosmosDbMongoDbApiSource CosmosDbSqlApiSource CouchbaseSource Db2Source DelimitedTextSource
    DocumentDbCollectionSource DrillSource DynamicsAXSource DynamicsCrmSource DynamicsSource EloquaSource ExcelSource
    FileSystemSource GoogleAdWordsSource GoogleBigQuerySource GoogleBigQueryV2Source GreenplumSource HBaseSource
    HdfsSource HiveSource HttpSource HubspotSource ImpalaSource InformixSource JiraSource JsonSource
    LakeHouseTableSource MagentoSource MariaDBSource MarketoSource MicrosoftAccessSource MongoDbAtlasSource
    MongoDbSource MongoDbV2Source MySqlSource NetezzaSource ODataSource OdbcSource Office365Source
    OracleServiceCloudSource OracleSource OrcSource ParquetSource PaypalSource PhoenixSource PostgreSqlSource
    PostgreSqlV2Source PrestoSource QuickBooksSource RelationalSource ResponsysSource RestSource
    SalesforceMarketingCloudSource SalesforceServiceCloudSource SalesforceServiceCloudV2Source SalesforceSource
    SalesforceV2Source SapBwSource SapCloudForCustomerSource SapEccSource SapHanaSource SapOdpSource SapOpenHubSource
    SapTableSource ServiceNowSource ServiceNowV2Source SharePointOnlineListSource ShopifySource SnowflakeSource
    SnowflakeV2Source SparkSource SqlDWSource SqlMISource SqlPoolSource SqlServerSource SqlSource SquareSource
    SybaseSource TeradataSource VerticaSource WarehouseSource WebSource XeroSource XmlSource ZohoSource
    """.split()
)
COPY_SINKS = frozenset(
    """
    AvroSink AzureBlobFSSink AzureDataExplorerSink AzureDataLakeStoreSink AzureDatabricksDeltaLakeSink AzureMySqlSink
    AzurePostgreSqlSink AzureQueueSink AzureSearchIndexSink AzureSqlSink AzureTableSink BinarySink BlobSink
    CommonDataServiceForAppsSink CosmosDbMongoDbApiSink CosmosDbSqlApiSink DelimitedTextSink DocumentDbCollectionSink
    DynamicsCrmSink DynamicsSink FileSystemSink IcebergSink InformixSink JsonSink LakeHouseTableSink MicrosoftAccessSink
    MongoDbAtlasSink MongoDbV2Sink OdbcSink OracleSink OrcSink ParquetSink RestSink SalesforceServiceCloudSink
    SalesforceServiceCloudV2Sink SalesforceSink SalesforceV2Sink SapCloudForCustomerSink SnowflakeSink SnowflakeV2Sink
    SqlDWSink SqlMISink SqlPoolSink SqlServerSink SqlSink TeradataSink WarehouseSink
    """.split()
)
UNDESCRIBED: Mapping[str, frozenset[str]] = {
    "credential": frozenset({"UserAuth"}),
    "dataset": frozenset(
        {"AzureDataLakeStoreCosmosStructuredStreamFile", "SapCDCDataset", "SapOdpDataset", "SqlPoolTable"}
    ),
    "integrationRuntime": frozenset({"Airflow"}),
    "linkedService": frozenset(
        {
            "AdobeIntegration",
            "AzureDataLakeStoreCosmosStructuredStream",
            "AzureTrino",
            "CognitiveService",
            "EventHubs",
            "GitHub",
            "Kusto",
            "SapCDC",
            "SharePointOnlineFile",
        }
    ),
}
"""By kind of artifact: types that Studio writes and the interfaces do not describe, so that nothing in them is checked.

Dedicated SQL pools, AI services, GitHub as a store of Common Data Model corpora, Adobe as a store of data flows,
managed Airflow, previews:
https://learn.microsoft.com/azure/synapse-analytics/machine-learning/tutorial-configure-cognitive-services-synapse
https://learn.microsoft.com/azure/data-factory/format-common-data-model
https://learn.microsoft.com/azure/data-factory/data-flow-troubleshoot-errors (DF-AdobeIntegration-…)
"""
TYPES: Mapping[str, frozenset[str]] = {
    "credential": frozenset({"ManagedIdentity", "ServicePrincipal"}) | UNDESCRIBED["credential"],
    "dataflow": DATA_FLOWS,
    "dataset": DATASETS | UNDESCRIBED["dataset"],
    "integrationRuntime": frozenset({"Managed", "SelfHosted"}) | UNDESCRIBED["integrationRuntime"],
    "linkedService": LINKED_SERVICES | UNDESCRIBED["linkedService"],
    "trigger": TRIGGERS,
}
"""By kind of artifact: the types that its properties may have; upper and lower case are one."""
