"""Tables of PostgreSQL where they stand in for those of a dataset: their names, and the dialect of queries.

A dataset of PostgreSQL is taken at its word. All others mean SQL Server: names are found in any case, and those that
are new become lower case, as PostgreSQL folds the names of a query; queries and commands are translated from T-SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

from dataflow_execution.readers.database_tables import TableName
from dataflow_execution.sql_text import identifier

_POSTGRES_DATASETS = frozenset({"azurepostgresqltable", "postgresqltable", "postgresqlv2table"})
_PUBLIC, _DEFAULT = "public", "dbo"
_COLUMNS = """SELECT table_schema, table_name, column_name, udt_schema, udt_name FROM information_schema.columns
    WHERE lower(table_schema) = lower(%s) AND lower(table_name) = lower(%s) ORDER BY ordinal_position"""


@dataclass(frozen=True)
class FoundTable:
    """A table as the database names it; ``columns`` by their lower-case names, none when the table is not there;
    ``types`` of the columns in SQL, without lengths."""

    name: TableName
    columns: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    has_schema: bool = True

    def column(self, name: str, *, folds: bool) -> str:
        """The database's name of a column; of a new one the name itself, in lower case with ``folds``."""
        if not folds:
            return name
        return self.columns.get(name.lower(), name.lower())

    @property
    def sql(self) -> str:
        """The name in SQL."""
        return f"{identifier(self.name.schema)}.{identifier(self.name.table)}"


def speaks_postgres(dataset_type: str | None) -> bool:
    """True for a dataset whose names and queries are PostgreSQL's own."""
    return (dataset_type or "").lower() in _POSTGRES_DATASETS


def find_table(cursor: psycopg.Cursor[Any], name: TableName, *, folds: bool) -> FoundTable:
    """The table of a name. SQL Server's default schema is PostgreSQL's own where the database has no ``dbo``."""
    for schema in _schemas(name.schema, folds=folds):
        rows = cursor.execute(_COLUMNS, (schema, name.table)).fetchall()
        exact = [row for row in rows if folds or (row[0], row[1]) == (schema, name.table)]
        if exact:
            first = TableName(exact[0][0], exact[0][1])
            described = [row[2:] for row in exact if (row[0], row[1]) == (first.schema, first.table)]
            types = {name: f"{identifier(schema)}.{identifier(kind)}" for name, schema, kind in described}
            return FoundTable(first, {name.lower(): name for name in types}, types)
    made = _new_name(cursor, name, folds=folds)
    return FoundTable(made, has_schema=has_schema(cursor, made.schema))


def _new_name(cursor: psycopg.Cursor[Any], name: TableName, *, folds: bool) -> TableName:
    if not folds:
        return TableName(name.schema or _PUBLIC, name.table)
    schema = name.schema.lower()
    if schema in ("", _DEFAULT):
        schema = _DEFAULT if has_schema(cursor, _DEFAULT) else _PUBLIC
    return TableName(schema, name.table.lower())


def has_schema(cursor: psycopg.Cursor[Any], name: str) -> bool:
    """True when the database has a schema of exactly this name."""
    return cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (name,)).fetchone() is not None


def _schemas(schema: str, *, folds: bool) -> Iterable[str]:
    if folds and schema.lower() in ("", _DEFAULT):
        return (_DEFAULT, _PUBLIC)
    return (schema or _PUBLIC,)
