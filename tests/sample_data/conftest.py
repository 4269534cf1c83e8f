"""Fixtures of the sample-data tests."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from sample_data.postgres_server import postgres_server
from sample_data.source_database import load, load_postgresql


@pytest.fixture(scope="session")
def samples() -> Path:
    """The committed sample folder."""
    return Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="session")
def duckdb_source(samples: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB database with the committed patients; not to be changed."""
    with duckdb.connect() as connection:
        load(connection, samples)
        yield connection


@pytest.fixture(scope="session")
def postgresql_source(samples: Path) -> Iterator[str]:
    """The dsn of a PostgreSQL server with the committed patients; not to be changed."""
    with postgres_server() as dsn:
        load_postgresql(dsn, samples)
        yield dsn
