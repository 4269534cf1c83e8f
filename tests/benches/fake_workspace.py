"""A Synapse workspace as an adapter under the real HTTP client: real protocol shapes, and faults on demand."""

import itertools
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import BaseAdapter

HOST = "https://ws.dev.azuresynapse.net"
KINDS = {"linkedservices", "datasets", "dataflows", "pipelines", "triggers"}


class StaticCredential:
    """A token that never expires."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken("token", 2**40)


class FakeClock:
    """Time that passes only when somebody waits; stands in for the cancellation of a session."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.requested = False
        self.waits: list[float] = []
        self.cancel_after: float | None = None

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> bool:
        self.time += seconds
        self.waits.append(seconds)
        if self.cancel_after is not None and self.time - 1000.0 >= self.cancel_after:
            self.requested = True
        return self.requested

    def raise_if_requested(self, doing: str) -> None:
        from provider_wire.verbs import Cancelled

        if self.requested:
            raise Cancelled(f"{doing}: stopped on request")


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """One answer; an exception in its place is raised by the transport."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Fault = Callable[[Call], "Reply | Exception | None"]


class FakeWorkspace(BaseAdapter):
    """Artifacts in memory behind 202 and polling; `faults` are asked first, in order, and may answer instead."""

    def __init__(self, polls: int = 0, page_size: int = 100) -> None:
        super().__init__()
        self.artifacts: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in KINDS}
        self.roles: dict[str, dict[str, str]] = {}
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.polls, self.page_size = polls, page_size
        self._operations: dict[str, list[Any]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()

    def transport(self) -> RequestsTransport:
        """A transport that ends here instead of in the network."""
        session = requests.Session()
        session.mount("https://", self)
        return RequestsTransport(session=session, session_owner=False)

    def fail(self, method: str, path: str, *replies: "Reply | Exception") -> None:
        """Answer the next requests of that method and path prefix with these replies, one each."""
        left = list(replies)

        def fault(call: Call) -> "Reply | Exception | None":
            if left and call.method == method and call.path.startswith(path):
                return left.pop(0)
            return None

        self.faults.append(fault)

    def requests_of(self, *methods: str) -> list[str]:
        """The paths asked with these methods, in order."""
        return [f"{call.method} {call.path}" for call in self.calls if call.method in methods]

    @property
    def writes(self) -> int:
        """How many requests were not GET."""
        return sum(call.method != "GET" for call in self.calls)

    def send(self, request: Any, *arguments: Any, **options: Any) -> requests.Response:
        parts = urlsplit(request.url)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        body = json.loads(request.body) if request.body else None
        call = Call(request.method, unquote(parts.path), query, body, dict(request.headers))
        with self._lock:
            self.calls.append(call)
            reply = next((found for fault in self.faults if (found := fault(call)) is not None), None)
            reply = reply or self._answer(call)
        if isinstance(reply, Exception):
            raise reply
        return _response(request, reply)

    def close(self) -> None:
        """Nothing to close."""

    def _answer(self, call: Call) -> Reply:
        steps = call.path.strip("/").split("/")
        if steps[0] == "operationResults":
            return self._poll(steps[1])
        if steps[0] in {"roleAssignments", "roleDefinitions"}:
            return self._roles(call, steps)
        kind = steps[0]
        if kind not in KINDS:
            return Reply(501, {"code": "UnknownRoute", "message": call.path})
        if len(steps) == 1:
            return self._page(kind, int(call.query.get("$skip", "0")))
        return self._artifact(call, kind, steps[1], steps[2:])

    def _artifact(self, call: Call, kind: str, name: str, rest: list[str]) -> Reply:
        stored = self.artifacts[kind]
        if call.method == "PUT":
            document = {"id": f"/x/{kind}/{name}", "name": name, "etag": "1", "properties": call.body["properties"]}
            if kind == "triggers":
                if stored.get(name, {}).get("properties", {}).get("runtimeState") == "Started":
                    return Reply(
                        400, {"code": "TriggerEnabledCannotUpdate", "message": "Cannot update enabled Trigger"}
                    )
                document["properties"] = {**document["properties"], "runtimeState": "Stopped"}
            stored[name] = document
            return self._operation(200, document)
        if name not in stored:
            return Reply(404, {"code": "NotFound", "message": f"{name} was not found"})
        if rest:
            stored[name]["properties"]["runtimeState"] = {"start": "Started", "stop": "Stopped"}[rest[0]]
            return Reply(200)
        if call.method == "DELETE":
            del stored[name]
            return self._operation(200, None)
        return Reply(200, stored[name])

    def _operation(self, status: int, body: Any) -> Reply:
        number = str(next(self._numbers))
        self._operations[number] = [self.polls, status, body]
        location = f"{HOST}/operationResults/{number}?api-version=2020-12-01"
        return Reply(202, {"state": "Creating", "recordId": 1}, {"Location": location})

    def _poll(self, number: str) -> Reply:
        operation = self._operations[number]
        if operation[0] > 0:
            operation[0] -= 1
            location = f"{HOST}/operationResults/{number}?api-version=2020-12-01"
            return Reply(202, None, {"Location": location, "Retry-After": "2"})
        return Reply(operation[1], operation[2])

    def _page(self, kind: str, start: int) -> Reply:
        items = [self.artifacts[kind][name] for name in sorted(self.artifacts[kind])]
        body: dict[str, Any] = {"value": items[start : start + self.page_size]}
        if start + self.page_size < len(items):
            body["nextLink"] = f"{HOST}/{kind}?api-version=2020-12-01&$skip={start + self.page_size}"
        return Reply(200, body)

    def _roles(self, call: Call, steps: list[str]) -> Reply:
        if steps[0] == "roleDefinitions":
            return Reply(200, [{"name": "Synapse User", "id": "2a385764-43e8-416c-9825-7b18d05a2c4b"}])
        if len(steps) == 1:
            return Reply(200, {"value": list(self.roles.values())})
        if call.method == "PUT":
            document = {**call.body, "id": steps[1], "roleDefinitionId": call.body["roleId"]}
            self.roles[steps[1]] = document
            return Reply(200, document)
        if steps[1] not in self.roles:
            return Reply(404, {"code": "RoleAssignmentNotFound", "message": "no"})
        return Reply(200, self.roles.pop(steps[1]) if call.method == "DELETE" else self.roles[steps[1]])


def _response(request: Any, reply: Reply) -> requests.Response:
    response = requests.Response()
    response.status_code = reply.status
    response.request = request
    response.url = request.url
    response.headers.update(reply.headers)
    content = b"" if reply.body is None else json.dumps(reply.body).encode()
    if isinstance(reply.body, str):
        content = reply.body.encode()
    response._content = content
    response.raw = _Raw(content)
    return response


class _Raw:
    """What requests streams from."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.headers = Message()

    def stream(self, size: int, decode_content: bool = False) -> Any:
        yield self._content

    def close(self) -> None:
        """Nothing to close."""

    def release_conn(self) -> None:
        """Nothing to release."""
