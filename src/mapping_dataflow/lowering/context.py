"""What every lowering gets: its statement, the stages it reads, parameters, source schemas, and where problems go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ParamSpec, TypeVar

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.columns import Column, KeyMaker, Scope, StreamColumns, with_stream
from mapping_dataflow.analysis.datatypes import BOOLEAN, STRING, UNKNOWN
from mapping_dataflow.analysis.environment import Allowed, CachedRows, ComputedValues, Environment, UserFunction
from mapping_dataflow.analysis.every_problem import problems_of
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.analysis.patterns import Matched, expand
from mapping_dataflow.analysis.signature_check import check_compared
from mapping_dataflow.analysis.type_check import check, condition
from mapping_dataflow.errors import ProblemCollector, ProblemFound
from mapping_dataflow.expressions import Call, ColumnReference, Literal, TypedExpression
from mapping_dataflow.flow import Flow
from mapping_dataflow.lowering.arguments import Arguments
from mapping_dataflow.relations import Output, Relation, SortKey, Stage, StageReference
from mapping_dataflow.script import syntax
from mapping_dataflow.sources import SourceSchema

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Given:
    """What the caller gives for a whole flow: schemas of sources, flowlets by name, values that an engine computed."""

    schemas: Mapping[str, SourceSchema] = field(default_factory=dict)
    flowlets: Mapping[str, Flow] = field(default_factory=dict)
    values: Mapping[str, Sequence[object]] = field(default_factory=dict)
    functions: Mapping[str, UserFunction] = field(default_factory=dict)
    asks: bool = False
    """True when the flow is lowered to learn what has to be computed first: a statement that has to know something
    makes no stage, but a question."""
    traced: bool = False
    """True for lineage alone: nothing will be run, so that what no engine can do is no problem."""


FlowletLowering = Callable[[Flow, str, Mapping[str, Stage], Mapping[str, TypedExpression]], list[Stage]]
"""Lowers a flowlet's statements: the flowlet, the prefix of its stages' names, its inputs and given parameters."""


@dataclass(frozen=True)
class LoweringContext:
    """One statement with everything that its lowering may look at.

    ``prefix`` tells the statements of flowlets apart: names of stages and sources begin with it.
    """

    statement: syntax.Statement
    inputs: tuple[Stage, ...]
    parameters: Mapping[str, TypedExpression]
    problems: ProblemCollector
    given: Given = Given()
    prefix: str = ""
    lower_flowlet: FlowletLowering | None = None
    cache_calls: Mapping[syntax.CacheCall, TypedExpression] = field(default_factory=dict)
    cached_rows: Mapping[str, CachedRows] = field(default_factory=dict)
    computed: ComputedValues | None = None
    arguments: Arguments = field(init=False)

    def __post_init__(self) -> None:
        arguments = Arguments(self.statement, Environment(parameters=self.parameters), self.problems)
        object.__setattr__(self, "arguments", arguments)

    def attempt(self, work: Callable[_Given, _Result], *given: _Given.args, **named: _Given.kwargs) -> _Result | None:
        """The result of the work on what is given, or None with its problem kept for the end."""
        try:
            return work(*given, **named)
        except ProblemFound as found:
            self.problems.add(found.problem)
            return None

    @property
    def full_name(self) -> str:
        """The statement's name, unique among those of the flow and its flowlets."""
        return self.prefix + self.statement.name

    def scope(self) -> Scope:
        """The columns of all inputs."""
        return Scope(tuple(StreamColumns(stage.streams, stage.columns) for stage in self.inputs))

    def environment(self, allowed: Allowed = Allowed.NONE) -> Environment:
        """The environment of the statement's expressions."""
        return Environment(
            scope=self.scope(),
            parameters=self.parameters,
            allowed=allowed,
            cache_calls=self.cache_calls,
            cached_rows=self.cached_rows,
            computed=self.computed,
            functions=self.given.functions,
            traced=self.given.traced,
        )

    def checked(self, node: syntax.Expression, environment: Environment) -> TypedExpression:
        """The typed expression; after a problem, which is kept, an unknown one that causes no others."""
        try:
            return check(node, environment)
        except ProblemFound as found:
            self._keep_all(node, environment, found)
            return Literal(None, UNKNOWN)

    def condition(self, node: syntax.Expression) -> TypedExpression:
        """A boolean expression; after a problem, which is kept, one that is never true."""
        try:
            return condition(node, self.environment(), "the condition")
        except ProblemFound as found:
            self._keep_all(node, self.environment(), found)
            return Literal(None, BOOLEAN)

    def _keep_all(self, node: syntax.Expression, environment: Environment, first: ProblemFound) -> None:
        """Keeps every problem of an expression, of which the first is known."""
        self.problems.add(first.problem)
        for problem in problems_of(node, environment):
            self.problems.add(problem)

    def matches(self, pattern: syntax.Block, environment: Environment) -> list[Matched]:
        """The columns that a pattern matches; none after a problem, which is kept."""
        return self.attempt(lambda: list(expand(pattern, environment, check, self.checked))) or []

    def reference(self, number: int = 0) -> StageReference:
        """The input as a relation."""
        stage = self.inputs[number]
        return StageReference(stage.name, stage.columns)

    def stage(self, relation: Relation, output: str | None = None) -> Stage:
        """The statement's result, its columns reachable as ``stream@column``. Raises ProblemFound for rows without
        columns, which no store takes."""
        known = not self.given.traced and not self.problems.found
        if known and all(column.mark for column in relation.columns):
            raise ProblemFound(f"{self.statement.verb} leaves no column", self.statement.verb_span)
        name = self.statement.name
        streams = (f"{name}@{output}", output, name) if output else (name,)
        return Stage(self.prefix + streams[0], streams, relation, with_stream(relation.columns, *streams))


