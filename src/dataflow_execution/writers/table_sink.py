"""Tables of a database as sinks: a DuckDB file, in one transaction, rows inserted or found by keys.

https://learn.microsoft.com/azure/data-factory/connector-azure-sql-database#sink-transformation
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from dataflow_execution.errors import DataFlowRunError, cause_of
from dataflow_execution.readers.database_tables import TableName, default_schema
from dataflow_execution.sql_text import identifier, quoted
from dataflow_execution.writers.file_formats import Rows
from dataflow_execution.writers.row_actions import DELETE, INSERT, UPDATE, UPSERT, RowActions, row_actions
from mapping_dataflow import CompiledSink, engine_type

_SCHEMAS = "SELECT schema_name FROM duckdb_schemas()"
_INCOMING = "incoming rows"


def write_table(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, rows: Rows, file: Path, name: TableName
) -> int:
    """Writes the rows of a sink to a table of a DuckDB file, which it makes when there is none; returns how many.

    Raises DataFlowRunError; nothing of the sink is written then.
    """
    actions = row_actions(sink)
    incoming = file.with_name(f".{file.name}.{name.table}.parquet")
    try:
        copied = connection.execute(f"COPY ({rows.sql}) TO {quoted(incoming)} (FORMAT parquet)", dict(rows.bindings))
        row = copied.fetchone()
        with duckdb.connect(str(file)) as database:
            database.begin()
            database.execute(
                f"CREATE TEMP VIEW {identifier(_INCOMING)} AS SELECT * FROM read_parquet({quoted(incoming)})"
            )
            schemas = {str(row[0]).lower() for row in database.execute(_SCHEMAS).fetchall()}
            full = TableName(name.schema or default_schema(schemas), name.table)
            for statement in _statements(sink, full, actions):
                database.execute(statement)
            database.commit()
        return int(row[0]) if row else 0
    except duckdb.Error as error:
        raise DataFlowRunError(f"at Sink '{sink.stream}': {cause_of(error)}") from error
    finally:
        incoming.unlink(missing_ok=True)


def _statements(sink: CompiledSink, name: TableName, actions: RowActions) -> Iterator[str]:
    """Deleted rows first, then changed ones, then new ones."""
    settings = sink.settings
    table = f"{identifier(name.schema)}.{identifier(name.table)}"
    columns = [column.name for column in sink.columns]
    listed = ", ".join(map(identifier, columns))
    typed = ", ".join(f"{identifier(column.name)} {engine_type(column.type)}" for column in sink.columns)
    yield f"CREATE SCHEMA IF NOT EXISTS {identifier(name.schema)}"
    if settings.recreate:
        yield f"DROP TABLE IF EXISTS {table}"
    yield f"CREATE TABLE IF NOT EXISTS {table} ({typed})"
    if settings.truncate:
        yield f"DELETE FROM {table}"
    if not actions.inserts_only:
        yield from _changes(table, columns, actions)
    source = f"SELECT {listed} FROM {identifier(_INCOMING)} WHERE {actions.condition(INSERT)}"
    yield f"INSERT INTO {table} ({listed}) {source}"


def _changes(table: str, columns: list[str], actions: RowActions) -> Iterator[str]:
    same = " AND ".join(f"target.{identifier(key)} = source.{identifier(key)}" for key in actions.keys)
    incoming = identifier(_INCOMING)

    def of(*kinds: str) -> str:
        return f"(SELECT * FROM {incoming} WHERE {actions.condition(*kinds)}) AS source"

    listed = ", ".join(map(identifier, columns))
    updated = [column for column in columns if column not in actions.keys]
    yield f"DELETE FROM {table} AS target USING {of(DELETE)} WHERE {same}"
    if updated:
        values = ", ".join(f"{identifier(column)} = source.{identifier(column)}" for column in updated)
        yield f"UPDATE {table} AS target SET {values} FROM {of(UPDATE, UPSERT)} WHERE {same}"
    taken = ", ".join(f"source.{identifier(column)}" for column in columns)
    yield (
        f"INSERT INTO {table} ({listed}) SELECT {taken} FROM {of(UPSERT)} "
        f"WHERE NOT EXISTS (SELECT 1 FROM {table} AS target WHERE {same})"
    )
