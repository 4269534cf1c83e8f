"""Parser of expressions and of the JSON strings that hold them.

Rules of `@`, `@@` and `@{…}`:
https://learn.microsoft.com/azure/data-factory/control-flow-expression-language-functions#expressions
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile

from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.syntax import (
    Access,
    Call,
    Embedded,
    Literal,
    Node,
    Template,
    Text,
    is_parameters_of_pipeline,
)
from pipeline_runtime.expressions.tokens import Kind, Token, tokenize
from pipeline_runtime.expressions.values import is_long

_PLAIN = re.compile(r"[A-Za-z0-9_]+")
MOST_LEVELS = 150
"""Calls and brackets in each other: what walks the trees does so by recursion, for which Python has room then."""
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def holds_expression(text: str) -> bool:
    """Whether a JSON string needs evaluation (it may also only need unescaping)."""
    return text.startswith("@") or "@{" in text


@lru_cache(maxsize=4096)
def parse_template(text: str) -> Template:
    """Read a JSON string: an expression (`@…`), text with `@{…}` inside, or plain text.

    Raises ExpressionError with the position in `text`.
    """
    if text == "@":
        return Template((Text("@"),), whole=False)
    if text.startswith("@") and not text.startswith(("@@", "@{")):
        tokens, _ = tokenize(text, 1)
        node = _Parser(text, tokens).expression_to_end()
        return Template((Embedded(text, node, 1),), whole=True)
    if text.startswith("@@") and not text.startswith("@@{"):
        return Template((Text("@"), *_interpolated(text, 2)), whole=False)
    return Template(tuple(_interpolated(text, 0)), whole=False)


def parse_expression(text: str) -> Node:
    """Read one bare expression (without `@`)."""
    tokens, _ = tokenize(text)
    return _Parser(text, tokens).expression_to_end()


def _interpolated(text: str, start: int) -> list[Text | Embedded]:
    parts: list[Text | Embedded] = []
    position = start
    while position < len(text):
        opening = text.find("@{", position)
        if opening < 0:
            parts.append(Text(text[position:]))
            break
        if opening > position and text[opening - 1] == "@":
            parts.append(Text(text[position : opening - 1] + "@{"))
            position = opening + 2
            continue
        if opening > position:
            parts.append(Text(text[position:opening]))
        tokens, end = tokenize(text, opening + 2, stop_at_brace=True)
        if end >= len(text):
            raise ExpressionError(
                "the interpolation '@{' that starts here is not closed by '}'",
                text,
                opening,
            )
        parts.append(Embedded(text, _Parser(text, tokens).expression_to_end(), opening + 2))
        position = end + 1
    return parts


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, source: str, tokens: list[Token]) -> None:
        self._source = source
        self._tokens = tokens
        self._index = 0
        self._levels = 0

    def expression_to_end(self) -> Node:
        node = self._expression()
        if self._current.kind != "end":
            raise self._unexpected("the end of the expression")
        return node

    @property
    def _current(self) -> Token:
        return self._tokens[self._index]

    def _at(self, kind: Kind) -> bool:
        return self._current.kind == kind

    def _take(self, kind: Kind) -> Token:
        if self._current.kind != kind:
            raise self._unexpected(f"'{kind}'" if len(kind) == 1 else f"a {kind}")
        self._index += 1
        return self._tokens[self._index - 1]

    def _unexpected(self, expected: str) -> ExpressionError:
        token = self._current
        found = "the end" if token.kind == "end" else f"'{token.value}'"
        if blanks := self._name_with_blanks():
            found += f"; a name with blanks is written in brackets: ['{blanks}']"
        return ExpressionError(f"expected {expected}, found {found}", self._source, token.position)

    def _name_with_blanks(self) -> str:
        """The words from the last property on, where the current word cannot stand behind it.

        https://github.com/MicrosoftDocs/azure-docs/issues/44584
        """
        kinds = [each.kind for each in self._tokens[max(self._index - 2, 0) : self._index + 1]]
        if kinds != [".", "name", "name"]:
            return ""
        words = takewhile(lambda each: each.kind == "name", self._tokens[self._index - 1 :])
        return " ".join(each.value for each in words)

    def _expression(self) -> Node:
        self._levels += 1
        if self._levels > MOST_LEVELS:
            cause = f"the expression is nested deeper than {MOST_LEVELS} levels"
            raise ExpressionError(cause, self._source, self._current.position)
        node = self._primary()
        while self._current.kind in (".", "[", "?"):
            node = self._access(node)
        self._levels -= 1
        return node

    def _access(self, target: Node) -> Node:
        position = self._current.position
        optional = self._current.kind == "?"
        if optional:
            self._take("?")
        if self._current.kind == "[":
            self._take("[")
            key = self._expression()
            self._take("]")
            return Access(target, key, optional, position)
        self._take(".")
        name = self._take("name")
        if _holds_parameters(target):
            self._require_plain(name)
        return Access(target, Literal(name.value, name.position), optional, position, is_dotted=True)

    def _require_plain(self, parameter: Token) -> None:
        """The service looks for the parameter that is named by the letters, digits and underscores at the start.

        https://github.com/Azure/Azure-DataFactory/issues/199, https://github.com/MicrosoftDocs/azure-docs/issues/69407
        """
        seen = _PLAIN.match(parameter.value)
        if seen is None or seen.group() != parameter.value:
            cause = f"Azure finds no parameter '{seen.group() if seen else ''}', which is all that it reads of"
            rule = "the name of a parameter that is referred to has letters, digits and underscores alone"
            raise ExpressionError(f"{cause} '{parameter.value}'; {rule}", self._source, parameter.position)

    def _primary(self) -> Node:
        token = self._current
        if token.kind == "text":
            self._index += 1
            return Literal(token.value, token.position)
        if token.kind == "number":
            self._index += 1
            return Literal(self._number(token), token.position)
        if token.kind == "name":
            return self._word_or_call()
        raise self._unexpected("a value or a function call")

    def _number(self, token: Token) -> int | float:
        if any(character in token.value for character in ".eE"):
            return float(token.value)
        if not is_long(number := int(token.value)):
            cause = f"the number {token.value} has more than 64 bits"
            raise ExpressionError(cause, self._source, token.position)
        return number

    def _word_or_call(self) -> Node:
        token = self._take("name")
        if self._current.kind != "(":
            if token.value.lower() in _WORDS:
                return Literal(_WORDS[token.value.lower()], token.position)
            raise ExpressionError(
                f"'{token.value}' is neither a function call nor a value; text is written in single quotes",
                self._source,
                token.position,
            )
        self._take("(")
        arguments: list[Node] = []
        while not self._at(")"):
            if arguments:
                self._take(",")
            arguments.append(self._expression())
        self._take(")")
        return Call(token.value, tuple(arguments), token.position)


def _holds_parameters(node: Node) -> bool:
    """Whether what is selected from a value is a parameter of a pipeline, dataset or linked service."""
    if isinstance(node, Call):
        return node.name.lower() in ("dataset", "linkedservice")
    return is_parameters_of_pipeline(node)
