"""The source database: grants as T-SQL, queries translated for DuckDB and PostgreSQL, the same answers from both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from activity_bench import GRANT, write_samples
from synapse_bench import Bench, make_workspace

from dataflow_execution.sql_dialect import SqlError, translate
from local_azure.http import Request, Response
from local_azure.server import LocalAzure
from local_azure.services.synapse_workspace.sql_source import SQL_AUDIENCE, SqlDatabases
from local_azure.settings import Settings
from sample_data.postgres_server import postgres_server
from sample_data.source_database import load_postgresql


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sample."""
    return write_samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture
def bench(tmp_path: Path, samples: Path) -> Iterator[Bench]:
    """A workspace whose identity has no user in the database yet."""
    azure = LocalAzure(tmp_path / "azure", Settings(sample_folder=samples), services=("identity", "synapse_workspace"))
    yield make_workspace(azure)
    azure.stop()


@pytest.fixture(scope="module")
def postgres(samples: Path) -> Iterator[str]:
    """A PostgreSQL server with the sample."""
    with postgres_server() as dsn:
        load_postgresql(dsn, samples)
        yield dsn


def _databases(bench: Bench, dsn: str | None) -> SqlDatabases:
    if dsn is None:
        return bench.service.databases
    context = bench.azure.context
    settings = Settings(source_database=dsn)
    return SqlDatabases(type(context)(**{**vars(context), "settings": settings}))


def _script(bench: Bench, text: str, identity: str = "database-administrator") -> int:
    return bench.service.databases.execute_grant_script("srv", "db", text, bench.principal(identity))


def _rows(bench: Bench, query: str, folder: Path, dsn: str | None = None) -> list[dict[str, Any]]:
    identity = bench.azure.directory.managed_identity_of(bench.arm_id)
    assert identity is not None
    target = folder / "rows.parquet"
    result = _databases(bench, dsn).query("srv", "db", identity, query, target)
    rows: list[dict[str, Any]] = pq.read_table(result.file).to_pylist()
    assert len(rows) == result.rows
    return rows


QUERY = "SELECT [Id] FROM [dbo].[patients]"
QUERIES = [
    "SELECT [Id], [BIRTHDATE], [DEATHDATE], [LAT], [INCOME] FROM [dbo].[patients] ORDER BY [Id]",
    "SELECT TOP 1 * FROM dbo.patients ORDER BY Id DESC",
    "SELECT p.[Id], f.[FIRST_ENCOUNTER] FROM [dbo].[patients] AS p LEFT JOIN (SELECT [PATIENT], MIN([START]) AS "
    "[FIRST_ENCOUNTER] FROM [dbo].[encounters] GROUP BY [PATIENT]) AS f ON f.[PATIENT] = p.[Id] ORDER BY p.[Id]",
    "SELECT [START], [STOP] FROM encounters WHERE [START] >= CAST('2020-05-06 07:08:09' AS DATETIME2) AND [START] < "
    "CAST('9999-12-31 23:59:59' AS DATETIME2)",
    "SELECT COUNT(*) AS n, ISNULL([DRIVERS], 'none') AS d FROM dbo.patients GROUP BY [DRIVERS]",
    "SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME, ' ', DATA_TYPE) AS [SourceColumn] FROM INFORMATION_SCHEMA.COLUMNS "
    "WHERE TABLE_SCHEMA = 'dbo' AND TABLE_NAME IN ('patients', 'encounters') ORDER BY TABLE_NAME, ORDINAL_POSITION",
    "SELECT c.COLUMN_NAME, c.IS_NULLABLE FROM INFORMATION_SCHEMA.COLUMNS c WHERE c.TABLE_NAME = 'conditions' "
    "ORDER BY c.ORDINAL_POSITION",
    "WITH old AS (SELECT [Id] FROM dbo.patients WHERE [BIRTHDATE] < '1950-01-01') SELECT [Id] AS [Who] FROM old",
]


@pytest.mark.parametrize("query", QUERIES)
def test_both_engines_give_the_same_rows_with_the_same_names(
    bench: Bench, tmp_path: Path, postgres: str, query: str
) -> None:
    _script(bench, GRANT.format(name=bench.name))
    embedded = _rows(bench, query, tmp_path)
    assert embedded == _rows(bench, query, tmp_path, postgres)
    assert embedded != []


def test_the_columns_of_a_table_are_described_in_the_words_of_sql_server(bench: Bench, tmp_path: Path) -> None:
    _script(bench, GRANT.format(name=bench.name))
    query = "SELECT COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'observations'"
    types = {row["COLUMN_NAME"]: row["DATA_TYPE"] for row in _rows(bench, query, tmp_path)}
    assert (types["DATE"], types["PATIENT"], types["VALUE"]) == ("datetime2", "nvarchar", "nvarchar")


