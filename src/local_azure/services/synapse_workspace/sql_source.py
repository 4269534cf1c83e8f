"""The databases behind `<server>.database.windows.net`: an embedded DuckDB, or a PostgreSQL server.

Azure SQL itself speaks TDS, which is not imitated: pipelines come in through `SqlDatabases`, and a person's script
through POST /databases/<name>/script on the server's host, with a token for https://database.windows.net/.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from dataflow_execution.postgres_address import PostgresAddress, postgres_address
from dataflow_execution.postgres_tables import find_table
from dataflow_execution.readers.database_tables import TableName
from dataflow_execution.readers.postgres_rows import postgres_rows
from dataflow_execution.sql_dialect import SqlError, Translated, translate
from local_azure.context import ServiceContext
from local_azure.directory import Principal
from local_azure.dispatch import unknown_route
from local_azure.http import Request, Response, ServiceError
from local_azure.services.synapse_workspace.sql_grants import CREATE_TABLE, SELECT, Grants
from sample_data.errors import SampleDataError
from sample_data.patient_sample import sample_digest
from sample_data.source_database import load, loaded_sample
from sample_data.source_schema import TABLES

SQL_SUFFIX = ".database.windows.net"
SQL_AUDIENCE = "https://database.windows.net/"
_SCRIPT_PATH = re.compile(r"/databases/([^/]+)/script")
_DECLARED_NAMES = {column.name.lower(): column.name for table in TABLES for column in table.columns}


@dataclass(frozen=True)
class QueryResult:
    """Rows of a query in a Parquet file, typed."""

    file: Path
    rows: int


class SqlDatabases:
    """All databases; each is opened when first used."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self.grants = Grants(context)
        self._connections: dict[str, duckdb.DuckDBPyConnection] = {}
        self._lock = threading.Lock()

    def query(self, server: str, database: str, principal: Principal, text: str, target: Path) -> QueryResult:
        """Run a T-SQL SELECT as a principal and write its rows to a Parquet file.

        Raises SqlError: 18456 for an identity without a user, 229 for a table it may not read, 102 for bad queries.
        """
        engine = "postgres" if self._context.settings.source_database else "duckdb"
        self.grants.require(server, database, principal, SELECT, ())  # who may not log in learns nothing of the query
        translated = translate(text, "postgres" if engine == "postgres" else "duckdb", _DECLARED_NAMES)
        self.grants.require(server, database, principal, SELECT, translated.tables)
        if self._context.settings.source_database:
            return QueryResult(target, postgres_rows(self._context.settings.source_database, translated, target))
        return self._query_embedded(server, database, translated, target)

    def writable(
        self, server: str, database: str, principal: Principal, table: TableName, permissions: Iterable[str]
    ) -> Path | PostgresAddress:
        """Where a principal may write a table: the file of the database or the address of the server.

        Raises SqlError: 18456, 229 and others for what it may not do, 208 for a table that is neither there nor to
        be made.
        """
        named = f"{table.schema}.{table.table}".lower()
        wanted = tuple(permissions)
        for permission in wanted:
            self.grants.require(server, database, principal, permission, (named,))
        address = postgres_address(self._context.settings.source_database or "")
        there = self._is_on_server(address, table) if address else self._is_embedded(server, database, table)
        if not there and CREATE_TABLE not in wanted:
            raise SqlError(208, f"Invalid object name '{table.schema}.{table.table}'.")
        return address or self._file(_database_key(server, database))

    def execute_grant_script(self, server: str, database: str, text: str, principal: Principal) -> int:
        """Run the T-SQL that lets identities in, as an administrator; returns the number of statements.

        Raises SqlError.
        """
        return self.grants.execute_script(server, database, text, principal)

    def close(self) -> None:
        """Close what was opened."""
        with self._lock:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()

    def _query_embedded(self, server: str, database: str, translated: Translated, target: Path) -> QueryResult:
        cursor = self._embedded(server, database).cursor()
        try:
            copied = cursor.execute(f"COPY ({translated.sql}) TO '{_quoted(target)}' (FORMAT parquet)").fetchone()
        except duckdb.CatalogException as error:
            raise SqlError(208, f"Invalid object name in the query: {_first_line(error)}") from error
        except duckdb.Error as error:
            raise SqlError(50000, f"The query failed: {_first_line(error)}") from error
        finally:
            cursor.close()
        return QueryResult(target, int(copied[0]) if copied else 0)

    def _is_embedded(self, server: str, database: str, table: TableName) -> bool:
        query = "SELECT 1 FROM duckdb_tables() WHERE lower(schema_name) = ? AND lower(table_name) = ?"
        with self._embedded(server, database).cursor() as cursor:
            return bool(cursor.execute(query, [table.schema.lower(), table.table.lower()]).fetchall())

    def _is_on_server(self, address: PostgresAddress, table: TableName) -> bool:
        with psycopg.connect(address.conninfo) as connection, connection.cursor() as cursor:
            return bool(find_table(cursor, table, folds=True).columns)

    def _embedded(self, server: str, database: str) -> duckdb.DuckDBPyConnection:
        key = _database_key(server, database)
        with self._lock:
            if key not in self._connections:
                self._connections[key] = self._open(key)
            return self._connections[key]

    def _file(self, key: str) -> Path:
        folder = self._context.state.folder / "databases"
        folder.mkdir(exist_ok=True)
        return folder / (re.sub(r"[^a-z0-9_.-]", "_", key) + ".duckdb")

    def _open(self, key: str) -> duckdb.DuckDBPyConnection:
        file = self._file(key)
        try:
            if not file.exists() or self._is_outdated(file):
                self._load(file)
        except SampleDataError as error:
            raise SqlError(40615, f"Cannot open the database: {error}") from error
        return duckdb.connect(str(file))

    def _is_outdated(self, file: Path) -> bool:
        """Whether a database was made from another sample than the stand-in was started with."""
        sample = self._context.settings.sample_folder
        if sample is None:
            return False
        with duckdb.connect(str(file)) as connection:
            return loaded_sample(connection) != sample_digest(sample)

    def _load(self, file: Path) -> None:
        """Make a database from the sample; a load that fails leaves what was there."""
        sample = self._context.settings.sample_folder
        if sample is None:
            raise SqlError(40615, "Cannot open the database: the stand-in was started without a sample folder.")
        with tempfile.TemporaryDirectory(prefix="database-", dir=self._context.state.temporary_folder) as folder:
            loading = Path(folder) / file.name
            with duckdb.connect(str(loading)) as connection:
                load(connection, sample)
            loading.replace(file)


def _database_key(server: str, database: str) -> str:
    return f"{server.lower()}__{database.lower()}"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


class SqlScripts:
    """The host of a SQL server, for a person's grant script only."""

    def __init__(self, context: ServiceContext, databases: SqlDatabases) -> None:
        self._context = context
        self._databases = databases

    def handle(self, request: Request) -> Response:
        """POST /databases/<name>/script with the T-SQL as text; 403 with SQL Server's words when it is refused."""
        match = _SCRIPT_PATH.fullmatch(request.path)
        if match is None or request.method != "POST":
            raise unknown_route(request, "the SQL server of the stand-in takes grant scripts only; it speaks no TDS")
        principal = self._context.tokens.verify(request, SQL_AUDIENCE)
        server = request.host.removesuffix(SQL_SUFFIX)
        try:
            count = self._databases.execute_grant_script(server, match[1], request.body.decode(), principal)
        except SqlError as error:
            raise ServiceError(403 if error.number == 18456 else 400, f"Sql{error.number}", error.message) from error
        result: Mapping[str, Any] = {"statements": count}
        return Response.json(200, result)
