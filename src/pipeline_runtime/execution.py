"""Executing one activity: inputs evaluated, retried by its policy, recorded in the history, its result published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pipeline_runtime import containers, control_activities
from pipeline_runtime.cancellation import Cancellation
from pipeline_runtime.definition import Activity
from pipeline_runtime.errors import ActivityFailure, ActivityTimedOut, RunCancelled
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.evaluator import Scope, evaluate
from pipeline_runtime.frames import Frame, Outcome, RunContext, timeout_seconds
from pipeline_runtime.ports import ActivityCall, ActivityRun
from pipeline_runtime.run_state import Results, azure_time

_LAZY = {
    "ForEach": ("items",),
    "IfCondition": ("expression",),
    "Switch": ("on",),
    "Until": (),
    "Filter": ("items",),
}
"""Properties evaluated at the start of activities that evaluate the rest themselves."""


class Execution:
    """Runs activities of one list; safe to use from several threads."""

    def __init__(
        self,
        context: RunContext,
        scope: Scope,
        results: Results,
        cancellation: Cancellation,
        iteration: str,
    ) -> None:
        self._context = context
        self._scope = scope.with_reference("activity", results.reference)
        self._results = results
        self._cancellation = cancellation
        self._iteration = iteration

    def run(self, activity: Activity) -> Outcome:
        """Run an activity to its end, retries included; raises RunCancelled."""
        self._cancellation.check()
        if activity.inactive_as is not None:
            return self._mark_inactive(activity)
        try:
            retries, interval = self._retries(activity)
        except (ExpressionError, ActivityFailure) as error:
            record = self._record(activity, self._context.ports.clock.now(), "InProgress", None)
            return self._fail(activity, record, ActivityFailure("InvalidTemplate", str(error)))
        attempt = 0
        while True:
            outcome = self._attempt(activity, attempt)
            if outcome.status != "Failed" or attempt >= retries:
                return outcome
            attempt += 1
            self._context.ports.clock.wait(interval, self._cancellation)

    def _retries(self, activity: Activity) -> tuple[int, float]:
        if not activity.type.executed_by_port:
            return 0, 0.0
        interval = self._policy_number(activity.policy.retry_interval_seconds, "retryIntervalInSeconds")
        return int(self._policy_number(activity.policy.retry, "retry")), interval

    def _policy_number(self, value: Any, name: str) -> float:
        evaluated = evaluate(value, self._scope)
        if isinstance(evaluated, bool) or not isinstance(evaluated, int | float):
            raise ActivityFailure(
                "InvalidTemplate",
                f"The policy '{name}' is not a number: '{evaluated}'.",
            )
        return evaluated

    def _mark_inactive(self, activity: Activity) -> Outcome:
        now = self._context.ports.clock.now()
        record = self._record(activity, now, "Inactive", None)
        self._context.ports.history.record(replace(record, end=now, error=_error(activity.name)))
        status = str(activity.inactive_as)
        self._results.keep(activity.name, {"status": status, "output": {}})
        return Outcome(activity.name, status)

    def _attempt(self, activity: Activity, attempt: int) -> Outcome:
        started = self._context.ports.clock.now()
        record = self._record(activity, started, "InProgress", attempt or None)
        properties: Mapping[str, Any] = {}
        try:
            properties = self._evaluated(activity)
            inputs, outputs = self._references(activity)
            record = replace(
                record,
                input={} if activity.policy.secure_input else _shown_input(properties),
            )
            self._context.ports.history.record(record)
            output = self._execute(activity, properties, inputs, outputs, record.activity_run_id)
        except ExpressionError as error:
            return self._fail(
                activity,
                record,
                ActivityFailure("InvalidTemplate", _invalid(error)),
            )
        except ActivityTimedOut:
            timeout = ActivityFailure("Timeout", f"The activity '{activity.name}' ran past its timeout.")
            return self._fail(activity, record, timeout)
        except ActivityFailure as failure:
            return self._fail(activity, record, failure)
        except RunCancelled:
            cancelled = {
                **_error(activity.name),
                "errorCode": "Cancelled",
                "message": "The activity was cancelled.",
            }
            self._finish(activity, record, "Cancelled", None, cancelled)
            raise
        self._finish(activity, record, "Succeeded", output, _error(activity.name))
        return Outcome(activity.name, "Succeeded")

    def _record(self, activity: Activity, start: datetime, status: str, attempt: int | None) -> ActivityRun:
        context = self._context
        return ActivityRun(
            activity_run_id=context.ports.chance.new_guid(),
            pipeline_run_id=context.run.run_id,
            pipeline=context.run.pipeline,
            activity=activity.name,
            activity_type=activity.type.name,
            status=status,
            start=start,
            retry_attempt=attempt,
            iteration=self._iteration,
            linked_service=str((activity.linked_service or {}).get("referenceName", "")),
            user_properties={
                str(each.get("name")): each.get("value")
                for each in activity.user_properties
                if isinstance(each, Mapping)
            },
        )

    def _evaluated(self, activity: Activity) -> dict[str, Any]:
        eager = _LAZY.get(activity.type.name)
        return {
            key: evaluate(value, self._scope) if eager is None or key in eager else value
            for key, value in activity.properties.items()
        }

    def _references(self, activity: Activity) -> tuple[Sequence[Any], Sequence[Any]]:
        inputs, outputs = (
            evaluate(list(activity.inputs), self._scope),
            evaluate(list(activity.outputs), self._scope),
        )
        return (inputs if isinstance(inputs, list) else []), (outputs if isinstance(outputs, list) else [])

    def _execute(
        self,
        activity: Activity,
        properties: Mapping[str, Any],
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        activity_run_id: str,
    ) -> Mapping[str, Any]:
        frame = Frame(
            self._context,
            activity,
            properties,
            self._scope,
            self._results,
            self._cancellation,
            self._iteration,
        )
        name = activity.type.name
        if name in containers.CONTAINERS:
            return containers.CONTAINERS[name](frame)
        if name in control_activities.CONTROL_ACTIVITIES:
            return control_activities.CONTROL_ACTIVITIES[name](frame)
        cancellation = self._cancellation.narrowed(timeout_seconds(activity.policy.timeout, self._scope))
        call = ActivityCall(
            self._context.run,
            activity.name,
            activity_run_id,
            properties,
            inputs,
            outputs,
            cancellation,
            self._context.secrets.texts(),
        )
        return self._port_method(name)(call)

    def _port_method(self, name: str) -> Callable[[ActivityCall], Mapping[str, Any]]:
        port = self._context.ports.activities
        return {
            "Copy": port.copy,
            "ExecuteDataFlow": port.run_data_flow,
            "WebActivity": port.request_web,
            "Lookup": port.look_up,
            "GetMetadata": port.get_metadata,
            "Delete": port.delete,
        }[name]

    def _fail(self, activity: Activity, record: ActivityRun, failure: ActivityFailure) -> Outcome:
        message = self._context.secrets.hidden(failure.message)
        error = {
            **_error(activity.name),
            "errorCode": failure.error_code,
            "message": message,
            "failureType": failure.failure_type,
        }
        self._finish(activity, record, "Failed", None, error)
        return Outcome(activity.name, "Failed", message)

    def _finish(
        self,
        activity: Activity,
        record: ActivityRun,
        status: str,
        output: Mapping[str, Any] | None,
        error: Mapping[str, Any],
    ) -> None:
        end = self._context.ports.clock.now()
        if activity.policy.secure_output and output is not None:
            self._context.secrets.add(output)
        shown = {} if activity.policy.secure_output and output is not None else output
        self._context.ports.history.record(replace(record, status=status, end=end, output=shown, error=error))
        result = {
            "ActivityName": activity.name,
            "ActivityType": activity.type.name,
            "ActivityRunId": record.activity_run_id,
            "PipelineName": record.pipeline,
            "PipelineRunId": record.pipeline_run_id,
            "ExecutionStartTime": azure_time(record.start),
            "ExecutionEndTime": azure_time(end),
            "Duration": str(end - record.start),
            "Status": status,
            "Error": dict(error),
            **({"output": output} if output is not None else {}),
        }
        self._results.keep(activity.name, result)


def _error(activity: str) -> dict[str, Any]:
    return {
        "errorCode": "",
        "message": "",
        "failureType": "",
        "target": activity,
        "details": "",
    }


def _invalid(error: ExpressionError) -> str:
    text = error.expression.removeprefix("@")
    if not text:
        return f"The expression cannot be evaluated because {error.cause}."
    return f"The expression '{text}' cannot be evaluated because {error.cause}."


def _shown_input(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Evaluated properties with secure strings masked."""
    masked = _masked(dict(properties))
    return masked if isinstance(masked, dict) else {}


def _masked(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get("type") == "SecureString":
            return {**value, "value": "**********"}
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return value
