"""Compiles a data flow document to SQL: order, lowering, engine. Callers use the package itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from mapping_dataflow.analysis.columns import Column, KeyMaker
from mapping_dataflow.analysis.constants import Value
from mapping_dataflow.analysis.datatypes import NULL, from_syntax
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.every_problem import problems_of
from mapping_dataflow.analysis.row_state import ACTION, ERRORS
from mapping_dataflow.analysis.type_check import check
from mapping_dataflow.engine_problems import engine_problems
from mapping_dataflow.engines.base import Engine, Query
from mapping_dataflow.engines.duckdb.engine import DUCKDB
from mapping_dataflow.engines.python_functions import PythonFunction, used_in
from mapping_dataflow.errors import MappingDataFlowErrors, ProblemCollector, ProblemFound
from mapping_dataflow.expressions import TypedExpression
from mapping_dataflow.flow import Flow, parse_flow
from mapping_dataflow.libraries import functions_of
from mapping_dataflow.lineage.model import ColumnLineage
from mapping_dataflow.lineage.trace import trace
from mapping_dataflow.lowering.arguments import Arguments
from mapping_dataflow.lowering.caches import outputs_of
from mapping_dataflow.lowering.context import Given, passed, settled
from mapping_dataflow.lowering.dependence import flow_up_to, named_stream
from mapping_dataflow.lowering.marks import data_columns, mark_column
from mapping_dataflow.lowering.sink_settings import SinkSettings, settings
from mapping_dataflow.lowering.statements import Lowered, lower_flow
from mapping_dataflow.parameters import BoundParameters, bind
from mapping_dataflow.relations import Project, Relation, Stage, StageReference, inputs_of
from mapping_dataflow.row_by_row import read_row_by_row
from mapping_dataflow.script import syntax
from mapping_dataflow.script.parser import parse_expression, parse_type
from mapping_dataflow.sources import SourceSchema


@dataclass(frozen=True)
class SinkColumn:
    """A column of a sink: its name, its type in the language's text form, whether it can be null, and its ``key``, the
    name that it has in the query: another one where two names differ in case alone."""

    name: str
    type: str
    nullable: bool
    key: str

    @staticmethod
    def of(column: Column) -> SinkColumn:
        """The column of a relation as one of a sink."""
        return SinkColumn(column.name, str(column.type), column.nullable, column.key)

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
    row_by_row: str | None = None
    """The relation of a source whose rows, one by one and in their order, give those of the query (`row_by_row`)."""

    @property
    def data_columns(self) -> tuple[SinkColumn, ...]:
        """The columns inside the files: those that only name files, folders or partitions are left out."""
        naming = {self.settings.file_name_column, self.settings.folder_name_column, *self.settings.partition_columns}
        return tuple(column for column in self.columns if column.name not in naming)

    def key(self, name: str) -> str:
        """What the query calls the column of this name."""
        return next(column.key for column in self.columns if column.name == name)


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


@dataclass(frozen=True)
class CompiledStream:
    """The query of the rows of one stream, whatever its transformation is; what ``--preview`` shows."""

    stream: str
    sql: str
    columns: tuple[SinkColumn, ...]
    bindings: Mapping[str, Value] = field(default_factory=dict, repr=False)
    python_functions: tuple[PythonFunction, ...] = ()


@dataclass(frozen=True)
class _Compilation:
    """A flow with its stages and their queries."""

    flow: Flow
    bound: BoundParameters
    lowered: Lowered
    queries: Mapping[str, Query]
    engine: Engine

    def complete(self, final: Query, relation: Relation) -> Query:
        """A query of its own: the stages that its relation reads stand in front of it."""
        needed = _needed(relation, self.lowered.stages)
        keys = KeyMaker()  # engines do not tell names apart that differ in case alone
        names = {name: keys.key(name) for name in self.queries if name in needed}
        final = _renamed(final.copy(), names)
        for name, key in names.items():
            others = {other: names[other] for other in names if other != name}  # its own may be that of its source
            query = _renamed(self.queries[name].copy(), others)
            final = final.with_(exp.to_identifier(key, quoted=True), as_=query, copy=False)
        return final

    def answer(self, name: str, about: Relation | Mapping[str, TypedExpression]) -> CompiledStream:
        """The values that a question is about."""
        if isinstance(about, Relation):
            return self.stream(name, about, about.columns)
        outputs = outputs_of(about)
        trees = ((self.engine.expression(one.expression), one.column.key) for one in outputs)
        query = exp.select(*(exp.alias_(tree, key, quoted=True, copy=False) for tree, key in trees))
        columns = tuple(SinkColumn.of(one.column) for one in outputs)
        return CompiledStream(name, self.engine.sql(query), columns, python_functions=used_in(query))

    def stream(self, name: str, relation: Relation, columns: Sequence[Column]) -> CompiledStream:
        """The rows of a relation over the stages, without marks, which stand among the columns of data."""
        data = data_columns(columns)
        if len(data) < len(relation.columns):
            relation = Project(relation, tuple(passed(data)))
        final = self.complete(self.engine.query(relation), relation)
        placeholders = {one.name for one in final.find_all(exp.Parameter, exp.Placeholder)}
        return CompiledStream(
            name,
            self.engine.sql(final),
            _told_apart(data),
            {name: value for name, value in self.bound.secrets.items() if name in placeholders},
            used_in(final),
        )


def _renamed(query: Query, names: Mapping[str, str]) -> Query:
    """The query with other names for the stages that it reads."""
    if any(name != key for name, key in names.items()):
        for table in query.find_all(exp.Table):
            table.set("this", exp.to_identifier(names.get(table.name, table.name), quoted=True))
    return query


def _told_apart(columns: Sequence[Column]) -> tuple[SinkColumn, ...]:
    """The columns of a stream; of those of one name, as a join leaves them, each is called ``stream@name`` by a stream
    that the others never were in, where there is one."""
    counts = Counter(column.name for column in columns)
    found: list[SinkColumn] = []
    for column in columns:
        shown = SinkColumn.of(column)
        if counts[column.name] > 1:
            others = [one for one in columns if one.name == column.name and one is not column]
            known = {alias[0] for one in others for alias in one.aliases}
            own = next((alias[0] for alias in column.aliases if alias[0] not in known), None)
            shown = replace(shown, name=f"{own}@{column.name}" if own else column.key)
        found.append(shown)
    return tuple(found)


def compile_flow(
    document: Mapping[str, object],
    sources: Mapping[str, SourceSchema],
    parameters: Mapping[str, object] | None = None,
    secret_parameters: frozenset[str] = frozenset(),
    engine: Engine = DUCKDB,
    *,
    flowlets: Mapping[str, Mapping[str, object]] | None = None,
    values: Mapping[str, Sequence[object]] | None = None,
    libraries: Sequence[Mapping[str, object]] = (),
) -> CompiledFlow:
    """SQL for every sink of a flow. Raises MappingDataFlowErrors with every problem of the flow.

    ``flowlets`` are the documents of flowlets by name; their sources are called ``statement/source``.
    ``values`` are what an engine had to compute first, by the names that ``required_values`` gives.
    ``libraries`` are the documents of libraries of functions that users wrote.
    A flowlet can be compiled alone: its inputs are sources then, and its outputs sinks.
    """
    given = _given(sources, flowlets, values, libraries)
    compiled = _compiled(document, given, parameters, secret_parameters, engine)
    flow, stages = compiled.flow, compiled.lowered.stages
    sinks = tuple(_sink(statement, compiled) for statement in _sinks(flow))
    ranked = tuple(sorted(sinks, key=lambda sink: (not sink.settings.is_cache, sink.settings.save_order)))
    shown = tuple(CompiledStage(name, engine.sql(query, pretty=True)) for name, query in compiled.queries.items())
    lineage = trace(list(stages.values()), [sink.stream for sink in sinks])
    return CompiledFlow(flow.name, shown, ranked, lineage)


def compile_stream(
    document: Mapping[str, object],
    stream: str,
    sources: Mapping[str, SourceSchema],
    parameters: Mapping[str, object] | None = None,
    secret_parameters: frozenset[str] = frozenset(),
    engine: Engine = DUCKDB,
    *,
    flowlets: Mapping[str, Mapping[str, object]] | None = None,
    values: Mapping[str, Sequence[object]] | None = None,
    libraries: Sequence[Mapping[str, object]] = (),
) -> CompiledStream:
    """The rows after one transformation (``split@output`` for one output of several).

    Only what the stream depends on has to be free of problems. Raises MappingDataFlowErrors.
    """
    flow = parse_flow(document)
    stream = named_stream(stream, flow)
    flow = flow_up_to(stream, flow)
    compiled = _compiled_flow(
        flow, _given(sources, flowlets, values, libraries), parameters, secret_parameters, engine, lenient=True
    )
    stage = compiled.lowered.stages[stream]
    return compiled.stream(stream, StageReference(stage.name, stage.columns), stage.columns)


def required_values(
    document: Mapping[str, object],
    sources: Mapping[str, SourceSchema],
    parameters: Mapping[str, object] | None = None,
    secret_parameters: frozenset[str] = frozenset(),
    engine: Engine = DUCKDB,
    *,
    flowlets: Mapping[str, Mapping[str, object]] | None = None,
    values: Mapping[str, Sequence[object]] | None = None,
    libraries: Sequence[Mapping[str, object]] = (),
) -> tuple[CompiledStream, ...]:
    """Queries for what decides about columns and depends on the data or on an engine.

    These are the values of pivots that list none, and names and conditions of patterns that ask a cache sink or call a
    function that is not folded. Each query is of one stream; its columns are lists of values. What reads such a stream
    is not known before: call again with all values found, by the names of the columns, until nothing is left. Problems
    of other statements are left to ``compile_flow``.
    """
    flow = parse_flow(document)
    given = replace(_given(sources, flowlets, values, libraries), asks=True)
    unread = ProblemCollector("compiling", flow.subject, flow.text)
    bound = bind(flow, parameters or {}, secret_parameters, unread, lenient=True)
    asking = {question.statement for question in lower_flow(flow, bound.expressions, given, unread).questions.values()}
    found: dict[str, CompiledStream] = {}
    for statement in flow.script.statements:
        if statement.name not in asking:
            continue
        try:
            before = flow_up_to(statement.name, flow)
            compiled = _compiled_flow(before, given, parameters, secret_parameters, engine, lenient=True)
        except MappingDataFlowErrors:
            continue
        for name, question in compiled.lowered.questions.items():
            try:
                found.setdefault(name, compiled.answer(name, question.about))
            except ProblemFound as problem:  # no engine computes it: nothing else is wrong with the flow up to here
                problems = ProblemCollector("compiling", flow.subject, flow.text)
                problems.add(problem.problem)
                problems.raise_if_any()
    return tuple(found.values())


def _given(
    sources: Mapping[str, SourceSchema],
    flowlets: Mapping[str, Mapping[str, object]] | None,
    values: Mapping[str, Sequence[object]] | None,
    libraries: Sequence[Mapping[str, object]],
) -> Given:
    parsed = {name: parse_flow(flowlet) for name, flowlet in (flowlets or {}).items()}
    return Given(sources, parsed, values or {}, functions_of(libraries))


def _compiled(
    document: Mapping[str, object],
    given: Given,
    parameters: Mapping[str, object] | None,
    secret_parameters: frozenset[str],
    engine: Engine,
) -> _Compilation:
    return _compiled_flow(parse_flow(document), given, parameters, secret_parameters, engine)


def _compiled_flow(
    flow: Flow,
    given: Given,
    parameters: Mapping[str, object] | None,
    secret_parameters: frozenset[str],
    engine: Engine,
    *,
    lenient: bool = False,
) -> _Compilation:
    problems = ProblemCollector("compiling", flow.subject, flow.text)
    bound = bind(flow, parameters or {}, secret_parameters, problems, lenient=lenient)
    lowered = lower_flow(flow, bound.expressions, given, problems)
    queries: dict[str, Query] = {}
    for name, stage in lowered.stages.items():
        if not problems.found:
            try:
                queries[name] = engine.query(stage.relation)
                continue
            except ProblemFound as found:
                lowered.problems[name].add(found.problem)
        for problem in engine_problems(stage.relation, engine):
            lowered.problems[name].add(problem)
        problems.include(lowered.problems[name])
    problems.raise_if_any()
    return _Compilation(flow, bound, lowered, queries, engine)


def _sinks(flow: Flow) -> list[syntax.Statement]:
    """The statements whose rows leave the flow: its sinks, and the outputs of a flowlet."""
    verbs = ("sink", "output") if flow.kind == "Flowlet" else ("sink",)
    return [statement for statement in flow.script.statements if statement.verb in verbs]


def _sink(statement: syntax.Statement, compiled: _Compilation) -> CompiledSink:
    stage = compiled.lowered.stages[statement.name]
    # The stage itself is the query's end, not one of its parts.
    final = compiled.complete(compiled.queries[stage.name], stage.relation)
    endpoint = compiled.flow.sink(statement.name)
    arguments = Arguments(statement, Environment(parameters=compiled.bound.expressions))
    action, errors = mark_column(ACTION, stage.columns), mark_column(ERRORS, stage.columns)
    placeholders = {one.name for one in final.find_all(exp.Parameter, exp.Placeholder)}
    return CompiledSink(
        stream=statement.name,
        dataset=endpoint.dataset if endpoint else None,
        sql=compiled.engine.sql(final),
        columns=tuple(map(SinkColumn.of, data_columns(stage.columns))),
        settings=settings(arguments) if statement.verb == "sink" else SinkSettings(),
        bindings={name: value for name, value in compiled.bound.secrets.items() if name in placeholders},
        python_functions=used_in(final),
        action_column=action.key if action else None,
        error_column=errors.key if errors else None,
        row_by_row=read_row_by_row(stage.relation, compiled.lowered.stages),
    )


def _needed(relation: Relation, stages: Mapping[str, Stage]) -> set[str]:
    needed: set[str] = set()
    waiting: list[Relation] = [relation]
    while waiting:
        current = waiting.pop()
        if isinstance(current, StageReference):
            if current.stage not in needed:
                needed.add(current.stage)
                waiting.append(stages[current.stage].relation)
        else:
            waiting.extend(inputs_of(current))
    return needed


@dataclass(frozen=True)
class CompiledExpression:
    """An expression of the language as SQL, with its type in the language's text form."""

    sql: str
    type: str
    python_functions: tuple[PythonFunction, ...] = ()


def compiled_value(typed: TypedExpression, engine: Engine = DUCKDB) -> CompiledExpression:
    """A typed expression without columns, such as a name that the clock of a run decides. Raises ProblemFound."""
    tree = engine.expression(typed)
    return CompiledExpression(engine.sql(tree), str(typed.type), used_in(tree))


def compile_expression(text: str, engine: Engine = DUCKDB) -> CompiledExpression:
    """One self-contained expression (no columns). Raises MappingDataFlowErrors."""
    problems = ProblemCollector("compiling", "the expression", text)
    node = parse_expression(text)
    try:
        typed = check(node, Environment())
        # Items of array() are texts, as in a column; null alone has no type.
        return compiled_value(typed if typed.type == NULL else settled(typed), engine)
    except ProblemFound as found:
        problems.add(found.problem)
    for problem in problems_of(node, Environment()):
        problems.add(problem)
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
