"""JSON with the deviations that a reader may be asked to take, as strict JSON.

Four are those of Jackson, which reads JSON for Spark: names without quotes, single quotes, comments, and a backslash
before any character. The fifth is one of Json.NET, which reads JSON for pipelines: a comma behind the last item.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection

DEVIATIONS = ("singleQuoted", "unquotedColumnNames", "asComments", "backslashEscape")
"""Their names in scripts of data flows."""
TRAILING_COMMAS = "trailingCommas"

_STRICT_ESCAPES = '"\\/bfnrtu'
_TOKENS = re.compile(
    r'(?P<blank>\s+)|(?P<double>"(?:[^"\\]|\\.)*")|(?P<single>\'(?:[^\'\\]|\\.)*\')'
    r"|(?P<comment>//[^\n\r]*|/\*.*?\*/)|(?P<sign>[{}\[\]:,])|(?P<word>[\w$@#*+.-]+)",
    re.DOTALL,
)
_ESCAPES = re.compile(r"\\(.)", re.DOTALL)
_NAME = re.compile(r"[\w$@#*+-]+\Z")


def strict_json(text: str, deviations: Collection[str]) -> str:
    """The text as strict JSON. Raises ValueError for what neither JSON nor the deviations allow."""
    rewriting = _Rewriting(deviations)
    position = 0
    while position < len(text):
        found = _TOKENS.match(text, position)
        if found is None:
            raise ValueError(f"{text[position]!r} at {position + 1} begins nothing")
        position = found.end()
        rewriting.take(str(found.lastgroup), found[0])
    return "".join(rewriting.pieces)


class _Rewriting:
    """The strict pieces so far, and where in the text they end."""

    def __init__(self, deviations: Collection[str]) -> None:
        self.pieces: list[str] = []
        self._deviations = deviations
        self._in_object = [False]
        self._expects_name = False
        self._before = ""
        self._comma: int | None = None
        """Where in the pieces a comma stands that nothing follows yet."""

    def take(self, kind: str, piece: str) -> None:
        """One piece more."""
        if kind == "sign":
            self._take_sign(piece)
        self.pieces.append(_written(kind, piece, self._deviations, expects_name=self._expects_name))
        self._expects_name = self._expects_name and kind in ("blank", "comment", "sign")
        if kind not in ("blank", "comment"):
            self._comma = len(self.pieces) - 1 if piece == "," and self._before not in ("[", "{") else None
            self._before = piece

    def _take_sign(self, piece: str) -> None:
        if piece in "{[":
            self._in_object.append(piece == "{")
        elif piece in "}]":
            self._in_object = self._in_object[:-1] or [False]
            if self._comma is not None and TRAILING_COMMAS in self._deviations:
                self.pieces[self._comma] = ""
        self._expects_name = piece in "{," and self._in_object[-1]


def _written(kind: str, piece: str, deviations: Collection[str], *, expects_name: bool) -> str:
    if kind == "comment":
        return " " if "asComments" in deviations else _not_allowed(piece)
    if kind == "single" and "singleQuoted" not in deviations:
        return _not_allowed(piece)
    if kind in ("single", "double"):
        return _text(piece, deviations)
    if kind == "word" and expects_name:
        named = "unquotedColumnNames" in deviations and _NAME.match(piece)
        return json.dumps(piece, ensure_ascii=False) if named else _not_allowed(piece)
    return piece


def _text(piece: str, deviations: Collection[str]) -> str:
    """A text in double quotes."""
    extra = "'" if "singleQuoted" in deviations else ""

    def escaped(found: re.Match[str]) -> str:
        if found[1] in _STRICT_ESCAPES:
            return found[0]
        if found[1] in extra or "backslashEscape" in deviations:
            return found[1]
        return _not_allowed(found[0])

    inner = piece[1:-1]
    if piece[0] == "'":
        inner = re.sub(r'(\\.)|"', lambda found: found[1] or '\\"', inner, flags=re.DOTALL)
    return '"' + _ESCAPES.sub(escaped, inner) + '"'


def _not_allowed(piece: str) -> str:
    raise ValueError(f"{piece} is no JSON")
