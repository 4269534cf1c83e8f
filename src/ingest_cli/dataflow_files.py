"""Reads data flows from files and folders: JSON of any form, and scripts that stand alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.file_search import file_holds
from dataflow_execution.flow_folder import flowlets_beside, libraries_beside
from ingest_cli.errors import CommandError
from mapping_dataflow.documents import FoundDocument, documents_in, json_value, script_document
from mapping_dataflow.flow import Flow

SCRIPT_SUFFIXES = (".dfs", ".dsl", ".txt")
_MARKS = ("~>", "MappingDataFlow", "Flowlet")
_FOLDER = "dataflow"
_WORDS = (b'"script', b"DataFlow", b"dataflow", b"Flowlet", b"UDFLibrary", b"\0")
"""What a JSON file holds that holds a data flow, and text of two bytes a character. Data that lies beside is large."""


@dataclass(frozen=True)
class UnreadableFile:
    """A file that holds no JSON or no text; line and column count from 1."""

    line: int
    column: int
    cause: str


@dataclass(frozen=True)
class FlowFile:
    """What one file holds: its data flows, or why it cannot be read."""

    path: Path
    flows: tuple[FoundDocument, ...] = ()
    unreadable: UnreadableFile | None = None


def flow_files(paths: Sequence[Path]) -> Iterator[FlowFile]:
    """The files that are named and, of folders, all that hold data flows or broken documents of them.

    Hidden folders are left out, and links that lead back to a folder around them. A file of a folder that cannot be
    opened is one that holds no text. Raises CommandError for a path that does not exist.
    """
    for path in paths:
        if path.is_dir():
            yield from filter(_about_flows, map(_file_of_folder, _files(path, frozenset())))
        elif path.exists():
            yield flow_file(path)
        else:
            raise CommandError(f"reading {path}", "there is no such file or folder")


def flow_file(path: Path) -> FlowFile:
    """One file with its data flows. Raises CommandError when it cannot be opened."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CommandError(f"reading {path}", error.strerror or str(error)) from error
    return _read(path, data)


def _file_of_folder(path: Path) -> FlowFile:
    try:
        if _is_of_flows(path) or file_holds(path, _WORDS):
            return _read(path, path.read_bytes())
        return FlowFile(path)
    except OSError as error:
        return FlowFile(path, unreadable=UnreadableFile(1, 1, f"cannot be opened: {error.strerror}"))


def _read(path: Path, data: bytes) -> FlowFile:
    try:
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        lines = data[: error.start].decode(errors="replace").split("\n")
        return FlowFile(path, unreadable=UnreadableFile(len(lines), len(lines[-1]) + 1, f"no text: {error.reason}"))
    if path.suffix.lower() in SCRIPT_SUFFIXES:
        return FlowFile(path, (script_document(text.removeprefix("\ufeff"), path.stem),))
    try:
        return FlowFile(path, documents_in(json_value(text), path.stem))
    except json.JSONDecodeError as error:
        return FlowFile(path, unreadable=UnreadableFile(error.lineno, error.colno, f"no JSON: {error.msg}"))
    except RecursionError:
        return FlowFile(path, unreadable=UnreadableFile(1, 1, "nested too deeply to be read"))
    except ValueError as error:
        return FlowFile(path, unreadable=UnreadableFile(1, 1, f"no JSON that can be read: {error}"))


def only_flow(path: Path) -> FoundDocument:
    """The data flow of a file that holds one. Raises CommandError for any other file."""
    if not path.exists():
        raise CommandError(f"reading {path}", "there is no such file")
    file = flow_file(path)
    if file.unreadable is not None:
        place = file.unreadable
        raise CommandError(f"reading {path}", f"{place.cause} (line {place.line}, column {place.column})")
    if len(file.flows) != 1:
        found = ", ".join(flow.name for flow in file.flows) or "none"
        raise CommandError(f"reading {path}", f"the data flows in it are: {found}", expected="one data flow")
    return file.flows[0]


def flowlets_of(path: Path, flow: Flow) -> Mapping[str, Mapping[str, object]]:
    """The flowlets beside a flow that composes some. Raises CommandError."""
    with _told_as_command(path):
        return flowlets_beside(path, flow)


def libraries_of(path: Path, flow: Flow) -> tuple[Mapping[str, object], ...]:
    """The libraries of functions beside a flow that may need some. Raises CommandError."""
    with _told_as_command(path):
        return libraries_beside(path, flow)


@contextmanager
def _told_as_command(path: Path) -> Iterator[None]:
    try:
        yield
    except DataFlowRunError as error:
        raise CommandError(f"reading what {path} may need", error.cause, error.expected, error.hint) from error


def _files(folder: Path, around: frozenset[Path]) -> Iterator[Path]:
    place = folder.resolve()
    if place in around:
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if not path.name.startswith("."):
                yield from _files(path, around | {place})
        elif path.suffix.lower() == ".json" or (path.suffix.lower() in SCRIPT_SUFFIXES and _marked(path)):
            yield path


def _about_flows(file: FlowFile) -> bool:
    """True when a file of a folder counts: broken JSON does when it may be a data flow."""
    if file.unreadable is None:
        return bool(file.flows)
    return _is_of_flows(file.path) or _marked(file.path)


def _is_of_flows(path: Path) -> bool:
    """True for files that hold data flows by their place, if anything."""
    return path.parent.name.lower() == _FOLDER or path.suffix.lower() in SCRIPT_SUFFIXES


def _marked(path: Path) -> bool:
    try:
        if not file_holds(path, (*map(str.encode, _MARKS), b"\0")):
            return False
        data = path.read_bytes()
    except OSError:
        return False
    text = data.decode(json.detect_encoding(data), errors="replace")
    return any(mark in text for mark in _MARKS)
