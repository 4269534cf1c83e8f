"""Every setting of sources and sinks that is accepted changes what is read or written, is refused, or says why not."""

from __future__ import annotations

import gzip
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from dataflow_bench import document_of
from deltalake import write_deltalake

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.local_sinks import stage_sink
from dataflow_execution.local_sources import open_source
from dataflow_execution.sources import Reading
from dataflow_execution.writers.file_formats import Rows
from mapping_dataflow import MappingDataFlowErrors, SourceSchema, compile_flow, required_sources
from mapping_dataflow.lowering.endpoint_settings import (
    SINK_COMMANDS,
    SINK_SETTINGS,
    SINK_WITHOUT_EFFECT,
    SOURCE_COMMANDS,
    SOURCE_OF_STORE,
    SOURCE_SETTINGS,
    SOURCE_WITHOUT_EFFECT,
)

ROOT = Path(__file__).parents[2]
TABLES = "tests/local_azure/synapse_workspace/test_data_flow_tables.py"
DATA_FLOWS = "tests/local_azure/synapse_workspace/test_data_flows.py"
CSV = "format: 'delimited', columnNamesAsHeader: true"


@dataclass(frozen=True)
class Case:
    """A setting beside others, and the data that shows it: a file's content, or what makes the place."""

    setting: str
    others: str = CSV
    data: str | bytes | Callable[[Path], None] = "a,b\n1,x\n2,y\n"
    name: str = "data"


def _delta(place: Path) -> None:
    for value in (1, 2):
        write_deltalake(place, pa.table({"a": [value]}), mode="append")


def _list(place: Path) -> None:
    _file(place, "a.csv\n")
    _file(place.parent / "a.csv", "a\n1\n")


def _database(place: Path) -> None:
    with duckdb.connect(str(place)) as connection:
        connection.execute("CREATE TABLE rows AS SELECT 1 AS a; CREATE TABLE other AS SELECT 2 AS b")
        connection.execute("CREATE SCHEMA more; CREATE TABLE more.rows AS SELECT 3 AS c")


def _xml(setting: str) -> Case:
    return Case(setting, "format: 'xml'", '<r xmlns:n="u"><n:a b="1">t</n:a></r>', "data.xml")


def _table(setting: str) -> Case:
    return Case(setting, "format: 'table'", _database, "data.duckdb")


