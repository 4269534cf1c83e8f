"""Azure as the identity of the environment reaches it, for reading: opened when first used, once a host.

The storage SDK is imported by the thread that first needs it: it takes longer than a list of artifacts.
"""

import threading
from collections.abc import Callable
from typing import Any

from azure_ids.data_factory import ArtifactHost
from azure_ids.synapse import WorkspaceEndpoint
from dataplane_provider.clients import data_factory
from dataplane_provider.clients.artifact_service import ArtifactService
from dataplane_provider.clients.rest import RestChannel
from dataplane_provider.clients.synapse import SCOPE, SynapseClient
from dataplane_provider.clients.waiting import Waiter
from dataplane_provider.drift.search import Lake, Vault
from provider_wire.verbs import Cancellation, Severity

_PATIENCE_SECONDS = 60.0
"""As for a refresh: it must tell soon that a permission is missing."""


class Quiet:
    """A session that nobody watches."""

    def __init__(self) -> None:
        self.cancellation = Cancellation()

    def log(self, severity: Severity, message: str) -> None:
        """Nothing: what matters is raised."""

    def status(self, message: str) -> None:
        """Nothing."""


class ReadingConnections:
    """Connections for reading; safe for several threads."""

    def __init__(self, credential: Any, transport: Callable[[], Any] = lambda: None) -> None:
        """`credential` is an azure-core one; `transport` is called once a host, tests put their own in."""
        self._credential, self._transport = credential, transport
        self._waiter = Waiter(Quiet())
        self._lock = threading.Lock()
        self._opened: dict[str, Any] = {}

    def synapse(self, endpoint: WorkspaceEndpoint) -> SynapseClient:
        """The development endpoint of a workspace."""
        return SynapseClient(endpoint, self._channel(str(endpoint), SCOPE), self._waiter, _PATIENCE_SECONDS)

    def artifacts(self, host: ArtifactHost) -> ArtifactService:
        """A workspace or a factory, as what holds artifacts."""
        if isinstance(host, WorkspaceEndpoint):
            return self.synapse(host)
        channel = self._channel(data_factory.ENDPOINT, data_factory.SCOPE)
        return data_factory.DataFactoryClient(host, channel, self._waiter, _PATIENCE_SECONDS)

    def _channel(self, address: str, scope: str) -> RestChannel:
        with self._lock:
            if address not in self._opened:
                self._opened[address] = RestChannel(address, scope, self._credential, self._transport())
            channel: RestChannel = self._opened[address]
            return channel

    def data_lake(self, account: str) -> Lake:
        """The data plane of a storage account."""
        from dataplane_provider.clients.data_lake import DataLakeClient, open_service

        with self._lock:
            if account not in self._opened:
                self._opened[account] = open_service(account, self._credential, self._transport())
        return DataLakeClient(account, self._opened[account], self._waiter, _PATIENCE_SECONDS)

    def key_vault(self, vault_uri: str) -> Vault:
        """The data plane of a vault."""
        from dataplane_provider.clients.key_vault import KeyVaultClient, open_vault

        with self._lock:
            if vault_uri not in self._opened:
                self._opened[vault_uri] = open_vault(vault_uri, self._credential, self._transport())
        return KeyVaultClient(self._opened[vault_uri], self._waiter, _PATIENCE_SECONDS)
