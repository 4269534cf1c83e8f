"""What is wrong with a pipeline before it runs: names, dependencies, nesting and every expression in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline_runtime.activity_types import CONDITIONS, LOOPS, RETURN_VALUE
from pipeline_runtime.definition import PARAMETER_TYPES, Activity, Pipeline, escape
from pipeline_runtime.errors import Problem
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.evaluator import wrong_calls
from pipeline_runtime.expressions.parser import holds_expression, parse_template
from pipeline_runtime.expressions.syntax import (
    Access,
    Call,
    Embedded,
    Literal,
    Node,
    walk,
)
from pipeline_runtime.expressions.values import type_name
from pipeline_runtime.parameters import coerce, fits_variable

PIPELINE_PROPERTIES = (
    "DataFactory",
    "Pipeline",
    "RunId",
    "GroupId",
    "TriggerType",
    "TriggerId",
    "TriggerName",
    "TriggerTime",
    "TriggeredByPipelineName",
    "TriggeredByPipelineRunId",
    "parameters",
)
FACTORY_PROPERTIES = (*PIPELINE_PROPERTIES, "globalParameters")
"""Those of `pipeline()` in a factory of Data Factory, which alone has parameters of its own."""
_MOST_ITEMS_AT_ONCE = 50


@dataclass(frozen=True)
class _Place:
    """Where an expression stands: the activities whose output it may use, the loop item, and the containers around.

    `activity()` finds an activity whose name is spelled in another case, so `ancestors` are in lower case.
    """

    activity: str
    ancestors: frozenset[str] = frozenset()
    item: bool = False
    inside: tuple[str, ...] = ()


def check_pipeline(pipeline: Pipeline, properties: Sequence[str] = PIPELINE_PROPERTIES) -> list[Problem]:
    """Every problem of a pipeline that was read; empty when it may run. `properties` are those of `pipeline()`."""
    return list(_Checks(pipeline, properties).problems())


class _Checks:
    def __init__(self, pipeline: Pipeline, properties: Sequence[str]) -> None:
        self._pipeline = pipeline
        self._properties = properties
        self._names = {activity.name.lower() for activity in pipeline.all_activities()}

    def problems(self) -> Iterator[Problem]:
        yield from self._defaults()
        yield from self._duplicate_names()
        yield from self._scope(self._pipeline.activities, _Place(""))

    def _defaults(self) -> Iterator[Problem]:
        for parameter in self._pipeline.parameters.values():
            if parameter.type in PARAMETER_TYPES:
                try:
                    coerce(parameter, parameter.default)
                except ValueError as error:
                    yield Problem(f"/properties/parameters/{escape(parameter.name)}/defaultValue", str(error))
        for variable in self._pipeline.variables.values():
            if variable.default is not None and not fits_variable(variable, variable.default):
                yield Problem(
                    f"/properties/variables/{escape(variable.name)}/defaultValue",
                    f"the variable '{variable.name}' is of type {variable.type}, "
                    f"found a value of type '{type_name(variable.default)}'",
                )

    def _duplicate_names(self) -> Iterator[Problem]:
        counts = Counter(activity.name for activity in self._pipeline.all_activities())
        for activity in self._pipeline.all_activities():
            if counts[activity.name] > 1:
                yield Problem(
                    f"{activity.pointer}/name",
                    f"the activity name '{activity.name}' is used more than once",
                )

    def _scope(self, activities: Sequence[Activity], place: _Place) -> Iterator[Problem]:
        siblings = {activity.name: activity for activity in activities}
        for activity in activities:
            for index, dependency in enumerate(activity.depends_on):
                if dependency.activity not in siblings:
                    yield Problem(
                        f"{activity.pointer}/dependsOn/{index}/activity",
                        f"'{activity.name}' depends on '{dependency.activity}', which is no activity beside it",
                    )
        cycle = _cycle(siblings)
        if cycle:
            yield Problem(
                siblings[cycle[0]].pointer,
                f"activities depend on each other in a circle: {' -> '.join(cycle)}",
            )
            return
        for activity in activities:
            before = _before(activity, siblings)
            yield from self._activity(
                activity,
                replace(place, activity=activity.name, ancestors=place.ancestors | before),
            )

    def _activity(self, activity: Activity, place: _Place) -> Iterator[Problem]:
        kind = activity.type.name
        yield from self._nesting(activity, place)
        if activity.inactive_as is not None:
            return  # https://learn.microsoft.com/azure/data-factory/deactivate-activity: it is not validated
        yield from self._specific(activity)
        filtering = kind == "Filter"
        until_names = frozenset(_names_below(activity)) if kind == "Until" else frozenset()
        for key, value in activity.properties.items():
            pointer = f"{activity.pointer}/typeProperties/{escape(key)}"
            inner = replace(place, item=place.item or (filtering and key == "condition"))
            if key == "expression":
                inner = replace(inner, ancestors=inner.ancestors | until_names)
            yield from self._values(value, pointer, inner)
        for name in ("inputs", "outputs"):
            yield from self._values(getattr(activity, name), f"{activity.pointer}/{name}", place)
        yield from self._values(activity.linked_service, f"{activity.pointer}/linkedServiceName", place)
        yield from self._values(activity.user_properties, f"{activity.pointer}/userProperties", place)
        for key, branch in activity.branches.items():
            deeper = replace(
                place,
                item=place.item or kind == "ForEach",
                inside=(*place.inside, kind),
            )
            yield from self._scope(branch, deeper)
            if not branch and kind in LOOPS:
                yield Problem(
                    f"{activity.pointer}/typeProperties/{key}",
                    f"{kind} '{activity.name}' holds no activity",
                )

    def _nesting(self, activity: Activity, place: _Place) -> Iterator[Problem]:
        """Containers where only a run refuses them: Studio does not offer them there, but has published them.

        https://learn.microsoft.com/azure/data-factory/concepts-nested-activities
        """
        kind = activity.type.name
        if kind in LOOPS and LOOPS & set(place.inside):
            yield Problem(
                activity.pointer,
                f"{kind} '{activity.name}' cannot stand inside a ForEach or Until",
                fails_at_run=True,
            )
        if kind in CONDITIONS and place.inside and place.inside[-1] in CONDITIONS:
            yield Problem(
                activity.pointer,
                f"{kind} '{activity.name}' cannot stand inside an IfCondition or Switch",
                fails_at_run=True,
            )

    def _specific(self, activity: Activity) -> Iterator[Problem]:
        kind, properties = activity.type.name, activity.properties
        pointer = f"{activity.pointer}/typeProperties"
        if kind in ("SetVariable", "AppendVariable") and not properties.get("setSystemVariable"):
            yield from self._variable(activity, pointer)
        batch = properties.get("batchCount")
        if kind == "ForEach" and isinstance(batch, int) and not 1 <= batch <= _MOST_ITEMS_AT_ONCE:
            yield Problem(
                f"{pointer}/batchCount",
                f"expected 1 to {_MOST_ITEMS_AT_ONCE}, found {batch}",
            )
        if kind == "ExecutePipeline":
            reference = properties.get("pipeline")
            if not isinstance(reference, Mapping) or not isinstance(reference.get("referenceName"), str):
                yield Problem(
                    f"{pointer}/pipeline",
                    "expected a PipelineReference with a referenceName",
                )

    def _variable(self, activity: Activity, pointer: str) -> Iterator[Problem]:
        name = activity.properties.get("variableName")
        variable = self._pipeline.variables.get(str(name).lower())
        if variable is None and activity.type.name == "SetVariable" and str(name).lower() == RETURN_VALUE.lower():
            cause = f"the pipeline has no variable '{name}'; its return value is set where 'setSystemVariable' is true"
            yield Problem(f"{pointer}/variableName", cause, fails_at_run=True)  # workspaces have published such ones
        elif variable is None:
            yield Problem(f"{pointer}/variableName", f"the pipeline has no variable '{name}'")
        elif activity.type.name == "AppendVariable" and variable.type != "Array":
            yield Problem(
                f"{pointer}/variableName",
                f"the variable '{name}' is of type {variable.type}, expected Array",
            )

    def _values(self, value: Any, pointer: str, place: _Place) -> Iterator[Problem]:
        if isinstance(value, str):
            yield from self._text(value, pointer, place)
        elif isinstance(value, Mapping):
            for key, item in value.items():
                yield from self._values(item, f"{pointer}/{escape(str(key))}", place)
        elif isinstance(value, Sequence):
            for index, item in enumerate(value):
                yield from self._values(item, f"{pointer}/{index}", place)

    def _text(self, text: str, pointer: str, place: _Place) -> Iterator[Problem]:
        if not holds_expression(text):
            return
        try:
            template = parse_template(text)
        except ExpressionError as error:
            yield Problem(pointer, str(error))
            return
        for part in template.parts:
            if isinstance(part, Embedded):
                for cause, node in self._expression(part.node, place):
                    yield Problem(pointer, f"{cause} (character {node.position + 1} of '{text}')")

    def _expression(self, node: Node, place: _Place) -> Iterator[tuple[str, Node]]:
        yield from wrong_calls(node)
        for each in walk(node):
            if isinstance(each, Call):
                yield from self._reference(each, place)
            elif isinstance(each, Access) and isinstance(each.key, Literal):
                yield from self._pipeline_property(each, str(each.key.value))

    def _reference(self, call: Call, place: _Place) -> Iterator[tuple[str, Node]]:
        name = call.name.lower()
        first = call.arguments[0] if call.arguments else None
        literal = first.value if isinstance(first, Literal) and isinstance(first.value, str) else None
        if name == "item" and not place.item:
            yield (
                "item() can only be used inside a ForEach or in the condition of a Filter",
                call,
            )
        elif name in ("dataset", "linkedservice", "trigger"):
            yield f"{call.name}() cannot be used in a pipeline", call
        elif name == "variables" and literal is not None and literal.lower() not in self._pipeline.variables:
            yield f"the pipeline has no variable '{literal}'", call
        elif name == "activity" and literal is not None:
            yield from self._activity_reference(literal, call, place)

    def _activity_reference(self, name: str, call: Call, place: _Place) -> Iterator[tuple[str, Node]]:
        if name.lower() not in self._names:
            yield f"the pipeline has no activity '{name}'", call
        elif name.lower() not in place.ancestors:
            yield (
                f"the output of activity '{name}' can't be referenced since it does not come before '{place.activity}'",
                call,
            )

    def _pipeline_property(self, access: Access, key: str) -> Iterator[tuple[str, Node]]:
        target = access.target
        if isinstance(target, Call) and target.name.lower() == "pipeline":
            if key.lower() not in (name.lower() for name in self._properties):
                yield (
                    f"pipeline() has no property '{key}'; expected one of {', '.join(self._properties)}",
                    access,
                )
        elif (
            isinstance(target, Access)
            and isinstance(target.key, Literal)
            and str(target.key.value).lower() == "parameters"
        ):
            holder = target.target
            known = {name.lower() for name in self._pipeline.parameters}
            if isinstance(holder, Call) and holder.name.lower() == "pipeline" and key.lower() not in known:
                yield f"the pipeline has no parameter '{key}'", access


def _below(activity: Activity) -> Iterator[Activity]:
    for inner in activity.inside():
        yield inner
        yield from _below(inner)


def _names_below(activity: Activity) -> Iterator[str]:
    return (inner.name.lower() for inner in _below(activity))


def _before(activity: Activity, siblings: Mapping[str, Activity]) -> frozenset[str]:
    """The activities that end before this one starts, and those inside them, by names in lower case."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [dependency.activity for dependency in activity.depends_on]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in siblings:
            continue
        seen.add(name)
        found.add(name.lower())
        if siblings[name].type.name != "ForEach":  # its activities have one result for every item
            found.update(_names_below(siblings[name]))
        waiting.extend(dependency.activity for dependency in siblings[name].depends_on)
    return frozenset(found)


def _cycle(siblings: Mapping[str, Activity]) -> list[str] | None:
    done: set[str] = set()
    for start in siblings:
        path: list[str] = []
        found = _visit(start, siblings, path, done)
        if found:
            return found
    return None


def _visit(name: str, siblings: Mapping[str, Activity], path: list[str], done: set[str]) -> list[str] | None:
    if name in path:
        return [*path[path.index(name) :], name]
    if name in done or name not in siblings:
        return None
    path.append(name)
    for dependency in siblings[name].depends_on:
        found = _visit(dependency.activity, siblings, path, done)
        if found:
            return found
    path.pop()
    done.add(name)
    return None
