"""Traces a whole data flow: its sources and sinks with the lineage of every column, before anything is run.

Sources whose schema is not given have their declared columns and, when they let others drift in, one column that stands
for all the others. Parameters that are not given stay open: whatever they choose, the lineage covers it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.columns import DYNAMIC
from mapping_dataflow.analysis.environment import UserFunction
from mapping_dataflow.errors import NOWHERE, ProblemCollector
from mapping_dataflow.expressions import LateParameter, Literal, OpenParameter, TypedExpression
from mapping_dataflow.flow import Endpoint, Flow, parse_flow
from mapping_dataflow.libraries import functions_of
from mapping_dataflow.lineage.flows import TracedColumn, TracedFlow, TracedSink, TracedSource
from mapping_dataflow.lineage.model import ColumnLineage
from mapping_dataflow.lineage.trace import trace
from mapping_dataflow.lowering.context import Given
from mapping_dataflow.lowering.outside import composition_of
from mapping_dataflow.lowering.statements import lower_flow
from mapping_dataflow.parameters import bind
from mapping_dataflow.relations import Project, Scan, Stage
from mapping_dataflow.script import syntax
from mapping_dataflow.script.printer import print_type
from mapping_dataflow.sources import SourceSchema

_STAND_INS: Mapping[datatypes.DataType, object] = {
    datatypes.BOOLEAN: False,
    datatypes.STRING: "x",
    datatypes.DOUBLE: 1.0,
    datatypes.FLOAT: 1.0,
}
"""Values of open parameters where the compiler needs a constant; whole numbers are 1, other types null."""

_ABOUT_DATA = {
    "source": frozenset("allowSchemaDrift validateSchema inferDriftedColumnTypes rowUrlColumn".split()),
    "sink": frozenset(
        """allowSchemaDrift validateSchema skipDuplicateMapInputs skipDuplicateMapOutputs insertable updateable
        upsertable deletable keys store format output""".split()
    ),
}
"""The properties of sources and sinks that decide which columns and rows there are."""


def trace_flow(
    document: Mapping[str, object],
    schemas: Mapping[str, Mapping[str, str]] | None = None,
    parameters: Mapping[str, object] | None = None,
    flowlets: Mapping[str, Mapping[str, object]] | None = None,
    libraries: Sequence[Mapping[str, object]] = (),
) -> TracedFlow:
    """The lineage of a flow; ``schemas`` are columns and types of sources. Raises MappingDataFlowErrors.

    ``flowlets`` are the documents of flowlets by name; their sources are called ``statement/source``. One that is not
    given counts as a source of the name of its statement, with columns that are not known. ``libraries`` are the
    documents of libraries of functions that users wrote.
    """
    flow = parse_flow(document)
    problems = ProblemCollector("tracing", flow.subject, flow.text)
    parsed = {name: parse_flow(flowlet) for name, flowlet in (flowlets or {}).items()}
    given = schemas or {}
    parts = _parts(flow, parsed)
    sources = {
        prefix + statement.name: (statement, part)
        for prefix, part in parts
        for statement in part.script.statements
        if statement in _ends(part, prefix, "source") or _is_missing(statement, parsed)
    }
    for name in sorted(given.keys() - sources.keys()):
        problems.report(f"the flow has no source {name!r}", NOWHERE, expected="one of " + ", ".join(sources))
    stages = analysed(flow, given, parameters or {}, parsed, problems, functions_of(libraries))
    problems.raise_if_any()
    sinks = _ends(flow, "", "sink")
    lineage = trace(list(stages.values()), [statement.name for statement in sinks])
    return TracedFlow(
        flow.name,
        tuple(_source(name, _dataset(one, part), stages[name]) for name, (one, part) in sources.items()),
        tuple(_sink(statement, flow.sink(statement.name), lineage) for statement in sinks),
    )


def analysed(
    flow: Flow,
    schemas: Mapping[str, Mapping[str, str]],
    parameters: Mapping[str, object],
    flowlets: Mapping[str, Flow],
    problems: ProblemCollector,
    functions: Mapping[str, UserFunction] | None = None,
) -> dict[str, Stage]:
    """The stages of a flow in order of dependence, with what is not given left open; problems are kept."""
    bound = bind(flow, parameters, frozenset(), problems, lenient=True)
    expressions = {
        name: expression if name in parameters or isinstance(expression, LateParameter) else _open(name, expression)
        for name, expression in bound.expressions.items()
    }
    parts = _parts(flow, flowlets)
    sources = {
        prefix + statement.name: SourceSchema(schemas.get(prefix + statement.name) or _declared(statement))
        for prefix, part in parts
        for statement in _ends(part, prefix, "source")
    }
    pivots = {
        prefix + statement.name: [DYNAMIC]
        for prefix, part in parts
        for statement in part.script.statements
        if statement.verb == "pivot"
    }
    about_data = {name: _without_stores(flowlet) for name, flowlet in flowlets.items()}
    traced = Given(sources, about_data, pivots, functions or {}, traced=True)
    return lower_flow(_without_stores(flow), expressions, traced, problems).stages


def _parts(
    flow: Flow, flowlets: Mapping[str, Flow], prefix: str = "", within: tuple[str, ...] = ()
) -> list[tuple[str, Flow]]:
    """The flow and the flowlets in it, each with what the names of its stages begin with."""
    parts = [(prefix, flow)]
    for statement in flow.script.statements:
        name = composition_of(statement)
        if name in flowlets and name not in within:
            parts += _parts(flowlets[name], flowlets, f"{prefix}{statement.name}/", (*within, name))
    return parts


def _is_missing(statement: syntax.Statement, flowlets: Mapping[str, Flow]) -> bool:
    return statement.verb == "compose" and composition_of(statement) not in flowlets


def _dataset(statement: syntax.Statement, flow: Flow) -> str | None:
    """The dataset of a source; of a missing flowlet its name."""
    if statement.verb == "compose":
        return f"flowlet {composition_of(statement)}"
    endpoint = flow.source(statement.name)
    return endpoint.dataset if endpoint else None


def _ends(flow: Flow, prefix: str, verb: str) -> list[syntax.Statement]:
    """The sources or sinks of a flow; of a flowlet that stands alone its inputs or outputs too."""
    verbs = [verb]
    if flow.kind == "Flowlet" and not prefix:
        verbs.append({"source": "input", "sink": "output"}[verb])
    return [statement for statement in flow.script.statements if statement.verb in verbs]


def _without_stores(flow: Flow) -> Flow:
    statements = tuple(_without_store(statement) for statement in flow.script.statements)
    return replace(flow, script=replace(flow.script, statements=statements))


def _without_store(statement: syntax.Statement) -> syntax.Statement:
    """A source or sink without the properties that tell of the place and form of its data."""
    if statement.verb not in ("source", "sink"):
        return statement
    kept = [
        argument
        for argument in statement.arguments
        if not (isinstance(argument, syntax.Property) and argument.name not in _ABOUT_DATA[statement.verb])
        and not (isinstance(argument, syntax.Block) and argument.name == "partitionBy")
    ]
    return replace(statement, arguments=tuple(kept))


def _open(name: str, expression: TypedExpression) -> OpenParameter:
    value = expression.value if isinstance(expression, Literal) else None
    if value is None:
        kind = expression.type
        value = 1 if datatypes.is_integral(kind) else _STAND_INS.get(kind)
    return OpenParameter(name, expression.type, value)


def _declared(statement: syntax.Statement) -> Mapping[str, str]:
    """The declared columns of a source; one more for all others unless there can be none."""
    outputs = [one for one in statement.arguments if isinstance(one, syntax.Columns) and one.name == "output"]
    columns = {field.name: print_type(field.type) for declared in outputs for field in declared.fields}
    properties = {one.name: one.value for one in statement.arguments if isinstance(one, syntax.Property)}
    path = properties.get("rowUrlColumn")
    if isinstance(path, syntax.StringLiteral) and path.value:
        columns.setdefault(path.value, "string")
    if not outputs or _is_true(properties.get("allowSchemaDrift")):
        columns[DYNAMIC] = "string"
    return columns


def _is_true(value: syntax.Expression | None) -> bool:
    if isinstance(value, syntax.FunctionCall):
        return value.name == "true"
    return isinstance(value, syntax.BooleanLiteral) and value.value


def _source(name: str, dataset: str | None, stage: Stage) -> TracedSource:
    relation = stage.relation
    scan = relation.source if isinstance(relation, Project) else relation
    columns = scan.columns if isinstance(scan, Scan) else relation.columns
    return TracedSource(name, dataset, tuple(TracedColumn(column.name, str(column.type)) for column in columns))


def _sink(statement: syntax.Statement, endpoint: Endpoint | None, lineage: tuple[ColumnLineage, ...]) -> TracedSink:
    dataset = endpoint.dataset if endpoint else None
    return TracedSink(statement.name, dataset, tuple(one for one in lineage if one.sink == statement.name))
