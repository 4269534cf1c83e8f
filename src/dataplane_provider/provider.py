"""The provider: type token to resource, one credential, one connection pool a host. No rule of any resource."""

import json
import threading
import time
from collections.abc import Callable, Mapping
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
from dataplane_provider.resources.base import Resource
from dataplane_provider.resources.directory import Directory
from dataplane_provider.resources.file_system import FileSystem
from dataplane_provider.resources.generated_secret import GeneratedSecret
from dataplane_provider.resources.managed_private_endpoint import ManagedPrivateEndpoint
from dataplane_provider.resources.role_assignment import SynapseRoleAssignment
from dataplane_provider.resources.workspace_artifacts import WorkspaceArtifacts
from dataplane_provider.schema import PACKAGE, VERSION, package_schema
from provider_wire.verbs import (
    Capabilities,
    CheckAnswer,
    CheckFailure,
    CheckRequest,
    Configuration,
    CreateAnswer,
    CreateRequest,
    DeleteRequest,
    DiffAnswer,
    DiffRequest,
    InvokeAnswer,
    InvokeRequest,
    Provider,
    ProviderError,
    ReadAnswer,
    ReadRequest,
    Session,
    UpdateAnswer,
    UpdateRequest,
)

_OWN_SETTINGS = frozenset({"version", "pluginDownloadURL", "__internal"})
_KINDS: tuple[type[Resource], ...] = (
    WorkspaceArtifacts,
    FileSystem,
    Directory,
    GeneratedSecret,
    SynapseRoleAssignment,
    ManagedPrivateEndpoint,
)
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
        address = str(endpoint)
        channel = self._open(
            address, lambda: RestChannel(address, SCOPE, TellingCredential(self._credential()), self._transport())
        )
        return SynapseClient(endpoint, channel, Waiter(session, self._now), patience_seconds)

    def artifacts(self, host: ArtifactHost, session: Session, patience_seconds: float) -> ArtifactService:
        """A workspace or a factory, as what holds artifacts."""
        if isinstance(host, WorkspaceEndpoint):
            return self.synapse(host, session, patience_seconds)
        return self._factory(host, session, patience_seconds)

    def _factory(self, factory: FactoryId, session: Session, patience_seconds: float) -> data_factory.DataFactoryClient:
        return data_factory.DataFactoryClient(factory, self._arm(), Waiter(session, self._now), patience_seconds)

    def _arm(self) -> RestChannel:
        address, scope = data_factory.ENDPOINT, data_factory.SCOPE
        return self._open(
            address, lambda: RestChannel(address, scope, TellingCredential(self._credential()), self._transport())
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


class DataplaneProvider(Provider):
    """The Pulumi provider `dataplane`."""

    def __init__(self, services: AzureServices | None = None) -> None:
        """Nothing is connected or signed in yet."""
        reached = services or AzureServices()
        self._resources: Mapping[str, Resource] = {f"{PACKAGE}:index:{kind.__name__}": kind(reached) for kind in _KINDS}

    @property
    def version(self) -> str:
        """The version of the package."""
        return VERSION

    @property
    def capabilities(self) -> Capabilities:
        """Secrets are unwrapped by the engine, which marks the outputs of secret inputs itself."""
        return Capabilities(secrets=False)

    def schema(self) -> str:
        """The package schema as JSON text."""
        return json.dumps(package_schema())

    def check_configuration(self, old: Configuration, new: Configuration) -> CheckAnswer:
        """The provider has no settings; any is an error that names itself."""
        unknown = [name for name in new.settings if name not in _OWN_SETTINGS]
        failures = [CheckFailure(name, f"unknown setting {name!r}\nexpected none") for name in unknown]
        return CheckAnswer(new.settings, failures)

    def diff_configuration(self, old: Configuration, new: Configuration) -> DiffAnswer:
        """Another version never replaces the resources."""
        return DiffAnswer()

    def configure(self, configuration: Configuration) -> None:
        """Nothing to take over."""

    def check(self, request: CheckRequest, session: Session) -> CheckAnswer:
        """See the resource."""
        return self._resource(request.type).check(request)

    def diff(self, request: DiffRequest, session: Session) -> DiffAnswer:
        """See the resource."""
        return self._resource(request.type).diff(request, session)

    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """See the resource; a preview neither looks nor writes."""
        resource = self._resource(request.type)
        return resource.preview_create(request) if request.preview else resource.create(request, session)

    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        """See the resource."""
        return self._resource(request.type).read(request, session)

    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        """See the resource; a preview neither looks nor writes."""
        resource = self._resource(request.type)
        return resource.preview_update(request) if request.preview else resource.update(request, session)

    def delete(self, request: DeleteRequest, session: Session) -> None:
        """See the resource."""
        self._resource(request.type).delete(request, session)

    def invoke(self, request: InvokeRequest, session: Session) -> InvokeAnswer:
        """The package has no functions."""
        raise ProviderError(
            f"calling {request.token}: unknown function\nexpected none: package {PACKAGE} has resources only"
        )

    def cancel(self) -> None:
        """The sessions carry the wish to stop; nothing else runs."""

    def _resource(self, token: str) -> Resource:
        if token not in self._resources:
            raise ProviderError(
                f"looking up resource type {token!r}: unknown type\nexpected one of {', '.join(self._resources)}"
            )
        return self._resources[token]
