"""Delta tables of the lake: brought to disk as a whole, changed there, and what is new of them written back."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dataflow_execution.writers.delta_sink import write_delta
from dataflow_execution.writers.file_formats import Rows
from local_azure.services.synapse_workspace.activity_work import Work
from local_azure.services.synapse_workspace.datasets import Dataset
from mapping_dataflow import CompiledSink

_LOG = "_delta_log"


def download_table(work: Work, dataset: Dataset, target: Path) -> set[str]:
    """The files of a table, below ``target``; their paths relative to it. A table that is not there has none."""
    folder = dataset.files.folder_path
    target.mkdir(parents=True, exist_ok=True)
    if work.lake.properties(folder.child(_LOG)) is None:
        return set()
    names: set[str] = set()
    for entry in list(work.lake.list(folder, recursive=True)):
        if not entry.is_folder:
            name = entry.location.path[len(folder.path) :].strip("/")
            work.lake.download(entry.location, target / name)
            names.add(name)
    return names


def write_table(
    work: Work, connection: duckdb.DuckDBPyConnection, sink: CompiledSink, rows: Rows, dataset: Dataset, local: Path
) -> int:
    """Writes a sink's rows to a Delta table; returns their number. Its log is written last, so that readers see all or
    nothing. Raises DataFlowRunError."""
    before = download_table(work, dataset, local)
    count = write_delta(connection, sink, rows, local)
    after = {file.relative_to(local).as_posix() for file in local.rglob("*") if file.is_file()}
    for name in sorted(after - before, key=lambda name: (_LOG in name, name)):
        work.lake.upload(local / name, dataset.files.folder_path.child(name))
    return count
