"""The verbs of a Pulumi resource provider as typed requests and answers; all abstract, so that none is forgotten.

The SDK's own abstract provider echoes the old state in `read` and never plans a replacement in `diff` unless
overridden; here a provider that lacks a verb cannot be instantiated.
Protocol: `pulumirpc.ResourceProvider` (provider.proto).
"""

import enum
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from provider_wire.values import Properties


class ProviderError(Exception):
    """A verb cannot do what was asked; the text reaches the user as it is, without a traceback."""


class Cancelled(ProviderError):
    """The user asked the engine to stop while a verb was waiting or writing."""


class PartialFailure(ProviderError):
    """Create or update failed half-way: the resource exists under `id` with `state`, and `reasons` say what is missing.

    The engine stores the state and plans an update at the next run.
    """

    def __init__(self, id: str, state: Properties, reasons: Sequence[str], inputs: Properties | None = None) -> None:
        """Keep what was reached; `inputs` default to those of the request."""
        super().__init__("\n".join(reasons))
        self.id = id
        self.state = state
        self.reasons = tuple(reasons)
        self.inputs = inputs


class Severity(enum.Enum):
    """How loud a log line is in the engine's display."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Cancellation:
    """Set once when the user presses Ctrl-C; waited on instead of sleeping."""

    def __init__(self) -> None:
        """Start as not requested."""
        self._event = threading.Event()

    @property
    def requested(self) -> bool:
        """Whether the user asked to stop."""
        return self._event.is_set()

    def request(self) -> None:
        """Ask every verb that runs now to stop at its next safe point."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait up to `seconds`; return True at once when stopping was requested."""
        return self._event.wait(seconds)

    def rest(self, seconds: float) -> None:
        """Wait `seconds` although stopping was requested: what is under way has to end."""
        time.sleep(seconds)

    def raise_if_requested(self, doing: str) -> None:
        """Raise Cancelled naming what was being done (a gerund and an id) if stopping was requested."""
        if self.requested:
            raise Cancelled(f"{doing}: stopped on request")


class Session(Protocol):
    """What a verb may use of the engine while it runs."""

    @property
    def cancellation(self) -> Cancellation:
        """The user's wish to stop."""

    def log(self, severity: Severity, message: str) -> None:
        """Print a line beside the resource; kept in the output."""

    def status(self, message: str) -> None:
        """Show a passing message in the resource's row; not kept."""


@dataclass(frozen=True)
class Capabilities:
    """What the provider understands on the wire. Without `secrets` the engine unwraps and re-wraps them itself."""

    secrets: bool = False


@dataclass(frozen=True)
class Configuration:
    """The provider's own settings, as the program or stack gave them."""

    urn: str
    settings: Properties


@dataclass(frozen=True)
class CheckRequest:
    """Inputs to judge. `type` is the resource's token, `name` its name in the program."""

    urn: str
    type: str
    name: str
    old_inputs: Properties
    new_inputs: Properties
    random_seed: bytes = b""


@dataclass(frozen=True)
class CheckFailure:
    """One problem of one input property; `property_path` is empty for the resource as a whole."""

    property_path: str
    reason: str


@dataclass(frozen=True)
class CheckAnswer:
    """Inputs with defaults filled in, or all their problems at once."""

    inputs: Properties
    failures: Sequence[CheckFailure] = ()


@dataclass(frozen=True)
class DiffRequest:
    """What the state holds against what the program wants now."""

    urn: str
    type: str
    name: str
    id: str
    old_inputs: Properties
    old_state: Properties
    new_inputs: Properties
    ignore_changes: Sequence[str] = ()


