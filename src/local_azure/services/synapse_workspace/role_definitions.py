"""The built-in roles of Synapse RBAC with their ids, data actions and scopes, as the service lists them. A pure table.

https://learn.microsoft.com/azure/synapse-analytics/security/synapse-workspace-synapse-rbac-roles
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PREFIX = "Microsoft.Synapse/workspaces/"
SCOPES = (
    "workspaces/{workspaceName}",
    "workspaces/{workspaceName}/bigDataPools/{bigDataPoolName}",
    "workspaces/{workspaceName}/scopePools/{scopePoolName}",
    "workspaces/{workspaceName}/integrationRuntimes/{integrationRuntimeName}",
    "workspaces/{workspaceName}/credentials/{credentialName}",
    "workspaces/{workspaceName}/linkedServices/{linkedServiceName}",
)
_WORKSPACE, _POOL, _SCOPE_POOL, _RUNTIME, _CREDENTIAL, _LINKED = SCOPES
_ARTIFACTS = (
    "notebooks sparkJobDefinitions scopeJobDefinitions sqlScripts dataFlows pipelines triggers datasets linkedServices "
    "credentials"
).split()
_WITHOUT_SCOPE_JOBS = [each for each in _ARTIFACTS if each != "scopeJobDefinitions"]
_COMPUTE = (
    "bigDataPools/useCompute/action bigDataPools/viewLogs/action scopePools/useCompute/action "
    "scopePools/viewLogs/action integrationRuntimes/useCompute/action integrationRuntimes/viewLogs/action"
).split()
_OUTPUTS = ["notebooks/viewOutputs/action", "pipelines/viewOutputs/action"]
_EXTRAS = (
    "libraries/delete libraries/write kqlScripts/write kqlScripts/delete sparkConfigurations/write "
    "sparkConfigurations/delete"
).split()
_LINK_CONNECTIONS = [f"linkConnections/{verb}" for verb in ("read", "write", "delete", "useCompute/action")]


def _both(kinds: list[str]) -> list[str]:
    return [f"{kind}/write" for kind in kinds] + [f"{kind}/delete" for kind in kinds]


@dataclass(frozen=True)
class SynapseRole:
    """One role; `actions` without their common prefix, `scopes` with placeholders."""

    name: str
    id: str
    description: str
    actions: tuple[str, ...]
    scopes: tuple[str, ...]

    def allows(self, action: str) -> bool:
        """Whether the role grants a data action, given with its prefix."""
        return action.removeprefix(PREFIX) in self.actions

    def document(self) -> dict[str, Any]:
        """The role as the service lists it."""
        permission = {
            "actions": [],
            "notActions": [],
            "dataActions": [PREFIX + action for action in self.actions],
            "notDataActions": [],
        }
        return {
            "name": self.name,
            "description": self.description,
            "id": self.id,
            "isBuiltIn": True,
            "permissions": [permission],
            "scopes": list(self.scopes),
            "availabilityStatus": "Available",
        }


def _role(name: str, role_id: str, description: str, actions: list[str], *scopes: str) -> SynapseRole:
    return SynapseRole(name, role_id, description, ("read", *actions), scopes or (_WORKSPACE,))


ADMINISTRATOR = _role(
    "Synapse Administrator",
    "6e4bf58a-b8e1-4cc3-bbf9-d73143322b78",
    "Full access to the workspace's artifacts, compute and credentials, and the right to grant access.",
    [
        "roleAssignments/write",
        "roleAssignments/delete",
        "managedPrivateEndpoints/write",
        "managedPrivateEndpoints/delete",
        *_COMPUTE,
        "artifacts/read",
        *_both(_ARTIFACTS),
        "cancelPipelineRun/action",
        *_OUTPUTS,
        "linkedServices/useSecret/action",
        "credentials/useSecret/action",
        *_EXTRAS,
        *_LINK_CONNECTIONS,
    ],
    _WORKSPACE,
    _POOL,
    _SCOPE_POOL,
    _RUNTIME,
    _LINKED,
    _CREDENTIAL,
)

ROLES: tuple[SynapseRole, ...] = (
    ADMINISTRATOR,
    _role(
        "Synapse Linked Data Manager",
        "dd665582-e433-40ca-b183-1b1b33e73375",
        "Creates and manages managed private endpoints, linked services and credentials.",
        [
            "managedPrivateEndpoints/write",
            "managedPrivateEndpoints/delete",
            *_both(["linkedServices", "credentials"]),
        ],
    ),
    _role(
        "Synapse Contributor",
        "7572bffe-f453-4b66-912a-46cc5ef38fda",
        "Full access to artifacts and compute; cannot use credentials, run pipelines or grant access.",
        [
            *_COMPUTE,
            "artifacts/read",
            *_both(_WITHOUT_SCOPE_JOBS),
            "cancelPipelineRun/action",
            *_OUTPUTS,
            *_EXTRAS,
            *_LINK_CONNECTIONS,
        ],
        _WORKSPACE,
        _POOL,
        _SCOPE_POOL,
        _RUNTIME,
    ),
    _role(
        "Synapse Artifact Publisher",
        "05930f57-09a3-4c0d-9fa9-6d1eb91c178b",
        "Creates, changes and deletes published artifacts; cannot run them or grant access.",
        ["artifacts/read", *_both(_ARTIFACTS), *_OUTPUTS, *_EXTRAS],
    ),
    _role(
        "Synapse Artifact User",
        "53faaa0e-40b6-40c8-a2ff-e38f2d388875",
        "Reads published artifacts and their outputs; cannot publish or run them.",
        ["artifacts/read", *_OUTPUTS],
    ),
    _role(
        "Synapse Compute Operator",
        "e3844cc7-4670-42cb-9349-9bdac1ee7881",
        "Submits and cancels jobs and reads their logs.",
        [*_COMPUTE, "cancelPipelineRun/action", "linkConnections/read", "linkConnections/useCompute/action"],
        _WORKSPACE,
        _POOL,
        _SCOPE_POOL,
        _RUNTIME,
    ),
    _role(
        "Synapse Credential User",
        "5eb298b4-692c-4241-9cf0-f58a3b42bb25",
        "Uses the secrets of credentials and linked services; needed to run pipelines.",
        ["linkedServices/useSecret/action", "credentials/useSecret/action"],
        _WORKSPACE,
        _LINKED,
        _CREDENTIAL,
    ),
    _role(
        "Synapse User",
        "2a385764-43e8-416c-9825-7b18d05a2c4b",
        "Lists pools, integration runtimes, linked services and credentials.",
        [],
        _WORKSPACE,
        _POOL,
        _SCOPE_POOL,
        _RUNTIME,
        _LINKED,
        _CREDENTIAL,
    ),
    _role(
        "Apache Spark Administrator",
        "c3a6d2f1-a26f-4810-9b0f-591308d5cbf1",
        "Full access to Spark pools, notebooks and job definitions.",
        [
            "bigDataPools/useCompute/action",
            "bigDataPools/viewLogs/action",
            "artifacts/read",
            *_both(["notebooks", "sparkJobDefinitions", "linkedServices", "credentials"]),
            "libraries/delete",
            "libraries/write",
            "notebooks/viewOutputs/action",
        ],
    ),
    _role(
        "Synapse SQL Administrator",
        "7af0c69a-a548-47d6-aea3-d00e69bd83aa",
        "Full access to serverless SQL pools and SQL scripts.",
        ["artifacts/read", *_both(["sqlScripts", "linkedServices", "credentials"])],
    ),
    _role(
        "Synapse Monitoring Operator",
        "8f9b2195-5b12-4a7c-af30-8f1f46197650",
        "Reads published artifacts, runs, logs and outputs.",
        ["artifacts/read", *_OUTPUTS, "integrationRuntimes/viewLogs/action", "bigDataPools/viewLogs/action"],
    ),
)
BY_ID: dict[str, SynapseRole] = {role.id: role for role in ROLES}
