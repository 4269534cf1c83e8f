"""What the committed sample promises: size, cases that de-identification must handle, references that resolve."""

import json
import shlex
from pathlib import Path

import duckdb
import pytest

from sample_data.source_schema import schema_script
from sample_data.synthea import COORDINATES, synthea_arguments
from sample_data.telemetry import write_telemetry

AGE_IN_YEARS = "date_sub('year', BIRTHDATE, coalesce(DEATHDATE, DATE '2025-01-01'))"


def scalar(connection: duckdb.DuckDBPyConnection, query: str) -> object:
    """The only value of the only row."""
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_the_sample_folder_is_small(samples: Path) -> None:
    assert sum(path.stat().st_size for path in samples.rglob("*") if path.is_file()) < 14_000_000


@pytest.mark.parametrize(
    ("table", "rows"),
    [("patients", 1_185), ("encounters", 78_288), ("conditions", 46_757), ("observations", 94_371)],
)
def test_the_sample_has_the_rows_that_its_readme_names(
    duckdb_source: duckdb.DuckDBPyConnection, samples: Path, table: str, rows: int
) -> None:
    assert scalar(duckdb_source, f"SELECT count(*) FROM dbo.{table}") == rows
    assert f"{rows:,} {table}" in (samples / "README.md").read_text()


def test_the_sample_has_the_people_that_are_hard_to_de_identify(
    duckdb_source: duckdb.DuckDBPyConnection, samples: Path
) -> None:
    over_89 = scalar(duckdb_source, f"SELECT count(*) FROM dbo.patients WHERE {AGE_IN_YEARS} > 89")
    assert f"{over_89} patients are or were over 89" in (samples / "README.md").read_text()
    assert scalar(duckdb_source, "SELECT count(*) FROM dbo.patients WHERE MAIDEN IS NOT NULL") == 287
    assert scalar(duckdb_source, "SELECT count(*) FROM dbo.patients WHERE DEATHDATE IS NOT NULL") == 185
    assert scalar(duckdb_source, "SELECT count(*) FROM dbo.patients WHERE DEATHDATE IS NULL") == 1000


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM dbo.encounters WHERE PATIENT NOT IN (SELECT Id FROM dbo.patients)",
        "SELECT count(*) FROM dbo.conditions WHERE ENCOUNTER NOT IN (SELECT Id FROM dbo.encounters)",
        "SELECT count(*) FROM dbo.observations WHERE PATIENT NOT IN (SELECT Id FROM dbo.patients)",
        "SELECT count(*) FROM dbo.observations WHERE ENCOUNTER NOT IN (SELECT Id FROM dbo.encounters)",
        "SELECT count(*) FROM (SELECT PATIENT FROM dbo.observations GROUP BY PATIENT HAVING count(*) > 80)",
        "SELECT count(*) - count(DISTINCT Id) FROM dbo.encounters",
    ],
)
def test_no_reference_in_the_sample_dangles(duckdb_source: duckdb.DuckDBPyConnection, query: str) -> None:
    assert scalar(duckdb_source, query) == 0


def test_the_schema_script_is_current(samples: Path) -> None:
    assert (samples / "patients" / "schema.sql").read_text() == schema_script()


def test_the_readme_names_the_command_that_made_the_patients(samples: Path) -> None:
    readme = (samples / "README.md").read_text()
    words = shlex.split(readme.replace("\\\n", " ").split("App", 1)[1].split("```")[0])
    assert words == synthea_arguments(1000, "OUTPUT")
    assert COORDINATES in readme


def test_the_committed_telemetry_is_what_the_generator_writes(samples: Path, tmp_path: Path) -> None:
    written = {path.name: path.read_bytes() for path in write_telemetry(tmp_path)}
    assert written == {path.name: path.read_bytes() for path in (samples / "telemetry").iterdir()}


def test_the_readme_counts_the_telemetry(samples: Path) -> None:
    readings = [
        json.loads(line) for path in (samples / "telemetry").iterdir() for line in path.read_text().splitlines()
    ]
    missing = sum(reading["temperature"] is None for reading in readings)
    readme = (samples / "README.md").read_text()
    assert f"{len(readings):,} readings" in readme
    assert f"{missing} have no temperature" in readme
