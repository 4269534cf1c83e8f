"""The statements by which a table takes the rows of a sink, in SQL that DuckDB and PostgreSQL both speak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dataflow_execution.sql_text import identifier
from dataflow_execution.writers.row_actions import DELETE, INSERT, UPDATE, UPSERT, RowActions
from mapping_dataflow import CompiledSink

INCOMING = "incoming rows"
"""The table or view of the connection with the rows of the sink, under the names that the sink gives them."""


@dataclass(frozen=True)
class TargetTable:
    """A table: its schema and name in SQL, the database's types of its columns, and its names where they differ.

    ``casts`` are the types of columns, by the sink's names, to which values are converted as they go in. What exists
    is not asked for again: who may write need not be allowed to make something.
    """

    schema: str
    sql: str
    types: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    casts: Mapping[str, str] = field(default_factory=dict)
    has_schema: bool = False
    exists: bool = False

    def column(self, name: str) -> str:
        """A column of the sink as the table names it."""
        return identifier(self.names.get(name, name))

    def value(self, name: str, of: str = "") -> str:
        """A column of the rows that go in, as the table takes it; ``of`` is what precedes its name."""
        taken = f"{of}{identifier(name)}"
        return f"CAST({taken} AS {self.casts[name]})" if name in self.casts else taken


def statements(sink: CompiledSink, table: TargetTable, actions: RowActions) -> Iterator[str]:
    """All statements of a sink: the table is prepared, then it takes the rows."""
    yield from preparations(sink, table)
    yield from changes(sink, table, actions)


def preparations(sink: CompiledSink, table: TargetTable) -> Iterator[str]:
    """The table is made when there is none, and emptied when the sink says so."""
    settings = sink.settings
    columns = [column.name for column in sink.columns]
    typed = ", ".join(f"{table.column(name)} {table.types[name]}" for name in columns)
    if not table.has_schema:
        yield f"CREATE SCHEMA IF NOT EXISTS {identifier(table.schema)}"
    if settings.recreate:
        yield f"DROP TABLE IF EXISTS {table.sql}"
    if settings.recreate or not table.exists:
        yield f"CREATE TABLE IF NOT EXISTS {table.sql} ({typed})"
    if settings.truncate:
        yield f"DELETE FROM {table.sql}"


def changes(sink: CompiledSink, table: TargetTable, actions: RowActions) -> Iterator[str]:
    """Deleted rows come first, then changed ones, then new ones. Each statement is about rows of its own, but for the
    two of rows to update or insert."""
    columns = [column.name for column in sink.columns]
    if not actions.inserts_only:
        yield from _changes(table, columns, actions)
    new = actions.of_new_rows(columns)
    taken = ", ".join(map(table.value, new))
    source = f"SELECT {taken} FROM {identifier(INCOMING)} WHERE {actions.condition(INSERT)}"
    yield f"INSERT INTO {table.sql} ({', '.join(map(table.column, new))}) {source}"


def _changes(table: TargetTable, columns: list[str], actions: RowActions) -> Iterator[str]:
    same = " AND ".join(f"target.{table.column(key)} = {table.value(key, 'source.')}" for key in actions.keys)
    incoming = identifier(INCOMING)

    def of(*kinds: str) -> str:
        return f"(SELECT * FROM {incoming} WHERE {actions.condition(*kinds)}) AS source"

    updated = [column for column in columns if column not in actions.keys]
    yield f"DELETE FROM {table.sql} AS target USING {of(DELETE)} WHERE {same}"
    if updated:
        values = ", ".join(f"{table.column(column)} = {table.value(column, 'source.')}" for column in updated)
        yield f"UPDATE {table.sql} AS target SET {values} FROM {of(UPDATE, UPSERT)} WHERE {same}"
    new = actions.of_new_rows(columns)
    listed = ", ".join(map(table.column, new))
    taken = ", ".join(table.value(column, "source.") for column in new)
    yield (
        f"INSERT INTO {table.sql} ({listed}) SELECT {taken} FROM {of(UPSERT)} "
        f"WHERE NOT EXISTS (SELECT 1 FROM {table.sql} AS target WHERE {same})"
    )