class Change(enum.Enum):
    """What happens to one property path; the REPLACE forms need a new resource."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"
    ADD_REPLACE = "add-replace"
    DELETE_REPLACE = "delete-replace"
    UPDATE_REPLACE = "update-replace"

    @property
    def replaces(self) -> bool:
        """Whether the resource is replaced because of this path."""
        return self in {Change.ADD_REPLACE, Change.DELETE_REPLACE, Change.UPDATE_REPLACE}


@dataclass(frozen=True)
class DiffAnswer:
    """Changed property paths (Pulumi property-path syntax); empty means nothing to do.

    `stable` names the outputs that an update cannot change.
    """

    changes: Mapping[str, Change] = field(default_factory=dict)
    delete_before_replace: bool = False
    stable: Sequence[str] = ()


@dataclass(frozen=True)
class CreateRequest:
    """Checked inputs of a resource that the state does not hold. With `preview` nothing may be written."""

    urn: str
    type: str
    name: str
    inputs: Properties
    preview: bool
    timeout_seconds: float = 0.0


@dataclass(frozen=True)
class CreateAnswer:
    """The id (may be empty in a preview) and the outputs."""

    id: str
    state: Properties


@dataclass(frozen=True)
class ReadRequest:
    """Refresh (state and inputs given) or import (only the id)."""

    urn: str
    type: str
    name: str
    id: str
    old_inputs: Properties
    old_state: Properties

    @property
    def is_import(self) -> bool:
        """Whether nothing but the id is known."""
        return not self.old_state and not self.old_inputs


@dataclass(frozen=True)
class ReadAnswer:
    """What exists now. An empty id says that it does not exist."""

    id: str
    state: Properties = field(default_factory=dict)
    inputs: Properties = field(default_factory=dict)


@dataclass(frozen=True)
class UpdateRequest:
    """Change the resource from its state to the new inputs. With `preview` nothing may be written."""

    urn: str
    type: str
    name: str
    id: str
    old_inputs: Properties
    old_state: Properties
    inputs: Properties
    preview: bool
    timeout_seconds: float = 0.0
    ignore_changes: Sequence[str] = ()


@dataclass(frozen=True)
class UpdateAnswer:
    """The outputs after the update."""

    state: Properties


@dataclass(frozen=True)
class DeleteRequest:
    """Remove the resource; that it is already gone is a success."""

    urn: str
    type: str
    name: str
    id: str
    old_inputs: Properties
    old_state: Properties
    timeout_seconds: float = 0.0


@dataclass(frozen=True)
class InvokeRequest:
    """Call of a function of the package."""

    token: str
    arguments: Properties


@dataclass(frozen=True)
class InvokeAnswer:
    """Result of a function, or all the problems of its arguments."""

    result: Properties
    failures: Sequence[CheckFailure] = ()


class Provider(ABC):
    """One package's provider. Each verb may be called from several threads at once."""

    @property
    @abstractmethod
    def version(self) -> str:
        """Semantic version of the plugin, without a leading v."""

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """What the provider understands on the wire."""

    @abstractmethod
    def schema(self) -> str:
        """The package schema as JSON text (https://www.pulumi.com/docs/iac/extending-pulumi/schema/)."""

    @abstractmethod
    def check_configuration(self, old: Configuration, new: Configuration) -> CheckAnswer:
        """Judge the provider's settings; no network."""

    @abstractmethod
    def diff_configuration(self, old: Configuration, new: Configuration) -> DiffAnswer:
        """Compare the provider's settings; pure."""

    @abstractmethod
    def configure(self, configuration: Configuration) -> None:
        """Take over the settings. Raises ProviderError."""

    @abstractmethod
    def check(self, request: CheckRequest, session: Session) -> CheckAnswer:
        """Judge a resource's inputs; no network; all problems at once."""

    @abstractmethod
    def diff(self, request: DiffRequest, session: Session) -> DiffAnswer:
        """Compare state and inputs; pure; every changed path named."""

    @abstractmethod
    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """Make the resource. Raises ProviderError or PartialFailure."""

    @abstractmethod
    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        """Look at the service and tell what is there. Raises ProviderError."""

    @abstractmethod
    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        """Change the resource. Raises ProviderError or PartialFailure."""

    @abstractmethod
    def delete(self, request: DeleteRequest, session: Session) -> None:
        """Remove the resource. Raises ProviderError."""

    @abstractmethod
    def invoke(self, request: InvokeRequest, session: Session) -> InvokeAnswer:
        """Call a function. Raises ProviderError."""

    @abstractmethod
    def cancel(self) -> None:
        """The user asked to stop: called after every session's cancellation was set."""
