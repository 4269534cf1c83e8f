"""What is known of values while they are traced: where they come from, what decides about them, how they are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from mapping_dataflow.expressions import (
    Call,
    ColumnReference,
    Convert,
    FieldAccess,
    Lambda,
    LambdaVariable,
    Literal,
    OpenParameter,
    SecretParameter,
    StructOf,
    TypedExpression,
    children,
)
from mapping_dataflow.functions import aggregates, catalogue, conversions
from mapping_dataflow.functions.signatures import Kind
from mapping_dataflow.lineage.masking import hides
from mapping_dataflow.lineage.model import Contribution, Decision, Influence, Reason, SourceColumn, Step

_CONVERSIONS = frozenset(function.name for function in conversions.FUNCTIONS if function.name.startswith("to"))
"""``toString(name)`` is the name still: conversions copy."""
_CONDITIONAL_AGGREGATES = frozenset(function.name for function in aggregates.FUNCTIONS if function.name.endswith("If"))
"""``sumIf(condition, value)``: the condition chooses the rows; ``countIf`` has nothing else and counts it."""


@dataclass(frozen=True)
class Value:
    """The values of a column or an expression; ``steps`` are the expressions on the way, first applied first."""

    contributions: Mapping[SourceColumn, Contribution] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A column inside a stage as text; ``name`` is its name while it is just handed through, else empty."""

    text: str
    name: str = ""


@dataclass(frozen=True)
class Traced:
    """A relation: its columns by key, their texts within the stage, and what decides about its rows."""

    columns: Mapping[str, Value]
    texts: Mapping[str, Text]
    rows: tuple[Decision, ...]


def own(stream: str, column: str) -> Value:
    """The value of a source's column."""
    source = SourceColumn(stream, column)
    return Value({source: Contribution(source, Influence.COPIED)})


def distinct(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """The decisions, each once, in order."""
    return tuple(dict.fromkeys(decisions))


def decided(value: Value, reason: Reason, stream: str) -> list[Decision]:
    """What decides when this value does, in a transformation."""
    return [*value.decisions, *(Decision(source, reason, stream) for source in value.contributions)]


def stepped(value: Value, step: Step) -> Value:
    """The value with one more expression applied to it."""
    contributions = {
        source: Contribution(source, one.influence, one.functions, one.secrets, one.masked, _joined(one.steps, (step,)))
        for source, one in value.contributions.items()
    }
    return Value(contributions, value.decisions, _joined(value.steps, (step,)))


def merged(values: Iterable[Value]) -> Value:
    """One value that comes in several ways: the strongest influence counts, and it is masked if it is on every way."""
    contributions: dict[SourceColumn, Contribution] = {}
    decisions: list[Decision] = []
    steps: tuple[Step, ...] = ()
    for value in values:
        for source, one in value.contributions.items():
            before = contributions.get(source)
            contributions[source] = one if before is None else _both(before, one)
        decisions += value.decisions
        steps = _joined(steps, value.steps)
    return Value(contributions, distinct(decisions), steps)


def _both(one: Contribution, other: Contribution) -> Contribution:
    return Contribution(
        one.source,
        max(one.influence, other.influence),
        one.functions | other.functions,
        one.secrets | other.secrets,
        one.masked and other.masked,
        _joined(one.steps, other.steps),
    )


def _joined(one: tuple[Step, ...], other: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(dict.fromkeys((*one, *other))) if one and other else one or other


def expression_value(expression: TypedExpression, inputs: Sequence[Traced], stream: str) -> Value:
    """The value of an expression over inputs; ``stream`` is where its conditions decide."""
    match expression:
        case ColumnReference():
            return inputs[expression.input].columns[expression.key]
        case Literal() | SecretParameter() | LambdaVariable():
            return Value()
        case Convert() | Lambda():
            return merged(expression_value(child, inputs, stream) for child in children(expression))
        case FieldAccess() | StructOf():
            below = merged(expression_value(child, inputs, stream) for child in children(expression))
            return _through(below, Influence.COMPUTED)
        case Call():
            return _call(expression, inputs, stream)
        case _:
            assert_never(expression)


def _call(call: Call, inputs: Sequence[Traced], stream: str) -> Value:
    conditions = _conditions(call)
    below = merged(
        _chosen_by(expression_value(child, inputs, stream), stream)
        if number in conditions
        else expression_value(child, inputs, stream)
        for number, child in enumerate(call.arguments)
    )
    secrets = {
        one.name for one in call.arguments if isinstance(one, SecretParameter) and not isinstance(one, OpenParameter)
    }
    function = catalogue.find(call.function)
    weakened = Influence.COMPUTED
    if function is not None and function.kind is Kind.AGGREGATE:
        weakened = Influence.AGGREGATED
    elif call.function in _CONVERSIONS or call.function == "byName":
        weakened = Influence.COPIED
    return _through(below, weakened, frozenset({call.function}), frozenset(secrets), hides(call))


def _conditions(call: Call) -> range:
    """The places of the arguments that only decide which of the others is the value, or goes into it."""
    if call.function == "case":
        return range(0, len(call.arguments) - 1, 2)
    if call.function == "iif" or (call.function in _CONDITIONAL_AGGREGATES and len(call.arguments) > 1):
        return range(1)
    return range(0)


def _chosen_by(condition: Value, stream: str) -> Value:
    """What a condition contributes to the value that it chooses: nothing but a decision."""
    return Value({}, distinct(decided(condition, Reason.CONDITION, stream)), condition.steps)


def _through(
    value: Value,
    weakened: Influence,
    functions: frozenset[str] = frozenset(),
    secrets: frozenset[str] = frozenset(),
    hidden: bool = False,
) -> Value:
    contributions = {
        source: Contribution(
            source,
            min(one.influence, weakened),
            one.functions | functions,
            one.secrets | secrets,
            one.masked or hidden,
            one.steps,
        )
        for source, one in value.contributions.items()
    }
    return Value(contributions, value.decisions, value.steps)
