"""One gRPC server for each identity that may deploy, all on 127.0.0.1: what the engine attaches to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from azure_native_standin.arm_client import ArmClient, Send
from azure_native_standin.functions import Caller
from azure_native_standin.provider import AzureNative
from provider_wire.server import ProviderServer


class Servers:
    """Running servers; `ports` by identity, for PULUMI_DEBUG_PROVIDERS=azure-native:PORT."""

    def __init__(self, servers: Mapping[str, ProviderServer]) -> None:
        self._servers = servers
        self.ports: Mapping[str, int] = {name: server.port for name, server in servers.items()}

    def stop(self) -> None:
        """Stops all of them and frees their ports."""
        for server in self._servers.values():
            server.stop()


def start_servers(
    identities: Sequence[tuple[str, str, str, Send, Callable[[], str]]],
    tenant_id: str,
    subscription_id: str,
    last_ports: Mapping[str, int],
) -> Servers:
    """Starts a server for each (name, client id, object id, way to send a request as that identity, its tokens).

    Each takes its port of `last_ports` where that is free.
    """
    providers = {
        name: AzureNative(Caller(name, client_id, object_id, tenant_id, subscription_id, token), ArmClient(send))
        for name, client_id, object_id, send, token in identities
    }
    servers = {name: _server_on(provider, last_ports.get(name, 0)) for name, provider in providers.items()}
    # The others choose when those are bound: the system might give them the last port of one that comes later.
    chosen = {name: server or ProviderServer(providers[name]) for name, server in servers.items()}
    for server in chosen.values():
        server.start()
    return Servers(chosen)


def _server_on(provider: AzureNative, last_port: int) -> ProviderServer | None:
    """A server on the port of the last time; None where there was none or it is taken by now."""
    if not last_port:
        return None
    try:
        return ProviderServer(provider, port=last_port)
    except OSError:
        return None
