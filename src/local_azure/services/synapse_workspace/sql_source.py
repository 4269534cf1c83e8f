"""The source databases behind `<server>.database.windows.net`: an embedded DuckDB, or a PostgreSQL server.

Azure SQL itself speaks TDS, which is not imitated: pipelines come in through `SqlDatabases`, and a person's script
through POST /databases/<name>/script on the server's host, with a token for https://database.windows.net/.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from local_azure.context import ServiceContext
from local_azure.directory import Principal
from local_azure.dispatch import unknown_route
from local_azure.http import Request, Response, ServiceError
from local_azure.services.synapse_workspace.sql_dialect import Translated, translate
from local_azure.services.synapse_workspace.sql_grants import Grants, SqlError
from sample_data.errors import SampleDataError
from sample_data.patient_sample import sample_digest
from sample_data.source_database import load, loaded_sample
from sample_data.source_schema import TABLES

SQL_SUFFIX = ".database.windows.net"
SQL_AUDIENCE = "https://database.windows.net/"
_BATCH_ROWS = 20_000
_SCRIPT_PATH = re.compile(r"/databases/([^/]+)/script")
_DECLARED_NAMES = {column.name.lower(): column.name for table in TABLES for column in table.columns}
_POSTGRES_TYPES: dict[int, pa.DataType] = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    700: pa.float32(),
    701: pa.float64(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", tz="UTC"),
    1700: pa.decimal128(38, 10),
}


@dataclass(frozen=True)
class QueryResult:
    """Rows of a query in a Parquet file, typed."""

    file: Path
    rows: int


class SqlDatabases:
    """All source databases; each is opened when first used."""

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
        self.grants.require_read(server, database, principal, ())  # who may not log in learns nothing of the query
        translated = translate(text, "postgres" if engine == "postgres" else "duckdb", _DECLARED_NAMES)
        self.grants.require_read(server, database, principal, translated.tables)
        if self._context.settings.source_database:
            return _query_postgres(self._context.settings.source_database, translated, target)
        return self._query_embedded(server, database, translated, target)

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

    def _embedded(self, server: str, database: str) -> duckdb.DuckDBPyConnection:
        key = f"{server.lower()}__{database.lower()}"
        with self._lock:
            if key not in self._connections:
                self._connections[key] = self._open(key)
            return self._connections[key]

    def _open(self, key: str) -> duckdb.DuckDBPyConnection:
        folder = self._context.state.folder / "databases"
        folder.mkdir(exist_ok=True)
        file = folder / (re.sub(r"[^a-z0-9_.-]", "_", key) + ".duckdb")
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


def _query_postgres(dsn: str, translated: Translated, target: Path) -> QueryResult:
    try:
        with psycopg.connect(dsn) as connection, connection.cursor(name="copy") as cursor:
            cursor.itersize = _BATCH_ROWS
            cursor.execute(translated.sql.encode())
            schema = pa.schema(
                pa.field(translated.names.get(each.name, each.name), _POSTGRES_TYPES.get(each.type_code, pa.string()))
                for each in cursor.description or []
            )
            rows = _write_rows(cursor, schema, target)
    except psycopg.errors.UndefinedTable as error:
        raise SqlError(208, f"Invalid object name in the query: {_first_line(error)}") from error
    except psycopg.Error as error:
        raise SqlError(50000, f"The query failed: {_first_line(error)}") from error
    return QueryResult(target, rows)


def _write_rows(cursor: psycopg.ServerCursor[Any], schema: pa.Schema, target: Path) -> int:
    rows = 0
    with pq.ParquetWriter(target, schema) as writer:
        while batch := cursor.fetchmany(_BATCH_ROWS):
            writer.write_batch(_record_batch(batch, schema))
            rows += len(batch)
    return rows


def _record_batch(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = [
        pa.array([_text(value) if pa.types.is_string(field.type) else value for value in column], type=field.type)
        for column, field in zip(zip(*rows, strict=True), schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


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
