"""Rows that a table of PostgreSQL does not take, told apart from those that it takes, and kept as CSV with the reason.

A statement is tried on all rows; where the database refuses one, on each half, until the rows that it refuses stand
alone. Where few are refused this costs little. The service does it in two phases as well:
https://techcommunity.microsoft.com/t5/azure-data-factory-blog/how-to-handle-sql-db-row-level-errors-in-adf-data-flows/ba-p/1921000
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.formats import DelimitedText
from dataflow_execution.sql_text import identifier
from dataflow_execution.writers.file_formats import Rows, write_delimited
from dataflow_execution.writers.table_changes import INCOMING
from mapping_dataflow import CompiledSink

_ALL_INCOMING = "all incoming rows"
_NUMBER = "row number"
_FIRST, _LAST = "dataflow.first", "dataflow.last"
_CODE, _MESSAGE = "errorCode", "errorMessage"


@dataclass(frozen=True)
class RejectedRow:
    """``number`` counts the rows of the sink from 1; ``code`` is the SQLSTATE, ``message`` the database's own."""

    number: int
    code: str
    message: str


@dataclass
class IncomingRows:
    """The rows of a sink in a transaction. ``goes_on``: without those whose values the database refuses; ``rejected``
    tells by number why it did."""

    cursor: psycopg.Cursor[Any]
    goes_on: bool
    rejected: dict[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def table(self) -> str:
        """The name of the table that takes all rows."""
        return _ALL_INCOMING if self.goes_on else INCOMING

    def create(self, columns: str) -> None:
        """Makes that table, with the columns that a definition says. Where the sink goes on its rows have numbers, and
        `INCOMING` is a view of some of them."""
        if not self.goes_on:
            self.cursor.execute(f"CREATE TEMP TABLE {identifier(INCOMING)} ({columns})".encode())
            return
        numbered = f"{identifier(_NUMBER)} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
        self.cursor.execute(f"CREATE TEMP TABLE {identifier(_ALL_INCOMING)} ({columns}, {numbered})".encode())
        bounds = " AND ".join(f"current_setting('{name}')::bigint" for name in (_FIRST, _LAST))
        some = f"SELECT * FROM {identifier(_ALL_INCOMING)} WHERE {identifier(_NUMBER)} BETWEEN {bounds}"
        self.cursor.execute(f"CREATE TEMP VIEW {identifier(INCOMING)} AS {some}".encode())

    def change(self, statement: str) -> None:
        """Runs a statement over the rows. Raises psycopg.Error for what is not about the values of a row, and for that
        too where the sink does not go on."""
        if self.goes_on:
            self._change_in_parts(statement)
        else:
            self.cursor.execute(statement.encode())

    def _change_in_parts(self, statement: str) -> None:
        counted = self.cursor.execute(f"SELECT count(*) FROM {identifier(_ALL_INCOMING)}".encode()).fetchone()
        parts = [(1, int(counted[0]) if counted else 0)]
        while parts:
            first, last = parts.pop()
            bounds = (_FIRST, str(first), _LAST, str(last))
            self.cursor.execute("SELECT set_config(%s, %s, true), set_config(%s, %s, true)", bounds)
            try:
                with self.cursor.connection.transaction():
                    self.cursor.execute(statement.encode())
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                if first == last:
                    told = str(error).strip().splitlines() or [type(error).__name__]
                    self.rejected[first] = (error.sqlstate or "", told[0])
                else:
                    middle = (first + last) // 2
                    parts += [(middle + 1, last), (first, middle)]


def write_rejected(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, rows: Rows, rejected: Sequence[RejectedRow], file: Path
) -> None:
    """Writes the rejected ones among the rows of a sink as CSV, each with the database's code and message."""
    connection.execute("CREATE OR REPLACE TEMP TABLE rejected (number BIGINT, code VARCHAR, message VARCHAR)")
    told = [(each.number, each.code, each.message) for each in rejected]
    connection.executemany("INSERT INTO rejected VALUES (?, ?, ?)", told)
    columns = ", ".join(f"{identifier(column.name)}::VARCHAR AS {identifier(column.name)}" for column in sink.columns)
    numbered = f"SELECT *, row_number() OVER () AS {identifier(_NUMBER)} FROM ({rows.sql})"
    chosen = (
        f"SELECT {columns}, code AS {identifier(_CODE)}, message AS {identifier(_MESSAGE)} FROM ({numbered}) "
        f"JOIN rejected ON number = {identifier(_NUMBER)} ORDER BY number"
    )
    write_delimited(connection, Rows(chosen, rows.bindings), file, DelimitedText(header=True, escape='"'))


def rows_were_rejected(sink: CompiledSink, rejected: Sequence[RejectedRow], count: int) -> DataFlowRunError:
    """The failure of a sink of ``count`` rows that goes on after rejected ones, and fails then."""
    first = rejected[0]
    return DataFlowRunError(
        f"at Sink '{sink.stream}': the table took {count - len(rejected):,} of {count:,} rows, which are written; the "
        f"first of the others is row {first.number}: {first.message} ({first.code})",
        hint="outputRejectedData: true keeps them, with reportSuccessOnError: true they do not fail the run",
    )
