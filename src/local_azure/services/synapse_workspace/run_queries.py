"""Queries over the records of runs: a window of time, filters, an order, pages.

https://learn.microsoft.com/rest/api/datafactory/pipeline-runs/query-by-factory
https://learn.microsoft.com/rest/api/datafactory/activity-runs/query-by-pipeline-run
https://learn.microsoft.com/rest/api/datafactory/trigger-runs/query-by-factory
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local_azure.services.synapse_workspace.errors import bad_request
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.timestamp_texts import parse_timestamp
from pipeline_runtime.expressions.timestamps import Timestamp

_PAGE = 100
"""Runs in one page of an answer."""
_LATEST_ONLY = "LatestOnly"


@dataclass(frozen=True)
class RunKind:
    """What runs of a kind are asked by; each operand names the property of a record in another spelling."""

    start: str
    """The property with the moment at which a run began."""
    updated: tuple[str, ...]
    """Properties with the moment of the last change; the first that there is counts."""
    ordered_by: frozenset[str]
    filtered_by: frozenset[str]


_OF_PIPELINES = frozenset({"PipelineName", "RunStart", "RunEnd", "Status"})
_OF_ACTIVITIES = frozenset({"ActivityName", "ActivityRunStart", "ActivityRunEnd", "Status"})
_OF_TRIGGERS = frozenset({"TriggerName", "TriggerRunTimestamp", "Status"})
PIPELINE_RUNS = RunKind("runStart", ("lastUpdated",), _OF_PIPELINES, _OF_PIPELINES | {"RunGroupId", _LATEST_ONLY})
ACTIVITY_RUNS = RunKind(
    "activityRunStart", ("activityRunEnd", "activityRunStart"), _OF_ACTIVITIES, _OF_ACTIVITIES | {"ActivityType"}
)
TRIGGER_RUNS = RunKind("triggerRunTimestamp", ("triggerRunTimestamp",), _OF_TRIGGERS, _OF_TRIGGERS)
_OPERATORS: Mapping[str, Callable[[str, list[str]], bool]] = {
    "equals": lambda value, wanted: value == wanted[0],
    "notequals": lambda value, wanted: value != wanted[0],
    "in": lambda value, wanted: value in wanted,
    "notin": lambda value, wanted: value not in wanted,
}


def answer(records: Iterable[dict[str, Any]], request: Any, kind: RunKind) -> dict[str, Any]:
    """The page of the records that a query body asks for, and the token of the next; raises 400 for a bad body."""
    if not isinstance(request, Mapping):
        raise bad_request("The request content was invalid: expected a JSON object.")
    offset = _offset(request)
    found = _ordered(_selected(records, request, kind), request, kind)
    page: dict[str, Any] = {"value": found[offset : offset + _PAGE]}
    return page | ({"continuationToken": str(offset + _PAGE)} if offset + _PAGE < len(found) else {})


def _offset(request: Mapping[str, Any]) -> int:
    token = request.get("continuationToken")
    if token is None:
        return 0
    if not isinstance(token, str) or not token.isdecimal():
        raise bad_request(f"The continuationToken '{token}' is not one that an answer gave.")
    return int(token)


def _selected(records: Iterable[dict[str, Any]], request: Mapping[str, Any], kind: RunKind) -> list[dict[str, Any]]:
    after, before = _moment(request, "lastUpdatedAfter"), _moment(request, "lastUpdatedBefore")
    conditions = [_condition(each, kind) for each in request.get("filters") or []]
    return [
        record
        for record in records
        if after <= _updated(record, kind) <= before and all(holds(record) for holds in conditions)
    ]


def _ordered(found: list[dict[str, Any]], request: Mapping[str, Any], kind: RunKind) -> list[dict[str, Any]]:
    for each in reversed(request.get("orderBy") or [{"orderBy": kind.start, "order": "ASC"}]):
        name, direction = _known(each, "orderBy", kind.ordered_by), str(each.get("order", "")).upper()
        if direction not in ("ASC", "DESC"):
            raise bad_request(f"The order '{each.get('order')}' is not supported; expected ASC or DESC.")
        key = _property(name)
        found.sort(key=lambda record, key=key: str(record.get(key) or ""), reverse=direction == "DESC")  # type: ignore[misc]
    return found


def _condition(condition: Mapping[str, Any], kind: RunKind) -> Callable[[Mapping[str, Any]], bool]:
    operand, operator = _known(condition, "operand", kind.filtered_by), str(condition.get("operator"))
    values = [str(value) for value in condition.get("values") or []]
    holds = _OPERATORS.get(operator.lower())
    if holds is None or not values:
        raise bad_request(f"The filter with operand '{operand}' and operator '{operator}' is not supported.")
    if operand == _LATEST_ONLY:
        return lambda record: True  # nothing is run again in the group of another run, so each is the latest
    key = _property(operand)
    return lambda record: holds(str(record.get(key)), values)


def _known(given: Mapping[str, Any], key: str, names: frozenset[str]) -> str:
    """The name under a key in its own spelling; raises 400 for one that runs of the kind are not asked by."""
    text = str(given.get(key))
    found = next((each for each in names if each.lower() == text.lower()), None)
    if found is None:
        raise bad_request(f"The {key} '{text}' is not supported; expected one of {', '.join(sorted(names))}.")
    return found


def _property(name: str) -> str:
    return name[0].lower() + name[1:]


def _moment(request: Mapping[str, Any], key: str) -> int:
    value = request.get(key)
    if value is None:
        raise bad_request(f"The property '{key}' is missing.")
    try:
        return parse_timestamp(str(value)).ticks
    except ExpressionError as error:
        raise bad_request(f"The property '{key}' is no timestamp: {error.cause}.") from error


def _updated(record: Mapping[str, Any], kind: RunKind) -> int:
    value = next((record[key] for key in kind.updated if record.get(key)), None)
    return parse_timestamp(str(value)).ticks if value else Timestamp(0).ticks
