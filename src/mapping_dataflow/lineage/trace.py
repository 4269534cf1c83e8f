"""Traces column lineage on relations, so it holds for every engine.

Patterns, ``columns()`` and names were resolved before, hence every column they read is listed. A kind of relation or of
expression that this module does not know is a defect: it is never passed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from mapping_dataflow.analysis.columns import DYNAMIC, Column
from mapping_dataflow.expression_text import expression_text
from mapping_dataflow.expressions import Call, ColumnReference, Literal, TypedExpression, walk
from mapping_dataflow.lineage.model import ColumnLineage, Decision, Reason, Step
from mapping_dataflow.lineage.values import (
    Text,
    Traced,
    Value,
    decided,
    distinct,
    expression_value,
    merged,
    own,
    stepped,
)
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
from mapping_dataflow.script.printer import print_name

_Derived = Project | Filter | Guard | Join | FirstMatch | SemiJoin | Aggregate | Window | Union | Unnest | Sort | Number
"""Relations that have inputs."""


def trace(stages: Sequence[Stage], sinks: Iterable[str]) -> tuple[ColumnLineage, ...]:
    """Lineage of every column of the named sink stages; ``stages`` come in order of dependence."""
    known: dict[str, Traced] = {}
    result: list[ColumnLineage] = []
    wanted = set(sinks)
    for stage in stages:
        known[stage.name] = _stage(stage, known)
        if stage.name in wanted:
            result.extend(_sink(stage, known[stage.name]))
    return tuple(result)


def _stage(stage: Stage, known: Mapping[str, Traced]) -> Traced:
    """The stage's relation, with a step for every column that it does not just hand through."""
    traced = _Tracer(stage.name, known).relation(stage.relation)
    columns: dict[str, Value] = {}
    for column in stage.columns:
        value, text = traced.columns[column.key], traced.texts[column.key]
        step = Step(stage.name, column.name, text.text)
        same = column.name == text.name or text.text == _printed(column.name)  # implicit conversions are not written
        columns[column.key] = value if same else stepped(value, step)
    return Traced(columns, _names(stage), traced.rows)


def _names(stage: Stage) -> dict[str, Text]:
    """How the columns of a stage are written behind it: by stream where two have the same name."""
    counted = Counter(column.name for column in stage.columns)
    return {column.key: Text(_written(column, stage, counted[column.name]), column.name) for column in stage.columns}


def _written(column: Column, stage: Stage, count: int) -> str:
    if count == 1:
        return _printed(column.name)
    own = (f"{stream}@{_printed(name)}" for stream, name in column.aliases if stream not in stage.streams)
    return next(own, _printed(column.name))


def _printed(name: str) -> str:
    """A column's name as the language writes it; columns that are not known are ``*``."""
    return print_name(name) if DYNAMIC not in name else "*" if name == DYNAMIC else f"{{{name.replace(DYNAMIC, '*')}}}"


def _sink(stage: Stage, traced: Traced) -> list[ColumnLineage]:
    """The lineage of a sink's columns; several that are not known, or have the same name, are one."""
    rows = [*traced.rows]
    for mark in (traced.columns[column.key] for column in stage.columns if column.mark):
        rows += decided(mark, Reason.MARK, mark.steps[-1].stream if mark.steps else stage.name)
    kept = distinct(rows)
    by_name: dict[str, list[Column]] = {}
    for column in stage.columns:
        if not column.mark:
            by_name.setdefault(column.name, []).append(column)
    found: list[ColumnLineage] = []
    for name, columns in by_name.items():
        value = merged(traced.columns[column.key] for column in columns)
        contributions = tuple(sorted(value.contributions.values(), key=lambda one: one.source))
        decisions = tuple(one for one in value.decisions if one not in kept)
        found.append(ColumnLineage(stage.name, name, str(columns[0].type), contributions, decisions, kept, value.steps))
    return found


