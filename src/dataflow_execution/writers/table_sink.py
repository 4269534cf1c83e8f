"""Tables of a database as sinks: a DuckDB file, in one transaction, rows inserted or found by keys.

https://learn.microsoft.com/azure/data-factory/connector-azure-sql-database#sink-transformation
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from dataflow_execution.errors import DataFlowRunError, cause_of
from dataflow_execution.language_types import language_type
from dataflow_execution.readers.database_tables import TableName, default_schema
from dataflow_execution.sql_text import identifier, quoted
from dataflow_execution.writers.contract import check_contract
from dataflow_execution.writers.file_formats import Rows
from dataflow_execution.writers.row_actions import refuse_commands, row_actions
from dataflow_execution.writers.table_changes import INCOMING, TargetTable, statements
from mapping_dataflow import CompiledSink, engine_type

_SCHEMAS = "SELECT schema_name FROM duckdb_schemas()"
_TABLES = "SELECT 1 FROM duckdb_tables() WHERE lower(schema_name) = lower(?) AND lower(table_name) = lower(?)"


def write_table(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, rows: Rows, file: Path, name: TableName
) -> int:
    """Writes the rows of a sink to a table of a DuckDB file, which it makes when there is none; returns how many.

    Raises DataFlowRunError; nothing of the sink is written then.
    """
    refuse_commands(sink)
    actions = row_actions(sink)
    incoming = file.with_name(f".{file.name}.{name.table}.parquet")
    try:
        copied = connection.execute(f"COPY ({rows.sql}) TO {quoted(incoming)} (FORMAT parquet)", dict(rows.bindings))
        row = copied.fetchone()
        with duckdb.connect(str(file)) as database:
            database.begin()
            database.execute(
                f"CREATE TEMP VIEW {identifier(INCOMING)} AS SELECT * FROM read_parquet({quoted(incoming)})"
            )
            schemas = {str(row[0]).lower() for row in database.execute(_SCHEMAS).fetchall()}
            target = _target(sink, name, schemas)
            if sink.settings.contract:
                check_contract(sink, _columns(database, target.schema, name.table))
            for statement in statements(sink, target, actions):
                database.execute(statement)
            database.commit()
        return int(row[0]) if row else 0
    except duckdb.Error as error:
        raise DataFlowRunError(f"at Sink '{sink.stream}': {cause_of(error)}") from error
    finally:
        incoming.unlink(missing_ok=True)


def _columns(database: duckdb.DuckDBPyConnection, schema: str, table: str) -> dict[str, str]:
    """The columns of a table with the types of the language; none when it is not there."""
    there = database.execute(_TABLES, [schema, table]).fetchone()
    if there is None:
        return {}
    rows = database.sql(f"SELECT * FROM {identifier(schema)}.{identifier(table)} LIMIT 0")
    return {name: language_type(kind) for name, kind in zip(rows.columns, rows.types, strict=True)}


def _target(sink: CompiledSink, name: TableName, schemas: set[str]) -> TargetTable:
    schema = name.schema or default_schema(schemas)
    types = {column.name: engine_type(column.type) for column in sink.columns}
    return TargetTable(schema, f"{identifier(schema)}.{identifier(name.table)}", types)
