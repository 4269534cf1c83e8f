"""XML files, one document and one row each: elements are columns, repeated ones arrays, attributes columns with a mark.

https://learn.microsoft.com/azure/data-factory/format-xml: the root's name is the only column; its children are fields.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.parsers import expat

import duckdb

from dataflow_execution.column_spelling import alike, differ_in_more
from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.formats import Xml
from dataflow_execution.readers.json_types import columns_option, json_query, types_as_written
from dataflow_execution.readers.plain_files import plain
from dataflow_execution.readers.source_files import FILE_COLUMN
from mapping_dataflow import NamedElement, XmlNames

_PathOfNames = tuple[str, ...]


class _Element:
    """An element as it is read: its names, its attributes, its children and its text."""

    def __init__(self, named: NamedElement) -> None:
        self.name = named.name
        self.space = named.space
        self.attributes = named.attributes
        self.spaces = named.spaces
        self.children: list[_Element] = []
        self.text = ""


def xml_relation(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path], form: Xml, folder: Path, *, file_column: bool = False
) -> str:
    """A query with one row a file, all values text. Raises DataFlowRunError for what is no XML, and for names that
    differ in case alone."""
    roots = [_parsed(file, form) for file in plain(list(files), form.compression, folder / "plain")]
    names = list(dict.fromkeys(root.name for root in roots))
    if not differ_in_more(names):
        raise alike(names, "the documents")
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
    options = ("format = 'newline_delimited'", f"maximum_object_size = {largest}")
    types = types_as_written(connection, [target], options)
    return json_query([target], *options, columns_option(types))


def _parsed(file: Path, form: Xml) -> _Element:
    parser = expat.ParserCreate(None if form.encoding == "utf-8" else form.encoding)
    names = XmlNames(form.namespaces, form.namespace_prefixes, form.attribute_prefix)
    top = _Element(NamedElement("", "", {}, {}))
    open_elements = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        element = _Element(names.element(name, attributes, open_elements[-1].spaces))
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
