"""Tables of a real PostgreSQL that stand in for those of a database's dataset: read, written, and what is told."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from dataflow_bench import document_of

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.local_sinks import stage_sink
from dataflow_execution.local_sources import DatasetProperties, open_source
from dataflow_execution.postgres_address import postgres_address
from dataflow_execution.sources import Reading
from dataflow_execution.writers.file_formats import Rows
from mapping_dataflow import SourceSchema, compile_flow, required_sources
from sample_data.postgres_server import postgres_server

Row = tuple[Any, ...]
SECRET = "p%40ss-word"
MARKED = (
    "in alterRow(updateIf(action == 'update'), deleteIf(action == 'delete'), upsertIf(action == 'upsert'), "
    "insertIf(action == 'insert')) ~> marked\n"
    "marked select(mapColumn(Id = id, Name = name)) ~> chosen\n"
)
ALL_KINDS = "insertable: true, updateable: true, deletable: true, upsertable: true, keys: ['Id']"
SQL_SERVER = DatasetProperties("people", "AzureSqlTable", {"schema": "dbo", "table": "People"})
POSTGRES = DatasetProperties("people", "AzurePostgreSqlTable", {"schema": "public", "table": "People"})
PEOPLE: list[Row] = [(1, "Ann", None), (2, "Bo", None), (3, "Cy", None)]
CHANGES: list[Row] = [
    (1, None, "delete"),
    (2, "Bob", "update"),
    (9, "nobody", "update"),
    (3, "Cyd", "upsert"),
    (4, "Di", "upsert"),
    (5, "Ed", "insert"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server, with a password in it."""
    with postgres_server() as dsn:
        yield dsn.replace("postgres@", f"postgres:{SECRET}@")


@pytest.fixture
def address(server: str) -> Iterator[str]:
    """A database without tables."""
    yield server
    _sql(server, "DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS dbo CASCADE; CREATE SCHEMA public")


def _sql(address: str, text: str) -> list[Row]:
    with psycopg.connect(address) as connection:
        cursor = connection.execute(text.encode())
        return cursor.fetchall() if cursor.description else []


def _write(
    address: str,
    folder: Path,
    rows: Sequence[Row],
    sink: str,
    dataset: DatasetProperties | None = SQL_SERVER,
) -> None:
    script = (
        f"source(output(id as integer, name as string, action as string)) ~> in\n{MARKED}chosen sink({sink}) ~> out"
    )
    place = postgres_address(address)
    assert place is not None
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE given (id INTEGER, name VARCHAR, action VARCHAR)")
        connection.executemany("INSERT INTO given VALUES (?, ?, ?)", rows)
        columns = {"id": "integer", "name": "string", "action": "string"}
        (compiled,) = compile_flow(document_of(script), {"in": SourceSchema(columns, "given")}).sinks
        stage_sink(connection, compiled, Rows(compiled.sql), place, dataset, folder).publish()


def _read(
    address: str, folder: Path, settings: str = "", dataset: DatasetProperties | None = None
) -> tuple[dict[str, str], list[Row]]:
    with duckdb.connect() as connection:
        request = required_sources(document_of(f"source(allowSchemaDrift: true{settings}) ~> people"))[0]
        schema = open_source(connection, request, address, dataset, "read", Reading(folder))
        return dict(schema.columns), connection.execute("SELECT * FROM read ORDER BY ALL").fetchall()


@pytest.mark.parametrize(
    ("dataset", "table"),
    [(SQL_SERVER, "public.people"), (POSTGRES, 'public."People"'), (None, "public.out")],
    ids=["SQL Server", "PostgreSQL", "none"],
)
def test_each_kind_of_row_does_what_it_says(
    address: str, tmp_path: Path, dataset: DatasetProperties | None, table: str
) -> None:
    _write(address, tmp_path, PEOPLE, ALL_KINDS, dataset)
    _write(address, tmp_path, CHANGES, ALL_KINDS, dataset)
    assert _sql(address, f"SELECT * FROM {table} ORDER BY 1") == [(2, "Bob"), (3, "Cyd"), (4, "Di"), (5, "Ed")]


