"""The syntax tree of a data flow script, as written: no name is resolved and no type checked here.

Spans do not take part in equality, so that a tree equals the tree of its printed form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TypeVar, cast

from mapping_dataflow.errors import NOWHERE, Span

Part = TypeVar("Part")
"""A node, or what a field of one holds."""


def _span() -> Span:
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    return span


# ---------------------------------------------------------------- types


@dataclass(frozen=True, slots=True)
class NamedType:
    """``string``, ``decimal(10,2)``, ``complex``."""

    name: str
    arguments: tuple[int, ...] = ()
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class StructField:
    """One ``name as type ['format']`` of a struct type or of a column list."""

    name: str
    type: TypeSyntax
    format: Expression | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class StructType:
    """``(a as string, b as integer)``."""

    fields: tuple[StructField, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ArrayType:
    """``string[]``."""

    element: TypeSyntax
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class MapType:
    """``[string,integer]``."""

    key: TypeSyntax
    value: TypeSyntax
    span: Span = _span()


TypeSyntax = NamedType | StructType | ArrayType | MapType

# ---------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """A number exactly as written (``0022``, ``2L``, ``.05``, ``0xf4``)."""

    text: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class StringLiteral:
    """``'text'`` with its escapes resolved; ``raw`` when it was written in back quotes."""

    value: str
    raw: bool = False
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class TemplateLiteral:
    """``"text {expression}"``: texts and expressions in order."""

    parts: tuple[str | Expression, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class BooleanLiteral:
    """``true`` or ``false`` without parentheses."""

    value: bool
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class NullLiteral:
    """``null`` without parentheses."""

    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ColumnName:
    """``name``, ``{any name}`` or, with a stream, ``stream@name`` (``split@output@name``)."""

    name: str
    stream: StreamName | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ParameterName:
    """``$name``; ``$$`` (the column of a pattern) has the name ``$`` and ``$1`` (a regex group) the name ``1``."""

    name: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class LambdaName:
    """``#item``, ``#index``, ``#acc`` …"""

    name: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class LocalName:
    """``:name``."""

    name: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """``name(argument, …)``."""

    name: str
    arguments: tuple[Expression, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class CacheCall:
    """``sink#lookup(key)``, ``sink#outputs()``."""

    sink: str
    function: str
    arguments: tuple[Expression, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Unary:
    """``-x``, ``+x`` or ``!x``."""

    operator: str
    operand: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right``."""

    operator: str
    left: Expression
    right: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Parenthesised:
    """``(expression)``; as a property's value it is dynamic content."""

    expression: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Index:
    """``array[1]`` or ``map['key']``."""

    base: Expression
    index: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Member:
    """``struct.field``."""

    base: Expression
    name: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ArrayLiteral:
    """``[a, b]``."""

    items: tuple[Expression, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class MapLiteral:
    """``[k -> v, …]``."""

    entries: tuple[tuple[Expression, Expression], ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class StructLiteral:
    """``@(a = x, b = y)``; ``each(…)`` patterns may stand among the fields."""

    fields: tuple[Argument, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class TypeAssertion:
    """``expression ? type``."""

    expression: Expression
    type: TypeSyntax
    span: Span = _span()


Expression = (
    NumberLiteral
    | StringLiteral
    | TemplateLiteral
    | BooleanLiteral
    | NullLiteral
    | ColumnName
    | ParameterName
    | LambdaName
    | LocalName
    | FunctionCall
    | CacheCall
    | Unary
    | Binary
    | Parenthesised
    | Index
    | Member
    | ArrayLiteral
    | MapLiteral
    | StructLiteral
    | TypeAssertion
)

# ---------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class Property:
    """``name: value``; a value in parentheses is dynamic content."""

    name: str
    value: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Assignment:
    """``target = value``, or ``name := value`` when ``local``, its target then being a LocalName."""

    target: Expression
    value: Expression
    local: bool = False
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Positional:
    """A bare expression among the arguments."""

    expression: Expression
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Columns:
    """``output(name as type, …)`` or ``input(…)`` with declared columns."""

    name: str
    fields: tuple[StructField, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Block:
    """``mapColumn(…)``, ``groupBy(…)``, ``over(…)``, ``each(…)``, ``asc(…)`` …"""

    name: str
    arguments: tuple[Argument, ...]
    span: Span = _span()


Argument = Property | Assignment | Positional | Columns | Block


@dataclass(frozen=True, slots=True)
class StreamName:
    """``stream`` or ``split@output``."""

    name: str
    output: str | None = None
    span: Span = _span()

    def __str__(self) -> str:
        return f"{self.name}@{self.output}" if self.output else self.name


@dataclass(frozen=True, slots=True)
class Statement:
    """``inputs verb(arguments) ~> name@(outputs)``."""

    inputs: tuple[StreamName, ...]
    verb: str
    arguments: tuple[Argument, ...]
    name: str
    outputs: tuple[str, ...] = ()
    span: Span = _span()
    verb_span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class ParameterDeclaration:
    """``name as type (default)``."""

    name: str
    type: TypeSyntax
    default: Expression | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Script:
    """A whole script; statements keep the order in which they were written."""

    parameters: tuple[ParameterDeclaration, ...]
    statements: tuple[Statement, ...]


def dotted_path(node: Expression) -> tuple[str, ...] | None:
    """The names of ``a.b.c`` when it starts at an unqualified column, else None."""
    names: list[str] = []
    while isinstance(node, Member):
        names.append(node.name)
        node = node.base
    if isinstance(node, ColumnName) and node.stream is None:
        return (node.name, *reversed(names))
    return None


def nested(node: object) -> Iterator[object]:
    """A part of the tree and all nodes in it, depth first."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            waiting.extend(reversed(part))
            continue
        names = _node_fields(type(part))
        if names is not None:
            yield part
            waiting.extend([getattr(part, name) for name in reversed(names)])


_NODE_FIELDS: dict[type, tuple[str, ...] | None] = {}


def _node_fields(kind: type) -> tuple[str, ...] | None:
    """The fields of a kind of node without its places; None for what is no node."""
    if kind not in _NODE_FIELDS:
        named = [one.name for one in fields(kind)] if is_dataclass(kind) else None
        _NODE_FIELDS[kind] = None if named is None else tuple(one for one in named if not one.endswith("span"))
    return _NODE_FIELDS[kind]


def placed(node: Part, span: Span) -> Part:
    """The part of a tree with all its places at one: of a text that is not the script, but stands for a part of it."""
    if isinstance(node, Span):
        return cast(Part, span)
    if isinstance(node, tuple):
        return cast(Part, tuple(placed(each, span) for each in node))
    if not is_dataclass(node) or isinstance(node, type):
        return node
    parts = {one.name: placed(getattr(node, one.name), span) for one in fields(node) if one.init}
    return cast(Part, type(node)(**parts))
