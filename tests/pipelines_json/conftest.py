"""The documents of the repository, and one run of the patients' data flow on the sample."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from flow_run import EVERYTHING, ROOT, Written, run_flow

from synapse_artifacts.load import Workspace, load_folder

SAMPLES = Path(__file__).parents[2] / "samples" / "patients"
_TIME = "replace(replace({0}, 'T', ' '), 'Z', '') AS {0}"


@pytest.fixture(scope="session")
def workspace() -> Workspace:
    """The documents of pipelines_json."""
    return load_folder(ROOT)


@pytest.fixture(scope="session")
def sample() -> Iterator[duckdb.DuckDBPyConnection]:
    """The sample as the pipeline copies it: text, times without zone, the first encounter of each patient."""
    with duckdb.connect() as connection:
        files = {name: f"read_csv('{SAMPLES}/{name}.csv.gz', all_varchar = true)" for name in _TABLES}
        start, stop, date = (
            _TIME.format("START"),
            _TIME.format("STOP"),
            _TIME.format("DATE"),
        )
        connection.execute(f"CREATE TABLE encounters AS SELECT * REPLACE ({start}, {stop}) FROM {files['encounters']}")
        connection.execute(f"CREATE TABLE observations AS SELECT * REPLACE ({date}) FROM {files['observations']}")
        connection.execute(
            "CREATE TABLE patients AS SELECT p.* REPLACE (BIRTHDATE || ' 00:00:00' AS BIRTHDATE, "
            "DEATHDATE || ' 00:00:00' AS DEATHDATE), f.FIRST_ENCOUNTER "
            f"FROM {files['patients']} AS p LEFT JOIN (SELECT PATIENT, min(START) AS FIRST_ENCOUNTER FROM encounters "
            "GROUP BY PATIENT) AS f ON f.PATIENT = p.Id"
        )
        yield connection


_TABLES = ("patients", "encounters", "observations")


@pytest.fixture(scope="session")
def whole_sample(sample: duckdb.DuckDBPyConnection) -> dict[str, Written]:
    """What a full run of the patients' data flow on the sample writes."""
    tables = {
        "patients": "patients",
        "newEncounters": "encounters",
        "newObservations": "observations",
    }
    return run_flow("deidentify_patients", EVERYTHING, tables, sample)