class _Tracer:
    """Traces the relations inside one stage."""

    def __init__(self, stream: str, known: Mapping[str, Traced]) -> None:
        self._stream = stream
        self._known = known

    def relation(self, relation: Relation) -> Traced:
        """What is known about a relation."""
        if isinstance(relation, StageReference):
            return self._known[relation.stage]
        if isinstance(relation, Scan):
            columns = {column.key: own(column.origin, column.name) for column in relation.columns}
            texts = {column.key: Text(_printed(column.name), column.name) for column in relation.columns}
            return Traced(columns, texts, ())
        inputs = self._inputs(relation)
        rows = [decision for one in inputs for decision in one.rows]
        values, names = self._columns(relation, inputs)
        reason, deciding = _deciding(relation)
        if reason is not Reason.WINDOW:
            rows += self._decided(reason, deciding, inputs)
        rows += self._decided(Reason.FLATTEN, _unfolded(relation), inputs)
        return Traced(values, names, distinct(rows))

    def _inputs(self, relation: Relation) -> list[Traced]:
        """The inputs; where two of them have a column of the same name its text says of which stream it is."""
        relations = inputs_of(relation)
        inputs = [self.relation(one) for one in relations]
        if isinstance(relation, Union) or len(inputs) < 2:
            return inputs
        names = [{text.text for text in one.texts.values()} for one in inputs]
        shared = names[0] & names[1]
        return [
            Traced(
                traced.columns, {key: _qualified(text, shared, one) for key, text in traced.texts.items()}, traced.rows
            )
            for one, traced in zip(relations, inputs, strict=True)
        ]

    def _decided(self, reason: Reason, deciding: Iterable[TypedExpression], inputs: Sequence[Traced]) -> list[Decision]:
        return [
            decision
            for expression in deciding
            for decision in decided(expression_value(expression, inputs, self._stream), reason, self._stream)
        ]

    def _columns(self, relation: _Derived, inputs: Sequence[Traced]) -> tuple[Mapping[str, Value], Mapping[str, Text]]:
        match relation:
            case Project() | Join() | FirstMatch():
                return self._outputs(relation.outputs, inputs)
            case Window():
                reason, deciding = _deciding(relation)
                return self._outputs(relation.outputs, inputs, self._decided(reason, deciding, inputs))
            case Aggregate():
                return self._outputs((*relation.keys, *relation.outputs), inputs)
            case Union():
                return self._union(relation, inputs)
            case Unnest():
                value = expression_value(relation.array, inputs, self._stream)
                text = Text(f"unroll({_text(relation.array, inputs).text})")
                return self._with(inputs[0], relation.item.key, value, text)
            case Number():
                text = Text(f"keyGenerate(startAt: {relation.start}L, stepValue: {relation.step}L)")
                return self._with(inputs[0], relation.number.key, Value(), text)
            case Filter() | Guard() | SemiJoin() | Sort():
                return inputs[0].columns, inputs[0].texts
            case _:
                assert_never(relation)

    def _outputs(
        self, outputs: Iterable[Output], inputs: Sequence[Traced], decisions: Sequence[Decision] = ()
    ) -> tuple[Mapping[str, Value], Mapping[str, Text]]:
        """The values of outputs; ``decisions`` decide about those that are computed."""
        values: dict[str, Value] = {}
        texts: dict[str, Text] = {}
        for output in outputs:
            key, expression = output.column.key, output.expression
            value = expression_value(expression, inputs, self._stream)
            if decisions and not isinstance(expression, ColumnReference | Literal):
                value = Value(value.contributions, distinct([*value.decisions, *decisions]), value.steps)
            values[key], texts[key] = value, _text(expression, inputs)
        return values, texts

    def _union(self, relation: Union, inputs: Sequence[Traced]) -> tuple[Mapping[str, Value], Mapping[str, Text]]:
        parts: dict[str, list[Value]] = {column.key: [] for column in relation.columns}
        for number, part in enumerate(relation.parts):
            source = [inputs[number]]
            for column, expression in zip(relation.columns, part, strict=True):
                value, text = expression_value(expression, source, self._stream), _text(expression, source)
                changed = value.contributions and text.name != column.name
                step = Step(self._stream, column.name, text.text)
                parts[column.key].append(stepped(value, step) if changed else value)
        texts = {column.key: Text(_printed(column.name), column.name) for column in relation.columns}
        return {key: merged(values) for key, values in parts.items()}, texts

    def _with(
        self, source: Traced, key: str, value: Value, text: Text
    ) -> tuple[Mapping[str, Value], Mapping[str, Text]]:
        return {**source.columns, key: value}, {**source.texts, key: text}


def _text(expression: TypedExpression, inputs: Sequence[Traced]) -> Text:
    def column(reference: ColumnReference) -> str:
        found = inputs[reference.input].texts[reference.key]
        return found.text if found.name else f"({found.text})"

    if isinstance(expression, ColumnReference):
        return inputs[expression.input].texts[expression.key]
    return Text(expression_text(expression, column))


def _qualified(text: Text, shared: set[str], relation: Relation) -> Text:
    if text.text not in shared or not text.name:
        return text
    while not isinstance(relation, StageReference | Scan):
        relation = inputs_of(relation)[0]
    stream = relation.stage if isinstance(relation, StageReference) else relation.relation
    return Text(f"{stream}@{text.text}", text.name)


def _unfolded(relation: Relation) -> list[TypedExpression]:
    """The arrays that expressions make rows of."""
    if not isinstance(relation, Project | Join | FirstMatch | Window | Aggregate):
        return []
    parts = [part for output in relation.outputs for part in walk(output.expression)]
    return [part for part in parts if isinstance(part, Call) and part.function == "unfold"]


def _deciding(relation: _Derived) -> tuple[Reason, Sequence[TypedExpression]]:
    """The expressions that decide about the rows of a relation (of a window: about its results), and how."""
    match relation:
        case Filter():
            return Reason.FILTER, [relation.condition]
        case Guard():
            return Reason.ASSERT, [relation.condition]
        case Join() | SemiJoin():
            return Reason.JOIN, [relation.condition]
        case FirstMatch():
            return Reason.JOIN, [relation.condition, *(key.expression for key in relation.order)]
        case Aggregate():
            return Reason.GROUP, [output.expression for output in relation.keys]
        case Window():
            return Reason.WINDOW, [*relation.partition, *(key.expression for key in relation.order)]
        case Sort():
            return Reason.SORT, [key.expression for key in relation.keys]
        case Unnest():
            return Reason.FLATTEN, [relation.array]
        case Project() | Union() | Number():
            return Reason.FILTER, []
        case _:
            assert_never(relation)
