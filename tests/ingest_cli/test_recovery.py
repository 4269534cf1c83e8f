"""What a killed run left: a lock is taken away from the dead alone, notes go, what exists is imported in its place."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from ingest_cli import recovery, stack
from ingest_cli.errors import CommandError
from ingest_cli.project import PROJECT
from ingest_cli.recovery import recover

PROVIDER = "urn:pulumi:s::p::pulumi:providers:dataplane::default_0_1_0"
ARTIFACTS = {
    "urn": "urn:pulumi:s::p::dataplane:index:WorkspaceArtifacts::artifacts",
    "type": "dataplane:index:WorkspaceArtifacts",
    "provider": f"{PROVIDER}::7b7ead8f-60e4-5f08-93fe-5ae0d353fc7e",
}


class Nobody:
    """A credential that is never asked."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """Fails."""
        raise AssertionError(scopes)


class Engine:
    """Stands in for `pulumi`: a state, and the commands that were run."""

    def __init__(self, *pending: Mapping[str, Any]) -> None:
        operations = [{"type": "creating", "resource": each} for each in pending]
        self.state: dict[str, Any] = {"version": 3, "deployment": {"pending_operations": operations}}
        self.commands: list[str] = []

    def __call__(
        self, arguments: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        self.commands.append(" ".join(arguments[:2]))
        if arguments[:2] == ["stack", "import"]:
            self.state = json.loads(Path(arguments[-1]).read_text(encoding="utf-8"))
        return subprocess.CompletedProcess([], 0, json.dumps(self.state), "")

    def take_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on commands of the engine come here."""
        for module in (recovery, stack):
            monkeypatch.setattr(module, "pulumi", self)


@pytest.fixture
def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PULUMI_BACKEND_URL", tmp_path.as_uri())
    return tmp_path


def lock(backend: Path, pid: int, host: str) -> None:
    """A run's lock, as the engine writes it."""
    folder = backend / ".pulumi" / "locks" / "organization" / PROJECT / "s"
    folder.mkdir(parents=True)
    content = {"pid": pid, "username": "somebody", "hostname": host, "timestamp": "2026-11-26T00:00:00Z"}
    (folder / "a.json").write_text(json.dumps(content), encoding="utf-8")


def dead_process() -> int:
    """The id of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_nothing_is_done_where_nothing_was_interrupted(backend: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    engine.take_over(monkeypatch)
    assert list(recover("s", Nobody()).lines()) == []
    assert engine.commands == ["stack export"]


def test_the_lock_of_a_dead_run_is_taken_away_and_notes_of_our_provider_go(
    backend: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(ARTIFACTS)
    engine.take_over(monkeypatch)
    lock(backend, dead_process(), socket.gethostname())
    assert list(recover("s", Nobody()).lines()) == [
        "took away the lock of a run that is dead",
        "forgot that dataplane:index:WorkspaceArtifacts artifacts was being created: the next run does it",
    ]
    assert engine.commands == ["cancel --yes", "stack export", "stack export", "stack import"]
    assert engine.state["deployment"]["pending_operations"] == []


@pytest.mark.parametrize(
    ("host", "message"),
    [(socket.gethostname(), "is at work on it"), ("elsewhere", "a run of somebody on elsewhere has locked it")],
)
def test_a_run_that_may_live_keeps_its_lock(
    backend: Path, monkeypatch: pytest.MonkeyPatch, host: str, message: str
) -> None:
    engine = Engine(ARTIFACTS)
    engine.take_over(monkeypatch)
    lock(backend, os.getpid(), host)
    with pytest.raises(CommandError, match=message):
        recover("s", Nobody())
    assert engine.commands == []


def test_a_type_whose_ids_are_not_known_is_told(backend: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine({**ARTIFACTS, "type": "azure-native:sql:Server"})
    engine.take_over(monkeypatch)
    with pytest.raises(CommandError, match="recovering azure-native:sql:Server artifacts: resources of this type"):
        recover("s", Nobody())
    assert engine.commands == ["stack export"]
