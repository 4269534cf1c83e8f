"""Old inputs against new ones: every changed path, and whether it needs another resource."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from azure_native_standin.resource_types import ResourceType
from azure_native_standin.translation import same_location
from provider_wire.verbs import Change, DiffAnswer

_PLAIN = re.compile(r"[A-Za-z_][\w-]*")


def diff(resource_type: ResourceType, old: Mapping[str, Any], new: Mapping[str, Any]) -> DiffAnswer:
    """The changes of a resource; a replacement under the same name has to delete first."""
    changes: dict[str, Change] = {}
    for path, kind in _changes(old, new, ""):
        if path == "location" and same_location(old.get("location"), new.get("location")):
            continue
        changes[path] = Change(f"{kind.value}-replace") if _is_fixed(resource_type, path) else kind
    names_change = any(path in resource_type.path_properties for path in changes)
    replaces = any(change.replaces for change in changes.values())
    return DiffAnswer(changes, delete_before_replace=replaces and not names_change, stable=_stable(resource_type))


def _stable(resource_type: ResourceType) -> tuple[str, ...]:
    """Outputs that no update changes: name and type, and what is fixed."""
    return ("name", "type", *(path for path in resource_type.fixed_properties if "." not in path))


def _is_fixed(resource_type: ResourceType, path: str) -> bool:
    fixed = {*resource_type.path_properties, "location", *resource_type.fixed_properties}
    return any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in fixed)


def _changes(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Change]]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        yield from _value_changes(before, after, _path(prefix, name))


def _value_changes(before: Any, after: Any, path: str) -> Iterator[tuple[str, Change]]:
    if before == after and type(before) is type(after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _changes(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            first = before[index] if index < len(before) else None
            second = after[index] if index < len(after) else None
            yield from _value_changes(first, second, f"{path}[{index}]")
    elif before is None:
        yield path, Change.ADD
    elif after is None:
        yield path, Change.DELETE
    elif before != after:
        yield path, Change.UPDATE


def _path(prefix: str, name: str) -> str:
    if not _PLAIN.fullmatch(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'{prefix}["{escaped}"]'
    return f"{prefix}.{name}" if prefix else name