NUMBERS = f"{CSV}, allowSchemaDrift: true, inferDriftedColumnTypes: true"
SOURCES = {
    "format": Case("format: 'json'", ""),
    "columnDelimiter": Case("columnDelimiter: 'x'"),
    "rowDelimiter": Case("rowDelimiter: '|'"),
    "quoteChar": Case("quoteChar: 'x'", data="a\nx1x\n"),
    "qutoChar": Case("qutoChar: 'x'", data="a\nx1x\n"),
    "escapeChar": Case("escapeChar: '\"'", data='a\n"1""2"\n'),
    "columnNamesAsHeader": Case("columnNamesAsHeader: true", "format: 'delimited'"),
    "firstRowAsHeader": Case("firstRowAsHeader: true", "format: 'delimited'"),
    "nullValue": Case("nullValue: 'x'"),
    "encoding": Case("encoding: 'ISO-8859-1'", data="a\né\n"),
    "encodingName": Case("encodingName: 'ISO-8859-1'", data="a\né\n"),
    "compressionCodec": Case("compressionCodec: 'gzip'", data=gzip.compress(b"a\n1\n")),
    "compressionType": Case("compressionType: 'gzip'", data=gzip.compress(b"a\n1\n")),
    "documentForm": Case("documentForm: 'arrayOfDocuments'", "format: 'json'", '[{"a": 1},\n{"a": 2}]', "data.json"),
    "singleDocument": Case("singleDocument: true", "format: 'json'", '{"a":\n1}', "data.json"),
    "unquotedColumnNames": Case("unquotedColumnNames: true", "format: 'json'", "{a: 1}"),
    "asComments": Case("asComments: true", "format: 'json'", '{"a": 1} // one'),
    "singleQuoted": Case("singleQuoted: true", "format: 'json'", "{'a': 1}"),
    "backslashEscape": Case("backslashEscape: true", "format: 'json'", '{"a": "\\d"}'),
    "namespaces": _xml("namespaces: false"),
    "namespacePrefixes": _xml("namespacePrefixes: ['u' -> 'p']"),
    "validationMode": _xml("validationMode: 'xsd'"),
    "attributePrefix": _xml("attributePrefix: '_'"),
    "valuePropertyName": _xml("valuePropertyName: 'value'"),
    "versionAsOf": Case("versionAsOf: 0", "format: 'delta'", _delta),
    "timestampAsOf": Case("timestampAsOf: '1999-01-01T00:00:00Z'", "format: 'delta'", _delta),
    "tableName": _table("tableName: 'other'"),
    "schemaName": _table("schemaName: 'more'"),
    "query": _table("query: 'SELECT b FROM other'"),
    "allowSchemaDrift": Case("allowSchemaDrift: true", f"{CSV}, output(a as string)"),
    "validateSchema": Case("validateSchema: true", f"{CSV}, output(c as string)"),
    "inferDriftedColumnTypes": Case("inferDriftedColumnTypes: true", f"{CSV}, allowSchemaDrift: true"),
    "dateFormats": Case("dateFormats: ['d.M.yyyy']", f"{CSV}, output(a as date)", "a\n1.2.2020\n"),
    "booleanFormat": Case("booleanFormat: ['x', 'y']", f"{CSV}, output(b as boolean)"),
    "timestampFormats": Case("timestampFormats: ['yyyyMMddHH']", f"{CSV}, output(a as timestamp)", "a\n2020010203\n"),
    "preferredIntegralType": Case("preferredIntegralType: 'long'", NUMBERS),
    "preferredFractionalType": Case("preferredFractionalType: 'decimal'", NUMBERS, "a\n1.5\n"),
    "useSchema": Case("useSchema: true"),
    "skipInitialLoad": Case("skipInitialLoad: true"),
    "ignoreNoFilesFound": Case("ignoreNoFilesFound: true", data=Path.mkdir),
    "rowUrlColumn": Case("rowUrlColumn: 'path'"),
    "partitionRootPath": Case("partitionRootPath: ''", data=lambda place: _file(place / "c=1" / "data", "a\n1\n")),
    "fileList": Case("fileList: true", data=_list),
    "multiLineRow": Case("multiLineRow: true", data='a,b\n"1\n2",3\n' * 2),
    "skipLines": Case("skipLines: 1"),
    "limit": Case("limit: 1"),
    "modifiedAfter": Case("modifiedAfter: toTimestamp('2999-01-01 00:00:00')"),
    "modifiedBefore": Case("modifiedBefore: toTimestamp('1999-01-01 00:00:00')"),
    "preSQLs": Case("preSQLs: ['SELECT 1']"),
}
"""Whatever a setting is about, what comes out with it is something else than without it."""

