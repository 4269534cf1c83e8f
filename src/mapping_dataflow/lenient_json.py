"""JSON with the deviations that a reader may be asked to take, as strict JSON.

They are those of Jackson, which reads JSON for Spark: names without quotes, single quotes, comments, and a backslash
before any character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection

DEVIATIONS = ("singleQuoted", "unquotedColumnNames", "asComments", "backslashEscape")
"""Their names in scripts."""

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
    pieces: list[str] = []
    names = [False]
    expects_name = False
    position = 0
    while position < len(text):
        found = _TOKENS.match(text, position)
        if found is None:
            raise ValueError(f"{text[position]!r} at {position + 1} begins nothing")
        position = found.end()
        kind, piece = found.lastgroup, found[0]
        if kind == "sign":
            if piece in "{[":
                names.append(piece == "{")
            elif piece in "}]" and len(names) > 1:
                names.pop()
            expects_name = piece in "{," and names[-1]
        pieces.append(_written(str(kind), piece, deviations, expects_name=expects_name))
        expects_name = expects_name and kind in ("blank", "comment", "sign")
    return "".join(pieces)


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
