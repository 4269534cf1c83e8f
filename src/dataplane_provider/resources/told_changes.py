"""What differs between two sets of documents, told beside the resource with both values, a line for each JSON path."""

import json
from collections.abc import Mapping
from typing import Any

from dataplane_provider.masking import masked
from dataplane_provider.resources.artifact_graph import differences_of
from provider_wire.values import UNKNOWN
from provider_wire.verbs import Session, Severity

_MOST_LINES = 100
_MOST_CHARACTERS = 120


def tell_changes(old: Mapping[str, Any], new: Mapping[str, Any], session: Session) -> None:
    """Log `~ pipeline/x.properties.concurrency: 1 => 2`, and whole artifacts that come or go."""
    lines = [line for key in sorted(old.keys() | new.keys()) for line in _lines(key, old, new)]
    if lines:
        more = [f"and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
        session.log(Severity.INFO, "\n".join([*lines[:_MOST_LINES], *more]))


def _lines(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    if key not in old:
        return [f"+ {key}"]
    if key not in new:
        return [f"- {key}"]
    if UNKNOWN in (old[key], new[key]):
        return [f"~ {key}: known after the deployment"]
    return [_line(key + change.path, change.old, change.new) for change in differences_of(key, old[key], new[key])]


def _line(path: str, old: Any, new: Any) -> str:
    name = path.rpartition(".")[2]
    if old is None:
        return f"+ {path}: {_text(name, new)}"
    if new is None:
        return f"- {path}: {_text(name, old)}"
    return f"~ {path}: {_text(name, old)} => {_text(name, new)}"


def _text(name: str, value: Any) -> str:
    """The value in JSON; what its name or its form says to be a secret is hidden."""
    beside = json.dumps({name: None}).removesuffix("null}")
    text = masked(json.dumps({name: value}, ensure_ascii=False)).removeprefix(beside).removesuffix("}")
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
