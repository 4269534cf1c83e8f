"""The provider over a stand-in of Azure in the same process: a log of requests, faults, and time that is ours."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import requests
import synapse_bench
from azure.core.credentials import AccessToken
from azure.core.exceptions import ServiceResponseError
from azure.core.pipeline.transport import RequestsTransport
from lake_bench import Bench as LakeBench
from lake_bench import DispatcherAdapter, make_account
from synapse_bench import Bench as WorkspaceBench

from azure_ids.synapse import WorkspaceEndpoint
from dataplane_provider.azure_services import AzureServices
from dataplane_provider.clients.synapse import SynapseClient
from dataplane_provider.drift.connections import ReadingConnections
from dataplane_provider.provider import DataplaneProvider
from local_azure.authorization import RoleAssignment
from local_azure.directory import Principal
from local_azure.role_definitions import BY_NAME
from local_azure.server import LocalAzure
from provider_wire.lifecycle import Lifecycle, RecordingSession
from provider_wire.verbs import Cancellation, Severity

SOURCE_IP = "203.0.113.10"
READING = frozenset({"GET", "HEAD"})


class StandingTime(Cancellation):
    """Time that passes only when somebody waits: for the provider and for the stand-in. `cancel_after` in seconds."""

    def __init__(self, azure: LocalAzure) -> None:
        super().__init__()
        self._azure, self._time, self._lock = azure, 1000.0, threading.Lock()
        self.waits: list[float] = []
        self.cancel_after: float | None = None

    def now(self) -> float:
        """Seconds since no particular moment."""
        return self._time

    def wait(self, seconds: float) -> bool:
        """Let that time pass at once."""
        with self._lock:
            self._time += seconds
            self.waits.append(seconds)
        self._azure.clock.advance(timedelta(seconds=seconds))
        if self.cancel_after is not None and self._time - 1000.0 >= self.cancel_after:
            self.request()
        return self.requested

    def rest(self, seconds: float) -> None:
        """Let that time pass at once."""
        self.wait(seconds)


@dataclass(frozen=True)
class Call:
    """One request as it was sent."""

    method: str
    url: str
    query: Mapping[str, str]
    body: Any

    @property
    def path(self) -> str:
        """The path alone."""
        return urlsplit(self.url).path


@dataclass(frozen=True)
class Reply:
    """An answer that the stand-in does not give by itself."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Meanwhile:
    """What happens just before a request arrives; then the stand-in answers it."""

    act: Callable[[], object]


@dataclass(frozen=True)
class Lost:
    """The stand-in carries the request out, and its answer is lost on the way."""


Fault = Reply | BaseException | Meanwhile | Lost | None


class Killed(BaseException):
    """The process of the provider is gone: nothing that it holds matters any more."""


class OneRun(Cancellation):
    """The wish to stop one run, in time that stands for all of them."""

    def __init__(self, time: StandingTime) -> None:
        super().__init__()
        self._standing = time

    def wait(self, seconds: float) -> bool:
        """Let that time pass at once."""
        self._standing.wait(seconds)
        return self.requested

    def rest(self, seconds: float) -> None:
        """Let that time pass at once."""
        self.wait(seconds)


