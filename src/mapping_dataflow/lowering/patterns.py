"""Column patterns: ``each(match(condition), name = value)`` and ``each(patternMatch(regex), …)``, tried on all columns.

Conditions and names are evaluated at compile time, since the columns are known then, drifted ones included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mapping_dataflow.analysis.columns import DYNAMIC
from mapping_dataflow.analysis.datatypes import BOOLEAN
from mapping_dataflow.analysis.environment import Environment, PatternColumn
from mapping_dataflow.analysis.type_check import check
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call, ColumnReference, OpenParameter, TypedExpression, walk
from mapping_dataflow.lowering.arguments import constant
from mapping_dataflow.lowering.context import LoweringContext
from mapping_dataflow.script import syntax

_HANDING_THROUGH = ("derive", "window")
"""Transformations in which a column that no pattern matches stays as it is."""
_MOST_GROUPS = 20
"""Groups of a regular expression that a column has which stands for unknown ones; each may be any text."""


@dataclass(frozen=True, slots=True)
class Matched:
    """One column that a pattern matched, with the new name and value that the pattern gives it."""

    column: PatternColumn
    name: str
    value: TypedExpression


def expand(block: syntax.Block, context: LoweringContext, environment: Environment) -> Iterator[Matched]:
    """The columns that the pattern matches, in the order of the input. Raises ProblemFound."""
    matcher, assignments = _parts(block)
    for position, found in enumerate(environment.scope.columns(), 1):
        candidate = PatternColumn(found.column, found.input, position)
        tried = replace(environment, pattern=candidate)
        groups = _groups(matcher, tried)
        uncertain = found.column.dynamic or _is_open(matcher, tried)
        if groups is None and not uncertain:
            continue
        column = replace(candidate, groups=groups if groups is not None else (DYNAMIC,) * _MOST_GROUPS)
        if not assignments:
            yield Matched(column, found.column.name, _value(column, environment, None, context))
        for assignment in assignments:
            name_environment = replace(environment, pattern=replace(column, value_is_name=True))
            name = constant(assignment.target, name_environment, "the name in a pattern")
            if not isinstance(name, str):
                raise ProblemFound("the name in a pattern is no string", assignment.target.span)
            value = _value(column, environment, assignment.value, context)
            kept = uncertain and context.statement.verb in _HANDING_THROUGH
            yield Matched(column, name, _perhaps(value, column) if kept else value)


def _is_open(matcher: syntax.Block, environment: Environment) -> bool:
    """True when the match depends on a parameter that may have any value."""
    argument = matcher.arguments[0]
    if not any(isinstance(value, OpenParameter) for value in environment.parameters.values()):
        return False
    assert isinstance(argument, syntax.Positional)  # noqa: S101 - checked by _groups
    return any(isinstance(part, OpenParameter) for part in walk(check(argument.expression, environment)))


def _perhaps(value: TypedExpression, column: PatternColumn) -> TypedExpression:
    """For lineage: what a pattern makes of a column of which it is not known whether it matches."""
    before = ColumnReference(column.column.key, column.column.type, column.input)
    return Call("iif", (OpenParameter("matches", BOOLEAN), value, before), value.type)


def _parts(block: syntax.Block) -> tuple[syntax.Block, list[syntax.Assignment]]:
    blocks = [argument for argument in block.arguments if isinstance(argument, syntax.Block)]
    assignments = [argument for argument in block.arguments if isinstance(argument, syntax.Assignment)]
    if len(blocks) != 1 or blocks[0].name not in ("match", "patternMatch") or len(blocks[0].arguments) != 1:
        raise ProblemFound("the pattern has no condition", block.span, expected="each(match(condition), …)")
    if len(blocks) + len(assignments) != len(block.arguments):
        raise ProblemFound("patterns over the fields of a struct are not supported yet", block.span)
    return blocks[0], assignments


def _groups(matcher: syntax.Block, environment: Environment) -> tuple[str, ...] | None:
    """The regex groups of a match (none for a condition), or None when the column does not match."""
    argument = matcher.arguments[0]
    if not isinstance(argument, syntax.Positional):
        raise ProblemFound("the condition of a pattern is an expression", argument.span)
    value = constant(argument.expression, environment, "the condition of a pattern")
    if matcher.name == "match":
        if value not in (True, False, None):
            raise ProblemFound("the condition of a pattern is no boolean", argument.span)
        return () if value else None
    assert environment.pattern is not None  # noqa: S101 - set by expand
    try:
        found = re.fullmatch(str(value), environment.pattern.column.name)
    except re.error as error:
        raise ProblemFound(f"the regular expression is wrong: {error}", argument.span) from error
    return None if found is None else tuple(group or "" for group in found.groups())


def _value(
    column: PatternColumn, environment: Environment, node: syntax.Expression | None, context: LoweringContext
) -> TypedExpression:
    expression = node if node is not None else syntax.ParameterName("$")
    return context.checked(expression, replace(environment, pattern=column))
