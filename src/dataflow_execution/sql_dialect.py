"""T-SQL queries rewritten for the engines that stand in for Azure SQL; nothing is executed here.

INFORMATION_SCHEMA.COLUMNS answers in SQL Server's words (`nvarchar`, `datetime2`) on both engines, read from the
engine's own catalogue, so that a changed table shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

Engine = Literal["duckdb", "postgres"]

_TYPE_NAMES = {
    "varchar": "nvarchar",
    "character varying": "nvarchar",
    "text": "nvarchar",
    "date": "date",
    "timestamp": "datetime2",
    "timestamp without time zone": "datetime2",
    "timestamp with time zone": "datetimeoffset",
    "double": "float",
    "double precision": "float",
    "float": "real",
    "real": "real",
    "integer": "int",
    "bigint": "bigint",
    "smallint": "smallint",
    "boolean": "bit",
    "numeric": "decimal",
    "blob": "varbinary",
    "bytea": "varbinary",
}


_CATALOGUE_NAMES = {
    name.lower(): name
    for name in (
        "TABLE_CATALOG",
        "TABLE_SCHEMA",
        "TABLE_NAME",
        "COLUMN_NAME",
        "ORDINAL_POSITION",
        "IS_NULLABLE",
        "DATA_TYPE",
        "CHARACTER_MAXIMUM_LENGTH",
        "NUMERIC_PRECISION",
        "NUMERIC_SCALE",
    )
}


class SqlError(Exception):
    """An error of SQL Server; `number` is its message number."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
        self.message = message


@dataclass(frozen=True)
class Translated:
    """A query for one engine; `tables` are those it reads (`schema.table`, lower case), `names` restores name case."""

    sql: str
    tables: frozenset[str]
    names: Mapping[str, str]


def translate(query: str, engine: Engine, declared_names: Mapping[str, str], default_schema: str = "dbo") -> Translated:
    """Rewrite one SELECT; raises SqlError 102 for other statements and for what cannot be parsed.

    `declared_names` maps lower-cased column names to how the tables declare them; `default_schema` takes the place of
    `dbo`, in names and where there is no schema.
    """
    try:
        statements = [each for each in sqlglot.parse(query, read="tsql") if each is not None]
    except SqlglotError as error:
        raise SqlError(102, f"Incorrect syntax in the query: {error}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise SqlError(102, "The query is not a single SELECT statement; only reading is supported locally.")
    tree: exp.Expr = statements[0]
    names = {**declared_names, **_CATALOGUE_NAMES, **_written_names(tree)}
    tables = frozenset(_read_tables(tree, default_schema))
    tree = tree.transform(_catalogue_view, engine, names)
    if engine == "postgres":
        tree = tree.transform(_lower_identifier)
    return Translated(tree.sql(dialect=engine), tables, names)


def translate_command(text: str, default_schema: str) -> str:
    """A command in T-SQL for PostgreSQL, where ``default_schema`` takes the place of `dbo`.

    Raises SqlError 102 for what cannot be parsed or has no translation.
    """
    try:
        statements = [each for each in sqlglot.parse(text, read="tsql") if each is not None]
        if any(each.find(exp.Command) for each in statements):
            raise SqlError(102, "The command cannot be translated from T-SQL to PostgreSQL.")
        for each in statements:
            _read_tables(each, default_schema)
        trees = [each.transform(_lower_identifier) for each in statements]
        return "; ".join(tree.sql(dialect="postgres", unsupported_level=ErrorLevel.RAISE) for tree in trees)
    except SqlglotError as error:
        raise SqlError(102, f"Incorrect syntax in the command: {error}") from error


def _written_names(tree: exp.Expr) -> dict[str, str]:
    """Aliases as written, by lower case."""
    return {alias.alias.lower(): alias.alias for alias in tree.find_all(exp.Alias) if alias.alias}


def _read_tables(tree: exp.Expr, default_schema: str) -> list[str]:
    own = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    found: list[str] = []
    for table in tree.find_all(exp.Table):
        schema = (table.db or "dbo").lower()
        if schema == "information_schema" or (not table.db and table.name.lower() in own):
            continue
        if schema == "dbo":
            table.set("db", exp.to_identifier(default_schema))
        found.append(f"{schema}.{table.name.lower()}")
    return found


def _catalogue_view(node: exp.Expr, engine: Engine, names: Mapping[str, str]) -> exp.Expr:
    if not isinstance(node, exp.Table) or (node.db or "").lower() != "information_schema":
        return node
    if node.name.lower() != "columns":
        raise SqlError(
            208, f"Invalid object name 'INFORMATION_SCHEMA.{node.name}' (only COLUMNS is supported locally)."
        )
    view = sqlglot.parse_one(_columns_query(engine, names), read=engine)
    alias = node.alias or "COLUMNS"
    return exp.Subquery(this=view, alias=exp.TableAlias(this=exp.to_identifier(alias)))


def _columns_query(engine: Engine, names: Mapping[str, str]) -> str:
    types = " ".join(f"WHEN '{own}' THEN '{name}'" for own, name in _TYPE_NAMES.items())
    cases = " ".join(
        f"WHEN '{lower}' THEN '{name}'" for lower, name in sorted(names.items()) if _plain(lower) and _plain(name)
    )
    column = f"CASE lower(column_name) {cases} ELSE column_name END" if cases else "column_name"
    family = f"CASE split_part(lower(data_type), '(', 1) {types} ELSE lower(data_type) END"
    return (
        'SELECT table_catalog AS "TABLE_CATALOG", table_schema AS "TABLE_SCHEMA", table_name AS "TABLE_NAME", '
        f'{column} AS "COLUMN_NAME", ordinal_position AS "ORDINAL_POSITION", is_nullable AS "IS_NULLABLE", '
        f'{family} AS "DATA_TYPE", character_maximum_length AS "CHARACTER_MAXIMUM_LENGTH", '
        'numeric_precision AS "NUMERIC_PRECISION", numeric_scale AS "NUMERIC_SCALE" '
        "FROM information_schema.columns WHERE table_schema NOT IN ('information_schema', 'pg_catalog')"
    )


def _plain(name: str) -> bool:
    return name.replace("_", "").isalnum()


def _lower_identifier(node: exp.Expr) -> exp.Expr:
    """PostgreSQL folded the names of the tables to lower case when they were made; so are all names of the query."""
    if isinstance(node, exp.Identifier):
        return exp.Identifier(this=node.this.lower(), quoted=True)
    return node
