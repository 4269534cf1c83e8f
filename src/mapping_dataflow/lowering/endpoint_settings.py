"""The properties of sources and sinks that are known, by what they are about.

``*_WITHOUT_EFFECT`` are taken by name and change no row, each for a reason; all others are read by somebody or refused.
"""

from __future__ import annotations

from collections.abc import Mapping

_FORMATS = frozenset(
    """format columnDelimiter rowDelimiter quoteChar qutoChar escapeChar columnNamesAsHeader nullValue encoding
    encodingName compressionCodec compressionType documentForm firstRowAsHeader""".split()
)
_PLACES = frozenset("fileSystem container folderPath fileName store".split())
_TABLES = frozenset("tableName schemaName".split())


def _reasons(*given: tuple[str, str]) -> dict[str, str]:
    return {name: reason for reason, names in given for name in names.split()}


_WITHOUT_EFFECT = _reasons(
    ("compression is as strong or weak as it likes, the rows are the same", "compressionLevel"),
    (
        "rows are staged on their way to or from a service, and arrive unchanged",
        """staged stagedInsert stageInsert stagingSchemaName stagingDatabaseName storageContainer storageFolderPath
        allowCopyCommand""",
    ),
    (
        "they say where a service keeps the data; whoever runs the flow says where it is",
        """database databaseType manifestType manifestName entity entityId entityPath corpusStore corpusPath localEntity
        adlsgen2Account adlsgen2_fileSystem github_repository github_branch local resourceName namespace
        namespaceQualifier context objectName keyspace collection linkedService entityType subformat partitionPath""",
    ),
    (
        "they say how a service is talked to, which is over when its rows are there",
        """readMode httpMethod insertHttpMethod updateHttpMethod upsertHttpMethod deleteHttpMethod requestInterval
        timeout httpRequestTimeout httpCompressionType additionalHeaders headers throughput batchSize requestFormat""",
    ),
)
SOURCE_WITHOUT_EFFECT: Mapping[str, str] = _WITHOUT_EFFECT | _reasons(
    ("nobody writes while a local run reads", "isolationLevel"),
    (
        "a service answers with the rows that they choose; the rows that are given are that answer",
        """keys partitionPredicates filterMap queryParameters body timeZone preferredRegions systemColumns procedureName
        inputs resultSet requestMethod relativeUrl""",
    ),
    ("a container has the same rows in its store for transactions and in that for analyses", "storeType"),
    ("a service reads a table in parts by them, which make the whole", "partitionColumn numPartitions"),
    ("rows have as many columns as they have", "maxColumns"),
    (
        "the pages of an answer are its rows one after the other, in whatever form they came",
        "paginationRules responseFormat pageSize",
    ),
    (
        "a local run is the first one, which reads everything",
        """lastEventPosition enableCdc enableNativeCdc netChanges mode waterMarkColumn changeFeed enableChangeFeed
        changeFeedStartFromTheBeginning captureIntermediateUpdate captureUserDeletes captureTxnTTLDeletes""",
    ),
    ("decimals have the precision that the data says", "fixDecimalPrecision"),
)
SOURCE_OF_STORE: Mapping[str, frozenset[str]] = {
    "asana": frozenset({"workspaceId"}),
    "dataworld": frozenset({"datasetId", "owner", "tableId"}),
    "googlesheets": frozenset({"endCell", "spreadSheetId", "startCell"}),
    "quickbase": frozenset({"report", "table"}),
    "teamdesk": frozenset({"table", "view"}),
    "twilio": frozenset({"from", "resource", "to"}),
}
"""By store, in small letters: properties that choose the rows of a service's answer.

They change nothing, since the rows that are given are that answer; elsewhere they are unknown."""
SOURCE_COMMANDS = frozenset({"preSQLs"})
"""Properties of sources that must be empty: nothing here runs commands before it reads."""
SOURCE_REFUSED = {
    "useSchema": "the schema of the files is always read; the projection converts their columns",
    "skipInitialLoad": "a local run is the first one, and would read nothing",
}
"""Properties of sources that may be false alone, and why."""
SOURCE_SETTINGS = (
    _FORMATS
    | _PLACES
    | _TABLES
    | frozenset(
        """allowSchemaDrift validateSchema inferDriftedColumnTypes ignoreNoFilesFound rowUrlColumn wildcardPaths
        partitionRootPath fileList multiLineRow skipLines limit moveFiles purgeFiles modifiedAfter
        modifiedBefore singleDocument unquotedColumnNames asComments singleQuoted backslashEscape
        dateFormats timestampFormats booleanFormat
        preferredIntegralType preferredFractionalType query sheetName sheetIndex range
        versionAsOf timestampAsOf namespaces namespacePrefixes
        validationMode attributePrefix valuePropertyName""".split()
    )
    | SOURCE_REFUSED.keys()
)
SOURCE_MOMENTS = frozenset({"modifiedAfter", "modifiedBefore"})
"""Properties of sources that are times, and may depend on the clock of the run."""
_PLACES_OF_RUN = (_PLACES | _TABLES) - {"store"}
SOURCE_PLACES_OF_RUN = _PLACES_OF_RUN | {"wildcardPaths", "partitionRootPath", "moveFiles", "query"}
"""Properties of sources that say where rows are, and may depend on the clock of the run."""

SINK_WITHOUT_EFFECT: Mapping[str, str] = _WITHOUT_EFFECT | _reasons(
    ("files of a Delta table are as large as they are, and old ones stay", "optimizedWrite autoCompact vacuum"),
    ("a service spreads its rows over its machines by it", "partitionKey"),
    (
        "a service knows its rows and fields by them",
        "excludeFields alternateKeyName rowRelativeUrl skipRowRelativeUrl queryParameters",
    ),
    ("a sink is always one transaction, in no batches", "transactionCommit writeBatchSize"),
    ("whether a store is a cache is what says that rows stay in the flow", "output"),
)
SINK_PLACES_OF_RUN = _PLACES_OF_RUN | frozenset(
    """assertFailure_container assertFailure_fileSystem assertFailure_folderPath filePattern partitionFileNames
    rejectedData_container rejectedData_fileSystem rejectedData_folderPath""".split()
)
"""Properties of sinks that name files or say where rows go, and may depend on the clock of the run."""
SINK_COMMANDS = frozenset({"preCommands", "postCommands"})
"""Properties of sinks that must be empty: nothing here runs commands of a file system."""
SINK_SETTINGS = (
    _FORMATS
    | _PLACES
    | _TABLES
    | frozenset(
        """allowSchemaDrift validateSchema partitionFileNames filePattern rowUrlColumn rowFolderUrlColumn truncate
        saveMode umask quoteAll header saveOrder insertable updateable deletable upsertable keys recreate overwrite
        deltaTruncate pruneCondition mergeSchema
        outputAssertFailedRows ignoreAssertFailedRows assertFailure_container assertFailure_fileSystem
        assertFailure_folderPath errorHandlingOption outputRejectedData rejectedData_container rejectedData_fileSystem
        rejectedData_folderPath reportSuccessOnError preSQLs postSQLs skipKeyWrites dateFormat timestampFormat
        booleanFormat emptyLinesAsHeader""".split()
    )
)
