"""The data flows of the real workspaces beside the repository, each text once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from dataflow_bench import SHARED

_KINDS = ("MappingDataFlow", "Flowlet")


def _documents() -> Iterator[tuple[str, Mapping[str, Any]]]:
    corpus = SHARED / "corpus"
    for file in sorted(corpus.rglob("*.json")):
        if file.parent.name.lower() == "dataflow":
            yield str(file.relative_to(corpus)), json.loads(file.read_text(encoding="utf-8-sig"))


def _flows() -> Mapping[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    seen: set[str] = set()
    for name, document in _documents():
        inner = document["properties"].get("typeProperties", {})
        text = inner.get("script") or "\n".join(inner.get("scriptLines") or [])
        if document["properties"]["type"] in _KINDS and text and text not in seen:
            seen.add(text)
            found[name] = document
    return found


def document_kinds() -> Mapping[str, Mapping[str, Any]]:
    """One document of every other type that stands in a folder of data flows."""
    others = {document["properties"]["type"]: document for _, document in _documents()}
    return {kind: document for kind, document in others.items() if kind not in _KINDS}


FLOWS = _flows()
LIBRARIES = tuple(document for _, document in _documents() if document["properties"]["type"] == "UDFLibrary")
"""The libraries of functions that users wrote."""
FLOWLETS = {
    str(document["name"]): document for document in FLOWS.values() if document["properties"]["type"] == "Flowlet"
}
"""The documents of flowlets by their names."""
