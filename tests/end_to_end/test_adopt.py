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

NAME = "made-by-hand"
STACK = "adopted"
ARM = "https://management.azure.com"
SYNAPSE_SCOPE, ARM_SCOPE = "https://dev.azuresynapse.net/.default", f"{ARM}/.default"
WAIT = {"name": "Rest", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}
SQL = {
    "type": "AzureSqlDatabase",
    "typeProperties": {"connectionString": {"type": "SecureString", "value": "**********"}},
}
DATASET = {
    "type": "AzureSqlTable",
    "linkedServiceName": {"referenceName": "sql", "type": "LinkedServiceReference"},
    "typeProperties": {"schema": "dbo", "table": "patients"},
}
CANARY = "Canary0aB3xZ9qL7"
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
    """Somebody at work in a workspace or factory that no program made."""

    local: LocalStack
    address: str
    """What stands before the collections of artifacts."""
    scope: str
    version: str

    @staticmethod
    def of_workspace(local: LocalStack) -> Studio:
        """In a new workspace."""
        studio = Studio(local, f"https://{NAME}.dev.azuresynapse.net", SYNAPSE_SCOPE, "2020-12-01")
        lake = {"accountUrl": "https://byhand.dfs.core.windows.net", "filesystem": "synapse"}
        workspace = {
            "location": "westeurope",
            "identity": {"type": "SystemAssigned"},
            "properties": {"defaultDataLakeStorage": lake, "azureADOnlyAuthentication": True},
        }
        everybody = {"properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}}
        id = f"{studio.make_group()}/providers/Microsoft.Synapse/workspaces/{NAME}"
        studio.make(id, "2021-06-01", workspace)
        studio.make(f"{id}/firewallRules/everybody", "2021-06-01", everybody)
        return studio

    @staticmethod
    def of_factory(local: LocalStack) -> Studio:
        """In a new factory with an integration runtime."""
        group = group_id(local)
        id = f"{group}/providers/Microsoft.DataFactory/factories/{NAME}"
        studio = Studio(local, ARM + id, ARM_SCOPE, "2018-06-01")
        studio.make_group()
        studio.make(id, studio.version, {"location": "westeurope", "identity": {"type": "SystemAssigned"}})
        studio.put("integrationRuntimes", "on-premises", {"type": "SelfHosted"})
        return studio

    def make_group(self) -> str:
        """The resource group; its id."""
        self.make(group_id(self.local), "2024-03-01", {"location": "westeurope"})
        return group_id(self.local)

    def make(self, id: str, version: str, body: Mapping[str, Any]) -> None:
        """Writes a resource and waits until it is there."""
        answer = self._send("PUT", f"{ARM}{id}?api-version={version}", ARM_SCOPE, body)
        self._finish(answer.headers.get("Azure-AsyncOperation"), ARM_SCOPE)

    def put(self, collection: str, name: str, properties: Mapping[str, Any]) -> None:
        """Publishes an artifact."""
        self.act("PUT", f"{collection}/{name}", {"name": name, "properties": properties})

    def act(self, method: str, path: str, body: Any = None) -> None:
        """A request for an artifact, followed to its end."""
        answer = self._send(method, f"{self.address}/{path}?api-version={self.version}", self.scope, body)
        self._finish(answer.headers.get("Location"), self.scope)

    def _send(self, method: str, url: str, scope: str, body: Any = None) -> requests.Response:
        token = self.local.credential("deployer").get_token(scope).token
        answer = requests.request(method, url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        assert answer.ok, answer.text
        return answer

    def _finish(self, location: str | None, scope: str) -> None:
        while location:
            answer = self._send("GET", location, scope)
            status = answer.json().get("status") if answer.content else None
            if answer.status_code != 202 and status not in ("InProgress", "Provisioning"):
                return
            time.sleep(0.1)


def group_id(local: LocalStack) -> str:
    """The id of the resource group with what was made by hand."""
    return f"/subscriptions/{local.session.endpoints['subscription_id']}/resourceGroups/by-hand"


def publish_something(studio: Studio) -> None:
    """A linked service, a pipeline and a trigger that runs."""
    studio.put("linkedservices", "sql", SQL)
    studio.put("pipelines", "load", LOAD)
    studio.put("triggers", "daily", DAILY)
    studio.act("POST", "triggers/daily/start")


@pytest.fixture
def checkout(bare_azure: LocalStack, project: Path) -> Iterator[Checkout]:
    """A copy of the project with a new stack, and clients that reach its Azure."""
    with bare_azure.reachable(), Checkout.make(bare_azure, project, STACK) as found:
        yield found


def files_of(checkout: Checkout) -> list[str]:
    """The files of the new folder."""
    folder = checkout.project / "by_hand"
    return sorted(file.relative_to(folder).as_posix() for file in folder.glob("*/*"))


def artifact_settings(checkout: Checkout) -> tuple[Any, Any]:
    """What the stack's file says about artifacts and triggers."""
    text = (checkout.project / f"Pulumi.{STACK}.yaml").read_text(encoding="utf-8")
    settings = yaml.safe_load(text)["config"]
    return settings["azure-ml-ingestion:artifacts"], settings["azure-ml-ingestion:triggers"]


def adopt(checkout: Checkout, kind: str, name: str) -> None:
    """Adopts what is there into a new folder: the secret it cannot read is told, and nothing is written to it."""
    with checkout.local.recording() as log:
        adopted = checkout.ingest("adopt", f"--{kind}", name, "--folder", "by_hand")
    assert adopted.code == 0, adopted.text
    assert f"the preview of the stack is empty: files, state and {kind} are one" in adopted.output
    assert "reading linkedService/sql: the service masks a secret" in adopted.errors
    assert written(log) == []
    assert artifact_settings(checkout) == ({kind: name, "folder": "by_hand"}, {"started": ["daily"]})
    assert checkout.ingest("drift").code == 0


def tell_and_pull(checkout: Checkout, drift: list[str], pull: list[str]) -> None:
    """What Studio changed is drift, is pulled, and nothing is left to change."""
    told = checkout.ingest("drift")
    assert (told.code, told.output.splitlines()[:-1]) == (2, drift)
    checkout.commit()
    pulled = checkout.ingest("pull")
    assert (pulled.code, pulled.output.splitlines()) == (0, pull), pulled.errors
    assert checkout.ingest("drift").code == 0
    unchanged = checkout.preview()
    assert unchanged.code == 0, unchanged.text


def refuse_a_secret(checkout: Checkout, studio: Studio) -> None:
    """A key that somebody wrote into a pipeline in Studio comes into no file and no state."""
    call = {"url": f"https://x.blob.core.windows.net/c?sig={CANARY}", "method": "GET"}
    studio.put("pipelines", "load", {"activities": [{"name": "Call", "type": "WebActivity", "typeProperties": call}]})
    refused = checkout.ingest("adopt", "--workspace", NAME, "--folder", "by_hand")
    assert (refused.code, refused.output) == (1, "")
    assert (
        "artifacts hold secrets in clear, so nothing was written\nreading pipeline/load: it holds a " in refused.errors
    )
    assert "hint: in Studio: use the managed identity" in refused.errors
    assert CANARY not in refused.text
    assert not (checkout.project / "by_hand").exists()
    studio.put("pipelines", "load", LOAD)


def test_a_workspace_made_by_hand_is_adopted_and_its_changes_are_pulled(checkout: Checkout) -> None:
    studio = Studio.of_workspace(checkout.local)
    publish_something(studio)
    refuse_a_secret(checkout, studio)
    adopt(checkout, "workspace", NAME)
    assert files_of(checkout) == ["linkedService/sql.json", "pipeline/load.json", "trigger/daily.json"]
    studio.put("pipelines", "load", {**LOAD, "description": "Changed in Studio"})
    studio.put("pipelines", "new", LOAD)
    tell_and_pull(
        checkout,
        ["changed   pipeline/load.properties.description", "unmanaged pipeline/new"],
        ["change  pipeline/load", "add     pipeline/new", "2 files changed"],
    )


def test_a_factory_made_by_hand_is_adopted_and_its_changes_are_pulled(checkout: Checkout) -> None:
    studio = Studio.of_factory(checkout.local)
    publish_something(studio)
    studio.put("globalParameters", "default", {"stage": {"type": "String", "value": "dev"}})
    adopt(checkout, "factory", studio.address.removeprefix(ARM))
    assert files_of(checkout) == [
        f"factory/{NAME}.json",
        "integrationRuntime/on-premises.json",
        "linkedService/sql.json",
        "pipeline/load.json",
        "trigger/daily.json",
    ]
    studio.put("pipelines", "load", {**LOAD, "description": "Changed in Studio"})
    studio.put("datasets", "new", DATASET)
    studio.put("globalParameters", "default", {"stage": {"type": "String", "value": "prod"}})
    tell_and_pull(
        checkout,
        [
            "changed   globalParameters/default.properties.stage.value",
            "changed   pipeline/load.properties.description",
            "unmanaged dataset/new",
        ],
        ["change  pipeline/load", "add     dataset/new", "change  globalParameters/default", "3 files changed"],
    )


def test_references_to_the_defaults_of_another_workspace_are_named_with_what_to_do(checkout: Checkout) -> None:
    studio, others = Studio.of_workspace(checkout.local), "other-WorkspaceDefaultStorage"
    url = {"url": "https://other.dfs.core.windows.net"}
    studio.put("linkedservices", others, {"type": "AzureBlobFS", "typeProperties": url})
    location = {"type": "AzureBlobFSLocation", "fileSystem": "raw"}
    reference = {"referenceName": others, "type": "LinkedServiceReference"}
    copied = {"type": "Binary", "linkedServiceName": reference, "typeProperties": {"location": location}}
    studio.put("datasets", "copied", copied)
    adopted = checkout.ingest("adopt", "--workspace", NAME, "--folder", "by_hand")
    studio.act("DELETE", "datasets/copied")
    assert adopted.code == 1
    assert f"another workspace\ndataset/copied refers to {others}\n" in adopted.errors
    assert f"if that is meant, pulumi up --stack {STACK}" in adopted.errors
    assert "Traceback" not in adopted.text