ROWS = "source(output(a as integer, b as string), allowSchemaDrift: true) ~> in\n"
MARKS = "derive(b = 'new') ~> new\nnew alterRow(upsertIf(a == 1), updateIf(a == 2)) ~> marked\nmarked "
ASSERTED = "assert(expectTrue(a == 1, false, 'one', null, 'no')) ~> tested\ntested "
DATED = "derive(t = toTimestamp(a * 1000L), d = toDate(toTimestamp(a * 1000L)), f = a > 1) ~> more\nmore "
KEYED = "insertable: true, keys: ['a'], "
SINKS = {
    "format": Case("format: 'json'"),
    "columnDelimiter": Case("columnDelimiter: '|'"),
    "rowDelimiter": Case("rowDelimiter: '\\r\\n'"),
    "quoteChar": Case("quoteChar: 'x'"),
    "qutoChar": Case("qutoChar: 'x'"),
    "escapeChar": Case("escapeChar: 'y'", f"{CSV}, quoteAll: true"),
    "columnNamesAsHeader": Case("columnNamesAsHeader: true", "format: 'delimited'"),
    "firstRowAsHeader": Case("firstRowAsHeader: true", "format: 'delimited'"),
    "nullValue": Case("nullValue: 'none'"),
    "encoding": Case("encoding: 'UTF-16'"),
    "encodingName": Case("encodingName: 'UTF-16'"),
    "compressionCodec": Case("compressionCodec: 'gzip'"),
    "compressionType": Case("compressionType: 'gzip'"),
    "documentForm": Case("documentForm: 'arrayOfDocuments'", "format: 'json'"),
    "tableName": Case("tableName: 'other'", "format: 'table'", name="out.duckdb"),
    "schemaName": Case("schemaName: 'other'", "format: 'table'", name="out.duckdb"),
    "allowSchemaDrift": Case("allowSchemaDrift: false"),
    "validateSchema": Case(
        "validateSchema: true", "format: 'table', input(a as integer, z as string)", name="out.duckdb"
    ),
    "partitionFileNames": Case("partitionFileNames: ['x']"),
    "filePattern": Case("filePattern: 'x[n]'"),
    "rowUrlColumn": Case("rowUrlColumn: 'a'"),
    "rowFolderUrlColumn": Case("rowFolderUrlColumn: 'a'"),
    "truncate": Case("truncate: true"),
    "saveMode": Case("saveMode: 'overwrite'"),
    "overwrite": Case("overwrite: true"),
    "umask": Case("umask: 0077"),
    "quoteAll": Case("quoteAll: true"),
    "header": Case("header: ['x', 'y']"),
    "dateFormat": Case("dateFormat: 'd.M.yyyy'", CSV, DATED),
    "timestampFormat": Case("timestampFormat: 'HH'", "format: 'json'", DATED),
    "booleanFormat": Case("booleanFormat: ['1', '0']", CSV, DATED),
    "emptyLinesAsHeader": Case("emptyLinesAsHeader: 1"),
    "insertable": Case("insertable: false"),
    "updateable": Case("updateable: true", f"{KEYED}format: 'table'", MARKS, "out.duckdb"),
    "upsertable": Case("upsertable: true", f"{KEYED}format: 'table'", MARKS, "out.duckdb"),
    "deletable": Case("deletable: true", "format: 'table', insertable: true", MARKS, "out.duckdb"),
    "keys": Case("keys: ['a']", "format: 'table', insertable: true, upsertable: true", MARKS, "out.duckdb"),
    "recreate": Case("recreate: true", "format: 'table'", "derive(d = 1) ~> more\nmore ", name="out.duckdb"),
    "deltaTruncate": Case("deltaTruncate: true", "format: 'delta'"),
    "pruneCondition": Case(
        "pruneCondition: ['a' -> ([7])]", f"format: 'table', {KEYED}upsertable: true", MARKS, "out.duckdb"
    ),
    "mergeSchema": Case("mergeSchema: true", "format: 'delta'", "derive(d = 1) ~> more\nmore "),
    "outputAssertFailedRows": Case("outputAssertFailedRows: true", CSV, ASSERTED),
    "ignoreAssertFailedRows": Case("ignoreAssertFailedRows: true", CSV, ASSERTED),
    "errorHandlingOption": Case("errorHandlingOption: 'allowErrors'"),
    "skipKeyWrites": Case("skipKeyWrites: true", f"{KEYED}format: 'table'", name="out.duckdb"),
    "preSQLs": Case("preSQLs: ['SELECT 1']"),
    "postSQLs": Case("postSQLs: ['SELECT 1']"),
    "preCommands": Case("preCommands: ['rm x']"),
    "postCommands": Case("postCommands: ['rm x']"),
}
PLACES = {"fileSystem", "container", "folderPath", "fileName", "store"}
"""Where an inline dataset is: local Azure looks there, a local run is told the place; `store` also makes caches."""
READERS = "tests/dataflow_execution/test_readers.py"
ELSEWHERE = {
    **dict.fromkeys(("sheetName", "sheetIndex", "range"), READERS),
    **dict.fromkeys(("moveFiles", "purgeFiles", "wildcardPaths"), DATA_FLOWS),
    **dict.fromkeys(("assertFailure_fileSystem", "assertFailure_container", "assertFailure_folderPath"), DATA_FLOWS),
    **dict.fromkeys(("rejectedData_fileSystem", "rejectedData_container", "rejectedData_folderPath"), TABLES),
    "saveOrder": "tests/mapping_dataflow/test_requests.py",
    **dict.fromkeys(("outputRejectedData", "reportSuccessOnError"), "tests/dataflow_execution/test_postgres_tables.py"),
    "skipDuplicateMapOutputs": "tests/fixtures/dataflow/sink_mapping.dfs",
}
"""Settings that local Azure or PostgreSQL alone follow, and formats that a test must make by hand: the test's file."""