@pytest.mark.parametrize("setting", ["truncate: true", "recreate: true"])
def test_what_was_there_goes_first_when_the_sink_says_so(address: str, tmp_path: Path, setting: str) -> None:
    _sql(address, "CREATE TABLE people (id bigint, name text, more text); INSERT INTO people VALUES (1, 'Ann', 'x')")
    _write(address, tmp_path, [(7, "Gus", None)], f"insertable: true, {setting}")
    kept = [] if setting.startswith("recreate") else [None]
    assert _sql(address, "SELECT * FROM people") == [(7, "Gus", *kept)]


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("Id as integer, Name as string, Pay as decimal(5,2), Born as date", None),
        ("Id as long", "the column 'Id' of the table is integer"),
        ("Pay as decimal(9,2)", r"the column 'Pay' of the table is decimal\(5,2\)"),
        ("Id as integer, Age as short", "the table has no column 'Age', which the sink declares"),
    ],
)
def test_the_table_keeps_the_contract_of_a_sink_that_validates_its_schema(
    address: str, tmp_path: Path, declared: str, message: str | None
) -> None:
    _sql(address, "CREATE TABLE people (id int, name varchar(20), pay numeric(5,2), born date)")
    settings = f"insertable: true, validateSchema: true, input({declared})"
    if message is None:
        _write(address, tmp_path, PEOPLE, settings)
    else:
        with pytest.raises(DataFlowRunError, match=f"at Sink 'out': {message}"):
            _write(address, tmp_path, PEOPLE, settings)
    assert len(_sql(address, "SELECT * FROM people")) == (0 if message else 3)


def test_a_table_is_found_in_any_case_for_sql_server_and_keeps_its_schema(address: str, tmp_path: Path) -> None:
    _sql(address, 'CREATE SCHEMA dbo; CREATE TABLE dbo."PEOPLE" ("ID" integer, name text)')
    _write(address, tmp_path, PEOPLE[:1], "insertable: true")
    assert _sql(address, 'SELECT "ID", name FROM dbo."PEOPLE"') == [(1, "Ann")]


@pytest.mark.parametrize(
    ("dataset", "before", "after"),
    [
        (
            SQL_SERVER,
            "DELETE FROM [dbo].[People] WHERE LEN([Name]) = 2",
            "UPDATE dbo.People SET name = ISNULL(name, 'x')",
        ),
        (
            POSTGRES,
            'DELETE FROM "People" WHERE length("Name") = 2',
            """UPDATE "People" SET "Name" = coalesce("Name", 'x')""",
        ),
    ],
    ids=["SQL Server", "PostgreSQL"],
)
def test_commands_run_before_and_after_in_the_words_of_the_dataset(
    address: str, tmp_path: Path, dataset: DatasetProperties, before: str, after: str
) -> None:
    _write(address, tmp_path, PEOPLE, "insertable: true", dataset)
    commands = f"preSQLs: [`{before}`], postSQLs: [`{after}`]"
    _write(address, tmp_path, [(4, None, None)], f"insertable: true, {commands}", dataset)
    table = "people" if dataset is SQL_SERVER else '"People"'
    assert _sql(address, f"SELECT * FROM {table} ORDER BY 1") == [(1, "Ann"), (4, "x")]


@pytest.mark.parametrize(
    "wrong", ["postSQLs: ['SELECT 1 / 0']", "postSQLs: ['EXEC refresh_all']", "preSQLs: ['DELETE FROM nowhere']"]
)
def test_a_sink_that_fails_leaves_the_table_as_it_was(address: str, tmp_path: Path, wrong: str) -> None:
    _write(address, tmp_path, PEOPLE, "insertable: true")
    with pytest.raises(DataFlowRunError, match="at Sink 'out': postgresql://postgres@") as caught:
        _write(address, tmp_path, [(4, "Di", None)], f"insertable: true, truncate: true, {wrong}")
    assert "ss-word" not in str(caught.value)
    assert _sql(address, "SELECT count(*) FROM people") == [(3,)]


