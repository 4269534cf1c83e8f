"""What is no difference between documents: where (kind and place), what is done there, and why.

Where a rule stems from the service's behaviour, it was seen in what the service returns for what was put
(https://learn.microsoft.com/rest/api/synapse/data-plane/pipeline/get-pipeline and its siblings; docs/verified.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from synapse_artifacts.lake_databases import TOLD_OF_ENTITIES

ABSENT = object()
"""What an action makes of a value that means nothing."""
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.0+)?(Z|[+-]00:00)?")


@dataclass(frozen=True)
class Rule:
    """What `action` makes of the values at a place of documents of a kind ("*": all); `ABSENT` removes the key.

    In a place `*` is any key or index, `**` at its beginning anything above.
    """

    kind: str
    place: tuple[str, ...]
    action: Callable[[Any], Any]
    reason: str


def _place(text: str) -> tuple[str, ...]:
    return tuple(text.split("/"))


def _absent(_: Any) -> Any:
    return ABSENT


def _absent_if(*values: Any) -> Callable[[Any], Any]:
    def action(value: Any) -> Any:
        return ABSENT if any(value == one and type(value) is type(one) for one in values) else value

    return action


def _time(value: Any) -> Any:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else found.group(1) + ("Z" if found.group(2) else "")


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _script_lines(value: Any) -> Any:
    """A script, however it is written, as lines without blanks at their ends."""
    if isinstance(value, list):
        value = "\n".join(map(str, value))
    if not isinstance(value, str):
        return value
    return [line.rstrip() for line in value.replace("\r\n", "\n").strip().split("\n")]


def _code_lines(value: Any) -> Any:
    """The lines of a cell, however they are spread over texts."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "".join(value).splitlines(keepends=True)
    return value.splitlines(keepends=True) if isinstance(value, str) else value


def _entities(value: Any) -> Any:
    """What a lake database holds by type and name, without how it came about and what the service tells of it."""
    if not isinstance(value, list):
        return value
    found = {}
    for each in value:
        entity = each.get("NewEntity") if isinstance(each, dict) else None
        if not isinstance(entity, dict):
            return value
        inner = {key: item for key, item in entity.items() if key not in _TOLD_OF_ENTITIES}
        if inner.get("RelationshipType") == 0:
            del inner["RelationshipType"]
        found[f"{entity.get('EntityType')} {entity.get('Name')}"] = inner
    return found


_TOLD_OF_ENTITIES = TOLD_OF_ENTITIES | {"Name", "EntityType"}
RULES = tuple(
    Rule(kind, _place(place), action, reason)
    for kind, place, action, reason in (
        (
            "*",
            "properties/lastPublishTime",
            _absent,
            "set by the service at each publication",
        ),
        (
            "trigger",
            "properties/runtimeState",
            _absent,
            "changed by starting and stopping, not by publishing",
        ),
        ("*", "properties/annotations", _absent_if([]), "added empty by Studio"),
        ("*", "properties/description", _absent_if(""), "an empty text says nothing"),
        ("*", "properties/parameters", _absent_if({}), "added empty by Studio"),
        ("*", "properties/parameters/*/type", _lower, "String and string are one type"),
        ("globalParameters", "properties/*/type", _lower, "String and string are one type"),
        ("pipeline", "properties/variables", _absent_if({}), "added empty by Studio"),
        (
            "pipeline",
            "properties/variables/*/type",
            _lower,
            "String and string are one type",
        ),
        ("pipeline", "properties/concurrency", _absent_if(0), "no bound"),
        ("pipeline", "properties/policy", _absent_if({}), "added empty by the service"),
        ("pipeline", "**/dependsOn", _absent_if([]), "added empty by Studio"),
        ("pipeline", "**/userProperties", _absent_if([]), "added empty by Studio"),
        ("pipeline", "**/policy/secureInput", _absent_if(False), "the default"),
        ("pipeline", "**/policy/secureOutput", _absent_if(False), "the default"),
        ("pipeline", "**/policy/retry", _absent_if(0), "the default"),
        ("pipeline", "**/policy/retryIntervalInSeconds", _absent_if(30), "the default"),
        ("pipeline", "**/policy", _absent_if({}), "nothing but defaults"),
        (
            "pipeline",
            "**/inputs/*/parameters",
            _absent_if({}),
            "added empty by the service",
        ),
        (
            "pipeline",
            "**/outputs/*/parameters",
            _absent_if({}),
            "added empty by the service",
        ),
        ("pipeline", "**/state", _absent_if("Active"), "the default"),
        ("dataset", "properties/schema", _absent_if([]), "added empty by Studio"),
        ("dataset", "properties/structure", _absent_if([]), "added empty by Studio"),
        (
            "dataset",
            "properties/linkedServiceName/parameters",
            _absent_if({}),
            "added empty by the service",
        ),
        (
            "dataflow",
            "properties/typeProperties/script",
            _script_lines,
            "text or lines are one script",
        ),
        (
            "dataflow",
            "properties/typeProperties/transformations",
            _absent_if([]),
            "added empty by Studio",
        ),
        (
            "trigger",
            "properties/pipelines/*/parameters",
            _absent_if({}),
            "added empty by the service",
        ),
        (
            "trigger",
            "properties/typeProperties/recurrence/startTime",
            _time,
            "the service adds milliseconds",
        ),
        (
            "trigger",
            "properties/typeProperties/recurrence/endTime",
            _time,
            "the service adds milliseconds",
        ),
        (
            "trigger",
            "properties/typeProperties/startTime",
            _time,
            "the service adds milliseconds",
        ),
        (
            "trigger",
            "properties/typeProperties/endTime",
            _time,
            "the service adds milliseconds",
        ),
        ("notebook", "properties/entityState", _absent, "told by the service"),
        ("notebook", "properties/renameOperationDetails", _absent, "told by the service"),
        ("notebook", "properties/metadata/sessionKeepAliveTimeout", _absent_if(0), "added by the service"),
        ("notebook", "properties/cells/*/metadata", _absent_if({}), "demanded by clients, left out by Studio"),
        ("notebook", "properties/cells/*/attachments", _absent_if({}), "added empty by clients"),
        (
            "notebook",
            "properties/cells/*/outputs",
            _absent_if([]),
            "added empty by clients; others are content",
        ),
        ("notebook", "properties/cells/*/execution_count", _absent, "counted by running, not by publishing"),
        ("notebook", "properties/cells/*/source", _code_lines, "lines or parts of lines are one text"),
        ("sqlscript", "properties/type", _absent_if("SqlQuery"), "the only type there is"),
        ("kqlscript", "properties/content/currentConnection", _absent_if({}), "added empty by clients"),
        ("sparkConfiguration", "properties/created", _absent, "when Studio made it, not what it says"),
        ("sparkConfiguration", "properties/createdBy", _absent, "who made it in Studio, not what it says"),
        ("sparkConfiguration", "properties/configMergeRule", _absent_if({}), "added empty by Studio"),
        ("sparkJobDefinition", "properties/jobProperties/args", _absent_if([]), "added empty by Studio"),
        ("sparkJobDefinition", "properties/jobProperties/jars", _absent_if([]), "added empty by Studio"),
        ("sparkJobDefinition", "properties/jobProperties/files", _absent_if([]), "added empty by Studio"),
        ("sparkJobDefinition", "properties/jobProperties/archives", _absent_if([]), "added empty by Studio"),
        ("database", "properties/Ddls", _entities, "in Git as statements, told by the service as what there is"),
    )
)
