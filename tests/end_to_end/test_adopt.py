"""A workspace made by hand becomes files and state, its drift is told and pulled: the real engine, nothing written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from local_stack import ROOT, Answer, LocalStack, copy_project

WORKSPACE = "made-by-hand"
HOST = f"{WORKSPACE}.dev.azuresynapse.net"
STACK = "adopted"
WAIT = {"name": "Rest", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}
SQL = {
    "type": "AzureSqlDatabase",
    "typeProperties": {"connectionString": {"type": "SecureString", "value": "**********"}},
}
LOAD = {"activities": [WAIT], "annotations": []}
DAILY = {
    "type": "ScheduleTrigger",
    "pipelines": [{"pipelineReference": {"referenceName": "load", "type": "PipelineReference"}}],
    "typeProperties": {
        "recurrence": {"frequency": "Day", "interval": 1, "startTime": "2024-01-01T00:00:00Z", "timeZone": "UTC"}
    },
}


@dataclass(frozen=True)
class Studio:
    """Somebody at work in a workspace that no program made."""

    local: LocalStack

    def _send(self, method: str, url: str, scope: str, body: Any = None) -> requests.Response:
        token = self.local.credential("deployer").get_token(scope).token
        return requests.request(method, url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def make(self) -> None:
        """The workspace with a resource group of its own."""
        subscription = self.local.session.endpoints["subscription_id"]
        group = f"https://management.azure.com/subscriptions/{subscription}/resourceGroups/by-hand"
        lake = {"accountUrl": "https://byhand.dfs.core.windows.net", "filesystem": "synapse"}
        workspace = {
            "location": "westeurope",
            "identity": {"type": "SystemAssigned"},
            "properties": {"defaultDataLakeStorage": lake, "azureADOnlyAuthentication": True},
        }
        everybody = {"properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}}
        below = f"{group}/providers/Microsoft.Synapse/workspaces/{WORKSPACE}"
        for url, version, body in (
            (group, "2024-03-01", {"location": "westeurope"}),
            (below, "2021-06-01", workspace),
            (f"{below}/firewallRules/everybody", "2021-06-01", everybody),
        ):
            answer = self._send("PUT", f"{url}?api-version={version}", "https://management.azure.com/.default", body)
            assert answer.ok, answer.text
            self._finish(answer.headers.get("Azure-AsyncOperation"), "https://management.azure.com/.default")

    def put(self, collection: str, name: str, properties: Mapping[str, Any]) -> None:
        """Publishes an artifact."""
        self.act("PUT", f"{collection}/{name}", {"name": name, "properties": properties})

    def act(self, method: str, path: str, body: Any = None) -> None:
        """A request for an artifact, followed to its end."""
        scope = "https://dev.azuresynapse.net/.default"
        answer = self._send(method, f"https://{HOST}/{path}?api-version=2020-12-01", scope, body)
        assert answer.ok, answer.text
        self._finish(answer.headers.get("Location"), scope)

    def _finish(self, location: str | None, scope: str) -> None:
        while location:
            answer = self._send("GET", location, scope)
            assert answer.ok, answer.text
            if answer.status_code != 202 and answer.json().get("status") not in ("InProgress", "Provisioning"):
                return
            time.sleep(0.1)


@dataclass(frozen=True)
class Checkout:
    """A copy of the project in which commands are run as its users run them."""

    local: LocalStack
    project: Path

    def ingest(self, *arguments: str) -> Answer:
        """The command of the copy."""
        return self._run([sys.executable, "-m", "ingest_cli.main", *arguments])

    def pulumi(self, *arguments: str) -> Answer:
        """Plain `pulumi`."""
        return self._run(["pulumi", "--non-interactive", "--color", "never", *arguments])

    def _run(self, command: list[str]) -> Answer:
        environment = self.local.shell_environment()
        environment["PYTHONPATH"] = os.pathsep.join((str(self.project / "src"), str(self.project)))
        executable = shutil.which(command[0], path=environment["PATH"]) or command[0]
        answer = subprocess.run(
            [executable, *command[1:]], cwd=self.project, env=environment, capture_output=True, text=True, check=False
        )
        return Answer(answer.returncode, answer.stdout, answer.stderr)

    def preview(self) -> Answer:
        """Whether files, state and workspace are one."""
        return self.pulumi("preview", "--stack", STACK, "--refresh", "--expect-no-changes", "--diff")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A local Azure without a deployment."""
    found = LocalStack(tmp_path_factory.mktemp("local"))
    answer = found.ingest("local", "start")
    assert answer.code == 0, answer.text
    with found.reachable():
        yield found
    assert found.ingest("local", "stop").code == 0


