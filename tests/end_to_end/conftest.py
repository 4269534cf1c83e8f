"""Two local Azures for all tests of this folder: one with the main job's deployment, one without any.

In the first a role works 30 s after it was given, in the second at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from local_stack import LocalStack

ROLE_LAG_SECONDS = 30


@pytest.fixture(scope="session")
def main_job_output() -> list[str]:
    """What the main job printed, once it has run."""
    return []


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, main_job_output: list[str]) -> Iterator[LocalStack]:
    """The stack after `ingest local up`; tests leave it as they found it."""
    found = LocalStack(tmp_path_factory.mktemp("local"))
    lags = {"LOCAL_ROLE_LAG": str(ROLE_LAG_SECONDS), "LOCAL_SYNAPSE_ROLE_LAG": str(ROLE_LAG_SECONDS)}
    answer = found.ingest("local", "up", environment=lags)
    assert answer.code == 0, answer.text
    main_job_output.append(answer.output)
    with found.reachable():
        yield found
    assert found.ingest("local", "stop").code == 0


@pytest.fixture(scope="session")
def bare_azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A local Azure without a deployment; tests make stacks and workspaces of names of their own."""
    found = LocalStack(tmp_path_factory.mktemp("bare"))
    answer = found.ingest("local", "start")
    assert answer.code == 0, answer.text
    yield found
    assert found.ingest("local", "stop").code == 0


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty folder for a copy of the project."""
    return tmp_path / "project"
