"""Sinks of a data flow: tables, or files that are written to disk, and to the lake when the last one is there."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import duckdb

from dataflow_execution.duckdb_functions import register
from dataflow_execution.errors import WRONG_TYPE, DataFlowRunError
from dataflow_execution.format_properties import format_kind, make_format
from dataflow_execution.formats import Delta, FileFormat
from dataflow_execution.writers.failed_rows import FILE_NAME, without_failed
from dataflow_execution.writers.file_formats import Rows
from dataflow_execution.writers.file_names import Place, part_name
from dataflow_execution.writers.file_sink import stage_files
from local_azure.services.synapse_workspace.activity_work import Work
from local_azure.services.synapse_workspace.datasets import Dataset, SqlLocation
from local_azure.services.synapse_workspace.delta_folders import write_table
from local_azure.services.synapse_workspace.flow_tables import write_rows
from local_azure.services.synapse_workspace.lake import LakePath
from mapping_dataflow import CompiledSink


def write_sink(
    work: Work,
    connection: duckdb.DuckDBPyConnection,
    sink: CompiledSink,
    dataset: Dataset,
    apart: Callable[[str], LakePath],
    number: int,
) -> int:
    """Compute one sink's rows and write them, files to disk and then all of them to the lake; returns the rows written.

    `apart` tells the folder for rows that are kept apart, by what they are kept for.

    Raises DataFlowRunError for what cannot be written.
    """
    is_table = isinstance(dataset.location, SqlLocation)
    if not is_table and format_kind(dataset.type) is None:
        raise DataFlowRunError(f"the dataset '{dataset.name}' of type {dataset.type} is no sink", code=WRONG_TYPE)
    register(connection, sink.python_functions)
    pared = without_failed(connection, sink, Rows(sink.sql, sink.bindings), work.folder / f"rows-{number}")
    rows = pared.rows
    if pared.failed is not None:
        work.lake.upload(pared.failed, apart("assertFailure").child(FILE_NAME))
    if is_table:
        return write_rows(work, connection, sink, rows, dataset, apart, work.folder / f"sink-{number}")
    form = make_format(dataset.type, {**dataset.settings, **sink.settings.properties})
    if isinstance(form, Delta):
        return write_table(work, connection, sink, rows, dataset, work.folder / f"sink-{number}")
    staged = stage_files(
        connection,
        sink,
        rows,
        form,
        Place(dataset.files.file, _part_name),
        work.folder / f"sink-{number}",
        work.call.cancellation.check,
    )
    folder = dataset.files.folder_path
    if sink.settings.truncate and work.lake.properties(folder) is not None:
        for entry in list(work.lake.list(folder, recursive=False)):
            work.lake.delete(entry.location, recursive=entry.is_folder)
    for file in staged.files:
        target = (dataset.files.root if file.from_root else folder).child(file.target)
        work.lake.upload(file.path, target, sink.settings.umask)
        file.path.unlink()
    return staged.rows


def _part_name(number: int, form: FileFormat) -> str:
    return part_name(number, form, f"-tid-{uuid.uuid4()}-c000")
