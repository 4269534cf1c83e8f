"""Documents in columns: JSON, XML and delimited text to JSON of a wanted shape, and JSON to XML and delimited text.

``parse_document`` gives JSON in which every simple value is a string exactly as it was written; engines read it with
a schema of strings. What is no document, or has another shape, is null.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from lenient_json import strict_json
from mapping_dataflow.xml_names import NamedElement, XmlNames

_VALUE = "_value_"
"""Field for the text of an XML element that has attributes or children as well."""


class _Number(str):
    """A number or constant of JSON as it was written."""

    __slots__ = ()


@dataclass(frozen=True)
class _Options:
    format: str
    form: str
    shape: Any
    delimiter: str
    quote: str
    escape: str
    header: bool
    null: str
    rows: str
    lenient: tuple[str, ...] = ()
    namespaces: bool = True
    prefixes: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=256)
def _options(text: str) -> _Options:
    return _Options(**json.loads(text))


def parse_document(text: str | None, options: str | None) -> str | None:
    """The document as JSON of the wanted shape; null when it is none."""
    if text is None or options is None:
        return None
    wanted = _options(options)
    readers = {"json": _read_json, "xml": _read_xml, "delimited": _read_delimited}
    try:
        value = readers[wanted.format](text, wanted)
    except (ValueError, expat.ExpatError, RecursionError):
        return None
    shaped = _shaped(value, wanted.shape, single_items=wanted.format == "xml")
    return None if shaped is None else json.dumps(shaped, ensure_ascii=False)


def _is(shape: Any, kind: str) -> bool:
    return isinstance(shape, Mapping) and kind in shape


# ---------------------------------------------------------------- JSON


def _json(text: str) -> Any:
    return json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number)


def _read_json(text: str, wanted: _Options) -> Any:
    texts = [line for line in re.split(r"[\r\n]", text) if line.strip()] if wanted.form == "documentPerLine" else [text]
    documents = [_json(strict_json(one, wanted.lenient) if wanted.lenient else one) for one in texts]
    if _is(wanted.shape, "array"):
        return documents[0] if len(documents) == 1 and isinstance(documents[0], list) else documents
    first = documents[0] if documents else None
    if isinstance(first, list) and (_is(wanted.shape, "struct") or _is(wanted.shape, "map")):
        return first[0] if first else None
    return first


def _shaped(value: Any, shape: Any, *, single_items: bool) -> Any:
    """The value in a shape; a part of another shape is null. ``single_items``: a lone value is an array of one."""
    if value is None:
        return None
    if _is(shape, "struct"):
        fields = shape["struct"].items()
        if not isinstance(value, dict):
            return None
        return {name: _shaped(value.get(name), inner, single_items=single_items) for name, inner in fields}
    if _is(shape, "array"):
        items = [value] if single_items and not isinstance(value, list) else value
        if not isinstance(items, list):
            return None
        return [_shaped(item, shape["array"], single_items=single_items) for item in items]
    if _is(shape, "map"):
        if not isinstance(value, dict):
            return None
        return {key: _shaped(item, shape["map"], single_items=single_items) for key, item in value.items()}
    return str(value) if isinstance(value, str) else json_text(value)


def json_text(value: Any) -> str:
    """A value as JSON without blanks; numbers as they were written."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json_text(key)}:{json_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


# ---------------------------------------------------------------- XML


class _XmlReader:
    """Elements as objects: attributes with ``@``, children by name, repeated ones as arrays, lone text as a string."""

    def __init__(self, names: XmlNames) -> None:
        self.root: tuple[str, Any] = ("", None)
        self._names = names
        self._open: list[tuple[NamedElement, dict[str, Any], list[str]]] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        element = self._names.element(name, attributes, self._open[-1][0].spaces if self._open else {})
        self._open.append((element, dict(element.attributes), []))

    def text(self, data: str) -> None:
        if self._open:
            self._open[-1][2].append(data)

    def end(self, _: str) -> None:
        element, fields, texts = self._open.pop()
        name, text = element.name, "".join(texts).strip()
        if fields and text:
            fields[element.space + _VALUE] = text
        value: Any = fields or text or None
        if not self._open:
            self.root = (name, value)
            return
        siblings = self._open[-1][1]
        if name not in siblings:
            siblings[name] = value
        elif isinstance(siblings[name], list):
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]

    def entity(self, *_: object) -> None:
        raise ValueError("documents with entities of their own are not read")


def _read_xml(text: str, wanted: _Options) -> Any:
    reader = _XmlReader(XmlNames(wanted.namespaces, wanted.prefixes))
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = reader.entity
    parser.Parse(text, True)
    name, value = reader.root
    with_root = _is(wanted.shape, "struct") and name in wanted.shape["struct"]
    return {name: value} if with_root else value


