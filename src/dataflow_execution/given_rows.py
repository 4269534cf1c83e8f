"""Rows that people write down: as dictionaries, or as a table of Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from dataflow_execution.column_spelling import name_of, spelled
from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.sources import create_view
from dataflow_execution.sql_text import identifier
from mapping_dataflow import SourceSchema, engine_type

RowOfValues = Mapping[str, Any]
GivenRows = Sequence[RowOfValues] | str
"""Dictionaries, or a table of Markdown."""

_SEPARATOR = re.compile(r":?-+:?")


def view_of_rows(
    connection: duckdb.DuckDBPyConnection, name: str, rows: GivenRows, declared: Mapping[str, str]
) -> SourceSchema:
    """A view of rows, called ``name``, with the declared columns that they lack as nulls.

    The type of a column is that of its values, as a file has them: texts are converted by the flow. Raises
    DataFlowRunError for a table that is none and for a column with values of several types.
    """
    if isinstance(rows, str):
        query = table_query(rows, declared)
    else:
        query = _query_of_values(connection, f"{name} values", rows, declared)
    return create_view(connection, name, query)


def rows_of_table(text: str, types: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of a table of Markdown; columns without a type in their title have that of ``types``, or are text."""
    with duckdb.connect() as connection:
        found = connection.execute(table_query(text, types, typed=True))
        names = [name_of(str(column[0])) for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def table_query(text: str, types: Mapping[str, str], *, typed: bool = False) -> str:
    """A query that gives the rows of a table of Markdown.

    ``| name as type | … |``, a line of dashes, rows: ``null`` is null, arrays, maps and structures are JSON, binary is
    hex. A column without a type is text, or with ``typed`` of the type in ``types``. Columns of ``types`` that the
    table lacks are null, but not with ``typed``. Raises DataFlowRunError for a text that is no table.
    """
    lines = [_cells(line) for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or not all(_SEPARATOR.fullmatch(cell) for cell in lines[1]):
        raise DataFlowRunError(
            "the rows are no table of Markdown", expected="| name | … |, a line of dashes, and the rows below"
        )
    titles = [title.partition(" as ") for title in lines[0]]
    columns = {name.strip(): kind.strip() or (types.get(name.strip(), "") if typed else "") for name, _, kind in titles}
    for line in lines[2:]:
        if len(line) != len(columns):
            raise DataFlowRunError(f"the row | {' | '.join(line)} | has {len(line)} cells", expected=f"{len(columns)}")
    missing = [] if typed else [name for name in types if name not in columns]
    spelling = spelled([*columns, *missing])
    items = [_typed(spelling[name], kind) for name, kind in columns.items()]
    items += [_missing(spelling[name], types[name]) for name in missing]
    names = ", ".join(identifier(spelling[name]) for name in columns)
    values = ", ".join(f"({', '.join(map(_literal, line))})" for line in lines[2:])
    if not values:
        values, where = f"({', '.join(['NULL::VARCHAR'] * len(columns))})", " WHERE FALSE"
    else:
        where = ""
    return f"SELECT {', '.join(items)} FROM (VALUES {values}) AS given({names}){where}"


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def _literal(cell: str) -> str:
    if cell == "null":
        return "NULL::VARCHAR"
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        cell = cell[1:-1]  # so that spaces around, or the word null, can be written
    return "'" + cell.replace("'", "''") + "'::VARCHAR"


def _typed(name: str, kind: str) -> str:
    column = identifier(name)
    if kind in ("", "string"):
        return column
    value = column
    if kind == "binary":
        value = f"unhex({column})"
    elif kind.endswith("]") or kind.startswith("("):
        value = f"CAST({column} AS JSON)"
    return f"CAST({value} AS {engine_type(kind)}) AS {column}"


def _missing(name: str, kind: str) -> str:
    return f"CAST(NULL AS {engine_type(kind)}) AS {identifier(name)}"


def _query_of_values(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[RowOfValues], declared: Mapping[str, str]
) -> str:
    import pyarrow as pa

    names = list(dict.fromkeys([key for row in rows for key in row]))
    spelling = spelled([*names, *declared])
    columns: dict[str, pa.Array[Any]] = {}
    for column in names:
        try:
            columns[column] = pa.array([row.get(column) for row in rows])
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise DataFlowRunError(f"the values of {column!r} are of several types: {error}") from error
    empty = [column for column, values in columns.items() if pa.types.is_null(values.type)]
    items = [identifier(spelling[column]) for column in columns if column not in empty]
    items += [_missing(spelling[column], declared.get(column, "string")) for column in empty]
    items += [_missing(spelling[column], kind) for column, kind in declared.items() if column not in columns]
    if not columns:
        return f"SELECT {', '.join(items) or 'NULL::VARCHAR AS empty'} WHERE FALSE"
    connection.register(name, pa.table({spelling[column]: values for column, values in columns.items()}))
    return f"SELECT {', '.join(items)} FROM {identifier(name)}"
