"""Tables as sinks of data flows: what the workspace's identity may do, what each kind of row does, what fails whole."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from activity_bench import ActivityBench, dataset, make_activity_bench, write_samples

from sample_data.postgres_server import postgres_server
from sample_data.source_database import load_postgresql

READ = "source(output(id as integer, name as string), allowSchemaDrift: false, ignoreNoFilesFound: false) ~> a\n"
INSERTED = READ + "a sink(%s) ~> b"
CHANGED = (
    READ
    + "a alterRow(deleteIf(name == 'gone'), upsertIf(name != 'gone')) ~> c\n"
    + "c sink(insertable: false, updateable: false, deletable: true, upsertable: true, keys: ['id']) ~> b"
)
ALL = "CREATE USER [{0}] FROM EXTERNAL PROVIDER; ALTER ROLE db_owner ADD MEMBER [{0}]"
USER = "CREATE USER [{0}] FROM EXTERNAL PROVIDER; ALTER ROLE db_datareader ADD MEMBER [{0}]; "


@pytest.fixture(scope="module", params=["embedded", "server"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActivityBench]:
    """A stand-in whose database is embedded, and one whose database is a PostgreSQL server."""
    samples = write_samples(tmp_path_factory.mktemp("samples"))
    if request.param == "embedded":
        found = make_activity_bench(tmp_path_factory.mktemp("azure"), samples)
        yield found
        found.bench.azure.stop()
        return
    with postgres_server() as address:
        load_postgresql(address, samples)
        found = make_activity_bench(tmp_path_factory.mktemp("azure"), samples, address)
        yield found
        found.bench.azure.stop()


@pytest.fixture
def flows(shared: ActivityBench) -> ActivityBench:
    """The stand-in with an empty lake and nobody let into the database."""
    shared.lake.clear()
    script(shared, "DROP USER IF EXISTS [{0}]")
    return shared


@pytest.fixture
def table() -> str:
    """The name of a table of a test's own."""
    return f"t{uuid.uuid4().hex[:8]}"


def script(flows: ActivityBench, text: str) -> None:
    administrator = flows.bench.principal("database-administrator")
    flows.bench.service.databases.execute_grant_script("srv", "db", text.format(flows.bench.name), administrator)


def rows(flows: ActivityBench, table: str, folder: Path) -> list[list[Any]]:
    target = folder / f"{uuid.uuid4()}.parquet"
    principal = flows.bench.principal("database-administrator")
    query = f"SELECT * FROM [dbo].[{table}] ORDER BY [id]"
    found = flows.bench.service.databases.query("srv", "db", principal, query, target)
    return [list(row.values()) for row in pq.read_table(found.file).to_pylist()]


def run(flows: ActivityBench, text: str, content: str, table: str, **sink: Any) -> dict[str, Any]:
    """An activity that runs a flow from a file of rows into a table."""
    flows.lake.files["raw/in/1.csv"] = f"id,name\n{content}".encode()
    properties = {
        "sources": [{"name": "a", "dataset": dataset("csv")}],
        "sinks": [{"name": "b", **(sink or {"dataset": dataset("table")})}],
        "transformations": [],
        "scriptLines": text.splitlines(),
    }
    answer = flows.bench.put("/dataflows/flow", {"type": "MappingDataFlow", "typeProperties": properties})
    assert answer.status == 200, answer.content()
    reference = {"referenceName": "flow", "type": "DataFlowReference", "datasetParameters": {"a": {"folder": "in"}}}
    if not sink:
        reference["datasetParameters"]["b"] = {"table": table}  # type: ignore[index]
    compute = {"coreCount": 8, "computeType": "General"}
    return {
        "name": "Flow",
        "type": "ExecuteDataFlow",
        "typeProperties": {"dataflow": reference, "compute": compute, "traceLevel": "None"},
    }


def test_rows_are_inserted_changed_and_deleted(flows: ActivityBench, table: str, tmp_path: Path) -> None:
    script(flows, ALL)
    output = flows.output(run(flows, INSERTED % "recreate: true", "1,Ann\n2,Bo\n3,Cy\n", table))
    metrics = output["runStatus"]["metrics"]["b"]
    assert (metrics["rowsWritten"], metrics["store"]) == (3, "sqlserver")
    assert rows(flows, table, tmp_path) == [[1, "Ann"], [2, "Bo"], [3, "Cy"]]
    flows.output(run(flows, CHANGED, "1,gone\n2,Bob\n4,Di\n", table))
    assert rows(flows, table, tmp_path) == [[2, "Bob"], [3, "Cy"], [4, "Di"]]
    flows.output(run(flows, INSERTED % "truncate: true", "7,Ed\n", table))
    assert rows(flows, table, tmp_path) == [[7, "Ed"]]


