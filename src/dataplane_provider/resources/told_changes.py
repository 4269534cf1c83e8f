"""What differs between two sets of documents, told beside the resource with both values, a line for each JSON path."""

import json
from collections.abc import Mapping
from typing import Any

from dataplane_provider.masking import MASK, masked
from dataplane_provider.resources.artifact_graph import differences_of
from dataplane_provider.resources.masked_secrets import secure_values
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
    changes = differences_of(key, old[key], new[key])
    secret = frozenset(secure_values(old[key])) | frozenset(secure_values(new[key])) if changes else frozenset()
    return [_line(key + change.path, change.old, change.new, secret) for change in changes]


def _line(path: str, old: Any, new: Any, secret: frozenset[str]) -> str:
    name = path.rpartition(".")[2]
    before, after = (None if value is None else _text(name, value, secret) for value in (old, new))
    if before is None:
        return f"+ {path}: {after}"
    return f"- {path}: {before}" if after is None else f"~ {path}: {before} => {after}"


def _text(name: str, value: Any, secret: frozenset[str]) -> str:
    """The value in JSON; what its name, its form or its type says to be a secret is hidden."""
    if isinstance(value, str) and value in secret:
        value = MASK
    beside = json.dumps({name: None}).removesuffix("null}")
    text = masked(json.dumps({name: value}, ensure_ascii=False)).removeprefix(beside).removesuffix("}")
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
