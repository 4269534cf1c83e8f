"""Fixtures of the data lake tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from azure.storage.blob import ContainerClient
from lake_bench import Bench, make_account

from local_azure.server import LocalAzure
from local_azure.settings import Settings


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAzure]:
    """A running stand-in with sign-in and the lake only, for one module."""
    folder = tmp_path_factory.mktemp("azure")
    instance = LocalAzure(folder, Settings(), services=("identity", "data_lake"))
    instance.start()
    yield instance
    instance.stop()


@pytest.fixture
def bench(azure: LocalAzure) -> Bench:
    """A fresh account with hierarchical namespace, reached in the same process."""
    return make_account(azure)


@pytest.fixture
def flat(azure: LocalAzure) -> Bench:
    """A fresh account without hierarchy."""
    return make_account(azure, hierarchical=False)


@pytest.fixture
def container(flat: Bench) -> ContainerClient:
    """A container in it."""
    return flat.blobs().create_container("data")
