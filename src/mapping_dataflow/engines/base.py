"""What an engine is: its dialect, types and writers, a capability table of functions, and SQL templates.

A capability table maps a function (``name`` or, for one number of arguments, ``name/count``) to a template with
numbered arguments or to a builder. A function without an entry is refused with its place in the script.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlglot
from sqlglot import exp

from mapping_dataflow.analysis.datatypes import DataType
from mapping_dataflow.errors import ProblemFound, counted
from mapping_dataflow.expressions import Call, Literal, TypedExpression
from mapping_dataflow.relations import Relation

Query = exp.Select | exp.Union
"""A query as sqlglot's tree."""
Builder = Callable[[Call, Sequence[exp.Expression]], exp.Expression]
"""Makes the SQL of a call from the SQL of its arguments. Raises ProblemFound for what the engine cannot do."""


@dataclass(frozen=True)
class CapabilityTable:
    """The functions an engine has, by name."""

    engine: str
    functions: Mapping[str, str | Builder]

    def find(self, call: Call) -> str | Builder:
        """The entry for a call. Raises ProblemFound when the engine has none."""
        count = len(call.arguments)
        entry = self.functions.get(f"{call.function}/{count}") or self.functions.get(call.function)
        if entry is None:
            raise ProblemFound(
                f"{self.engine} cannot compute {call.function}() with {counted(count, 'argument')} yet",
                call.span,
            )
        return entry

    def names(self) -> frozenset[str]:
        """Names of all functions with an entry."""
        return frozenset(name.partition("/")[0] for name in self.functions)


@dataclass(frozen=True)
class Engine:
    """A database that flows can be compiled for. Writers raise ProblemFound for what it cannot do.

    ``name`` is for people, ``dialect`` is sqlglot's name of its SQL.
    """

    name: str
    dialect: str
    capabilities: CapabilityTable
    type_name: Callable[[DataType], str]
    query: Callable[[Relation], Query]
    expression: Callable[[TypedExpression], exp.Expression]
    cannot: Mapping[str, str] = field(default_factory=dict)
    """What the language can say and the engine cannot do, and why."""

    def sql(self, tree: exp.Expression, *, pretty: bool = False) -> str:
        """The text of a tree in the engine's dialect."""
        return tree.sql(dialect=self.dialect, pretty=pretty)


@cache
def _parsed(template: str, dialect: str) -> exp.Expression:
    return parsed(template, dialect)


def parsed(sql: str, dialect: str = "duckdb") -> exp.Expression:
    """The tree of a piece of SQL of ours."""
    tree = sqlglot.parse_one(sql, dialect=dialect)
    if not isinstance(tree, exp.Expression):
        raise TypeError(f"internal-error: {sql!r} is no expression")
    for node in tree.walk():
        node._meta = None  # places in this text, which would be copied with each node
    return tree


def fill(template: str, arguments: Sequence[exp.Expression], dialect: str = "duckdb") -> exp.Expression:
    """A template's SQL with ``_1``, ``_2`` … replaced by the arguments, in parentheses where they need them."""

    def replaced(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column) and not node.table and node.name[:1] == "_" and node.name[1:].isdigit():
            return wrapped(own(arguments[int(node.name[1:]) - 1]))
        return node

    return _parsed(template, dialect).copy().transform(replaced, copy=False)


def own(tree: exp.Expression) -> exp.Expression:
    """The tree itself where it stands nowhere yet, else a copy: a tree that is copied on each of its levels costs as
    much as the square of its depth."""
    return tree if tree.parent is None else tree.copy()


def chosen(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """``case()``: conditions and values in turn, at the end what stands for none of them. Equal in every dialect."""
    pairs = len(arguments) // 2
    branches = " ".join(f"WHEN _{2 * number + 1} THEN _{2 * number + 2}" for number in range(pairs))
    default = f" ELSE _{len(arguments)}" if len(arguments) % 2 else ""
    return fill(f"CASE {branches}{default} END", arguments)


_OPERATORS = (exp.Binary, exp.Unary, exp.Between, exp.In)
_CLOSED = (exp.Paren, exp.Dot, exp.Func)
"""Nodes whose SQL holds together by itself: parentheses, ``a.b`` and calls."""


def wrapped(expression: exp.Expression) -> exp.Expression:
    """The expression, in parentheses when it is built with an operator."""
    # sqlglot calls AND and OR functions as well as operators; their SQL is that of operators.
    closed = isinstance(expression, _CLOSED) and not isinstance(expression, exp.Connector)
    return exp.Paren(this=own(expression)) if isinstance(expression, _OPERATORS) and not closed else expression


def called(name: str, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """A call of a function in Python, by its name."""
    return exp.Anonymous(this=name, expressions=[own(argument) for argument in arguments])


def constant(call: Call, index: int) -> Any:
    """The value of a constant argument; None when it is absent, null or no constant."""
    argument = call.arguments[index] if index < len(call.arguments) else None
    return argument.value if isinstance(argument, Literal) else None


def depends_on_rows(call: Call, index: int) -> bool:
    """True when the argument is there and no constant."""
    return index < len(call.arguments) and not isinstance(call.arguments[index], Literal)


def argument_or(arguments: Sequence[exp.Expression], index: int, default: exp.Expression) -> exp.Expression:
    """The argument at an index, or what stands for it when it is absent."""
    return arguments[index] if index < len(arguments) else default


def known_or(call: Call, arguments: Sequence[exp.Expression], index: int, default: exp.Expression) -> exp.Expression:
    """The argument at an index, or what stands for it when it is absent or null: a charset or a locale."""
    if depends_on_rows(call, index):
        return exp.Coalesce(this=own(arguments[index]), expressions=[own(default)])
    return default if constant(call, index) is None else arguments[index]
