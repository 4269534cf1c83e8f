"""XML as the service keeps and writes it: qualified names, attributes in their order, `<a />` apart from `<a></a>`.

.NET's XmlDocument and XmlWriter: https://learn.microsoft.com/dotnet/standard/data/xml/. White space alone between tags
is left out, unless `xml:space` preserves it. Documents that declare a type are refused: their entities can be anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias
from xml.parsers import expat

from pipeline_runtime.expressions.errors import ExpressionError

PREDECLARED = ("xml", "xmlns")
"""Prefixes that every document has."""
_TEXT_ESCAPES = {
    **{number: f"&#x{number:X};" for number in range(32) if chr(number) not in "\t\n\r"},
    **str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"}),
}
_ATTRIBUTE_ESCAPES = {**_TEXT_ESCAPES, **str.maketrans({'"': "&quot;", "\n": "&#xA;", "\r": "&#xD;"})}
_DEEPEST = 256
"""Elements within each other; libxml2 takes no more."""
_INDENT = "  "


@dataclass
class Text:
    """Text, a CDATA section, or white space that `xml:space` preserves."""

    value: str
    is_cdata: bool = False
    is_space: bool = False


@dataclass
class Comment:
    """A comment."""

    value: str


@dataclass
class Instruction:
    """A processing instruction; the declaration of XML is one of the target `xml`."""

    target: str
    value: str


@dataclass
class Element:
    """An element; `is_closed` tells that its tag closes itself."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    is_closed: bool = False

    def elements(self) -> Iterator[Element]:
        """It and all elements in it, in the document's order."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.elements()


Node: TypeAlias = Element | Text | Comment | Instruction


@dataclass
class Document:
    """What stands beside each other at the top; one of it is the root."""

    children: list[Node] = field(default_factory=list)

    @property
    def root(self) -> Element | None:
        """The only element at the top; None in an empty document."""
        return next((child for child in self.children if isinstance(child, Element)), None)


def parse(text: str) -> Document:
    """Raises ExpressionError for text that is no XML, with line and column."""
    building = _Building(text.lstrip().encode())
    try:
        building.parser.Parse(building.given, True)
    except expat.ExpatError as error:
        cause = expat.errors.messages[error.code]
        raise ExpressionError(f"it is no XML: {cause} (line {error.lineno}, column {error.offset + 1})") from error
    return building.document


class _Building:
    """What expat calls, and the document that comes of it."""

    def __init__(self, given: bytes) -> None:
        self.given = given
        self.document = Document()
        self._open: list[Element] = []
        self._scopes: list[frozenset[str]] = [frozenset(PREDECLARED)]
        self._preserves = [False]
        self._cdata: Text | None = None
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.ordered_attributes = parser.buffer_text = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._refuse_type
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartCdataSectionHandler = self._start_cdata
        parser.EndCdataSectionHandler = self._end_cdata
        parser.CommentHandler = lambda value: self._append(Comment(value))
        parser.ProcessingInstructionHandler = lambda target, value: self._append(Instruction(target, value))

    def _append(self, node: Node) -> None:
        (self._open[-1] if self._open else self.document).children.append(node)

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        given = {"version": version, "encoding": encoding, "standalone": {1: "yes", 0: "no"}.get(standalone)}
        self._append(declaration({name: value for name, value in given.items() if value is not None}))

    def _refuse_type(self, *_given: object) -> None:
        raise ExpressionError("a document type declaration (<!DOCTYPE …>) is not taken")

    def _start(self, name: str, given: list[str]) -> None:
        attributes = dict(zip(given[::2], given[1::2], strict=True))
        self._scopes.append(self._scopes[-1] | declared_prefixes(attributes))
        if "" in (attributes[each] for each in attributes if each.startswith("xmlns:")):
            raise ExpressionError(f"it is no XML: a prefix of '{name}' is declared without a namespace")
        for each in (name, *attributes):
            prefix = each.partition(":")[0] if ":" in each else ""
            if prefix and prefix not in self._scopes[-1]:
                raise ExpressionError(f"it is no XML: the prefix '{prefix}' of '{each}' is not declared")
        element = Element(name, attributes)
        self._append(element)
        self._open.append(element)
        if len(self._open) > _DEEPEST:
            raise ExpressionError(f"more than {_DEEPEST} elements stand within each other")
        space = attributes.get("xml:space")
        self._preserves.append(self._preserves[-1] if space is None else space == "preserve")

    def _end(self, _name: str) -> None:
        element, ended_at = self._open.pop(), self.parser.CurrentByteIndex
        element.is_closed = not element.children and self.given[ended_at - 2 : ended_at] == b"/>"
        self._scopes.pop()
        self._preserves.pop()

    def _start_cdata(self) -> None:
        self._cdata = Text("", is_cdata=True)
        self._append(self._cdata)

    def _end_cdata(self) -> None:
        self._cdata = None

    def _characters(self, value: str) -> None:
        if self._cdata is not None:
            self._cdata.value += value
        elif value.strip(" \t\r\n"):
            self._append(Text(value))
        elif self._preserves[-1]:
            self._append(Text(value, is_space=True))


def declaration(given: Mapping[str, str]) -> Instruction:
    """The declaration `<?xml … ?>` with these attributes."""
    return Instruction("xml", " ".join(f'{name}="{value}"' for name, value in given.items()))


def declared_prefixes(attributes: Mapping[str, str]) -> frozenset[str]:
    """The prefixes that an element's attributes declare."""
    return frozenset(name.removeprefix("xmlns:") for name in attributes if name.startswith("xmlns:"))


@cache
def is_of_name(letter: str, is_first: bool) -> bool:
    """Whether a name may have the letter, in its first place or behind it: whether the parser reads it so."""
    name, read = letter if is_first else f"a{letter}", []
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = lambda found, _attributes: read.append(found)
    try:
        parser.Parse(f"<{name}/>".encode(), True)
    except (expat.ExpatError, UnicodeEncodeError):
        return False
    return letter != ":" and read == [name]


def written(node: Document | Node) -> str:
    """The text of a document or node, without white space between tags."""
    if isinstance(node, Document):
        return "".join(map(written, node.children))
    if isinstance(node, Element):
        return _tag(node, "".join(map(written, node.children)))
    if isinstance(node, Text):
        return f"<![CDATA[{node.value}]]>" if node.is_cdata else node.value.translate(_TEXT_ESCAPES)
    if isinstance(node, Comment):
        return f"<!--{node.value}-->"
    return f"<?{node.target} {node.value}?>" if node.value else f"<?{node.target}?>"


def outlined(element: Element, depth: int = 0) -> str:
    """The text of an element, its children on lines of their own up to the first text among them."""
    written_children: list[str] = []
    holds_text = False
    for child in element.children:
        holds_text = holds_text or isinstance(child, Text)
        if holds_text:
            written_children.append(written(child))
        else:
            line = outlined(child, depth + 1) if isinstance(child, Element) else written(child)
            written_children.append(f"\n{_INDENT * (depth + 1)}{line}")
    end = "" if holds_text or not element.children else f"\n{_INDENT * depth}"
    return _tag(element, "".join(written_children) + end)


def _tag(element: Element, inner: str) -> str:
    attributes = ((name, value.translate(_ATTRIBUTE_ESCAPES)) for name, value in element.attributes.items())
    start = "".join(f' {name}="{value}"' for name, value in attributes)
    if element.is_closed and not inner:
        return f"<{element.name}{start} />"
    return f"<{element.name}{start}>{inner}</{element.name}>"
