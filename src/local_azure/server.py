"""The running stand-in: composes the services, listens with TLS, serves the proxy; everything on 127.0.0.1 only."""

from __future__ import annotations

import asyncio
import fcntl
import importlib
import os
import secrets
import socket
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TextIO, cast

import uvicorn

from local_azure.account_keys import AccountKeys
from local_azure.admin import ADMIN_HOST, AdminService
from local_azure.asgi import AsgiAdapter
from local_azure.authorization import RoleAssignment, RoleAssignments
from local_azure.certificates import load_or_create_authority, server_context
from local_azure.clock import Clock
from local_azure.context import ServiceContext
from local_azure.directory import Directory, service_principal_id
from local_azure.dispatch import Dispatcher, RequestLog, Service
from local_azure.files import ADMIN_TOKEN_FILE, CA_FILE, LOCK_FILE
from local_azure.http_protocol import HttpProtocol
from local_azure.network import NetworkRules
from local_azure.ports import Ports, read_ports
from local_azure.proxy import ConnectProxy, SourceAddresses
from local_azure.resources import ResourceRegistry, is_data_plane_host
from local_azure.role_definitions import OWNER, READER
from local_azure.settings import Settings
from local_azure.state import State
from local_azure.tokens import TokenIssuer

SERVICES = ("identity", "microsoft_graph", "resource_manager", "key_vault", "data_lake", "synapse_workspace")
"""Folders of `services`; each has `build(context: ServiceContext) -> Service` in its routes.py."""


class LocalAzure:
    """One stand-in on one state folder; `dispatcher` answers in-process calls even before `start`."""

    def __init__(
        self,
        state_folder: Path,
        settings: Settings | None = None,
        clock: Clock | None = None,
        services: Sequence[str] = SERVICES,
    ) -> None:
        self.settings = settings or Settings()
        self.state_folder = state_folder.resolve()
        self._lock_file = _lock(self.state_folder)
        self.state = State(self.state_folder)
        self.clock = clock or Clock()
        self.directory = Directory(self.state)
        self.tokens = TokenIssuer(self.state, self.directory, self.clock)
        lag = self.settings.role_lag_seconds
        self.role_assignments = RoleAssignments(self.state, self.directory, self.clock, lag)
        self.resources = ResourceRegistry(self.state)
        self.network = NetworkRules(self.resources)
        self.request_log = RequestLog(self.state_folder / "requests.jsonl", self.clock)
        self.dispatcher = Dispatcher([], self.request_log)
        self.context = ServiceContext(
            self.state,
            self.clock,
            self.directory,
            self.tokens,
            self.role_assignments,
            self.network,
            self.resources,
            self.dispatcher,
            self.settings,
        )
        self.shutdown_requested = threading.Event()
        self._listener: _Listener | None = None
        self._authority = load_or_create_authority(self.state_folder)
        self._give_bootstrap_roles()
        for service in self._build_services(services):
            self.dispatcher.add(service)

    @property
    def services(self) -> tuple[Service, ...]:
        """The services, in the order in which they are asked for a host."""
        return tuple(self.dispatcher.services)

    @property
    def ca_file(self) -> Path:
        """Certificate of the private authority: what a client must trust."""
        return self.state_folder / CA_FILE

    @property
    def proxy_url(self) -> str:
        """URL of the proxy for HTTPS_PROXY; raises RuntimeError before `start`."""
        return f"http://127.0.0.1:{self.proxy_port}"

    @property
    def proxy_port(self) -> int:
        """Port of the proxy; raises RuntimeError before `start`."""
        return self._running().proxy_port

    def proxy_url_from(self, source_ip: str) -> str:
        """Proxy URL whose callers appear to come from an address; the password pleases clients that need one."""
        return f"http://{source_ip}:any@127.0.0.1:{self.proxy_port}"

    def start(self) -> None:
        """Starts listening; returns when clients can connect."""
        if self._listener is not None:
            raise RuntimeError(f"starting the stand-in on {self.state_folder}: it runs already")
        last = read_ports(self.state_folder)
        context = server_context(self._authority)
        self._listener = _Listener(self.dispatcher, self.settings, last, context, self._refusal)
        self._listener.start()

    def stop(self) -> None:
        """Stops listening and closes services and state; nothing of the process is left behind."""
        if self._listener is not None:
            self._listener.stop()
            self._listener = None
        for service in self.services:
            close: Callable[[], None] | None = getattr(service, "close", None)
            if close is not None:
                close()
        self.state.close()
        self._lock_file.close()

    def _running(self) -> _Listener:
        if self._listener is None:
            raise RuntimeError(f"asking the stand-in on {self.state_folder} for its ports: it is not running")
        return self._listener

    def _refusal(self, host: str) -> tuple[int, str] | None:
        """Why the proxy does not lead to a host: no Azure name, or (as if it did not resolve) no such resource."""
        if is_data_plane_host(host):
            if self.resources.of_host(host) is None:
                return (
                    502,
                    f"connecting to {host}: the name does not resolve; expected an existing resource of that name",
                )
            return None
        if any(service.owns(host) for service in self.services):
            return None
        return 403, f"connecting to {host}: no host of the local stand-in; hint: only Azure names that it serves pass"

    def _give_bootstrap_roles(self) -> None:
        """What a subscription has before any deployment: its owner, and read access for the two checking identities."""
        scope = f"/subscriptions/{self.directory.subscription_id}"
        for principal, role in (("deployer", OWNER), ("preview", READER), ("drift", READER)):
            object_id = service_principal_id(principal)
            name = object_id  # any GUID will do, the same at every start
            if self.role_assignments.get(scope, name) is None:
                created = self.clock.now().isoformat()
                self.role_assignments.put(
                    RoleAssignment(name, scope, role.id, object_id, "ServicePrincipal", created, bootstrap=True)
                )

    def _build_services(self, names: Sequence[str]) -> list[Service]:
        services = [_build(name, self.context) for name in names]
        token = _admin_token(self.state_folder)
        keys = AccountKeys(self.state)
        faults = self.dispatcher.faults
        return [*services, AdminService(self.context, keys, faults, token, self.shutdown_requested)]


