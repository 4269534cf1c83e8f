"""Control activities without activities inside: Wait, SetVariable, AppendVariable, Filter, Fail, ExecutePipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipeline_runtime.activity_types import RETURN_VALUE
from pipeline_runtime.errors import ActivityFailure
from pipeline_runtime.expressions.evaluator import constant, evaluate
from pipeline_runtime.expressions.values import Value, is_object, to_text, type_name
from pipeline_runtime.frames import Frame
from pipeline_runtime.parameters import check_variable


def _wait(frame: Frame) -> Mapping[str, Any]:
    seconds = frame.properties["waitTimeInSeconds"]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise ActivityFailure(
            "BadRequest",
            f"The waitTimeInSeconds '{seconds}' is not a number of seconds.",
        )
    frame.context.ports.clock.wait(seconds, frame.cancellation)
    return {}


def _set_variable(frame: Frame) -> Mapping[str, Any]:
    name, value = str(frame.properties["variableName"]), frame.properties["value"]
    if frame.properties.get("setSystemVariable"):
        return _set_return_value(frame, name, value)
    check_variable(frame.context.pipeline.variables[name.lower()], value)
    frame.context.variables.set(name, value)
    return {"name": name, "value": value}


def _set_return_value(frame: Frame, name: str, value: Any) -> Mapping[str, Any]:
    """Pipeline return values: a list of `{key, value: {type, content}}` under the name pipelineReturnValue."""
    if name != RETURN_VALUE or not isinstance(value, list):
        raise ActivityFailure(
            "BadRequest",
            f"A system variable must be '{RETURN_VALUE}' with an array of key and value.",
        )
    for entry in value:
        content = entry.get("value") if isinstance(entry, Mapping) else None
        kept = content["content"] if isinstance(content, Mapping) and "content" in content else content
        frame.context.variables.return_value[str(entry.get("key"))] = kept
    return {"name": name, "value": dict(frame.context.variables.return_value)}


def _append_variable(frame: Frame) -> Mapping[str, Any]:
    name, value = str(frame.properties["variableName"]), frame.properties["value"]
    frame.context.variables.append(name, value)
    return {"name": name, "value": value}


def _filter(frame: Frame) -> Mapping[str, Any]:
    items = frame.properties["items"]
    if not isinstance(items, list):
        raise ActivityFailure(
            "BadRequest",
            f"The items of Filter are of type '{type_name(items)}', expected Array.",
        )
    kept: list[Value] = []
    for item in items:
        frame.cancellation.check()
        verdict = evaluate(
            frame.properties["condition"],
            frame.scope.with_reference("item", constant("item", item)),
        )
        if not isinstance(verdict, bool):
            raise ActivityFailure(
                "BadRequest",
                f"The condition of Filter gave '{to_text(verdict)}', expected a Boolean.",
            )
        if verdict:
            kept.append(item)
    return {"ItemsCount": len(items), "FilteredItemsCount": len(kept), "Value": kept}


def _fail(frame: Frame) -> Mapping[str, Any]:
    raise ActivityFailure(to_text(frame.properties["errorCode"]), to_text(frame.properties["message"]))


def _execute_pipeline(frame: Frame) -> Mapping[str, Any]:
    reference, pipelines = frame.properties["pipeline"], frame.context.ports.pipelines
    name = str(reference["referenceName"]) if is_object(reference) else ""
    run_id = pipelines.start_child(frame.context.run, name, frame.properties.get("parameters") or {})
    output: dict[str, Any] = {"pipelineName": name, "pipelineRunId": run_id}
    if frame.properties.get("waitOnCompletion", True) is False:
        return output
    child = pipelines.await_child(run_id, frame.cancellation)
    if child.status != "Succeeded":
        message = child.message or f"The pipeline '{name}' ended with status {child.status}."
        raise ActivityFailure("BadRequest", message)
    return {**output, RETURN_VALUE: dict(child.return_value)}


CONTROL_ACTIVITIES: dict[str, Callable[[Frame], Mapping[str, Any]]] = {
    "Wait": _wait,
    "SetVariable": _set_variable,
    "AppendVariable": _append_variable,
    "Filter": _filter,
    "Fail": _fail,
    "ExecutePipeline": _execute_pipeline,
}
