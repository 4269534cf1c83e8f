"""Parquet, ORC and Delta as queries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from dataflow_execution.column_spelling import differ_in_more, spelled
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


def spelled_parquet_relation(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], *, file_column: bool = False
) -> str:
    """The same, with marks where names differ in case alone."""
    query = parquet_relation(files, file_column=file_column)
    all_names = f"SELECT DISTINCT name FROM parquet_schema({listed(files)})"  # those inside of structures, too
    if differ_in_more(str(row[0]) for row in connection.execute(all_names).fetchall()):
        return query
    import pyarrow.parquet as pq

    columns = {file: list(pq.read_schema(file).names) for file in files}
    names = spelled(name for own in columns.values() for name in own)
    if differ_in_more(names):
        return query
    added = [FILE_COLUMN] if file_column else []
    selects = [
        f"SELECT * FROM ({parquet_relation([file], file_column=file_column)}) "
        f"AS rows({', '.join(identifier(column) for column in [*(names[name] for name in own), *added])})"
        for file, own in columns.items()
    ]
    return " UNION ALL BY NAME ".join(selects)


def registered(connection: duckdb.DuckDBPyConnection, name: str, rows: object, names: Sequence[str]) -> str:
    """A query over rows that DuckDB can scan (a stream, a dataset of Arrow), registered under a name; ``names`` are
    those of its columns, with marks where they differ in case alone."""
    connection.register(name, rows)
    return f"SELECT * FROM {identifier(name)} AS rows({', '.join(map(identifier, names))})"


def orc_relation(
    connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path], *, file_column: bool = False
) -> str:
    """A query over ORC files, whose columns are united by name. Raises DataFlowRunError for what is no ORC file."""
    import pyarrow as pa
    import pyarrow.dataset as datasets

    opened = []
    for file in files:
        try:
            opened.append(datasets.dataset(str(file), format=datasets.OrcFileFormat()))
        except (pa.ArrowInvalid, OSError) as error:
            raise DataFlowRunError(f"{file.name} is no ORC file: {error}") from error
    names = spelled(column for dataset in opened for column in dataset.schema.names)
    selects = []
    for index, (file, dataset) in enumerate(zip(files, opened, strict=True)):
        columns = [names[column] for column in dataset.schema.names]
        query = registered(connection, f"{name}_{index}", dataset, columns)
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
        rows = table.to_pyarrow_dataset()
        return registered(connection, name, rows, rows.schema.names)
    except (DeltaError, OSError, ValueError) as error:
        raise DataFlowRunError(f"{folder} cannot be read as a Delta table: {error}") from error