_SWITCH_SECONDS = 0.0005
"""How long a handler that computes may keep the event loop waiting: each of its packets waits so long, 5 ms of old."""


class _Listener:
    """The TLS server and the proxy, both in one event loop in a thread of their own."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        settings: Settings,
        last: Ports,
        context: Any,
        refusal: Callable[[str], tuple[int, str] | None],
    ) -> None:
        spoken_for = {last.proxy, *last.plugins.values()}
        self._tls_socket = _listen(settings.tls_port) if settings.tls_port else _listen_beside(spoken_for)
        try:
            self._proxy_socket = (
                _listen(settings.proxy_port) if settings.proxy_port else _listen_again(last.proxy, spoken_for)
            )
        except OSError:
            self._tls_socket.close()
            raise
        self.tls_port = int(self._tls_socket.getsockname()[1])
        self.proxy_port = int(self._proxy_socket.getsockname()[1])
        self._executor = ThreadPoolExecutor(settings.worker_threads, thread_name_prefix="local-azure-request")
        sources = SourceAddresses(settings.public_ip)
        self._proxy = ConnectProxy(self.tls_port, sources, refusal)
        config = uvicorn.Config(
            cast(Any, AsgiAdapter(dispatcher, sources, self._executor)),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
            http=HttpProtocol,
            ws="none",
        )
        config.load()
        config.ssl = context
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="local-azure-listener", daemon=True)
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Returns when both sockets are served; raises what kept them from it."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise RuntimeError(f"starting the listener: {self._failure}") from self._failure

    def stop(self) -> None:
        """Ends every connection, the loop and the worker threads."""
        self._server.should_exit = True
        self._thread.join()
        self._executor.shutdown(wait=True)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        proxy = await asyncio.start_server(self._proxy.serve, sock=self._proxy_socket)
        tls = asyncio.create_task(self._server.serve(sockets=[self._tls_socket]))
        while not self._server.started and not tls.done():
            await asyncio.sleep(0.01)
        self._ready.set()
        try:
            while not self._server.should_exit and not tls.done():
                await asyncio.sleep(0.05)
        finally:
            proxy.close()
            await self._proxy.stop()
            await tls
            self._tls_socket.close()


def _build(name: str, context: ServiceContext) -> Service:
    return cast(Service, importlib.import_module(f"local_azure.services.{name}.routes").build(context))


def _listen_again(port: int, spoken_for: Collection[int]) -> socket.socket:
    """Listens on a port of the last time, or on another where there was none or that is taken by now."""
    try:
        return _listen(port) if port else _listen_beside(spoken_for)
    except OSError:
        return _listen_beside(spoken_for)


def _listen_beside(spoken_for: Collection[int]) -> socket.socket:
    """Listens on a port that the system chooses, and on none that another listener had the last time."""
    listener = _listen(0)
    if listener.getsockname()[1] not in spoken_for:
        return listener
    with listener:  # held until another is found, or the system may choose it again
        return _listen_beside(spoken_for)


def _listen(port: int) -> socket.socket:
    # asyncio switches Nagle's delay (40 ms an answer) off only where the protocol is named.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        raise OSError(f"listening on port {port} of 127.0.0.1: {error.strerror}; hint: choose 0 or another") from error
    listener.setblocking(False)
    return listener


def _lock(folder: Path) -> TextIO:
    """Holds the state folder for this process; raises RuntimeError when another one has it."""
    folder.mkdir(parents=True, exist_ok=True)
    stream = (folder / LOCK_FILE).open("a", encoding="utf-8")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        stream.close()
        raise RuntimeError(
            f"opening the state folder {folder}: another stand-in uses it; hint: stop that one or choose another"
        ) from error
    stream.truncate(0)
    stream.write(str(os.getpid()))
    stream.flush()
    return stream


def _admin_token(folder: Path) -> str:
    path = folder / ADMIN_TOKEN_FILE
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


__all__ = ["ADMIN_HOST", "SERVICES", "LocalAzure"]
