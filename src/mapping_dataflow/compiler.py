"""Compiles a data flow document to SQL: order, lowering, engine. Callers use the package itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from mapping_dataflow.analysis.constants import Value
from mapping_dataflow.analysis.datatypes import from_syntax
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.order import ordered
from mapping_dataflow.analysis.row_state import ACTION, ERRORS
from mapping_dataflow.analysis.type_check import check
from mapping_dataflow.engines.base import Engine, Query
from mapping_dataflow.engines.duckdb.engine import DUCKDB
from mapping_dataflow.engines.python_functions import PythonFunction, used_in
from mapping_dataflow.errors import ProblemCollector, ProblemFound, counted
from mapping_dataflow.expressions import TypedExpression
from mapping_dataflow.flow import Flow, parse_flow
from mapping_dataflow.lineage import ColumnLineage, trace
from mapping_dataflow.lowering.context import LoweringContext
from mapping_dataflow.lowering.marks import data_columns, mark_column
from mapping_dataflow.lowering.registry import NOT_YET, TRANSFORMATIONS
from mapping_dataflow.lowering.sink import SinkSettings, settings
from mapping_dataflow.parameters import BoundParameters, bind
from mapping_dataflow.relations import Relation, Stage, StageReference, inputs_of
from mapping_dataflow.script import syntax
from mapping_dataflow.script.parser import parse_expression, parse_type
from mapping_dataflow.sources import SourceSchema


@dataclass(frozen=True)
class SinkColumn:
    """A column of a sink: its name, its type in the language's text form and whether it can be null."""

    name: str
    type: str
    nullable: bool = True

    @property
    def is_complex(self) -> bool:
        """True for structs, arrays and maps, which text files cannot hold."""
        return self.type.endswith("]") or self.type.startswith("(")


@dataclass(frozen=True)
class CompiledSink:
    """A sink: the query of its rows and how its files are written."""

    stream: str
    dataset: str | None
    sql: str
    columns: tuple[SinkColumn, ...]
    settings: SinkSettings
    bindings: Mapping[str, Value] = field(default_factory=dict, repr=False)
    """Values for the named parameters (``$name``) of the query; all of them are secret."""
    python_functions: tuple[PythonFunction, ...] = ()
    """What has to be registered with the engine before the query runs."""
    action_column: str | None = None
    """The column of the query, behind ``columns``, with what to do with each row: insert (or null), update, upsert or
    delete. None: every row is inserted. Rows of kinds that the settings do not take are not among the rows."""
    error_column: str | None = None
    """The column of the query, behind ``columns``, that lists the assertions each row failed, as structs of ``id`` and
    ``message``; such rows go to the place of failed rows. None: nothing is to be written there."""

    @property
    def data_columns(self) -> tuple[SinkColumn, ...]:
        """The columns inside the files: those that only name files, folders or partitions are left out."""
        naming = {self.settings.file_name_column, self.settings.folder_name_column, *self.settings.partition_columns}
        return tuple(column for column in self.columns if column.name not in naming)


@dataclass(frozen=True)
class CompiledStage:
    """The query of one statement; it reads the stages before it by name."""

    name: str
    sql: str


@dataclass(frozen=True)
class CompiledFlow:
    """A compiled flow. ``stages`` are for reading and explaining; each sink's query is complete in itself.

    Run the queries of all sinks in one transaction: clock functions then give one time.
    """

    name: str
    stages: tuple[CompiledStage, ...]
    sinks: tuple[CompiledSink, ...]
    lineage: tuple[ColumnLineage, ...]

    def explain(self) -> str:
        """The stages and sinks as readable SQL; secret parameters stand by name only."""
        parts = [f"-- stage {stage.name}\n{stage.sql}" for stage in self.stages]
        for sink in self.sinks:
            columns = ", ".join(f"{column.name} as {column.type}" for column in sink.columns)
            parts.append(f"-- sink {sink.stream} -> {sink.dataset}\n-- {columns}")
        return "\n\n".join(parts)

    def column_lineage(self) -> Mapping[str, tuple[ColumnLineage, ...]]:
        """Lineage by sink."""
        return {sink.stream: tuple(one for one in self.lineage if one.sink == sink.stream) for sink in self.sinks}


def compile_flow(
    document: Mapping[str, object],
    sources: Mapping[str, SourceSchema],
    parameters: Mapping[str, object] | None = None,
    secret_parameters: frozenset[str] = frozenset(),
    engine: Engine = DUCKDB,
) -> CompiledFlow:
    """SQL for every sink of a flow. Raises MappingDataFlowErrors with every problem of the flow."""
    flow = parse_flow(document)
    problems = ProblemCollector("compiling", flow.subject, flow.text)
    bound = bind(flow, parameters or {}, secret_parameters, problems)
    stages = lower_statements(flow, bound.expressions, sources, problems)
    problems.raise_if_any()
    queries = _queries(stages, engine, problems)
    problems.raise_if_any()
    sinks = tuple(_sink(flow, statement, stages, queries, bound, engine) for statement in _sinks(flow))
    ranked = tuple(sorted(sinks, key=lambda sink: sink.settings.save_order))
    compiled = tuple(CompiledStage(name, engine.sql(query, pretty=True)) for name, query in queries.items())
    lineage = trace(list(stages.values()), [sink.stream for sink in sinks])
    return CompiledFlow(flow.name, compiled, ranked, lineage)


