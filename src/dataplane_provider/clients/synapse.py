"""The development endpoint of a Synapse workspace: artifacts, triggers, role assignments, as raw JSON.

https://learn.microsoft.com/rest/api/synapse/ (data plane, api-version 2020-12-01)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from azure_ids.synapse import ArtifactId, ArtifactKind, Collection, WorkspaceEndpoint
from dataplane_provider.clients import lake_databases
from dataplane_provider.clients.artifact_service import WRITTEN, ArtifactService, items_of
from dataplane_provider.clients.rest import Answer
from dataplane_provider.clients.waiting import ACCESS
from dataplane_provider.errors import ServiceFailure, message
from provider_wire.verbs import ProviderError

SCOPE = "https://dev.azuresynapse.net/.default"
API_VERSION = "2020-12-01"
_RBAC_PHRASE = "Synapse RBAC permission"
_CONTINUATION = "x-ms-continuation"
_PRIVATE_ENDPOINTS = "/managedVirtualNetworks/default/managedPrivateEndpoints"


def is_lag(failure: ServiceFailure) -> str:
    """What to wait for if a fresh Synapse role or firewall rule explains the refusal, else an empty text.

    `Unauthorized` with the phrase "Synapse RBAC permission" (MicrosoftDocs/azure-docs#100560), seen with 403 and 401;
    `ClientIpAddressNotAuthorized` while the firewall's cache is old (Azure/azure-rest-api-specs#21516).
    """
    firewall = failure.status == 403 and failure.code == "ClientIpAddressNotAuthorized"
    role = failure.status in {401, 403} and failure.code == "Unauthorized" and _RBAC_PHRASE in failure.detail
    return ACCESS if firewall or role else ""


@dataclass(frozen=True)
class SynapseClient(ArtifactService):
    """One workspace as one verb uses it. Each method waits for access that is granted but not in force yet."""

    endpoint: WorkspaceEndpoint

    @property
    def base_path(self) -> str:
        """Nothing: the host is the workspace."""
        return ""

    def is_lag(self, failure: ServiceFailure) -> str:
        """What to wait for, if anything."""
        return is_lag(failure)

    def artifact_pages(self, kind: ArtifactKind) -> Iterator[dict[str, dict[str, Any]]]:
        """The artifacts of a kind by name, page by page, each as soon as it is there. Raises ServiceFailure."""
        if kind is ArtifactKind.DATABASE:
            yield lake_databases.listed(self, f"listing {kind.value}s")
        else:
            yield from super().artifact_pages(kind)

    def get_artifact(self, artifact: ArtifactId) -> dict[str, Any] | None:
        """One artifact as the service tells it; None if it does not exist."""
        if artifact.kind is ArtifactKind.DATABASE:
            return lake_databases.found(self, artifact.name, f"reading {artifact}")
        return super().get_artifact(artifact)

    def put_artifact(self, artifact: ArtifactId, document: Mapping[str, Any]) -> None:
        """Write an artifact and wait until the service has it. Raises ServiceFailure."""
        if artifact.kind is ArtifactKind.DATABASE:
            lake_databases.publish(self, artifact.name, document, f"publishing {artifact}")
        else:
            super().put_artifact(artifact, document)

    def get_private_endpoint(self, name: str) -> dict[str, Any] | None:
        """A managed private endpoint with the state of its connection; None if it does not exist."""
        doing = f"reading managed private endpoint {name}"
        answer = self._ask("GET", _private_endpoint(name), doing, accepted=frozenset({200, 404}))
        return None if answer.status == 404 else dict(answer.body)

    def private_endpoints(self) -> list[dict[str, Any]]:
        """All managed private endpoints, those that the service made for itself too. Raises ServiceFailure.

        A workspace without a managed network has none: the service refuses to list them.
        """
        doing = f"listing the managed private endpoints of {self.endpoint}"
        return list(self.items(_PRIVATE_ENDPOINTS, doing, Collection(_PRIVATE_ENDPOINTS, API_VERSION)))

    def put_private_endpoint(self, name: str, target: str, group: str) -> None:
        """Ask for a managed private endpoint; it is provisioned afterwards. Raises ServiceFailure."""
        body = {"properties": {"privateLinkResourceId": target, "groupId": group}}
        doing = f"creating managed private endpoint {name}"
        self._ask("PUT", _private_endpoint(name), doing, body=body, accepted=WRITTEN)

    def delete_private_endpoint(self, name: str) -> None:
        """Ask for its deletion; that it is gone already is a success. Raises ServiceFailure."""
        doing = f"deleting managed private endpoint {name}"
        self._ask("DELETE", _private_endpoint(name), doing, accepted=frozenset({200, 202, 204, 404}))

    def role_definitions(self) -> dict[str, str]:
        """The ids of the workspace's Synapse roles by their names."""
        answer = self._ask("GET", "/roleDefinitions", f"listing the roles of {self.endpoint}")
        return {str(role["name"]): str(role["id"]) for role in items_of(answer.body)}

    def role_definition_id(self, role_name: str) -> str:
        """The id of a Synapse role by its name. Raises ProviderError that lists the known names."""
        ids = self.role_definitions()
        if role_name not in ids:
            doing = f"looking up role {role_name!r} of {self.endpoint}"
            raise ProviderError(message(doing, "no such role", f"one of {', '.join(sorted(ids))}"))
        return ids[role_name]

    def find_role_assignment(self, role_id: str, principal_id: str, scope: str) -> dict[str, Any] | None:
        """The assignment of a role to a principal at exactly this scope, whatever its id; None if there is none."""
        doing = f"looking for role {role_id} of {principal_id} at {scope}"
        query = {"roleId": role_id, "principalId": principal_id, "scope": scope}
        answer = self._ask("GET", "/roleAssignments", doing, query=query)
        for item in items_of(answer.body):
            found = (
                str(item["roleDefinitionId"]).lower(),
                str(item["principalId"]).lower(),
                str(item["scope"]).lower(),
            )
            if found == (role_id.lower(), principal_id.lower(), scope.lower()):
                return dict(item)
        return None

    def role_assignments(self) -> list[dict[str, Any]]:
        """All assignments, whatever their scope; as many requests as the service has pages."""
        doing, query = f"listing the role assignments of {self.endpoint}", {"api-version": API_VERSION}
        found: list[dict[str, Any]] = []
        headers: dict[str, str] = {}
        while True:
            answer = self.permitted(
                lambda headers=headers: self.channel.send(  # type: ignore[misc]
                    "GET", "/roleAssignments", doing=doing, waiter=self.waiter, query=query, headers=headers
                )
            )
            found += items_of(answer.body)
            token = answer.headers.get(_CONTINUATION)
            if not token:
                return found
            headers = {_CONTINUATION: token}

    def get_role_assignment(self, assignment_id: str) -> dict[str, Any] | None:
        """A role assignment by its id; None if it does not exist."""
        doing = f"reading role assignment {assignment_id}"
        answer = self._ask("GET", f"/roleAssignments/{quote(assignment_id)}", doing, accepted=frozenset({200, 404}))
        return None if answer.status == 404 else dict(answer.body)

    def put_role_assignment(self, assignment_id: str, body: Mapping[str, str]) -> None:
        """Assign a role. Raises ServiceFailure."""
        doing = f"assigning role {body['roleId']} to {body['principalId']} at {body['scope']}"
        self._ask("PUT", f"/roleAssignments/{quote(assignment_id)}", doing, body=dict(body), accepted=WRITTEN)

    def delete_role_assignment(self, assignment_id: str, scope: str) -> None:
        """Take a role away; one that is gone already is a success. Raises ServiceFailure."""
        doing = f"deleting role assignment {assignment_id}"
        path = f"/roleAssignments/{quote(assignment_id)}"
        self._ask("DELETE", path, doing, query={"scope": scope}, accepted=frozenset({200, 204, 404}))

    def _ask(
        self,
        method: str,
        path: str,
        doing: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        accepted: frozenset[int] = frozenset({200}),
    ) -> Answer:
        return self.send(method, path, doing, query, body, accepted, API_VERSION)


def _private_endpoint(name: str) -> str:
    return f"{_PRIVATE_ENDPOINTS}/{quote(name, safe='')}"
