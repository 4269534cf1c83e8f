"""The JSON document of a data flow: its script and what stands outside it (datasets of sources and sinks).

The document is what Studio keeps in Git: ``{"name", "properties": {"type": "MappingDataFlow", "typeProperties": …}}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from mapping_dataflow.errors import NOWHERE, MappingDataFlowErrors, ScriptError
from mapping_dataflow.script import syntax
from mapping_dataflow.script.parser import parse_script


@dataclass(frozen=True)
class Endpoint:
    """A source or sink of the document, with the names of what it refers to (None: not given)."""

    stream: str
    dataset: str | None
    linked_service: str | None
    flowlet: str | None


@dataclass(frozen=True)
class Flow:
    """A parsed data flow. ``text`` is the script that all positions refer to."""

    name: str
    kind: str
    text: str
    script: syntax.Script
    sources: tuple[Endpoint, ...]
    sinks: tuple[Endpoint, ...]
    transformations: tuple[Endpoint, ...]

    @property
    def subject(self) -> str:
        """How messages name the flow."""
        return f"flow {self.name!r}"

    def source(self, stream: str) -> Endpoint | None:
        """The document's entry for a source."""
        return next((one for one in self.sources if one.stream == stream), None)

    def sink(self, stream: str) -> Endpoint | None:
        """The document's entry for a sink."""
        return next((one for one in self.sinks if one.stream == stream), None)


def parse_flow(document: Mapping[str, object]) -> Flow:
    """The parsed flow. Raises MappingDataFlowErrors for a wrong document and for every syntax error of the script."""
    name = str(document.get("name", "(without name)"))
    properties = document.get("properties")
    if not isinstance(properties, Mapping):
        raise document_error(name, "the document has no 'properties'")
    kind = properties.get("type")
    if kind not in ("MappingDataFlow", "Flowlet"):
        raise document_error(name, f"the document's type is {kind!r}", expected="MappingDataFlow or Flowlet")
    inner = properties.get("typeProperties")
    if not isinstance(inner, Mapping):
        raise document_error(name, "the document has no 'typeProperties'")
    text = _script_text(name, inner)
    return Flow(
        name=name,
        kind=str(kind),
        text=text,
        script=_parsed(text, f"flow {name!r}"),
        sources=_endpoints(name, inner, "sources"),
        sinks=_endpoints(name, inner, "sinks"),
        transformations=_endpoints(name, inner, "transformations"),
    )


@lru_cache(maxsize=64)
def _parsed(text: str, subject: str) -> syntax.Script:
    return parse_script(text, subject)


def document_error(name: str, cause: str, expected: str = "", hint: str = "") -> MappingDataFlowErrors:
    """An error of the document around the script."""
    return MappingDataFlowErrors([ScriptError("reading", f"flow {name!r}", cause, "", NOWHERE, expected, hint)])


def _script_text(name: str, inner: Mapping[str, object]) -> str:
    script, lines = inner.get("script"), inner.get("scriptLines")
    if isinstance(script, str) and script:
        return script
    if isinstance(lines, list) and all(isinstance(line, str) for line in lines):
        return "\n".join(lines)
    raise document_error(
        name, "the document has no script", expected="'script' (text) or 'scriptLines' (list of texts)"
    )


def _endpoints(name: str, inner: Mapping[str, object], key: str) -> tuple[Endpoint, ...]:
    entries = inner.get(key, [])
    if not isinstance(entries, list):
        raise document_error(name, f"{key!r} is no list")
    return tuple(_endpoint(name, key, entry) for entry in entries)


def _endpoint(name: str, key: str, entry: object) -> Endpoint:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        raise document_error(name, f"an entry of {key!r} has no name")
    return Endpoint(
        str(entry["name"]),
        _reference(entry, "dataset"),
        _reference(entry, "linkedService"),
        _reference(entry, "flowlet"),
    )


def _reference(entry: Mapping[str, object], key: str) -> str | None:
    reference = entry.get(key)
    name = reference.get("referenceName") if isinstance(reference, Mapping) else None
    return name if isinstance(name, str) else None
