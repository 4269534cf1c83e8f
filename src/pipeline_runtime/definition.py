"""A pipeline document as frozen records. Reading never evaluates; `checks.py` finds what is wrong with the whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from pipeline_runtime.activity_types import ACTIVITY_TYPES, ActivityType
from pipeline_runtime.errors import Problem

DEPENDENCY_CONDITIONS = ("Succeeded", "Failed", "Skipped", "Completed")
PARAMETER_TYPES = ("string", "securestring", "int", "float", "bool", "array", "object")
VARIABLE_TYPES = ("String", "Boolean", "Integer", "Array")
_MOST_NAMES = 4
# As .NET reads a TimeSpan, whose parts may have one digit and whose seconds may be left out.
_TIMEOUT = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d{1,7})?)?")
_ACTIVITY_KEYS = frozenset(
    [
        "name",
        "type",
        "description",
        "dependsOn",
        "userProperties",
        "typeProperties",
        "policy",
        "inputs",
        "outputs",
        "linkedServiceName",
        "state",
        "onInactiveMarkAs",
    ]
)
_OWN_KEYS = {"SqlPoolStoredProcedure": frozenset({"sqlPool"})}
"""What activities of one type only have beside their typeProperties."""
_PROPERTIES_KEYS = frozenset(
    [
        "activities",
        "parameters",
        "variables",
        "annotations",
        "description",
        "folder",
        "concurrency",
        "policy",
        "lastPublishTime",
        "lastModifiedByObjectId",
        "runDimensions",
    ]
)
_POLICY_KEYS = frozenset(["timeout", "retry", "retryIntervalInSeconds", "secureInput", "secureOutput"])


@dataclass(frozen=True)
class Dependency:
    """A sibling activity and the outcomes of it that let the activity run."""

    activity: str
    conditions: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """How an execution activity is tried. Values may be expressions; durations are `d.hh:mm:ss` text or seconds."""

    timeout: Any = "0.12:00:00"
    retry: Any = 0
    retry_interval_seconds: Any = 30
    secure_input: bool = False
    secure_output: bool = False


@dataclass(frozen=True)
class Activity:
    """One activity; `branches` holds the activities inside it by their key (`cases/0` for the first case)."""

    name: str
    type: ActivityType
    pointer: str
    depends_on: tuple[Dependency, ...] = ()
    policy: Policy = Policy()
    inactive_as: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    inputs: Sequence[Any] = ()
    outputs: Sequence[Any] = ()
    linked_service: Mapping[str, Any] | None = None
    user_properties: Sequence[Any] = ()
    branches: Mapping[str, tuple[Activity, ...]] = field(default_factory=dict)
    case_values: Sequence[str] = ()

    def inside(self) -> Iterator[Activity]:
        """The activities directly inside this one."""
        for branch in self.branches.values():
            yield from branch


@dataclass(frozen=True)
class Parameter:
    """A parameter of a pipeline; `default` is None when there is none (`has_default`)."""

    name: str
    type: str
    has_default: bool = False
    default: Any = None


@dataclass(frozen=True)
class Variable:
    """A variable of a pipeline with its type as written in VARIABLE_TYPES."""

    name: str
    type: str
    default: Any = None


@dataclass(frozen=True)
class Pipeline:
    """A pipeline that has been read; `concurrency` is the most runs at a time, None for no bound.

    `variables` are by their names in lower case: Azure does not tell upper from lower case in them.
    """

    name: str
    activities: tuple[Activity, ...]
    parameters: Mapping[str, Parameter]
    variables: Mapping[str, Variable]
    concurrency: int | None = None
    annotations: Sequence[Any] = ()

    def all_activities(self) -> Iterator[Activity]:
        """Every activity, those inside others too."""
        stack = list(reversed(self.activities))
        while stack:
            activity = stack.pop()
            yield activity
            stack.extend(reversed(list(activity.inside())))


def seconds_of_timeout(text: str) -> int:
    """The seconds of `d.hh:mm:ss`, `hh:mm:ss` or `hh:mm`; raises ValueError for other text."""
    match = _TIMEOUT.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not a duration; expected d.hh:mm:ss, for example 0.12:00:00")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


class Reader:
    """Reads one document; collects problems of its shape instead of stopping at the first.

    `activity_types` are the types that count as known: those that can run, unless told otherwise.
    """

    def __init__(self, activity_types: Mapping[str, ActivityType] = ACTIVITY_TYPES) -> None:
        self.problems: list[Problem] = []
        self._activity_types = activity_types

    def pipeline(self, name: str, document: Mapping[str, Any]) -> Pipeline:
        """The records of a document in the Git layout (`{"name", "properties"}`)."""
        properties = document.get("properties")
        if not isinstance(properties, Mapping):
            self._problem("/properties", "expected an object")
            properties = {}
        self._unknown_keys(properties, _PROPERTIES_KEYS, "/properties", "property")
        activities = self._activities(properties.get("activities", []), "/properties/activities")
        concurrency = properties.get("concurrency")
        return Pipeline(
            name=name,
            activities=activities,
            parameters=self._parameters(properties.get("parameters") or {}),
            variables=self._variables(properties.get("variables") or {}),
            concurrency=concurrency if isinstance(concurrency, int) and concurrency > 0 else None,
            annotations=properties.get("annotations") or [],
        )

    def _problem(self, pointer: str, cause: str) -> None:
        self.problems.append(Problem(pointer, cause))

    def _unknown(self, pointer: str, cause: str) -> None:
        """A property that is not described here: Azure keeps it, a run here cannot know what it would do."""
        self.problems.append(Problem(pointer, cause, is_ignored=True))

    def _unknown_keys(self, value: Mapping[str, Any], known: frozenset[str], pointer: str, word: str) -> None:
        for key in value:
            if key not in known:
                self._unknown(
                    f"{pointer}/{escape(key)}",
                    f"unknown {word} '{key}'; expected one of {', '.join(sorted(known))}",
                )

    def _parameters(self, value: Any) -> dict[str, Parameter]:
        result: dict[str, Parameter] = {}
        for name, spec in self._entries(value, "/properties/parameters"):
            kind = str(spec.get("type", "")).lower()
            if kind not in PARAMETER_TYPES:
                self._problem(
                    f"/properties/parameters/{escape(name)}/type",
                    f"unknown parameter type '{spec.get('type')}'; expected one of {', '.join(PARAMETER_TYPES)}",
                )
            result[name] = Parameter(name, kind, "defaultValue" in spec, spec.get("defaultValue"))
        return result

    def _variables(self, value: Any) -> dict[str, Variable]:
        result: dict[str, Variable] = {}
        by_lower = {kind.lower(): kind for kind in VARIABLE_TYPES} | {
            "bool": "Boolean",
            "int": "Integer",
        }
        for name, spec in self._entries(value, "/properties/variables"):
            kind = by_lower.get(str(spec.get("type", "")).lower())
            if kind is None:
                self._problem(
                    f"/properties/variables/{escape(name)}/type",
                    f"unknown variable type '{spec.get('type')}'; expected one of {', '.join(VARIABLE_TYPES)}",
                )
            result[name.lower()] = Variable(name, kind or "String", spec.get("defaultValue"))
        return result

    def _entries(self, value: Any, pointer: str) -> list[tuple[str, Mapping[str, Any]]]:
        if not isinstance(value, Mapping):
            self._problem(pointer, "expected an object")
            return []
        for name, spec in value.items():
            if not isinstance(spec, Mapping):
                self._problem(f"{pointer}/{escape(str(name))}", "expected an object with a type")
        return [(str(name), spec) for name, spec in value.items() if isinstance(spec, Mapping)]

    def _activities(self, value: Any, pointer: str, inside_inactive: bool = False) -> tuple[Activity, ...]:
        if not isinstance(value, list):
            self._problem(pointer, "expected an array of activities")
            return ()
        read = [self._activity(each, f"{pointer}/{index}", inside_inactive) for index, each in enumerate(value)]
        return tuple(activity for activity in read if activity is not None)

    def _activity(self, value: Any, pointer: str, inside_inactive: bool) -> Activity | None:
        if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
            self._problem(pointer, "expected an activity with a name and a type")
            return None
        kind = self._type(value.get("type"), f"{pointer}/type")
        self._unknown_keys(value, _ACTIVITY_KEYS | _OWN_KEYS.get(kind.name, frozenset()), pointer, "property")
        state = value.get("state", "Active")
        if state not in ("Active", "Inactive"):
            self._problem(f"{pointer}/state", f"unknown state '{state}'; expected Active or Inactive")
        properties = _as_spelled(value.get("typeProperties") or {}, kind)
        is_inactive = inside_inactive or state == "Inactive"
        if not is_inactive:
            self._check_type_properties(properties, kind, f"{pointer}/typeProperties")
        properties = properties if isinstance(properties, Mapping) else {}
        return Activity(
            name=value["name"],
            type=kind,
            pointer=pointer,
            depends_on=self._dependencies(value.get("dependsOn") or [], f"{pointer}/dependsOn"),
            policy=self._policy(value.get("policy"), f"{pointer}/policy"),
            inactive_as=value.get("onInactiveMarkAs", "Succeeded") if is_inactive else None,
            properties={key: each for key, each in properties.items() if key not in kind.branches},
            inputs=self._list(value.get("inputs"), f"{pointer}/inputs"),
            outputs=self._list(value.get("outputs"), f"{pointer}/outputs"),
            linked_service=value.get("linkedServiceName"),
            user_properties=self._list(value.get("userProperties"), f"{pointer}/userProperties"),
            branches=self._branches(properties, kind, f"{pointer}/typeProperties", is_inactive),
            case_values=tuple(str(case.get("value")) for case in _cases(properties) if isinstance(case, Mapping)),
        )

    def _type(self, name: Any, pointer: str) -> ActivityType:
        """The type of that name; an unknown one is a problem and holds anything."""
        known = self._activity_types.get(str(name))
        if known is not None:
            return known
        names = get_close_matches(str(name), self._activity_types, n=_MOST_NAMES) or sorted(self._activity_types)
        self._problem(pointer, f"unknown activity type '{name}'; expected one of {', '.join(names)}")
        return ActivityType(str(name))

    def _list(self, value: Any, pointer: str) -> Sequence[Any]:
        if isinstance(value, list):
            return value
        if value:
            self._problem(pointer, "expected an array")
        return ()

    def _check_type_properties(self, properties: Any, kind: ActivityType, pointer: str) -> None:
        if not isinstance(properties, Mapping):
            self._problem(pointer, "expected an object")
            return
        known = frozenset(properties) if kind.properties is None else kind.properties
        for key in properties:
            if key not in known:
                self._unknown(
                    f"{pointer}/{escape(key)}",
                    f"unknown property '{key}' of activity type {kind.name}; "
                    f"expected one of {', '.join(sorted(known))}",
                )
        if kind.name == "Until":
            self._timeout(properties.get("timeout"), f"{pointer}/timeout")
        for key in sorted(kind.required - set(properties)):
            self._problem(pointer, f"the property '{key}' of activity type {kind.name} is missing")

    def _branches(
        self, properties: Mapping[str, Any], kind: ActivityType, pointer: str, is_inactive: bool
    ) -> dict[str, tuple[Activity, ...]]:
        branches: dict[str, tuple[Activity, ...]] = {}
        for key in kind.branches:
            if key == "cases":
                self._list(properties.get("cases"), f"{pointer}/cases")
                for index, case in enumerate(_cases(properties)):
                    inside = case.get("activities") if isinstance(case, Mapping) else None
                    inner = f"{pointer}/cases/{index}/activities"
                    branches[f"cases/{index}"] = self._activities(inside or [], inner, is_inactive)
            elif key in properties:
                branches[key] = self._activities(properties[key] or [], f"{pointer}/{key}", is_inactive)
        return branches

    def _dependencies(self, value: Any, pointer: str) -> tuple[Dependency, ...]:
        result: list[Dependency] = []
        for index, each in enumerate(self._list(value, pointer)):
            if not isinstance(each, Mapping) or not isinstance(each.get("activity"), str):
                self._problem(f"{pointer}/{index}", "expected an activity and dependencyConditions")
                continue
            inside = f"{pointer}/{index}/dependencyConditions"
            conditions = tuple(str(one) for one in self._list(each.get("dependencyConditions"), inside))
            for condition in conditions:
                if condition not in DEPENDENCY_CONDITIONS:
                    self._problem(
                        inside, f"unknown condition '{condition}'; expected one of {', '.join(DEPENDENCY_CONDITIONS)}"
                    )
            result.append(Dependency(each["activity"], conditions or ("Succeeded",)))
        return tuple(result)

    def _policy(self, value: Any, pointer: str) -> Policy:
        if value is None:
            return Policy()
        if not isinstance(value, Mapping):
            self._problem(pointer, "expected an object")
            return Policy()
        self._unknown_keys(value, _POLICY_KEYS, pointer, "policy")
        self._timeout(value.get("timeout"), f"{pointer}/timeout")
        self._count(value.get("retry"), f"{pointer}/retry")
        self._count(value.get("retryIntervalInSeconds"), f"{pointer}/retryIntervalInSeconds")
        for key in ("secureInput", "secureOutput"):
            if not isinstance(value.get(key, False), bool) and not _is_expression(value[key]):
                self._problem(f"{pointer}/{key}", f"expected true or false, found '{value[key]}'")
        return Policy(
            timeout=value.get("timeout", Policy.timeout),
            retry=value.get("retry", 0),
            retry_interval_seconds=value.get("retryIntervalInSeconds", 30),
            secure_input=value.get("secureInput") is True,
            secure_output=value.get("secureOutput") is True,
        )

    def _timeout(self, value: Any, pointer: str) -> None:
        if value is None or _is_expression(value):
            return
        try:
            seconds_of_timeout(str(value))
        except ValueError as error:
            self._problem(pointer, str(error))

    def _count(self, value: Any, pointer: str) -> None:
        if value is None or _is_expression(value):
            return
        number = int(value) if isinstance(value, str) and value.isdecimal() else value
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            self._problem(pointer, f"expected an integer, not below 0, found '{value}'")


def _as_spelled(properties: Any, kind: ActivityType) -> Any:
    """The properties by the names of the table: Azure reads them in any case.

    Studio writes `dataflow`, the interface and its clients `dataFlow`.
    """
    if not isinstance(properties, Mapping) or kind.properties is None:
        return properties
    spelled = {name.lower(): name for name in kind.properties}
    return {spelled.get(str(key).lower(), key): item for key, item in properties.items()}


def _cases(properties: Mapping[str, Any]) -> list[Any]:
    cases = properties.get("cases")
    return cases if isinstance(cases, list) else []


def _is_expression(value: Any) -> bool:
    """True for what gets its value in a run."""
    inner = value.get("value") if isinstance(value, Mapping) and value.get("type") == "Expression" else value
    return isinstance(inner, str) and (inner.startswith("@") or "@{" in inner)


def escape(key: str) -> str:
    """A key as one token of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
