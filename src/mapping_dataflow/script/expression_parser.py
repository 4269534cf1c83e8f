"""Parses expressions and types: a cursor over the tokens with precedence climbing for operators.

Precedence is not documented by Microsoft; the order here is the one that every documented example needs:
unary, ``* / %``, ``+ -``, comparison, equality, ``&``, ``^``, ``|``, ``&&``, ``||``, and last the type assertion ``?``.
"""

from __future__ import annotations

import re

from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.script import syntax
from mapping_dataflow.script.familiar_words import syntax_hint
from mapping_dataflow.script.lexer import embedded_end, tokenize
from mapping_dataflow.script.nesting import FEW_LEVELS, check_depth
from mapping_dataflow.script.tokens import Token, TokenKind

BINARY_LEVELS = {
    "||": 1,
    "&&": 2,
    "|": 3,
    "^": 4,
    "&": 5,
    "==": 6,
    "!=": 6,
    "===": 6,
    "<=>": 6,
    "<==>": 6,
    "<": 7,
    ">": 7,
    "<=": 7,
    ">=": 7,
    "+": 8,
    "-": 8,
    "*": 9,
    "/": 9,
    "%": 9,
}
"""How strongly a binary operator binds."""
BINARY_OPERATORS = frozenset(BINARY_LEVELS)
_BRACED_ESCAPE = re.compile(r"\\([\\{}])")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\", "{": "{", "}": "}"}
_LITERAL_NAMES = {"true", "false", "null", "NULL"}


