"""The source database: typed, equal in DuckDB and PostgreSQL, and unchanged when a sample file does not fit."""

import datetime
import gzip
import shutil
from pathlib import Path

import duckdb
import psycopg
import pytest

from sample_data.errors import SampleDataError
from sample_data.patient_sample import sample_digest
from sample_data.postgres_server import postgres_server
from sample_data.source_database import load, load_postgresql, loaded_sample, needs_sample
from sample_data.source_schema import PATIENTS, TABLES

COUNTS = {"patients": 1_185, "encounters": 78_288, "conditions": 46_757, "observations": 94_371}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM dbo.patients ORDER BY id",
        "SELECT * FROM dbo.encounters WHERE start >= '2020-01-01' AND start < '2020-02-01' ORDER BY id",
        "SELECT patient, code, start, stop FROM dbo.conditions WHERE stop IS NULL ORDER BY patient, start, code",
        "SELECT date, patient, code, value, units FROM dbo.observations ORDER BY patient, date, code, value, units",
        "SELECT encounterclass, count(*), min(start), max(stop) FROM dbo.encounters GROUP BY 1 ORDER BY 1",
        "SELECT zip, lat, lon, healthcare_expenses, income FROM dbo.patients ORDER BY id",
    ],
)
def test_both_databases_give_the_same_rows(
    duckdb_source: duckdb.DuckDBPyConnection, postgresql_source: str, query: str
) -> None:
    with psycopg.connect(postgresql_source) as connection:
        from_postgresql = connection.execute(query.encode()).fetchall()
    from_duckdb = duckdb_source.execute(query).fetchall()
    assert from_duckdb == from_postgresql
    assert from_duckdb


def test_columns_are_typed(duckdb_source: duckdb.DuckDBPyConnection) -> None:
    row = duckdb_source.execute(
        "SELECT BIRTHDATE, ZIP, LAT, INCOME, MAIDEN FROM dbo.patients WHERE ZIP LIKE '0%' AND MAIDEN IS NOT NULL"
    ).fetchone()
    assert row is not None
    assert [type(value) for value in row] == [datetime.date, str, float, int, str]
    start = duckdb_source.execute("SELECT START FROM dbo.encounters").fetchone()
    assert start is not None
    assert isinstance(start[0], datetime.datetime)
    assert start[0].tzinfo is None


def test_duckdb_keeps_the_names_of_the_columns(duckdb_source: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        columns = duckdb_source.execute(f"DESCRIBE dbo.{table.name}").fetchall()
        assert tuple(name for name, *_ in columns) == table.header


def test_postgresql_folds_the_names_of_the_columns(postgresql_source: str) -> None:
    query = (
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'dbo' AND table_name = %s ORDER BY ordinal_position"
    )
    with psycopg.connect(postgresql_source) as connection:
        for table in TABLES:
            columns = tuple(name for (name,) in connection.execute(query, [table.name]))
            assert columns == tuple(name.lower() for name in table.header)


def test_loading_again_replaces_the_rows(samples: Path) -> None:
    with duckdb.connect() as connection:
        assert load(connection, samples) == COUNTS
        assert load(connection, samples) == COUNTS
        assert connection.execute("SELECT count(*) FROM dbo.patients").fetchone() == (1_185,)


def test_loading_postgresql_again_replaces_the_rows(samples: Path) -> None:
    with postgres_server() as dsn:
        assert load_postgresql(dsn, samples) == COUNTS
        assert load_postgresql(dsn, samples) == COUNTS
        with psycopg.connect(dsn) as connection:
            assert connection.execute("SELECT count(*) FROM dbo.patients").fetchone() == (1_185,)


@pytest.fixture
def fewer_patients(samples: Path, tmp_path: Path) -> Path:
    """The committed sample without its last patient."""
    folder = tmp_path / "fewer"
    shutil.copytree(samples / "patients", folder / "patients")
    file = folder / "patients" / "patients.csv.gz"
    file.write_bytes(gzip.compress(b"".join(gzip.decompress(file.read_bytes()).splitlines(keepends=True)[:-1])))
    return folder


def test_a_database_knows_which_sample_it_holds(samples: Path, fewer_patients: Path) -> None:
    with duckdb.connect() as connection:
        assert loaded_sample(connection) is None
        for sample in (samples, fewer_patients):
            load(connection, sample)
            assert loaded_sample(connection) == sample_digest(sample)
    assert sample_digest(samples) != sample_digest(fewer_patients)


def test_postgresql_needs_a_sample_while_it_has_none_or_another(samples: Path, fewer_patients: Path) -> None:
    with postgres_server() as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        assert needs_sample(connection, samples)
        load_postgresql(dsn, samples)
        assert not needs_sample(connection, samples)
        assert needs_sample(connection, fewer_patients)


@pytest.mark.parametrize("table", ["patients", "observations"])
def test_tables_that_the_owner_of_a_postgresql_made_are_never_replaced(samples: Path, table: str) -> None:
    with postgres_server() as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA dbo")
        connection.execute(f"CREATE TABLE dbo.{table} (id integer)".encode())
        assert not needs_sample(connection, samples)


def test_a_missing_file_is_refused_before_anything_is_changed(tmp_path: Path, samples: Path) -> None:
    shutil.copytree(samples / "patients", tmp_path / "patients")
    (tmp_path / "patients" / "observations.csv.gz").unlink()
    with duckdb.connect() as connection:
        with pytest.raises(SampleDataError, match=r"reading sample table observations: there is no file .*csv\.gz"):
            load(connection, tmp_path)
        assert connection.execute("SHOW ALL TABLES").fetchall() == []


def test_an_unknown_header_is_refused_by_name(tmp_path: Path, samples: Path) -> None:
    shutil.copytree(samples / "patients", tmp_path / "patients")
    with gzip.open(tmp_path / "patients" / "conditions.csv.gz", "wt") as file:
        file.write("START,STOP,SHOESIZE\n")
    with pytest.raises(SampleDataError) as raised:
        load_postgresql("postgresql://nobody@127.0.0.1:1/none", tmp_path)
    assert str(raised.value) == (
        "reading sample table conditions: conditions.csv.gz has the header START,STOP,SHOESIZE\n"
        "expected START,STOP,PATIENT,ENCOUNTER,SYSTEM,CODE,DESCRIPTION\n"
        "hint: use the pinned version of Synthea: make patients N=1000"
    )


def test_a_value_of_the_wrong_type_leaves_the_database_as_it_was(tmp_path: Path, samples: Path) -> None:
    shutil.copytree(samples / "patients", tmp_path / "patients")
    with gzip.open(tmp_path / "patients" / "conditions.csv.gz", "at") as file:
        file.write("yesterday,,p,e,SNOMED-CT,1,Cough\n")
    with duckdb.connect() as connection:
        with pytest.raises(duckdb.ConversionException, match="yesterday"):
            load(connection, tmp_path)
        assert connection.execute("SHOW ALL TABLES").fetchall() == []


def test_create_statements_differ_by_dialect_only() -> None:
    first_lines = {dialect: PATIENTS.create_statement(dialect).splitlines()[:3] for dialect in ("tsql", "postgres")}
    assert first_lines == {
        "tsql": [
            "CREATE TABLE [dbo].[patients] (",
            "    [Id] NVARCHAR(36) NOT NULL,",
            "    [BIRTHDATE] DATE NOT NULL,",
        ],
        "postgres": ["CREATE TABLE dbo.patients (", "    id VARCHAR(36) NOT NULL,", "    birthdate DATE NOT NULL,"],
    }
    assert '"Id" VARCHAR NOT NULL' in PATIENTS.create_statement("duckdb")
