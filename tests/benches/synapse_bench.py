"""A stand-in with one workspace whose documents a test made itself, and the official clients pointed at it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.identity import ClientSecretCredential
from azure.synapse.accesscontrol import AccessControlClient
from azure.synapse.artifacts import ArtifactsClient

from local_azure.directory import Principal, application_id
from local_azure.http import Request, Response
from local_azure.server import LocalAzure
from local_azure.services.synapse_workspace.routes import SynapseWorkspaceService
from local_azure.services.synapse_workspace.workspace import AUDIENCE

LOCATION = "westeurope"


@dataclass(frozen=True)
class Bench:
    """One workspace of a running (or not started) stand-in; `owner` created it."""

    azure: LocalAzure
    name: str

    @property
    def arm_id(self) -> str:
        """The workspace's ARM id."""
        group = f"/subscriptions/{self.azure.directory.subscription_id}/resourceGroups/tests"
        return f"{group}/providers/Microsoft.Synapse/workspaces/{self.name}"

    @property
    def endpoint(self) -> str:
        """The development endpoint."""
        return f"https://{self.name}.dev.azuresynapse.net"

    @property
    def service(self) -> SynapseWorkspaceService:
        """The service itself, for what no request can do (moving the scheduler on)."""
        return next(each for each in self.azure.services if isinstance(each, SynapseWorkspaceService))

    def principal(self, name: str) -> Principal:
        """A principal of the local directory."""
        found = self.azure.directory.by_name(name)
        assert found is not None
        return found

    def call(self, method: str, path: str, body: Any = None, identity: str = "deployer", **headers: str) -> Response:
        """A request in the same process, as raw JSON; `path` may have a query."""
        bare, _, query = path.partition("?")
        pairs = dict(part.partition("=")[::2] for part in query.split("&") if part)
        token = self.azure.tokens.issue(self.principal(identity), AUDIENCE)
        return self.azure.dispatcher.handle(
            Request(
                method,
                f"{self.name}.dev.azuresynapse.net",
                bare,
                {"api-version": "2020-12-01", **pairs},
                {
                    "authorization": f"Bearer {token}",
                    **{key.replace("_", "-"): value for key, value in headers.items()},
                },
                json.dumps(body).encode() if body is not None else b"",
            )
        )

    def put(self, path: str, properties: Mapping[str, Any], identity: str = "deployer", **headers: str) -> Response:
        """PUT a document and poll to the end; the last answer."""
        answer = self.call("PUT", path, {"properties": properties}, identity, **headers)
        return self.poll(answer, identity) if answer.status == 202 else answer

    def delete(self, path: str, identity: str = "deployer") -> Response:
        """DELETE and poll to the end."""
        answer = self.call("DELETE", path, None, identity)
        return self.poll(answer, identity) if answer.status == 202 else answer

    def poll(self, answer: Response, identity: str = "deployer") -> Response:
        """Follow Location until it is done."""
        while answer.status == 202:
            path = answer.headers["location"].removeprefix(self.endpoint).partition("?")[0]
            answer = self.call("GET", path, None, identity)
        return answer

    def artifacts_client(self, identity: str = "deployer") -> Any:
        """The official artifacts client (its type hints say None where it returns values), through the proxy."""
        return ArtifactsClient(
            self.credential(identity),
            self.endpoint,
            proxies={"https": self.azure.proxy_url},
            connection_verify=str(self.azure.ca_file),
        )

    def access_client(self, identity: str = "deployer") -> Any:
        """The official access-control client, through the proxy."""
        return AccessControlClient(
            endpoint=self.endpoint,
            credential=self.credential(identity),
            proxies={"https": self.azure.proxy_url},
            connection_verify=str(self.azure.ca_file),
        )

    def credential(self, identity: str) -> ClientSecretCredential:
        """A sign-in with the identity's secret, through the proxy."""
        return ClientSecretCredential(
            self.azure.directory.tenant_id,
            application_id(identity),
            self.azure.directory.client_secret(identity),
            proxies={"https": self.azure.proxy_url},
            connection_verify=str(self.azure.ca_file),
        )


def make_workspace(azure: LocalAzure, name: str | None = None, open_to_all: bool = True) -> Bench:
    """Write the Resource Manager documents of a workspace with an identity; the deployer is its creator."""
    bench = Bench(azure, name or f"ws-{uuid.uuid4().hex[:8]}")
    deployer = bench.principal("deployer")
    identity = azure.directory.add_managed_identity(bench.name, bench.arm_id)
    azure.resources.put(
        bench.arm_id,
        {
            "id": bench.arm_id,
            "name": bench.name,
            "type": "Microsoft.Synapse/workspaces",
            "location": LOCATION,
            "identity": {
                "type": "SystemAssigned",
                "principalId": identity.object_id,
                "tenantId": azure.directory.tenant_id,
            },
            "properties": {
                "workspaceUID": str(uuid.uuid4()),
                "publicNetworkAccess": "Enabled",
                "connectivityEndpoints": {"dev": bench.endpoint},
                "cspWorkspaceAdminProperties": {"initialWorkspaceAdminObjectId": deployer.object_id},
            },
        },
    )
    if open_to_all:
        add_firewall_rule(bench, "0.0.0.0", "255.255.255.255")
    return bench


def add_firewall_rule(bench: Bench, first: str, last: str) -> None:
    """Let addresses into the workspace."""
    rule_id = f"{bench.arm_id}/firewallRules/rule-{uuid.uuid4().hex[:8]}"
    properties = {"startIpAddress": first, "endIpAddress": last}
    document = {"id": rule_id, "name": "rule", "type": "Microsoft.Synapse/workspaces/firewallRules"}
    bench.azure.resources.put(rule_id, {**document, "properties": properties})


def grant(bench: Bench, role_id: str, identity: str, scope: str | None = None) -> Response:
    """Assign a Synapse role to an identity, as the deployer."""
    body = {"roleId": role_id, "principalId": bench.principal(identity).object_id}
    if scope:
        body["scope"] = scope
    return bench.call("PUT", f"/roleAssignments/{uuid.uuid4()}", body)


def fixture_folder() -> Path:
    """The folder of test fixtures."""
    return Path(__file__).parents[1] / "fixtures"


VAULT_LINK = {"type": "AzureKeyVault", "typeProperties": {"baseUrl": "https://v.vault.azure.net/"}}
LAKE_LINK = {"type": "AzureBlobFS", "typeProperties": {"url": "https://lake.dfs.core.windows.net/"}}
CSV_DATASET = {
    "type": "DelimitedText",
    "linkedServiceName": {"referenceName": "lake", "type": "LinkedServiceReference"},
    "typeProperties": {
        "location": {"type": "AzureBlobFSLocation", "fileSystem": "raw", "folderPath": "in", "fileName": "a.csv"},
        "firstRowAsHeader": True,
    },
}
WAIT_PIPELINE: dict[str, Any] = {
    "activities": [{"name": "Rest", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 0}}]
}
