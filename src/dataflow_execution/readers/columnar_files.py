"""Parquet, ORC and Delta as queries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.formats import Delta
from dataflow_execution.readers.source_files import FILE_COLUMN
from dataflow_execution.sql_text import identifier, listed, quoted


def parquet_relation(files: Sequence[Path], *, file_column: bool = False) -> str:
    """A query over Parquet files, whose columns are united by name."""
    options = ["union_by_name = true", "hive_partitioning = false"]
    if file_column:
        options.append(f"filename = {quoted(FILE_COLUMN)}")
    return f"SELECT * FROM read_parquet({listed(files)}, {', '.join(options)})"


def registered(connection: duckdb.DuckDBPyConnection, name: str, rows: object) -> str:
    """A query over rows that DuckDB can scan (a stream, a dataset of Arrow), registered under a name."""
    connection.register(name, rows)
    return f"SELECT * FROM {identifier(name)}"


def orc_relation(
    connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path], *, file_column: bool = False
) -> str:
    """A query over ORC files, whose columns are united by name. Raises DataFlowRunError for what is no ORC file."""
    import pyarrow as pa
    import pyarrow.dataset as datasets

    selects = []
    for index, file in enumerate(files):
        try:
            dataset = datasets.dataset(str(file), format=datasets.OrcFileFormat())
        except (pa.ArrowInvalid, OSError) as error:
            raise DataFlowRunError(f"{file.name} is no ORC file: {error}") from error
        query = registered(connection, f"{name}_{index}", dataset)
        selects.append(f"SELECT *, {quoted(file)} AS {FILE_COLUMN} FROM ({query})" if file_column else query)
    return " UNION ALL BY NAME ".join(selects)


def delta_relation(connection: duckdb.DuckDBPyConnection, name: str, folder: Path, form: Delta) -> str:
    """A query over a Delta table. Raises DataFlowRunError when the folder holds none, or not that version."""
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    try:
        table = DeltaTable(folder, version=form.version)
        if form.timestamp:
            table.load_as_version(form.timestamp)
        return registered(connection, name, table.to_pyarrow_dataset())
    except (DeltaError, OSError, ValueError) as error:
        raise DataFlowRunError(f"{folder} cannot be read as a Delta table: {error}") from error
