"""Transformations of several inputs: join, exists, lookup, union."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.columns import Column, KeyMaker
from mapping_dataflow.analysis.datatypes import DATE, DOUBLE, NULL, STRING, TIMESTAMP
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.analysis.row_state import MARK_TYPES, MATCHED
from mapping_dataflow.analysis.traced_calls import FUZZY_COMPARE, either
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call, ColumnReference, Literal, TypedExpression, walk
from mapping_dataflow.lowering.arguments import conditions
from mapping_dataflow.lowering.context import LoweringContext, passed, sort_keys
from mapping_dataflow.lowering.marks import data_columns, joined, kept, mark_column, marking, with_presence
from mapping_dataflow.relations import (
    FirstMatch,
    Join,
    JoinKind,
    Output,
    SemiJoin,
    SortKey,
    Stage,
    Union,
    order_of_columns,
)

_TEXTUAL = (STRING, DATE, TIMESTAMP, NULL)
"""What becomes text in a union with text, as numbers do."""
_KINDS = {
    "inner": "inner",
    "left": "left",
    "left_outer": "left",
    "right": "right",
    "right_outer": "right",
    "outer": "outer",
    "full_outer": "outer",
    "cross": "cross",
}


_BROADCASTS = {one: one for one in ("auto", "left", "right", "both", "off", "none")}
"""Which side every worker gets whole: nothing about the rows. Scripts of some tools say ``none`` for ``off``."""
FUZZY = "nobody has published how the service scores two texts"


def _both_sides(context: LoweringContext, keys: KeyMaker) -> list[Output]:
    """All columns of both inputs; equal names survive and are told apart by their streams."""
    left, right = context.inputs
    return passed(data_columns(left.columns), 0, keys) + passed(data_columns(right.columns), 1, keys)


def lower_join(context: LoweringContext) -> list[Stage]:
    """``join(condition, joinType)``; a cross join keeps the pairs that satisfy its condition."""
    arguments = context.arguments
    arguments.allow(properties=["joinType", "matchType"], positional=1)
    arguments.choice("broadcast", _BROADCASTS, "auto")
    fuzzy = arguments.choice("matchType", {"exact": "exact", "fuzzy": "fuzzy"}, "exact") == "fuzzy"
    if fuzzy and not context.given.traced:
        span = arguments.properties["matchType"].span
        raise ProblemFound(f"a fuzzy join cannot run locally: {FUZZY}", span, expected="matchType: 'exact'")
    kind = JoinKind(arguments.choice("joinType", _KINDS, "inner"))
    typed = context.condition(conditions(arguments)[0])
    keys = KeyMaker()
    outputs = _both_sides(context, keys)
    if fuzzy:
        outputs += _score(typed, context, keys)
    outputs += joined(context.inputs[0].columns, context.inputs[1].columns, keys)
    return [context.stage(Join(context.reference(0), context.reference(1), kind, typed, tuple(outputs)))]


def _score(condition: TypedExpression, context: LoweringContext, keys: KeyMaker) -> list[Output]:
    """The column in which a fuzzy join keeps how alike the two texts are."""
    name = context.arguments.text("scoreColumn")
    if not name:
        return []
    compared = tuple(part for part in walk(condition) if isinstance(part, ColumnReference))
    column = Column(name, DOUBLE, keys.key(name), context.statement.name)
    return [Output(column, Call(FUZZY_COMPARE, compared, DOUBLE))]


def lower_exists(context: LoweringContext) -> list[Stage]:
    """``exists(condition, negate)``: rows of the first input with (or without) a partner in the second."""
    context.arguments.allow(properties=["negate"], positional=1)
    context.arguments.choice("broadcast", _BROADCASTS, "auto")
    typed = context.condition(conditions(context.arguments)[0])
    negated = context.arguments.flag("negate")
    return [context.stage(SemiJoin(context.reference(0), context.reference(1), typed, negated))]


def lower_lookup(context: LoweringContext) -> list[Stage]:
    """``lookup(condition, multiple, pickup, asc/desc)``: a left join, or the first partner in an order.

    Without ``multiple`` (scripts before that property existed) every partner counts. Of partners that are equal in the
    order the first by all their columns is taken, so that runs repeat.
    """
    arguments = context.arguments
    arguments.allow(properties=["multiple", "pickup"], blocks=["asc", "desc"], positional=1)
    arguments.choice("broadcast", _BROADCASTS, "auto")
    typed = context.condition(conditions(arguments)[0])
    left, right, matched = context.reference(0), *with_presence(context.reference(1))
    keys = KeyMaker()
    marks = [*kept(left.columns, keys, [MATCHED]), marking(MATCHED, matched, keys)]
    outputs = (*_both_sides(context, keys), *marks)
    pickup = arguments.choice("pickup", {"first": "first", "last": "last", "any": "any"}, "any")
    if arguments.flag("multiple", default="multiple" not in arguments.properties):
        return [context.stage(Join(left, right, JoinKind.LEFT, typed, outputs))]
    order = sort_keys(arguments.blocks, context)
    if pickup == "any":
        order = ()
    elif pickup == "last":
        order = tuple(
            SortKey(key.expression, not key.ascending, not key.nulls_first)
            for key in order or order_of_columns(right.columns, 1)
        )
    return [context.stage(FirstMatch(left, right, typed, order, outputs))]


def lower_union(context: LoweringContext) -> list[Stage]:
    """``union(byName)``: by name, missing columns being null, or by position; of one input, its rows."""
    context.arguments.allow(properties=["byName"])
    if context.arguments.flag("byName", default=True):
        columns, parts = _by_name(context)
    else:
        columns, parts = _by_position(context)
    sources = tuple(context.reference(number) for number in range(len(context.inputs)))
    return [context.stage(Union(sources, columns, parts))]


_Parts = tuple[tuple[TypedExpression, ...], ...]


_Name = tuple[str, str]
"""What makes two columns of a union one: the mark and the name."""


def _kind(column: Column) -> _Name:
    return column.mark, column.name


def _by_name(context: LoweringContext) -> tuple[tuple[Column, ...], _Parts]:
    by_name: list[dict[_Name, list[Column]]] = []
    order: dict[_Name, list[Column]] = {}
    for stage in context.inputs:
        named: dict[_Name, list[Column]] = {}
        for column in stage.columns:
            if _kind(column) in named and not context.given.traced:
                raise ProblemFound(
                    f"the input {stage.name!r} has two columns {column.name!r}",
                    context.statement.span,
                    hint="drop or rename one with a select before the union",
                )
            named.setdefault(_kind(column), []).append(column)
            order.setdefault(_kind(column), []).append(column)
        by_name.append(named)
    keys = KeyMaker()
    columns = tuple(_united(found, keys, context) for found in order.values())
    parts = tuple(tuple(_part(named.get(_kind(column), ()), column) for column in columns) for named in by_name)
    return columns, parts


def _by_position(context: LoweringContext) -> tuple[tuple[Column, ...], _Parts]:
    data = [data_columns(stage.columns) for stage in context.inputs]
    counts = [len(columns) for columns in data]
    if len(set(counts)) != 1:
        raise ProblemFound(
            f"the inputs have {' and '.join(map(str, counts))} columns",
            context.statement.span,
            expected="as many columns in every input, or byName: true",
        )
    keys = KeyMaker()
    aligned = zip(*data, strict=True)
    columns = tuple(_united(list(found), keys, context) for found in aligned)
    marks = [mark for mark in MARK_TYPES if any(mark_column(mark, stage.columns) for stage in context.inputs)]
    hidden = tuple(Column(mark, MARK_TYPES[mark], keys.key(mark), mark=mark) for mark in marks)
    parts = tuple(
        (
            *(_part([own], column) for own, column in zip(own_columns, columns, strict=True)),
            *(_part([one for one in stage.columns if one.mark == column.mark], column) for column in hidden),
        )
        for stage, own_columns in zip(context.inputs, data, strict=True)
    )
    return (*columns, *hidden), parts


def _united(found: list[Column], keys: KeyMaker, context: LoweringContext) -> Column:
    kinds = [column.type for column in found]
    kind = datatypes.common_type(kinds)
    if kind is None and STRING in kinds and all(one in _TEXTUAL or datatypes.is_number(one) for one in kinds):
        kind = STRING
    if kind is None:
        listed = " and ".join(dict.fromkeys(str(column.type) for column in found))
        raise ProblemFound(
            f"the column {found[0].name!r} is {listed} in the inputs",
            context.statement.span,
            expected="one type",
            hint="convert it in a derive before the union",
        )
    first = found[0]
    aliases = tuple(dict.fromkeys(alias for column in found for alias in column.aliases))
    drifted = all(column.drifted for column in found)
    return replace(first, type=kind, key=keys.key(first.name), aliases=aliases, drifted=drifted)


def _part(own: Sequence[Column], column: Column) -> TypedExpression:
    """The column of one input that becomes a column of the union; null where there is none."""
    if not own:
        return Literal(None, column.type)
    return either([widened(ColumnReference(one.key, one.type), column.type) for one in own])
