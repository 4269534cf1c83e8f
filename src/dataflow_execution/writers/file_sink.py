"""A sink's rows as files, all of them written to a folder before any is published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from dataflow_execution.duckdb_functions import register
from dataflow_execution.errors import DataFlowRunError, not_supported
from dataflow_execution.formats import DelimitedText, FileFormat, Json, name_of
from dataflow_execution.sql_text import identifier
from dataflow_execution.writers.divided_table import Group, groups_of, rows_of_groups
from dataflow_execution.writers.file_formats import Rows
from dataflow_execution.writers.file_names import Division, Place, division_of, goes_to_several_files, single_name
from dataflow_execution.writers.row_actions import refuse_commands
from dataflow_execution.writers.sink_columns import json_columns, plain_columns, text_columns, written_functions
from dataflow_execution.writers.titled_columns import write_titled
from mapping_dataflow import CompiledSink


@dataclass(frozen=True)
class StagedFile:
    """A written file; ``target`` is relative to the file system when ``from_root``, else to the sink's folder."""

    path: Path
    target: str
    from_root: bool


@dataclass(frozen=True)
class StagedFiles:
    """All files of a sink, not yet in their places."""

    rows: int
    files: tuple[StagedFile, ...]


def stage_files(
    connection: duckdb.DuckDBPyConnection,
    sink: CompiledSink,
    rows: Rows,
    form: FileFormat,
    place: Place,
    folder: Path,
    check: Callable[[], None] = lambda: None,
) -> StagedFiles:
    """Computes the sink's rows and writes its files below ``folder``; ``check`` is called before each file.

    Raises DataFlowRunError for what cannot be written.
    """
    settings = sink.settings
    refuse_commands(sink)
    if sink.action_column is not None and set(settings.row_policies) != {"insert"}:
        raise DataFlowRunError(
            f"at Sink '{sink.stream}': files take inserted rows alone",
            hint="write to a Delta table or a database, or set only insertable: true",
        )
    if place.only and goes_to_several_files(settings):
        raise DataFlowRunError(
            f"at Sink '{sink.stream}': its rows go to several files, and {place.file} is one", hint="name a folder"
        )
    if not goes_to_several_files(settings):
        name = single_name(sink, place, form)
        register(connection, written_functions(sink))
        count = _write(connection, sink, rows, form, folder / "0")
        return StagedFiles(count, (StagedFile(folder / "0", name, False),))
    table = f"rows of {sink.stream}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {identifier(table)} AS {rows.sql}", dict(rows.bindings))
    try:
        division = division_of(connection, sink, form, place, table)
        return _divided(connection, sink, form, table, division, folder, check)
    finally:
        connection.execute(f"DROP TABLE {identifier(table)}")


def _divided(
    connection: duckdb.DuckDBPyConnection,
    sink: CompiledSink,
    form: FileFormat,
    table: str,
    division: Division,
    folder: Path,
    check: Callable[[], None],
) -> StagedFiles:
    groups = groups_of(connection, table, division.keys)
    if division.always is not None and all(group.values != division.always for group in groups):
        groups.insert(0, Group(division.always, 0))
    targets = [division.target(group.values) for group in groups]
    twice = next((target.name for target in targets if targets.count(target) > 1), None)
    if twice is not None:
        raise DataFlowRunError(f"at Sink '{sink.stream}': several of its files are called '{twice}'")
    register(connection, written_functions(sink))
    queries = rows_of_groups(connection, table, division.keys, groups)
    staged: list[StagedFile] = []
    count = 0
    for index, (target, query) in enumerate(zip(targets, queries, strict=True)):
        check()
        count += _write(connection, sink, Rows(query), form, folder / str(index))
        staged.append(StagedFile(folder / str(index), target.name, target.from_root))
    return StagedFiles(count, tuple(staged))


def _write(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, rows: Rows, form: FileFormat, target: Path
) -> int:
    settings = sink.settings
    if isinstance(form, DelimitedText):
        form = replace(form, header=form.header or bool(settings.header))
        above = settings.empty_lines
        columns = text_columns(sink)
        return write_titled(connection, columns, rows, target, form, quote_all=settings.quote_all, empty_lines=above)
    if settings.empty_lines:
        raise not_supported(f"at Sink '{sink.stream}': {name_of(form)} has no empty lines", expected="delimited text")
    columns = json_columns(sink) if isinstance(form, Json) else plain_columns(sink)
    return write_titled(connection, columns, rows, target, form)
