"""A folder in Studio's Git layout -> artifacts; everything that is wrong with its files is told at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from azure_ids.synapse import ARTIFACT_NAME_RULE, fault_of_artifact_name
from synapse_artifacts import lake_databases
from synapse_artifacts.documents import KINDS, PUBLISHED_KINDS, REFERENCED_KINDS, Artifact
from synapse_artifacts.errors import ArtifactErrors, Problem
from synapse_artifacts.positions import (
    Places,
    Position,
    RepeatedKeysError,
    TooDeepError,
    WrongNumberError,
    parse,
    places_of,
)

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


# Folders within the folder of a kind that the service itself writes.
_INNER_FOLDERS = {
    "managedVirtualNetwork": ("*/managedPrivateEndpoint",),
    "database": tuple(f"*/{folder}" for folder in lake_databases.CHILDREN),
}
_COMMA_TOO_MANY = re.compile(r".?,\s*[}\]]", re.DOTALL)
"""Python tells the place of the comma or that of the bracket, depending on its version."""
_FOLDER_EXPECTED = "a folder with linkedService/, pipeline/ …"
_TEMPLATES = ("ARMTemplateForFactory.json", "TemplateForWorkspace.json")
"""What Studio writes to its publish branch: https://learn.microsoft.com/azure/data-factory/source-control"""


@dataclass(frozen=True)
class Workspace:
    """The artifacts of a folder, sorted by kind and name; `unreadable` are the keys of those that cannot be read."""

    folder: Path
    artifacts: tuple[Artifact, ...]
    unreadable: frozenset[str] = frozenset()

    @property
    def documents(self) -> dict[str, Mapping[str, Any]]:
        """The documents that are published, by artifact id (`pipeline/ingest_patients`)."""
        return {artifact.id: artifact.document for artifact in self.artifacts if artifact.kind in PUBLISHED_KINDS}

    @property
    def referenced(self) -> dict[str, str]:
        """By id: the artifacts that are not published but only checked and referred to, and what they are."""
        return {
            artifact.id: REFERENCED_KINDS[artifact.kind]
            for artifact in self.artifacts
            if artifact.kind in REFERENCED_KINDS
        }

    def find(self, kind: str, name: str) -> Artifact | None:
        """The artifact of a kind and name; upper and lower case are one."""
        return self._by_key.get(f"{kind}/{name}".lower())

    @cached_property
    def _by_key(self) -> dict[str, Artifact]:
        return {artifact.key: artifact for artifact in reversed(self.artifacts)}

    def has_file(self, kind: str, name: str) -> bool:
        """True when there is a file for an artifact, be it one that cannot be read."""
        return f"{kind}/{name}".lower() in self.unreadable or self.find(kind, name) is not None


def load_folder(folder: Path) -> Workspace:
    """The workspace of a folder. Raises ArtifactErrors with every problem of every file."""
    workspace, problems = read_folder(folder)
    wrong = [each for each in problems if not each.is_ignored]
    if wrong:
        raise ArtifactErrors(wrong)
    return workspace


def read_folder(folder: Path) -> tuple[Workspace, list[Problem]]:
    """The artifacts that can be read, and the problems of the files, with what is ignored among them.

    Files beside the kinds' folders (`README.md`, `publish_config.json`), hidden folders and hidden files are not
    looked at; other folders (Studio's templates of the workspace, what builds them) only for artifacts in them.
    """
    if not folder.is_dir():
        cause = "it is a file" if folder.exists() else "there is no such folder"
        return Workspace(folder, ()), [Problem("reading", str(folder), cause, expected=_FOLDER_EXPECTED)]
    reading = _Reading()
    for inside in reading.entries(folder):
        if inside.name in KINDS:
            reading.read_kind(inside)
        elif inside.is_dir() and _is_meant_for_artifacts(inside):
            reading.problems.append(_unknown_kind(inside))
    reading.problems.extend(_same_names(reading.artifacts))
    if not reading.artifacts and not reading.problems:
        reading.problems.append(_nothing(folder))
    ordered = sorted(reading.artifacts, key=lambda artifact: (KINDS.index(artifact.kind), artifact.key))
    return Workspace(folder, tuple(ordered), frozenset(reading.unreadable)), reading.problems


