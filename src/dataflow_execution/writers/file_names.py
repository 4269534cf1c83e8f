"""The names of a sink's files, and what decides which rows go to which.

https://learn.microsoft.com/azure/data-factory/connector-azure-data-lake-storage#sink-properties
(a file name from a column is relative to the file system, not to the dataset's folder).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from dataflow_execution.errors import DataFlowRunError, not_supported
from dataflow_execution.formats import FileFormat, extension_of
from dataflow_execution.sql_text import identifier
from dataflow_execution.writers.divided_table import replace_table
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
class Target:
    """The name of a file, relative to the file system when ``from_root``, else to the sink's folder."""

    name: str
    from_root: bool = False


@dataclass(frozen=True)
class Division:
    """How the rows of a table go to files: those with the same values of some SQL go to one, which ``target`` names.

    ``always``: values whose file is written without rows too, before all others.
    """

    keys: tuple[str, ...]
    target: Callable[[Sequence[Any]], Target]
    always: tuple[Any, ...] | None = None


def part_name(number: int, form: FileFormat, mark: str = "") -> str:
    """The name of a part as Spark numbers them."""
    return f"part-{number:05d}{mark}{extension_of(form)}"


def goes_to_several_files(settings: SinkSettings) -> bool:
    """True when the rows go to several files."""
    partitioning = settings.partitioning
    return bool(
        settings.file_name_column
        or settings.folder_name_column
        or settings.partition_columns
        or (partitioning and partitioning.count > 1)
    )


def single_name(sink: CompiledSink, place: Place, form: FileFormat) -> str:
    """The name of the only file. Raises DataFlowRunError where the sink says several."""
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


def division_of(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, form: FileFormat, place: Place, table: str
) -> Division:
    """What divides the rows of a table among the files of a sink. Ranges are a column that the table gets.

    Raises DataFlowRunError for other names than partitions.
    """
    settings = sink.settings
    if settings.file_name_column or settings.folder_name_column:
        return _by_column(sink, form, place)
    if settings.partition_columns:
        return _by_folders(sink, form, place)
    return _by_number(connection, sink, form, place, table)


def _by_column(sink: CompiledSink, form: FileFormat, place: Place) -> Division:
    """A column names the file, or its folder."""
    settings = sink.settings
    column = settings.file_name_column or settings.folder_name_column or ""

    def target(values: Sequence[Any]) -> Target:
        (value,) = values
        if not value:
            raise DataFlowRunError(f"at Sink '{sink.stream}': the column '{column}' that names files is null")
        name = value if settings.file_name_column else f"{value.rstrip('/')}/{place.part_name(0, form)}"
        return Target(name.lstrip("/"), from_root=True)

    return Division((_as_text(sink, column),), target)


def _by_folders(sink: CompiledSink, form: FileFormat, place: Place) -> Division:
    """Folders ``column=value``, as Hive names them."""
    columns = sink.settings.partition_columns

    def target(values: Sequence[Any]) -> Target:
        pairs = zip(columns, values, strict=True)
        folders = [f"{name}={_NULL_FOLDER if value is None else value}" for name, value in pairs]
        return Target("/".join([*folders, place.part_name(0, form)]))

    return Division(tuple(_as_text(sink, name) for name in columns), target)


def _by_number(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, form: FileFormat, place: Place, table: str
) -> Division:
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

    if settings.file_pattern and "[n]" not in settings.file_pattern and not settings.file_names:
        raise DataFlowRunError(
            f"at Sink '{sink.stream}': the filePattern '{settings.file_pattern}' gives {count} partitions one name",
            expected="[n], which stands for the number of a partition",
        )

    def target(values: Sequence[Any]) -> Target:
        (number,) = values
        if settings.file_names:
            return Target(settings.file_names[number])
        if settings.file_pattern:
            return Target(settings.file_pattern.replace("[n]", str(number + 1)))
        return Target(place.part_name(number, form))

    keys = [identifier(sink.key(name)) for name in partitioning.columns]
    return Division((_turn(connection, partitioning, keys, table),), target, always=(0,))


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
    replace_table(connection, table, f"SELECT *, {number} AS {turn} FROM {identifier(table)} ORDER BY rowid")
    return turn