def test_a_statement_describes_its_table_itself(flows: ActivityBench, table: str, tmp_path: Path) -> None:
    script(flows, ALL)
    service = {"linkedService": {"referenceName": "sql", "type": "LinkedServiceReference"}}
    sink = f"format: 'table', store: 'sqlserver', schemaName: 'dbo', tableName: '{table}', recreate: true"
    flows.output(run(flows, INSERTED % sink, "1,Ann\n", table, **service))
    assert rows(flows, table, tmp_path) == [[1, "Ann"]]


@pytest.mark.parametrize(
    ("grants", "sink", "told"),
    [
        ("", "", "Login failed for user '<token-identified principal>'"),
        (USER, "", "The INSERT permission was denied on the object '{0}', database 'db', schema 'dbo'."),
        (USER + "GRANT INSERT, UPDATE ON dbo.{1} TO [{0}]", "", ""),
        (USER + "GRANT INSERT ON SCHEMA::dbo TO [{0}]", "", ""),
        (USER + "GRANT CONTROL ON dbo.{1} TO [{0}]", "truncate: true", ""),
        (USER + "ALTER ROLE db_datawriter ADD MEMBER [{0}]", "", ""),
        (
            USER + "ALTER ROLE db_datawriter ADD MEMBER [{0}]",
            "truncate: true",
            'Cannot find the object "{0}" because it does not exist or you do not have permissions.',
        ),
        (
            USER + "ALTER ROLE db_datawriter ADD MEMBER [{0}]; GRANT ALTER ON SCHEMA::dbo TO [{0}]",
            "recreate: true",
            "CREATE TABLE permission denied in database 'db'.",
        ),
        (
            USER + "ALTER ROLE db_datawriter ADD MEMBER [{0}]; GRANT ALTER ON SCHEMA::dbo TO [{0}]; "
            "GRANT CREATE TABLE TO [{0}]",
            "recreate: true",
            "",
        ),
        (
            USER + "ALTER ROLE db_datawriter ADD MEMBER [{0}]",
            "postSQLs: ['DELETE FROM dbo.{0}']",
            "The CONTROL permission was denied on the object '{0}', database 'db', schema 'dbo'.",
        ),
    ],
)
def test_the_workspace_does_what_it_may(
    flows: ActivityBench, table: str, tmp_path: Path, grants: str, sink: str, told: str
) -> None:
    script(flows, ALL)
    flows.output(run(flows, INSERTED % "recreate: true", "1,Ann\n", table))
    script(flows, "DROP USER [{0}]")
    if grants:
        script(flows, grants.replace("{1}", table))
    activity = run(flows, INSERTED % sink.replace("{0}", table), "2,Bo\n", table)
    if told:
        assert told.replace("{0}", table) in flows.failure(activity)
    else:
        assert flows.output(activity)["runStatus"]["metrics"]["b"]["rowsWritten"] == 1
    kept = [] if not told and sink else [[1, "Ann"]]
    assert rows(flows, table, tmp_path) == kept + ([] if told else [[2, "Bo"]])


def test_a_table_that_is_not_there_is_not_made_unasked(flows: ActivityBench, table: str) -> None:
    script(flows, ALL)
    assert f"Invalid object name 'dbo.{table}'." in flows.failure(run(flows, INSERTED % "", "1,Ann\n", table))


def test_a_row_that_the_table_does_not_take_leaves_it_as_it_was(
    flows: ActivityBench, table: str, tmp_path: Path
) -> None:
    script(flows, ALL)
    flows.output(run(flows, INSERTED % "recreate: true", "1,Ann\n", table))
    text = (READ + "a sink(truncate: true) ~> b").replace("id as integer", "id as string")
    assert "at Sink 'b'" in flows.failure(run(flows, text, "2,Bo\nx,Cy\n", table))
    assert rows(flows, table, tmp_path) == [[1, "Ann"]]


@pytest.mark.parametrize("setting", ["rejectedData_fileSystem", "rejectedData_container"])
def test_rows_that_a_server_rejects_go_to_the_lake_that_the_sink_names(
    flows: ActivityBench, table: str, tmp_path: Path, setting: str
) -> None:
    if flows.bench.azure.context.settings.source_database is None:
        return  # an embedded database stops at the first row that it does not take
    script(flows, ALL)
    flows.output(run(flows, INSERTED % "recreate: true", "1,Ann\n", table))
    settings = (
        "errorHandlingOption: 'allErrors', outputRejectedData: true, reportSuccessOnError: true, "
        f"{setting}: 'rejected', rejectedData_folderPath: 'rows'"
    )
    text = (INSERTED % settings).replace("id as integer", "id as string")
    lake = {"referenceName": "lake", "type": "LinkedServiceReference"}
    activity = run(flows, text, "2,Bo\nx,Cy\n", table, dataset=dataset("table"), rejectedDataLinkedService=lake)
    activity["typeProperties"]["dataflow"]["datasetParameters"]["b"] = {"table": table}
    assert flows.output(activity)["runStatus"]["metrics"]["b"]["rowsWritten"] == 1
    assert rows(flows, table, tmp_path) == [[1, "Ann"], [2, "Bo"]]
    assert b"x,Cy,22P02," in flows.lake.files["rejected/rows/part-00000.csv"]