class Wire(DispatcherAdapter):
    """Requests to the stand-in without a network: logged, and answered otherwise where a test says so."""

    def __init__(self, azure: LocalAzure) -> None:
        super().__init__(azure.dispatcher, SOURCE_IP)
        self.calls: list[Call] = []
        self._faults: list[tuple[str, str, list[Fault]]] = []
        self._left: int | None = None
        self._last_arrives = False
        self._lock = threading.Lock()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        call = _call(request)
        with self._lock:
            if self._left is not None:
                self._left -= 1
                if self._left < 0 or (self._left == 0 and not self._last_arrives):
                    raise Killed
            self.calls.append(call)
            reply = self._fault(call)
        if isinstance(reply, BaseException):
            raise reply
        if isinstance(reply, Reply):
            return _response(request, reply)
        if isinstance(reply, Meanwhile):
            reply.act()
        answer = super().send(request, *args, **kwargs)
        if isinstance(reply, Lost):
            raise ServiceResponseError("connection reset by peer")
        if self._left == 0:
            raise Killed
        return answer

    def kill_at(self, number: int | None, arrives: bool = False) -> None:
        """Kill the process with its request of that number, counted from now, on the way there or back; None: never."""
        with self._lock:
            self._left, self._last_arrives = number, arrives

    def fail(self, method: str, path: str, *replies: Fault) -> None:
        """Answer the next requests of that method (empty: any) and path prefix with these, one each; None passes."""
        self._faults.append((method, path, list(replies)))

    def heal(self) -> None:
        """No more faults."""
        self._faults.clear()

    def _fault(self, call: Call) -> Fault:
        for method, path, replies in self._faults:
            if replies and method in ("", call.method) and call.path.startswith(path):
                return replies.pop(0)
        return None

    @property
    def writes(self) -> int:
        """How many requests were neither GET nor HEAD."""
        return sum(call.method not in READING for call in self.calls)

    def sent(self, *methods: str) -> list[str]:
        """`METHOD /path` of the requests with these methods, in order; all but GET and HEAD if none is given."""
        wanted = methods or {call.method for call in self.calls} - READING
        return [f"{call.method} {call.path}" for call in self.calls if call.method in wanted]


@dataclass(frozen=True)
class _Token:
    azure: LocalAzure
    principal: Principal

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """A token that is asked for anew each time, since time leaps in tests."""
        return AccessToken(
            self.azure.tokens.issue(self.principal, scopes[0].removesuffix("/.default")), int(time.time())
        )


@dataclass(frozen=True)
class ProviderBench:
    """A provider that acts as the deployer on one account, one vault and one workspace."""

    azure: LocalAzure
    lake: LakeBench
    workspace: WorkspaceBench
    vault: str
    wire: Wire
    time: StandingTime

    def life(self, type_name: str, name: str = "subject") -> Lifecycle:
        """A life of a resource type, ready to begin."""
        token = f"dataplane:index:{type_name}"
        services = self.services()
        life = Lifecycle(lambda: DataplaneProvider(services), token, name, lambda: self.wire.writes)
        life.session = RecordingSession(self.time)
        return life

    def services(self) -> AzureServices:
        """The connections of the provider."""
        return AzureServices(
            lambda: _Token(self.azure, self.workspace.principal("deployer")),
            self._transport,
            self.time.now,
            self.azure.clock.now,
        )

    def connections(self) -> ReadingConnections:
        """The same for reading, as `ingest drift` reads."""
        return ReadingConnections(_Token(self.azure, self.workspace.principal("deployer")), self._transport)

    def synapse_client(self) -> SynapseClient:
        """The provider's own client of the workspace, for what somebody else does to it."""
        endpoint = WorkspaceEndpoint.parse(self.workspace.endpoint)
        return self._services().synapse(endpoint, RecordingSession(self.time), 0.0)

    def _services(self) -> AzureServices:
        return AzureServices(
            lambda: _Token(self.azure, self.workspace.principal("deployer")), self._transport, self.time.now
        )

    def _transport(self) -> RequestsTransport:
        session = requests.Session()
        session.mount("https://", self.wire)
        return RequestsTransport(session=session, session_owner=False)

    @property
    def vault_uri(self) -> str:
        """Address of the vault."""
        return f"https://{self.vault}.vault.azure.net"

    @property
    def vault_id(self) -> str:
        """The vault's ARM id."""
        return _vault_id(self.azure, self.vault)

    def assign(self, role: str, scope: str, identity: str = "deployer", age: timedelta = timedelta(days=1)) -> None:
        """Give an identity a role at a scope, so long ago."""
        made = (self.azure.clock.now() - age).isoformat()
        object_id = self.workspace.principal(identity).object_id
        role_id = BY_NAME[role].id
        self.azure.role_assignments.put(
            RoleAssignment(str(uuid.uuid4()), scope, role_id, object_id, "ServicePrincipal", made)
        )

    def documents(self, kind: str) -> dict[str, Any]:
        """The properties of the workspace's artifacts of a collection (`pipelines` …), by name."""
        found: dict[str, Any] = {}
        path = f"/{kind}"
        while path:
            page = json.loads(self.workspace.call("GET", path).content())
            found |= {each["name"]: each["properties"] for each in page["value"]}
            path = unquote(page.get("nextLink", "").removeprefix(self.workspace.endpoint))
        return {name: each for name, each in found.items() if "WorkspaceDefault" not in name}

    def outside(self, method: str, path: str, properties: Mapping[str, Any] | None = None) -> Callable[[], None]:
        """A change of the workspace behind the provider's back, for a row of a table."""

        def act() -> None:
            body = None if properties is None else {"properties": properties}
            answer = self.workspace.poll(self.workspace.call(method, path, body))
            assert answer.status < 300, answer.content()

        return act


