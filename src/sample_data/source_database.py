"""Loads the sample patients into the source database: DuckDB in this process, or a PostgreSQL server.

Both get the tables of source_schema in schema `dbo`, typed; PostgreSQL folds the unquoted names to lower case.
A comment on the table of patients says which sample was loaded: written with the rows, so that it cannot be wrong.
Neither reads from Azure: this is what stands behind the linked service of a local run.
"""

from pathlib import Path

import duckdb
import psycopg
from psycopg import sql

from sample_data.patient_sample import read_rows, sample_digest, table_file
from sample_data.source_schema import PATIENTS, SCHEMA_NAME, TABLES, SourceTable

_MARK = "sample "
_MARKED_TABLE = f"{SCHEMA_NAME}.{PATIENTS.name}"


def load(connection: duckdb.DuckDBPyConnection, sample_folder: Path) -> dict[str, int]:
    """Makes schema dbo with the four tables in the connection's database, replacing tables of these names.

    Returns the rows per table. Raises SampleDataError before anything is changed when a sample file does not fit.
    """
    mark = _MARK + sample_digest(sample_folder)
    connection.begin()
    try:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA_NAME}")
        counts = {table.name: _load_table(connection, table, sample_folder) for table in TABLES}
        connection.execute(f"COMMENT ON TABLE {_MARKED_TABLE} IS '{mark}'")
        connection.commit()
    except duckdb.Error:
        connection.rollback()
        raise
    return counts


def loaded_sample(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The digest of the sample that `load` put into the connection's database; None where it put none."""
    found = connection.execute(
        "SELECT comment FROM duckdb_tables()"
        " WHERE database_name = current_database() AND schema_name = ? AND table_name = ?",
        [SCHEMA_NAME, PATIENTS.name],
    ).fetchone()
    return _digest_in(found[0] if found else None)


def load_postgresql(dsn: str, sample_folder: Path) -> dict[str, int]:
    """The same as `load` into the database that the dsn (postgresql://…) names, in one transaction.

    Returns the rows per table. Raises SampleDataError when a sample file does not fit, psycopg.Error from the server.
    """
    mark = _MARK + sample_digest(sample_folder)
    with psycopg.connect(dsn) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA_NAME)))
        counts = {table.name: _copy_table(connection, table, sample_folder) for table in TABLES}
        marked = sql.Identifier(SCHEMA_NAME, PATIENTS.name)
        connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(marked, sql.Literal(mark)))
        return counts


def needs_sample(connection: psycopg.Connection, sample_folder: Path) -> bool:
    """Whether a PostgreSQL database has none of the tables, or those of another sample; never those of its owner.

    Raises SampleDataError when a sample file does not fit.
    """
    names = [f"{SCHEMA_NAME}.{table.name}" for table in TABLES]
    found = connection.execute(
        "SELECT count(to_regclass(name)), max(obj_description(to_regclass(%s), 'pg_class'))"
        " FROM unnest(%s::text[]) AS name",
        [_MARKED_TABLE, names],
    ).fetchone()
    tables, comment = found or (0, None)
    loaded = _digest_in(comment)
    return tables == 0 or (loaded is not None and loaded != sample_digest(sample_folder))


def _digest_in(comment: str | None) -> str | None:
    return comment.removeprefix(_MARK) if comment is not None and comment.startswith(_MARK) else None


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
