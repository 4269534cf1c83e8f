"""Two kinds of local Azure: that of the command `ingest`, as processes, and one within this process for its parts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ingestion_bench import write_hospital
from lake_bench import Bench as Lake
from lake_bench import make_account
from local_stack import LocalStack
from synapse_bench import Bench as Workspace
from synapse_bench import make_workspace

from local_azure.server import LocalAzure
from local_azure.settings import Settings

SERVICES = ("identity", "data_lake", "synapse_workspace")
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


@pytest.fixture(scope="session")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAzure]:
    """A local Azure within this process, with the data planes that commands ask."""
    settings = Settings(lro_polls=0, sample_folder=write_hospital(tmp_path_factory.mktemp("samples")))
    instance = LocalAzure(tmp_path_factory.mktemp("azure"), settings, services=SERVICES)
    instance.start()
    yield instance
    instance.stop()


@pytest.fixture
def reachable(azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients within this process reach it."""
    monkeypatch.setenv("HTTPS_PROXY", azure.proxy_url)
    monkeypatch.setenv("https_proxy", azure.proxy_url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(azure.ca_file))
    monkeypatch.setenv("SSL_CERT_FILE", str(azure.ca_file))


@pytest.fixture
def workspace(azure: LocalAzure, reachable: None) -> Workspace:
    """A new workspace."""
    return make_workspace(azure)


@pytest.fixture
def lake(azure: LocalAzure, reachable: None) -> Lake:
    """A new account without filesystems."""
    return make_account(azure)
