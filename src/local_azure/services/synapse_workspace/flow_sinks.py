"""Sinks of a data flow: rows of a query as files in the lake, named as the sink's settings say.

File names: https://learn.microsoft.com/azure/data-factory/connector-azure-data-lake-storage#sink-properties
(a file name from a column is relative to the file system, not to the dataset's folder).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dataflow_execution.duckdb_functions import register
from local_azure.services.synapse_workspace.activity_work import Work
from local_azure.services.synapse_workspace.datasets import Dataset
from local_azure.services.synapse_workspace.flow_errors import flow_failure
from local_azure.services.synapse_workspace.lake import LakePath
from local_azure.services.synapse_workspace.tabular_files import (
    identifier,
    quoted,
    refuse_compression,
    write_delimited,
    write_json,
    write_parquet,
)
from mapping_dataflow import CompiledSink

_UMASK = (None, "", "0022", "022")
_EXTENSIONS = {"DelimitedText": ".csv", "Json": ".json", "Parquet": ".snappy.parquet"}


@dataclass(frozen=True)
class _File:
    """A file to write: where, and which rows (a condition, empty for all)."""

    target: LakePath
    condition: str


def write_sink(
    work: Work, connection: duckdb.DuckDBPyConnection, sink: CompiledSink, dataset: Dataset, number: int
) -> int:
    """Compute one sink's rows, write its files to disk and then all of them to the lake; returns the number of rows."""
    settings = sink.settings
    if settings.umask not in _UMASK:
        raise flow_failure(
            "DF-Local-NotSupported", f"at Sink '{sink.stream}': the umask {settings.umask} is not supported"
        )
    refuse_compression(dataset.settings, dataset.name, ("snappy", "gzip", "zstd") if dataset.type == "Parquet" else ())
    register(connection, sink.python_functions)
    table = f"sink_{number}"
    connection.execute(f"CREATE TABLE {identifier(table)} AS {sink.sql}", dict(sink.bindings))
    counted = connection.execute(f"SELECT count(*) FROM {identifier(table)}").fetchone()
    written: list[tuple[Path, LakePath]] = []
    for index, file in enumerate(_files(connection, sink, dataset, table)):
        work.call.cancellation.check()
        local = work.folder / f"sink-{number}" / str(index)
        _write(connection, sink, dataset, table, file.condition, local)
        written.append((local, file.target))
    if settings.truncate and work.lake.properties(dataset.files.folder_path) is not None:
        for entry in list(work.lake.list(dataset.files.folder_path, recursive=False)):
            work.lake.delete(entry.location, recursive=entry.is_folder)
    for local, target in written:
        work.lake.upload(local, target)
        local.unlink()
    connection.execute(f"DROP TABLE {identifier(table)}")
    return int(counted[0]) if counted else 0


def _files(connection: duckdb.DuckDBPyConnection, sink: CompiledSink, dataset: Dataset, table: str) -> Iterator[_File]:
    settings, location = sink.settings, dataset.files
    folder = location.folder_path
    by_column = settings.file_name_column or settings.folder_name_column
    if by_column:
        for value in _values(connection, table, by_column, sink.stream):
            path = location.root.child(value)
            target = path if settings.file_name_column else path.child(_part_name(dataset))
            yield _File(target, f"{identifier(by_column)} = {quoted(value)}")
    elif settings.partition_columns:
        yield from _partitions(connection, sink, dataset, table)
    elif settings.file_names:
        if len(settings.file_names) > 1:
            raise flow_failure("DF-Local-NotSupported", f"at Sink '{sink.stream}': several partitionFileNames")
        yield _File(folder.child(settings.file_names[0]), "")
    elif settings.file_pattern:
        yield _File(folder.child(settings.file_pattern.replace("[n]", "1")), "")
    elif location.file:
        yield _File(location.path, "")
    else:
        yield _File(folder.child(_part_name(dataset)), "")


