"""A JSON text made to hold another value: what stays equal keeps its very text, what is new is laid out like the rest.

So a file that Studio wrote stays as Studio writes it: keys keep their order, new ones come last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from synapse_artifacts.documents import escaped
from synapse_artifacts.positions import places_of

STUDIO_INDENT = "\t"
"""How Studio indents the files that it writes; it ends them without a new line."""
_INDENTED = re.compile(r"^([ \t]+)\S", re.MULTILINE)
_LEADING = re.compile(r"[ \t]*")
_ESCAPED = re.compile(r"\\u[0-9a-fA-F]{4}")


def studio_text(value: Any) -> str:
    """The text of a new file as Studio would write it."""
    return json.dumps(value, indent=STUDIO_INDENT, ensure_ascii=False)


def rewritten(text: str, value: Any) -> str:
    """The text with another value in it; the text itself where the value is the one that it holds."""
    rewriting = _Rewriting(text)
    begin, end = rewriting.span("")
    return text[:begin] + rewriting.text_of("", json.loads(text[begin:end]), value) + text[end:]


class _Rewriting:
    """The old text and how it is laid out."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._positions = places_of(text).positions
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", text))]
        found = _INDENTED.search(text)
        self._unit = found.group(1) if found else STUDIO_INDENT
        self._is_one_line = "\n" not in text.strip()
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._ascii = text.isascii() and _ESCAPED.search(text) is not None

    def span(self, pointer: str) -> tuple[int, int]:
        """Where the value of a pointer begins and ends."""
        position = self._positions[pointer]
        begin = self._line_starts[position.line - 1] + position.column - 1
        return begin, json.JSONDecoder().raw_decode(self._text, begin)[1]

    def text_of(self, pointer: str, old: Any, new: Any) -> str:
        """The text of a value in the place of an old one."""
        if equal(old, new):
            return self._text[slice(*self.span(pointer))]
        if isinstance(old, dict) and isinstance(new, dict):
            if old.keys() == new.keys():
                return self._patched(pointer, [(f"{pointer}/{escaped(key)}", old[key], new[key]) for key in old])
            return self._container(pointer, old, list(self._members(pointer, old, new)), "{}")
        if isinstance(old, list) and isinstance(new, list):
            if len(old) == len(new):
                return self._patched(pointer, [(f"{pointer}/{i}", old[i], new[i]) for i in range(len(old))])
            return self._container(pointer, old, list(self._items(pointer, old, new)), "[]")
        return self._dumped(new, self._indent(pointer))

    def _patched(self, pointer: str, children: list[tuple[str, Any, Any]]) -> str:
        """The old text with the texts of values inside it replaced."""
        begin, end = self.span(pointer)
        text = self._text[begin:end]
        for child, old, new in reversed(children):
            if not equal(old, new):
                first, last = self.span(child)
                text = text[: first - begin] + self.text_of(child, old, new) + text[last - begin :]
        return text

    def _members(self, pointer: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
        inner = self._indent(pointer) + self._unit
        for key in [*(key for key in old if key in new), *(key for key in new if key not in old)]:
            child = f"{pointer}/{escaped(key)}"
            value = self.text_of(child, old[key], new[key]) if key in old else self._dumped(new[key], inner)
            yield f"{json.dumps(key, ensure_ascii=self._ascii)}: {value}"

    def _items(self, pointer: str, old: list[Any], new: list[Any]) -> Iterator[str]:
        inner = self._indent(pointer) + self._unit
        partners = _partners(old, new)
        for index, item in enumerate(new):
            partner = partners.get(index)
            if partner is None:
                yield self._dumped(item, inner)
            else:
                yield self.text_of(f"{pointer}/{partner}", old[partner], item)

    def _container(self, pointer: str, old: Any, pieces: list[str], brackets: str) -> str:
        opening, closing = brackets[0], brackets[1]
        was = self._text[slice(*self.span(pointer))]
        if not pieces:
            return brackets
        if (old and "\n" not in was) or self._is_one_line:
            return opening + ", ".join(pieces) + closing
        outer = self._indent(pointer)
        lines = f",{self._newline}".join(outer + self._unit + piece for piece in pieces)
        return f"{opening}{self._newline}{lines}{self._newline}{outer}{closing}"

    def _indent(self, pointer: str) -> str:
        """The blanks before the line on which a value begins."""
        found = _LEADING.match(self._text, self._line_starts[self._positions[pointer].line - 1])
        return found.group() if found else ""

    def _dumped(self, value: Any, outer: str) -> str:
        if self._is_one_line:
            return json.dumps(value, ensure_ascii=self._ascii)
        text = json.dumps(value, indent=self._unit, ensure_ascii=self._ascii)
        return text.replace("\n", self._newline + outer)


def _partners(old: list[Any], new: list[Any]) -> dict[int, int]:
    """By index of a new item: that of the old item of the same name, else of the same text."""
    names = {item["name"]: index for index, item in enumerate(old) if _is_named(item)}
    if len(names) == len(old) and all(map(_is_named, new)):
        return {index: names[item["name"]] for index, item in enumerate(new) if item["name"] in names}
    matcher = SequenceMatcher(None, list(map(_text, old)), list(map(_text, new)), autojunk=False)
    return {
        block.b + offset: block.a + offset for block in matcher.get_matching_blocks() for offset in range(block.size)
    }


def _text(item: Any) -> str:
    return json.dumps(item, sort_keys=True)


def _is_named(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name"), str)


def equal(one: Any, other: Any) -> bool:
    """Whether two values are one as JSON: `1`, `1.0` and `true` are three."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return type(one) is type(other) and bool(one == other)
