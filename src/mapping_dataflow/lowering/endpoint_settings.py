"""The properties of sources and sinks that are known, by what they are about.

``*_OF_STORES`` say where and how a service keeps or serves the data (a table, a page size, a retry): they are taken by
name and change no row, since whoever runs the flow says where the data is. The others are for readers and writers.
"""

from __future__ import annotations

_FORMATS = frozenset(
    """format columnDelimiter rowDelimiter quoteChar escapeChar columnNamesAsHeader nullValue encoding
    compressionCodec compressionType compressionLevel documentForm sheetName sheetIndex range
    firstRowAsHeader""".split()
)
_PLACES = frozenset("fileSystem container folderPath fileName store".split())
_TABLES = frozenset("tableName schemaName database databaseType".split())
_SERVICES = frozenset(
    """staged stagedInsert manifestType manifestName entity entityPath corpusStore corpusPath localEntity
    adlsgen2Account resourceName namespace namespaceQualifier context objectName readMode httpMethod
    requestInterval timeout additionalHeaders throughput batchSize keyspace collection linkedService""".split()
)

SOURCE_OF_STORES = _SERVICES | frozenset(
    """isolationLevel keys partitionPredicates filterMap queryParameters paginationRules responseFormat
    lastEventPosition enableCdc skipInitialLoad timeZone pageSize preferredRegions changeFeed
    changeFeedStartFromTheBeginning""".split()
)
SOURCE_SETTINGS = (
    _FORMATS
    | _PLACES
    | _TABLES
    | frozenset(
        """allowSchemaDrift validateSchema inferDriftedColumnTypes ignoreNoFilesFound rowUrlColumn wildcardPaths
        partitionRootPath fileList multiLineRow skipLines limit moveFiles purgeFiles modifiedAfter
        modifiedBefore singleDocument unquotedColumnNames asComments singleQuoted backslashEscape useSchema
        dateFormats timestampFormats preferredIntegralType preferredFractionalType fixDecimalPrecision query
        versionAsOf timestampAsOf namespaces validationMode attributePrefix valuePropertyName""".split()
    )
)
SOURCE_MOMENTS = frozenset({"modifiedAfter", "modifiedBefore"})
"""Properties of sources that may depend on the clock of the run."""

SINK_OF_STORES = _SERVICES | frozenset(
    """optimizedWrite autoCompact partitionKey excludeFields alternateKeyName errorHandlingOption
    reportSuccessOnError transactionCommit""".split()
)
SINK_COMMANDS = frozenset({"preCommands", "postCommands", "preSQLs", "postSQLs"})
"""Properties of sinks that must be empty: nothing here runs commands of a store."""
SINK_SETTINGS = (
    _FORMATS
    | _PLACES
    | _TABLES
    | frozenset(
        """allowSchemaDrift validateSchema partitionFileNames filePattern rowUrlColumn rowFolderUrlColumn truncate
        umask quoteAll header saveOrder insertable updateable deletable upsertable keys recreate overwrite
        mergeSchema vacuum output outputAssertFailedRows ignoreAssertFailedRows assertFailure_container
        assertFailure_fileSystem assertFailure_folderPath""".split()
    )
)
