"""What every engine shares: capability tables of functions, and SQL templates with numbered arguments.

A capability table maps a function (``name`` or, for one number of arguments, ``name/count``) to a template or to a
builder. A function without an entry is refused with its place in the script.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import sqlglot
from sqlglot import exp

from mapping_dataflow.errors import ProblemFound, counted
from mapping_dataflow.expressions import Call

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


@cache
def _parsed(template: str, dialect: str) -> exp.Expression:
    return parsed(template, dialect)


def parsed(sql: str, dialect: str = "duckdb") -> exp.Expression:
    """The tree of a piece of SQL of ours."""
    tree = sqlglot.parse_one(sql, dialect=dialect)
    if not isinstance(tree, exp.Expression):
        raise TypeError(f"internal-error: {sql!r} is no expression")
    return tree


def fill(template: str, arguments: Sequence[exp.Expression], dialect: str = "duckdb") -> exp.Expression:
    """A template's SQL with ``_1``, ``_2`` … replaced by the arguments, in parentheses where they need them."""

    def replaced(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column) and not node.table and node.name[:1] == "_" and node.name[1:].isdigit():
            return wrapped(arguments[int(node.name[1:]) - 1].copy())
        return node

    return _parsed(template, dialect).copy().transform(replaced, copy=False)


_OPERATORS = (exp.Binary, exp.Unary, exp.Between, exp.In)
_CLOSED = (exp.Paren, exp.Dot, exp.Func)
"""Nodes whose SQL holds together by itself: parentheses, ``a.b`` and calls."""


def wrapped(expression: exp.Expression) -> exp.Expression:
    """The expression, in parentheses when it is built with an operator."""
    # sqlglot calls AND and OR functions as well as operators; their SQL is that of operators.
    closed = isinstance(expression, _CLOSED) and not isinstance(expression, exp.Connector)
    return exp.Paren(this=expression) if isinstance(expression, _OPERATORS) and not closed else expression
