"""Pipeline runs: each in its own thread, with the interpreter of pipeline_runtime over the ports of this service."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local_azure.context import ServiceContext
from local_azure.http import ServiceError
from local_azure.resources import DATA_FACTORY
from local_azure.services.synapse_workspace.artifact_kinds import GLOBAL_PARAMETERS, PIPELINE
from local_azure.services.synapse_workspace.errors import bad_request
from local_azure.services.synapse_workspace.run_records import FINAL, RunRecords, milliseconds
from local_azure.services.synapse_workspace.store import Artifacts
from local_azure.services.synapse_workspace.workspace import Workspace
from pipeline_runtime.activity_types import RETURN_VALUE
from pipeline_runtime.cancellation import Cancellation
from pipeline_runtime.definition import Pipeline
from pipeline_runtime.errors import ActivityFailure, PipelineDefinitionError
from pipeline_runtime.interpreter import RunOutcome, read_pipeline, run_pipeline
from pipeline_runtime.parameters import bind_parameters, shown
from pipeline_runtime.ports import ActivityPort, ActivityRun, ChildOutcome, Ports, RunIdentity
from pipeline_runtime.run_state import azure_time

_POLL_SECONDS = 0.05
_STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Invocation:
    """Who starts a run: a person, a trigger or another pipeline."""

    name: str = "Manual"
    kind: str = "Manual"
    id: str = ""
    trigger_name: str = "Manual"
    group_id: str | None = None
    parent: RunIdentity | None = None

    def shown(self) -> dict[str, Any]:
        """As `invokedBy` of a run."""
        value = {"id": self.id, "name": self.name, "invokedByType": self.kind}
        if self.parent is not None:
            value |= {"pipelineName": self.parent.pipeline, "pipelineRunId": self.parent.run_id}
        return value


@dataclass
class _Active:
    """A run under way."""

    cancellation: Cancellation
    pipeline: str
    document: dict[str, Any]
    children: list[str] = field(default_factory=list)
    running: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    outcome: RunOutcome | None = None
    thread: threading.Thread | None = None


class Runs:
    """Starts, cancels and finishes runs; `activities` makes the port that reaches services as a workspace."""

    def __init__(
        self, context: ServiceContext, artifacts: Artifacts, activities: Callable[[Workspace], ActivityPort]
    ) -> None:
        self._context = context
        self._artifacts = artifacts
        self._activities = activities
        self._active: dict[str, _Active] = {}
        self._lock = threading.Lock()
        self.records = RunRecords(context)
        self.records.fail_interrupted()

    def start(
        self, workspace: Workspace, name: str, parameters: Mapping[str, Any], invocation: Invocation | None = None
    ) -> str:
        """Check a pipeline and start it; returns the run id. Raises 404, or 400 with every problem it has."""
        invocation = invocation or Invocation(id=str(uuid.uuid4()))
        port = self._activities(workspace)
        artifact = self._artifacts.get(workspace, PIPELINE, name)
        try:
            pipeline = read_pipeline(artifact.name, artifact.document, port, workspace.pipeline_properties)
            values = bind_parameters(pipeline, parameters)
        except PipelineDefinitionError as error:
            raise bad_request(str(error), "InvalidPipeline") from error
        run_id = str(uuid.uuid4())
        now = self._context.clock.now()
        document = self._document(workspace, pipeline, run_id, shown(pipeline, values), invocation, now)
        active = _Active(Cancellation(self._context.clock.now), pipeline.name.lower(), document)
        with self._lock:
            self._active[run_id] = active
            self.records.put_pipeline_run(workspace.uid, document)
        identity = RunIdentity(
            workspace=workspace.name,
            pipeline=pipeline.name,
            run_id=run_id,
            group_id=document["runGroupId"],
            trigger_type=invocation.kind,
            trigger_id=invocation.id,
            trigger_name=invocation.trigger_name,
            trigger_time=azure_time(now) or "",
            parent_pipeline=invocation.parent.pipeline if invocation.parent else None,
            parent_run_id=invocation.parent.run_id if invocation.parent else None,
            global_parameters=self._global_parameters(workspace),
        )
        active.thread = threading.Thread(
            target=self._run,
            args=(workspace, pipeline, identity, values, port, active),
            name=f"run-{run_id}",
            daemon=True,
        )
        active.thread.start()
        return run_id

    def cancel(self, workspace: Workspace, run_id: str, recursive: bool) -> None:
        """Ask a run to end; raises 404, or 400 when it has ended already."""
        record = self.records.pipeline_run(workspace, run_id)
        if record["status"] in FINAL:
            raise bad_request(
                f"The pipeline run {run_id} has already ended with status {record['status']}.", "PipelineRunNotRunning"
            )
        self._cancel_active(run_id.lower(), recursive)

    def close(self) -> None:
        """Cancel everything under way and wait a short while for it to end."""
        with self._lock:
            active = list(self._active.values())
        for each in active:
            each.cancellation.cancel()
        for each in active:
            each.done.wait(_STOP_SECONDS)
        if active:
            self.records.fail_interrupted()

    def wait(self, run_id: str, seconds: float) -> bool:
        """Whether a run ends within that time; for callers in the same process."""
        with self._lock:
            active = self._active.get(run_id)
        return active is None or active.done.wait(seconds)

    def await_child(self, run_id: str, cancellation: Cancellation) -> ChildOutcome:
        """Wait for a child run; a cancelled parent cancels it."""
        with self._lock:
            active = self._active.get(run_id)
        if active is None:
            raise ActivityFailure("BadRequest", f"The child run {run_id} does not exist.", "SystemError")
        while not active.done.wait(_POLL_SECONDS):
            if cancellation.cancelled:
                active.cancellation.cancel()
            cancellation.check()
        outcome = active.outcome or RunOutcome("Failed", "", {})
        return ChildOutcome(outcome.status, outcome.message, outcome.return_value)

    def start_child(self, workspace: Workspace, parent: RunIdentity, name: str, parameters: Mapping[str, Any]) -> str:
        """Start a run on behalf of an ExecutePipeline activity."""
        invocation = Invocation(
            name=parent.pipeline,
            kind="PipelineActivity",
            id=parent.run_id,
            trigger_name=parent.trigger_name,
            group_id=parent.group_id,
            parent=parent,
        )
        try:
            run_id = self.start(workspace, name, parameters, invocation)
        except ServiceError as error:
            raise ActivityFailure(error.code, error.message) from error
        with self._lock:
            if parent.run_id in self._active:
                self._active[parent.run_id].children.append(run_id)
        return run_id

    def _cancel_active(self, run_id: str, recursive: bool) -> None:
        with self._lock:
            active = self._active.get(run_id)
        if active is None:
            return
        active.cancellation.cancel()
        if recursive:
            for child in list(active.children):
                self._cancel_active(child, recursive)

    def _global_parameters(self, host: Workspace) -> Mapping[str, Any] | None:
        if host.resource_type != DATA_FACTORY:
            return None
        found = self._artifacts.find(host, GLOBAL_PARAMETERS, "default")
        return {name: each["value"] for name, each in found.properties.items()} if found else {}

    def _document(
        self,
        workspace: Workspace,
        pipeline: Pipeline,
        run_id: str,
        parameters: Mapping[str, Any],
        invocation: Invocation,
        now: datetime,
    ) -> dict[str, Any]:
        return {
            "id": f"{workspace.arm_id}/pipelineruns/{run_id}".upper().replace(run_id.upper(), run_id),
            "runId": run_id,
            "debugRunId": None,
            "runGroupId": invocation.group_id or run_id,
            "pipelineName": pipeline.name,
            "parameters": dict(parameters),
            "invokedBy": invocation.shown(),
            "runStart": azure_time(now),
            "runEnd": None,
            "durationInMs": None,
            "status": "Queued",
            "message": "",
            "output": None,
            "lastUpdated": None,
            "annotations": list(pipeline.annotations),
            "runDimension": {},
            "isLatest": True,
        }

    def _run(
        self,
        workspace: Workspace,
        pipeline: Pipeline,
        identity: RunIdentity,
        values: Mapping[str, Any],
        port: ActivityPort,
        active: _Active,
    ) -> None:
        outcome = RunOutcome("Failed", "", {})
        started = self._context.clock.now()
        try:
            if not self._wait_for_turn(pipeline, active):
                outcome = RunOutcome("Cancelled", "", {})
                return
            self.records.put_pipeline_run(workspace.uid, {**active.document, "status": "InProgress"})
            ports = Ports(
                _Clock(self._context), _Chance(), port, _Pipelines(self, workspace), _History(self.records, workspace)
            )
            outcome = run_pipeline(pipeline, identity, values, ports, active.cancellation)
        except Exception as error:  # the edge of the run's thread: a defect of ours must not leave the run hanging
            outcome = RunOutcome("Failed", f"internal-error: {type(error).__name__}: {error}", {})
            raise
        finally:
            self._finish(workspace, active, outcome, started)

    def _wait_for_turn(self, pipeline: Pipeline, active: _Active) -> bool:
        """Hold a run back while its pipeline has as many runs as its concurrency allows; False when cancelled."""
        while True:
            with self._lock:
                busy = sum(each.running and each.pipeline == active.pipeline for each in self._active.values())
                if pipeline.concurrency is None or busy < pipeline.concurrency:
                    active.running = True
                    return not active.cancellation.cancelled
            if active.cancellation.cancelled:
                return False
            active.done.wait(_POLL_SECONDS)

    def _finish(self, workspace: Workspace, active: _Active, outcome: RunOutcome, started: datetime) -> None:
        now = self._context.clock.now()
        document = {
            **active.document,
            "status": outcome.status,
            "message": outcome.message,
            "runEnd": azure_time(now),
            "durationInMs": milliseconds(started, now),
            "output": {RETURN_VALUE: dict(outcome.return_value)} if outcome.return_value else None,
        }
        self.records.put_pipeline_run(workspace.uid, document)
        active.outcome = outcome
        active.running = False
        active.done.set()


class _Clock:
    """Time of the stand-in; waiting is real time, cut short by cancellation or when the clock was moved past it."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context

    def now(self) -> datetime:
        return self._context.clock.now()

    def wait(self, seconds: float, cancellation: Cancellation) -> None:
        end = self.now().timestamp() + seconds
        while (left := end - self.now().timestamp()) > 0:
            cancellation.wait(min(left, _POLL_SECONDS * 4))
        cancellation.check()


class _Chance:
    """Randomness of the operating system."""

    def new_guid(self) -> str:
        return str(uuid.uuid4())

    def random_integer(self, low: int, high: int) -> int:
        return random.SystemRandom().randrange(low, high)


class _Pipelines:
    """The pipelines of one workspace, for ExecutePipeline."""

    def __init__(self, runs: Runs, workspace: Workspace) -> None:
        self._runs = runs
        self._workspace = workspace

    def find(self, name: str) -> Pipeline | None:
        """Not needed by the interpreter here: starting a child checks it."""
        return None

    def start_child(self, parent: RunIdentity, name: str, parameters: Mapping[str, Any]) -> str:
        return self._runs.start_child(self._workspace, parent, name, parameters)

    def await_child(self, run_id: str, cancellation: Cancellation) -> ChildOutcome:
        return self._runs.await_child(run_id, cancellation)


class _History:
    """The run history of one workspace."""

    def __init__(self, records: RunRecords, workspace: Workspace) -> None:
        self._records = records
        self._workspace = workspace

    def record(self, run: ActivityRun) -> None:
        self._records.put_activity_run(self._workspace.uid, run)
