"""What holds artifacts, as a client: lists, writes, deletes them and switches triggers, as raw JSON.

What is the same in Synapse and in Data Factory; each has its client: `synapse.py`, `data_factory.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

from azure_ids.data_factory import ArtifactHost, collections_of
from azure_ids.synapse import ArtifactId, ArtifactKind, Collection, ListForm
from dataplane_provider.clients import polling
from dataplane_provider.clients.rest import Answer, RestChannel
from dataplane_provider.clients.waiting import Waiter, growing_pauses, until_permitted
from dataplane_provider.errors import ServiceFailure

TRIGGER_DEADLINE_SECONDS = 300.0
WRITTEN = frozenset({200, 201, 202})
_DELETED = frozenset({200, 202, 204, 404})
BUSY = frozenset({409})
"""A conflict: taken for another operation on the same artifact, which ends. The services document no other."""
_REMEDIES = {
    "TriggerEnabledCannotUpdate": "somebody started it meanwhile; run the same command again: it stops it first",
    "DeleteDataFactoryResourceOrchestrationError": "what refers to it is not part of this change: take the reference "
    "out of it first, or keep this artifact",
}
"""What to do about refusals, by the service's code."""
_RUNTIMES = "integrationRuntimes"
_EVENT_TRIGGERS = frozenset({"BlobEventsTrigger", "CustomEventsTrigger"})
Result = TypeVar("Result")