# ---------------------------------------------------------------- delimited text


def _read_delimited(text: str, wanted: _Options) -> Any:
    rows = [row for row in _rows(text, wanted) if row != [None] or wanted.null]
    many = _is(wanted.shape, "array")
    inner = wanted.shape["array"] if many else wanted.shape
    names = _header(rows.pop(0), inner) if wanted.header and rows else None
    if many and not _is(inner, "struct"):
        return rows[0] if rows else None
    values = [_named(row, names, inner) for row in rows]
    if many:
        return values
    return values[0] if values else None


def _header(titles: list[str | None], shape: Any) -> list[str]:
    """The fields that the titles of a header mean: those of their name, else of their name in another case."""
    fields = list(shape["struct"]) if _is(shape, "struct") else []
    others = {name.lower(): name for name in reversed(fields)}
    named = [title or "" for title in titles]
    return [title if title in fields else others.get(title.lower(), title) for title in named]


def _named(row: list[str | None], names: list[str] | None, shape: Any) -> Any:
    if not _is(shape, "struct"):
        return row[0] if row else None
    header = names or list(shape["struct"])
    return dict(zip(header, row, strict=False))


def _rows(text: str, wanted: _Options) -> Iterator[list[str | None]]:
    """Rows of fields. A quoted field may hold delimiters and line ends; a quote in it is doubled or escaped."""
    ends = re.escape(wanted.rows) if wanted.rows else r"\r\n|\n|\r"
    quote, escaping = wanted.quote, wanted.escape
    field = rf"(?:{re.escape(wanted.delimiter)}|{ends}|\Z)"
    plain = re.compile(rf"(.*?)({field})", re.DOTALL)
    quoted = None
    if quote:
        q = re.escape(quote)
        inner = (
            rf"(?:{q}{q}|{re.escape(escaping)}.|[^{q}])" if escaping and escaping != quote else rf"(?:{q}{q}|[^{q}])"
        )
        quoted = re.compile(rf"{q}({inner}*?){q}({field})", re.DOTALL)
    position, row = 0, list[str | None]()
    while position <= len(text):
        found = (quoted.match(text, position) if quoted else None) or plain.match(text, position)
        if found is None:
            return
        is_quoted = quoted is not None and found.re is quoted
        content = _unescaped(found[1], wanted) if is_quoted else found[1]
        row.append(None if content == wanted.null and not is_quoted else content)
        position = found.end()
        if found[2] != wanted.delimiter:
            yield row
            row = []
            if found[2] == "" or position == len(text):
                return


def _unescaped(content: str, wanted: _Options) -> str:
    content = content.replace(wanted.quote * 2, wanted.quote)
    return content.replace(wanted.escape + wanted.quote, wanted.quote) if wanted.escape else content


# ---------------------------------------------------------------- writing


def write_document(text: str | None, options: str | None) -> str | None:
    """JSON as XML or as delimited text."""
    if text is None or options is None:
        return None
    wanted = _options(options)
    value = _json(text)
    if wanted.format == "xml":
        single = isinstance(value, dict) and len(value) == 1 and not isinstance(next(iter(value.values())), list)
        return "".join(_elements(*next(iter(value.items())))) if single else "".join(_elements("root", value))
    rows = value if isinstance(value, list) else [value]
    shape = wanted.shape["array"] if _is(wanted.shape, "array") else wanted.shape
    names = list(shape["struct"]) if _is(shape, "struct") else None
    lines = [names] if names and wanted.header else []
    lines += [[row.get(name) for name in names] if names and isinstance(row, dict) else [row] for row in rows]
    return (wanted.rows or "\n").join(wanted.delimiter.join(_field(item, wanted) for item in line) for line in lines)


def _field(value: Any, wanted: _Options) -> str:
    if value is None:
        return wanted.null
    text = str(value) if isinstance(value, str) else json_text(value)
    special = (wanted.delimiter, wanted.rows or "\n", "\r", wanted.quote)
    if not wanted.quote or not any(one and one in text for one in special):
        return text
    sign = wanted.escape or wanted.quote
    return wanted.quote + text.replace(wanted.quote, sign + wanted.quote) + wanted.quote


def _elements(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _elements(name, item)
        return
    if not isinstance(value, dict):
        text = "" if value is None else value if isinstance(value, str) else json_text(value)
        yield f"<{name}>{escape(text)}</{name}>"
        return
    attributes = "".join(
        f" {key[1:]}={quoteattr(str(item) if isinstance(item, str) else json_text(item))}"
        for key, item in value.items()
        if key.startswith("@")
    )
    yield f"<{name}{attributes}>"
    for key, item in value.items():
        if key == _VALUE:
            yield escape(str(item))
        elif not key.startswith("@"):
            yield from _elements(key, item)
    yield f"</{name}>"
