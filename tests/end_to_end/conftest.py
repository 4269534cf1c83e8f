"""One deployment by the main job, with a lag of 30 s until roles work, for all tests of this folder."""

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


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty folder for a copy of the project."""
    return tmp_path / "project"
