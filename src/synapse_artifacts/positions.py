"""JSON text with places: where each value stands, and which keys occur twice. For messages; values come from `json`."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from synapse_artifacts.documents import escaped

_BLANKS = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCALAR = re.compile(r"[^\s,\]}]+")
_PIECE = re.compile(r"(?:\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\u[0-9A-Fa-f]{4}|\\.|[^\"\\])")
_MOST_LEVELS = 100
"""How deep values may lie inside each other; the documents of real workspaces have some 20 levels."""


@dataclass(frozen=True)
class Position:
    """A place in a text; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class RepeatedKey:
    """A key that stands twice in one object: the pointer of its value, and where it stands the second time."""

    pointer: str
    key: str
    position: Position


@dataclass(frozen=True)
class WrongNumber:
    """`NaN` or an infinity, which JSON does not have, or a number too large: the pointer, what it is, and where."""

    pointer: str
    cause: str
    position: Position


@dataclass
class Places:
    """Where the values of a JSON text stand, by JSON pointer, its repeated keys and what it takes for numbers."""

    text: str = ""
    positions: dict[str, Position] = field(default_factory=dict)
    repeated: list[RepeatedKey] = field(default_factory=list)
    wrong_numbers: list[WrongNumber] = field(default_factory=list)

    @cached_property
    def _in_any_case(self) -> dict[str, Position]:
        """Places by pointer in lower case: services read the names of properties in any case."""
        return {pointer.lower(): position for pointer, position in reversed(self.positions.items())}

    def _exactly(self, pointer: str) -> Position | None:
        return self.positions.get(pointer) or self._in_any_case.get(pointer.lower())

    def find(self, pointer: str) -> Position | None:
        """The place of a value, or of the nearest value around it."""
        while (found := self._exactly(pointer)) is None and pointer:
            pointer = pointer.rpartition("/")[0]
        return found

    def find_character(self, pointer: str, index: int) -> Position | None:
        """The place of a character of a string value, which counts from 0; of the value itself when it is no string."""
        position = self._exactly(pointer)
        if position is None:
            return self.find(pointer)
        lines = self.text.split("\n")
        start = sum(len(line) + 1 for line in lines[: position.line - 1]) + position.column - 1
        if not self.text.startswith('"', start):
            return position
        offset = start + 1
        for _ in range(index):
            piece = _PIECE.match(self.text, offset)
            if piece is None:
                break
            offset = piece.end()
        return Position(position.line, position.column + offset - start)


class RepeatedKeysError(ValueError):
    """A JSON text in which an object has a key twice."""


class WrongNumberError(ValueError):
    """A JSON text with `NaN`, an infinity or a number in it that is larger than any double."""


class TooDeepError(ValueError):
    """A JSON text whose values lie deeper inside each other than anything here reads."""


def parse(text: str) -> Any:
    """The value of a JSON text.

    Raises json.JSONDecodeError, TooDeepError, WrongNumberError or RepeatedKeysError (see `places_of` for which ones).
    """
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_wrong_number, parse_int=_integer, parse_float=_fraction
        )
    except RecursionError as error:
        raise TooDeepError(_MOST_LEVELS) from error
    _check_depth(value)
    return value


def _wrong_number(text: str) -> Any:
    raise WrongNumberError(text)


def _integer(text: str) -> int:
    return int(text) if _is_in_range(text) else _wrong_number(text)


def _fraction(text: str) -> float:
    return float(text) if _is_in_range(text) else _wrong_number(text)


def _is_in_range(text: str) -> bool:
    return math.isfinite(float(text))


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(_MOST_LEVELS):
        level = [inner for outer in level for inner in _containers(outer)]
        if not level:
            return
    raise TooDeepError(_MOST_LEVELS)


def _containers(value: Any) -> list[Any]:
    """The objects and arrays directly inside an object or array."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [inner for inner in inside if isinstance(inner, dict | list)]


def _object(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise RepeatedKeysError("a key stands twice in an object")
    return result


def places_of(text: str) -> Places:
    """The places of a text that `json` can read."""
    scanner = _Scanner(text)
    scanner.value("", scanner.skip(0))
    return scanner.places


def _wrong(scalar: str) -> str:
    """What is wrong with a text as a number; empty for anything else."""
    if scalar in ("NaN", "Infinity", "-Infinity"):
        return f"the file is no JSON: it holds {scalar}"
    is_number = scalar[0] in "-0123456789"
    return "the number is larger than any that a service keeps" if is_number and not _is_in_range(scalar) else ""


class _Scanner:
    """Walks over valid JSON and notes where values begin."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._line = 0
        self.places = Places(text)

    def skip(self, offset: int) -> int:
        """The offset of what follows blanks."""
        found = _BLANKS.match(self._text, offset)
        return offset if found is None else found.end()

    def value(self, pointer: str, offset: int) -> int:
        """Notes a value and all inside it; returns the offset behind it."""
        self.places.positions[pointer] = self._position(offset)
        opening = self._text[offset]
        if opening == "{":
            return self._object(pointer, offset)
        if opening == "[":
            return self._array(pointer, offset)
        found = (_STRING if opening == '"' else _SCALAR).match(self._text, offset)
        if found is not None and (cause := _wrong(found.group())):
            self.places.wrong_numbers.append(WrongNumber(pointer, cause, self.places.positions[pointer]))
        return offset + 1 if found is None else found.end()

    def _object(self, pointer: str, offset: int) -> int:
        seen: set[str] = set()
        offset = self.skip(offset + 1)
        while self._text[offset] != "}":
            position = self._position(offset)
            end = self._behind_string(offset)
            key = str(json.loads(self._text[offset:end]))
            offset = end
            below = f"{pointer}/{escaped(key)}"
            if key in seen:
                self.places.repeated.append(RepeatedKey(below, key, position))
            seen.add(key)
            offset = self.value(below, self.skip(self.skip(offset) + 1))
            offset = self._next(offset)
        return offset + 1

    def _array(self, pointer: str, offset: int) -> int:
        index = 0
        offset = self.skip(offset + 1)
        while self._text[offset] != "]":
            offset = self._next(self.value(f"{pointer}/{index}", offset))
            index += 1
        return offset + 1

    def _behind_string(self, offset: int) -> int:
        found = _STRING.match(self._text, offset)
        return offset + 1 if found is None else found.end()

    def _next(self, offset: int) -> int:
        """The offset of the next item or of the closing bracket."""
        offset = self.skip(offset)
        return self.skip(offset + 1) if self._text[offset] == "," else offset

    def _position(self, offset: int) -> Position:
        while self._line + 1 < len(self._line_starts) and self._line_starts[self._line + 1] <= offset:
            self._line += 1
        return Position(self._line + 1, offset - self._line_starts[self._line] + 1)