def test_every_accepted_setting_is_shown_refused_or_has_a_reason() -> None:
    source = (SOURCE_SETTINGS | SOURCE_COMMANDS) - PLACES
    assert source - ELSEWHERE.keys() == SOURCES.keys() & source
    assert SOURCES.keys() - source == set()
    sink = (SINK_SETTINGS | SINK_COMMANDS) - PLACES
    assert sink - ELSEWHERE.keys() == SINKS.keys() & sink
    for without in (SOURCE_WITHOUT_EFFECT, SINK_WITHOUT_EFFECT):
        assert all(len(reason) > 20 for reason in without.values())
    assert SOURCE_SETTINGS & SOURCE_WITHOUT_EFFECT.keys() == sink & SINK_WITHOUT_EFFECT.keys() == set()


@pytest.mark.parametrize(("name", "file"), sorted(ELSEWHERE.items()))
def test_a_setting_that_another_test_shows_is_in_its_file(name: str, file: str) -> None:
    assert name in (ROOT / file).read_text(encoding="utf-8")


def _file(place: Path, data: str | bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data if isinstance(data, bytes) else data.encode())


def _read(case: Case, settings: str, place: Path) -> Any:
    """What a source gives: columns and rows, or its error."""
    if callable(case.data):
        case.data(place)
    else:
        _file(place, case.data)
    document = document_of(f"source({settings}) ~> rows\nrows sink() ~> out")
    try:
        with duckdb.connect() as connection:
            request = required_sources(document)[0]
            schema = open_source(connection, request, str(place), None, "read", Reading(place.parent / "read"))
            sink = compile_flow(document, {"rows": schema}).sinks[0]
            return sink.columns, connection.execute(sink.sql).fetchall()
    except (DataFlowRunError, MappingDataFlowErrors, duckdb.Error) as error:
        return str(error).replace(str(place.parent), "")


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_setting_of_a_source_changes_what_is_read(name: str, tmp_path: Path) -> None:
    case = SOURCES[name]
    with_it = ", ".join(filter(None, [case.setting, case.others]))
    places = [tmp_path / part / case.name for part in ("with", "without")]
    for place in places:
        place.parent.mkdir()
    assert _read(case, with_it, places[0]) != _read(case, case.others, places[1])


