"""Resource Manager through the azure-mgmt clients, in the environment that `ingest local env` makes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from arm_bench import ArmBench
from running_azure import AzureBench


@pytest.fixture(autouse=True)
def _environment(shared_azure: AzureBench) -> Iterator[None]:
    with shared_azure.acting_as("deployer"):
        yield


@pytest.fixture(scope="session")
def arm(shared_azure: AzureBench) -> ArmBench:
    """Resource Manager as the deployer."""
    return ArmBench(shared_azure)


@pytest.fixture
def group(arm: ArmBench) -> str:
    """A fresh resource group."""
    return arm.new_group()
