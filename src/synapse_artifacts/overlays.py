"""Values that only one environment has, laid over documents by artifact and JSON path.

An overlay changes what is there; one that matches nothing is an error, so that no override is ever dropped silently.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from synapse_artifacts.documents import Artifact, tokens_of
from synapse_artifacts.environment import Environment
from synapse_artifacts.errors import ArtifactErrors, Problem
from synapse_artifacts.json_paths import JsonPath, JsonPathError
from synapse_artifacts.secret_checks import secrets_of

_DOING = "overlaying"
_INSIDE = "/properties/"


@dataclass(frozen=True)
class Overlay:
    """One value of an environment: artifact id, path in its document, and the value that stands there."""

    artifact: str
    path: JsonPath
    value: Any


def overlay_all(
    documents: Mapping[str, Mapping[str, Any]], overlays: Iterable[Overlay], environment: Environment
) -> dict[str, dict[str, Any]]:
    """Copies of all documents with the overlays' values.

    Raises ArtifactErrors with every problem: an unknown artifact, a path that leads to nothing or that an output or
    another overlay gives its value, a secret.
    """
    result = {id: copy.deepcopy(dict(document)) for id, document in documents.items()}
    problems: list[Problem] = []
    placed: dict[tuple[str, str], Overlay] = {}
    for overlay in overlays:
        try:
            pointer = pointer_of(overlay, documents)
        except ArtifactErrors as error:
            problems.extend(error.problems)
            continue
        taken = list(_taken(overlay, pointer, environment, placed))
        problems.extend(taken)
        placed[(overlay.artifact, pointer)] = overlay
        if not taken:
            set_value(result[overlay.artifact], pointer, copy.deepcopy(overlay.value))
    problems.extend(_secrets(result, placed))
    if problems:
        raise ArtifactErrors(problems)
    return result


def pointer_of(overlay: Overlay, documents: Mapping[str, Mapping[str, Any]]) -> str:
    """Where in its document an overlay's value stands. Raises ArtifactErrors if there is no such place."""
    if overlay.artifact not in documents:
        near = get_close_matches(overlay.artifact, documents, n=3, cutoff=0.5)
        expected = f"one of {', '.join(near)}" if near else "the id of an artifact, such as pipeline/name"
        raise ArtifactErrors([Problem(_DOING, overlay.artifact, "there is no such artifact", expected=expected)])
    try:
        pointer = overlay.path.pointer(documents[overlay.artifact])
    except JsonPathError as error:
        cause = f"the path {overlay.path} matches nothing: {error}"
        expected = f"one of {', '.join(error.near)}" if error.near else "a path that leads to a value"
        raise ArtifactErrors([Problem(_DOING, overlay.artifact, cause, expected=expected)]) from error
    if not pointer.startswith(_INSIDE):
        cause = f"the path {overlay.path} leads to what an artifact is, not into its properties"
        raise ArtifactErrors([Problem(_DOING, overlay.artifact, cause, expected="a path below properties")])
    return pointer


def set_value(document: dict[str, Any], pointer: str, value: Any) -> None:
    """Puts a value in the place of one that is there. Raises KeyError or IndexError if none is."""
    *path, last = tokens_of(pointer)
    holder: Any = document
    for token in path:
        holder = holder[int(token) if isinstance(holder, list) else token]
    holder[int(last) if isinstance(holder, list) else last] = value


def _taken(
    overlay: Overlay, pointer: str, environment: Environment, placed: Mapping[tuple[str, str], Overlay]
) -> Iterator[Problem]:
    for binding in environment.bindings:
        if binding.artifact == overlay.artifact and _overlap(binding.pointer, pointer):
            cause = f"the path {overlay.path} holds a value that the output '{binding.output}' gives"
            yield Problem(_DOING, overlay.artifact, cause, pointer=binding.pointer, expected="a path beside it")
    for (artifact, other), earlier in placed.items():
        if artifact == overlay.artifact and _overlap(other, pointer):
            cause = f"the paths {earlier.path} and {overlay.path} lead to the same value"
            yield Problem(_DOING, overlay.artifact, cause, pointer=pointer, expected="one of them")


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def _secrets(
    documents: Mapping[str, Mapping[str, Any]], placed: Mapping[tuple[str, str], Overlay]
) -> Iterator[Problem]:
    for id in dict.fromkeys(artifact for artifact, _ in placed):
        kind, _, name = id.partition("/")
        artifact = Artifact(kind, name, documents[id])
        for problem in secrets_of(artifact):
            if any(each == id and _overlap(pointer, problem.pointer) for each, pointer in placed):
                yield Problem(_DOING, id, problem.cause, None, problem.pointer, None, None, "", problem.hint)
