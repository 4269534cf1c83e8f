"""Records of pipeline, activity and trigger runs as the service shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from local_azure.context import ServiceContext
from local_azure.services.synapse_workspace.errors import run_not_found, trigger_run_not_found
from local_azure.services.synapse_workspace.workspace import Workspace
from pipeline_runtime.ports import ActivityRun
from pipeline_runtime.run_state import azure_time

FINAL = frozenset({"Succeeded", "Failed", "Cancelled"})
STOPPED_MESSAGE = "The run was in progress when the local Azure was stopped; it was not continued."


class RunRecords:
    """The run history of all workspaces."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._pipelines = context.state.collection("synapse-pipeline-runs")
        self._activities = context.state.collection("synapse-activity-runs")
        self._triggers = context.state.collection("synapse-trigger-runs")

    def put_pipeline_run(self, workspace_uid: str, document: dict[str, Any]) -> None:
        """Write a pipeline run."""
        document["lastUpdated"] = azure_time(self._context.clock.now())
        self._pipelines.put(f"{workspace_uid}|{document['runId']}", document)

    def pipeline_run(self, workspace: Workspace, run_id: str) -> dict[str, Any]:
        """A pipeline run; raises 404."""
        found = self._pipelines.get(workspace.key(run_id.lower()))
        if found is None:
            raise run_not_found(run_id)
        return found

    def pipeline_runs(self, workspace: Workspace) -> list[dict[str, Any]]:
        """All pipeline runs of a workspace."""
        return [document for _, document in self._pipelines.scan(prefix=workspace.key(""))]

    def put_activity_run(self, workspace_uid: str, run: ActivityRun) -> None:
        """Write an activity run."""
        start = azure_time(run.start)
        key = f"{workspace_uid}|{run.pipeline_run_id}|{start}|{run.activity_run_id}"
        self._activities.put(key, shown_activity_run(run))

    def activity_runs(self, workspace: Workspace, run_id: str) -> list[dict[str, Any]]:
        """The activity runs of a pipeline run, by their start."""
        return [document for _, document in self._activities.scan(prefix=workspace.key(run_id.lower(), ""))]

    def put_trigger_run(self, workspace_uid: str, document: dict[str, Any]) -> None:
        """Write a trigger run."""
        self._triggers.put(f"{workspace_uid}|{document['triggerRunId']}", document)

    def trigger_run(self, workspace: Workspace, run_id: str) -> dict[str, Any]:
        """A trigger run; raises 404."""
        found = self._triggers.get(workspace.key(run_id))
        if found is None:
            raise trigger_run_not_found(run_id)
        return found

    def trigger_runs(self, workspace: Workspace) -> list[dict[str, Any]]:
        """All trigger runs of a workspace."""
        return [document for _, document in self._triggers.scan(prefix=workspace.key(""))]

    def fail_interrupted(self) -> None:
        """Runs that were in progress when the process ended can never end by themselves: they failed."""
        now = azure_time(self._context.clock.now())
        with self._context.state.transaction():
            for key, run in list(self._pipelines.scan()):
                if run["status"] not in FINAL:
                    failed = {**run, "status": "Failed", "message": STOPPED_MESSAGE, "runEnd": now, "lastUpdated": now}
                    self._pipelines.put(key, failed)
            for key, activity in list(self._activities.scan()):
                if activity["status"] == "InProgress":
                    error = {**activity["error"], "errorCode": "Interrupted", "message": STOPPED_MESSAGE}
                    self._activities.put(key, {**activity, "status": "Failed", "activityRunEnd": now, "error": error})


def shown_activity_run(run: ActivityRun) -> dict[str, Any]:
    """An activity run in the service's words."""
    end = run.end
    return {
        "activityName": run.activity,
        "activityType": run.activity_type,
        "activityRunId": run.activity_run_id,
        "pipelineName": run.pipeline,
        "pipelineRunId": run.pipeline_run_id,
        "linkedServiceName": run.linked_service,
        "activityRunStart": azure_time(run.start),
        "activityRunEnd": azure_time(end),
        "durationInMs": milliseconds(run.start, end),
        "status": run.status,
        "input": dict(run.input) if run.input is not None else None,
        "output": dict(run.output) if run.output is not None else None,
        "error": dict(run.error) or {"errorCode": "", "message": "", "failureType": "", "target": run.activity},
        "retryAttempt": run.retry_attempt,
        "iterationHash": run.iteration,
        "userProperties": dict(run.user_properties),
        "recoveryStatus": "None",
        "integrationRuntimeNames": ["AutoResolveIntegrationRuntime"],
        "executionDetails": None,
    }


def milliseconds(start: datetime, end: datetime | None) -> int | None:
    """A duration in whole milliseconds."""
    return None if end is None else int((end - start).total_seconds() * 1000)
