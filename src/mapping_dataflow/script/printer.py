"""Prints a syntax tree as a script: the printed script has the same tree. Comments and layout are not kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mapping_dataflow.script import syntax

_PLAIN_NAME = re.compile(r"[A-Za-z]\w*\Z")
_PLAIN_PARAMETER = re.compile(r"(?:[$#]|\d+|[^\W\d]\w*)\Z")
_PATH_NAME = re.compile(r"(?:[^{}\\]|\.\{[^{}\\]*\})*")
_BRACE = re.compile(r"[\\}]|(?<=\.)\{")
_RESERVED = frozenset({"true", "false", "null", "NULL"})
_INDENT = "     "


def print_script(script: syntax.Script) -> str:
    """The script's text, one statement after the other, arguments on lines of their own."""
    parts: list[str] = []
    if script.parameters:
        lines = ",\n".join(_INDENT + _PRINTER.parameter(parameter) for parameter in script.parameters)
        parts.append("parameters{\n" + lines + "\n}")
    parts.extend(print_statement(statement) for statement in script.statements)
    return "\n".join(parts)


def print_statement(statement: syntax.Statement) -> str:
    """One statement, inputs first."""
    inputs = ", ".join(stream_name(stream) for stream in statement.inputs)
    arguments = (",\n" + _INDENT).join(print_argument(argument) for argument in statement.arguments)
    head = f"{inputs} " if inputs else ""
    outputs = f"@({', '.join(map(print_name, statement.outputs))})" if statement.outputs else ""
    return f"{head}{statement.verb}({arguments}) ~> {print_name(statement.name)}{outputs}"


def stream_name(stream: syntax.StreamName) -> str:
    """``stream`` or ``split@output``."""
    name = print_name(stream.name)
    return f"{name}@{print_name(stream.output)}" if stream.output is not None else name


def print_name(name: str) -> str:
    """A name, in braces unless it is plain."""
    if _PLAIN_NAME.match(name) and name not in _RESERVED:
        return name
    if _PATH_NAME.fullmatch(name):
        return "{" + name + "}"
    return "{" + _BRACE.sub(r"\\\g<0>", name) + "}"


def print_argument(argument: syntax.Argument) -> str:
    """One argument of a statement, block or struct."""
    return _PRINTER.argument(argument)


def print_expression(expression: syntax.Expression) -> str:
    """An expression with the parentheses it was written with."""
    return _PRINTER.expression(expression)


def print_type(type_syntax: syntax.TypeSyntax) -> str:
    """A type as in a column list."""
    return _PRINTER.type(type_syntax)


def print_quoted(text: str) -> str:
    """A string literal with that value."""
    return "'" + _escaped(text, "'") + "'"


