"""A workspace made by hand becomes files and state, its drift is told and pulled: the real engine, nothing written."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from checkout import Checkout, written
from local_stack import LocalStack

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


@pytest.fixture
def studio(bare_azure: LocalStack) -> Iterator[Studio]:
    """The workspace with a linked service, a pipeline and a trigger that runs."""
    with bare_azure.reachable():
        found = Studio(bare_azure)
        found.make()
        found.put("linkedservices", "sql", SQL)
        found.put("pipelines", "load", LOAD)
        found.put("triggers", "daily", DAILY)
        found.act("POST", "triggers/daily/start")
        yield found


@pytest.fixture
def checkout(bare_azure: LocalStack, project: Path) -> Checkout:
    """A copy of the project with a new stack."""
    return Checkout.make(bare_azure, project, STACK)


def test_a_workspace_made_by_hand_is_adopted_and_its_changes_are_pulled(studio: Studio, checkout: Checkout) -> None:
    with checkout.local.recording() as log:
        adopted = checkout.ingest("adopt", "--workspace", WORKSPACE, "--folder", "by_hand")
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
    assert checkout.ingest("drift").code == 0

    studio.put("pipelines", "load", {**LOAD, "description": "Changed in Studio"})
    studio.put("pipelines", "new", LOAD)
    drift = checkout.ingest("drift")
    assert (drift.code, drift.output.splitlines()[:-1]) == (
        2,
        ["changed   pipeline/load.properties.description", "unmanaged pipeline/new"],
    )
    checkout.commit()
    pulled = checkout.ingest("pull")
    assert (pulled.code, pulled.output) == (0, "change  pipeline/load\nadd     pipeline/new\n2 files changed\n"), (
        pulled.errors
    )
    assert checkout.ingest("drift").code == 0
    unchanged = checkout.preview()
    assert unchanged.code == 0, unchanged.text
