"""Rows of a data flow written to files and read back, on DuckDB, without any service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from dataflow_bench import document_of

from dataflow_execution.duckdb_functions import register
from dataflow_execution.formats import FileFormat
from dataflow_execution.places_of_run import sink_placed_now
from dataflow_execution.readers.source_files import SourceFile
from dataflow_execution.sources import Reading, create_source
from dataflow_execution.sql_text import identifier
from dataflow_execution.writers.file_formats import Rows
from dataflow_execution.writers.file_names import Place, part_name
from dataflow_execution.writers.file_sink import StagedFiles, stage_files
from mapping_dataflow import CompiledSink, SourceSchema, compile_flow, engine_type, relation_columns, required_sources

Row = tuple[Any, ...]
PARTS = Place("", part_name)


def write_rows(
    columns: Mapping[str, str], rows: Sequence[Row], form: FileFormat, folder: Path, settings: str = ""
) -> StagedFiles:
    """The rows, as a sink with these settings writes them."""
    with duckdb.connect() as connection:
        keys = zip(relation_columns(columns), columns.values(), strict=True)
        declared = ", ".join(f"{identifier(key)} {engine_type(kind)}" for key, kind in keys)
        connection.execute(f"CREATE TABLE given ({declared})")
        if rows:
            connection.executemany(f"INSERT INTO given VALUES ({', '.join('?' * len(columns))})", rows)
        sink = copying_sink(columns, SourceSchema(columns, "given"), settings)
        return stage_files(
            connection, sink_placed_now(connection, sink), Rows(sink.sql, sink.bindings), form, PARTS, folder
        )


def read_rows(
    columns: Mapping[str, str] | None,
    files: Sequence[SourceFile],
    form: FileFormat,
    folder: Path,
    settings: str = "",
) -> tuple[list[str], list[Row]]:
    """The names of the columns and the rows that a source with these columns and settings gives."""
    with duckdb.connect() as connection:
        request = required_sources(document_of(_copying(columns, settings, "")))[0]
        schema = create_source(connection, request, files, form, "read", Reading(folder))
        sink = copying_sink(columns, schema, "", settings)
        register(connection, sink.python_functions)
        rows = connection.execute(sink.sql, dict(sink.bindings)).fetchall()
        return [column.name for column in sink.columns], rows


def copying_sink(
    columns: Mapping[str, str] | None, schema: SourceSchema, sink: str = "", source: str = ""
) -> CompiledSink:
    """The sink of a flow that only copies."""
    return compile_flow(document_of(_copying(columns, source, sink)), {"in": schema}).sinks[0]


def _copying(columns: Mapping[str, str] | None, source: str, sink: str) -> str:
    declared = ", ".join(f"{{{name}}} as {kind}" for name, kind in (columns or {}).items())
    arguments = [f"output({declared})"] if columns else ["allowSchemaDrift: true"]
    return f"source({', '.join([*arguments, *([source] if source else [])])}) ~> in\nin sink({sink}) ~> out"