class _Reading:
    """What was read of a folder so far."""

    def __init__(self) -> None:
        self.artifacts: list[Artifact] = []
        self.problems: list[Problem] = []
        self.unreadable: set[str] = set()

    def entries(self, folder: Path) -> list[Path]:
        """The visible entries of a folder in order; a folder that cannot be opened is a problem."""
        try:
            return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
        except OSError as error:
            cause = f"the folder cannot be opened: {error.strerror}"
            self.problems.append(Problem("reading", f"folder {folder.name}", cause, folder))
            return []

    def read_kind(self, folder: Path) -> None:
        """Everything in the folder of a kind."""
        kind = folder.name
        known = {each for pattern in _INNER_FOLDERS.get(kind, ()) for each in folder.glob(pattern)}
        for entry in self.entries(folder):
            if entry.suffix == ".json" and not (entry.is_dir() and any(each.is_relative_to(entry) for each in known)):
                self._read_file(kind, entry)
            elif not any(each.is_relative_to(entry) for each in known):
                self._left_out(kind, entry)
        if kind == "database":
            self._add_parts(folder)

    def _add_parts(self, folder: Path) -> None:
        """Puts the tables and relationships of lake databases, which have files of their own, into their databases."""
        parts: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
        for inner in lake_databases.CHILDREN:
            for file in sorted(folder.glob(f"*/{inner}/*.json")):
                database = file.parent.parent.name
                part, found = _read_file(f"database/{database}/{inner}", file)
                self.problems.extend(found)
                parts.setdefault(database.lower(), [])
                if part is not None and not found:
                    parts[database.lower()].append((inner, part.document))
        for index, artifact in enumerate(self.artifacts):
            if artifact.kind == "database":
                held = parts.pop(artifact.name.lower(), [])
                if lake_databases.is_in_parts(artifact.document):
                    document = lake_databases.with_parts({**artifact.document, "name": artifact.name}, held)
                    self.artifacts[index] = replace(artifact, document=document)
                elif held:
                    cause = "it holds its tables itself, and there are files of tables or relationships beside it"
                    hint = "delete these, or the Ddls in it"
                    self.problems.append(
                        Problem("reading", artifact.id, cause, artifact.file, "/properties/Ddls", hint=hint)
                    )
        for database in (name for name in parts if f"database/{name}" not in self.unreadable):
            cause = "there are tables or relationships of a lake database, but not the database"
            expected = f"a file database/{database}.json"
            self.problems.append(Problem("reading", f"database/{database}", cause, folder, expected=expected))

    def _read_file(self, kind: str, file: Path) -> None:
        artifact, found = _read_file(kind, file)
        self.problems.extend(found)
        if artifact is None:
            self.unreadable.add(f"{kind}/{file.stem}".lower())
        else:
            self.artifacts.append(artifact)

    def _left_out(self, kind: str, entry: Path) -> None:
        """Reports what nobody would publish, and remembers the artifacts that are probably meant.

        What is no JSON (a README, a notebook of Jupyter) is ignored by Studio, too, and so is a file `X.JSON` with
        another name in it, which Studio would not have left there.
        """
        if entry.is_dir():
            files = sorted(file for file in entry.rglob("*") if file.suffix.lower() == ".json")
            for file in files:
                self.unreadable.add(f"{kind}/{file.stem}".lower())
                cause = f"the file lies in a folder inside {kind}/, where no artifact is looked for"
                hint = "Studio's folders are the property 'folder' of a document"
                expected = f"a file {kind}/{file.name}"
                self.problems.append(
                    Problem("reading", f"{kind}/{file.stem}", cause, file, "", None, None, expected, hint)
                )
            return
        expected, hint = f"only files {kind}/<name>.json", ""
        is_ignored = entry.suffix.lower() != ".json" or _named_otherwise(entry)
        if not is_ignored:
            self.unreadable.add(f"{kind}/{entry.stem}".lower())
            expected, hint = f"a file {kind}/{entry.stem}.json", "upper and lower case of '.json' are not the same"
        cause = (
            f"the file is no artifact: its name ends in '{entry.suffix}'" if entry.suffix else "the file is no artifact"
        )
        subject = f"{kind}/{entry.name}"
        self.problems.append(
            Problem("reading", subject, cause, entry, expected=expected, hint=hint, is_ignored=is_ignored)
        )


def _named_otherwise(file: Path) -> bool:
    """Whether a file of JSON holds an artifact with another name than the file's."""
    name = name_in(file)
    return name is not None and name.lower() != file.stem.lower()


def _nothing(folder: Path) -> Problem:
    inside = [each.name for each in sorted(folder.iterdir()) if each.is_dir() and _holds_kinds(each)]
    hint = f"did you mean {' or '.join(str(folder / name) for name in inside)}?" if inside else ""
    cause = "there are no artifacts in it"
    template = next((name for name in _TEMPLATES if (folder / name).is_file()), None)
    if template is not None:
        cause += f", but {template}: a resource template, which Studio makes of the artifacts when it publishes"
        hint = hint or "take the folder of the collaboration branch (main, say) instead of the publish branch's"
    return Problem("reading", str(folder), cause, expected=_FOLDER_EXPECTED, hint=hint)


def _holds_kinds(folder: Path) -> bool:
    return any((folder / kind).is_dir() for kind in KINDS)


