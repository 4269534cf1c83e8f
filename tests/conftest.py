"""For every test: nothing connects beyond this machine. For those that ask: one local Azure for the whole session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from loopback_only import loopback_only
from running_azure import AzureBench, running_azure


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    with loopback_only():
        yield


@pytest.fixture(scope="session")
def shared_azure() -> Iterator[AzureBench]:
    """A local Azure that runs in a process of its own, shared by all tests: each makes its own resource group."""
    with running_azure() as bench:
        yield bench
