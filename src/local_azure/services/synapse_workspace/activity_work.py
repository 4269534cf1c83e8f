"""One execution of an activity with what it works with: datasets, lake, databases, a temporary folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.format_properties import make_format
from dataflow_execution.formats import DelimitedText, Json, Parquet
from dataflow_execution.postgres_address import PostgresAddress
from dataflow_execution.readers.columnar_files import parquet_relation
from dataflow_execution.readers.database_tables import TableName
from dataflow_execution.readers.delimited_text import TextReading, delimited_relation
from dataflow_execution.readers.json_documents import json_relation
from dataflow_execution.sql_dialect import SqlError
from local_azure.context import ServiceContext
from local_azure.services.synapse_workspace.datasets import Dataset, Datasets, SqlLocation
from local_azure.services.synapse_workspace.file_selection import Selected
from local_azure.services.synapse_workspace.lake import Lake, identity
from local_azure.services.synapse_workspace.sql_source import SqlDatabases
from local_azure.services.synapse_workspace.workspace import Workspace
from pipeline_runtime.errors import ActivityFailure
from pipeline_runtime.ports import ActivityCall

_AS_COPY_READS = TextReading(headerless="Prop_{}".format, quoted_nulls=False, cuts=False, tells_case=False)


@dataclass(frozen=True)
class Work:
    """Everything one activity needs; `folder` is its own and removed afterwards."""

    context: ServiceContext
    workspace: Workspace
    call: ActivityCall
    datasets: Datasets
    lake: Lake
    databases: SqlDatabases
    folder: Path

    def query_sql(self, dataset: Dataset, source: Mapping[str, Any], target: Path) -> Path:
        """The rows of a SQL source as a Parquet file; raises ActivityFailure with SQL Server's words."""
        location = dataset.sql
        query = source.get("sqlReaderQuery")
        if not query:
            if not location.table:
                raise ActivityFailure("2200", f"The dataset '{dataset.name}' names no table and there is no query.")
            query = f"SELECT * FROM [{location.schema}].[{location.table}]"
        return self.query_text(dataset, str(query), target)

    def query_text(self, dataset: Dataset, query: str, target: Path) -> Path:
        """The rows of a T-SQL query against a dataset's database as a Parquet file."""
        location = dataset.sql
        principal = identity(self.context, self.workspace)
        try:
            self.databases.query(location.server, location.database, principal, query, target)
        except SqlError as error:
            raise _sql_failure(location, error) from error
        return target

    def writable_table(self, dataset: Dataset, permissions: Iterable[str]) -> Path | PostgresAddress:
        """Where the workspace may write a dataset's table; raises ActivityFailure with SQL Server's words."""
        location = dataset.sql
        if not location.table:
            raise ActivityFailure("2200", f"The dataset '{dataset.name}' names no table.")
        principal = identity(self.context, self.workspace)
        table = TableName(location.schema, location.table)
        try:
            return self.databases.writable(location.server, location.database, principal, table, permissions)
        except SqlError as error:
            raise _sql_failure(location, error) from error

    def download(self, selected: Selected, index: int) -> Path:
        """A chosen file on disk."""
        local = self.folder / "source" / str(index)
        self.lake.download(selected.entry.location, local)
        return local

    def relation(self, dataset: Dataset, files: Sequence[Path]) -> str:
        """A query over downloaded files of a dataset, as Copy and Lookup read them."""
        try:
            form = make_format(dataset.type, dataset.settings)
            match form:
                case Parquet():
                    return parquet_relation(files)
                case Json():
                    lines = replace(form, form="documentPerLine")
                    with duckdb.connect() as connection:
                        return json_relation(files, lines, self.folder / "decoded", connection=connection)
                case DelimitedText():
                    return delimited_relation(
                        files, replace(form, multi_line=True), self.folder / "decoded", _AS_COPY_READS
                    )
        except DataFlowRunError as error:
            raise ActivityFailure("2200", f"The dataset '{dataset.name}': {error.cause}.") from error
        raise ActivityFailure("2200", f"The dataset '{dataset.name}' of type {dataset.type} cannot be read as a table.")


def _sql_failure(location: SqlLocation, error: SqlError) -> ActivityFailure:
    return ActivityFailure(
        "2100",
        "ErrorCode=SqlOperationFailed,'Type=Microsoft.DataTransfer.Common.Shared.HybridDeliveryException,"
        f"Message=A database operation failed with the following error: '{error.message}',"
        f"Server: '{location.server}.database.windows.net', Database: '{location.database}',"
        f"SqlErrorNumber={error.number}.",
    )
