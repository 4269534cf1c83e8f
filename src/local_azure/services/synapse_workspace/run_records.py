"""Records of pipeline, activity and trigger runs as the service shows them, and the queries over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from local_azure.context import ServiceContext
from local_azure.http import ServiceError
from local_azure.services.synapse_workspace.errors import bad_request, run_not_found
from local_azure.services.synapse_workspace.workspace import Workspace
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.timestamp_texts import parse_timestamp
from pipeline_runtime.expressions.timestamps import Timestamp
from pipeline_runtime.ports import ActivityRun
from pipeline_runtime.run_state import azure_time

FINAL = frozenset({"Succeeded", "Failed", "Cancelled"})
STOPPED_MESSAGE = "The run was in progress when the local Azure was stopped; it was not continued."
_OPERANDS = {
    "pipelinename": "pipelineName",
    "status": "status",
    "runstart": "runStart",
    "runend": "runEnd",
    "rungroupid": "runGroupId",
    "activityname": "activityName",
    "activitytype": "activityType",
    "activityrunstart": "activityRunStart",
    "activityrunend": "activityRunEnd",
    "triggername": "triggerName",
    "triggerruntimestamp": "triggerRunTimestamp",
}
_OPERATORS: dict[str, Callable[[str, list[str]], bool]] = {
    "equals": lambda value, wanted: value == wanted[0],
    "notequals": lambda value, wanted: value != wanted[0],
    "in": lambda value, wanted: value in wanted,
    "notin": lambda value, wanted: value not in wanted,
}


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
            raise ServiceError(404, "TriggerRunNotFound", f"The trigger run {run_id} could not be found.", shape="flat")
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


def select(records: Iterable[dict[str, Any]], request: Any, start_key: str) -> list[dict[str, Any]]:
    """Records that a query body (lastUpdatedAfter, filters, orderBy) asks for; raises 400 for one it cannot mean."""
    if not isinstance(request, Mapping):
        raise bad_request("The request content was invalid: expected a JSON object.")
    after, before = _moment(request, "lastUpdatedAfter"), _moment(request, "lastUpdatedBefore")
    updated_key = "lastUpdated" if start_key == "runStart" else start_key
    chosen = [
        record
        for record in records
        if after <= _ticks(record.get(updated_key)) <= before
        and all(_passes(record, each) for each in request.get("filters") or [])
    ]
    order = request.get("orderBy") or [{"orderBy": start_key, "order": "ASC"}]
    for each in reversed(order):
        key = _OPERANDS.get(str(each.get("orderBy", "")).lower(), start_key)
        descending = str(each.get("order", "")).upper() == "DESC"
        chosen.sort(key=lambda record, key=key: str(record.get(key) or ""), reverse=descending)  # type: ignore[misc]
    return chosen


def _moment(request: Mapping[str, Any], key: str) -> int:
    value = request.get(key)
    if value is None:
        raise bad_request(f"The property '{key}' is missing.")
    try:
        return parse_timestamp(str(value)).ticks
    except ExpressionError as error:
        raise bad_request(f"The property '{key}' is no timestamp: {error.cause}.") from error


def _ticks(value: Any) -> int:
    return parse_timestamp(str(value)).ticks if value else Timestamp(0).ticks


def _passes(record: Mapping[str, Any], condition: Mapping[str, Any]) -> bool:
    operand, operator = str(condition.get("operand")), str(condition.get("operator"))
    values = [str(value) for value in condition.get("values") or []]
    if operand.lower() == "latestonly":
        return True
    key, holds = _OPERANDS.get(operand.lower()), _OPERATORS.get(operator.lower())
    if key is None or holds is None or not values:
        raise bad_request(f"The filter with operand '{operand}' and operator '{operator}' is not supported.")
    return holds(str(record.get(key)), values)
