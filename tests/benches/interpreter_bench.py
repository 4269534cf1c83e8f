"""Ports without services, for tests of the interpreter."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline_runtime.cancellation import Cancellation
from pipeline_runtime.definition import Activity, Pipeline
from pipeline_runtime.errors import ActivityFailure, Problem
from pipeline_runtime.interpreter import RunOutcome, read_pipeline, run_pipeline
from pipeline_runtime.parameters import bind_parameters
from pipeline_runtime.ports import ActivityCall, ActivityRun, ChildOutcome, Ports, RunIdentity

Behaviour = Callable[[ActivityCall], Mapping[str, Any]]


class FakeClock:
    """Time that only waiting moves."""

    def __init__(self) -> None:
        self._now = datetime(2021, 7, 14, tzinfo=UTC)
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self._now

    def wait(self, seconds: float, cancellation: Cancellation) -> None:
        self.waits.append(seconds)
        self._now += timedelta(seconds=seconds)
        cancellation.check()


class FakeChance:
    """GUIDs that count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    def new_guid(self) -> str:
        with self._lock:
            self._count += 1
            return f"00000000-0000-0000-0000-{self._count:012d}"

    def random_integer(self, low: int, high: int) -> int:
        return low


class FakeActivities:
    """Activities that do what a test says, by activity name; the default output is empty."""

    def __init__(self, behaviours: Mapping[str, Behaviour] | None = None) -> None:
        self.behaviours = dict(behaviours or {})
        self.calls: list[ActivityCall] = []
        self.refused: dict[str, str] = {}

    def check(self, activity: Activity) -> Sequence[Problem]:
        cause = self.refused.get(activity.name)
        return [Problem(f"{activity.pointer}/typeProperties", cause)] if cause else []

    def _execute(self, call: ActivityCall) -> Mapping[str, Any]:
        self.calls.append(call)
        behaviour = self.behaviours.get(call.activity)
        return behaviour(call) if behaviour else {}

    copy = run_data_flow = request_web = look_up = get_metadata = delete = _execute


class FakePipelines:
    """Child pipelines with outcomes set beforehand."""

    def __init__(self) -> None:
        self.started: list[tuple[str, Mapping[str, Any]]] = []
        self.outcome = ChildOutcome("Succeeded", "", {})

    def find(self, name: str) -> Pipeline | None:
        return None

    def start_child(self, parent: RunIdentity, name: str, parameters: Mapping[str, Any]) -> str:
        self.started.append((name, parameters))
        return f"run-of-{name}"

    def await_child(self, run_id: str, cancellation: Cancellation) -> ChildOutcome:
        cancellation.check()
        return self.outcome


class FakeHistory:
    """The latest record of each activity run, in order of their start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: dict[str, ActivityRun] = {}

    def record(self, run: ActivityRun) -> None:
        with self._lock:
            self._records[run.activity_run_id] = run

    def of(self, activity: str) -> list[ActivityRun]:
        """The records of an activity."""
        return [run for run in self._records.values() if run.activity == activity]

    def statuses(self) -> dict[str, str]:
        """The last status by activity name."""
        return {run.activity: run.status for run in self._records.values()}


@dataclass
class Bench:
    """A pipeline run with fakes all around."""

    activities: FakeActivities = field(default_factory=FakeActivities)
    clock: FakeClock = field(default_factory=FakeClock)
    history: FakeHistory = field(default_factory=FakeHistory)
    pipelines: FakePipelines = field(default_factory=FakePipelines)
    cancellation: Cancellation = field(init=False)

    def __post_init__(self) -> None:
        self.cancellation = Cancellation(self.clock.now)

    def run(self, activities: list[Any], given: Mapping[str, Any] | None = None, **properties: Any) -> RunOutcome:
        """Read, bind and run a pipeline of these activities."""
        document = {"name": "p", "properties": {"activities": activities, **properties}}
        pipeline = read_pipeline("p", document, self.activities)
        values = bind_parameters(pipeline, given or {})
        ports = Ports(self.clock, FakeChance(), self.activities, self.pipelines, self.history)
        run = RunIdentity("ws", "p", "run", "group")
        return run_pipeline(pipeline, run, values, ports, self.cancellation)


def failing(message: str, times: int = 1_000_000) -> Behaviour:
    """Fails that many times, then succeeds."""
    left = [times]

    def behaviour(_call: ActivityCall) -> Mapping[str, Any]:
        if left[0] > 0:
            left[0] -= 1
            raise ActivityFailure("2108", message)
        return {"ok": True}

    return behaviour


def activity(name: str, kind: str = "WebActivity", after: str = "", **properties: Any) -> dict[str, Any]:
    """An activity document; `after` lists `Name` or `Name:Condition`, separated by commas."""
    depends = [
        {"activity": each.partition(":")[0], "dependencyConditions": [each.partition(":")[2] or "Succeeded"]}
        for each in after.split(",")
        if each
    ]
    if kind == "WebActivity":
        properties = {"url": "https://example.org", "method": "GET", **properties}
    return {"name": name, "type": kind, "dependsOn": depends, "typeProperties": properties}
