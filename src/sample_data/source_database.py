"""Loads the sample patients into the source database: DuckDB in this process, or a PostgreSQL server.

Both get the tables of source_schema in schema `dbo`, typed; PostgreSQL folds the unquoted names to lower case.
Neither reads from Azure: this is what stands behind the linked service of a local run.
"""

from pathlib import Path

import duckdb
import psycopg
from psycopg import sql

from sample_data.patient_sample import check_header, read_rows, table_file
from sample_data.source_schema import SCHEMA_NAME, TABLES, SourceTable


def load(connection: duckdb.DuckDBPyConnection, sample_folder: Path) -> dict[str, int]:
    """Makes schema dbo with the four tables in the connection's database, replacing tables of these names.

    Returns the rows per table. Raises SampleDataError before anything is changed when a sample file does not fit.
    """
    _check_headers(sample_folder)
    connection.begin()
    try:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA_NAME}")
        counts = {table.name: _load_table(connection, table, sample_folder) for table in TABLES}
        connection.commit()
    except duckdb.Error:
        connection.rollback()
        raise
    return counts


def load_postgresql(dsn: str, sample_folder: Path) -> dict[str, int]:
    """The same as `load` into the database that the dsn (postgresql://…) names, in one transaction.

    Returns the rows per table. Raises SampleDataError when a sample file does not fit, psycopg.Error from the server.
    """
    _check_headers(sample_folder)
    with psycopg.connect(dsn) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA_NAME)))
        return {table.name: _copy_table(connection, table, sample_folder) for table in TABLES}


def _check_headers(sample_folder: Path) -> None:
    for table in TABLES:
        check_header(sample_folder, table)


def _load_table(connection: duckdb.DuckDBPyConnection, table: SourceTable, sample_folder: Path) -> int:
    connection.execute(f"DROP TABLE IF EXISTS {SCHEMA_NAME}.{table.name}")
    connection.execute(table.create_statement("duckdb"))
    types = ", ".join(f"'{column.name}': '{column.type_in('duckdb')}'" for column in table.columns)
    inserted = connection.execute(
        f"INSERT INTO {SCHEMA_NAME}.{table.name} SELECT * FROM read_csv(?, header = true, auto_detect = false,"
        f" delim = ',', quote = '\"', escape = '\"', columns = {{{types}}}, timestampformat = '%Y-%m-%dT%H:%M:%SZ')",
        [str(table_file(sample_folder, table))],
    ).fetchone()
    return int(inserted[0]) if inserted else 0


def _copy_table(connection: psycopg.Connection, table: SourceTable, sample_folder: Path) -> int:
    name = sql.Identifier(SCHEMA_NAME, table.name)
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))
    connection.execute(table.create_statement("postgres").encode())
    count = 0
    with connection.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
        for row in read_rows(sample_folder, table):
            copy.write_row([value or None for value in row])
            count += 1
    return count