@pytest.fixture(scope="module")
def studio(local: LocalStack) -> Studio:
    """The workspace with a linked service, a pipeline and a trigger that runs."""
    found = Studio(local)
    found.make()
    found.put("linkedservices", "sql", SQL)
    found.put("pipelines", "load", LOAD)
    found.put("triggers", "daily", DAILY)
    found.act("POST", "triggers/daily/start")
    return found


@pytest.fixture(scope="module")
def checkout(local: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy of the project, in Git, with a new stack."""
    project = copy_project(tmp_path_factory.mktemp("checkout") / "project")
    shutil.copytree(ROOT / "src", project / "src", ignore=shutil.ignore_patterns("__pycache__"))
    found = Checkout(local, project)
    answer = found.pulumi("stack", "init", STACK)
    assert answer.code == 0, answer.text
    return found


def written(log: list[dict[str, Any]]) -> list[str]:
    """Requests that changed something anywhere."""
    tokens = "login.microsoftonline.com"
    return [
        f"{each['method']} {each['path']}"
        for each in log
        if each["method"] not in ("GET", "HEAD") and each["host"] != tokens
    ]


def commit(project: Path) -> None:
    for arguments in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", "-C", str(project), *arguments], check=True, capture_output=True)


def test_a_workspace_made_by_hand_is_adopted_and_its_changes_are_pulled(studio: Studio, checkout: Checkout) -> None:
    with checkout.local.recording() as log:
        adopted = checkout.ingest("adopt", "--workspace", WORKSPACE, "--stack", STACK, "--folder", "by_hand")
    assert adopted.code == 0, adopted.text
    assert "the preview of the stack is empty" in adopted.output
    assert "reading linkedService/sql: the service masks a secret" in adopted.errors
    assert written(log) == []
    files = sorted(
        file.relative_to(checkout.project / "by_hand").as_posix() for file in checkout.project.glob("by_hand/*/*")
    )
    assert files == ["linkedService/sql.json", "pipeline/load.json", "trigger/daily.json"]
    settings = yaml.safe_load((checkout.project / f"Pulumi.{STACK}.yaml").read_text(encoding="utf-8"))["config"]
    assert settings["azure-ml-ingestion:artifacts"] == {"workspace": WORKSPACE, "folder": "by_hand"}
    assert settings["azure-ml-ingestion:triggers"] == {"started": ["daily"]}
    assert checkout.ingest("drift", "--stack", STACK).code == 0

    studio.put("pipelines", "load", {**LOAD, "description": "Changed in Studio"})
    studio.put("pipelines", "new", LOAD)
    drift = checkout.ingest("drift", "--stack", STACK)
    assert (drift.code, drift.output.splitlines()[:-1]) == (
        2,
        ["changed   pipeline/load.properties.description", "unmanaged pipeline/new"],
    )
    commit(checkout.project)
    pulled = checkout.ingest("pull", "--stack", STACK)
    assert (pulled.code, pulled.output) == (0, "change  pipeline/load\nadd     pipeline/new\n2 files changed\n"), (
        pulled.errors
    )
    assert checkout.ingest("drift", "--stack", STACK).code == 0
    unchanged = checkout.preview()
    assert unchanged.code == 0, unchanged.text
