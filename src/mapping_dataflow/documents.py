"""Finds the data flows in JSON of any form: Studio's documents, templates, payloads of debug sessions, bare properties.

An ARM template writes names and texts as expressions (``[concat(parameters('factory'), '/flow')]``); those whose parts
are known from the template alone are evaluated, any other text is left as it is and refused when it is parsed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lenient_json import strict_json
from mapping_dataflow.flow import FLOW_TYPES, NODES, is_untyped
from mapping_dataflow.template_expressions import Template, is_template

OTHER_LANGUAGES = ("WranglingDataFlow", "UDFLibrary")
"""Types of documents that stand beside data flows but are written in other languages."""
_RESOURCE = "/dataflows"


@dataclass(frozen=True)
class FoundDocument:
    """A data flow document, its name and type, and where it stood in the JSON it was found in (``""``: all of it)."""

    name: str
    type: str
    pointer: str
    document: Mapping[str, object]

    @property
    def other_language(self) -> bool:
        """True for what is no data flow script: wrangling flows and libraries of functions."""
        return self.type in OTHER_LANGUAGES


def json_value(text: str) -> object:
    """The value of JSON; of an ARM template also where it has comments.

    https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax#comments

    Raises json.JSONDecodeError with the place in the text, and ValueError for numbers that are too long.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        try:
            value = json.loads(strict_json(text, ("asComments",)))
        except ValueError:
            raise error from None
        if not is_template(value):
            raise
        return value


def documents_in(value: object, name: str) -> tuple[FoundDocument, ...]:
    """The data flows in a JSON value, in order; ``name`` is for those that have none of their own."""
    template = Template.of(value)
    return tuple(_found(value, "", name, template))


def script_document(text: str, name: str) -> FoundDocument:
    """The document of a script that stands alone."""
    return _wrapped({"type": FLOW_TYPES[0], "typeProperties": {"script": text}}, name, "")


def _found(value: object, pointer: str, name: str, template: Template) -> Iterator[FoundDocument]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _found(item, f"{pointer}/{number}", name, template)
    if not isinstance(value, Mapping):
        return
    properties = value.get("properties")
    if isinstance(properties, Mapping) and _is_flow(value, properties):
        yield _document(value, properties, pointer, name, template)
    elif "properties" not in value and _is_flow({}, value):
        yield _wrapped(value, name, pointer)
    elif not pointer and _is_script(value):
        yield _wrapped({"type": FLOW_TYPES[0], "typeProperties": value}, name, pointer)
    else:
        for key, item in value.items():
            yield from _found(item, f"{pointer}/{_escaped(key)}", name, template)


def _is_flow(resource: Mapping[str, object], properties: Mapping[str, object]) -> bool:
    kind, inner = properties.get("type"), properties.get("typeProperties")
    if kind in FLOW_TYPES or kind in OTHER_LANGUAGES or is_untyped(properties):
        return True
    if str(resource.get("type", "")).lower().endswith(_RESOURCE):
        return True
    return isinstance(inner, Mapping) and _is_script(inner)


def _is_script(inner: Mapping[str, object]) -> bool:
    """True for properties that only data flows have, whatever their type says."""
    return ("script" in inner or "scriptLines" in inner) and any(isinstance(inner.get(key), list) for key in NODES)


def _document(
    value: Mapping[str, object], properties: Mapping[str, object], pointer: str, name: str, template: Template
) -> FoundDocument:
    kind = FLOW_TYPES[0] if is_untyped(properties) else str(properties.get("type"))
    written = value.get("name")
    if not str(value.get("type", "")).lower().endswith(_RESOURCE):
        return FoundDocument(str(written) if isinstance(written, str) else name, kind, pointer, value)
    own = template.name(written) if isinstance(written, str) else name
    return FoundDocument(own, kind, pointer, {"name": own, "properties": template.evaluated(properties)})


def _wrapped(properties: Mapping[str, object], name: str, pointer: str) -> FoundDocument:
    return FoundDocument(name, str(properties.get("type")), pointer, {"name": name, "properties": properties})


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
