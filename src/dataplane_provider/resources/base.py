"""What all resources share: reading inputs into records, comparing property by property, reaching the services."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Protocol

from azure_ids.arm import ArmId
from azure_ids.data_factory import ArtifactHost
from azure_ids.synapse import WorkspaceEndpoint
from dataplane_provider.clients.artifact_service import ArtifactService
from dataplane_provider.clients.data_lake import DataLakeClient
from dataplane_provider.clients.key_vault import KeyVaultClient
from dataplane_provider.clients.private_links import PrivateLinkClient
from dataplane_provider.clients.synapse import SynapseClient
from dataplane_provider.properties import complete, properties_of
from dataplane_provider.resources.claims import Claims
from provider_wire.values import UNKNOWN, Properties
from provider_wire.verbs import (
    Change,
    CheckAnswer,
    CheckFailure,
    CheckRequest,
    CreateAnswer,
    CreateRequest,
    DeleteRequest,
    DiffAnswer,
    DiffRequest,
    PartialFailure,
    ReadAnswer,
    ReadRequest,
    Session,
    Severity,
    UpdateAnswer,
    UpdateRequest,
)

_STAYS = "what another resource of this run has by now stays"
READ_PATIENCE_SECONDS = 60.0
"""A refresh must tell soon that a permission is missing; fresh roles are waited for when writing."""


class Services(Protocol):
    """How resources reach Azure; one connection pool a host."""

    def utc_now(self) -> datetime:
        """What time it is."""

    def synapse(self, endpoint: WorkspaceEndpoint, session: Session, patience_seconds: float) -> SynapseClient:
        """The development endpoint of a workspace."""

    def artifacts(self, host: ArtifactHost, session: Session, patience_seconds: float) -> ArtifactService:
        """A workspace or a factory, as what holds artifacts."""

    def data_lake(self, account: str, session: Session, patience_seconds: float) -> DataLakeClient:
        """The data plane of a storage account."""

    def private_links(self, target: ArmId, session: Session, patience_seconds: float) -> PrivateLinkClient:
        """The private endpoint connections of a resource."""

    def key_vault(self, vault_uri: str, session: Session, patience_seconds: float) -> KeyVaultClient:
        """The data plane of a vault."""


class Resource(ABC):
    """One resource type: all verbs, for any number of resources."""

    arguments: ClassVar[type]
    """The argument record."""
    delete_before_replace: ClassVar[bool] = False

    def __init__(self, services: Services) -> None:
        """Keep the way to the services."""
        self._services = services
        self._claims = Claims()

    def things(self, id: str, state: Properties) -> Iterable[str]:
        """What a resource with that id and state is in Azure: things that another may take over by themselves."""
        return (id,)

    def create_and_claim(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """Create; what was made or taken over is the resource's from then on, of a partial failure too."""
        try:
            answer = self.create(request, session)
        except PartialFailure as failure:
            self._claims.take(self.things(failure.id, failure.state))
            raise
        self._claims.take(self.things(answer.id, answer.state))
        return answer

    def delete_unclaimed(self, request: DeleteRequest, session: Session) -> None:
        """Delete, but for what a resource of this run has made or taken over."""
        things = frozenset(self.things(request.id, request.old_state))
        claimed = self._claims.taken(things)
        if claimed:
            session.log(Severity.INFO, f"deleting {request.id}: {_STAYS}")
            if claimed == things:
                return
            request = self.without(claimed, request)
        self.delete(request, session)

    def without(self, claimed: frozenset[str], request: DeleteRequest) -> DeleteRequest:
        """The request for the rest of its things. Raises TypeError: this resource is one thing."""
        raise TypeError(f"internal-error: deleting a part of {request.id}: {type(self).__name__} is one thing")

    def check(self, request: CheckRequest) -> CheckAnswer:
        """Complete the inputs with defaults; every problem at once. No network.

        Inputs that are those of the state have been looked at when they were new.
        """
        inputs, failures = complete(self.arguments, request.new_inputs)
        if not failures and inputs != request.old_inputs:
            failures = self.problems(inputs, request.old_inputs)
        return CheckAnswer(inputs, failures)

    @abstractmethod
    def problems(self, inputs: Properties, known: Properties) -> list[CheckFailure]:
        """What is wrong with inputs whose names and types are right; values may be UNKNOWN.

        `known` are the inputs that the state has, none of a new resource.
        """

    def diff(self, request: DiffRequest, session: Session) -> DiffAnswer:
        """Compare state and inputs; no network."""
        changes: dict[str, Change] = {}
        for item in properties_of(self.arguments):
            old, new = request.old_state.get(item.wire_name), request.new_inputs.get(item.wire_name)
            changes.update(self._replaced(item.wire_name, item.identity, self.changes(item.wire_name, old, new)))
        changes.update(self.further_changes(request))
        stable = [item.wire_name for item in properties_of(self.arguments) if item.identity]
        return DiffAnswer(changes, self.delete_before_replace, stable)

    @staticmethod
    def _replaced(name: str, identity: bool, changes: Mapping[str, Change]) -> dict[str, Change]:
        return {path: Change[f"{change.name}_REPLACE"] if identity else change for path, change in changes.items()}

    def changes(self, name: str, old: Any, new: Any) -> dict[str, Change]:
        """Changed paths of one property; equal in meaning is no change. Not yet about replacement."""
        canonical = self.canonical_forms().get(name, lambda value: value)
        if old == new:
            return {}
        if old is None:
            return {name: Change.ADD}
        if new is None:
            return {name: Change.DELETE}
        if UNKNOWN not in (old, new) and canonical(old) == canonical(new):
            return {}
        return {name: Change.UPDATE}

    def canonical_forms(self) -> Mapping[str, Callable[[Any], Any]]:
        """By property: the function under whose result two values mean the same."""
        return {}

    def further_changes(self, request: DiffRequest) -> dict[str, Change]:
        """Changes that are not about one declared property."""
        return {}

    @abstractmethod
    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """Look first; make what is missing. Not called in previews."""

    def preview_create(self, request: CreateRequest) -> CreateAnswer:
        """What a creation would give, without looking or writing."""
        return CreateAnswer("", dict(request.inputs))

    @abstractmethod
    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        """Look at the service."""

    @abstractmethod
    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        """Change what differs. Not called in previews."""

    def preview_update(self, request: UpdateRequest) -> UpdateAnswer:
        """What an update would give, without looking or writing."""
        further = {
            name: value
            for name, value in request.old_state.items()
            if name not in {item.wire_name for item in properties_of(self.arguments)}
        }
        return UpdateAnswer({**further, **request.inputs})

    @abstractmethod
    def delete(self, request: DeleteRequest, session: Session) -> None:
        """Remove; that it is gone already is a success."""


def without_slash(value: Any) -> Any:
    """An address in the form in which two of them mean the same: lower case, no trailing slash."""
    return value.lower().rstrip("/") if isinstance(value, str) else value
