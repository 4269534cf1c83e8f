"""What a killed run left: a lock is taken away from the dead alone, notes go, what exists is imported in its place."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from arm_bench import ArmBench
from azure.core.credentials import AccessToken
from azure.identity import DefaultAzureCredential
from running_azure import AzureBench

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


def test_everything_whose_id_is_not_known_is_told_at_once(backend: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another provider would make anew what it does not take over; nothing of it is forgotten."""
    others = [
        {**ARTIFACTS, "type": "azure-native:sql:Server", "urn": "urn:pulumi:s::p::azure-native:sql:Server::server"},
        {**ARTIFACTS, "type": "random:index:RandomId", "urn": "urn:pulumi:s::p::random:index:RandomId::suffix"},
    ]
    engine = Engine(ARTIFACTS, *others)
    engine.take_over(monkeypatch)
    with pytest.raises(CommandError) as caught:
        recover("s", Nobody())
    told = str(caught.value)
    assert "azure-native:sql:Server server\n    urn: urn:pulumi:s::p::azure-native:sql:Server::server\n" in told
    assert "random:index:RandomId suffix" in told
    assert "expected one of azure-native:resources:ResourceGroup, " in told
    assert "WorkspaceArtifacts" not in told
    assert engine.commands == ["stack export"]


def group_named(name: str, of_program: str) -> dict[str, Any]:
    """The note that a resource group of that name was being created."""
    token = "azure-native:resources:ResourceGroup"
    urn = f"urn:pulumi:s::p::{token}::{of_program}"
    provider = f"{AZURE}::7b7ead8f-60e4-5f08-93fe-5ae0d353fc7e"
    inputs = {"resourceGroupName": name, "location": "westeurope"}
    return {"urn": urn, "type": token, "provider": provider, "parent": STACK, "inputs": inputs}


AZURE = "urn:pulumi:s::p::pulumi:providers:azure-native::default"
STACK = "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s"


@pytest.fixture
def deployer(shared_azure: AzureBench) -> Iterator[ArmBench]:
    """Resource Manager, and the environment of the deployer, as a command of any stack has it."""
    with shared_azure.acting_as("deployer"):
        yield ArmBench(shared_azure)


def in_subscription(engine: Engine, arm: ArmBench) -> Engine:
    """The state says where its provider deploys to: the stack itself has no settings."""
    own = {
        "urn": AZURE,
        "type": "pulumi:providers:azure-native",
        "inputs": {"subscriptionId": arm.subscription.rpartition("/")[2]},
    }
    engine.state["deployment"]["resources"] = [own]
    return engine


def test_what_is_there_is_imported_in_any_stack(
    backend: Path, monkeypatch: pytest.MonkeyPatch, deployer: ArmBench
) -> None:
    pending = group_named(deployer.new_group(), "made"), group_named("never-made", "never")
    engine = in_subscription(Engine(*pending), deployer)
    engine.take_over(monkeypatch)
    assert list(recover("s", DefaultAzureCredential()).lines()) == [
        "imported azure-native:resources:ResourceGroup made: it was created",
        "forgot that azure-native:resources:ResourceGroup never was being created: the next run does it",
    ]
    assert engine.commands == ["stack export", "import --stack", "stack export", "stack import"]


def test_a_replacement_that_is_there_is_left_to_people(
    backend: Path, monkeypatch: pytest.MonkeyPatch, deployer: ArmBench
) -> None:
    name = deployer.new_group()
    pending = group_named(name, "group")
    engine = in_subscription(Engine(pending), deployer)
    engine.state["deployment"]["resources"].append({**pending, "id": "/subscriptions/s/resourceGroups/before"})
    engine.take_over(monkeypatch)
    with pytest.raises(CommandError) as caught:
        recover("s", DefaultAzureCredential())
    id = f"{deployer.subscription}/resourceGroups/{name}"
    assert f"{id}, in place of /subscriptions/s/resourceGroups/before" in str(caught.value)
    assert f"hint: az resource delete --ids {id}, then ingest recover again" in str(caught.value)
    assert engine.commands == ["stack export"]


def test_a_stack_that_names_no_subscription_is_told(backend: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(group_named("g", "group"))
    engine.take_over(monkeypatch)
    with pytest.raises(CommandError, match="in which subscription it was creating"):
        recover("s", Nobody())