def places_in(file: Path) -> Places:
    """Where the values of an artifact's file stand."""
    return places_of(_text(file))


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8-sig")


def _is_meant_for_artifacts(folder: Path) -> bool:
    """Whether a folder of no kind is named like that of a kind, or holds an artifact."""
    files = list(folder.glob("*.json"))
    return bool(files) and (_kind_meant(folder) is not None or any(name_in(file) is not None for file in files))


def name_in(file: Path) -> str | None:
    """The name that a file gives the artifact in it; None where it holds none, or cannot be read."""
    try:
        document = parse(_text(file))
    except (OSError, ValueError):
        return None
    if not (isinstance(document, Mapping) and isinstance(document.get("properties"), Mapping)):
        return None
    name = document.get("name")
    return name if isinstance(name, str) else None


def _kind_meant(folder: Path) -> str | None:
    """The kind whose folder has this name but for case, hyphens and an s at the end."""
    name = re.sub(r"[-_ ]", "", folder.name).lower().rstrip("s")
    return next((kind for kind in KINDS if kind.lower() == name), None)


def _unknown_kind(folder: Path) -> Problem:
    close = _kind_meant(folder)
    return Problem(
        "reading",
        f"folder {folder.name}",
        "no kind of artifact is kept in a folder of this name",
        folder,
        expected=f"one of {', '.join(KINDS)}",
        hint=f"rename it to {close}" if close else f"did you mean {folder}?" if _holds_kinds(folder) else "",
    )


def _read_file(kind: str, file: Path) -> tuple[Artifact | None, list[Problem]]:
    subject = f"{kind}/{file.stem}"
    try:
        text = _text(file)
        document = parse(text)
    except OSError as error:
        return None, [Problem("reading", subject, f"the file cannot be opened: {error.strerror}", file)]
    except UnicodeDecodeError as error:
        return None, [_not_utf8(subject, file, error)]
    except json.JSONDecodeError as error:
        return None, [_no_json(subject, file, error)]
    except TooDeepError as error:
        cause = f"the file is nested deeper than {error} levels"
        return None, [Problem("reading", subject, cause, file)]
    except (RepeatedKeysError, WrongNumberError):
        return None, list(_not_allowed(subject, file, text))
    if not isinstance(document, Mapping):
        cause = "the file holds no object"
        return None, [Problem("reading", subject, cause, file, expected='{"name", "properties"}')]
    problems = list(_shape_problems(kind, subject, file, document, text))
    name = document.get("name")
    return Artifact(kind, name if isinstance(name, str) and name else file.stem, document, file), problems


def _not_utf8(subject: str, file: Path, error: UnicodeDecodeError) -> Problem:
    before = error.object[: error.start].decode("utf-8-sig")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    cause = f"the file is not UTF-8 (byte {error.start + 1})"
    return Problem("reading", subject, cause, file, "", line, column, "a file in UTF-8", "save it in UTF-8")


def _no_json(subject: str, file: Path, error: json.JSONDecodeError) -> Problem:
    """What is no JSON; of the commonest two mistakes also what to do."""
    around = error.doc[: error.pos].rstrip()[-1:] + error.doc[error.pos :].lstrip()
    hint = "take out the comma before the bracket" if _COMMA_TOO_MANY.match(around) else ""
    cause = f"the file is no JSON: {error.msg}" if error.doc.strip() else "the file is empty"
    expected = "" if error.doc.strip() else '{"name", "properties"}'
    return Problem("reading", subject, cause, file, "", error.lineno, error.colno, expected, hint)


def _not_allowed(subject: str, file: Path, text: str) -> Iterator[Problem]:
    """What Python's reader of JSON could read, but must not."""
    places = places_of(text)
    found: Iterable[tuple[Position, str, str, str]] = [
        *(
            (each.position, each.pointer, f"the key '{each.key}' stands twice in one object", "each key once")
            for each in places.repeated
        ),
        *((each.position, each.pointer, each.cause, "a number") for each in places.wrong_numbers),
    ]
    for position, pointer, cause, expected in sorted(found, key=lambda each: (each[0].line, each[0].column)):
        yield Problem("reading", subject, cause, file, pointer, position.line, position.column, expected)


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
    elif name.lower() != file.stem.lower():  # https://learn.microsoft.com/azure/data-factory/naming-rules
        cause = f"the name '{name}' is not the file's name '{file.stem}'"
        yield problem("/name", cause, f"'{file.stem}', or a file {name}.json")
    elif kind in PUBLISHED_KINDS and (fault := fault_of_artifact_name(name)):
        yield problem("/name", f"'{name}' cannot be the name of a {kind}: {fault}", ARTIFACT_NAME_RULE)
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
    kind = None if kind is None else str(kind)
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
