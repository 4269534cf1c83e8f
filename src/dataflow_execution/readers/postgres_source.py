"""A table or query of a PostgreSQL database that a person names as the rows of a source."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import psycopg

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.postgres_address import PostgresAddress
from dataflow_execution.postgres_tables import find_table, has_schema, speaks_postgres
from dataflow_execution.readers.columnar_files import parquet_relation
from dataflow_execution.readers.database_tables import TableName
from dataflow_execution.readers.postgres_rows import postgres_rows
from dataflow_execution.sql_dialect import SqlError, Translated, translate


def postgres_source(
    address: PostgresAddress,
    name: TableName,
    query: str | None,
    dataset_type: str | None,
    declared: Mapping[str, str],
    target: Path,
) -> str:
    """A query of DuckDB over the rows, which are copied to a Parquet file; columns have their declared names' case.

    Raises DataFlowRunError with the database's words, without the password.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    folds = not speaks_postgres(dataset_type)
    names = {column.lower(): column for column in declared} if folds else {}
    try:
        with psycopg.connect(address.conninfo) as connection, connection.cursor() as cursor:
            if query is None:
                found = find_table(cursor, name, folds=folds)
                translated = Translated(f"SELECT * FROM {found.sql}", frozenset(), names)
            elif folds:
                schema = "dbo" if has_schema(cursor, "dbo") else "public"
                translated = translate(query, "postgres", names, schema)
            else:
                translated = Translated(query, frozenset(), {})
        postgres_rows(address.conninfo, translated, target)
    except psycopg.Error as error:
        raise DataFlowRunError(f"{address}: {address.told(error)}") from None  # its text may hold the password
    except SqlError as error:
        raise DataFlowRunError(f"{address}: {address.told(error)}") from None
    return parquet_relation([target])