def passed(columns: Iterable[Column], number: int = 0, keys: KeyMaker | None = None) -> list[Output]:
    """Outputs that hand columns through, with fresh keys when a key maker is given."""
    return [
        Output(
            column if keys is None else column.changed(key=keys.key(column.name)),
            ColumnReference(column.key, column.type, number),
        )
        for column in columns
    ]


def settled(expression: TypedExpression) -> TypedExpression:
    """The expression of a column: a bare null becomes a string, since columns have a type, as the items of an empty
    array do."""
    kind = datatypes.settled(expression.type)
    return expression if kind == expression.type else widened(expression, kind)


def only_column(name: str, columns: Sequence[Column]) -> Column | None:
    """The first column of data with that name."""
    return next((column for column in columns if column.name == name and not column.mark), None)


def sort_keys(blocks: Iterable[syntax.Block], context: LoweringContext) -> tuple[SortKey, ...]:
    """Sort keys from ``asc(expression, nullsFirst)`` and ``desc(…)``; nulls stand last unless said otherwise.

    Other blocks are passed over, as are constants, which put nothing in order.
    """
    keys: list[SortKey] = []
    environment = context.environment()
    for block in blocks:
        if block.name not in ("asc", "desc"):
            continue
        parts = [argument for argument in block.arguments if isinstance(argument, syntax.Positional)]
        if not 1 <= len(parts) <= 2 or len(parts) != len(block.arguments):
            raise ProblemFound(f"{block.name}() has another form", block.span, expected="asc(column, nullsFirst)")
        expression = context.checked(parts[0].expression, environment)
        check_compared(expression.type, parts[0].span, "a sort key")
        first = parts[1].expression if len(parts) == 2 else None
        flag = isinstance(first, syntax.BooleanLiteral) and first.value
        if isinstance(first, syntax.FunctionCall):
            flag = first.name == "true"
        if not isinstance(expression, Literal) or expression.type == UNKNOWN:
            keys.append(SortKey(expression, block.name == "asc", flag))
    return tuple(keys)


def case_insensitive(key: SortKey) -> SortKey:
    """The key with texts compared in lower case."""
    if key.expression.type != STRING:
        return key
    return replace(key, expression=Call("lower", (key.expression,), STRING))
