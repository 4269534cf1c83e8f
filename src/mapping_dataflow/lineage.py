"""Column lineage: which source columns each sink column comes from, through what, and what else decided its rows.

Computed on relations, so it holds for every engine. ``columns()`` and patterns were resolved before, hence every
column they read is listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from mapping_dataflow.expressions import (
    Call,
    ColumnReference,
    Convert,
    Literal,
    SecretParameter,
    TypedExpression,
    children,
)
from mapping_dataflow.functions import catalogue, conversions
from mapping_dataflow.functions.signatures import Kind
from mapping_dataflow.relations import (
    Aggregate,
    Filter,
    FirstMatch,
    Guard,
    Join,
    Number,
    Output,
    Project,
    Relation,
    Scan,
    SemiJoin,
    Sort,
    Stage,
    StageReference,
    Union,
    Unnest,
    Window,
    inputs_of,
)


class Influence(IntEnum):
    """How a source column reaches a sink column, strongest last wins when it does so several ways."""

    AGGREGATED = 1
    COMPUTED = 2
    COPIED = 3


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of the data of a source stream."""

    stream: str
    column: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """One source column that a sink column is made from, and the functions applied on the way."""

    source: SourceColumn
    influence: Influence
    functions: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ColumnLineage:
    """The lineage of one sink column. ``row_influences`` decided which rows exist: filters, joins, groups, order."""

    sink: str
    column: str
    contributions: tuple[Contribution, ...]
    row_influences: frozenset[SourceColumn]


_CONVERSIONS = frozenset(function.name for function in conversions.FUNCTIONS if function.name.startswith("to"))
"""``toString(name)`` is the name still: conversions copy."""

_Contributions = dict[SourceColumn, Contribution]


@dataclass
class _Traced:
    columns: Mapping[str, _Contributions]
    rows: frozenset[SourceColumn]


def trace(stages: Sequence[Stage], sinks: Iterable[str]) -> tuple[ColumnLineage, ...]:
    """Lineage of every column of the named sink stages; ``stages`` come in order of dependence."""
    known: dict[str, _Traced] = {}
    for stage in stages:
        known[stage.name] = _relation(stage.relation, known)
    result: list[ColumnLineage] = []
    wanted = set(sinks)
    for stage in stages:
        if stage.name not in wanted:
            continue
        traced = known[stage.name]
        for column in stage.columns:
            if column.mark:
                continue
            found = tuple(
                sorted(traced.columns[column.key].values(), key=lambda one: (one.source.stream, one.source.column))
            )
            result.append(ColumnLineage(stage.name, column.name, found, traced.rows))
    return tuple(result)


def _relation(relation: Relation, known: Mapping[str, _Traced]) -> _Traced:
    if isinstance(relation, StageReference):
        return known[relation.stage]
    if isinstance(relation, Scan):
        return _Traced({column.key: _own(column.origin, column.name) for column in relation.columns}, frozenset())
    inputs = [_relation(one, known) for one in inputs_of(relation)]
    rows = frozenset().union(*(one.rows for one in inputs)) | _deciding(relation, inputs)
    return _Traced(_columns(relation, inputs), rows)


def _own(stream: str, column: str) -> _Contributions:
    source = SourceColumn(stream, column)
    return {source: Contribution(source, Influence.COPIED)}


def _columns(relation: Relation, inputs: Sequence[_Traced]) -> Mapping[str, _Contributions]:
    match relation:
        case Project() | Join() | FirstMatch() | Window():
            return _outputs(relation.outputs, inputs)
        case Aggregate():
            return _outputs((*relation.keys, *relation.outputs), inputs)
        case Union():
            result: dict[str, _Contributions] = {}
            for number, part in enumerate(relation.parts):
                for column, expression in zip(relation.columns, part, strict=True):
                    found = _expression(expression, [inputs[number]])
                    result[column.key] = _merged([result.get(column.key, {}), found])
            return result
        case Unnest():
            return {**inputs[0].columns, relation.item.key: _expression(relation.array, inputs)}
        case Number():
            return {**inputs[0].columns, relation.number.key: {}}
        case _:
            return inputs[0].columns


def _outputs(outputs: Iterable[Output], inputs: Sequence[_Traced]) -> dict[str, _Contributions]:
    return {output.column.key: _expression(output.expression, inputs) for output in outputs}


def _merged(parts: Iterable[_Contributions]) -> _Contributions:
    result: _Contributions = {}
    for part in parts:
        for source, contribution in part.items():
            before = result.get(source)
            if before is None:
                result[source] = contribution
            else:
                result[source] = Contribution(
                    source,
                    max(before.influence, contribution.influence),
                    before.functions | contribution.functions,
                    before.secrets | contribution.secrets,
                )
    return result


def _expression(expression: TypedExpression, inputs: Sequence[_Traced]) -> _Contributions:
    if isinstance(expression, ColumnReference):
        return dict(inputs[expression.input].columns[expression.key])
    below = _merged(_expression(child, inputs) for child in children(expression))
    if isinstance(expression, Convert | Literal):
        return below
    function = catalogue.find(expression.function) if isinstance(expression, Call) else None
    names = frozenset({expression.function}) if isinstance(expression, Call) else frozenset[str]()
    secrets = frozenset(child.name for child in children(expression) if isinstance(child, SecretParameter))
    grouped = function is not None and function.kind is Kind.AGGREGATE
    weakened = Influence.AGGREGATED if grouped else Influence.COMPUTED
    if names <= _CONVERSIONS and isinstance(expression, Call):
        weakened = Influence.COPIED
    return {
        source: Contribution(source, min(one.influence, weakened), one.functions | names, one.secrets | secrets)
        for source, one in below.items()
    }


def _deciding(relation: Relation, inputs: Sequence[_Traced]) -> frozenset[SourceColumn]:
    expressions: list[TypedExpression] = []
    match relation:
        case Filter() | Guard() | Join() | SemiJoin():
            expressions = [relation.condition]
        case FirstMatch():
            expressions = [relation.condition, *(key.expression for key in relation.order)]
        case Aggregate():
            expressions = [output.expression for output in relation.keys]
        case Window():
            expressions = [*relation.partition, *(key.expression for key in relation.order)]
        case Sort():
            expressions = [key.expression for key in relation.keys]
        case Unnest():
            expressions = [relation.array]
    return frozenset(source for expression in expressions for source in _expression(expression, inputs))
