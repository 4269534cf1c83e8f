"""The rows of a table by the values of some SQL: which values there are, and which rows have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from dataflow_execution.sql_text import identifier, quoted

_NUMBER = "number of the row"
_LOOKS_OF_A_SORT = 64
"""To sort rows takes as long as to look through them about so often."""


@dataclass(frozen=True)
class Group:
    """Rows with the same values of the SQL that divides them, and how many they are."""

    values: tuple[Any, ...]
    rows: int


def groups_of(connection: duckdb.DuckDBPyConnection, table: str, keys: Sequence[str]) -> list[Group]:
    """The groups of a table's rows by some SQL, in the order of their values."""
    positions = ", ".join(str(number) for number, _ in enumerate(keys, 1))
    query = f"SELECT {', '.join(keys)}, count(*) FROM {identifier(table)} GROUP BY {positions} ORDER BY {positions}"
    return [Group(tuple(values), count) for *values, count in connection.execute(query).fetchall()]


def rows_of_groups(
    connection: duckdb.DuckDBPyConnection, table: str, keys: Sequence[str], groups: Sequence[Group]
) -> Iterator[str]:
    """Queries for the rows of each group, in the table's order. For many groups the table is sorted by them first."""
    every = f"SELECT * FROM {identifier(table)}"
    if len(groups) <= _LOOKS_OF_A_SORT:
        for group in groups:
            pairs = zip(keys, group.values, strict=True)
            same = " AND ".join(f"{key} IS NOT DISTINCT FROM {_literal(value)}" for key, value in pairs)
            yield f"{every} WHERE {same}"
        return
    number = identifier(_NUMBER)
    ordered = f"{every} ORDER BY {', '.join(keys)}, rowid"
    replace_table(connection, table, f"SELECT *, row_number() OVER () AS {number} FROM ({ordered})")
    first = 1
    for group in groups:
        yield f"{every} WHERE {number} BETWEEN {first} AND {first + group.rows - 1}"
        first += group.rows


def replace_table(connection: duckdb.DuckDBPyConnection, table: str, query: str) -> None:
    """Makes a temporary table what a query over it gives."""
    made = identifier(f"{table} anew")
    connection.execute(f"CREATE TEMP TABLE {made} AS {query}")
    connection.execute(f"DROP TABLE {identifier(table)}")
    connection.execute(f"ALTER TABLE {made} RENAME TO {identifier(table)}")


def _literal(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    return quoted(value) if isinstance(value, str) else str(value)
