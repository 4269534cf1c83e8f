"""Lexer of the expression language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pipeline_runtime.expressions.errors import ExpressionError

Kind = Literal["name", "text", "number", "(", ")", "[", "]", ",", ".", "?", "end"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PROPERTY = re.compile(r"(?:[^\W\d]|\$)[\w$@-]*")
"""What people write behind a point: the names of columns have the letters of any language.

Names with - and @ are published, but only brackets select them when it runs.
"""
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_PUNCTUATION: dict[str, Kind] = {
    "(": "(",
    ")": ")",
    "[": "[",
    "]": "]",
    ",": ",",
    ".": ".",
    "?": "?",
}


@dataclass(frozen=True)
class Token:
    """One token; `value` is the decoded string, the number's text or the name."""

    kind: Kind
    value: str
    position: int


def tokenize(source: str, start: int = 0, stop_at_brace: bool = False) -> tuple[list[Token], int]:
    """Split `source` from `start` into tokens; returns them and the position after the last.

    With `stop_at_brace` the first `}` outside a string ends the expression (string interpolation).
    Raises ExpressionError at a character that begins no token and at an unfinished string.
    """
    tokens: list[Token] = []
    position = start
    while position < len(source):
        character = source[position]
        if character.isspace():
            position += 1
        elif character == "}" and stop_at_brace:
            break
        else:
            token, position = _next_token(source, position, tokens[-1].kind if tokens else "end")
            tokens.append(token)
    tokens.append(Token("end", "", position))
    return tokens, position


def _next_token(source: str, position: int, previous: Kind) -> tuple[Token, int]:
    character = source[position]
    if character == "'":
        return _string(source, position)
    number = _NUMBER.match(source, position) if previous != "." else None
    if number and (character != "." or previous in ("(", ",", "[", "end")):
        return Token("number", number.group(), position), number.end()
    pattern = _PROPERTY if previous == "." else _NAME
    name = pattern.match(source, position)
    if name:
        return Token("name", name.group(), position), name.end()
    if character in _PUNCTUATION:
        return Token(_PUNCTUATION[character], character, position), position + 1
    raise ExpressionError(f"unexpected character '{character}'", source, position)


def _string(source: str, start: int) -> tuple[Token, int]:
    pieces: list[str] = []
    position = start + 1
    while True:
        end = source.find("'", position)
        if end < 0:
            raise ExpressionError(
                "the string that starts here is not closed by a single quote",
                source,
                start,
            )
        pieces.append(source[position:end])
        if source[end + 1 : end + 2] != "'":
            return Token("text", "".join(pieces), start), end + 1
        pieces.append("'")
        position = end + 2
