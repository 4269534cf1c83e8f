"""The development endpoint of a Synapse workspace: artifacts, triggers, role assignments, as raw JSON.

https://learn.microsoft.com/rest/api/synapse/ (data plane, api-version 2020-12-01)
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

from azure_ids.synapse import ArtifactId, ArtifactKind, Collection, ListForm, WorkspaceEndpoint
from dataplane_provider.clients import lake_databases, polling
from dataplane_provider.clients.rest import Answer, RestChannel
from dataplane_provider.clients.waiting import ACCESS, Waiter, growing_pauses, until_permitted
from dataplane_provider.errors import ServiceFailure, message
from provider_wire.verbs import ProviderError

SCOPE = "https://dev.azuresynapse.net/.default"
API_VERSION = "2020-12-01"
TRIGGER_DEADLINE_SECONDS = 300.0
_RBAC_PHRASE = "Synapse RBAC permission"
_WRITTEN = frozenset({200, 201, 202})
_DELETED = frozenset({200, 202, 204, 404})
_CONTINUATION = "x-ms-continuation"
Result = TypeVar("Result")


def is_lag(failure: ServiceFailure) -> str:
    """What to wait for if a fresh Synapse role or firewall rule explains the refusal, else an empty text.

    `Unauthorized` with the phrase "Synapse RBAC permission" (MicrosoftDocs/azure-docs#100560), seen with 403 and 401;
    `ClientIpAddressNotAuthorized` while the firewall's cache is old (Azure/azure-rest-api-specs#21516).
    """
    firewall = failure.status == 403 and failure.code == "ClientIpAddressNotAuthorized"
    role = failure.status in {401, 403} and failure.code == "Unauthorized" and _RBAC_PHRASE in failure.detail
    return ACCESS if firewall or role else ""


@dataclass(frozen=True)
class SynapseClient:
    """One workspace as one verb uses it. Each method waits for access that is granted but not in force yet."""

    endpoint: WorkspaceEndpoint
    channel: RestChannel
    waiter: Waiter
    patience_seconds: float

    def list_artifacts(self, kind: ArtifactKind) -> dict[str, dict[str, Any]]:
        """All artifacts of a kind by name, as the service tells them; as many requests as the service has pages."""
        doing = f"listing {kind.value}s"
        if kind is ArtifactKind.DATABASE:
            return lake_databases.listed(self, doing)
        return {str(item["name"]): item for item in self.pages(f"/{kind.collection}", doing, kind.calls)}

    def get_artifact(self, artifact: ArtifactId) -> dict[str, Any] | None:
        """One artifact as the service tells it; None if it does not exist."""
        doing = f"reading {artifact}"
        if artifact.kind is ArtifactKind.DATABASE:
            return lake_databases.found(self, artifact.name, doing)
        version = artifact.kind.calls.api_version
        answer = self.send("GET", path_of(artifact), doing, accepted=frozenset({200, 404}), version=version)
        return None if answer.status == 404 else dict(answer.body)

    def put_artifact(self, artifact: ArtifactId, document: Mapping[str, Any]) -> None:
        """Write an artifact and wait until the service has it. Raises ServiceFailure."""
        doing = f"publishing {artifact}"
        if artifact.kind is ArtifactKind.DATABASE:
            lake_databases.publish(self, artifact.name, document, doing)
            return
        body = {"name": artifact.name, "properties": document["properties"]}
        self._permitted(lambda: self._operate("PUT", artifact, doing, body, _WRITTEN))

    def delete_artifact(self, artifact: ArtifactId) -> None:
        """Delete an artifact and wait for its end; that it is gone already is a success. Raises ServiceFailure."""
        self._permitted(lambda: self._operate("DELETE", artifact, f"deleting {artifact}", None, _DELETED))

    def start_trigger(self, name: str) -> None:
        """Start a trigger and wait until it runs. Raises ServiceFailure."""
        self._switch_trigger(name, "start", "starting", "Started")

    def stop_trigger(self, name: str) -> None:
        """Stop a trigger and wait until it is stopped. Raises ServiceFailure."""
        self._switch_trigger(name, "stop", "stopping", "Stopped")

    def _switch_trigger(self, name: str, verb: str, gerund: str, wanted: str) -> None:
        artifact = ArtifactId(ArtifactKind.TRIGGER, name)
        doing = f"{gerund} {artifact}"
        self._permitted(lambda: self._operate("POST", artifact, doing, None, _WRITTEN, f"/{verb}"))
        deadline = self.waiter.now() + TRIGGER_DEADLINE_SECONDS
        state = ""
        for pause in growing_pauses(first=0.5):
            live = self.get_artifact(artifact)
            state = "" if live is None else str(live["properties"].get("runtimeState", ""))
            if state == wanted:
                return
            if self.waiter.now() + pause > deadline:
                break
            self.waiter.pause(pause, doing)
        raise ServiceFailure(
            doing, 0, "trigger not switched", f"it is still {state or 'missing'} after {TRIGGER_DEADLINE_SECONDS:.0f} s"
        )

    def role_definitions(self) -> dict[str, str]:
        """The ids of the workspace's Synapse roles by their names."""
        answer = self.send("GET", "/roleDefinitions", f"listing the roles of {self.endpoint}")
        return {str(role["name"]): str(role["id"]) for role in _items(answer.body)}

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
        answer = self.send("GET", "/roleAssignments", doing, query=query)
        for item in _items(answer.body):
            found = (
                str(item["roleDefinitionId"]).lower(),
                str(item["principalId"]).lower(),
                str(item["scope"]).lower(),
            )
            if found == (role_id.lower(), principal_id.lower(), scope.lower()):
                return dict(item)
        return None

    def role_assignment_ids(self) -> frozenset[str]:
        """The ids of all assignments, in lower case; as many requests as the service has pages."""
        doing, query = f"listing the role assignments of {self.endpoint}", {"api-version": API_VERSION}
        found: set[str] = set()
        headers: dict[str, str] = {}
        while True:
            answer = self._permitted(
                lambda headers=headers: self.channel.send(  # type: ignore[misc]
                    "GET", "/roleAssignments", doing=doing, waiter=self.waiter, query=query, headers=headers
                )
            )
            found |= {str(item["id"]).lower() for item in _items(answer.body)}
            token = answer.headers.get(_CONTINUATION)
            if not token:
                return frozenset(found)
            headers = {_CONTINUATION: token}

    def get_role_assignment(self, assignment_id: str) -> dict[str, Any] | None:
        """A role assignment by its id; None if it does not exist."""
        doing = f"reading role assignment {assignment_id}"
        answer = self.send("GET", f"/roleAssignments/{quote(assignment_id)}", doing, accepted=frozenset({200, 404}))
        return None if answer.status == 404 else dict(answer.body)

    def put_role_assignment(self, assignment_id: str, body: Mapping[str, str]) -> None:
        """Assign a role. Raises ServiceFailure."""
        doing = f"assigning role {body['roleId']} to {body['principalId']} at {body['scope']}"
        self.send("PUT", f"/roleAssignments/{quote(assignment_id)}", doing, body=dict(body), accepted=_WRITTEN)

    def delete_role_assignment(self, assignment_id: str, scope: str) -> None:
        """Take a role away; one that is gone already is a success. Raises ServiceFailure."""
        doing = f"deleting role assignment {assignment_id}"
        path = f"/roleAssignments/{quote(assignment_id)}"
        self.send("DELETE", path, doing, query={"scope": scope}, accepted=frozenset({200, 204, 404}))

    def _permitted(self, operation: Callable[[], Result]) -> Result:
        return until_permitted(operation, is_lag, self.waiter, self.patience_seconds)

    def send(
        self,
        method: str,
        path: str,
        doing: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        accepted: frozenset[int] = frozenset({200}),
        version: str = API_VERSION,
    ) -> Answer:
        """One request that is answered at once. Raises ServiceFailure."""
        parameters = {"api-version": version, **(query or {})}

        def send() -> Answer:
            return self.channel.send(
                method, path, doing=doing, waiter=self.waiter, query=parameters, body=body, accepted=accepted
            )

        return self._permitted(send)

    def pages(self, path: str, doing: str, calls: Collection) -> Iterator[dict[str, Any]]:
        """The items of a list, page by page, as a collection of this form gives them. Raises ServiceFailure."""
        items, following = calls.list_form.value
        query: dict[str, str] = {}
        while True:
            answer = self.send("GET", path, doing, query=query, version=calls.api_version)
            yield from _items(answer.body, items)
            link = answer.body.get(following)
            if not link:
                return
            if calls.list_form is ListForm.ITEMS:
                query = {following: str(link)}
            else:
                query = dict(parse_qsl(urlsplit(link).query, keep_blank_values=True))
                path = link.split("?", 1)[0]

    def _operate(
        self, method: str, artifact: ArtifactId, doing: str, body: Any, accepted: frozenset[int], below: str = ""
    ) -> None:
        path, version = path_of(artifact) + below, {"api-version": artifact.kind.calls.api_version}
        first = self.channel.send(
            method, path, doing=doing, waiter=self.waiter, query=version, body=body, accepted=accepted
        )
        if first.status != 404:  # accepted by deletions only
            polling.result_of(self.channel, first, doing, self.waiter)


def path_of(artifact: ArtifactId) -> str:
    """The path of an artifact on the development endpoint."""
    return f"/{artifact.kind.collection}/{quote(artifact.name, safe='')}"


def _items(body: Any, key: str = "value") -> list[dict[str, Any]]:
    """The items of a list answer: `{"value": […]}`, or a bare array as `/roleDefinitions` gives."""
    items = body.get(key, []) if isinstance(body, Mapping) else body
    return list(items or [])
