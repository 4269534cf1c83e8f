"""Test kit: a resource's life as a table of steps, driven as the engine drives it, without an engine.

Each step previews, acts, and proves that a read afterwards equals the state. Not for production code.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from provider_wire.server import marshal, unmarshal
from provider_wire.values import Properties
from provider_wire.verbs import (
    Cancellation,
    Change,
    CheckFailure,
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    PartialFailure,
    Provider,
    ReadRequest,
    Severity,
    UpdateRequest,
)


@dataclass
class RecordingSession:
    """A session that keeps what it is told."""

    cancellation: Cancellation = field(default_factory=Cancellation)
    lines: list[tuple[Severity, str]] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)

    def log(self, severity: Severity, message: str) -> None:
        """Keep the line."""
        self.lines.append((severity, message))

    def status(self, message: str) -> None:
        """Keep the message."""
        self.statuses.append(message)


class CheckFailed(Exception):
    """The inputs of a step did not pass the check; `failures` say why."""

    def __init__(self, failures: Sequence[CheckFailure]) -> None:
        """Keep the failures."""
        super().__init__("\n".join(f"{failure.property_path}: {failure.reason}" for failure in failures))
        self.failures = tuple(failures)


class Action(Enum):
    """What a step led to."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    SAME = "same"
    DELETE = "delete"
    DRIFT = "drift"


@dataclass(frozen=True)
class Deployed:
    """The resource as the state holds it; `init_errors` are those of the last partial failure."""

    id: str
    inputs: Properties
    state: Properties
    init_errors: tuple[str, ...] = ()


