"""The stand-in of the azure-native plugin in the process that `ingest local start` starts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from arm_bench import ArmBench
from running_azure import AzureBench
from standin_bench import connected


@pytest.fixture(autouse=True)
def _environment(shared_azure: AzureBench) -> Iterator[None]:
    with shared_azure.acting_as("deployer"):
        yield


@pytest.fixture(scope="session")
def arm(shared_azure: AzureBench) -> ArmBench:
    """Resource Manager as the deployer, for what happens behind Pulumi's back."""
    return ArmBench(shared_azure)


@pytest.fixture
def group(arm: ArmBench) -> str:
    """A fresh resource group."""
    return arm.new_group()


@pytest.fixture(scope="session")
def stub(shared_azure: AzureBench) -> Iterator[Any]:
    """The stand-in that acts as the deployer."""
    with connected(shared_azure.endpoints.provider_ports["deployer"]) as found:
        yield found
