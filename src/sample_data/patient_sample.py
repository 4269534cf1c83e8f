"""The committed form of the patients: Synthea's own CSV rows, sorted, observations trimmed, gzip-compressed.

Sorting makes the files independent of the threads that Synthea ran on; values and headers stay as Synthea wrote them.
"""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import duckdb

from sample_data.errors import SampleDataError
from sample_data.source_schema import OBSERVATIONS, TABLES, SourceTable, schema_script

OBSERVATIONS_PER_PATIENT = 80
_FETCH_ROWS = 10_000


def table_file(sample_folder: Path, table: SourceTable) -> Path:
    """Where a sample folder keeps the rows of the table."""
    return sample_folder / "patients" / f"{table.name}.csv.gz"


def write_sample(
    synthea_csv_folder: Path, sample_folder: Path, *, observations_per_patient: int = OBSERVATIONS_PER_PATIENT
) -> dict[str, int]:
    """Compresses Synthea's CSV export into the sample folder; keeps the newest observations of each patient.

    Returns the rows per table. Raises SampleDataError when a file is missing or its header is not the known one.
    """
    for table in TABLES:
        _check_header(synthea_csv_folder / f"{table.name}.csv", table)
    (sample_folder / "patients").mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        return {
            table.name: _write_table(connection, table, synthea_csv_folder, sample_folder, observations_per_patient)
            for table in TABLES
        }


def read_rows(sample_folder: Path, table: SourceTable) -> Iterator[list[str]]:
    """The rows of one table as texts in the table's column order, without the header; "" means NULL.

    Raises SampleDataError when the file is missing or its header is not the known one.
    """
    path = table_file(sample_folder, table)
    _check_header(path, table)
    with _open_text(path) as text:
        reader = csv.reader(text)
        next(reader)
        yield from reader


def sample_digest(sample_folder: Path) -> str:
    """Tells samples apart: other rows or other tables give another text (SHA-256, hexadecimal).

    Raises SampleDataError when a table's file is missing or its header is not the known one.
    """
    digest = hashlib.sha256(schema_script().encode())
    for table in TABLES:
        check_header(sample_folder, table)
        digest.update(hashlib.sha256(table_file(sample_folder, table).read_bytes()).digest())
    return digest.hexdigest()


def check_header(sample_folder: Path, table: SourceTable) -> None:
    """Raises SampleDataError when the table's file is missing or its header is not the known one."""
    _check_header(table_file(sample_folder, table), table)


def _check_header(path: Path, table: SourceTable) -> None:
    if not path.is_file():
        raise SampleDataError(
            f"reading sample table {table.name}: there is no file {path}",
            expected=f"the rows of {table.name} as Synthea exports them",
            hint="make patients N=1000",
        )
    with _open_text(path) as text:
        header = tuple(next(csv.reader(text), []))
    if header != table.header:
        raise SampleDataError(
            f"reading sample table {table.name}: {path.name} has the header {','.join(header)}",
            expected=",".join(table.header),
            hint="use the pinned version of Synthea: make patients N=1000",
        )


def _open_text(path: Path) -> io.TextIOWrapper:
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path), encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _write_table(
    connection: duckdb.DuckDBPyConnection, table: SourceTable, source: Path, sample_folder: Path, newest: int
) -> int:
    columns = ", ".join(f'"{name}"' for name in table.header)
    newest_only = ""
    if table is OBSERVATIONS:
        ties = ", ".join(f'"{name}"' for name in table.row_order[2:])
        newest_only = f'QUALIFY row_number() OVER (PARTITION BY "PATIENT" ORDER BY "DATE" DESC, {ties}) <= {newest:d}'
    order = ", ".join(f'"{name}"' for name in table.row_order)
    rows = connection.execute(
        f"SELECT {columns} FROM read_csv(?, header = true, all_varchar = true, delim = ',', quote = '\"')"
        f" {newest_only} ORDER BY {order}",
        [str(source / f"{table.name}.csv")],
    )
    count = 0
    # No time of writing in the gzip header: the same rows give the same bytes.
    with (
        table_file(sample_folder, table).open("wb") as file,
        gzip.GzipFile("", "wb", 9, file, mtime=0) as compressed,
        io.TextIOWrapper(compressed, encoding="utf-8", newline="") as text,
    ):
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(table.header)
        while batch := rows.fetchmany(_FETCH_ROWS):
            writer.writerows(batch)
            count += len(batch)
    return count