def lower_statements(
    flow: Flow,
    parameters: Mapping[str, TypedExpression],
    sources: Mapping[str, SourceSchema],
    problems: ProblemCollector,
) -> dict[str, Stage]:
    """The stages of all statements in order of dependence; what reads a failed stage is left out silently."""
    stages: dict[str, Stage] = {}
    for statement in ordered(flow.script.statements, problems):
        inputs = [stages.get(str(stream)) for stream in statement.inputs]
        present = tuple(stage for stage in inputs if stage is not None)
        if len(present) < len(inputs):
            continue
        try:
            for stage in _lowered(statement, present, parameters, sources, problems):
                stages[stage.name] = stage
        except ProblemFound as found:
            problems.add(found.problem)
    return stages


def _lowered(
    statement: syntax.Statement,
    inputs: tuple[Stage, ...],
    parameters: Mapping[str, TypedExpression],
    sources: Mapping[str, SourceSchema],
    problems: ProblemCollector,
) -> list[Stage]:
    transformation = TRANSFORMATIONS.get(statement.verb)
    if transformation is None:
        known = statement.verb in NOT_YET
        cause = (
            f"the transformation {statement.verb!r} is not supported yet"
            if known
            else f"there is no transformation {statement.verb!r}"
        )
        raise ProblemFound(cause, statement.verb_span, expected="one of " + ", ".join(TRANSFORMATIONS))
    most = transformation.most
    if len(inputs) < transformation.fewest or (most is not None and len(inputs) > most):
        expected = f"{transformation.fewest}" if most == transformation.fewest else f"at least {transformation.fewest}"
        raise ProblemFound(
            f"{statement.verb} has {counted(len(inputs), 'input')}", statement.verb_span, expected=expected
        )
    return transformation.lower(LoweringContext(statement, inputs, parameters, sources, problems))


def _sinks(flow: Flow) -> list[syntax.Statement]:
    return [statement for statement in flow.script.statements if statement.verb == "sink"]


def _queries(stages: Mapping[str, Stage], engine: Engine, problems: ProblemCollector) -> dict[str, Query]:
    queries: dict[str, Query] = {}
    for name, stage in stages.items():
        try:
            queries[name] = engine.query(stage.relation)
        except ProblemFound as found:
            problems.add(found.problem)
    return queries


def _sink(
    flow: Flow,
    statement: syntax.Statement,
    stages: Mapping[str, Stage],
    queries: Mapping[str, Query],
    parameters: BoundParameters,
    engine: Engine,
) -> CompiledSink:
    stage = stages[statement.name]
    needed = _needed(stage, stages)
    final = queries[stage.name].copy()
    for name in queries:
        if name in needed:
            final = final.with_(exp.to_identifier(name, quoted=True), as_=queries[name].copy(), copy=False)
    endpoint = flow.sink(statement.name)
    context = LoweringContext(
        statement, (), parameters.expressions, {}, ProblemCollector("compiling", flow.subject, flow.text)
    )
    data = data_columns(stage.columns)
    columns = tuple(SinkColumn(column.name, str(column.type), column.nullable) for column in data)
    action, errors = mark_column(ACTION, stage.columns), mark_column(ERRORS, stage.columns)
    return CompiledSink(
        stream=statement.name,
        dataset=endpoint.dataset if endpoint else None,
        sql=engine.sql(final),
        columns=columns,
        settings=settings(context.arguments),
        bindings={name: value for name, value in parameters.secrets.items() if name in _placeholders(final)},
        python_functions=used_in(final),
        action_column=action.key if action else None,
        error_column=errors.key if errors else None,
    )


def _placeholders(query: Query) -> set[str]:
    return {parameter.name for parameter in query.find_all(exp.Parameter, exp.Placeholder)}


def _needed(stage: Stage, stages: Mapping[str, Stage]) -> set[str]:
    needed: set[str] = set()
    waiting: list[Relation] = [stage.relation]
    while waiting:
        relation = waiting.pop()
        if isinstance(relation, StageReference):
            if relation.stage not in needed:
                needed.add(relation.stage)
                waiting.append(stages[relation.stage].relation)
        else:
            waiting.extend(inputs_of(relation))
    return needed


@dataclass(frozen=True)
class CompiledExpression:
    """An expression of the language as SQL, with its type in the language's text form."""

    sql: str
    type: str
    python_functions: tuple[PythonFunction, ...] = ()


def compile_expression(text: str, engine: Engine = DUCKDB) -> CompiledExpression:
    """One self-contained expression (no columns). Raises MappingDataFlowErrors."""
    problems = ProblemCollector("compiling", "the expression", text)
    node = parse_expression(text)
    try:
        typed = check(node, Environment())
        tree = engine.expression(typed)
        return CompiledExpression(engine.sql(tree), str(typed.type), used_in(tree))
    except ProblemFound as found:
        problems.add(found.problem)
    problems.raise_if_any()
    raise AssertionError("internal-error: no problem was kept")


def engine_type(text: str, engine: Engine = DUCKDB) -> str:
    """The engine's type that holds the values of a type of the language, given by its text.

    Raises MappingDataFlowErrors.
    """
    problems = ProblemCollector("reading", "the type", text)
    try:
        return engine.type_name(from_syntax(parse_type(text)))
    except ProblemFound as found:
        problems.add(found.problem)
    problems.raise_if_any()
    raise AssertionError("internal-error: no problem was kept")
