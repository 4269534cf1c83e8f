"""A provider bench for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from provider_bench import ProviderBench, provider_bench

from local_azure.server import LocalAzure
from local_azure.settings import Settings


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ProviderBench]:
    azure = LocalAzure(tmp_path / "azure", Settings(role_lag_seconds=30.0, synapse_role_lag_seconds=30.0))
    try:
        yield provider_bench(azure)
    finally:
        azure.stop()
