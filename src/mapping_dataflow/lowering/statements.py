"""Lowers the statements of a flow, and of the flowlets in it, to stages in order of dependence.

A part of a statement that has a problem is left out, so that all others are found, too. What reads a statement whose
columns are not known is left out silently: its problem is the cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mapping_dataflow.analysis.environment import ComputedValues, Environment
from mapping_dataflow.analysis.order import ordered
from mapping_dataflow.errors import ProblemCollector, ProblemFound, counted
from mapping_dataflow.expressions import TypedExpression
from mapping_dataflow.flow import Flow
from mapping_dataflow.lowering.arguments import Arguments
from mapping_dataflow.lowering.caches import (
    Answered,
    Cache,
    answered,
    asked_of_caches,
    cache_calls,
    without_answers,
    without_rows_of_inputs,
)
from mapping_dataflow.lowering.context import Given, LoweringContext
from mapping_dataflow.lowering.pivot import key_values, needs_values
from mapping_dataflow.lowering.registry import TRANSFORMATIONS, Transformation
from mapping_dataflow.lowering.rows import unchanged
from mapping_dataflow.parameters import bind
from mapping_dataflow.relations import Relation, Stage
from mapping_dataflow.script import syntax
from mapping_dataflow.script.familiar_words import transformation_hint


@dataclass(frozen=True)
class Question:
    """Values that an engine has to compute before ``statement`` (of the flow itself) can be lowered: the columns of a
    relation, or expressions that read nothing."""

    statement: str
    about: Relation | Mapping[str, TypedExpression]


@dataclass
class Lowered:
    """The stages of a flow by name, in order of dependence, and where the problems of each belong."""

    stages: dict[str, Stage] = field(default_factory=dict)
    problems: dict[str, ProblemCollector] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    """What has to be computed first, by the stream that asks."""

    def add(self, stage: Stage, problems: ProblemCollector) -> None:
        """One stage more."""
        self.stages[stage.name] = stage
        self.problems[stage.name] = problems


def lower_flow(
    flow: Flow, parameters: Mapping[str, TypedExpression], given: Given, problems: ProblemCollector
) -> Lowered:
    """The stages of all statements; problems are kept."""
    result = Lowered()
    _Statements(flow, parameters, given, problems, result).lower({})
    return result


class _Statements:
    """The statements of one flow or flowlet."""

    def __init__(
        self,
        flow: Flow,
        parameters: Mapping[str, TypedExpression],
        given: Given,
        problems: ProblemCollector,
        result: Lowered,
        prefix: str = "",
        within: tuple[str, ...] = (),
    ) -> None:
        self.flow = flow
        self.parameters = parameters
        self.given = given
        self.problems = problems
        self.result = result
        self.prefix = prefix
        self.within = (*within, flow.name)
        self.streams: dict[str, Stage] = {}
        self.caches: dict[str, Cache] = {}

    def lower(self, inputs: Mapping[str, Stage]) -> list[Stage]:
        """Lowers all statements; ``inputs`` are stages that stand for statements of the same name."""
        for name, stage in inputs.items():
            self.streams[name] = stage
            self.result.add(stage, self.problems)
        made: list[Stage] = []
        for statement in ordered(self.flow.script.statements, self.problems, self._asked()):
            if statement.name in inputs:
                continue
            try:
                made += self._lowered(statement)
            except ProblemFound as found:
                self.problems.add(found.problem)
        return made

    def _asked(self) -> dict[str, tuple[syntax.StreamName, ...]]:
        """The cache sinks that each statement asks."""
        if not self._may_ask():
            return {}
        names = {statement.name for statement in self.flow.script.statements}
        return {
            statement.name: tuple(
                syntax.StreamName(call.sink, span=call.span) for call in cache_calls(statement) if call.sink in names
            )
            for statement in self.flow.script.statements
        }

    def _may_ask(self) -> bool:
        """False for the many scripts without the sign of such calls: nothing is looked for in them."""
        return "#" in self.flow.text

    def _lowered(self, statement: syntax.Statement) -> list[Stage]:
        found = [self.streams.get(str(stream)) for stream in statement.inputs]
        inputs = tuple(stage for stage in found if stage is not None)
        if len(inputs) < len(found):
            return []
        transformation = _transformation(statement, len(inputs))
        environment = Environment(parameters=self.parameters, traced=self.given.traced)
        answers = answered(statement, inputs, self.caches, environment) if self._may_ask() else Answered(inputs, {}, {})
        for stage in answers.stages:
            self.result.add(stage, self.problems)
        # What asks has no problem yet: with the answers it is lowered again.
        problems = self._own_collector() if self.given.asks else self.problems
        computed = None if self.given.traced else self._computed(statement)
        context = LoweringContext(
            statement,
            answers.inputs,
            self.parameters,
            problems,
            self.given,
            self.prefix,
            self._lower_flowlet,
            answers.calls,
            answers.rows,
            computed,
        )
        if self.given.asks and statement.verb == "pivot" and needs_values(context):
            self._ask(without_answers(key_values(context)), context)
            return []
        try:
            lowered = transformation.lower(context)
        except ProblemFound as found:
            problems.add(found.problem)
            lowered = unchanged(context)
        if self.given.asks and computed is not None and computed.asked:
            self._ask(asked_of_caches(computed.asked, self.caches) or computed.asked, context)
            return []
        self.problems.include(problems)
        stages = [replace(stage, relation=without_answers(stage.relation)) for stage in lowered]
        for stage in stages:
            self._keep(stage, statement, context)
        return stages

    def _computed(self, statement: syntax.Statement) -> ComputedValues:
        return ComputedValues(self.prefix + statement.name, self.given.values, without_rows_of_inputs(self.caches))

    def _ask(self, about: Relation | Mapping[str, TypedExpression], context: LoweringContext) -> None:
        self.result.questions[context.full_name] = Question(context.full_name.partition("/")[0], about)

    def _own_collector(self) -> ProblemCollector:
        return ProblemCollector(self.problems.action, self.flow.subject, self.flow.text)

    def _keep(self, stage: Stage, statement: syntax.Statement, context: LoweringContext) -> None:
        kept = {column.key for column in stage.relation.columns}
        stage = replace(stage, columns=tuple(column for column in stage.columns if column.key in kept))
        self.result.stages[stage.name] = stage
        self.result.problems.setdefault(stage.name, self.problems)
        if stage.name.startswith(context.full_name + "/"):
            return  # of a flowlet, which has its own names
        self.streams[stage.name.removeprefix(self.prefix)] = stage
        if statement.verb == "sink" and context.arguments.text("store") == "cache":
            self.caches[statement.name] = Cache(stage, context.arguments.texts("keys"))
        elif statement.verb == "sink" and self.prefix:
            raise ProblemFound("a flowlet writes to no sink but cache sinks", statement.verb_span)

    def _lower_flowlet(
        self, flow: Flow, prefix: str, inputs: Mapping[str, Stage], given: Mapping[str, TypedExpression]
    ) -> list[Stage]:
        problems = ProblemCollector(self.problems.action, flow.subject, flow.text)
        if flow.name in self.within:
            problems.report(f"the flowlet {flow.name!r} is part of itself", flow.script.statements[0].span)
        else:
            bound = bind(flow, {}, frozenset(), problems, lenient=True)
            parameters = {**bound.expressions, **given}
            inner = _Statements(flow, parameters, self.given, problems, self.result, prefix, self.within)
            made = inner.lower(inputs)
            self.problems.include(problems)
            return made
        self.problems.include(problems)
        return []


def _transformation(statement: syntax.Statement, inputs: int) -> Transformation:
    """The transformation of a statement with so many inputs. Raises ProblemFound."""
    transformation = TRANSFORMATIONS.get(statement.verb)
    if transformation is None:
        raise ProblemFound(
            f"there is no transformation {statement.verb!r}",
            statement.verb_span,
            expected="one of " + ", ".join(sorted(TRANSFORMATIONS)),
            hint=transformation_hint(statement.verb, TRANSFORMATIONS),
        )
    most = transformation.most
    if inputs < transformation.fewest or (most is not None and inputs > most):
        expected = f"{transformation.fewest}" if most == transformation.fewest else f"at least {transformation.fewest}"
        raise ProblemFound(f"{statement.verb} has {counted(inputs, 'input')}", statement.verb_span, expected=expected)
    return transformation


def is_cache(statement: syntax.Statement) -> bool:
    """True for a sink whose rows other expressions of the flow ask."""
    store = Arguments(statement, Environment()).properties.get("store")
    return store is not None and isinstance(store.value, syntax.StringLiteral) and store.value.value == "cache"
