"""Writes expressions for reading: on one line where they fit, else broken at arguments and operators.

Literals are taken from the script as they are written there.
"""

from __future__ import annotations

from collections.abc import Sequence

from mapping_dataflow.script import syntax
from mapping_dataflow.script.expression_parser import BINARY_LEVELS
from mapping_dataflow.script.printer import print_expression, print_name, print_type

INDENT = "     "
WIDTH = 100
_LITERALS = syntax.NumberLiteral | syntax.StringLiteral | syntax.TemplateLiteral


class ExpressionLayout:
    """Expressions of one script; ``indent`` is the indentation of the line, ``used`` how much of it is written."""

    def __init__(self, text: str) -> None:
        self._text = text

    def expression(self, node: syntax.Expression, indent: str, used: int) -> str:
        """The expression, on one line if it fits behind what is used of it."""
        flat = self.flat(node)
        if used + len(flat) <= WIDTH:
            return flat
        match node:
            case syntax.FunctionCall():
                return self._call(node.name, node.arguments, indent, used)
            case syntax.CacheCall():
                return self._call(f"{print_name(node.sink)}#{node.function}", node.arguments, indent, used)
            case syntax.Binary():
                return self._binary(node, indent, used)
            case syntax.Parenthesised():
                return f"({self.expression(node.expression, indent, used + 1)})"
            case syntax.Unary():
                return node.operator + self.expression(node.operand, indent, used + 1)
            case syntax.TypeAssertion():
                return f"{self.expression(node.expression, indent, used)} ? {print_type(node.type)}"
            case _:
                return self._collection(node, indent)

    def _collection(self, node: syntax.Expression, indent: str) -> str:
        match node:
            case syntax.ArrayLiteral():
                return self._array(node, indent)
            case syntax.MapLiteral():
                return self._lines("[", [self._entry(*entry) for entry in node.entries], "]", indent)
            case syntax.StructLiteral():
                return self._lines("@(", [self.argument(one, indent + INDENT) for one in node.fields], ")", indent)
            case _:
                return self.flat(node)

    def argument(self, node: syntax.Argument, indent: str) -> str:
        """An argument that begins a line."""
        match node:
            case syntax.Property():
                head, value = f"{node.name}: ", node.value
            case syntax.Assignment():
                sign = " := " if node.local else " = "
                head, value = self._target(node) + sign, node.value
            case syntax.Positional():
                head, value = "", node.expression
            case _:
                return self.flat_argument(node)
        return head + self.expression(value, indent, len(indent) + len(head))

    def flat_argument(self, node: syntax.Argument) -> str:
        """An argument on one line."""
        match node:
            case syntax.Property():
                return f"{node.name}: {self.flat(node.value)}"
            case syntax.Assignment():
                return f"{self._target(node)} {':=' if node.local else '='} {self.flat(node.value)}"
            case syntax.Positional():
                return self.flat(node.expression)
            case syntax.Columns():
                return f"{node.name}({', '.join(map(self.field, node.fields))})"
            case syntax.Block():
                return f"{node.name}({', '.join(map(self.flat_argument, node.arguments))})"

    def field(self, node: syntax.StructField) -> str:
        """A declared column."""
        format_ = f" {self.flat(node.format)}" if node.format is not None else ""
        return f"{print_name(node.name)} as {print_type(node.type)}{format_}"

    def _target(self, node: syntax.Assignment) -> str:
        if node.local and isinstance(node.target, syntax.LocalName):
            return print_name(node.target.name)
        return self.flat(node.target)

    def flat(self, node: syntax.Expression) -> str:
        """The expression on one line, except for line breaks inside of literals."""
        match node:
            case syntax.NumberLiteral() | syntax.StringLiteral() | syntax.TemplateLiteral():
                return self._text[node.span.start : node.span.end]
            case syntax.FunctionCall():
                return f"{node.name}({self._listed(node.arguments)})"
            case syntax.CacheCall():
                return f"{print_name(node.sink)}#{node.function}({self._listed(node.arguments)})"
            case syntax.ArrayLiteral():
                return f"[{self._listed(node.items)}]"
            case syntax.MapLiteral():
                return f"[{', '.join(self._entry(*entry) for entry in node.entries)}]"
            case syntax.StructLiteral():
                return f"@({', '.join(map(self.flat_argument, node.fields))})"
            case _:
                return self._flat_operation(node)

    def _flat_operation(self, node: syntax.Expression) -> str:
        match node:
            case syntax.Binary():
                return f"{self.flat(node.left)} {node.operator} {self.flat(node.right)}"
            case syntax.Unary():
                return node.operator + self.flat(node.operand)
            case syntax.Parenthesised():
                return f"({self.flat(node.expression)})"
            case syntax.Index():
                return f"{self.flat(node.base)}[{self.flat(node.index)}]"
            case syntax.Member():
                return f"{self.flat(node.base)}.{print_name(node.name)}"
            case syntax.TypeAssertion():
                return f"{self.flat(node.expression)} ? {print_type(node.type)}"
            case _:
                return print_expression(node)

    def _listed(self, nodes: Sequence[syntax.Expression]) -> str:
        return ", ".join(map(self.flat, nodes))

    def _entry(self, key: syntax.Expression, value: syntax.Expression) -> str:
        return f"{self.flat(key)} -> {self.flat(value)}"

    def _call(self, name: str, arguments: Sequence[syntax.Expression], indent: str, used: int) -> str:
        if len(arguments) == 1:
            return f"{name}({self.expression(arguments[0], indent, used + len(name) + 2)})"
        inner = indent + INDENT
        return self._lines(f"{name}(", [self.expression(one, inner, len(inner) + 1) for one in arguments], ")", indent)

    def _lines(self, opening: str, items: Sequence[str], closing: str, indent: str) -> str:
        inner = indent + INDENT
        return f"{opening}\n{inner}" + f",\n{inner}".join(items) + f"\n{indent}{closing}"

    def _array(self, node: syntax.ArrayLiteral, indent: str) -> str:
        inner = indent + INDENT
        if not all(isinstance(item, _LITERALS) for item in node.items):
            return self._lines("[", [self.expression(one, inner, len(inner) + 1) for one in node.items], "]", indent)
        lines: list[str] = []
        for item in map(self.flat, node.items):
            if lines and len(inner) + len(lines[-1]) + len(item) + 3 <= WIDTH:
                lines[-1] += f", {item}"
            else:
                lines.append(item)
        return self._lines("[", lines, "]", indent)

    def _binary(self, node: syntax.Binary, indent: str, used: int) -> str:
        """Operands of one level stand below each other, each behind its operator."""
        level = BINARY_LEVELS[node.operator]
        operands: list[tuple[str, syntax.Expression]] = []
        first: syntax.Expression = node
        while isinstance(first, syntax.Binary) and BINARY_LEVELS[first.operator] == level:
            operands.append((first.operator, first.right))
            first = first.left
        inner = indent + INDENT
        text = self.expression(first, indent, used)
        for operator, operand in reversed(operands):
            written = self.expression(operand, inner, len(inner) + len(operator) + 2)
            text += f"\n{inner}{operator} {written}"
        return text
