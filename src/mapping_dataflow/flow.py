"""The JSON document of a data flow: its script and what stands outside it (datasets of sources and sinks).

The document is what Studio keeps in Git: ``{"name", "properties": {"type": "MappingDataFlow", "typeProperties": …}}``.
The script is ``script`` (text) or ``scriptLines`` (list of texts) of its ``typeProperties``; documents of the
language's preview have none and give every source, transformation and sink its own ``script``. The oldest of those
have no ``type`` and no ``typeProperties`` either: sources, transformations and sinks are their ``properties``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from mapping_dataflow.errors import NOWHERE, MappingDataFlowErrors, ScriptError
from mapping_dataflow.script import syntax
from mapping_dataflow.script.parser import parse_script

FLOW_TYPES = ("MappingDataFlow", "Flowlet")
"""Types of the documents whose script is in this language."""
NODES = ("sources", "transformations", "sinks")
"""What lists the nodes of a flow, in the order of their scripts."""
_INNER = "/properties/typeProperties"


@dataclass(frozen=True)
class Endpoint:
    """A source or sink of the document, with the names of what it refers to (None: not given)."""

    stream: str
    dataset: str | None
    linked_service: str | None
    flowlet: str | None


@dataclass(frozen=True)
class ScriptPart:
    """A value of the document that is part of the script: where it starts in the script's text, and its pointer."""

    start: int
    pointer: str


@dataclass(frozen=True)
class ScriptText:
    """The script of a document as one text, and the values of the document that it was joined from."""

    text: str
    parts: tuple[ScriptPart, ...]

    def pointer(self, offset: int) -> str:
        """JSON pointer, in the document, of the value that holds the character at the offset."""
        return next((part.pointer for part in reversed(self.parts) if part.start <= offset), "")


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

    @property
    def composes(self) -> bool:
        """Whether it is put together from flowlets."""
        return any(statement.verb == "compose" for statement in self.script.statements)

    def source(self, stream: str) -> Endpoint | None:
        """The document's entry for a source."""
        return next((one for one in self.sources if one.stream == stream), None)

    def sink(self, stream: str) -> Endpoint | None:
        """The document's entry for a sink."""
        return next((one for one in self.sinks if one.stream == stream), None)


def parse_flow(document: Mapping[str, object]) -> Flow:
    """The parsed flow. Raises MappingDataFlowErrors for a wrong document and for every syntax error of the script."""
    name = _name(document)
    kind, inner, pointer = _type_properties(document)
    text = _script_text(name, inner, pointer).text
    if text.startswith("["):
        raise document_error(
            name, "the script is an expression whose value is known only when the template is deployed", "a script"
        )
    return Flow(
        name=name,
        kind=kind,
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


def script_text(document: Mapping[str, object]) -> ScriptText:
    """The script of a document, unparsed. Raises MappingDataFlowErrors for a document without one."""
    _, inner, pointer = _type_properties(document)
    return _script_text(_name(document), inner, pointer)


def is_untyped(properties: Mapping[str, object]) -> bool:
    """True for properties of the language's preview: without a type, every node with its script."""
    if "type" in properties or "typeProperties" in properties:
        return False
    nodes = [node for key in NODES for node in _entries(properties, key)]
    return bool(nodes) and all(isinstance(node, Mapping) and "script" in node for node in nodes)


def library_text(document: Mapping[str, object]) -> str:
    """The script of a library of functions that users wrote (type ``UDFLibrary``). Raises MappingDataFlowErrors."""
    properties = document.get("properties")
    inner = properties.get("typeProperties") if isinstance(properties, Mapping) else None
    if not isinstance(inner, Mapping):
        raise document_error(_name(document), "the document has no 'typeProperties'")
    return _script_text(_name(document), inner, _INNER).text


def _name(document: Mapping[str, object]) -> str:
    return str(document.get("name", "(without name)"))


def _type_properties(document: Mapping[str, object]) -> tuple[str, Mapping[str, object], str]:
    """The type of a document, what holds its nodes, and where that stands."""
    name = _name(document)
    properties = document.get("properties")
    if not isinstance(properties, Mapping):
        raise document_error(name, "the document has no 'properties'")
    if is_untyped(properties):
        return FLOW_TYPES[0], properties, "/properties"
    kind = properties.get("type")
    if kind not in FLOW_TYPES:
        raise document_error(name, f"the document's type is {kind!r}", expected=" or ".join(FLOW_TYPES))
    inner = properties.get("typeProperties")
    if not isinstance(inner, Mapping):
        raise document_error(name, "the document has no 'typeProperties'")
    return str(kind), inner, _INNER


def _script_text(name: str, inner: Mapping[str, object], pointer: str) -> ScriptText:
    script, lines = inner.get("script"), inner.get("scriptLines")
    if isinstance(script, str) and (script or lines is None):
        return ScriptText(script, (ScriptPart(0, f"{pointer}/script"),))
    if isinstance(lines, list) and all(isinstance(line, str) for line in lines):
        return _joined((f"{pointer}/scriptLines/{number}", line) for number, line in enumerate(lines))
    scripts = [
        (f"{pointer}/{key}/{number}/script", entry["script"])
        for key in NODES
        for number, entry in enumerate(_entries(inner, key))
        if isinstance(entry, Mapping) and isinstance(entry.get("script"), str)
    ]
    if scripts or _is_empty(inner):
        return _joined(scripts)
    raise document_error(
        name, "the document has no script", expected="'script' (text) or 'scriptLines' (list of texts)"
    )


def _is_empty(inner: Mapping[str, object]) -> bool:
    """True for the document that Studio keeps of a flow in which nothing has been drawn yet."""
    return (
        "sources" in inner
        and not any(key in inner for key in ("script", "scriptLines"))
        and not any(_entries(inner, key) for key in NODES)
    )


def _entries(inner: Mapping[str, object], key: str) -> list[object]:
    entries = inner.get(key)
    return entries if isinstance(entries, list) else []


def _joined(values: Iterable[tuple[str, str]]) -> ScriptText:
    parts: list[ScriptPart] = []
    texts: list[str] = []
    start = 0
    for pointer, text in values:
        parts.append(ScriptPart(start, pointer))
        texts.append(text)
        start += len(text) + 1
    return ScriptText("\n".join(texts), tuple(parts))


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