class Lifecycle:
    """One resource of one type in an imagined stack. Properties pass through the wire format both ways."""

    def __init__(
        self,
        start: Callable[[], Provider],
        token: str,
        name: str = "subject",
        written: Callable[[], int] | None = None,
    ):
        """`start` starts a provider: each run of the engine has one of its own.

        `written` counts the writes that reached the service, so that previews can be shown to make none.
        """
        self.start, self.token, self.name = start, token, name
        self.provider = start()
        self.session = RecordingSession()
        self.deployed: Deployed | None = None
        self._written = written or (lambda: 0)

    @property
    def _identity(self) -> dict[str, Any]:
        urn = f"urn:pulumi:local::test::{self.token}::{self.name}"
        return {"urn": urn, "type": self.token, "name": self.name}

    def check(self, inputs: Properties) -> dict[str, Any]:
        """The completed inputs. Raises CheckFailed."""
        old = self.deployed.inputs if self.deployed else {}
        request = CheckRequest(**self._identity, old_inputs=old, new_inputs=_wire(inputs))
        answer = self.provider.check(request, self.session)
        if answer.failures:
            raise CheckFailed(answer.failures)
        return _wire(answer.inputs)

    def diff(self, inputs: Properties) -> dict[str, Change]:
        """Changed paths of checked inputs against the state."""
        if self.deployed is None:
            raise ValueError("comparing: the resource is not deployed")
        request = DiffRequest(
            **self._identity,
            id=self.deployed.id,
            old_inputs=self.deployed.inputs,
            old_state=self.deployed.state,
            new_inputs=inputs,
        )
        return dict(self.provider.diff(request, self.session).changes)

    def preview(self, inputs: Properties) -> tuple[Action, dict[str, Change]]:
        """What `up` would do. Raises AssertionError if anything was written meanwhile."""
        before = self._written()
        checked = self.check(inputs)
        if self.deployed is None:
            self.provider.create(CreateRequest(**self._identity, inputs=checked, preview=True), self.session)
            planned: tuple[Action, dict[str, Change]] = (Action.CREATE, {})
        else:
            changes = self.diff(checked)
            planned = (self._action(changes), changes)
            if planned[0] is Action.UPDATE:
                self._update(checked, preview=True)
        if self._written() != before:
            raise AssertionError(f"previewing {self.token}: {self._written() - before} requests wrote to the service")
        return planned

    def _action(self, changes: Mapping[str, Change]) -> Action:
        if any(change.replaces for change in changes.values()):
            return Action.REPLACE
        return Action.UPDATE if changes or (self.deployed and self.deployed.init_errors) else Action.SAME

    def up(self, inputs: Properties) -> Action:
        """Deploy. A partial failure is kept in the state and raised."""
        self.provider = self.start()
        action, _ = self.preview(inputs)
        checked = self.check(inputs)
        if action is Action.CREATE:
            self._create(checked)
        elif action is Action.UPDATE:
            self._update(checked, preview=False)
        elif action is Action.REPLACE:
            self._succeed(self.name, checked)
        return action

    def _create(self, inputs: Properties) -> None:
        try:
            answer = self.provider.create(CreateRequest(**self._identity, inputs=inputs, preview=False), self.session)
        except PartialFailure as failure:
            self.deployed = Deployed(failure.id, inputs, _wire(failure.state), failure.reasons)
            raise
        self.deployed = Deployed(answer.id, inputs, _wire(answer.state))

    def _update(self, inputs: Properties, preview: bool) -> None:
        if self.deployed is None:
            raise ValueError("updating: the resource is not deployed")
        old = self.deployed
        request = UpdateRequest(
            **self._identity,
            id=old.id,
            old_inputs=old.inputs,
            old_state=old.state,
            inputs=inputs,
            preview=preview,
        )
        try:
            answer = self.provider.update(request, self.session)
        except PartialFailure as failure:
            self.deployed = Deployed(old.id, inputs, _wire(failure.state), failure.reasons)
            raise
        if not preview:
            self.deployed = Deployed(old.id, inputs, _wire(answer.state))

    def refresh(self) -> Action:
        """Read the service into the state: SAME, DRIFT or DELETE."""
        if self.deployed is None:
            raise ValueError("refreshing: the resource is not deployed")
        old = self.deployed
        request = ReadRequest(**self._identity, id=old.id, old_inputs=old.inputs, old_state=old.state)
        answer = self.provider.read(request, self.session)
        if not answer.id:
            self.deployed = None
            return Action.DELETE
        self.deployed = Deployed(answer.id, _wire(answer.inputs), _wire(answer.state))
        return Action.SAME if self.deployed.state == old.state else Action.DRIFT

    def adopt(self, id: str) -> bool:
        """Import by id; False if nothing has that id."""
        request = ReadRequest(**self._identity, id=id, old_inputs={}, old_state={})
        answer = self.provider.read(request, self.session)
        if answer.id:
            self.deployed = Deployed(answer.id, self.check(_wire(answer.inputs)), _wire(answer.state))
        return bool(answer.id)

    def succeed(self, name: str) -> None:
        """Deploy the same anew under a name, as after a renaming without an alias or, under the old name, a forced
        replacement: the new one is created before the old one is deleted, in one run."""
        if self.deployed is None:
            raise ValueError("succeeding: the resource is not deployed")
        self.provider = self.start()
        old, self.deployed = self.deployed, None
        checked = self.check(old.inputs)
        self.deployed = old
        self._succeed(name, checked)

    def _succeed(self, name: str, inputs: Properties) -> None:
        old_name, old = self.name, self.deployed
        self.name = name
        self._create(inputs)
        new, self.name, self.deployed = self.deployed, old_name, old
        self._delete()
        self.name, self.deployed = name, new

    def destroy(self) -> None:
        """Delete the resource."""
        self.provider = self.start()
        self._delete()

    def _delete(self) -> None:
        if self.deployed is None:
            raise ValueError("deleting: the resource is not deployed")
        old = self.deployed
        request = DeleteRequest(**self._identity, id=old.id, old_inputs=old.inputs, old_state=old.state)
        self.provider.delete(request, self.session)
        self.deployed = None


@dataclass(frozen=True)
class Step:
    """One row of a life-cycle table: what happens outside, what the user does, what must come of it.

    `inputs` None is a refresh. `paths` are the changed paths that the preview must name, no more and no fewer.
    """

    name: str
    inputs: Properties | None
    expect: Action
    paths: frozenset[str] = frozenset()
    outside: Callable[[], object] | None = None


def run_table(life: Lifecycle, steps: Sequence[Step]) -> None:
    """Run the rows in order. Raises AssertionError naming the row."""
    for step in steps:
        if step.outside:
            step.outside()
        if step.inputs is None:
            _expect(step, life.refresh(), step.expect)
            continue
        planned, changes = life.preview(step.inputs)
        _expect(step, (planned, frozenset(changes)), (step.expect, step.paths))
        _expect(step, life.up(step.inputs), step.expect)
        _expect(step, life.preview(step.inputs), (Action.SAME, {}))
        _expect(step, life.refresh(), Action.SAME)


def _expect(step: Step, actual: object, wanted: object) -> None:
    if actual != wanted:
        raise AssertionError(f"step {step.name!r}: expected {wanted}, got {actual}")


def _wire(properties: Properties) -> dict[str, Any]:
    """The properties after a round trip through the wire format."""
    return unmarshal(marshal(properties))
