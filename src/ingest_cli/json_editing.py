"""Replaces single values in a JSON text and leaves every other character as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from synapse_artifacts.positions import Places, places_of

_INDENTED = re.compile(r"^([ \t]+)\S", re.MULTILINE)
_LEADING = re.compile(r"[ \t]*")


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str


class JsonText:
    """A JSON text with the edits to be made; ``edited`` is the new text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._places: Places = places_of(text)
        self._edits: list[_Edit] = []
        found = _INDENTED.search(text)
        self._unit = found.group(1) if found else ""
        self._newline = "\r\n" if "\r\n" in text else "\n"

    @property
    def edited(self) -> str:
        """The text with all edits made."""
        text = self._text
        for edit in sorted(self._edits, key=lambda one: -one.start):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text

    def value(self, pointer: str) -> object:
        """The value at a pointer; None when there is none."""
        span = self._span(pointer)
        return None if span is None else json.loads(self._text[slice(*span)])

    def set_text(self, pointer: str, value: str) -> None:
        """Replaces a value by a text, unless it is that text already."""
        span = self._span(pointer)
        if span is not None and json.loads(self._text[slice(*span)]) != value:
            self._edits.append(_Edit(*span, self._quoted(value)))

    def set_lines(self, pointer: str, lines: Sequence[str]) -> None:
        """Replaces a value by a list of texts, one a line as the text is laid out, unless it is that list already."""
        span = self._span(pointer)
        if span is not None and json.loads(self._text[slice(*span)]) != list(lines):
            self._edits.append(_Edit(*span, self._list(span[0], lines)))

    def rename(self, pointer: str, key: str) -> None:
        """Gives the value at a pointer another key."""
        span = self._span(pointer)
        if span is not None:
            old = json.dumps(pointer.rpartition("/")[2])
            start = self._text.rindex(old, 0, span[0])
            self._edits.append(_Edit(start, start + len(old), json.dumps(key)))

    def _span(self, pointer: str) -> tuple[int, int] | None:
        place = self._places.positions.get(pointer)
        if place is None:
            return None
        start = 0
        for _ in range(place.line - 1):
            start = self._text.index("\n", start) + 1
        start += place.column - 1
        return start, json.JSONDecoder().raw_decode(self._text, start)[1]

    def _quoted(self, value: str) -> str:
        return json.dumps(value, ensure_ascii=self._text.isascii())

    def _list(self, start: int, lines: Sequence[str]) -> str:
        if "\n" not in self._text:
            return "[" + ", ".join(map(self._quoted, lines)) + "]"
        if not lines:
            return "[]"
        line_start = self._text.rfind("\n", 0, start) + 1
        leading = _LEADING.match(self._text, line_start)
        outer = leading.group() if leading else ""
        inner = outer + (self._unit or "    ")
        items = f",{self._newline}".join(inner + self._quoted(line) for line in lines)
        return f"[{self._newline}{items}{self._newline}{outer}]"