def test_a_changed_table_shows_in_its_description(bench: Bench, tmp_path: Path) -> None:
    _script(bench, GRANT.format(name=bench.name))
    _rows(bench, QUERY, tmp_path)
    database = bench.service.databases._embedded("srv", "db")
    database.cursor().execute("ALTER TABLE dbo.patients ADD COLUMN EMAIL VARCHAR")
    query = "SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'patients'"
    assert {"COLUMN_NAME": "EMAIL"} in _rows(bench, query, tmp_path)


def test_an_identity_without_a_user_cannot_log_in(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(SqlError, match=r"^Login failed for user '<token-identified principal>'\.$") as caught:
        _rows(bench, QUERY, tmp_path)
    assert caught.value.number == 18456


def test_a_user_reads_only_what_was_granted(bench: Bench, tmp_path: Path) -> None:
    _script(
        bench, f"CREATE USER [{bench.name}] FROM EXTERNAL PROVIDER;\nGRANT SELECT ON dbo.patients TO [{bench.name}];"
    )
    assert len(_rows(bench, QUERY, tmp_path)) == 2
    denied = r"The SELECT permission was denied on the object 'encounters', database 'db', schema 'dbo'\."
    with pytest.raises(SqlError, match=denied):
        _rows(bench, "SELECT * FROM dbo.patients JOIN dbo.encounters ON 1 = 1", tmp_path)
    _script(bench, f"REVOKE SELECT ON OBJECT::[dbo].[patients] FROM [{bench.name}]")
    with pytest.raises(SqlError, match="The SELECT permission was denied on the object 'patients'"):
        _rows(bench, QUERY, tmp_path)


def test_a_schema_can_be_granted_and_a_role_taken_back(bench: Bench, tmp_path: Path) -> None:
    name = bench.name
    _script(bench, f"CREATE USER [{name}] FROM EXTERNAL PROVIDER; GRANT SELECT ON SCHEMA::dbo TO [{name}]")
    assert _rows(bench, QUERY, tmp_path)
    _script(bench, f"ALTER ROLE db_datareader ADD MEMBER [{name}]; REVOKE SELECT ON SCHEMA::dbo FROM [{name}]")
    assert _rows(bench, QUERY, tmp_path)
    _script(bench, f"ALTER ROLE db_datareader DROP MEMBER [{name}]")
    with pytest.raises(SqlError, match="The SELECT permission was denied"):
        _rows(bench, QUERY, tmp_path)
    _script(bench, f"DROP USER IF EXISTS [{name}]")
    with pytest.raises(SqlError, match="Login failed"):
        _rows(bench, QUERY, tmp_path)


def test_a_group_may_be_a_user(bench: Bench, tmp_path: Path) -> None:
    _script(bench, GRANT.format(name="data-scientists"))
    scientist, auditor = bench.principal("data-scientist"), bench.principal("auditor")
    target = tmp_path / "x.parquet"
    assert bench.service.databases.query("srv", "db", scientist, QUERY, target).rows == 2
    with pytest.raises(SqlError, match="Login failed"):
        bench.service.databases.query("srv", "db", auditor, QUERY, target)


def test_scripts_have_comments_batches_and_guards(bench: Bench) -> None:
    text = f"""
    -- lets the workspace in
    IF NOT EXISTS (SELECT 1 FROM sys.database_principals WHERE name = '{bench.name}')
        CREATE USER [{bench.name}] FROM EXTERNAL PROVIDER;
    GO
    /* reading */ ALTER ROLE [db_datareader] ADD MEMBER [{bench.name}];
    GO
    """
    assert _script(bench, text) == 2


@pytest.mark.parametrize(
    ("text", "number", "message"),
    [
        ("CREATE USER [nobody] FROM EXTERNAL PROVIDER", 33130, "Principal 'nobody' could not be found"),
        ("ALTER ROLE db_datareader ADD MEMBER [auditor]", 15151, "Cannot find the user 'auditor'"),
        ("GRANT SELECT ON dbo.patients TO auditor", 15151, "Cannot find the user 'auditor'"),
        (
            "CREATE USER auditor FROM EXTERNAL PROVIDER; ALTER ROLE db_backupoperator ADD MEMBER auditor",
            15151,
            "Cannot alter the role 'db_backupoperator'",
        ),
        ("DROP TABLE dbo.patients", 102, "a statement that is not supported locally: 'DROP TABLE dbo.patients'"),
    ],
)
def test_a_wrong_statement_is_refused_and_nothing_of_the_script_kept(
    bench: Bench, text: str, number: int, message: str
) -> None:
    with pytest.raises(SqlError, match=message) as caught:
        _script(bench, "CREATE USER [data-engineer] FROM EXTERNAL PROVIDER;" + text)
    assert caught.value.number == number
    with pytest.raises(SqlError, match="Cannot find the user 'data-engineer'"):
        _script(bench, "GRANT SELECT ON dbo.patients TO [data-engineer]")


def test_only_an_administrator_of_the_server_runs_scripts(bench: Bench) -> None:
    with pytest.raises(SqlError, match="Login failed"):
        _script(bench, "DROP USER x", "data-engineer")


def _post(bench: Bench, text: str, identity: str, path: str = "/databases/db/script") -> Response:
    token = bench.azure.tokens.issue(bench.principal(identity), SQL_AUDIENCE)
    headers = {"authorization": f"Bearer {token}"}
    return bench.azure.dispatcher.handle(Request("POST", "srv.database.windows.net", path, {}, headers, text.encode()))


def test_a_script_is_run_over_the_servers_host(bench: Bench, tmp_path: Path) -> None:
    script = GRANT.format(name=bench.name)
    refused = _post(bench, script, "outsider")
    assert refused.status == 403
    assert b"Login failed for user '<token-identified principal>'." in refused.content()
    assert _post(bench, script, "database-administrator").content() == b'{"statements":2}'
    assert _rows(bench, QUERY, tmp_path)
    assert _post(bench, "DROP TABLE x", "database-administrator").status == 400
    assert b"it speaks no TDS" in _post(bench, script, "deployer", "/other").content()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT 1; SELECT 2", "The query is not a single SELECT statement; only reading is supported locally."),
        ("UPDATE dbo.patients SET Id = 1", "The query is not a single SELECT statement"),
        ("SELECT FROM WHERE", "Incorrect syntax in the query"),
        ("SELECT * FROM INFORMATION_SCHEMA.TABLES", r"Invalid object name 'INFORMATION_SCHEMA.TABLES' \(only COLUMNS"),
    ],
)
def test_what_is_no_query_is_refused(query: str, message: str) -> None:
    with pytest.raises(SqlError, match=message):
        translate(query, "duckdb", {})


