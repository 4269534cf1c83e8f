"""Schedule triggers fire while the process runs: a thread looks every half second at what became due."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local_azure.context import ServiceContext
from local_azure.http import ServiceError
from local_azure.resources import DATA_FACTORY, SYNAPSE_WORKSPACE
from local_azure.services.synapse_workspace.artifact_kinds import TRIGGER
from local_azure.services.synapse_workspace.runs import Invocation, Runs
from local_azure.services.synapse_workspace.store import Artifact, Artifacts
from local_azure.services.synapse_workspace.workspace import Workspace
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.evaluator import Scope, constant, evaluate
from pipeline_runtime.expressions.timestamp_formats import format_timestamp
from pipeline_runtime.expressions.timestamps import Timestamp
from pipeline_runtime.recurrence import Recurrence, RecurrenceError
from pipeline_runtime.run_state import azure_time

_TICK_SECONDS = 0.5
SCHEDULE = "ScheduleTrigger"
"""The only type of trigger that is fired here."""


class Scheduler:
    """Fires triggers; what became due while the process did not run is not made up for."""

    def __init__(self, context: ServiceContext, artifacts: Artifacts, runs: Runs) -> None:
        self._context = context
        self._artifacts = artifacts
        self._runs = runs
        self._looked_at = context.clock.now()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._loop, name="synapse-scheduler", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        self._thread.join()

    def look(self) -> None:
        """Fire what became due since the last look; called by the thread, and by tests that move the clock."""
        with self._lock:
            now = self._context.clock.now()
            after, self._looked_at = self._looked_at, now
            for workspace, trigger in self._started():
                for scheduled in self._due(trigger, after, now):
                    self.fire(workspace, trigger, scheduled)

    def _started(self) -> list[tuple[Workspace, Artifact]]:
        return [
            (workspace, trigger)
            for workspace in self._workspaces()
            for trigger in self._artifacts.all_of(workspace, TRIGGER)
            if trigger.properties.get("runtimeState") == "Started"
        ]

    def refuse(self, workspace: Workspace, trigger: Artifact) -> None:
        """Record, for a trigger that was started but is not fired here, a run that failed and says so."""
        now = self._context.clock.now()
        self._record(workspace, trigger, _trigger_run_id(now), now, {}, why_not_fired(trigger))

    def fire(self, workspace: Workspace, trigger: Artifact, scheduled: datetime) -> str:
        """Start the pipelines of a trigger and record the trigger run; returns its id."""
        now = self._context.clock.now()
        run_id = _trigger_run_id(scheduled)
        scope = Scope(_NoChance(now), {"trigger": constant("trigger", _shown(trigger, scheduled, now))})
        started: dict[str, str] = {}
        failures: list[str] = []
        for entry in trigger.properties.get("pipelines") or []:
            name = str(entry["pipelineReference"]["referenceName"])
            try:
                started[name] = self._start(workspace, trigger, run_id, name, entry.get("parameters") or {}, scope)
            except ExpressionError as error:
                failures.append(f"{name}: {error}")
            except ServiceError as error:
                failures.append(f"{name}: {error.message}")
        self._record(workspace, trigger, run_id, scheduled, started, "; ".join(failures))
        return run_id

    def _record(
        self,
        workspace: Workspace,
        trigger: Artifact,
        run_id: str,
        scheduled: datetime,
        started: Mapping[str, str],
        failure: str,
    ) -> None:
        now = azure_time(self._context.clock.now())
        self._runs.records.put_trigger_run(
            workspace.uid,
            {
                "triggerRunId": run_id,
                "triggerName": trigger.name,
                "triggerType": trigger.properties["type"],
                "triggerRunTimestamp": now,
                "status": "Failed" if failure else "Succeeded",
                "message": failure or None,
                "properties": {"TriggerTime": now, "ScheduleTime": azure_time(scheduled)},
                "triggeredPipelines": dict(started),
            },
        )

    def _start(
        self,
        workspace: Workspace,
        trigger: Artifact,
        run_id: str,
        name: str,
        parameters: Mapping[str, Any],
        scope: Scope,
    ) -> str:
        values = evaluate(dict(parameters), scope)
        invocation = Invocation(name=trigger.name, kind=SCHEDULE, id=run_id, trigger_name=trigger.name)
        return self._runs.start(workspace, name, values if isinstance(values, Mapping) else {}, invocation)

    def _due(self, trigger: Artifact, after: datetime, now: datetime) -> list[datetime]:
        if why_not_fired(trigger):
            return []
        return Recurrence.read(trigger.properties["typeProperties"]["recurrence"]).between(after, now)

    def _workspaces(self) -> list[Workspace]:
        found = self._context.resources.under("/subscriptions")
        types = {SYNAPSE_WORKSPACE.lower(), DATA_FACTORY.lower()}
        return [Workspace.of(each) for _, each in found if str(each.get("type", "")).lower() in types]

    def _loop(self) -> None:
        while not self._stop.wait(_TICK_SECONDS):
            self.look()


def why_not_fired(trigger: Artifact) -> str:
    """Why a trigger is not fired here; empty when it is."""
    if trigger.properties["type"] != SCHEDULE:
        return f"Local Azure fires schedule triggers only: '{trigger.name}' is a {trigger.properties['type']}."
    try:
        Recurrence.read(trigger.properties["typeProperties"]["recurrence"])
    except RecurrenceError as error:
        return f"Local Azure does not fire '{trigger.name}': recurrence{error.pointer}: {error}."
    return ""


def _trigger_run_id(scheduled: datetime) -> str:
    return f"{scheduled.astimezone(UTC):%Y%m%d%H%M%S}{uuid.uuid4().hex[:24].upper()}"


class _NoChance:
    """Surroundings of trigger parameters: the moment of firing, fresh GUIDs."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def new_guid(self) -> str:
        return str(uuid.uuid4())

    def random_integer(self, low: int, high: int) -> int:
        return low + uuid.uuid4().int % (high - low)


def _shown(trigger: Artifact, scheduled: datetime, now: datetime) -> dict[str, Any]:
    return {
        "name": trigger.name,
        "scheduledTime": format_timestamp(Timestamp.of(scheduled), "yyyy-MM-ddTHH:mm:ssZ"),
        "startTime": azure_time(now),
        "outputs": {},
    }
