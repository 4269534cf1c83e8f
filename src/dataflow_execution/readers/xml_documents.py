"""XML files, one document and one row each: elements are columns, repeated ones arrays, attributes columns with a mark.

https://learn.microsoft.com/azure/data-factory/format-xml: the root's name is the only column; its children are fields.
What is in a namespace is called ``URI,name``, or ``prefix:name`` by the prefix that the source gives the namespace.
Without namespaces names are what is written, and what declares namespaces are attributes like others.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.parsers import expat

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.formats import Xml
from dataflow_execution.readers.plain_files import plain
from dataflow_execution.readers.source_files import FILE_COLUMN
from dataflow_execution.sql_text import listed

_PathOfNames = tuple[str, ...]


class _Element:
    """An element as it is read: its attributes and children by the names of their columns, and its text.

    ``space`` is what stands before the name of what is in the element's namespace; ``spaces`` are the namespaces of the
    prefixes in it.
    """

    def __init__(self, name: str, space: str, attributes: dict[str, str], spaces: Mapping[str, str]) -> None:
        self.name = name
        self.space = space
        self.attributes = attributes
        self.spaces = spaces
        self.children: list[_Element] = []
        self.text = ""


def xml_relation(files: Sequence[Path], form: Xml, folder: Path, *, file_column: bool = False) -> str:
    """A query with one row a file, all values text. Raises DataFlowRunError for what is no XML."""
    roots = [_parsed(file, form) for file in plain(list(files), form.compression, folder / "plain")]
    repeated: set[_PathOfNames] = set()
    structured: set[_PathOfNames] = set()
    for root in roots:
        _shapes(root, (root.name,), repeated, structured)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "documents.jsonl"
    with target.open("w", encoding="utf-8") as out:
        for file, root in zip(files, roots, strict=True):
            row: dict[str, Any] = {root.name: _value(root, (root.name,), form, repeated, structured)}
            if file_column:
                row[FILE_COLUMN] = str(file)
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    largest = max(target.stat().st_size, 1 << 24)
    return (
        f"SELECT * FROM read_json({listed([target])}, format = 'newline_delimited', sample_size = -1, "
        f"maximum_object_size = {largest}, convert_strings_to_integers = false, hive_partitioning = false, "
        "dateformat = 'none', timestampformat = 'none')"
    )


def _parsed(file: Path, form: Xml) -> _Element:
    parser = expat.ParserCreate(None if form.encoding == "utf-8" else form.encoding)
    top = _Element("", "", {}, {})
    open_elements = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        element = _element(name, attributes, open_elements[-1].spaces, form)
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def add_text(text: str) -> None:
        open_elements[-1].text += text

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: open_elements.pop()
    parser.CharacterDataHandler = add_text
    try:
        with file.open("rb") as stream:
            parser.ParseFile(stream)
    except (expat.ExpatError, LookupError) as error:
        raise DataFlowRunError(f"{file.name} is no XML: {error}") from error
    return top.children[0]


def _element(name: str, attributes: Mapping[str, str], outer: Mapping[str, str], form: Xml) -> _Element:
    """An element with the names of its column and attributes; ``outer`` are the namespaces around it by prefix."""
    mark = form.attribute_prefix
    if not form.namespaces:
        return _Element(name, "", {f"{mark}{key}": value for key, value in attributes.items()}, {})
    declared = {key[len(_DECLARES) :].lstrip(":"): value for key, value in attributes.items() if _declares(key)}
    spaces = {**outer, **declared}
    space, local = _split(name, spaces, form)
    named: dict[str, str] = {}
    for key, value in attributes.items():
        if not _declares(key):
            own_space, own = _split(key, spaces, form) if ":" in key else ("", key)
            named[f"{own_space}{mark}{own}"] = value
    return _Element(space + local, space, named, spaces)


_DECLARES = "xmlns"


def _declares(attribute: str) -> bool:
    return attribute == _DECLARES or attribute.startswith(f"{_DECLARES}:")


def _split(name: str, spaces: Mapping[str, str], form: Xml) -> tuple[str, str]:
    """What stands before a name for its namespace, and the name in it; a prefix of no namespace is part of the name."""
    prefix, _, local = name.rpartition(":")
    uri = spaces.get(prefix, "")
    if not uri:
        return "", name
    given = form.namespace_prefixes.get(uri)
    return (f"{given}:" if given else f"{uri},"), local


def _shapes(element: _Element, path: _PathOfNames, repeated: set[_PathOfNames], structured: set[_PathOfNames]) -> None:
    """Which paths are arrays and which are structures, in any document."""
    if element.children or element.attributes:
        structured.add(path)
    counts = Counter(child.name for child in element.children)
    repeated.update((*path, name) for name, count in counts.items() if count > 1)
    for child in element.children:
        _shapes(child, (*path, child.name), repeated, structured)


def _value(
    element: _Element,
    path: _PathOfNames,
    form: Xml,
    repeated: set[_PathOfNames],
    structured: set[_PathOfNames],
) -> Any:
    text = element.text.strip()
    if path not in structured:
        return text or None
    row: dict[str, Any] = dict(element.attributes)
    for child in element.children:
        inner = (*path, child.name)
        value = _value(child, inner, form, repeated, structured)
        if inner in repeated:
            row.setdefault(child.name, []).append(value)
        else:
            row[child.name] = value
    if text:
        row[element.space + form.text_name] = text
    return row
