"""A Synapse workspace of a contract test, with a lake that its identity may write, as raw requests."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

from azure.core import PipelineClient
from azure.core.pipeline.policies import BearerTokenCredentialPolicy
from azure.core.rest import HttpRequest
from contract_bench import ROLE_PATIENCE_SECONDS, Identity, Place, lake

from local_azure.role_definitions import STORAGE_BLOB_DATA_CONTRIBUTOR, STORAGE_BLOB_DATA_OWNER

MANAGEMENT = "https://management.azure.com"
SYNAPSE = "https://dev.azuresynapse.net"
RUN_PATIENCE_SECONDS = 1800.0
AUTO_RESOLVE = {"referenceName": "AutoResolveIntegrationRuntime", "type": "IntegrationRuntimeReference"}


@dataclass(frozen=True)
class Channel:
    """Requests of an identity to one service."""

    client: Any
    address: str
    api_version: str

    @classmethod
    def to(cls, address: str, audience: str, api_version: str, identity: Identity) -> Channel:
        """A channel to an address, with tokens for an audience."""
        policy = BearerTokenCredentialPolicy(identity.credential, f"{audience}/.default")
        return cls(PipelineClient(address, policies=[policy]), address, api_version)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of an answer, whatever it is."""
        request = HttpRequest(method, f"{self.address}{path}", params={"api-version": self.api_version}, json=body)
        answer = self.client.send_request(request)
        text = answer.text()
        return answer.status_code, json.loads(text) if text else None

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """JSON of the answer to a request that must succeed."""
        status, content = self.ask(method, path, body)
        assert status < 400, (method, path, status, content)
        return content


@dataclass(frozen=True)
class Workspace:
    """A workspace, and the filesystem `contract` of the account `lake` that its identity may write."""

    place: Place
    name: str
    account: str

    @classmethod
    def made(cls, place: Place) -> Workspace:
        """A new one that every address reaches. Its maker is Synapse Administrator."""
        account, name = place.new_account(), f"contract-{uuid.uuid4().hex[:12]}"
        lake(account, place.target.owner).create_file_system("contract")
        workspace = cls(place, name, account)
        manage = Channel.to(MANAGEMENT, MANAGEMENT, "2021-06-01", place.target.owner)
        path = f"{place.scope}/providers/Microsoft.Synapse/workspaces/{name}"
        manage.send("PUT", path, _body(account))
        made = _settled(manage, path)
        everybody = {"properties": {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"}}
        manage.send("PUT", f"{path}/firewallRules/everybody", everybody)
        _settled(manage, f"{path}/firewallRules/everybody")
        place.give_to(STORAGE_BLOB_DATA_CONTRIBUTOR.id, made["identity"]["principalId"])
        place.give(STORAGE_BLOB_DATA_OWNER.id, place.target.owner)  # to see what the workspace writes
        return workspace

    def channel(self, identity: Identity) -> Channel:
        """The development endpoint as an identity sees it."""
        return Channel.to(f"https://{self.name}.dev.azuresynapse.net", SYNAPSE, "2020-12-01", identity)

    def manage(self, api_version: str) -> Channel:
        """Resource Manager as the owner sees it."""
        return Channel.to(MANAGEMENT, MANAGEMENT, api_version, self.place.target.owner)

    def publish(self, path: str, properties: Any) -> None:
        """Writes an artifact and waits until it is there."""
        owner = self.channel(self.place.target.owner)
        owner.send("PUT", path, {"properties": properties})
        for _ in range(120):
            status, answer = owner.ask("GET", path)
            if status == 200:
                return
            assert status == 404, answer
            time.sleep(1)
        raise AssertionError(f"{path} was not published")

    def run(self, activity: dict[str, Any]) -> dict[str, Any]:
        """A finished run of a pipeline of one activity; tried again while the identity's role is not in force."""
        name = f"pipeline{uuid.uuid4().hex[:8]}"
        self.publish(f"/pipelines/{name}", {"activities": [activity]})
        end = time.monotonic() + ROLE_PATIENCE_SECONDS
        while True:
            run = self._run(name)
            if "AuthorizationPermissionMismatch" not in str(run.get("message")) or time.monotonic() > end:
                return run
            time.sleep(30)

    def _run(self, pipeline: str) -> dict[str, Any]:
        owner = self.channel(self.place.target.owner)
        run_id = owner.send("POST", f"/pipelines/{pipeline}/createRun", {})["runId"]
        end = time.monotonic() + RUN_PATIENCE_SECONDS
        while time.monotonic() < end:
            run: dict[str, Any] = owner.send("GET", f"/pipelineruns/{run_id}")
            if run["status"] not in {"Queued", "InProgress"}:
                return run
            time.sleep(0.5)
        raise AssertionError(f"the run {run_id} did not end")


def _body(account: str) -> dict[str, Any]:
    return {
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "defaultDataLakeStorage": {
                "accountUrl": f"https://{account}.dfs.core.windows.net",
                "filesystem": "contract",
            },
            "azureADOnlyAuthentication": True,
            "managedVirtualNetwork": "default",
        },
    }


def _settled(manage: Channel, path: str) -> dict[str, Any]:
    end = time.monotonic() + RUN_PATIENCE_SECONDS
    while time.monotonic() < end:
        found: dict[str, Any] = manage.send("GET", path)
        state = found["properties"].get("provisioningState", "Succeeded")
        if state == "Succeeded":
            return found
        assert state in {"Provisioning", "Updating"}, found
        time.sleep(0.5)
    raise AssertionError(f"{path} was not made")