def _values(connection: duckdb.DuckDBPyConnection, table: str, column: str, stream: str) -> list[str]:
    name = identifier(column)
    query = f"SELECT DISTINCT CAST({name} AS VARCHAR) FROM {identifier(table)} ORDER BY 1"
    values = [row[0] for row in connection.execute(query).fetchall()]
    if None in values or "" in values:
        raise flow_failure("DFExecutorUserError", f"at Sink '{stream}': the column '{column}' that names files is null")
    return [str(value) for value in values]


def _partitions(
    connection: duckdb.DuckDBPyConnection, sink: CompiledSink, dataset: Dataset, table: str
) -> Iterator[_File]:
    columns = sink.settings.partition_columns
    listed = ", ".join(f"CAST({identifier(name)} AS VARCHAR)" for name in columns)
    for row in connection.execute(f"SELECT DISTINCT {listed} FROM {identifier(table)} ORDER BY ALL").fetchall():
        folders = [
            f"{name}={value if value is not None else '__HIVE_DEFAULT_PARTITION__'}"
            for name, value in zip(columns, row, strict=True)
        ]
        condition = " AND ".join(
            f"CAST({identifier(name)} AS VARCHAR) IS NOT DISTINCT FROM {'NULL' if value is None else quoted(value)}"
            for name, value in zip(columns, row, strict=True)
        )
        yield _File(dataset.files.folder_path.child(*folders, _part_name(dataset)), condition)


def _part_name(dataset: Dataset) -> str:
    return f"part-00000-tid-{uuid.uuid4()}-c000{_EXTENSIONS.get(dataset.type, '')}"


def _write(
    connection: duckdb.DuckDBPyConnection,
    sink: CompiledSink,
    dataset: Dataset,
    table: str,
    condition: str,
    target: Path,
) -> None:
    where = f" WHERE {condition}" if condition else ""
    names = [column.name for column in sink.data_columns]
    if dataset.type == "DelimitedText":
        pieces = [_text(column.name, column.type, column.is_complex, sink.stream) for column in sink.data_columns]
        query = f"SELECT {', '.join(_titled(pieces, names, sink))} FROM {identifier(table)}{where}"
        header = bool(dataset.settings.get("firstRowAsHeader")) or bool(sink.settings.header)
        settings: Mapping[str, Any] = dataset.settings
        write_delimited(connection, query, target, settings, sink.settings.quote_all, "\n", header=header)
        return
    query = f"SELECT {', '.join(map(identifier, names))} FROM {identifier(table)}{where}"
    if dataset.type == "Json":
        write_json(connection, query, target, array=False)
    elif dataset.type == "Parquet":
        write_parquet(connection, query, target, dataset.settings)
    else:
        raise flow_failure("DF-Executor-InvalidType", f"the dataset '{dataset.name}' of type {dataset.type} is no sink")


def _titled(pieces: list[str], names: list[str], sink: CompiledSink) -> list[str]:
    titles = sink.settings.header or tuple(names)
    if len(titles) != len(names):
        raise flow_failure(
            "DFExecutorUserError", f"at Sink '{sink.stream}': {len(titles)} header names for {len(names)} columns"
        )
    return [f"{piece} AS {identifier(title)}" for piece, title in zip(pieces, titles, strict=True)]


def _text(name: str, kind: str, is_complex: bool, stream: str) -> str:
    """A column as Spark's CSV writer prints it."""
    column = identifier(name)
    if is_complex:
        raise flow_failure(
            "DF-Delimited-ComplexType", f"at Sink '{stream}': the column '{name}' of type {kind} does not fit into text"
        )
    if kind == "timestamp":
        whole = f"strftime({column}, '%Y-%m-%d %H:%M:%S')"
        return f"{whole} || CASE strftime({column}, '%g') WHEN '000' THEN '' ELSE '.' || strftime({column}, '%g') END"
    if kind == "boolean":
        return f"CASE WHEN {column} THEN 'true' WHEN NOT {column} THEN 'false' END"
    if kind == "binary":
        return f"base64({column})"
    return f"CAST({column} AS VARCHAR)"