CONSTRAINED = """CREATE TABLE people (id integer PRIMARY KEY, name varchar(3) NOT NULL CHECK (name <> 'bad'));
INSERT INTO people VALUES (1, 'Ann'), (2, 'Bo')"""
MIXED: list[Row] = [
    (3, "Cy", "insert"),
    (1, "Di", "insert"),
    (4, "Edith", "insert"),
    (5, None, "insert"),
    (2, "bad", "update"),
    (1, "Flo", "upsert"),
    (6, "Gustav", "upsert"),
    (7, "Hal", "upsert"),
]
GOES_ON = f"{ALL_KINDS}, errorHandlingOption: 'allErrors', transactionCommit: 'single'"


def test_rows_that_the_table_does_not_take_are_kept_with_the_reason(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _sql(address, CONSTRAINED)
    _write(address, tmp_path, MIXED, f"{GOES_ON}, outputRejectedData: true, reportSuccessOnError: true")
    assert _sql(address, "SELECT * FROM people ORDER BY 1") == [(1, "Flo"), (2, "Bo"), (3, "Cy"), (7, "Hal")]
    (file,) = (tmp_path / "out-rejected-rows").iterdir()
    told = [line.split(",")[:3] for line in file.read_text(encoding="utf-8").splitlines()]
    assert told == [
        ["Id", "Name", "errorCode"],
        ["1", "Di", "23505"],
        ["4", "Edith", "22001"],
        ["5", "", "23502"],
        ["2", "bad", "23514"],
        ["6", "Gustav", "22001"],
    ]
    assert 'duplicate key value violates unique constraint ""people_pkey""' in file.read_text(encoding="utf-8")


def test_the_run_fails_when_the_other_rows_are_written_unless_it_reports_success(address: str, tmp_path: Path) -> None:
    _sql(address, CONSTRAINED)
    with pytest.raises(DataFlowRunError) as caught:
        _write(address, tmp_path, MIXED, f"{GOES_ON}, reportSuccessOnError: false")
    assert str(caught.value) == (
        "at Sink 'out': the table took 3 of 8 rows, which are written; the first of the others is row 2: "
        'duplicate key value violates unique constraint "people_pkey" (23505)'
    )
    assert _sql(address, "SELECT count(*) FROM people") == [(4,)]


@pytest.mark.parametrize("handling", ["", ", errorHandlingOption: 'stopOnFirstError'"])
def test_the_first_row_that_is_not_taken_stops_a_sink_that_does_not_go_on(
    address: str, tmp_path: Path, handling: str
) -> None:
    _sql(address, CONSTRAINED)
    with pytest.raises(DataFlowRunError, match="violates check constraint"):
        _write(address, tmp_path, MIXED, ALL_KINDS + handling)
    assert _sql(address, "SELECT * FROM people ORDER BY 1") == [(1, "Ann"), (2, "Bo")]


def test_what_is_no_matter_of_a_row_stops_a_sink_that_goes_on(address: str, tmp_path: Path) -> None:
    _sql(address, "CREATE TABLE people (other integer)")
    with pytest.raises(DataFlowRunError, match="column"):
        _write(address, tmp_path, PEOPLE, f"{GOES_ON}, reportSuccessOnError: true")


def test_many_rows_without_an_error_are_taken_at_once_and_one_among_them_is_found(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _sql(address, "CREATE TABLE people (id integer PRIMARY KEY, name text)")
    rows: list[Row] = [(number, "x", None) for number in [*range(2000), 777]]
    _write(address, tmp_path, rows, f"{GOES_ON}, outputRejectedData: true, reportSuccessOnError: true")
    assert _sql(address, "SELECT count(*) FROM people") == [(2000,)]
    assert len((tmp_path / "out-rejected-rows" / "part-00000.csv").read_text(encoding="utf-8").splitlines()) == 2


def test_a_table_is_read_with_its_types(address: str, tmp_path: Path) -> None:
    _sql(
        address,
        "CREATE TABLE people AS SELECT 1::smallint AS small, 2 AS id, 3::bigint AS big, 1.50::numeric(6,2) AS price, "
        "0.5::float8 AS half, true AS yes, DATE '2020-01-02' AS day, TIMESTAMP '2020-01-02 03:04:05.678' AS at, "
        "TIMESTAMPTZ '2020-01-02 03:04:05+01' AS instant, 'Ann' AS name, '\\x01ff'::bytea AS bytes, "
        "'{\"a\": [1]}'::jsonb AS document, ARRAY[1, 2] AS list",
    )
    columns, rows = _read(address, tmp_path)
    assert columns == {
        "small": "short",
        "id": "integer",
        "big": "long",
        "price": "decimal(6,2)",
        "half": "double",
        "yes": "boolean",
        "day": "date",
        "at": "timestamp",
        "instant": "timestamp",
        "name": "string",
        "bytes": "binary",
        "document": "string",
        "list": "string",
    }
    time = datetime.datetime(2020, 1, 2, 3, 4, 5, 678000)  # noqa: DTZ001 - timestamps have no zone
    instant = datetime.datetime(2020, 1, 2, 2, 4, 5)  # noqa: DTZ001 - timestamps have no zone
    day = datetime.date(2020, 1, 2)
    values = (1, 2, 3, Decimal("1.50"), 0.5, True, day, time, instant, "Ann", b"\x01\xff", '{"a": [1]}', "[1, 2]")
    assert rows == [values]


def test_a_query_is_in_the_words_of_the_dataset(address: str, tmp_path: Path) -> None:
    _sql(address, "CREATE TABLE people AS SELECT n AS id, 'x' || n AS name FROM generate_series(1, 4) AS n")
    words = ", format: 'query', query: 'SELECT TOP 2 [ID] AS [the Id] FROM [dbo].[People] ORDER BY ID DESC'"
    assert _read(address, tmp_path, words) == ({"the Id": "integer"}, [(3,), (4,)])
    own = ", format: 'query', query: 'SELECT id FROM people ORDER BY id LIMIT 1', output(ID as integer)"
    assert _read(address, tmp_path, own, POSTGRES) == ({"id": "integer"}, [(1,)])


def test_columns_have_the_case_that_the_source_declares_and_its_limit_holds(address: str, tmp_path: Path) -> None:
    _sql(address, "CREATE TABLE people AS SELECT n AS id FROM generate_series(1, 4) AS n")
    assert _read(address, tmp_path, ", output(ID as integer), limit: 2") == ({"ID": "integer"}, [(1,), (2,)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("/postgres?", "/nowhere?"), 'database "nowhere" does not exist'),
        (("?host=", "?sslmode=p%40ss-word&host="), "invalid sslmode value"),
        ((":p%40ss-word@", ":p%40ss-word@host:port"), "the address of the database cannot be read"),
        (("/postgres?", "?"), "the address of the database cannot be read"),
    ],
)
def test_no_error_tells_the_password(server: str, tmp_path: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(DataFlowRunError) as caught:
        _read(server.replace(*change), tmp_path)
    error: BaseException | None = caught.value
    assert message in str(error)
    while error is not None:
        assert "ss-word" not in str(error)
        error = error.__cause__


def test_an_address_is_shown_without_its_password() -> None:
    place = postgres_address("postgresql://ann:s3cret@db.example:5433/shop?sslmode=require&password=0ther")
    assert place is not None
    assert f"{place} {place!r}" == (
        "postgresql://ann@db.example:5433/shop PostgresAddress(shown='postgresql://ann@db.example:5433/shop')"
    )
    assert (place.settings["password"], place.settings["sslmode"]) == ("0ther", "require")
    assert postgres_address("folder/postgresql.csv") is None


def test_a_column_with_parts_does_not_fit_into_a_table(address: str, tmp_path: Path) -> None:
    script = "source(output(list as integer[])) ~> in\nin sink(insertable: true) ~> out"
    place = postgres_address(address)
    assert place is not None
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE given (list INTEGER[])")
        (sink,) = compile_flow(document_of(script), {"in": SourceSchema({"list": "integer[]"}, "given")}).sinks
        with pytest.raises(DataFlowRunError, match=r"the column 'list' of type integer\[\] does not fit into a table"):
            stage_sink(connection, sink, Rows(sink.sql), place, None, tmp_path)