def provider_bench(azure: LocalAzure) -> ProviderBench:
    """A bench on a fresh stand-in: an account, a vault and a workspace; the deployer has every data role on them."""
    lake, workspace = make_account(azure), synapse_bench.make_workspace(azure)
    vault = f"kv{uuid.uuid4().hex[:10]}"
    _make_vault(azure, vault)
    bench = ProviderBench(azure, lake, workspace, vault, Wire(azure), StandingTime(azure))
    bench.assign("Storage Blob Data Owner", lake.arm_id)
    bench.assign("Key Vault Secrets Officer", bench.vault_id)
    return bench


def with_managed_network(bench: ProviderBench) -> None:
    """Gives the workspace a managed virtual network, as if it had had one from its beginning."""
    document = bench.azure.resources.get(bench.workspace.arm_id) or {}
    properties = {**document["properties"], "managedVirtualNetwork": "default"}
    bench.azure.resources.put(bench.workspace.arm_id, {**document, "properties": properties})


def _vault_id(azure: LocalAzure, name: str) -> str:
    group = f"/subscriptions/{azure.directory.subscription_id}/resourceGroups/tests"
    return f"{group}/providers/Microsoft.KeyVault/vaults/{name}"


def _make_vault(azure: LocalAzure, name: str) -> None:
    properties = {
        "tenantId": azure.directory.tenant_id,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": 90,
        "vaultUri": f"https://{name}.vault.azure.net/",
        "publicNetworkAccess": "Enabled",
    }
    document = {"id": _vault_id(azure, name), "name": name, "type": "Microsoft.KeyVault/vaults", "_generation": name}
    azure.resources.put(document["id"], {**document, "location": "westeurope", "properties": properties})


def lines(life: Lifecycle, severity: Severity) -> Iterator[str]:
    """What the resource printed with that severity."""
    return (text for level, text in life.session.lines if level is severity)


def _call(request: requests.PreparedRequest) -> Call:
    parts = urlsplit(str(request.url))
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    is_json = "json" in str(request.headers.get("Content-Type", ""))
    content: Any = request.body
    body = json.loads(content) if content and is_json else None
    return Call(str(request.method), unquote(parts._replace(query="").geturl()), query, body)


def _response(request: requests.PreparedRequest, reply: Reply) -> requests.Response:
    content = b"" if reply.body is None else json.dumps(reply.body).encode()
    answer = requests.Response()
    answer.status_code, answer.request, answer.url = reply.status, request, str(request.url)
    answer.headers.update({"content-type": "application/json", **reply.headers})
    answer._content = content
    answer.raw = _Raw(content)
    return answer


class _Raw:
    """What the transport streams from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, size: int, decode_content: bool = False) -> Iterator[bytes]:
        yield self._content

    def close(self) -> None:
        """Nothing to close."""

    def release_conn(self) -> None:
        """Nothing to release."""