def test_names_are_lower_case_on_postgresql_and_come_back_as_declared() -> None:
    translated = translate("SELECT [BIRTHDATE] AS [Born], x.Id FROM dbo.Patients x", "postgres", {"id": "Id"})
    assert translated.sql == 'SELECT "birthdate" AS "born", "x"."id" FROM "dbo"."patients" AS "x"'
    assert translated.tables == {"dbo.patients"}
    assert (translated.names["born"], translated.names["id"]) == ("Born", "Id")


def test_an_embedded_database_needs_a_sample(tmp_path: Path) -> None:
    azure = LocalAzure(tmp_path, Settings(), services=("identity", "synapse_workspace"))
    bench = make_workspace(azure)
    _script(bench, GRANT.format(name=bench.name))
    with pytest.raises(SqlError, match="the stand-in was started without a sample folder"):
        _rows(bench, QUERY, tmp_path)
    azure.stop()


def test_a_broken_sample_leaves_no_database_behind(tmp_path: Path) -> None:
    azure = LocalAzure(tmp_path / "a", Settings(sample_folder=tmp_path), services=("identity", "synapse_workspace"))
    bench = make_workspace(azure)
    _script(bench, GRANT.format(name=bench.name))
    for _ in range(2):
        with pytest.raises(SqlError, match="Cannot open the database: reading sample table patients"):
            _rows(bench, QUERY, tmp_path)
    azure.stop()


def test_a_database_made_from_another_sample_is_made_again(tmp_path: Path, samples: Path) -> None:
    grown = write_samples(tmp_path, {"patients": [{"Id": name} for name in "abc"]})

    def rows(sample: Path) -> list[str]:
        azure = LocalAzure(tmp_path / "a", Settings(sample_folder=sample), services=("identity", "synapse_workspace"))
        bench = make_workspace(azure, "ws-of-samples")
        _script(bench, GRANT.format(name=bench.name))
        try:
            return sorted(row["Id"] for row in _rows(bench, QUERY, tmp_path))
        finally:
            azure.stop()

    assert rows(samples) == ["a", "b"]
    assert rows(grown) == ["a", "b", "c"]
    write_samples(grown, {"patients": [{"Id": "d"}]})
    assert rows(grown) == ["d"]
    (tmp_path / "nothing").mkdir()
    with pytest.raises(SqlError, match="Cannot open the database"):
        rows(tmp_path / "nothing")
    assert rows(grown) == ["d"]


@pytest.mark.parametrize("sample_is_named", [True, False])
def test_the_same_sample_or_none_keeps_what_was_changed_in_the_database(
    tmp_path: Path, samples: Path, sample_is_named: bool
) -> None:
    def started(sample: Path | None) -> Bench:
        azure = LocalAzure(tmp_path / "a", Settings(sample_folder=sample), services=("identity", "synapse_workspace"))
        bench = make_workspace(azure, "ws-of-samples")
        _script(bench, GRANT.format(name=bench.name))
        return bench

    first = started(samples)
    first.service.databases._embedded("srv", "db").execute("DELETE FROM dbo.patients WHERE Id = 'b'")
    first.azure.stop()
    again = started(samples if sample_is_named else None)
    assert _rows(again, QUERY, tmp_path) == [{"Id": "a"}]
    again.azure.stop()
