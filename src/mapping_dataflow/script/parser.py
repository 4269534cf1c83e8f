"""Parses whole data flow scripts: the parameters block and the statements with their arguments.

After a syntax error the parser goes on behind the statement's ``~> name``, so that one run reports every statement.
"""

from __future__ import annotations

from mapping_dataflow.errors import ProblemCollector, ProblemFound
from mapping_dataflow.script import syntax
from mapping_dataflow.script.expression_parser import ExpressionParser
from mapping_dataflow.script.lexer import tokenize
from mapping_dataflow.script.tokens import TokenKind

BLOCKS = frozenset(
    "output input mapColumn groupBy over each asc desc pivotBy ungroupBy unroll partitionBy match patternMatch".split()
)


def parse_script(text: str, subject: str = "the script") -> syntax.Script:
    """The tree of a script. Raises MappingDataFlowErrors with every syntax error found."""
    problems = ProblemCollector("parsing", subject, text)
    script = syntax.Script((), ())
    try:
        script = ScriptParser(text, tokenize(text, script=True)).script(problems)
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
    """The productions of statements on top of those of expressions."""

    def script(self, problems: ProblemCollector) -> syntax.Script:
        """Parameters and statements; syntax errors go to ``problems`` and cost their statement only."""
        parameters: tuple[syntax.ParameterDeclaration, ...] = ()
        if self.current.text == "parameters" and self.peek().text == "{":
            parameters = self._parameters()
        statements: list[syntax.Statement] = []
        while self.current.kind is not TokenKind.END:
            try:
                statements.append(self._statement())
            except ProblemFound as found:
                problems.add(found.problem)
                self._skip_statement()
        return syntax.Script(parameters, tuple(statements))

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
                self._skip_outputs()
                return

    def _skip_outputs(self) -> None:
        if self.at("@") and self.peek().text == "(":
            while not self.at_end() and self.advance().text != ")":
                pass

    def _statement(self) -> syntax.Statement:
        start = self.current.start
        inputs: list[syntax.StreamName] = []
        while not (self.current.kind is TokenKind.NAME and self.peek().text == "("):
            inputs.append(self._stream())
            if not self.accept(",") and self.peek().text != "(":
                raise self.unexpected("the name of a transformation and '('")
        verb = self.advance()
        self.expect("(")
        arguments = self.argument_list(")")
        if not self.at("~>"):
            raise self.unexpected("'~>' and the name of the stream")
        self.advance()
        name_span = self.current.span
        name = self.name("the name of the stream")
        outputs: list[str] = []
        if self.at("@") and self.peek().text == "(":
            self.advance()
            self.advance()
            while True:
                outputs.append(self.name("the name of an output"))
                if not self.accept(","):
                    break
            self._close(")")
        return syntax.Statement(
            tuple(inputs), verb.text, arguments, name, tuple(outputs), self.since(start), verb.span, name_span
        )

    def _stream(self) -> syntax.StreamName:
        start = self.current.start
        name = self.name("the name of a stream or of a transformation")
        output = self.name("the name of an output") if self.accept("@") else None
        return syntax.StreamName(name, output, self.since(start))

    def argument_list(self, closing: str) -> tuple[syntax.Argument, ...]:
        """Arguments of a statement, block or struct up to and with the closing bracket."""
        arguments: list[syntax.Argument] = []
        while not self.at(closing):
            arguments.append(self._argument())
            if not self.accept(","):
                break
        self._close(closing)
        return tuple(arguments)

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
        if isinstance(target, syntax.LocalName) and self.accept(":="):
            value = self.expression()
            return syntax.Assignment(target, value, True, self.since(token.start))
        if self.accept("="):
            value = self.expression()
            local = isinstance(target, syntax.LocalName)
            return syntax.Assignment(target, value, local, self.since(token.start))
        return syntax.Positional(target, self.since(token.start))

    def _block(self) -> syntax.Argument:
        name = self.advance()
        self.expect("(")
        if name.text in ("output", "input") and self._at_column():
            fields = self.fields()
            return syntax.Columns(name.text, fields, self.since(name.start))
        arguments = self.argument_list(")")
        return syntax.Block(name.text, arguments, self.since(name.start))

    def _at_column(self) -> bool:
        return self.current.kind in (TokenKind.NAME, TokenKind.BRACED) and self.peek().text == "as"
