"""The source database's side of a local run: filled where it is empty, opened to the workspace by its administrator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from activity_bench import GRANT
from ingestion_bench import write_hospital
from lake_bench import IssuedToken
from synapse_bench import Bench

from dataflow_execution.sql_dialect import SqlError
from ingest_cli.errors import CommandError
from ingest_cli.source_grants import grant, prepare_source
from local_azure.services.synapse_workspace.sql_source import SQL_AUDIENCE
from sample_data.postgres_server import postgres_server


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as dsn:
        yield dsn


def count(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        found = connection.execute("SELECT count(*) FROM dbo.patients").fetchone()
    assert found is not None
    return int(found[0])


def test_an_embedded_database_needs_no_preparation(tmp_path: Path) -> None:
    prepare_source(None, tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_is_filled_and_one_with_tables_is_left_as_it_is(server: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^preparing the source database: (?s:.*)\nexpected .*\nhint: ") as caught:
        prepare_source(server, tmp_path / "nowhere")
    assert str(tmp_path / "nowhere") in str(caught.value)
    samples = write_hospital(tmp_path)
    prepare_source(server, samples)
    assert count(server) == 2
    with psycopg.connect(server) as connection:
        connection.execute("DELETE FROM dbo.patients WHERE id = 'p-ann'")
    prepare_source(server, samples)
    assert count(server) == 1


def test_a_database_that_cannot_be_reached_is_told_with_the_setting_to_check(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        prepare_source(f"postgresql://me@/db?host={tmp_path}", tmp_path)
    first, *_, last = str(caught.value).splitlines()
    assert first.startswith("preparing the source database: connection ")
    assert last == "hint: check LOCAL_SOURCE_DB, such as postgresql://user@host:5432/database"


def outputs(workspace: Bench, script: str | None = None) -> dict[str, str]:
    return {
        "sourceSqlServer": f"{workspace.name}.database.windows.net",
        "sourceSqlDatabase": "db",
        "grantSourceAccess": script or GRANT.format(name=workspace.name),
    }


def credential(workspace: Bench, identity: str) -> IssuedToken:
    return IssuedToken(workspace.azure, workspace.principal(identity), SQL_AUDIENCE)


def test_the_administrator_lets_the_workspace_in(workspace: Bench, tmp_path: Path) -> None:
    def query() -> int:
        me, target = workspace.principal(workspace.name), tmp_path / "rows.parquet"
        databases = workspace.service.databases
        return databases.query(workspace.name, "db", me, "SELECT * FROM dbo.patients", target).rows

    with pytest.raises(SqlError, match="Login failed"):
        query()
    for _ in range(2):
        grant(outputs(workspace), credential(workspace, "database-administrator"))
    assert query() == 2


@pytest.mark.parametrize(
    ("identity", "script"),
    [("data-engineer", None), ("database-administrator", "DROP TABLE dbo.patients;")],
    ids=["somebody else", "another script"],
)
def test_what_the_database_refuses_is_told(workspace: Bench, identity: str, script: str | None) -> None:
    with pytest.raises(CommandError) as caught:
        grant(outputs(workspace, script), credential(workspace, identity))
    start = f"granting the workspace access to db on {workspace.name}.database.windows.net: "
    assert str(caught.value).startswith(start)
    assert len(str(caught.value)) > len(start)
