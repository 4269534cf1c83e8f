"""Syntax tree of an expression. Nodes carry the position (0-based) at which they start in the source text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Literal:
    """A string, number, boolean or null written in the expression."""

    value: str | int | float | bool | None
    position: int


@dataclass(frozen=True)
class Call:
    """A function call; `name` as written (names are case-insensitive)."""

    name: str
    arguments: tuple[Node, ...]
    position: int


@dataclass(frozen=True)
class Access:
    """`target.name`, which is dotted, or `target[key]`; with `?` before it null instead of an error without value."""

    target: Node
    key: Node
    optional: bool
    position: int
    is_dotted: bool = False


Node = Literal | Call | Access


@dataclass(frozen=True)
class Text:
    """A piece of literal text of a template."""

    value: str


@dataclass(frozen=True)
class Embedded:
    """An expression of a template; `source` is its own text, `offset` where it starts in the whole string."""

    source: str
    node: Node
    offset: int


@dataclass(frozen=True)
class Template:
    """A JSON string with expressions. `whole` means `@expr`: the value keeps its type; else the result is text."""

    parts: tuple[Text | Embedded, ...]
    whole: bool


def walk(node: Node) -> Iterator[Node]:
    """Every node of the tree, parents first."""
    yield node
    if isinstance(node, Call):
        for argument in node.arguments:
            yield from walk(argument)
    elif isinstance(node, Access):
        yield from walk(node.target)
        yield from walk(node.key)


def is_parameters_of_pipeline(node: Node) -> bool:
    """Whether a node is `pipeline().parameters`."""
    if not (isinstance(node, Access) and isinstance(node.target, Call) and isinstance(node.key, Literal)):
        return False
    return node.target.name.lower() == "pipeline" and str(node.key.value).lower() == "parameters"
