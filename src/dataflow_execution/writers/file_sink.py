"""A sink's rows as files: which files, which rows go where, all of them written to a folder before any is published.

File names: https://learn.microsoft.com/azure/data-factory/connector-azure-data-lake-storage#sink-properties
(a file name from a column is relative to the file system, not to the dataset's folder).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from dataflow_execution.duckdb_functions import register
from dataflow_execution.errors import DataFlowRunError, not_supported
from dataflow_execution.formats import EXTENSIONS, DelimitedText, FileFormat, Json, name_of
from dataflow_execution.sql_text import identifier, quoted
from dataflow_execution.writers.file_formats import Rows
from dataflow_execution.writers.names_of_run import named_now
from dataflow_execution.writers.row_actions import refuse_commands
from dataflow_execution.writers.sink_columns import json_columns, plain_columns, text_columns, written_functions
from dataflow_execution.writers.titled_columns import write_titled
from mapping_dataflow import CompiledSink, Partitioning, SinkSettings

_RANGE = "number of the range"
_NULL_FOLDER = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Place:
    """Where a sink writes when its settings name no files: one file, or parts with generated names.

    With ``only`` the file is the one that somebody asks for, whatever the settings say.
    """

    file: str
    part_name: Callable[[int, FileFormat], str]
    only: bool = False


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


@dataclass(frozen=True)
class _Target:
    """A file to write, and which rows of the table (a condition; None: all of the query, which no table holds)."""

    name: str
    from_root: bool = False
    condition: str | None = None


def part_name(number: int, form: FileFormat, mark: str = "") -> str:
    """The name of a part as Spark numbers them."""
    return f"part-{number:05d}{mark}{EXTENSIONS.get(type(form), '')}"


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
    sink = named_now(connection, sink)
    settings = sink.settings
    refuse_commands(sink)
    if sink.action_column is not None and set(settings.row_policies) != {"insert"}:
        raise DataFlowRunError(
            f"at Sink '{sink.stream}': files take inserted rows alone",
            hint="write to a Delta table or a database, or set only insertable: true",
        )
    if place.only and _needs_table(settings):
        raise DataFlowRunError(
            f"at Sink '{sink.stream}': its rows go to several files, and {place.file} is one", hint="name a folder"
        )
    if not _needs_table(settings):
        name = _single_name(sink, place, form)
        count = _write(connection, sink, rows, form, folder / "0")
        return StagedFiles(count, (StagedFile(folder / "0", name, False),))
    table = f"rows of {sink.stream}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {identifier(table)} AS {rows.sql}", dict(rows.bindings))
    try:
        staged: list[StagedFile] = []
        count = 0
        for index, target in enumerate(_targets(connection, sink, form, place, table)):
            check()
            part = Rows(f"SELECT * FROM {identifier(table)} WHERE {target.condition}")
            count += _write(connection, sink, part, form, folder / str(index))
            staged.append(StagedFile(folder / str(index), target.name, target.from_root))
        return StagedFiles(count, tuple(staged))
    finally:
        connection.execute(f"DROP TABLE {identifier(table)}")


def _needs_table(settings: SinkSettings) -> bool:
    """True when the rows go to several files."""
    partitioning = settings.partitioning
    return bool(
        settings.file_name_column
        or settings.folder_name_column
        or settings.partition_columns
        or (partitioning and partitioning.count > 1)
    )


def _single_name(sink: CompiledSink, place: Place, form: FileFormat) -> str:
    settings = sink.settings
    if place.only:
        return place.file
    if len(settings.file_names) > 1:
        raise not_supported(
            f"at Sink '{sink.stream}': {len(settings.file_names)} partitionFileNames for one partition",
            hint="partition the sink: partitionBy('roundRobin', number)",
        )
    if settings.file_names:
        return settings.file_names[0]
    if settings.file_pattern:
        return settings.file_pattern.replace("[n]", "1")
    return place.file or place.part_name(0, form)


def _targets(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, form: FileFormat, place: Place, table: str
) -> Iterator[_Target]:
    settings = sink.settings
    by_column = settings.file_name_column or settings.folder_name_column
    if by_column:
        for value in _values(connection, table, by_column, sink):
            name = value if settings.file_name_column else f"{value.rstrip('/')}/{place.part_name(0, form)}"
            condition = f"CAST({identifier(sink.key(by_column))} AS VARCHAR) = {quoted(value)}"
            yield _Target(name.lstrip("/"), True, condition)
    elif settings.partition_columns:
        yield from _key_partitions(connection, sink, form, place, table)
    else:
        yield from _numbered_partitions(connection, sink, form, place, table)


def _values(connection: duckdb.DuckDBPyConnection, table: str, column: str, sink: CompiledSink) -> list[str]:
    name = identifier(sink.key(column))
    query = f"SELECT DISTINCT CAST({name} AS VARCHAR) FROM {identifier(table)} ORDER BY 1"
    values = [row[0] for row in connection.execute(query).fetchall()]
    if None in values or "" in values:
        raise DataFlowRunError(f"at Sink '{sink.stream}': the column '{column}' that names files is null")
    return [str(value) for value in values]


def _key_partitions(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, form: FileFormat, place: Place, table: str
) -> Iterator[_Target]:
    """Folders ``column=value``, as Hive names them."""
    columns = sink.settings.partition_columns
    texts = [f"CAST({identifier(sink.key(name))} AS VARCHAR)" for name in columns]
    query = f"SELECT DISTINCT {', '.join(texts)} FROM {identifier(table)} ORDER BY ALL"
    for row in connection.execute(query).fetchall():
        folders = [
            f"{name}={_NULL_FOLDER if value is None else value}" for name, value in zip(columns, row, strict=True)
        ]
        conditions = [
            f"{text} IS NOT DISTINCT FROM {'NULL' if value is None else quoted(value)}"
            for text, value in zip(texts, row, strict=True)
        ]
        yield _Target("/".join([*folders, place.part_name(0, form)]), False, " AND ".join(conditions))


def _numbered_partitions(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, form: FileFormat, place: Place, table: str
) -> Iterator[_Target]:
    """Partitions by hash, by range or in turn; those without rows have no file, but the first, which has the header."""
    settings, partitioning = sink.settings, sink.settings.partitioning
    if partitioning is None:
        raise AssertionError("internal-error: rows go to several files and nothing says how")
    count = partitioning.count
    if settings.file_names and len(settings.file_names) != count:
        raise DataFlowRunError(
            f"at Sink '{sink.stream}': {len(settings.file_names)} partitionFileNames for {count} partitions",
            expected=f"{count} names",
        )
    turn = _turn(connection, partitioning, [identifier(sink.key(name)) for name in partitioning.columns], table)
    query = f"SELECT DISTINCT {turn} FROM {identifier(table)}"
    used = {int(row[0]) for row in connection.execute(query).fetchall()}
    for number in sorted({0, *used}):
        if settings.file_names:
            name = settings.file_names[number]
        elif settings.file_pattern:
            name = settings.file_pattern.replace("[n]", str(number + 1))
        else:
            name = place.part_name(number, form)
        yield _Target(name, False, f"{turn} = {number}")


def _turn(connection: duckdb.DuckDBPyConnection, partitioning: Partitioning, keys: Sequence[str], table: str) -> str:
    """The number of a row's partition in SQL; of its range in a column that the table gets for it.

    Ranges are about equally many rows each, in the order of the columns; equal values share one. Spark samples the rows
    for its bounds: https://spark.apache.org/docs/latest/api/python/reference/pyspark.sql/api/pyspark.sql.DataFrame.repartitionByRange.html
    """
    if partitioning.kind == "hash" and keys:
        return f"hash({', '.join(keys)}) % {partitioning.count}"
    if partitioning.kind != "dynamicRange":
        return f"rowid % {partitioning.count}"
    order = ", ".join(f"{key} NULLS FIRST" for key in keys)
    number = f"(rank() OVER (ORDER BY {order}) - 1) * {partitioning.count} // count(*) OVER ()"
    ranged, turn = identifier(f"{table} by range"), identifier(_RANGE)
    connection.execute(
        f"CREATE TEMP TABLE {ranged} AS SELECT *, {number} AS {turn} FROM {identifier(table)} ORDER BY rowid"
    )
    connection.execute(f"DROP TABLE {identifier(table)}")
    connection.execute(f"ALTER TABLE {ranged} RENAME TO {identifier(table)}")
    return turn


def _write(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, rows: Rows, form: FileFormat, target: Path
) -> int:
    settings = sink.settings
    register(connection, written_functions(sink))
    if isinstance(form, DelimitedText):
        form = replace(form, header=form.header or bool(settings.header))
        above = settings.empty_lines
        columns = text_columns(sink)
        return write_titled(connection, columns, rows, target, form, quote_all=settings.quote_all, empty_lines=above)
    if settings.empty_lines:
        raise not_supported(f"at Sink '{sink.stream}': {name_of(form)} has no empty lines", expected="delimited text")
    columns = json_columns(sink) if isinstance(form, Json) else plain_columns(sink)
    return write_titled(connection, columns, rows, target, form)
