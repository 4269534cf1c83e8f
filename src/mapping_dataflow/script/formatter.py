"""Lays a script out to be read: a statement a block, an argument a line, long ones broken at about 100 columns.

The tree stays the same, literals stay as they are written, and so do comments: those between arguments and statements
stand on lines of their own (or behind what they follow on its line), and an argument with a comment inside is kept as
it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mapping_dataflow.errors import Span
from mapping_dataflow.script import syntax
from mapping_dataflow.script.expression_layout import INDENT, WIDTH, ExpressionLayout
from mapping_dataflow.script.lexer import comments_between, tokenize
from mapping_dataflow.script.printer import print_name, stream_name

_ALWAYS_BROKEN = ("output", "input", "mapColumn", "mapParameter")


def format_script(text: str, script: syntax.Script) -> str:
    """The text of a script, given its own text and tree, laid out anew; laid out again it stays the same."""
    return _Formatter(text).script(script)


@dataclass(frozen=True)
class _Item:
    """One item of a list: where it is written, and what writes it behind an indentation."""

    span: Span
    write: Callable[[str], None]


class _Formatter:
    """Writes lines; comments are put back in order, each before what stands behind it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._layout = ExpressionLayout(text)
        self._comments = list(comments_between(text, tokenize(text, script=True)))
        self._lines: list[str] = []
        self._end = 0  # where what was written last ends in the old text

    def script(self, script: syntax.Script) -> str:
        """The whole script."""
        if script.parameters:
            self._flush(self._text.index("{"), "")
            self._lines.append("parameters{")
            self._end = self._text.index("{") + 1
            self._items([_Item(one.span, self._parameter(one)) for one in script.parameters], INDENT, fresh=True)
            brace = self._brace(script.parameters[-1].span.end)
            self._flush(brace, INDENT)
            self._lines.append("}")
            self._end = brace + 1
        for statement in script.statements:
            self._flush(statement.span.start, "")
            self._statement(statement)
            self._end = statement.span.end
        self._flush(len(self._text) + 1, "")
        return "\n".join(self._lines)

    # ------------------------------------------------------------ comments

    def _flush(self, offset: int, indent: str) -> bool:
        """Writes the comments that stand before an offset; true if there were any."""
        found = False
        while self._comments and self._comments[0].start < offset:
            span = self._comments.pop(0)
            comment = self._text[span.start : span.end].rstrip()
            follows = self._lines and "\n" not in self._text[self._end : span.start] and "\n" not in comment
            if follows:
                self._lines[-1] += f" {comment}"
            else:
                self._lines.append(indent + comment)
            self._end = span.end
            found = True
        return found

    def _holds_comment(self, span: Span) -> bool:
        return any(span.start < comment.start < span.end for comment in self._comments)

    def _brace(self, offset: int) -> int:
        """Where the parameters block is closed."""
        while self._text[offset] != "}":
            comment = next((one for one in self._comments if one.start == offset), None)
            offset = comment.end if comment else offset + 1
        return offset

    # ------------------------------------------------------------ statements

    def _parameter(self, node: syntax.ParameterDeclaration) -> Callable[[str], None]:
        def write(indent: str) -> None:
            self._append(self._layout.parameter(node), node.span)

        return write

    def _statement(self, node: syntax.Statement) -> None:
        inputs = ", ".join(map(stream_name, node.inputs))
        self._lines.append(f"{inputs} {node.verb}(" if inputs else f"{node.verb}(")
        self._items([_Item(one.span, self._argument(one)) for one in node.arguments], INDENT)
        outputs = f"@({', '.join(map(print_name, node.outputs))})" if node.outputs else ""
        self._close(node.span.end, f") ~> {print_name(node.name)}{outputs}", "")

    def _close(self, end: int, closing: str, indent: str, *, fresh: bool = False) -> None:
        """Writes a closing bracket; on a line of its own behind comments."""
        if self._flush(end, indent + INDENT) or fresh:
            self._lines.append(indent + closing)
        else:
            self._lines[-1] += closing

    def _items(self, items: Sequence[_Item], indent: str, *, fresh: bool = False) -> None:
        """Items with commas; the first stands on a ``fresh`` line or behind what is written."""
        for number, item in enumerate(items):
            commented = self._flush(item.span.start, indent)
            if number or fresh or commented:
                self._lines.append(indent)
            item.write(indent)
            self._end = item.span.end
            if number < len(items) - 1:
                self._lines[-1] += ","

    def _append(self, text: str, span: Span) -> None:
        """Writes text at the end of the last line; as it was written if there is a comment in it."""
        if self._holds_comment(span):
            text = self._text[span.start : span.end]
            self._comments = [one for one in self._comments if not span.start < one.start < span.end]
        first, *others = text.split("\n")
        self._lines[-1] += first
        self._lines.extend(others)

    def _argument(self, node: syntax.Argument) -> Callable[[str], None]:
        match node:
            case syntax.Columns():
                return self._block(node.name, [_Item(one.span, self._field(one)) for one in node.fields], node)
            case syntax.Block():
                return self._block(node.name, [_Item(one.span, self._argument(one)) for one in node.arguments], node)
            case _:
                return lambda indent: self._append(self._layout.broken_argument(node, indent), node.span)

    def _field(self, node: syntax.StructField) -> Callable[[str], None]:
        return lambda indent: self._append(self._layout.field(node), node.span)

    def _block(self, name: str, items: Sequence[_Item], node: syntax.Columns | syntax.Block) -> Callable[[str], None]:
        def write(indent: str) -> None:
            flat = self._layout.argument(node)
            fits = len(self._lines[-1]) + len(flat) <= WIDTH and "\n" not in flat
            broken = name in _ALWAYS_BROKEN and len(items) > 1
            if fits and not broken and not self._holds_comment(node.span):
                self._append(flat, node.span)
                return
            self._lines[-1] += f"{name}("
            self._end = node.span.start + len(name) + 1
            self._items(items, indent + INDENT, fresh=True)
            self._close(node.span.end, ")", indent, fresh=True)

        return write