def unescape(text: str) -> str:
    """Text of a string literal's body; a backslash before any other character stays (regular expressions)."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found.group(1), found.group()), text)


class ExpressionParser:
    """A cursor over tokens with the productions of expressions and types. Raises ProblemFound."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.index = 0
        self.current = tokens[0]
        self.levels = 0  # of the tree that is being read

    def deeper(self) -> None:
        """One level of the tree more. Raises ProblemFound for too many."""
        self.levels += 1
        if self.levels > FEW_LEVELS:
            check_depth(self.levels, self.current.span)

    # ------------------------------------------------------------ cursor

    def advance(self) -> Token:
        """The current token, leaving it behind."""
        token = self.current
        if token.kind is not TokenKind.END:
            self.index += 1
            self.current = self.tokens[self.index]
        return token

    def peek(self) -> Token:
        """The token after the current one."""
        return self.tokens[min(self.index + 1, len(self.tokens) - 1)]

    def at(self, symbol: str) -> bool:
        """True when the current token is that symbol."""
        return self.current.text == symbol and self.current.kind is TokenKind.SYMBOL

    def at_end(self) -> bool:
        """True when no token is left."""
        return self.current.kind is TokenKind.END

    def accept(self, symbol: str) -> bool:
        """Leave that symbol behind if it is there."""
        token = self.current
        if token.text != symbol or token.kind is not TokenKind.SYMBOL:
            return False
        self.index += 1  # as at() and advance(), in a method that a script calls for every second token
        self.current = self.tokens[self.index]
        return True

    def expect(self, symbol: str) -> Token:
        """Leave that symbol behind or report what is there instead."""
        if not self.at(symbol):
            raise self.unexpected(f"'{symbol}'")
        return self.advance()

    def unexpected(self, expected: str, hint: str = "") -> ProblemFound:
        """The error that something else than the current token was expected."""
        hint = hint or syntax_hint(self.text, self.tokens, self.index, expected)
        if self.current.kind is TokenKind.END:
            start = max(self.tokens[self.index - 1].start if self.index else 0, 0)
            return ProblemFound(
                "the text ends too early", Span(start, self.current.start), expected=expected, hint=hint
            )
        return ProblemFound(f"unexpected {self.current.text!r}", self.current.span, expected=expected, hint=hint)

    def since(self, start: int) -> Span:
        """Span from an offset to the end of the token before the current one."""
        return Span(start, self.tokens[self.index - 1].end)

    def name(self, what: str) -> str:
        """A plain or braced name."""
        if self.current.kind is TokenKind.NAME:
            return self.advance().text
        if self.current.kind is TokenKind.BRACED:
            return braced_name(self.advance().text)
        raise self.unexpected(what)

    # ------------------------------------------------------------ expressions

    def expression(self) -> syntax.Expression:
        """A whole expression, with type assertions behind it."""
        start, outer = self.current.start, self.levels
        result = self._binary(1)
        while self.accept("?"):
            self.deeper()
            type_syntax = self.type()
            result = syntax.TypeAssertion(result, type_syntax, self.since(start))
        self.levels = outer
        return result

    def _binary(self, lowest: int) -> syntax.Expression:
        start, outer = self.current.start, self.levels
        self.deeper()
        left = self._unary()
        while self.current.kind is TokenKind.SYMBOL:
            operator = self.current.text
            level = BINARY_LEVELS.get(operator, 0)
            if level < lowest:
                break
            self.advance()
            self.deeper()
            right = self._binary(level + 1)
            left = syntax.Binary("<=>" if operator == "<==>" else operator, left, right, self.since(start))
        self.levels = outer
        return left

    def _unary(self) -> syntax.Expression:
        token = self.current
        if token.kind is TokenKind.SYMBOL and token.text in ("-", "!", "+"):
            self.advance()
            self.deeper()
            return syntax.Unary(token.text, self._unary(), self.since(token.start))
        return self._postfix()

    def _postfix(self) -> syntax.Expression:
        start = self.current.start
        result = self._primary()
        while self.current.kind is TokenKind.SYMBOL:
            if self.accept("."):
                self.deeper()
                member = self.name("the name of a field")
                result = syntax.Member(result, member, self.since(start))
            elif self.accept("["):
                self.deeper()
                index = self.expression()
                self.expect("]")
                result = syntax.Index(result, index, self.since(start))
            else:
                break
        return result

    def _primary(self) -> syntax.Expression:
        token = self.current
        kind = token.kind
        if kind is TokenKind.NAME:
            return self._named()
        if kind is TokenKind.SYMBOL:
            return self._symbol()
        if kind is TokenKind.END:
            raise self.unexpected("an expression")
        self.advance()
        return self._literal(token)

    def _literal(self, token: Token) -> syntax.Expression:
        text = token.text
        match token.kind:
            case TokenKind.NUMBER:
                return syntax.NumberLiteral(text, token.span)
            case TokenKind.STRING:
                return syntax.StringLiteral(unescape(text[1:-1]), False, token.span)
            case TokenKind.RAW:
                return syntax.StringLiteral(text[1:-1], True, token.span)
            case TokenKind.TEMPLATE:
                return syntax.TemplateLiteral(self._template_parts(token), token.span)
            case TokenKind.DOLLAR:
                return syntax.ParameterName(braced_name(text[1:]) if text[1] == "{" else text[1:], token.span)
            case TokenKind.HASH:
                return syntax.LambdaName(text[1:], token.span)
            case TokenKind.UNREADABLE:
                return syntax.NullLiteral(token.span)  # its problem is known already
            case _:
                return self._reference(braced_name(text), token)

    def _named(self) -> syntax.Expression:
        token = self.advance()
        if self.at("("):
            arguments = self._arguments()
            return syntax.FunctionCall(token.text, arguments, self.since(token.start))
        if token.text in _LITERAL_NAMES and not self.at("@") and not self._at_cache_call(token):
            if token.text in ("null", "NULL"):
                return syntax.NullLiteral(token.span)
            return syntax.BooleanLiteral(token.text == "true", token.span)
        return self._reference(token.text, token)

    def _at_cache_call(self, name: Token) -> bool:
        return self.current.kind is TokenKind.HASH and self.current.start == name.end

    def _reference(self, name: str, token: Token) -> syntax.Expression:
        """A column, or a call of a cache sink, the first name being read already."""
        if not self._at_cache_call(token):
            return self._column(name, token)
        function = self.advance().text[1:]
        arguments = self._arguments()
        return syntax.CacheCall(name, function, arguments, self.since(token.start))

    def _column(self, first: str, token: Token) -> syntax.ColumnName:
        """``name``, ``stream@name`` or ``split@output@name``, the first name being read already."""
        names = [first]
        stream_span = token.span
        while len(names) < 3 and self.at("@") and self.peek().kind in (TokenKind.NAME, TokenKind.BRACED):
            stream_span = self.since(token.start)
            self.advance()
            names.append(self.name("a column"))
        if len(names) == 1:
            return syntax.ColumnName(first, None, token.span)
        stream = syntax.StreamName(names[0], names[1] if len(names) == 3 else None, stream_span)
        return syntax.ColumnName(names[-1], stream, self.since(token.start))

    def _symbol(self) -> syntax.Expression:
        token = self.current
        following = self.peek()
        struct = token.text == "@" and following.text == "("
        local = token.text == ":" and following.kind in (TokenKind.NAME, TokenKind.BRACED)
        if not (token.text in ("(", "[") or struct or local):
            raise self.unexpected("an expression")
        self.advance()
        if token.text == "(":
            inner = self.expression()
            self.expect(")")
            return syntax.Parenthesised(inner, self.since(token.start))
        if token.text == "[":
            return self._list(token)
        if struct:
            self.advance()
            fields = self.argument_list(")")
            return syntax.StructLiteral(fields, self.since(token.start))
        return syntax.LocalName(self.name("the name of a local"), self.since(token.start))

    def _arguments(self) -> tuple[syntax.Expression, ...]:
        self.expect("(")
        arguments: list[syntax.Expression] = []
        if not self.at(")"):
            arguments.append(self.expression())
            while self.accept(","):
                arguments.append(self.expression())
        self._close(")")
        return tuple(arguments)

    def _close(self, symbol: str) -> None:
        if not self.at(symbol):
            raise self.unexpected(f"',' or '{symbol}'")
        self.advance()

    def _list(self, opening: Token) -> syntax.Expression:
        items: list[syntax.Expression] = []
        entries: list[tuple[syntax.Expression, syntax.Expression]] = []
        while not self.at("]"):
            item = self.expression()
            if not items and self.accept("->"):
                entries.append((item, self.expression()))
            elif entries:
                raise self.unexpected("'->' and a value, as in the entries before")
            else:
                items.append(item)
            if not self.accept(","):
                break
        self._close("]")
        if entries:
            return syntax.MapLiteral(tuple(entries), self.since(opening.start))
        return syntax.ArrayLiteral(tuple(items), self.since(opening.start))

    def _template_parts(self, token: Token) -> tuple[str | syntax.Expression, ...]:
        parts: list[str | syntax.Expression] = []
        body = self.text
        offset, end = token.start + 1, token.end - 1
        text_start = offset
        while offset < end:
            if body[offset] == "\\":
                offset += 2
            elif body[offset] == "{":
                if offset > text_start:
                    parts.append(unescape(body[text_start:offset]))
                closing = embedded_end(body, offset, end)
                parts.append(self._embedded(offset + 1, closing))
                offset = text_start = closing + 1
            else:
                offset += 1
        if end > text_start:
            parts.append(unescape(body[text_start:end]))
        return tuple(parts)

    def _embedded(self, start: int, end: int) -> syntax.Expression:
        inner = type(self)(self.text, tokenize(self.text, start, end))
        inner.levels = self.levels
        result = inner.expression()
        if inner.current.kind is not TokenKind.END:
            raise inner.unexpected("the end of the embedded expression")
        return result

    def argument_list(self, closing: str) -> tuple[syntax.Argument, ...]:
        """Arguments up to the closing bracket; only the script parser knows their forms."""
        raise NotImplementedError

    # ------------------------------------------------------------ types

    def type(self) -> syntax.TypeSyntax:
        """A type: name, struct, map, and any number of ``[]`` behind it."""
        start, outer = self.current.start, self.levels
        self.deeper()
        result: syntax.TypeSyntax
        if self.accept("("):
            fields = self.fields()
            result = syntax.StructType(fields, self.since(start))
        elif self.accept("["):
            key = self.type()
            self.expect(",")
            value = self.type()
            self.expect("]")
            result = syntax.MapType(key, value, self.since(start))
        else:
            result = self._named_type()
        while self.at("[") and self.peek().text == "]":
            self.advance()
            self.advance()
            self.deeper()
            result = syntax.ArrayType(result, self.since(start))
        self.levels = outer
        return result

    def _named_type(self) -> syntax.NamedType:
        start = self.current.start
        if self.current.kind is not TokenKind.NAME:
            raise self.unexpected("a type")
        name = self.advance().text
        arguments: list[int] = []
        if name == "decimal" and self.at("("):  # any other type may have a default in parentheses behind it
            self.advance()
            while True:
                number = self.advance()
                if not number.text.isdigit():
                    raise ProblemFound(f"unexpected {number.text!r}", number.span, expected="a whole number")
                arguments.append(int(number.text))
                if not self.accept(","):
                    break
            self._close(")")
        return syntax.NamedType(name, tuple(arguments), self.since(start))

    def fields(self) -> tuple[syntax.StructField, ...]:
        """Columns or struct fields up to and with the closing parenthesis; the script parser reads lists."""
        raise NotImplementedError

    def _field(self) -> syntax.StructField:
        start = self.current.start
        name = self.name("the name of a column")
        if self.current.text != "as" or self.current.kind is not TokenKind.NAME:
            raise self.unexpected("'as' and a type")
        self.advance()
        type_syntax = self.type()
        format_ = None
        if not (self.at(",") or self.at(")")):
            format_ = self.expression()
        return syntax.StructField(name, type_syntax, format_, self.since(start))


def braced_name(text: str) -> str:
    """The name in a ``{…}`` token; a backslash makes a brace or a backslash part of the name.

    Braces that follow a dot need none: ``{order.{@id}}`` is the path ``order.{@id}``.
    """
    return _BRACED_ESCAPE.sub(r"\1", text[1:-1])
