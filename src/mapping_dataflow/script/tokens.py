"""Kinds of tokens of the data flow script and the token record."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from mapping_dataflow.errors import Span


class TokenKind(Enum):
    """What a token is; operators and brackets are ``SYMBOL`` and told apart by their text."""

    NAME = auto()  # customerId
    BRACED = auto()  # {any text}
    NUMBER = auto()  # 5 2L .05 1.5f 0xf4 0022
    STRING = auto()  # 'text'
    RAW = auto()  # `text`
    TEMPLATE = auto()  # "text {expression}"
    DOLLAR = auto()  # $parameter $$ $1 $#
    HASH = auto()  # #item, and the cache call after a name
    SYMBOL = auto()
    UNREADABLE = auto()  # text that starts no token; its problem is reported by the lexer
    END = auto()


class Token(NamedTuple):
    """One token: its kind, its exact text and where it starts."""

    kind: TokenKind
    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset just after the token."""
        return self.start + len(self.text)

    @property
    def span(self) -> Span:
        """Range of the token in the script."""
        return Span(self.start, self.start + len(self.text))
