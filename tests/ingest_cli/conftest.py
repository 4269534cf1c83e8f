"""One local Azure of the command `ingest` for all tests of this folder, in a folder whose name needs quoting."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from local_stack import LocalStack

ROLE_LAG = ("--role-lag", "1.5")


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A local Azure that `ingest local start` started, without a deployment; tests leave it running."""
    found = LocalStack(tmp_path_factory.mktemp("local") / 'it\'s a $folder; with "quotes"')
    answer = found.ingest("local", "start", *ROLE_LAG)
    assert answer.code == 0, answer.text
    yield found
    stopped = found.ingest("local", "stop")
    assert (stopped.code, stopped.output) == (0, "stopped\n")
    assert found.ingest("local", "status").code == 3
