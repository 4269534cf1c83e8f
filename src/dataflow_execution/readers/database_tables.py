"""Tables and queries of a DuckDB file, as one stands in for the database of a dataset; queries are T-SQL."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from dataflow_execution.errors import DataFlowRunError, cause_of
from dataflow_execution.readers.columnar_files import parquet_relation
from dataflow_execution.sql_text import identifier, quoted

DATABASE_SUFFIXES = (".duckdb", ".ddb")
_OWN_SCHEMA = "main"


@dataclass(frozen=True)
class TableName:
    """A table and its schema; an empty schema is the default one."""

    schema: str
    table: str


def database_rows(file: Path, name: TableName, query: str | None, target: Path) -> str:
    """A query over the rows of a table, or of a query in T-SQL, which are copied to a Parquet file.

    Raises DataFlowRunError for a file that is no database, and with the database's words for what it cannot answer.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if not file.is_file():
        raise DataFlowRunError(f"there is no database {file}")
    try:
        with duckdb.connect(str(file), read_only=True) as database:
            schemas = {
                str(row[0]).lower() for row in database.execute("SELECT schema_name FROM duckdb_schemas()").fetchall()
            }
            sql = _translated(query, schemas) if query else f"SELECT * FROM {_full_name(name, schemas)}"
            database.execute(f"COPY ({sql}) TO {quoted(target)} (FORMAT parquet)")
    except duckdb.Error as error:
        raise DataFlowRunError(f"{file.name}: {cause_of(error)}") from error
    return parquet_relation([target])


def default_schema(schemas: set[str]) -> str:
    """The schema of tables that name none: SQL Server's, where the database has it."""
    return "dbo" if "dbo" in schemas else _OWN_SCHEMA


def _full_name(name: TableName, schemas: set[str]) -> str:
    schema = name.schema if name.schema.lower() in schemas else default_schema(schemas)
    return f"{identifier(schema)}.{identifier(name.table)}"


def _translated(query: str, schemas: set[str]) -> str:
    from dataflow_execution.sql_dialect import SqlError, translate

    try:
        return translate(query, "duckdb", {}, default_schema(schemas)).sql
    except SqlError as error:
        raise DataFlowRunError(error.message) from error