SERVICES = (
    "store: 'asana', format: 'rest', workspaceId: '9876', entityId: '1234', entityType: 'teams'",
    "store: 'cosmosDB', format: 'document', container: 'c', storeType: 'olap', enableChangeFeed: true,"
    " captureIntermediateUpdate: false, captureUserDeletes: true, captureTxnTTLDeletes: true",
    "store: 'dataworld', format: 'rest', owner: 'owner1', datasetId: 'dataset1', tableId: 'MyTable'",
    "format: 'cdm', corpusStore: 'github', github_repository: 'CDM', github_branch: 'main', entity: 'e'",
    "store: 'googlesheets', format: 'rest', spreadSheetId: 'id', startCell: 'A2', endCell: 'F10', sheetName: 'Sheet1'",
    "store: 'hive', format: 'table', schemaName: 'default', tableName: 'sample', staged: true, preSQLs: [],"
    " storageContainer: 'khive', storageFolderPath: '', stagingDatabaseName: 'default'",
    "store: 'quickbase', format: 'rest', table: 'Table', report: 'Report'",
    "format: 'rest', requestMethod: 'GET', relativeUrl: 'rows', httpRequestTimeout: '00:01:40', requestInterval: 10",
    "store: 'teamdesk', format: 'rest', table: 'Table', view: 'View'",
    "store: 'twilio', format: 'rest', resource: 'Messages', from: '+17755425856', to: '+17755425857'",
)
"""Sources of services as the pages of their connectors show them."""


@pytest.mark.parametrize("settings", SERVICES)
def test_a_source_of_a_service_reads_the_rows_that_are_given(settings: str, tmp_path: Path) -> None:
    _, rows = _read(Case("", name="data.csv"), f"allowSchemaDrift: true, {settings}", tmp_path / "data.csv")
    assert rows == [("1", "x"), ("2", "y")]


@pytest.mark.parametrize("store", sorted(SOURCE_OF_STORE))
def test_what_one_service_calls_its_rows_is_unknown_of_others(store: str) -> None:
    for name in SOURCE_OF_STORE[store]:
        with pytest.raises(MappingDataFlowErrors, match=f"source does not support the property {name!r}"):
            required_sources(document_of(f"source({name}: 'x', store: 'sqlserver') ~> rows\nrows sink() ~> out"))


def _written(case: Case, settings: str, folder: Path) -> Any:
    """What a sink leaves in a folder where something is: the content of each file, or its error."""
    place = folder / (case.name if case.name != "data" else "out")
    before = case.data if isinstance(case.data, str) and case.data != Case("").data else ""
    try:
        with duckdb.connect() as connection:
            connection.execute("CREATE TABLE given AS SELECT 1 AS a, 'x' AS b, 'm\"ore' AS c")
            connection.execute("INSERT INTO given VALUES (2, NULL, 'more')")
            given = SourceSchema({"a": "integer", "b": "string", "c": "string"}, "given")
            earlier, later = (
                compile_flow(document_of(text), {"in": given}).sinks[0]
                for text in (f"{ROWS}in sink({_kept(case)}) ~> out", f"{ROWS}in {before}sink({settings}) ~> out")
            )
            stage_sink(connection, earlier, Rows(earlier.sql), place, None, folder / "staged").publish()
            if not place.suffix:
                _file(place / "old.txt", "old")
            stage_sink(connection, later, Rows(later.sql), place, None, folder / "staged").publish()
            return _content(folder, place)
    except (DataFlowRunError, MappingDataFlowErrors, duckdb.Error) as error:
        return str(error).replace(str(folder), "")


def _kept(case: Case) -> str:
    """The settings of the sink that wrote before: of a table, rows are added to those that it left."""
    return case.others if "table" in case.others or "delta" in case.others else CSV


def _content(folder: Path, place: Path) -> Any:
    if place.suffix == ".duckdb":
        with duckdb.connect(str(place)) as database:
            tables = database.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
            return {name: sorted(database.execute(f"FROM {name}").fetchall(), key=str) for (name,) in tables}
    return {
        file.relative_to(folder): (file.read_bytes(), stat.filemode(file.stat().st_mode))
        for file in sorted(folder.rglob("*"))
        if "staged" not in file.parts and file.is_file()
    }


@pytest.mark.parametrize("name", sorted(SINKS))
def test_a_setting_of_a_sink_changes_what_is_written(name: str, tmp_path: Path) -> None:
    case = SINKS[name]
    with_it = ", ".join(filter(None, [case.setting, case.others]))
    folders = [tmp_path / part for part in ("with", "without")]
    for folder in folders:
        folder.mkdir()
    assert _written(case, with_it, folders[0]) != _written(case, case.others, folders[1])
