"""Fixtures of the Synapse tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
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
