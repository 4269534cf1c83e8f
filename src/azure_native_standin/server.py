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
    servers = {}
    for name, client_id, object_id, send, token in identities:
        caller = Caller(name, client_id, object_id, tenant_id, subscription_id, token)
        servers[name] = _server(AzureNative(caller, ArmClient(send)), last_ports.get(name, 0))
        servers[name].start()
    return Servers(servers)


def _server(provider: AzureNative, last_port: int) -> ProviderServer:
    try:
        return ProviderServer(provider, port=last_port)
    except OSError:
        return ProviderServer(provider)
