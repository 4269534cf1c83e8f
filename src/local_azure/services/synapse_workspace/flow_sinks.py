"""Sinks of a data flow: their files are written to disk, and all of them to the lake when the last one is there."""

from __future__ import annotations

import uuid

import duckdb

from dataflow_execution.duckdb_functions import register
from dataflow_execution.errors import WRONG_TYPE, DataFlowRunError
from dataflow_execution.format_properties import format_kind, make_format
from dataflow_execution.formats import Delta, FileFormat
from dataflow_execution.writers.failed_rows import FILE_NAME, without_failed
from dataflow_execution.writers.file_formats import Rows
from dataflow_execution.writers.file_sink import Place, part_name, stage_files
from local_azure.services.synapse_workspace.activity_work import Work
from local_azure.services.synapse_workspace.datasets import Dataset
from local_azure.services.synapse_workspace.delta_folders import write_table
from local_azure.services.synapse_workspace.lake import LakePath
from mapping_dataflow import CompiledSink


def write_sink(
    work: Work, connection: duckdb.DuckDBPyConnection, sink: CompiledSink, dataset: Dataset, number: int
) -> int:
    """Compute one sink's rows, write its files to disk and then all of them to the lake; returns the number of rows.

    Raises DataFlowRunError for what cannot be written.
    """
    if format_kind(dataset.type) is None:
        raise DataFlowRunError(f"the dataset '{dataset.name}' of type {dataset.type} is no sink", code=WRONG_TYPE)
    form = make_format(dataset.type, {**dataset.settings, **sink.settings.properties})
    register(connection, sink.python_functions)
    pared = without_failed(connection, sink, Rows(sink.sql, sink.bindings), work.folder / f"rows-{number}")
    rows = pared.rows
    if pared.failed is not None:
        work.lake.upload(pared.failed, _place_of_failed(sink, dataset).child(FILE_NAME))
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
        work.lake.upload(file.path, (dataset.files.root if file.from_root else folder).child(file.target))
        file.path.unlink()
    return staged.rows


def _place_of_failed(sink: CompiledSink, dataset: Dataset) -> LakePath:
    """The folder that the sink names, in the file system that it names or that of the dataset."""
    said = sink.settings.properties
    root = dataset.files.root
    file_system = str(said.get("assertFailure_fileSystem") or said.get("assertFailure_container") or root.file_system)
    return LakePath(root.host, file_system, str(said.get("assertFailure_folderPath") or "").strip("/"))


def _part_name(number: int, form: FileFormat) -> str:
    return part_name(number, form, f"-tid-{uuid.uuid4()}-c000")
