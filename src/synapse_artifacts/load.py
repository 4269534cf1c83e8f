"""A folder in Studio's Git layout -> artifacts; everything that is wrong with its files is told at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synapse_artifacts.documents import KINDS, Artifact
from synapse_artifacts.errors import ArtifactErrors, Problem
from synapse_artifacts.positions import Places, RepeatedKeysError, parse, places_of

_WITHOUT_PROPERTIES = frozenset({"factory", "managedVirtualNetwork"})
_DATA_FLOW_TYPES = frozenset({"MappingDataFlow", "Flowlet", "WranglingDataFlow"})
_TRIGGER_TYPES = frozenset(
    {
        "ScheduleTrigger",
        "TumblingWindowTrigger",
        "BlobEventsTrigger",
        "CustomEventsTrigger",
        "RerunTumblingWindowTrigger",
        "ChainingTrigger",
    }
)


@dataclass(frozen=True)
class Workspace:
    """The artifacts of a folder, sorted by kind and name."""

    folder: Path
    artifacts: tuple[Artifact, ...]

    @property
    def documents(self) -> dict[str, Mapping[str, Any]]:
        """The documents by artifact id (`pipeline/ingest_patients`)."""
        return {artifact.id: artifact.document for artifact in self.artifacts}

    def find(self, kind: str, name: str) -> Artifact | None:
        """The artifact of a kind and name; upper and lower case are one."""
        key = f"{kind}/{name}".lower()
        return next((artifact for artifact in self.artifacts if artifact.key == key), None)


def load_folder(folder: Path) -> Workspace:
    """The workspace of a folder. Raises ArtifactErrors with every problem of every file."""
    workspace, problems = read_folder(folder)
    if problems:
        raise ArtifactErrors(problems)
    return workspace


def read_folder(folder: Path) -> tuple[Workspace, list[Problem]]:
    """The artifacts that can be read, and the problems of the files.

    Files beside the kinds' folders (`README.md`, `publish_config.json`) and hidden folders are not looked at.
    """
    if not folder.is_dir():
        return Workspace(folder, ()), [
            Problem(
                "reading",
                str(folder),
                "there is no such folder",
                expected="a folder with linkedService/, pipeline/ …",
            )
        ]
    artifacts: list[Artifact] = []
    problems: list[Problem] = []
    for inside in sorted(folder.iterdir()):
        if not inside.is_dir() or inside.name.startswith("."):
            continue
        files = sorted(inside.glob("*.json"))
        if inside.name in KINDS:
            for file in files:
                artifact, found = _read_file(inside.name, file)
                problems.extend(found)
                artifacts.extend([artifact] if artifact else [])
        elif files:
            problems.append(_unknown_kind(inside))
    problems.extend(_same_names(artifacts))
    ordered = sorted(artifacts, key=lambda artifact: (KINDS.index(artifact.kind), artifact.key))
    return Workspace(folder, tuple(ordered)), problems


def places_in(file: Path) -> Places:
    """Where the values of an artifact's file stand."""
    return places_of(_text(file))


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8-sig")


def _unknown_kind(folder: Path) -> Problem:
    close = next(
        (kind for kind in KINDS if kind.lower() == folder.name.lower().rstrip("s")),
        None,
    )
    return Problem(
        "reading",
        f"folder {folder.name}",
        "no kind of artifact is kept in a folder of this name",
        folder,
        expected=f"one of {', '.join(KINDS)}",
        hint=f"rename it to {close}" if close else "",
    )


def _read_file(kind: str, file: Path) -> tuple[Artifact | None, list[Problem]]:
    subject = f"{kind}/{file.stem}"
    try:
        text = _text(file)
        document = parse(text)
    except UnicodeDecodeError as error:
        return None, [
            Problem(
                "reading",
                subject,
                f"the file is not UTF-8 (byte {error.start + 1})",
                file,
            )
        ]
    except json.JSONDecodeError as error:
        cause = f"the file is no JSON: {error.msg}"
        return None, [Problem("reading", subject, cause, file, line=error.lineno, column=error.colno)]
    except RepeatedKeysError:
        return None, list(_repeated_keys(subject, file, text))
    if not isinstance(document, Mapping):
        return None, [
            Problem(
                "reading",
                subject,
                "the file holds no object",
                file,
                expected='{"name", "properties"}',
            )
        ]
    problems = list(_shape_problems(kind, subject, file, document, text))
    name = document.get("name")
    return Artifact(kind, name if isinstance(name, str) and name else file.stem, document, file), problems


def _repeated_keys(subject: str, file: Path, text: str) -> Iterator[Problem]:
    for repeated in places_of(text).repeated:
        yield Problem(
            "reading",
            subject,
            f"the key '{repeated.key}' stands twice in one object",
            file,
            repeated.pointer,
            repeated.position.line,
            repeated.position.column,
            expected="each key once",
        )


def _shape_problems(kind: str, subject: str, file: Path, document: Mapping[str, Any], text: str) -> Iterator[Problem]:
    places: Places | None = None

    def problem(pointer: str, cause: str, expected: str, hint: str = "") -> Problem:
        nonlocal places
        places = places or places_of(text)
        position = places.find(pointer)
        line, column = (position.line, position.column) if position else (None, None)
        return Problem("reading", subject, cause, file, pointer, line, column, expected, hint)

    name = document.get("name")
    if not isinstance(name, str) or not name:
        yield problem("/name", "the artifact has no name", f"'name': '{file.stem}'")
    elif name != file.stem:
        cause = f"the name '{name}' is not the file's name '{file.stem}'"
        yield problem("/name", cause, f"'{file.stem}', or a file {name}.json")
    properties = document.get("properties")
    if not isinstance(properties, Mapping):
        if kind in _WITHOUT_PROPERTIES and "properties" not in document:
            return
        yield problem("/properties", "the artifact has no properties", '{"name", "properties"}')
        return
    shown = _kind_of(properties)
    if shown is not None and shown != kind:
        yield problem(
            "/properties",
            f"the file is in the folder of another kind: it holds a {shown}",
            f"a {kind}",
            f"move it to {shown}/",
        )


def _kind_of(properties: Mapping[str, Any]) -> str | None:
    """The kind that properties are unmistakably of; None when they might be of several."""
    kind = properties.get("type")
    if isinstance(properties.get("activities"), Sequence) and kind is None:
        return "pipeline"
    if kind in _DATA_FLOW_TYPES:
        return "dataflow"
    if kind in _TRIGGER_TYPES:
        return "trigger"
    if kind in ("SelfHosted", "Managed") and "linkedServiceName" not in properties:
        return "integrationRuntime"
    service = properties.get("linkedServiceName")
    if isinstance(service, Mapping) and isinstance(kind, str) and "referenceName" in service:
        return "dataset"
    return None


def _same_names(artifacts: Sequence[Artifact]) -> Iterator[Problem]:
    first: dict[str, Artifact] = {}
    for artifact in artifacts:
        other = first.setdefault(artifact.key, artifact)
        if other is not artifact and artifact.file is not None:
            cause = f"the name is taken by {other.file} (upper and lower case are one)"
            position = places_in(artifact.file).find("/name")
            line, column = (position.line, position.column) if position else (None, None)
            expected = "a name of its own"
            yield Problem("reading", artifact.id, cause, artifact.file, "/name", line, column, expected)
