"""What the interpreter needs from the outside, as protocols. Nothing here does input or output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from pipeline_runtime.cancellation import Cancellation
from pipeline_runtime.definition import Activity, Pipeline
from pipeline_runtime.errors import Problem


@dataclass(frozen=True)
class RunIdentity:
    """Which run this is and who started it; the trigger fields are what `pipeline()` and `trigger()` show."""

    workspace: str
    pipeline: str
    run_id: str
    group_id: str
    trigger_type: str = "Manual"
    trigger_id: str = ""
    trigger_name: str = "Manual"
    trigger_time: str = ""
    parent_pipeline: str | None = None
    parent_run_id: str | None = None
    global_parameters: Mapping[str, Any] | None = None
    """Values of the parameters of a factory; None in a workspace, which has none."""


@dataclass(frozen=True)
class ActivityCall:
    """One execution of an activity with everything evaluated; references to datasets keep their shape.

    `secrets` are texts from secure outputs and secure parameters of the run: whoever executes keeps them out of
    messages and logs.
    """

    run: RunIdentity
    activity: str
    activity_run_id: str
    properties: Mapping[str, Any]
    inputs: Sequence[Mapping[str, Any]]
    outputs: Sequence[Mapping[str, Any]]
    cancellation: Cancellation
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ActivityRun:
    """An entry of the run history, as it may be shown: secure input and output are already left out. Times are UTC."""

    activity_run_id: str
    pipeline_run_id: str
    pipeline: str
    activity: str
    activity_type: str
    status: str
    start: datetime
    end: datetime | None = None
    input: Mapping[str, Any] | None = None
    output: Mapping[str, Any] | None = None
    error: Mapping[str, Any] = field(default_factory=dict)
    retry_attempt: int | None = None
    iteration: str = ""
    linked_service: str = ""
    user_properties: Mapping[str, Any] = field(default_factory=dict)


class ClockPort(Protocol):
    """Time, and waiting that a cancellation can end."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""

    def wait(self, seconds: float, cancellation: Cancellation) -> None:
        """Return after that time; raises RunCancelled or ActivityTimedOut earlier."""


class ChancePort(Protocol):
    """Random values."""

    def new_guid(self) -> str:
        """A fresh GUID."""

    def random_integer(self, low: int, high: int) -> int:
        """A random integer, `low` included, `high` not."""


class ActivityPort(Protocol):
    """The activities that reach services. Each method returns the activity's output or raises ActivityFailure."""

    def check(self, activity: Activity) -> Sequence[Problem]:
        """What cannot be executed about an activity as written, before the run starts."""

    def copy(self, call: ActivityCall) -> Mapping[str, Any]:
        """Execute Copy."""

    def run_data_flow(self, call: ActivityCall) -> Mapping[str, Any]:
        """Execute ExecuteDataFlow."""

    def request_web(self, call: ActivityCall) -> Mapping[str, Any]:
        """Execute WebActivity."""

    def look_up(self, call: ActivityCall) -> Mapping[str, Any]:
        """Execute Lookup."""

    def get_metadata(self, call: ActivityCall) -> Mapping[str, Any]:
        """Execute GetMetadata."""

    def delete(self, call: ActivityCall) -> Mapping[str, Any]:
        """Execute Delete."""


@dataclass(frozen=True)
class ChildOutcome:
    """How a child pipeline ended; `return_value` is what it set as its pipeline return value."""

    status: str
    message: str
    return_value: Mapping[str, Any]


class PipelinePort(Protocol):
    """Other pipelines of the workspace."""

    def find(self, name: str) -> Pipeline | None:
        """The pipeline of that name, or None."""

    def start_child(self, parent: RunIdentity, name: str, parameters: Mapping[str, Any]) -> str:
        """Start a run; returns its run id. Raises ActivityFailure when it cannot start."""

    def await_child(self, run_id: str, cancellation: Cancellation) -> ChildOutcome:
        """Wait until a child run ended; cancels the child when the parent is cancelled."""


class HistoryPort(Protocol):
    """The run history."""

    def record(self, run: ActivityRun) -> None:
        """Write an activity run; the same activity_run_id again replaces the entry."""


@dataclass(frozen=True)
class Ports:
    """All ports of one run."""

    clock: ClockPort
    chance: ChancePort
    activities: ActivityPort
    pipelines: PipelinePort
    history: HistoryPort
