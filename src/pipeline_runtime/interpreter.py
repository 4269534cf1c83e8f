"""Running a pipeline: which activities may start when, what their outcome makes of the run.

Dependencies: https://learn.microsoft.com/azure/data-factory/tutorial-pipeline-failure-error-handling
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from pipeline_runtime.cancellation import Cancellation
from pipeline_runtime.checks import PIPELINE_PROPERTIES, check_pipeline
from pipeline_runtime.definition import Activity, Pipeline, Reader
from pipeline_runtime.errors import PipelineDefinitionError, RunCancelled
from pipeline_runtime.execution import Execution
from pipeline_runtime.expressions.evaluator import Scope
from pipeline_runtime.frames import Outcome, RunContext
from pipeline_runtime.ports import ActivityPort, Ports, RunIdentity
from pipeline_runtime.run_state import Results, Secrets, Variables, root_scope


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended: Succeeded, Failed or Cancelled, with the service's message for a failure."""

    status: str
    message: str
    return_value: Mapping[str, Any]


def read_pipeline(
    name: str,
    document: Mapping[str, Any],
    activities: ActivityPort | None = None,
    properties: Sequence[str] = PIPELINE_PROPERTIES,
) -> Pipeline:
    """Read and check a pipeline document; with a port, also that each activity can be executed by it.

    `properties` are those of `pipeline()` where it runs.
    Raises PipelineDefinitionError with every problem and its JSON pointer.
    """
    reader = Reader()
    pipeline = reader.pipeline(name, document)
    problems = [*reader.problems, *check_pipeline(pipeline, properties)]
    if activities is not None:
        for activity in pipeline.all_activities():
            if activity.type.executed_by_port and activity.inactive_as is None:
                problems.extend(activities.check(activity))
    if problems:
        raise PipelineDefinitionError(name, problems)
    return pipeline


def run_pipeline(
    pipeline: Pipeline,
    run: RunIdentity,
    parameters: Mapping[str, Any],
    ports: Ports,
    cancellation: Cancellation,
) -> RunOutcome:
    """Run a pipeline that was read and checked, with every parameter bound; blocks until it ended."""
    variables = Variables(pipeline)
    secrets = Secrets()
    secrets.add([value for name, value in parameters.items() if pipeline.parameters[name].type == "securestring"])
    context = RunContext(pipeline, run, ports, variables, secrets, run_activities)
    scope = root_scope(run, parameters, variables, ports)
    try:
        outcome = run_activities(context, pipeline.activities, scope, Results(), cancellation, "")
    except RunCancelled:
        return RunOutcome("Cancelled", "", {})
    if outcome.status == "Succeeded":
        return RunOutcome("Succeeded", "", variables.return_value)
    message = f"Operation on target {outcome.activity} failed: {outcome.message}"
    return RunOutcome("Failed", message, variables.return_value)


def run_activities(
    context: RunContext,
    activities: Sequence[Activity],
    scope: Scope,
    results: Results,
    cancellation: Cancellation,
    iteration: str,
) -> Outcome:
    """Run one list of activities as their dependencies allow; raises RunCancelled."""
    schedule = _Schedule(activities)
    execution = Execution(context, scope, results, cancellation, iteration)
    if len(activities) <= 1:
        for activity in schedule.ready():
            schedule.finish(activity, execution.run(activity))
        if cancellation.cancelled:
            raise RunCancelled("the run was cancelled")
        return schedule.outcome()
    with ThreadPoolExecutor(max_workers=len(activities), thread_name_prefix="activity") as pool:
        running: dict[Future[Outcome], Activity] = {}
        while True:
            cancelled = cancellation.cancelled
            if not cancelled:
                running.update({pool.submit(execution.run, activity): activity for activity in schedule.ready()})
            if not running:
                break
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                schedule.finish(running.pop(future), future.result())
    if cancellation.cancelled:
        raise RunCancelled("the run was cancelled")
    return schedule.outcome()


class _Schedule:
    """The state of one list of activities: which run, which are skipped, how it ends."""

    def __init__(self, activities: Sequence[Activity]) -> None:
        self._activities = activities
        self._started: set[str] = set()
        self._outcomes: dict[str, Outcome] = {}

    def ready(self) -> list[Activity]:
        """Activities to start now; those whose conditions can no longer hold become skipped on the way."""
        ready: list[Activity] = []
        changed = True
        while changed:
            changed = False
            for activity in self._activities:
                if activity.name in self._started or not self._settled(activity):
                    continue
                self._started.add(activity.name)
                changed = True
                if all(self._holds(each.activity, each.conditions) for each in activity.depends_on):
                    ready.append(activity)
                else:
                    self._outcomes[activity.name] = Outcome(activity.name, "Skipped")
        return ready

    def finish(self, activity: Activity, outcome: Outcome) -> None:
        """Note how an activity ended."""
        self._outcomes[activity.name] = outcome

    def _settled(self, activity: Activity) -> bool:
        return all(dependency.activity in self._outcomes for dependency in activity.depends_on)

    def _holds(self, name: str, conditions: Sequence[str]) -> bool:
        status = self._outcomes[name].status
        return status in conditions or ("Completed" in conditions and status in ("Succeeded", "Failed"))

    def outcome(self) -> Outcome:
        """All leaves must have succeeded; for a skipped activity those before it count instead."""
        needed = {dependency.activity for activity in self._activities for dependency in activity.depends_on}
        waiting = [activity.name for activity in self._activities if activity.name not in needed]
        by_name = {activity.name: activity for activity in self._activities}
        counted: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in counted:
                continue
            counted.add(name)
            if self._outcomes[name].status == "Skipped":
                waiting.extend(dependency.activity for dependency in by_name[name].depends_on)
        for activity in self._activities:
            outcome = self._outcomes[activity.name]
            if activity.name in counted and outcome.status not in (
                "Succeeded",
                "Skipped",
            ):
                return outcome
        return Outcome("", "Succeeded")
