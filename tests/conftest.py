"""For every test: nothing connects beyond this machine. For those that ask: one local Azure for the whole session.

Tests run in two processes (pytest-xdist). What a session makes is made once in each process, so tests that share what
is costly stay in one: a deployed stack, a Spark session.

The examples of property tests are the same in each run, so that a red run is about the change; `make explore` draws new
ones (HYPOTHESIS_PROFILE=explore).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from loopback_only import loopback_only
from running_azure import AzureBench, running_azure

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


# Whose session fixtures cost seconds.
_TOGETHER = {
    "tests/end_to_end": "stack",
    "tests/ingest_cli": "local",
    "tests/mapping_dataflow": "spark",
    "tests/dataflow_execution": "spark",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say which tests run in one process: those of a file, and those that share what is costly."""
    for item in items:
        path = item.path.relative_to(config.rootpath)
        folder = "/".join(path.parts[:2])
        item.add_marker(pytest.mark.xdist_group(_TOGETHER.get(folder, str(path))))


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    with loopback_only():
        yield


@pytest.fixture(scope="session")
def shared_azure() -> Iterator[AzureBench]:
    """A local Azure that runs in a process of its own, shared by all tests: each makes its own resource group."""
    with running_azure() as bench:
        yield bench
