"""Writes expressions for reading: on one line where they fit, else broken at arguments and operators.

Literals are taken from the script as they are written there.
"""

from __future__ import annotations

from collections.abc import Sequence

from mapping_dataflow.script import syntax
from mapping_dataflow.script.expression_parser import BINARY_LEVELS
from mapping_dataflow.script.printer import Printer

INDENT = "     "
WIDTH = 100
_LITERALS = syntax.NumberLiteral | syntax.StringLiteral | syntax.TemplateLiteral


class ExpressionLayout(Printer):
    """Parts of one script, given its text, on one line (as the printer has them) or on several."""

    def __init__(self, text: str) -> None:
        self._text = text

    def literal(self, node: syntax.NumberLiteral | syntax.StringLiteral | syntax.TemplateLiteral) -> str:
        """A literal as it is written in the script; it may go over several lines."""
        return self._text[node.span.start : node.span.end]

    def broken_argument(self, node: syntax.Property | syntax.Assignment | syntax.Positional, indent: str) -> str:
        """An argument that begins a line."""
        head, value = self.parts(node)
        return head + self.broken(value, indent, len(indent) + len(head))

    def broken(self, node: syntax.Expression, indent: str, used: int) -> str:
        """The expression, on one line if it fits behind what is ``used`` of a line indented by ``indent``."""
        flat = self.expression(node)
        if used + len(flat) <= WIDTH:
            return flat
        match node:
            case syntax.FunctionCall() | syntax.CacheCall():
                return self._broken_call(self.call_name(node), node.arguments, indent, used)
            case syntax.Binary():
                return self._broken_binary(node, indent, used)
            case syntax.Parenthesised():
                return f"({self.broken(node.expression, indent, used + 1)})"
            case syntax.Unary():
                return node.operator + self.broken(node.operand, indent, used + 1)
            case syntax.TypeAssertion():
                return f"{self.broken(node.expression, indent, used)} ? {self.type(node.type)}"
            case syntax.ArrayLiteral():
                return self._broken_array(node, indent)
            case syntax.MapLiteral():
                return _lines("[", [self.entry(one) for one in node.entries], "]", indent)
            case syntax.StructLiteral():
                return _lines("@(", [self._struct_field(one, indent + INDENT) for one in node.fields], ")", indent)
            case _:
                return flat

    def _struct_field(self, node: syntax.Argument, indent: str) -> str:
        if isinstance(node, syntax.Columns | syntax.Block):
            return self.argument(node)
        return self.broken_argument(node, indent)

    def _broken_call(self, name: str, arguments: Sequence[syntax.Expression], indent: str, used: int) -> str:
        if len(arguments) == 1:
            return f"{name}({self.broken(arguments[0], indent, used + len(name) + 2)})"
        return _lines(f"{name}(", self._items(arguments, indent), ")", indent)

    def _items(self, nodes: Sequence[syntax.Expression], indent: str) -> list[str]:
        inner = indent + INDENT
        return [self.broken(one, inner, len(inner) + 1) for one in nodes]

    def _broken_array(self, node: syntax.ArrayLiteral, indent: str) -> str:
        if not all(isinstance(item, _LITERALS) for item in node.items):
            return _lines("[", self._items(node.items, indent), "]", indent)
        lines: list[str] = []
        for item in map(self.expression, node.items):
            if lines and len(indent + INDENT) + len(lines[-1]) + len(item) + 3 <= WIDTH:
                lines[-1] += f", {item}"
            else:
                lines.append(item)
        return _lines("[", lines, "]", indent)

    def _broken_binary(self, node: syntax.Binary, indent: str, used: int) -> str:
        """Operands of one level stand below each other, each behind its operator."""
        level = BINARY_LEVELS[node.operator]
        operands: list[tuple[str, syntax.Expression]] = []
        first: syntax.Expression = node
        while isinstance(first, syntax.Binary) and BINARY_LEVELS[first.operator] == level:
            operands.append((first.operator, first.right))
            first = first.left
        inner = indent + INDENT
        text = self.broken(first, indent, used)
        for operator, operand in reversed(operands):
            written = self.broken(operand, inner, len(inner) + len(operator) + 2)
            text += f"\n{inner}{operator} {written}"
        return text


def _lines(opening: str, items: Sequence[str], closing: str, indent: str) -> str:
    inner = indent + INDENT
    return f"{opening}\n{inner}" + f",\n{inner}".join(items) + f"\n{indent}{closing}"