class Printer:
    """Writes parts of the tree on one line; what a literal looks like can be decided by a derived class."""

    def parameter(self, node: syntax.ParameterDeclaration) -> str:
        """A declared parameter with its default."""
        default = f" ({self.expression(node.default)})" if node.default is not None else ""
        return f"{print_name(node.name)} as {self.type(node.type)}{default}"

    def field(self, node: syntax.StructField) -> str:
        """A declared column."""
        format_ = f" {self.expression(node.format)}" if node.format is not None else ""
        return f"{print_name(node.name)} as {self.type(node.type)}{format_}"

    def argument(self, node: syntax.Argument) -> str:
        """One argument of a statement, block or struct."""
        match node:
            case syntax.Columns():
                return f"{node.name}({self._fields(node.fields)})"
            case syntax.Block():
                return f"{node.name}({', '.join(map(self.argument, node.arguments))})"
            case _:
                head, value = self.parts(node)
                return head + self.expression(value)

    def parts(self, node: syntax.Property | syntax.Assignment | syntax.Positional) -> tuple[str, syntax.Expression]:
        """What stands before the value of an argument, and the value."""
        match node:
            case syntax.Property():
                return f"{node.name}: ", node.value
            case syntax.Assignment():
                if node.local and isinstance(node.target, syntax.LocalName):
                    return f"{print_name(node.target.name)} := ", node.value
                return f"{self.expression(node.target)} = ", node.value
            case syntax.Positional():
                return "", node.expression

    def type(self, node: syntax.TypeSyntax) -> str:
        """A type as in a column list."""
        match node:
            case syntax.NamedType():
                arguments = ",".join(map(str, node.arguments))
                return f"{node.name}({arguments})" if arguments else node.name
            case syntax.StructType():
                return f"({self._fields(node.fields)})"
            case syntax.ArrayType():
                return self.type(node.element) + "[]"
            case syntax.MapType():
                return f"[{self.type(node.key)},{self.type(node.value)}]"

    def expression(self, node: syntax.Expression) -> str:
        """An expression with the parentheses it was written with."""
        match node:
            case syntax.NumberLiteral() | syntax.StringLiteral() | syntax.TemplateLiteral():
                return self.literal(node)
            case syntax.BooleanLiteral():
                return "true" if node.value else "false"
            case syntax.NullLiteral():
                return "null"
            case syntax.ColumnName():
                stream = f"{stream_name(node.stream)}@" if node.stream is not None else ""
                return stream + print_name(node.name)
            case syntax.ParameterName():
                return "$" + (node.name if _PLAIN_PARAMETER.match(node.name) else print_name(node.name))
            case syntax.LambdaName():
                return f"#{node.name}"
            case syntax.LocalName():
                return f":{print_name(node.name)}"
            case _:
                return self._compound(node)

    def literal(self, node: syntax.NumberLiteral | syntax.StringLiteral | syntax.TemplateLiteral) -> str:
        """A number, a text or an interpolated text."""
        match node:
            case syntax.NumberLiteral():
                return node.text
            case syntax.StringLiteral():
                return f"`{node.value}`" if node.raw else print_quoted(node.value)
            case syntax.TemplateLiteral():
                parts = (
                    _escaped(part, '"').replace("{", "\\{")
                    if isinstance(part, str)
                    else "{" + self.expression(part) + "}"
                    for part in node.parts
                )
                return '"' + "".join(parts) + '"'

    def call_name(self, node: syntax.FunctionCall | syntax.CacheCall) -> str:
        """What stands before the arguments of a call."""
        return node.name if isinstance(node, syntax.FunctionCall) else f"{print_name(node.sink)}#{node.function}"

    def entry(self, entry: tuple[syntax.Expression, syntax.Expression]) -> str:
        """A key and its value in a map."""
        return f"{self.expression(entry[0])} -> {self.expression(entry[1])}"

    def _compound(self, node: syntax.Expression) -> str:
        match node:
            case syntax.FunctionCall() | syntax.CacheCall():
                return f"{self.call_name(node)}({self._listed(node.arguments)})"
            case syntax.Unary():
                return node.operator + self.expression(node.operand)
            case syntax.Binary():
                return f"{self.expression(node.left)} {node.operator} {self.expression(node.right)}"
            case syntax.Parenthesised():
                return f"({self.expression(node.expression)})"
            case syntax.Index():
                return f"{self.expression(node.base)}[{self.expression(node.index)}]"
            case syntax.Member():
                return f"{self.expression(node.base)}.{print_name(node.name)}"
            case syntax.TypeAssertion():
                return f"{self.expression(node.expression)} ? {self.type(node.type)}"
            case _:
                return self._collection(node)

    def _collection(self, node: syntax.Expression) -> str:
        match node:
            case syntax.ArrayLiteral():
                return f"[{self._listed(node.items)}]"
            case syntax.MapLiteral():
                return f"[{', '.join(map(self.entry, node.entries))}]"
            case syntax.StructLiteral():
                return f"@({', '.join(map(self.argument, node.fields))})"
            case _:
                raise TypeError(f"internal-error: no printed form for {type(node).__name__}")

    def _listed(self, nodes: Sequence[syntax.Expression]) -> str:
        return ", ".join(map(self.expression, nodes))

    def _fields(self, fields: Sequence[syntax.StructField]) -> str:
        return ", ".join(map(self.field, fields))


def _escaped(text: str, quote: str) -> str:
    text = text.replace("\\", "\\\\").replace(quote, "\\" + quote)
    return text.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r").replace("\b", "\\b").replace("\f", "\\f")


_PRINTER = Printer()
