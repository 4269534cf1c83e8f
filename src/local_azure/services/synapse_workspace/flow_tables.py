"""Tables as sinks of a data flow: the workspace's identity writes them, in one transaction a sink.

https://learn.microsoft.com/azure/data-factory/connector-azure-sql-database#sink-transformation
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from dataflow_execution.readers.database_tables import TableName
from dataflow_execution.writers import row_actions as actions
from dataflow_execution.writers.failed_rows import FILE_NAME
from dataflow_execution.writers.file_formats import Rows, kept_rows
from dataflow_execution.writers.postgres_sink import check_columns, write_postgres
from dataflow_execution.writers.rejected_rows import rows_were_rejected, write_rejected
from dataflow_execution.writers.table_sink import write_table
from local_azure.services.synapse_workspace import sql_grants
from local_azure.services.synapse_workspace.activity_work import Work
from local_azure.services.synapse_workspace.datasets import Dataset
from local_azure.services.synapse_workspace.lake import LakePath
from mapping_dataflow import CompiledSink

_PERMISSIONS = {
    actions.INSERT: (sql_grants.INSERT,),
    actions.UPDATE: (sql_grants.UPDATE,),
    actions.UPSERT: (sql_grants.INSERT, sql_grants.UPDATE),
    actions.DELETE: (sql_grants.DELETE,),
}


def write_rows(
    work: Work,
    connection: duckdb.DuckDBPyConnection,
    sink: CompiledSink,
    rows: Rows,
    dataset: Dataset,
    apart: Callable[[str], LakePath],
    folder: Path,
) -> int:
    """Write the rows of a sink to the table of its dataset; returns how many it took.

    `apart` tells the folder of the lake for rows that are kept apart, by what they are kept for.

    Raises ActivityFailure with SQL Server's words for what the workspace may not do, DataFlowRunError for what cannot
    be written.
    """
    check_columns(sink)
    place = work.writable_table(dataset, _permissions(sink))
    name = TableName(dataset.sql.schema, dataset.sql.table)
    if isinstance(place, Path):
        return write_table(connection, sink, rows, place, name)
    folder.mkdir(parents=True, exist_ok=True)
    kept, count = kept_rows(connection, rows, folder)
    rejected = write_postgres(connection, sink, kept, place, name, folds=True)
    settings = sink.settings.rejected
    if rejected and settings is not None:
        if settings.kept:
            write_rejected(connection, sink, kept, rejected, folder / FILE_NAME)
            work.lake.upload(folder / FILE_NAME, apart("rejectedData").child(FILE_NAME))
        if not settings.succeeds:
            raise rows_were_rejected(sink, rejected, count)
    return count - len(rejected)


def _permissions(sink: CompiledSink) -> Iterator[str]:
    """What the sink does to its table. A command may do anything."""
    for kind in sorted(actions.row_actions(sink).kinds):
        yield from _PERMISSIONS[kind]
    if sink.settings.truncate or sink.settings.recreate:
        yield sql_grants.ALTER
    if sink.settings.recreate:
        yield sql_grants.CREATE_TABLE
    if sink.settings.before or sink.settings.after:
        yield sql_grants.CONTROL
