"""Activities that hold activities: ForEach, IfCondition, Switch, Until."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pipeline_runtime.errors import ActivityFailure
from pipeline_runtime.expressions.evaluator import Scope, constant, evaluate
from pipeline_runtime.expressions.values import Value, to_text, type_name
from pipeline_runtime.frames import Frame, Outcome
from pipeline_runtime.run_state import Results

_DEFAULT_BATCH = 20
_MOST_ITEMS = 100_000


def _inner(frame: Frame, branch: str, scope: Scope, results: Results, iteration: str) -> Outcome:
    activities = frame.activity.branches.get(branch, ())
    return frame.context.run_list(frame.context, activities, scope, results, frame.cancellation, iteration)


def _raise_failure(outcome: Outcome) -> None:
    if outcome.status != "Succeeded":
        raise ActivityFailure(
            "ActionFailed",
            f"Activity failed because an inner activity failed; Inner activity name: {outcome.activity}, "
            f"Error: {outcome.message}",
        )


def _for_each(frame: Frame) -> Mapping[str, Any]:
    items = frame.properties["items"]
    if not isinstance(items, list):
        raise ActivityFailure(
            "BadRequest",
            f"The items of ForEach are of type '{type_name(items)}', expected Array.",
        )
    if len(items) > _MOST_ITEMS:
        raise ActivityFailure(
            "BadRequest",
            f"The items of ForEach number {len(items)}, the most allowed is {_MOST_ITEMS}.",
        )

    def iterate(numbered: tuple[int, Value]) -> Outcome:
        index, item = numbered
        scope = frame.scope.with_reference("item", constant("item", item))
        return _inner(
            frame,
            "activities",
            scope,
            Results(frame.results),
            f"{frame.iteration}{frame.activity.name}[{index}]",
        )

    sequential = frame.properties.get("isSequential") is True
    workers = 1 if sequential else int(frame.properties.get("batchCount") or _DEFAULT_BATCH)
    with ThreadPoolExecutor(max_workers=max(1, min(workers, len(items))), thread_name_prefix="for-each") as pool:
        outcomes = list(pool.map(iterate, enumerate(items)))
    for outcome in outcomes:
        _raise_failure(outcome)
    return {"ItemsCount": len(items)}


def _branch(frame: Frame, branch: str) -> None:
    results = Results(frame.results)
    outcome = _inner(frame, branch, frame.scope, results, frame.iteration)
    frame.results.add(results)
    _raise_failure(outcome)


def _if_condition(frame: Frame) -> Mapping[str, Any]:
    verdict = frame.properties["expression"]
    if not isinstance(verdict, bool):
        raise ActivityFailure(
            "BadRequest",
            f"The expression of IfCondition gave '{to_text(verdict)}', expected a Boolean.",
        )
    _branch(frame, "ifTrueActivities" if verdict else "ifFalseActivities")
    return {}


def _switch(frame: Frame) -> Mapping[str, Any]:
    on, cases = to_text(frame.properties["on"]), frame.activity.branches
    chosen = next(
        (f"cases/{index}" for index, value in enumerate(frame.activity.case_values) if value == on),
        "defaultActivities",
    )
    if chosen in cases:
        _branch(frame, chosen)
    return {}


def _until(frame: Frame) -> Mapping[str, Any]:
    cancellation = frame.cancellation.narrowed(frame.timeout_seconds())
    count = 0
    while True:
        cancellation.check()
        count += 1
        results = Results(frame.results)
        iteration = f"{frame.iteration}{frame.activity.name}[{count - 1}]"
        activities = frame.activity.branches.get("activities", ())
        outcome = frame.context.run_list(frame.context, activities, frame.scope, results, cancellation, iteration)
        verdict = evaluate(
            frame.properties["expression"],
            frame.scope.with_reference("activity", results.reference),
        )
        if not isinstance(verdict, bool):
            raise ActivityFailure(
                "BadRequest",
                f"The expression of Until gave '{to_text(verdict)}', expected a Boolean.",
            )
        if verdict:
            frame.results.add(results)
            _raise_failure(outcome)
            return {"IterationCount": count}


CONTAINERS: dict[str, Callable[[Frame], Mapping[str, Any]]] = {
    "ForEach": _for_each,
    "IfCondition": _if_condition,
    "Switch": _switch,
    "Until": _until,
}
