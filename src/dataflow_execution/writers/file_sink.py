"""A sink's rows as files: which files, which rows go where, all of them written to a folder before any is published.

File names: https://learn.microsoft.com/azure/data-factory/connector-azure-data-lake-storage#sink-properties
(a file name from a column is relative to the file system, not to the dataset's folder).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

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
_NUMBER = "number of the row"
_NULL_FOLDER = "__HIVE_DEFAULT_PARTITION__"
_LOOKS_OF_A_SORT = 64
"""To sort rows takes as long as to look through them about so often."""


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
    """The name of a file, relative to the file system when ``from_root``, else to the sink's folder."""

    name: str
    from_root: bool = False


@dataclass(frozen=True)
class _Division:
    """How the rows of a table go to files: those with the same values of some SQL go to one, which ``target`` names.

    ``always``: values whose file is written without rows too, before all others.
    """

    keys: tuple[str, ...]
    target: Callable[[Sequence[Any]], _Target]
    always: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class _Group:
    """The rows of one file: their values of the division's SQL, and how many they are."""

    values: tuple[Any, ...]
    rows: int


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
        return _divided(connection, sink, form, table, _division(connection, sink, form, place, table), folder, check)
    finally:
        connection.execute(f"DROP TABLE {identifier(table)}")


def _divided(
    connection: duckdb.DuckDBPyConnection,
    sink: CompiledSink,
    form: FileFormat,
    table: str,
    division: _Division,
    folder: Path,
    check: Callable[[], None],
) -> StagedFiles:
    groups = _groups(connection, table, division)
    targets = [division.target(group.values) for group in groups]
    staged: list[StagedFile] = []
    count = 0
    for index, (target, condition) in enumerate(
        zip(targets, _conditions(connection, table, division.keys, groups), strict=True)
    ):
        check()
        part = Rows(f"SELECT * FROM {identifier(table)} WHERE {condition}")
        count += _write(connection, sink, part, form, folder / str(index))
        staged.append(StagedFile(folder / str(index), target.name, target.from_root))
    return StagedFiles(count, tuple(staged))


def _groups(connection: duckdb.DuckDBPyConnection, table: str, division: _Division) -> list[_Group]:
    """In the order of their values."""
    positions = ", ".join(str(number) for number, _ in enumerate(division.keys, 1))
    query = (
        f"SELECT {', '.join(division.keys)}, count(*) FROM {identifier(table)} "
        f"GROUP BY {positions} ORDER BY {positions}"
    )
    groups = [_Group(tuple(values), count) for *values, count in connection.execute(query).fetchall()]
    if division.always is None or any(group.values == division.always for group in groups):
        return groups
    return [_Group(division.always, 0), *groups]


def _conditions(
    connection: duckdb.DuckDBPyConnection, table: str, keys: Sequence[str], groups: Sequence[_Group]
) -> Iterator[str]:
    """Which rows of the table each group has. For many groups the table is sorted by them first."""
    if len(groups) <= _LOOKS_OF_A_SORT:
        for group in groups:
            pairs = zip(keys, group.values, strict=True)
            yield " AND ".join(f"{key} IS NOT DISTINCT FROM {_literal(value)}" for key, value in pairs)
        return
    number = identifier(_NUMBER)
    ordered = f"SELECT * FROM {identifier(table)} ORDER BY {', '.join(keys)}, rowid"
    _replaced(connection, table, f"SELECT *, row_number() OVER () AS {number} FROM ({ordered})")
    first = 1
    for group in groups:
        yield f"{number} BETWEEN {first} AND {first + group.rows - 1}"
        first += group.rows


def _literal(value: str | int | None) -> str:
    if value is None:
        return "NULL"
    return quoted(value) if isinstance(value, str) else str(value)


def _replaced(connection: duckdb.DuckDBPyConnection, table: str, query: str) -> None:
    """The table is what the query over it gives from now on."""
    made = identifier(f"{table} anew")
    connection.execute(f"CREATE TEMP TABLE {made} AS {query}")
    connection.execute(f"DROP TABLE {identifier(table)}")
    connection.execute(f"ALTER TABLE {made} RENAME TO {identifier(table)}")


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


def _division(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, form: FileFormat, place: Place, table: str
) -> _Division:
    settings = sink.settings
    if settings.file_name_column or settings.folder_name_column:
        return _by_column(sink, form, place)
    if settings.partition_columns:
        return _by_folders(sink, form, place)
    return _by_number(connection, sink, form, place, table)


def _by_column(sink: CompiledSink, form: FileFormat, place: Place) -> _Division:
    """A column names the file, or its folder."""
    settings = sink.settings
    column = settings.file_name_column or settings.folder_name_column or ""

    def target(values: Sequence[Any]) -> _Target:
        (value,) = values
        if not value:
            raise DataFlowRunError(f"at Sink '{sink.stream}': the column '{column}' that names files is null")
        name = value if settings.file_name_column else f"{value.rstrip('/')}/{place.part_name(0, form)}"
        return _Target(name.lstrip("/"), from_root=True)

    return _Division((_as_text(sink, column),), target)


def _by_folders(sink: CompiledSink, form: FileFormat, place: Place) -> _Division:
    """Folders ``column=value``, as Hive names them."""
    columns = sink.settings.partition_columns

    def target(values: Sequence[Any]) -> _Target:
        pairs = zip(columns, values, strict=True)
        folders = [f"{name}={_NULL_FOLDER if value is None else value}" for name, value in pairs]
        return _Target("/".join([*folders, place.part_name(0, form)]))

    return _Division(tuple(_as_text(sink, name) for name in columns), target)


def _by_number(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, form: FileFormat, place: Place, table: str
) -> _Division:
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

    def target(values: Sequence[Any]) -> _Target:
        (number,) = values
        if settings.file_names:
            return _Target(settings.file_names[number])
        if settings.file_pattern:
            return _Target(settings.file_pattern.replace("[n]", str(number + 1)))
        return _Target(place.part_name(number, form))

    keys = [identifier(sink.key(name)) for name in partitioning.columns]
    return _Division((_turn(connection, partitioning, keys, table),), target, always=(0,))


def _as_text(sink: CompiledSink, column: str) -> str:
    return f"CAST({identifier(sink.key(column))} AS VARCHAR)"


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
    turn = identifier(_RANGE)
    _replaced(connection, table, f"SELECT *, {number} AS {turn} FROM {identifier(table)} ORDER BY rowid")
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
