"""Answers to the calls on pipeline runs, activity runs, triggers and trigger runs."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from local_azure.context import ServiceContext
from local_azure.http import Request, Response, ServiceError
from local_azure.services.synapse_workspace.artifact_kinds import TRIGGER
from local_azure.services.synapse_workspace.errors import bad_request, trigger_run_not_found
from local_azure.services.synapse_workspace.run_queries import ACTIVITY_RUNS, PIPELINE_RUNS, TRIGGER_RUNS, answer
from local_azure.services.synapse_workspace.runs import Runs
from local_azure.services.synapse_workspace.scheduler import Scheduler, why_not_fired
from local_azure.services.synapse_workspace.store import Artifact, Artifacts
from local_azure.services.synapse_workspace.workspace import Workspace
from pipeline_runtime.expressions.timestamp_texts import parse_timestamp

_REFUSED_RUN_QUERY = frozenset(
    {"referencepipelinerunid", "isrecovery", "startactivityname", "startactivitynames", "startfromfailure"}
)
_EVENT_TRIGGERS = frozenset({"BlobEventsTrigger", "CustomEventsTrigger"})


class RunHandlers:
    """One method for each call; permissions are checked by the routes."""

    def __init__(self, context: ServiceContext, artifacts: Artifacts, runs: Runs, scheduler: Scheduler) -> None:
        self._context = context
        self._artifacts = artifacts
        self._runs = runs
        self._scheduler = scheduler

    def create_run(self, workspace: Workspace, name: str, request: Request) -> Response:
        """POST createRun: 202 with the run id; reruns from an activity are refused by name."""
        for key, value in request.query.items():
            if key.lower() in _REFUSED_RUN_QUERY and value.lower() not in ("", "false"):
                raise ServiceError(
                    501, "NotSupported", f"The query parameter '{key}' is not supported locally.", shape="flat"
                )
        parameters = request.json() if request.body else {}
        if parameters is None:
            parameters = {}
        if not isinstance(parameters, dict):
            raise bad_request("The parameters of a run must be a JSON object.")
        return Response.json(202, {"runId": self._runs.start(workspace, name, parameters)})

    def get_run(self, workspace: Workspace, run_id: str) -> Response:
        """GET of a pipeline run."""
        return Response.json(200, self._runs.records.pipeline_run(workspace, run_id))

    def cancel_run(self, workspace: Workspace, run_id: str, request: Request) -> Response:
        """POST cancel: 200, empty."""
        self._runs.cancel(workspace, run_id, request.parameter("isrecursive").lower() == "true")
        return Response(200)

    def query_runs(self, workspace: Workspace, request: Request) -> Response:
        """POST queryPipelineRuns."""
        return Response.json(200, answer(self._runs.records.pipeline_runs(workspace), request.json(), PIPELINE_RUNS))

    def query_activities(self, workspace: Workspace, name: str | None, run_id: str, request: Request) -> Response:
        """POST queryActivityruns of one run; a call that names its pipeline has to name it right."""
        run = self._runs.records.pipeline_run(workspace, run_id)
        if name is not None and run["pipelineName"].lower() != name.lower():
            raise bad_request(f"The pipeline run {run_id} is a run of '{run['pipelineName']}', not of '{name}'.")
        records = self._runs.records.activity_runs(workspace, run_id)
        return Response.json(200, answer(records, request.json(), ACTIVITY_RUNS))

    def query_trigger_runs(self, workspace: Workspace, request: Request) -> Response:
        """POST queryTriggerRuns."""
        return Response.json(200, answer(self._runs.records.trigger_runs(workspace), request.json(), TRIGGER_RUNS))

    def set_trigger_state(self, workspace: Workspace, name: str, state: str) -> Response:
        """POST start or stop: 200, empty. A trigger without a pipeline cannot be started."""
        trigger = self._artifacts.get(workspace, TRIGGER, name)
        runs = trigger.properties.get("pipelines") or trigger.properties.get("pipeline")
        if state == "Started" and not runs:
            raise bad_request(f"The trigger '{name}' has no pipeline to run.", "TriggerWithoutPipeline")
        self._artifacts.set_runtime_state(workspace, name, state)
        if state == "Started" and why_not_fired(trigger):
            self._scheduler.refuse(workspace, trigger)
        return Response(200)

    def subscribe(self, workspace: Workspace, name: str, wanted: bool) -> Response:
        """POST subscribeToEvents and unsubscribeFromEvents: 200 with what is under way; recorded."""
        trigger = self._event_trigger(workspace, name)
        self._artifacts.set_subscription(workspace, trigger, wanted)
        return Response.json(
            200, {"triggerName": trigger.name, "status": "Provisioning" if wanted else "Deprovisioning"}
        )

    def subscription(self, workspace: Workspace, name: str) -> Response:
        """POST getEventSubscriptionStatus."""
        trigger = self._event_trigger(workspace, name)
        status = "Enabled" if self._artifacts.is_subscribed(workspace, trigger) else "Disabled"
        return Response.json(200, {"triggerName": trigger.name, "status": status})

    def _event_trigger(self, workspace: Workspace, name: str) -> Artifact:
        trigger = self._artifacts.get(workspace, TRIGGER, name)
        if trigger.properties["type"] not in _EVENT_TRIGGERS:
            kind = trigger.properties["type"]
            raise bad_request(f"The trigger '{name}' is a {kind}, which has no events.", "TriggerHasNoEvents")
        return trigger

    def rerun_trigger(self, workspace: Workspace, name: str, run_id: str) -> Response:
        """POST rerun of a trigger run: its pipelines run again for the same scheduled time."""
        trigger = self._artifacts.get(workspace, TRIGGER, name)
        run = self._runs.records.trigger_run(workspace, run_id)
        if run["triggerName"].lower() != trigger.name.lower():
            raise trigger_run_not_found(run_id)
        properties: dict[str, Any] = run["properties"]
        scheduled = parse_timestamp(properties["ScheduleTime"]).moment.replace(tzinfo=UTC)
        self._scheduler.fire(workspace, trigger, scheduled)
        return Response(200)
