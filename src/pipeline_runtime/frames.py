"""What one activity of a run can see, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pipeline_runtime.cancellation import Cancellation
from pipeline_runtime.definition import Activity, Pipeline, seconds_of_timeout
from pipeline_runtime.errors import ActivityFailure
from pipeline_runtime.expressions.evaluator import Scope, evaluate
from pipeline_runtime.ports import Ports, RunIdentity
from pipeline_runtime.run_state import Results, Secrets, Variables


@dataclass(frozen=True)
class Outcome:
    """How an activity, or a list of them, ended; `message` is the failure's."""

    activity: str
    status: str
    message: str = ""


class RunList(Protocol):
    """Runs a list of activities inside a container."""

    def __call__(
        self,
        context: RunContext,
        activities: Sequence[Activity],
        scope: Scope,
        results: Results,
        cancellation: Cancellation,
        iteration: str,
    ) -> Outcome:
        """How the list ended; raises RunCancelled."""


@dataclass(frozen=True)
class RunContext:
    """What all activities of one run share."""

    pipeline: Pipeline
    run: RunIdentity
    ports: Ports
    variables: Variables
    secrets: Secrets
    run_list: RunList


@dataclass(frozen=True)
class Frame:
    """What one activity's execution can see; handed to the control activities and containers."""

    context: RunContext
    activity: Activity
    properties: Mapping[str, Any]
    scope: Scope
    results: Results
    cancellation: Cancellation
    iteration: str

    def timeout_seconds(self) -> int:
        """The timeout among the type properties (Until), 12 hours when there is none; raises ActivityFailure."""
        return timeout_seconds(self.properties.get("timeout", "0.12:00:00"), self.scope)


def timeout_seconds(value: Any, scope: Scope) -> int:
    """The seconds of a timeout that may be an expression; raises ActivityFailure when it is no duration."""
    try:
        return seconds_of_timeout(str(evaluate(value, scope)))
    except ValueError as error:
        raise ActivityFailure("InvalidTemplate", f"The timeout {error}.") from error
