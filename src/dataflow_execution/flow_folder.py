"""A data flow from its file, with the flowlets and libraries of functions in the files beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.file_search import file_holds
from mapping_dataflow.documents import FoundDocument, documents_in, json_value, script_document
from mapping_dataflow.flow import Flow
from mapping_dataflow.libraries import may_need_libraries

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
        found = documents_in(json_value(text), path.stem)
    except json.JSONDecodeError as error:
        raise DataFlowRunError(f"{path} holds no JSON: {error}") from error
    if len(found) != 1:
        names = ", ".join(one.name for one in found) or "none"
        raise DataFlowRunError(f"the data flows in {path} are: {names}", expected="one data flow")
    return found[0]


def flowlets_beside(path: Path, flow: Flow) -> Mapping[str, Document]:
    """The flowlets in the flow's folder, by name; none are looked for when the flow uses none.

    Raises DataFlowRunError for a file that names one and is no JSON, and for one that cannot be read.
    """
    if not flow.composes:
        return {}
    documents = (found for file, value in _holding(path, "Flowlet") for found in documents_in(value, file.stem))
    return {found.name: found.document for found in documents if found.type == "Flowlet"}


def libraries_beside(path: Path, flow: Flow) -> tuple[Document, ...]:
    """The libraries of functions in the flow's folder; none are looked for when neither it nor a flowlet can need one.

    Raises DataFlowRunError for a file that names one and is no JSON, and for one that cannot be read.
    """
    if not may_need_libraries(flow):
        return ()
    return tuple(value for _, value in _holding(path, "UDFLibrary") if isinstance(value, Mapping))


def _holding(path: Path, word: str) -> Iterator[tuple[Path, object]]:
    """The JSON of the files in the folder that hold a word in quotes. Data may lie there too: it is not taken whole."""
    for file in filter(Path.is_file, sorted(path.resolve().parent.glob("*.json"))):
        try:
            if file_holds(file, [f'"{word}"'.encode()]):
                yield file, json.loads(file.read_text(encoding="utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise DataFlowRunError(f"{file} holds no JSON: {error}") from error
        except OSError as error:
            raise DataFlowRunError(f"{file} cannot be read: {error.strerror}") from error
