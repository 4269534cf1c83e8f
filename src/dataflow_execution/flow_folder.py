"""A data flow from its file, with the flowlets and libraries of functions in the files beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from dataflow_execution.errors import DataFlowRunError
from mapping_dataflow.documents import FoundDocument, documents_in, script_document
from mapping_dataflow.flow import Flow

Document = Mapping[str, object]


def read_flow(path: Path) -> FoundDocument:
    """The data flow of a file: JSON of any form, or a script alone. Raises DataFlowRunError for other files."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise DataFlowRunError(f"{path} cannot be read: {error}") from error
    if path.suffix.lower() != ".json":
        return script_document(text, path.stem)
    try:
        found = documents_in(json.loads(text), path.stem)
    except json.JSONDecodeError as error:
        raise DataFlowRunError(f"{path} holds no JSON: {error}") from error
    if len(found) != 1:
        names = ", ".join(one.name for one in found) or "none"
        raise DataFlowRunError(f"the data flows in {path} are: {names}", expected="one data flow")
    return found[0]


def flowlets_beside(path: Path, flow: Flow) -> Mapping[str, Document]:
    """The flowlets in the flow's folder, by name; none are looked for when the flow uses none."""
    if not any(statement.verb == "compose" for statement in flow.script.statements):
        return {}
    documents = (found for file, value in _holding(path, "Flowlet") for found in documents_in(value, file.stem))
    return {found.name: found.document for found in documents if found.type == "Flowlet"}


def libraries_beside(path: Path) -> tuple[Document, ...]:
    """The libraries of functions in the flow's folder."""
    return tuple(value for _, value in _holding(path, "UDFLibrary") if isinstance(value, Mapping))


def _holding(path: Path, word: str) -> Iterator[tuple[Path, object]]:
    """The JSON of the files in the folder that hold a word in quotes; files that are no JSON hold nothing."""
    for file in sorted(path.resolve().parent.glob("*.json")):
        text = file.read_text(encoding="utf-8-sig", errors="replace")
        if f'"{word}"' not in text:
            continue
        try:
            yield file, json.loads(text)
        except json.JSONDecodeError as error:
            raise DataFlowRunError(f"{file} holds no JSON: {error}") from error
