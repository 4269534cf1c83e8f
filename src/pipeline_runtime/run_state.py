"""What a run knows while it goes: parameter values, variables, and the results of activities by scope."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pipeline_runtime.definition import Pipeline
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.evaluator import Reference, Scope, constant
from pipeline_runtime.expressions.timestamp_formats import format_timestamp
from pipeline_runtime.expressions.timestamps import Timestamp
from pipeline_runtime.expressions.values import Value
from pipeline_runtime.ports import Ports, RunIdentity

_DEFAULTS: dict[str, Any] = {"String": "", "Boolean": False, "Integer": 0, "Array": ()}


_SHORTEST_SECRET = 8


class Secrets:
    """Texts that must not be shown: from secure parameters and secure outputs of the run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._texts: set[str] = set()

    def add(self, value: object) -> None:
        """Remember every text inside a JSON value that is long enough to be a secret, also without its quotes."""
        found = {each for text in _texts(value) for each in (text, text.strip("'\""))}
        with self._lock:
            self._texts |= {each for each in found if len(each) >= _SHORTEST_SECRET}

    def texts(self) -> frozenset[str]:
        """All of them."""
        with self._lock:
            return frozenset(self._texts)

    def hidden(self, message: str) -> str:
        """A message with all of them replaced."""
        for secret in sorted(self.texts(), key=len, reverse=True):
            message = message.replace(secret, "***")
        return message


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


class Variables:
    """The variables of a run, by name in any case; parallel branches may change them."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._lock = threading.Lock()
        self._values = {
            name: variable.default if variable.default is not None else _fresh(variable.type)
            for name, variable in pipeline.variables.items()
        }
        self.return_value: dict[str, Any] = {}

    def get(self, arguments: Sequence[Value]) -> Value:
        """`variables('name')`."""
        if len(arguments) != 1 or not isinstance(arguments[0], str):
            raise ExpressionError("the function 'variables' takes the name of a variable")
        with self._lock:
            if arguments[0].lower() not in self._values:
                raise ExpressionError(f"the pipeline has no variable '{arguments[0]}'")
            value: Value = self._values[arguments[0].lower()]
            return value

    def set(self, name: str, value: Any) -> None:
        """Give a variable a value."""
        with self._lock:
            self._values[name.lower()] = value

    def append(self, name: str, value: Any) -> None:
        """Add an element to an array variable."""
        with self._lock:
            self._values[name.lower()] = [*self._values[name.lower()], value]


def _fresh(kind: str) -> Any:
    default = _DEFAULTS[kind]
    return list(default) if kind == "Array" else default


@dataclass
class Results:
    """Results of activities by name, in any case; an inner scope sees those outside it."""

    outer: Results | None = None
    own: dict[str, Mapping[str, Any]] = field(default_factory=dict, init=False)

    def find(self, name: str) -> Mapping[str, Any] | None:
        """The result object of an activity, or None when it has none (yet)."""
        if name.lower() in self.own:
            return self.own[name.lower()]
        return self.outer.find(name) if self.outer else None

    def keep(self, name: str, result: Mapping[str, Any]) -> None:
        """The result object of an activity of this scope; a later one replaces it."""
        self.own[name.lower()] = result

    def add(self, inner: Results) -> None:
        """Results of a container's activities, which those after the container may use as well."""
        self.own.update(inner.own)

    def reference(self, arguments: Sequence[Value]) -> Value:
        """`activity('name')`."""
        if len(arguments) != 1 or not isinstance(arguments[0], str):
            raise ExpressionError("the function 'activity' takes the name of an activity")
        found = self.find(arguments[0])
        if found is None:
            raise ExpressionError(f"the activity '{arguments[0]}' has no result: it was not run before this one")
        return found


def pipeline_reference(run: RunIdentity, parameters: Mapping[str, Any]) -> Reference:
    """`pipeline()` of a run."""
    of_factory = {} if run.global_parameters is None else {"globalParameters": dict(run.global_parameters)}
    return constant(
        "pipeline",
        {
            "DataFactory": run.workspace,
            "Pipeline": run.pipeline,
            "RunId": run.run_id,
            "GroupId": run.group_id,
            "TriggerType": run.trigger_type,
            "TriggerId": run.trigger_id,
            "TriggerName": run.trigger_name,
            "TriggerTime": run.trigger_time,
            "TriggeredByPipelineName": run.parent_pipeline,
            "TriggeredByPipelineRunId": run.parent_run_id,
            "parameters": dict(parameters),
            **of_factory,
        },
    )


class _Surroundings:
    """Time and chance of the ports, as expressions want them."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def now(self) -> datetime:
        return self._ports.clock.now()

    def new_guid(self) -> str:
        return self._ports.chance.new_guid()

    def random_integer(self, low: int, high: int) -> int:
        return self._ports.chance.random_integer(low, high)


def root_scope(run: RunIdentity, parameters: Mapping[str, Any], variables: Variables, ports: Ports) -> Scope:
    """The scope of expressions at the top of a run; activities and items are added by the interpreter."""
    return Scope(
        _Surroundings(ports),
        {"pipeline": pipeline_reference(run, parameters), "variables": variables.get},
    )


def azure_time(moment: datetime | None) -> str | None:
    """A moment as the service prints it: seven fraction digits and Z."""
    return None if moment is None else format_timestamp(Timestamp.of(moment.astimezone(UTC)))
