"""The meaning of statements without the ways of writing it, and what they say, piece by piece, to be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

from mapping_dataflow.script import syntax
from mapping_dataflow.script.expression_parser import BINARY_LEVELS
from mapping_dataflow.script.printer import print_argument, print_expression, print_name, print_type

_Node = TypeVar("_Node")
_UNARY = 1 + max(BINARY_LEVELS.values())


@dataclass(frozen=True)
class Said:
    """One thing that a statement says, as text."""

    text: str


def without_layout(node: _Node, renames: Mapping[str, str] | None = None) -> _Node:
    """The tree with no more parentheses than it needs, one way of writing literals, and streams by their new names."""
    changed: Any = node
    if is_dataclass(node) and not isinstance(node, type):
        values = {field.name: getattr(node, field.name) for field in fields(node) if not field.name.endswith("span")}
        new = {name: _inner(value, renames or {}) for name, value in values.items()}
        changed = node if new == values else replace(node, **new)
    result: _Node = _one_way(changed, renames or {})
    return result


def _inner(value: Any, renames: Mapping[str, str]) -> Any:
    if isinstance(value, tuple):
        return tuple(_inner(item, renames) for item in value)
    return without_layout(value, renames) if is_dataclass(value) else value


def _one_way(node: Any, renames: Mapping[str, str]) -> Any:
    match node:
        case syntax.Parenthesised():
            return node.expression
        case syntax.StringLiteral(raw=True):
            return replace(node, raw=False)
        case syntax.TemplateLiteral(parts=(str() as text,)):
            return syntax.StringLiteral(text, False, node.span)
        case syntax.FunctionCall(name=("true" | "false") as name, arguments=()):
            return syntax.BooleanLiteral(name == "true", node.span)
        case syntax.FunctionCall(name=name, arguments=()) if name.lower() == "null":
            return syntax.NullLiteral(node.span)
        case syntax.Binary():
            level = BINARY_LEVELS[node.operator]
            return replace(node, left=_operand(node.left, level), right=_operand(node.right, level + 1))
        case syntax.Unary():
            return replace(node, operand=_operand(node.operand, _UNARY))
        case syntax.Index() | syntax.Member():
            return replace(node, base=_operand(node.base, _UNARY + 1))
        case _:
            return _renamed(node, renames)


def _operand(node: syntax.Expression, level: int) -> syntax.Expression:
    """The operand, in parentheses when it binds less than it has to."""
    binds = {syntax.TypeAssertion: 0, syntax.Unary: _UNARY}.get(type(node), _UNARY + 1)
    if isinstance(node, syntax.Binary):
        binds = BINARY_LEVELS[node.operator]
    return syntax.Parenthesised(node, node.span) if binds < level else node


def _renamed(node: Any, renames: Mapping[str, str]) -> Any:
    match node:
        case syntax.StreamName() if node.name in renames:
            return replace(node, name=renames[node.name])
        case syntax.CacheCall() if node.sink in renames:
            return replace(node, sink=renames[node.sink])
        case _:
            return node


def said_by(statement: syntax.Statement) -> dict[tuple[str, str], Said]:
    """What a statement says, by kind and name: settings, expressions of columns, conditions, declared columns."""
    found: dict[tuple[str, str], Said] = {}
    for kind, name, text in _said(statement.arguments, ""):
        number, key = 1, (kind, name)
        while key in found:
            number += 1
            key = (kind, f"{name} ({number})".strip())
        found[key] = Said(text)
    return found


def _said(arguments: tuple[syntax.Argument, ...], within: str) -> Iterator[tuple[str, str, str]]:
    for argument in arguments:
        match argument:
            case syntax.Property():
                yield "setting", within + argument.name, _flat(argument.value)
            case syntax.Assignment():
                target = argument.target
                name = print_name(target.name) if isinstance(target, syntax.LocalName) else print_expression(target)
                yield "local" if argument.local else "expression", within + name, _flat(argument.value)
            case syntax.Positional():
                yield ("column" if within else "condition"), *_positional(argument, within)
            case syntax.Columns():
                for field in argument.fields:
                    format_ = f" {print_expression(field.format)}" if field.format is not None else ""
                    name = f"{within}{argument.name} {print_name(field.name)}"
                    yield "declared column", name, print_type(field.type) + format_
            case syntax.Block(name="each" | "asc" | "desc"):
                yield argument.name, within.strip(), print_argument(argument)
            case syntax.Block():
                yield from _said(argument.arguments, f"{within}{argument.name} ")


def _positional(argument: syntax.Positional, within: str) -> tuple[str, str]:
    text = _flat(argument.expression)
    return (f"{within}{text}", text) if within else ("", text)


def _flat(expression: syntax.Expression) -> str:
    return print_expression(expression)
