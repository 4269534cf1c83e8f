"""The connections of a provider process to Azure: one credential, one connection pool a host."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from azure_ids.arm import ArmId
from azure_ids.data_factory import ArtifactHost, FactoryId
from azure_ids.synapse import WorkspaceEndpoint
from dataplane_provider.clients import data_factory
from dataplane_provider.clients.artifact_service import ArtifactService
from dataplane_provider.clients.credential import TellingCredential, default_credential
from dataplane_provider.clients.data_lake import DataLakeClient, open_service
from dataplane_provider.clients.key_vault import KeyVaultClient, open_vault
from dataplane_provider.clients.private_links import PrivateLinkClient
from dataplane_provider.clients.rest import RestChannel
from dataplane_provider.clients.synapse import SCOPE, SynapseClient
from dataplane_provider.clients.waiting import Waiter
from provider_wire.verbs import Session

Opened = TypeVar("Opened")


class AzureServices:
    """Connections to Azure, opened when first used and kept; safe for several threads."""

    def __init__(
        self,
        credential: Callable[[], Any] = default_credential,
        transport: Callable[[], Any] = lambda: None,
        now: Callable[[], float] = time.monotonic,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`credential` and `transport` are called once a host; `now` is a monotonic clock. Tests put their own in."""
        self._credential, self._transport, self._now = credential, transport, now
        self._clock = clock
        self._opened: dict[str, Any] = {}
        self._lock = threading.Lock()

    def _open(self, address: str, opening: Callable[[], Opened]) -> Opened:
        with self._lock:
            if address not in self._opened:
                self._opened[address] = opening()
            opened: Opened = self._opened[address]
            return opened

    def utc_now(self) -> datetime:
        """What time it is."""
        return self._clock()

    def synapse(self, endpoint: WorkspaceEndpoint, session: Session, patience_seconds: float) -> SynapseClient:
        """The development endpoint of a workspace."""
        return SynapseClient(
            endpoint, self._channel(str(endpoint), SCOPE), Waiter(session, self._now), patience_seconds
        )

    def artifacts(self, host: ArtifactHost, session: Session, patience_seconds: float) -> ArtifactService:
        """A workspace or a factory, as what holds artifacts."""
        if isinstance(host, WorkspaceEndpoint):
            return self.synapse(host, session, patience_seconds)
        return self._factory(host, session, patience_seconds)

    def _factory(self, factory: FactoryId, session: Session, patience_seconds: float) -> data_factory.DataFactoryClient:
        return data_factory.DataFactoryClient(factory, self._arm(), Waiter(session, self._now), patience_seconds)

    def _arm(self) -> RestChannel:
        return self._channel(data_factory.ENDPOINT, data_factory.SCOPE)

    def _channel(self, address: str, scope: str) -> RestChannel:
        """The requests to a host; signing in begins while the first of them is prepared."""
        return self._open(
            address,
            lambda: RestChannel(
                address, scope, TellingCredential(self._credential()).ask_ahead(scope), self._transport()
            ),
        )

    def private_links(self, target: ArmId, session: Session, patience_seconds: float) -> PrivateLinkClient:
        """The private endpoint connections of a resource."""
        return PrivateLinkClient(target, self._arm(), Waiter(session, self._now), patience_seconds)

    def data_lake(self, account: str, session: Session, patience_seconds: float) -> DataLakeClient:
        """The data plane of a storage account."""
        service = self._open(
            account, lambda: open_service(account, TellingCredential(self._credential()), self._transport())
        )
        return DataLakeClient(account, service, Waiter(session, self._now), patience_seconds)

    def key_vault(self, vault_uri: str, session: Session, patience_seconds: float) -> KeyVaultClient:
        """The data plane of a vault."""
        vault = self._open(
            vault_uri, lambda: open_vault(vault_uri, TellingCredential(self._credential()), self._transport())
        )
        return KeyVaultClient(vault, Waiter(session, self._now), patience_seconds)
