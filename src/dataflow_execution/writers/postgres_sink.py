"""Tables of PostgreSQL as sinks: in one transaction, with the sink's commands before and after.

https://learn.microsoft.com/azure/data-factory/connector-azure-sql-database#sink-transformation
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import psycopg

from dataflow_execution.arrow_types import language_type
from dataflow_execution.errors import COMPLEX_TYPE, DataFlowRunError
from dataflow_execution.postgres_address import PostgresAddress
from dataflow_execution.postgres_tables import FoundTable, find_table
from dataflow_execution.readers.database_tables import TableName
from dataflow_execution.readers.postgres_rows import column_type
from dataflow_execution.sql_dialect import SqlError, translate_command
from dataflow_execution.sql_text import identifier
from dataflow_execution.writers.contract import check_contract
from dataflow_execution.writers.file_formats import Rows, batches
from dataflow_execution.writers.rejected_rows import IncomingRows, RejectedRow
from dataflow_execution.writers.row_actions import row_actions
from dataflow_execution.writers.table_changes import TargetTable, changes, preparations
from mapping_dataflow import CompiledSink, SinkColumn

_TYPES = {
    "boolean": "boolean",
    "byte": "smallint",
    "short": "smallint",
    "integer": "integer",
    "long": "bigint",
    "float": "real",
    "double": "double precision",
    "string": "text",
    "date": "date",
    "timestamp": "timestamp",
    "binary": "bytea",
}


def check_columns(sink: CompiledSink) -> None:
    """Raises DataFlowRunError for a column that no column of a table can hold."""
    for column in sink.columns:
        _type(column, sink.stream)


def write_postgres(
    connection: duckdb.DuckDBPyConnection,
    sink: CompiledSink,
    rows: Rows,
    address: PostgresAddress,
    name: TableName,
    *,
    folds: bool,
) -> tuple[RejectedRow, ...]:
    """Writes the rows of a sink to a table, which it makes when there is none. ``folds``: names and commands are SQL
    Server's. Returns the rows that the table did not take, where the sink goes on without them. Raises
    DataFlowRunError without the password; nothing of the sink is written then."""
    place = f"at Sink '{sink.stream}': {address}"
    try:
        with psycopg.connect(address.conninfo) as database, database.cursor() as cursor:
            for command in _commands(sink.settings.before, find_table(cursor, name, folds=folds), folds=folds):
                cursor.execute(command.encode())
            found = find_table(cursor, name, folds=folds)  # the commands may have made it
            check_contract(sink, _columns(cursor, found) if sink.settings.contract else {})
            table = _target(sink, found, folds=folds)
            for statement in preparations(sink, table):
                cursor.execute(statement.encode())
            incoming = IncomingRows(cursor, goes_on=sink.settings.rejected is not None)
            _copy(connection, incoming, sink, rows)
            for statement in changes(sink, table, row_actions(sink)):
                incoming.change(statement)
            for command in _commands(sink.settings.after, found, folds=folds):
                cursor.execute(command.encode())
            return tuple(RejectedRow(number, *told) for number, told in sorted(incoming.rejected.items()))
    except (psycopg.Error, SqlError) as error:
        raise DataFlowRunError(f"{place}: {address.told(error)}") from None  # its text may hold the password


def _columns(cursor: psycopg.Cursor[Any], found: FoundTable) -> dict[str, str]:
    """The columns of a table with the types of the language; none when it is not there."""
    if not found.columns:
        return {}
    cursor.execute(f"SELECT * FROM {found.sql} LIMIT 0".encode())
    return {each.name: str(language_type(column_type(each))) for each in cursor.description or []}


def _commands(texts: Sequence[str], found: FoundTable, *, folds: bool) -> list[str]:
    return [translate_command(text, found.name.schema) if folds else text for text in texts]


def _target(sink: CompiledSink, found: FoundTable, *, folds: bool) -> TargetTable:
    known = FoundTable(found.name) if sink.settings.recreate else found
    types = {column.name: _type(column, sink.stream) for column in sink.columns}
    names = {column.name: known.column(column.name, folds=folds) for column in sink.columns}
    exists = bool(found.columns)
    # SQL Server converts what goes into a column to its type, text to numbers, too; PostgreSQL would not.
    casts = {name: known.types[other] for name, other in names.items() if folds and other in known.types}
    has_schema = exists or found.has_schema
    return TargetTable(found.name.schema, found.sql, types, names, casts, has_schema=has_schema, exists=exists)


def _type(column: SinkColumn, stream: str) -> str:
    if column.type.startswith("decimal"):
        return column.type.replace("decimal", "numeric")
    if column.type not in _TYPES:
        raise DataFlowRunError(
            f"at Sink '{stream}': the column '{column.name}' of type {column.type} does not fit into a table",
            hint="flatten or stringify it before the sink",
            code=COMPLEX_TYPE,
        )
    return _TYPES[column.type]


def _copy(connection: duckdb.DuckDBPyConnection, incoming: IncomingRows, sink: CompiledSink, rows: Rows) -> None:
    """The rows into a table of the transaction's own."""
    columns = {column.name: _type(column, sink.stream) for column in sink.columns}
    if sink.action_column is not None:
        columns[sink.action_column] = "text"
    typed = ", ".join(f"{identifier(name)} {kind}" for name, kind in columns.items())
    listed = ", ".join(map(identifier, columns))
    incoming.create(typed)
    with incoming.cursor.copy(f"COPY {identifier(incoming.table)} ({listed}) FROM STDIN".encode()) as copy:
        for batch in batches(connection, Rows(f"SELECT {listed} FROM ({rows.sql})", rows.bindings)):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                copy.write_row(row)
