"""Parses whole data flow scripts: the parameters block and the statements with their arguments.

After a syntax error the parser goes on with the next argument, or behind the statement's ``~> name`` when it cannot
tell where the argument ends, so that one run reports every problem of the script.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from mapping_dataflow.errors import ProblemCollector, ProblemFound, Span
from mapping_dataflow.script import syntax
from mapping_dataflow.script.expression_parser import ExpressionParser
from mapping_dataflow.script.lexer import tokenize
from mapping_dataflow.script.tokens import Token, TokenKind

BLOCKS = frozenset(
    """output input mapColumn mapParameter groupBy over each asc desc pivotBy ungroupBy unroll unrollMultiple
    partitionBy match patternMatch""".split()
)


_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
"""What JSON may escape and no file can hold."""
_DEPTHS = {"(": 1, "[": 1, ")": -1, "]": -1}
_Item = TypeVar("_Item")


def parse_script(text: str, subject: str = "the script") -> syntax.Script:
    """The tree of a script. Raises MappingDataFlowErrors with every syntax error found."""
    problems = ProblemCollector("parsing", subject, text)
    script = syntax.Script((), ())
    for half in _HALF_CHARACTER.finditer(text):
        problems.report("half of a surrogate pair is no character", Span(*half.span()))
    try:
        tokens = tokenize(text, script=True, problems=problems)
        script = ScriptParser(text, tokens, problems).script()
    except ProblemFound as found:
        problems.add(found.problem)
    problems.raise_if_any()
    return script


def parse_expression(text: str, subject: str = "the expression") -> syntax.Expression:
    """The tree of one expression. Raises MappingDataFlowErrors."""
    problems = ProblemCollector("parsing", subject, text)
    try:
        parser = ScriptParser(text, tokenize(text))
        result = parser.expression()
        if parser.current.kind is not TokenKind.END:
            raise parser.unexpected("the end of the expression")
    except ProblemFound as found:
        problems.add(found.problem)
        problems.raise_if_any()
        raise
    return result


def parse_type(text: str) -> syntax.TypeSyntax:
    """The tree of one type, such as ``(a as string, b as integer[])``. Raises MappingDataFlowErrors."""
    problems = ProblemCollector("parsing", "the type", text)
    try:
        parser = ScriptParser(text, tokenize(text))
        result = parser.type()
        if parser.current.kind is not TokenKind.END:
            raise parser.unexpected("the end of the type")
    except ProblemFound as found:
        problems.add(found.problem)
        problems.raise_if_any()
        raise
    return result


class ScriptParser(ExpressionParser):
    """The productions of statements on top of those of expressions.

    With ``problems`` it collects what is wrong and goes on; without it the first problem is raised.
    """

    def __init__(self, text: str, tokens: list[Token], problems: ProblemCollector | None = None) -> None:
        super().__init__(text, tokens)
        self.problems = problems
        self._first = 0  # index of the first token of the statement

    def script(self) -> syntax.Script:
        """Parameters and statements; what is wrong costs its argument or its statement only."""
        parameters: tuple[syntax.ParameterDeclaration, ...] = ()
        if self.current.text == "parameters" and self.peek().text == "{":
            parameters = self._parameters()
        statements: list[syntax.Statement] = []
        while self.current.kind is not TokenKind.END:
            self._first, self.levels = self.index, 0
            try:
                statements.append(self._statement())
            except ProblemFound as found:
                self._report(found)
                self._skip_statement()
        return syntax.Script(parameters, tuple(statements))

    def _report(self, found: ProblemFound) -> None:
        """Keeps a problem, unless unreadable text, which is reported already, stands before it in the statement."""
        if self.problems is None:
            raise found
        read = self.tokens[self._first : self.index + 1]
        if not any(token.kind is TokenKind.UNREADABLE for token in read):
            self.problems.add(found.problem)

    def _parameters(self) -> tuple[syntax.ParameterDeclaration, ...]:
        self.advance()
        self.expect("{")
        parameters: list[syntax.ParameterDeclaration] = []
        while not self.at("}"):
            parameters.append(self._parameter())
            if not self.accept(","):
                break
        self.expect("}")
        return tuple(parameters)

    def _parameter(self) -> syntax.ParameterDeclaration:
        start = self.current.start
        name = self.name("the name of a parameter")
        if self.current.text != "as":
            raise self.unexpected("'as' and a type")
        self.advance()
        type_syntax = self.type()
        default = None
        if self.accept("("):
            default = self.expression()
            self.expect(")")
        return syntax.ParameterDeclaration(name, type_syntax, default, self.since(start))

    def _skip_statement(self) -> None:
        while not self.at_end():
            if self.advance().text == "~>" and not self.at_end():
                self.advance()
                if self.at("@") and self.peek().text == "(":
                    self.advance()
                    self.advance()
                    self._skip_outputs()
                return

    def _skip_outputs(self) -> None:
        """Goes behind the closing bracket of outputs, or before what looks like the next statement."""
        while not self.at_end() and self.peek().text != "(":
            if self.advance().text == ")":
                return

    def _statement(self) -> syntax.Statement:
        start = self.current.start
        inputs: list[syntax.StreamName] = []
        while not (self.current.kind is TokenKind.NAME and self.peek().text == "("):
            inputs.append(self._stream())
            if not self.accept(",") and self.peek().text != "(":
                words = self.current.kind is TokenKind.NAME is self.peek().kind
                hint = "a name of several words stands in braces: {two words}" if words else ""
                raise self.unexpected("the name of a transformation and '('", hint)
        verb = self.advance()
        self.expect("(")
        arguments = self.argument_list(")")
        if not self.at("~>"):
            raise self.unexpected("'~>' and the name of the stream")
        self.advance()
        name_span = self.current.span
        name = self.name("the name of the stream")
        outputs = self._outputs()
        return syntax.Statement(
            tuple(inputs), verb.text, arguments, name, outputs, self.since(start), verb.span, name_span
        )

    def _outputs(self) -> tuple[str, ...]:
        if not (self.at("@") and self.peek().text == "("):
            return ()
        self.advance()
        self.advance()
        outputs: list[str] = []
        try:
            while True:
                outputs.append(self.name("the name of an output"))
                if not self.accept(","):
                    break
            self._close(")")
        except ProblemFound as found:
            self._report(found)
            self._skip_outputs()
        return tuple(outputs)

    def _stream(self) -> syntax.StreamName:
        start = self.current.start
        name = self.name("the name of a stream or of a transformation")
        output = self.name("the name of an output") if self.accept("@") else None
        return syntax.StreamName(name, output, self.since(start))

    def argument_list(self, closing: str) -> tuple[syntax.Argument, ...]:
        """Arguments of a statement, block or struct up to and with the closing bracket."""
        return self._listed(self._argument, closing)

    def fields(self) -> tuple[syntax.StructField, ...]:
        """Columns or struct fields up to and with the closing parenthesis."""
        return self._listed(self._field, ")")

    def _listed(self, item: Callable[[], _Item], closing: str) -> tuple[_Item, ...]:
        """Items with commas between them up to and with the closing bracket; a wrong item costs itself only."""
        items: list[_Item] = []
        outer = self.levels
        while not self.at(closing):
            first, self.levels = self.index, outer
            self.deeper()
            try:
                items.append(item())
                if not (self.at(",") or self.at(closing)):
                    raise self.unexpected(f"',' or '{closing}'")
            except ProblemFound as found:
                self._report(found)
                self._skip_item(first, closing, found)
            if not self.accept(","):
                break
        self._close(closing)
        self.levels = outer
        return tuple(items)

    def _skip_item(self, first: int, closing: str, found: ProblemFound) -> None:
        """Goes to the comma or bracket behind the item; raises the problem again when the statement ends first."""
        depth = sum(map(_depth, self.tokens[first : self.index]))
        while depth > 0 or not (self.at(",") or self.at(closing)):
            if self.at_end() or self.at("~>") or depth < 0:
                raise found
            depth += _depth(self.advance())

    def _argument(self) -> syntax.Argument:
        token = self.current
        if token.kind is TokenKind.NAME:
            following = self.peek()
            if following.kind is TokenKind.SYMBOL and following.text == ":":
                self.advance()
                self.advance()
                value = self.expression()
                return syntax.Property(token.text, value, self.since(token.start))
            if following.text == "(" and token.text in BLOCKS:
                return self._block()
        target = self.expression()
        local = _local(target)
        if self.at(":=") and local is not None:
            self.advance()
            return syntax.Assignment(local, self.expression(), True, self.since(token.start))
        if self.accept("="):
            value = self.expression()
            return syntax.Assignment(target, value, isinstance(target, syntax.LocalName), self.since(token.start))
        return syntax.Positional(target, self.since(token.start))

    def _block(self) -> syntax.Argument:
        name = self.advance()
        self.expect("(")
        if name.text in ("output", "input") and (self._at_column() or self.at(")")):
            fields = self.fields()
            return syntax.Columns(name.text, fields, self.since(name.start))
        arguments = self.argument_list(")")
        return syntax.Block(name.text, arguments, self.since(name.start))

    def _at_column(self) -> bool:
        return self.current.kind in (TokenKind.NAME, TokenKind.BRACED) and self.peek().text == "as"


def _local(target: syntax.Expression) -> syntax.LocalName | None:
    """The local that ``name := value`` declares; ``:name := value`` is read as well."""
    if isinstance(target, syntax.ColumnName) and target.stream is None:
        return syntax.LocalName(target.name, target.span)
    return target if isinstance(target, syntax.LocalName) else None


def _depth(token: Token) -> int:
    return _DEPTHS.get(token.text, 0) if token.kind is TokenKind.SYMBOL else 0
