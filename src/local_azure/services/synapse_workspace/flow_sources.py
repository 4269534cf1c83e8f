"""Sources of a data flow: files found in the lake and downloaded, as views of DuckDB.

Hidden files: names that begin with `_` or `.` are not read, as in Spark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dataflow_execution.errors import WRONG_PATH, WRONG_TYPE, DataFlowRunError
from dataflow_execution.format_properties import format_kind, make_format
from dataflow_execution.formats import FileFormat, Parquet
from dataflow_execution.named_files import is_hidden
from dataflow_execution.readers.source_files import SourceFile
from dataflow_execution.source_selection import change_window, partition_values
from dataflow_execution.sources import Reading, create_source
from dataflow_execution.sql_text import identifier
from local_azure.services.synapse_workspace.activity_work import Work
from local_azure.services.synapse_workspace.datasets import Dataset, SqlLocation
from local_azure.services.synapse_workspace.delta_folders import download_table
from local_azure.services.synapse_workspace.file_selection import Selected, match_files, select_files
from local_azure.services.synapse_workspace.lake import LakePath
from mapping_dataflow import SourceRequest, SourceSchema


@dataclass(frozen=True)
class LoadedSource:
    """A source as a view of DuckDB; `rows` is what the run's metrics show, `files` what was read from the lake."""

    request: SourceRequest
    schema: SourceSchema
    rows: int
    files: tuple[LakePath, ...]


def load_source(
    work: Work, connection: duckdb.DuckDBPyConnection, request: SourceRequest, dataset: Dataset, number: int
) -> LoadedSource:
    """Find, download and register one source; raises DataFlowRunError with the service's code."""
    if isinstance(dataset.location, SqlLocation):
        return _load_table(work, connection, request, dataset, number)
    if format_kind(dataset.type) is None:
        raise DataFlowRunError(f"the dataset '{dataset.name}' of type {dataset.type} is no source", code=WRONG_TYPE)
    if format_kind(dataset.type) == "delta":
        return _load_delta(work, connection, request, dataset, number)
    window = change_window(connection, request)
    selected = [each for each in _select(work, request, dataset, number) if window.holds(each.entry.modified)]
    if not selected and not request.ignore_no_files_found:
        raise DataFlowRunError(
            f"at Source '{request.stream}': Path does not resolve to any file(s). Please make sure the "
            f"file/folder exists and is not hidden. Dataset: '{dataset.name}', path: '{_shown_path(request, dataset)}'",
            code=WRONG_PATH,
        )
    form = make_format(dataset.type, {**dataset.settings, **request.settings})
    files = [_file(work, request, each, number, index) for index, each in enumerate(selected)]
    places = tuple(each.entry.location for each in selected)
    return _loaded(work, connection, request, files, form, number, places)


def _loaded(
    work: Work,
    connection: duckdb.DuckDBPyConnection,
    request: SourceRequest,
    files: Sequence[SourceFile],
    form: FileFormat,
    number: int,
    places: tuple[LakePath, ...] = (),
) -> LoadedSource:
    schema = create_source(connection, request, files, form, f"source {number}", Reading(work.folder / "decoded"))
    counted = connection.execute(f"SELECT count(*) FROM {identifier(schema.relation)}").fetchone()
    return LoadedSource(request, schema, int(counted[0]) if counted else 0, places)


def _load_table(
    work: Work, connection: duckdb.DuckDBPyConnection, request: SourceRequest, dataset: Dataset, number: int
) -> LoadedSource:
    """The rows of a table, or of the statement's query, from the source database."""
    query = request.settings.get("query")
    target = work.folder / f"table-{number}.parquet"
    work.query_sql(dataset, {"sqlReaderQuery": query} if query else {}, target)
    return _loaded(work, connection, request, [SourceFile(target, "")], Parquet(), number)


def _load_delta(
    work: Work, connection: duckdb.DuckDBPyConnection, request: SourceRequest, dataset: Dataset, number: int
) -> LoadedSource:
    local = work.folder / f"delta-{number}"
    if not download_table(work, dataset, local):
        raise DataFlowRunError(
            f"at Source '{request.stream}': there is no Delta table at '{dataset.files.folder_path.path}'",
            code=WRONG_PATH,
        )
    form = make_format("delta", request.settings)
    return _loaded(work, connection, request, [SourceFile(local, "")], form, number)


def finish_source(work: Work, source: LoadedSource) -> None:
    """What a source does with its files when the flow has run: they stay, are moved, or deleted.

    Raises DataFlowRunError for a move that says no two folders.
    """
    settings = source.request.settings
    if settings.get("purgeFiles"):
        for place in source.files:
            work.lake.delete(place, recursive=False)
    move = settings.get("moveFiles")
    if not move:
        return
    if not isinstance(move, list) or len(move) != 2:
        raise DataFlowRunError(f"at Source '{source.request.stream}': moveFiles is {move!r}", expected="two folders")
    start, target = (str(folder).strip("/") for folder in move)
    local = work.folder / "moved"
    for place in source.files:
        relative = place.path.removeprefix(start).strip("/") if place.path.startswith(start) else place.name
        work.lake.download(place, local)
        work.lake.upload(local, LakePath(place.host, place.file_system, f"{target}/{relative}"))
        work.lake.delete(place, recursive=False)


def _select(work: Work, request: SourceRequest, dataset: Dataset, number: int) -> Sequence[Selected]:
    location = dataset.files
    if request.settings.get("fileList"):
        return _listed(work, dataset, number)
    if request.wildcard_paths:
        found = {
            each.entry.location.path: each
            for pattern in request.wildcard_paths
            for each in match_files(work.lake, location.root, pattern.strip("/"))
        }
        return [found[path] for path in sorted(found) if not is_hidden(path)]
    if work.lake.properties(location.path if location.file else location.folder_path) is None:
        return []
    chosen = select_files(work.lake, location, {} if location.file else {"recursive": True})
    return [each for each in chosen if not is_hidden(each.entry.location.path)]


def _listed(work: Work, dataset: Dataset, number: int) -> list[Selected]:
    """The files that the dataset's file lists, a path a line, relative to the file system."""
    location = dataset.files
    local = work.folder / f"list-{number}"
    work.lake.download(location.path, local)
    paths = [line.strip().strip("/") for line in local.read_text(encoding="utf-8-sig").splitlines()]
    return [each for path in paths if path for each in match_files(work.lake, location.root, path)]


def _shown_path(request: SourceRequest, dataset: Dataset) -> str:
    return ", ".join(request.wildcard_paths) or dataset.files.path.path


def _file(work: Work, request: SourceRequest, selected: Selected, number: int, index: int) -> SourceFile:
    place = selected.entry.location
    target: Path = work.folder / f"source-{number}" / f"{index}-{place.name}"
    work.lake.download(place, target)
    return SourceFile(target, f"/{place.path}", partition_values(place.path, request.partition_root_path))
