"""Column patterns: ``each(match(condition), name = value)`` and ``each(patternMatch(regex), …)``, tried on all columns.

With a path in front, ``each(column.field, match(…), …)``, the fields of that struct are tried instead. With a true
second argument, ``match(condition, true())``, the fields at the ends of structs are tried in their place, which Studio
calls deep column traversal (https://learn.microsoft.com/azure/data-factory/data-flow-flatten#deep-column-traversal).
An array that a flatten unrolled is its item. Conditions and names are evaluated at compile time, since the columns are
known then, drifted ones included; what is not folded, or asks a cache sink, an engine computes first. A regular
expression is found anywhere in a name: ``(r)`` matches every name with an
r (https://learn.microsoft.com/azure/data-factory/concepts-data-flow-column-pattern).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from mapping_dataflow.analysis.columns import DYNAMIC, Column
from mapping_dataflow.analysis.computed import ValueWantedError, constant_value, value_of
from mapping_dataflow.analysis.constants import is_constant
from mapping_dataflow.analysis.datatypes import BOOLEAN, UNKNOWN, Array, DataType, Struct
from mapping_dataflow.analysis.environment import Allowed, Environment, PatternColumn
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import (
    Call,
    ColumnReference,
    Convert,
    FieldAccess,
    OpenParameter,
    TypedExpression,
    walk,
)
from mapping_dataflow.java.matching import groups
from mapping_dataflow.java.patterns import JavaRegexError
from mapping_dataflow.script import syntax

_MOST_GROUPS = 20
"""Groups of a regular expression that a column has which stands for unknown ones; each may be any text."""

Check = Callable[[syntax.Expression, Environment], TypedExpression]


@dataclass(frozen=True, slots=True)
class Matched:
    """One column that a pattern matched, with the new name and value that the pattern gives it."""

    column: PatternColumn
    name: str
    value: TypedExpression


def expand(
    block: syntax.Block, environment: Environment, check: Check, value_check: Check | None = None
) -> Iterator[Matched]:
    """The columns that the pattern matches, in their order; ``value_check`` types the values. Raises ProblemFound."""
    path, matcher, assignments = _parts(block)
    value_check = value_check or check
    candidates: Iterable[PatternColumn] = _candidates(path, environment, check)
    if environment.paths:
        candidates = [_item(one, environment) for one in candidates]
    if _is_deep(matcher, environment, check):
        candidates = _ends(candidates, environment)
    wanted_values: list[ValueWantedError] = []
    for candidate in candidates:
        try:
            yield from _tried(candidate, matcher, assignments, environment, check, value_check)
        except ValueWantedError as wanted:  # those of all columns are asked for at once
            wanted_values.append(wanted)
    if wanted_values:
        raise wanted_values[0]


def _tried(
    candidate: PatternColumn,
    matcher: syntax.Block,
    assignments: list[syntax.Assignment],
    environment: Environment,
    check: Check,
    value_check: Check,
) -> Iterator[Matched]:
    """The pattern tried on one column."""
    trial = replace(environment, pattern=candidate)
    wanted = check(_condition(matcher), trial.of_constants())
    open_to_data = environment.traced and not is_constant(wanted)  # they decide, and the flow is just traced
    found = None if open_to_data else _groups(matcher, candidate.column.name, wanted, trial)
    uncertain = candidate.column.dynamic or open_to_data or _is_open(wanted, environment)
    if found is None and not uncertain:
        return
    groups_found = found if found is not None else (DYNAMIC,) * _MOST_GROUPS
    column = replace(candidate, groups=groups_found, by_condition=matcher.name == "match")
    own = replace(environment, pattern=column)
    condition = Convert(wanted, BOOLEAN) if open_to_data else None
    if not assignments:
        yield Matched(column, column.column.name, value_check(syntax.ParameterName("$"), own))
    for assignment in assignments:
        name_environment = replace(environment, pattern=replace(column, value_is_name=True))
        name = _name(assignment.target, name_environment, check)
        value = value_check(assignment.value, own)
        yield Matched(column, name, _perhaps(value, column, environment, condition) if uncertain else value)


def _name(target: syntax.Expression, environment: Environment, check: Check) -> str:
    """The new name of a column; while a flow is traced it may be any name that the data say. Raises ProblemFound."""
    typed = check(target, environment.of_constants())
    if environment.traced and not is_constant(typed):
        return DYNAMIC
    name = value_of(typed, target, environment, "the name in a pattern")
    if not isinstance(name, str):
        column = environment.pattern.column.name if environment.pattern is not None else ""
        found = "null" if name is None else "no string"
        raise ProblemFound(f"the name in a pattern is {found} for the column {column!r}", target.span)
    return name


def _condition(matcher: syntax.Block) -> syntax.Expression:
    argument = matcher.arguments[0]
    if not isinstance(argument, syntax.Positional):
        raise ProblemFound("the condition of a pattern is an expression", argument.span)
    return argument.expression


def _is_open(condition: TypedExpression, environment: Environment) -> bool:
    """True when the match depends on a parameter that lineage leaves open."""
    if not any(isinstance(value, OpenParameter) for value in environment.parameters.values()):
        return False
    return any(isinstance(part, OpenParameter) for part in walk(condition))


def _perhaps(
    value: TypedExpression, column: PatternColumn, environment: Environment, condition: TypedExpression | None
) -> TypedExpression:
    """For lineage: what a pattern makes of a column that may match it or stay as it is (an aggregate leaves none)."""
    before: TypedExpression = ColumnReference(column.column.key, column.column.type, column.input)
    if column.value is not None:
        before = column.value
    if condition is None and (value == before or environment.allowed == Allowed.AGGREGATES):
        return value
    return Call("iif", (condition or OpenParameter("matches", BOOLEAN), value, before), value.type)


def _parts(block: syntax.Block) -> tuple[syntax.Expression | None, syntax.Block, list[syntax.Assignment]]:
    blocks = [argument for argument in block.arguments if isinstance(argument, syntax.Block)]
    assignments = [argument for argument in block.arguments if isinstance(argument, syntax.Assignment)]
    paths = [argument for argument in block.arguments if isinstance(argument, syntax.Positional)]
    if len(blocks) != 1 or blocks[0].name not in ("match", "patternMatch") or len(blocks[0].arguments) not in (1, 2):
        raise ProblemFound("the pattern has no condition", block.span, expected="each(match(condition), …)")
    if len(paths) > 1 or len(blocks) + len(assignments) + len(paths) != len(block.arguments):
        raise ProblemFound("the pattern has another form", block.span, expected="each([struct], match(condition), …)")
    return (paths[0].expression if paths else None), blocks[0], assignments


def _candidates(path: syntax.Expression | None, environment: Environment, check: Check) -> Iterator[PatternColumn]:
    if path is None:
        for position, found in enumerate(environment.scope.columns(), 1):
            yield PatternColumn(found.column, found.input, position)
        return
    base = check(path, environment)
    parents = syntax.dotted_path(path) or ()
    kind, depth = base.type, 0
    while isinstance(kind, Array):
        kind, depth = kind.element, depth + 1
    if kind == UNKNOWN:
        yield PatternColumn(Column(DYNAMIC, UNKNOWN, ""), 0, 1, value=FieldAccess(base, DYNAMIC, UNKNOWN))
        return
    if not isinstance(kind, Struct):
        raise ProblemFound(f"{base.type} has no fields to try the pattern on", path.span, expected="a struct")
    for position, (name, inner) in enumerate(kind.fields, 1):
        field_type: DataType = inner
        for _ in range(depth):
            field_type = Array(field_type)
        column = Column(name, field_type, "")
        yield PatternColumn(column, 0, position, value=FieldAccess(base, name, field_type), parents=parents)


def _is_deep(matcher: syntax.Block, environment: Environment, check: Check) -> bool:
    """Whether structs are tried field by field. Raises ProblemFound for a second argument that is no boolean."""
    if len(matcher.arguments) == 1:
        return False
    second = matcher.arguments[1]
    if isinstance(second, syntax.Positional):
        value = constant_value(second.expression, environment, check, "the depth of a pattern")
        if isinstance(value, bool):
            return value
    raise ProblemFound("the depth of a pattern is no boolean", second.span, expected="match(condition, true())")


def _item(candidate: PatternColumn, environment: Environment) -> PatternColumn:
    """The candidate, or the item of it where a flatten unrolled it."""
    item = environment.paths.get((*candidate.parents, candidate.column.name))
    if item is None:
        return candidate
    return replace(candidate, column=candidate.column.changed(type=item.type), value=item)


def _ends(candidates: Iterable[PatternColumn], environment: Environment) -> Iterator[PatternColumn]:
    """The candidates with structs, on any level, as their fields."""
    for position, candidate in enumerate(_opened(candidates, environment), 1):
        yield replace(candidate, position=position)


def _opened(candidates: Iterable[PatternColumn], environment: Environment) -> Iterator[PatternColumn]:
    for candidate in candidates:
        column = candidate.column
        if not isinstance(column.type, Struct):
            yield candidate
            continue
        base = candidate.value or ColumnReference(column.key, column.type, candidate.input)
        parents = (*candidate.parents, column.name)
        for name, kind in column.type.fields:
            inner = column.changed(name=name, type=kind)
            field = replace(candidate, column=inner, value=FieldAccess(base, name, kind), parents=parents)
            yield from _opened([_item(field, environment)], environment)


def _groups(
    matcher: syntax.Block, name: str, wanted: TypedExpression, environment: Environment
) -> tuple[str, ...] | None:
    """The regex groups of a match (none for a condition), or None when the column of that name does not match."""
    node = _condition(matcher)
    value = value_of(wanted, node, environment, "the condition of a pattern")
    if matcher.name == "match":
        if value not in (True, False, None):
            raise ProblemFound("the condition of a pattern is no boolean", node.span)
        return () if value else None
    try:
        return groups(name, str(value))
    except JavaRegexError as error:
        raise ProblemFound(str(error), node.span, expected="a pattern of Java") from error
