"""Rows that failed an assertion, when a sink writes them to a place of their own: as CSV, with what they failed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from dataflow_execution.formats import DelimitedText
from dataflow_execution.sql_text import identifier, quoted
from dataflow_execution.writers.file_formats import Rows
from dataflow_execution.writers.titled_columns import TitledColumn, write_titled
from mapping_dataflow import CompiledSink

FILE_NAME = "part-00000.csv"
_IDS, _MESSAGES = "assertIds", "assertMessages"


@dataclass(frozen=True)
class ParedRows:
    """The rows of a sink without the failed ones; ``failed`` is the file of those, None when there are none."""

    rows: Rows
    failed: Path | None


def without_failed(connection: duckdb.DuckDBPyConnection, sink: CompiledSink, rows: Rows, folder: Path) -> ParedRows:
    """The rows, computed once; those of a sink that does not tell failed ones apart are left as they are."""
    if sink.error_column is None:
        return ParedRows(rows, None)
    folder.mkdir(parents=True, exist_ok=True)
    everything = folder / "all-rows.parquet"
    connection.execute(f"COPY ({rows.sql}) TO {quoted(everything)} (FORMAT parquet)", dict(rows.bindings))
    errors = identifier(sink.error_column)
    source = f"FROM read_parquet({quoted(everything)})"
    good = Rows(f"SELECT * EXCLUDE ({errors}) {source} WHERE coalesce(len({errors}), 0) = 0")
    columns = [
        TitledColumn(f"{f'to_json({key})' if column.is_complex else key}::VARCHAR", column.name)
        for column in sink.columns
        for key in [identifier(column.key)]
    ]
    columns += [
        TitledColumn(f"array_to_string(list_transform({errors}, lambda error: error.{field}), '; ')", title)
        for field, title in (("id", _IDS), ("message", _MESSAGES))
    ]
    bad = Rows(f"SELECT * {source} WHERE len({errors}) > 0")
    count = write_titled(connection, columns, bad, folder / "failed.csv", DelimitedText(header=True, escape='"'))
    return ParedRows(good, folder / "failed.csv" if count else None)
