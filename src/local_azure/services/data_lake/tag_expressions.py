"""Expressions over the tags of a blob: those that find blobs, and those of the header x-ms-if-tags.

https://learn.microsoft.com/rest/api/storageservices/find-blobs-by-tags
https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

CONTAINER = "@container"
OF_SEARCHES = frozenset({"and", "=", ">", ">=", "<", "<="})
"""What joins and compares in a search."""
OF_CONDITIONS = OF_SEARCHES | {"or", "<>"}

_TOKEN = re.compile(
    r"\s*(?:(?P<value>'(?:[^']|'')*')|(?P<name>\"[^\"]*\"|@?\w[\w.]*)|(?P<symbol><>|<=|>=|[=<>()]))", re.UNICODE
)
_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class ExpressionError(ValueError):
    """A text that is no expression; the message says where and what was expected."""


@dataclass(frozen=True)
class Comparison:
    """A tag, or the name of the container, and the text that it is compared with."""

    name: str
    symbol: str
    value: str

    def holds(self, tags: Mapping[str, str]) -> bool:
        """Whether it holds for tags; one that is missing equals nothing."""
        if self.name not in tags:
            return self.symbol == "<>"
        return _COMPARISONS[self.symbol](tags[self.name], self.value)

    @property
    def names(self) -> frozenset[str]:
        """Names of the tags that are compared."""
        return frozenset({self.name})


@dataclass(frozen=True)
class Joined:
    """Two expressions, of which both or one must hold."""

    word: str
    left: Expression
    right: Expression

    def holds(self, tags: Mapping[str, str]) -> bool:
        """Whether it holds for tags."""
        if self.word == "and":
            return self.left.holds(tags) and self.right.holds(tags)
        return self.left.holds(tags) or self.right.holds(tags)

    @property
    def names(self) -> frozenset[str]:
        """Names of the tags that are compared."""
        return self.left.names | self.right.names


Expression = Comparison | Joined


def parse(text: str, served: frozenset[str]) -> Expression:
    """The expression that a text means, of the words and symbols that are served; raises ExpressionError."""
    return _Parser(text, served).whole()


class _Parser:
    def __init__(self, text: str, served: frozenset[str]) -> None:
        self._text = text
        self._served = served
        self._position = 0

    def whole(self) -> Expression:
        found = self._any_of()
        if self._text[self._position :].strip():
            self._fail("and" if "or" not in self._served else "and or or")
        return found

    def _any_of(self) -> Expression:
        found = self._all_of()
        while self._takes_word("or"):
            found = Joined("or", found, self._all_of())
        return found

    def _all_of(self) -> Expression:
        found = self._one()
        while self._takes_word("and"):
            found = Joined("and", found, self._one())
        return found

    def _one(self) -> Expression:
        if "or" in self._served and self._takes("symbol", "("):
            found = self._any_of()
            if not self._takes("symbol", ")"):
                self._fail(")")
            return found
        name = self._takes("name") or self._fail("the name of a tag")
        symbol = self._takes("symbol")
        if symbol not in self._served:
            self._fail(f"one of {', '.join(sorted(self._served - {'and', 'or'}))}")
        value = self._takes("value") or self._fail("a value in single quotation marks")
        return Comparison(name.strip('"'), symbol, value[1:-1].replace("''", "'"))

    def _takes_word(self, word: str) -> bool:
        match = _TOKEN.match(self._text, self._position)
        if word in self._served and match is not None and (match["name"] or "").lower() == word:
            self._position = match.end()
            return True
        return False

    def _takes(self, kind: str, wanted: str = "") -> str:
        match = _TOKEN.match(self._text, self._position)
        found = (match[kind] or "") if match is not None else ""
        if not found or match is None or (wanted and found != wanted):
            return ""
        self._position = match.end()
        return found

    def _fail(self, expected: str) -> NoReturn:
        raise ExpressionError(f"expected {expected} at character {self._position + 1} of '{self._text}'")