@dataclass(frozen=True)
class ArtifactService(ABC):
    """One workspace or factory as one verb uses it. Each method waits for access that is granted, but not in force."""

    endpoint: ArtifactHost
    channel: RestChannel
    waiter: Waiter
    patience_seconds: float

    @property
    def collections(self) -> Mapping[ArtifactKind, Collection]:
        """Where the artifacts of each kind are, in the order in which kinds are published; other kinds it has not."""
        return collections_of(self.endpoint)

    @property
    @abstractmethod
    def base_path(self) -> str:
        """What stands before the path of a collection; empty, or from a slash on."""

    @abstractmethod
    def is_lag(self, failure: ServiceFailure) -> str:
        """What to wait for if a fresh role or network rule explains the refusal, else an empty text."""

    def list_artifacts(self, kind: ArtifactKind) -> dict[str, dict[str, Any]]:
        """All artifacts of a kind by name, as the service tells them; as many requests as the service has pages."""
        return {name: item for page in self.artifact_pages(kind) for name, item in page.items()}

    def artifact_pages(self, kind: ArtifactKind) -> Iterator[dict[str, dict[str, Any]]]:
        """The artifacts of a kind by name, page by page, each as soon as it is there. Raises ServiceFailure."""
        calls = self.collections[kind]
        for items in self.pages(f"{self.base_path}/{calls.path}", f"listing {kind.value}s", calls):
            yield {str(item["name"]): item for item in items}

    def integration_runtimes(self) -> dict[str, dict[str, Any]]:
        """The integration runtimes by name: no artifacts, but what artifacts refer to."""
        doing = f"listing the integration runtimes of {self.endpoint}"
        calls = Collection(_RUNTIMES, self.collections[ArtifactKind.LINKED_SERVICE].api_version)
        return {str(item["name"]): item for item in self.items(f"{self.base_path}/{_RUNTIMES}", doing, calls)}

    def get_artifact(self, artifact: ArtifactId) -> dict[str, Any] | None:
        """One artifact as the service tells it; None if it does not exist."""
        version = self.collections[artifact.kind].api_version
        accepted = frozenset({200, 404})
        answer = self.send("GET", self.path_of(artifact), f"reading {artifact}", accepted=accepted, version=version)
        return None if answer.status == 404 else dict(answer.body)

    def put_artifact(self, artifact: ArtifactId, document: Mapping[str, Any]) -> None:
        """Write an artifact and wait until the service has it. Raises ServiceFailure."""
        body = {"name": artifact.name, "properties": document["properties"]}
        self.permitted(lambda: self._operate("PUT", artifact, f"publishing {artifact}", body, WRITTEN))

    def delete_artifact(self, artifact: ArtifactId) -> None:
        """Delete an artifact and wait for its end; that it is gone already is a success. Raises ServiceFailure."""
        self.permitted(lambda: self._operate("DELETE", artifact, f"deleting {artifact}", None, _DELETED))

    def start_trigger(self, name: str) -> None:
        """Start a trigger and wait until it runs; one that waits for events is subscribed to them before.

        Raises ServiceFailure.
        """
        trigger = ArtifactId(ArtifactKind.TRIGGER, name)
        if self._waits_for_events(trigger):
            self._subscribe(trigger, "subscribeToEvents", "subscribing", "Enabled")
        self._switch(trigger, "start", "starting", "Started")

    def stop_trigger(self, name: str) -> None:
        """Stop a trigger and wait until it is stopped; one that waits for events is unsubscribed before.

        Raises ServiceFailure.
        """
        trigger = ArtifactId(ArtifactKind.TRIGGER, name)
        if self._waits_for_events(trigger):
            self._subscribe(trigger, "unsubscribeFromEvents", "unsubscribing", "Disabled")
        self._switch(trigger, "stop", "stopping", "Stopped")

    def _waits_for_events(self, trigger: ArtifactId) -> bool:
        live = self.get_artifact(trigger)
        return live is not None and live["properties"].get("type") in _EVENT_TRIGGERS

    def _switch(self, trigger: ArtifactId, verb: str, gerund: str, wanted: str) -> None:
        doing = f"{gerund} {trigger}"
        self.permitted(lambda: self._operate("POST", trigger, doing, None, WRITTEN, f"/{verb}"))

        def state() -> str:
            live = self.get_artifact(trigger)
            return "" if live is None else str(live["properties"].get("runtimeState", ""))

        self._await(state, wanted, doing, "trigger not switched")

    def _subscribe(self, trigger: ArtifactId, verb: str, gerund: str, wanted: str) -> None:
        doing = f"{gerund} {trigger}"
        self.permitted(lambda: self._operate("POST", trigger, doing, None, WRITTEN, f"/{verb}"))
        path = f"{self.path_of(trigger)}/getEventSubscriptionStatus"
        version = self.collections[trigger.kind].api_version

        def status() -> str:
            return str(self.send("POST", path, doing, version=version).body.get("status", ""))

        self._await(status, wanted, doing, "subscription not changed")

    def _await(self, state: Callable[[], str], wanted: str, doing: str, code: str) -> None:
        deadline = self.waiter.now() + TRIGGER_DEADLINE_SECONDS
        found = ""
        for pause in growing_pauses(first=0.5):
            found = state()
            if found == wanted:
                return
            if self.waiter.now() + pause > deadline:
                break
            self.waiter.pause(pause, doing)
        raise ServiceFailure(doing, 0, code, f"it is still {found or 'missing'} after {TRIGGER_DEADLINE_SECONDS:.0f} s")

    def path_of(self, artifact: ArtifactId) -> str:
        """The path of an artifact."""
        return f"{self.base_path}/{self.collections[artifact.kind].path}/{quote(artifact.name, safe='')}"

    def permitted(self, operation: Callable[[], Result]) -> Result:
        """What an operation gives, once access is in force. Raises ServiceFailure."""
        return until_permitted(operation, self.is_lag, self.waiter, self.patience_seconds)

    def send(
        self,
        method: str,
        path: str,
        doing: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        accepted: frozenset[int] = frozenset({200}),
        version: str = "",
    ) -> Answer:
        """One request that is answered at once. Raises ServiceFailure."""
        parameters = {"api-version": version, **(query or {})}

        def send() -> Answer:
            return self.channel.send(
                method, path, doing=doing, waiter=self.waiter, query=parameters, body=body, accepted=accepted
            )

        return self.permitted(send)

    def items(self, path: str, doing: str, calls: Collection) -> Iterator[dict[str, Any]]:
        """The items of a list, as a collection of this form gives them. Raises ServiceFailure."""
        for page in self.pages(path, doing, calls):
            yield from page

    def pages(self, path: str, doing: str, calls: Collection) -> Iterator[list[dict[str, Any]]]:
        """The items of a list, page by page. Raises ServiceFailure."""
        items, following = calls.list_form.value
        query: dict[str, str] = {}
        while True:
            answer = self.send("GET", path, doing, query=query, version=calls.api_version)
            yield items_of(answer.body, items)
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
        query = {"api-version": self.collections[artifact.kind].api_version}
        path = self.path_of(artifact) + below
        try:
            first = self.channel.send(
                method, path, doing=doing, waiter=self.waiter, query=query, body=body, accepted=accepted, busy=BUSY
            )
            if first.status != 404:  # accepted by deletions only
                polling.result_of(self.channel, first, doing, self.waiter)
        except ServiceFailure as failure:
            if failure.code in _REMEDIES:
                raise failure.with_hint(_REMEDIES[failure.code]) from failure
            raise


def items_of(body: Any, key: str = "value") -> list[dict[str, Any]]:
    """The items of a list answer: `{"value": […]}`, or a bare array as `/roleDefinitions` of Synapse gives."""
    items = body.get(key, []) if isinstance(body, Mapping) else body
    return list(items or [])
