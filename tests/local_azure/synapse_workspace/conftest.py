"""Fixtures of the Synapse tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from activity_bench import GRANT, ActivityBench, make_activity_bench, write_samples
from synapse_bench import Bench, make_workspace

from local_azure.server import LocalAzure
from local_azure.settings import Settings


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAzure]:
    """A running stand-in with sign-in and Synapse only, for one module."""
    folder = tmp_path_factory.mktemp("azure")
    instance = LocalAzure(folder, Settings(lro_polls=1), services=("identity", "synapse_workspace"))
    instance.start()
    yield instance
    instance.stop()


@pytest.fixture
def bench(azure: LocalAzure) -> Bench:
    """A fresh workspace."""
    return make_workspace(azure)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActivityBench]:
    """One stand-in for the module; the workspace identity may read the database."""
    samples = write_samples(tmp_path_factory.mktemp("samples"))
    found = make_activity_bench(tmp_path_factory.mktemp("azure"), samples)
    administrator = found.bench.principal("database-administrator")
    found.bench.service.databases.execute_grant_script("srv", "db", GRANT.format(name=found.bench.name), administrator)
    yield found
    found.bench.azure.stop()


@pytest.fixture
def activities(shared: ActivityBench) -> ActivityBench:
    """The stand-in with an empty lake."""
    shared.lake.clear()
    return shared
