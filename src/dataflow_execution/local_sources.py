"""Sources from what a person names on this machine: a file, a folder, a glob, a Delta table, a database's file.

What is named takes the place of the dataset's location and of the flow's wildcardPaths; how it is read stays theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb

from dataflow_execution.errors import WRONG_PATH, DataFlowRunError
from dataflow_execution.format_detection import actual_compression, detected, is_delta, kind_of
from dataflow_execution.format_properties import format_kind, make_format
from dataflow_execution.formats import CompressedAsWhole, DelimitedText, FileFormat
from dataflow_execution.named_files import found_files, is_hidden
from dataflow_execution.places_of_run import source_placed_now
from dataflow_execution.postgres_address import PostgresAddress, postgres_address
from dataflow_execution.readers.database_tables import DATABASE_SUFFIXES, TableName, database_rows
from dataflow_execution.readers.plain_files import ARCHIVES, plain
from dataflow_execution.readers.source_files import SourceFile
from dataflow_execution.source_selection import change_window, partition_values
from dataflow_execution.sources import Reading, create_source, create_source_of
from mapping_dataflow import SourceRequest, SourceSchema
from mapping_dataflow.errors import counted


@dataclass(frozen=True)
class DatasetProperties:
    """A dataset: its name, its type, and its type properties without the location, evaluated."""

    name: str
    type: str
    settings: Mapping[str, object] = field(default_factory=dict)


def open_source(
    connection: duckdb.DuckDBPyConnection,
    request: SourceRequest,
    place: str,
    dataset: DatasetProperties | None,
    name: str,
    reading: Reading,
) -> SourceSchema:
    """A view, called ``name``, of the rows at a place. Raises DataFlowRunError for what cannot be found or read."""
    request = source_placed_now(connection, request)
    address = postgres_address(place)
    if address is not None or Path(place).suffix.lower() in DATABASE_SUFFIXES:
        target = reading.folder / f"{name}.parquet"
        rows = partial(_table_rows, request, address or Path(place), dataset, target)
        return create_source_of(connection, request, rows, name, reading)
    files = _files(connection, request, place)
    if not files and not request.ignore_no_files_found:
        raise _no_files(request, place)
    form = _declared_format(files[0].path, request, dataset) if files else DelimitedText()
    files, form = _of_one_compression(files, form, reading.folder / name / "plain")
    return create_source(connection, request, files, form, name, reading)


def _of_one_compression(
    files: Sequence[SourceFile], form: FileFormat, folder: Path
) -> tuple[Sequence[SourceFile], FileFormat]:
    """The files with their compression; without it where they have several."""
    if not isinstance(form, CompressedAsWhole) or form.compression in ARCHIVES:
        return files, form
    found = [actual_compression(file.path, form.compression) for file in files]
    if len(set(found)) < 2:
        return files, replace(form, compression=found[0]) if found else form
    pairs = enumerate(zip(files, found, strict=True))
    same = [replace(file, path=plain([file.path], each, folder / str(index))[0]) for index, (file, each) in pairs]
    return same, replace(form, compression="none")


def _no_files(request: SourceRequest, place: str) -> DataFlowRunError:
    cause = f"at Source '{request.stream}': there are no files at {place}"
    outside = len([file for file, shown in found_files(place) if not is_hidden(shown)]) if request.moments else 0
    if not outside:
        return DataFlowRunError(cause, expected="a file, a folder or a glob", code=WRONG_PATH)
    names = " and ".join(sorted(request.moments))
    cause += f" that were changed when {names} asks for; {counted(outside, 'file')} of another time"
    return DataFlowRunError(cause, hint="touch -d gives a file another time of change", code=WRONG_PATH)


def size_of_files(place: str) -> int:
    """Bytes of the files at a place; 0 for a server."""
    if postgres_address(place) is not None:
        return 0
    return sum(file.stat().st_size for file, _ in found_files(place))


def _table_rows(
    request: SourceRequest, place: PostgresAddress | Path, dataset: DatasetProperties | None, target: Path
) -> str:
    """A query over the rows of a table, or of the statement's query."""
    table = table_name(dataset, request.settings, request.stream)
    query = str(request.settings["query"]) if request.settings.get("query") else None
    if isinstance(place, Path):
        return database_rows(place, table, query, target)
    from dataflow_execution.readers.postgres_source import postgres_source  # with a driver that files do not need

    return postgres_source(place, table, query, dataset.type if dataset else None, request.columns, target)


def table_name(dataset: DatasetProperties | None, settings: Mapping[str, object], stream: str) -> TableName:
    """The table that a statement or its dataset names; called like the stream when neither does."""
    described = {**(dataset.settings if dataset else {}), **{key: value for key, value in settings.items() if value}}
    table = described.get("table") or described.get("tableName")
    schema = described.get("schema") or described.get("schemaName")
    text = str(table or stream).replace("[", "").replace("]", "")
    head, _, tail = text.rpartition(".")
    return TableName(str(schema or head or ""), tail)


def source_format(file: Path, request: SourceRequest, dataset: DatasetProperties | None) -> FileFormat:
    """The format that the dataset or the statement says, unless the file's name or first bytes say another one.

    Raises DataFlowRunError.
    """
    form = _declared_format(file, request, dataset)
    if not isinstance(form, CompressedAsWhole) or form.compression in ARCHIVES:
        return form
    return replace(form, compression=actual_compression(file, form.compression))


def _declared_format(file: Path, request: SourceRequest, dataset: DatasetProperties | None) -> FileFormat:
    """The format that the dataset or the statement says, unless the file's extension says another one; nothing but they
    declares a compression. Raises DataFlowRunError."""
    declared = format_kind(dataset.type if dataset else request.format or "")
    if is_delta(file):
        return make_format("delta", request.settings)
    if declared is None or kind_of(file) not in (None, declared):
        form = detected(file)
        return replace(form, compression="none") if isinstance(form, CompressedAsWhole) else form
    return make_format(declared, {**(dataset.settings if dataset else {}), **request.settings})


def _files(connection: duckdb.DuckDBPyConnection, request: SourceRequest, place: str) -> Sequence[SourceFile]:
    path = Path(place)
    if request.settings.get("fileList"):
        return _listed(path)
    if is_delta(path):
        return [SourceFile(path, f"/{path.name}")]
    window = change_window(connection, request)
    found = [
        SourceFile(file, f"/{shown}", partition_values(shown, None if request.partition_root_path is None else ""))
        for file, shown in found_files(place)
        if not is_hidden(shown) and window.holds(datetime.fromtimestamp(file.stat().st_mtime, UTC))
    ]
    return sorted(found, key=lambda file: file.shown)


def _listed(path: Path) -> list[SourceFile]:
    """The files that a file lists, a path a line, relative to its folder."""
    if not path.is_file():
        return []
    names = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    return [SourceFile(path.parent / name, f"/{name.lstrip('/')}") for name in names]
