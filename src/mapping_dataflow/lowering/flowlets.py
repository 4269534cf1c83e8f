"""Flowlets: flows with ``input`` and ``output`` statements, which ``compose`` puts into another flow.

``in1, in2 compose(mapColumn(…), mapColumn(…), composition: 'name') ~> stream@(output1)``: every input of the flowlet,
in the order of their ``order``, takes the columns of one stream by the mapping at the same place. Its parameters have
the values of ``mapParameter(name = value, …)``, or of properties of their names, else their defaults.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mapping_dataflow.analysis.columns import Column, KeyMaker, Scope, StreamColumns, with_stream
from mapping_dataflow.analysis.constants import NotConstantError, fold
from mapping_dataflow.analysis.datatypes import DataType, from_syntax
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.analysis.type_check import check
from mapping_dataflow.errors import NOWHERE, ProblemFound, counted
from mapping_dataflow.expressions import ColumnReference, Convert, Literal, TypedExpression, walk
from mapping_dataflow.flow import Flow
from mapping_dataflow.lowering.arguments import Arguments
from mapping_dataflow.lowering.context import LoweringContext, only_column, passed
from mapping_dataflow.lowering.marks import data_columns, kept
from mapping_dataflow.lowering.outside import missing_flowlet
from mapping_dataflow.lowering.select import DUPLICATES, mapped, target_name
from mapping_dataflow.lowering.source import declared_columns
from mapping_dataflow.relations import Output, Project, Stage, StageReference
from mapping_dataflow.script import syntax


def lower_compose(context: LoweringContext) -> list[Stage]:
    """The stages of the flowlet with names of their own, and one for each of its outputs."""
    named = _given_parameters(context)
    context.arguments.allow(properties=context.arguments.properties, blocks=["mapColumn", "mapParameter"])
    composition = context.arguments.text("composition")
    flow = context.given.flowlets.get(composition or "")
    if flow is None and context.given.traced:
        return missing_flowlet(composition or "", context)
    if flow is None:
        raise ProblemFound(
            f"the flowlet {composition!r} is not among the documents that were given",
            context.statement.span,
            expected="one of " + ", ".join(sorted(context.given.flowlets))
            if context.given.flowlets
            else "its document",
        )
    stages = _inputs(flow, context)
    _check_declared(flow, named)
    leaving = [statement.name for statement in flow.script.statements if statement.verb == "output"]
    for output in context.statement.outputs:
        if output not in leaving:
            raise ProblemFound(
                f"the flowlet {composition!r} has no output {output!r}",
                context.statement.name_span,
                expected="one of " + ", ".join(leaving),
            )
    environment = Environment(parameters=context.parameters)
    kinds = {one.name: from_syntax(one.type) for one in flow.script.parameters}
    given = {name: _of_parameter(name, value, kinds[name], environment) for name, value in named.items()}
    if context.lower_flowlet is None:
        raise ValueError("internal-error: nothing lowers flowlets here")
    inner = context.lower_flowlet(flow, f"{context.full_name}/", stages, given)
    return [*inner, *_outputs(inner, context)]


def _given_parameters(context: LoweringContext) -> dict[str, syntax.Expression]:
    """What the statement gives the parameters of the flowlet."""
    given = {name: one.value for name, one in context.arguments.properties.items() if name != "composition"}
    block = context.arguments.block("mapParameter")
    for argument in block.arguments if block else ():
        if not (isinstance(argument, syntax.Assignment) and isinstance(argument.target, syntax.ColumnName)):
            raise ProblemFound("the value of a parameter has another form", argument.span, expected="name = value")
        if argument.target.name in given:
            raise ProblemFound(f"the parameter {argument.target.name!r} is given twice", argument.span)
        given[argument.target.name] = argument.value
    return given


def _of_parameter(name: str, value: syntax.Expression, kind: DataType, environment: Environment) -> TypedExpression:
    """What a parameter is given, as its declared type. Raises ProblemFound for what has no such value."""
    written = check(value, environment)
    typed = widened(written, kind)
    try:
        found = fold(typed)
        if found is None and fold(written) not in (None, ""):
            raise ProblemFound(f"the value of the parameter {name!r} is no {kind}", value.span, expected=str(kind))
    except NotConstantError:
        return typed
    return Literal(found, kind) if isinstance(written, Literal) else typed


def _check_declared(flow: Flow, given: Mapping[str, syntax.Expression]) -> None:
    """Raises ProblemFound for a parameter that the flowlet does not have."""
    declared = [one.name for one in flow.script.parameters]
    for name, value in given.items():
        if name not in declared:
            raise ProblemFound(
                f"the flowlet {flow.name!r} declares no parameter {name!r}",
                value.span,
                expected=f"one of {', '.join(declared)}" if declared else "no parameters",
            )


def _inputs(flow: Flow, context: LoweringContext) -> dict[str, Stage]:
    """The stages of the flowlet's inputs by their names."""
    inputs = input_statements(flow)
    if len(inputs) != len(context.inputs):
        raise ProblemFound(
            f"the flowlet {flow.name!r} has {counted(len(inputs), 'input')}",
            context.statement.verb_span,
            expected=counted(len(inputs), "stream") + " in front of compose",
        )
    blocks = [block for block in context.arguments.blocks if block.name == "mapColumn"]
    stages: dict[str, Stage] = {}
    for number, statement in enumerate(inputs):
        block = blocks[number] if number < len(blocks) else None
        stages[statement.name] = _input(number, statement, block, context)
    return stages


def input_statements(flow: Flow) -> list[syntax.Statement]:
    """The inputs of a flowlet in their order."""
    found = [statement for statement in flow.script.statements if statement.verb == "input"]
    return sorted(found, key=lambda one: Arguments(one, Environment()).whole("order", 0) or 0)


def _input(number: int, statement: syntax.Statement, block: syntax.Block | None, context: LoweringContext) -> Stage:
    """The columns that the flowlet declares, by the mapping or else by name, and with drift all others."""
    arguments = Arguments(statement, Environment())
    arguments.allow(properties=INPUT_PROPERTIES, columns=["output"])
    reference = context.reference(number)
    stage = context.inputs[number]
    alone = replace(context.environment(), scope=Scope((StreamColumns(stage.streams, stage.columns),)))
    entries = dict(_mapping(block, context, alone)) if block is not None else {}
    declared = {one.name: from_syntax(one.type) for one in arguments.declared("output") or ()}
    keys = KeyMaker()
    outputs: list[Output] = []
    for name, kind in declared.items():
        value = entries.pop(name, None) or _by_name(name, reference.columns, kind)
        outputs.append(Output(Column(name, kind, keys.key(name), statement.name), _as(value, kind)))
    taken = {part.key for output in outputs for part in walk(output.expression) if isinstance(part, ColumnReference)}
    for name, value in entries.items():
        outputs.append(Output(Column(name, value.type, keys.key(name), statement.name, drifted=True), value))
    if arguments.flag("allowSchemaDrift"):
        names = {output.column.name for output in outputs}
        rest = [one for one in data_columns(reference.columns) if one.key not in taken and one.name not in names]
        drifted = [replace(one, drifted=True, aliases=()) for one in rest]
        outputs += passed(drifted, 0, keys)
    relation = Project(reference, (*outputs, *kept(reference.columns, keys)))
    columns = with_stream((replace(column, aliases=()) for column in relation.columns), statement.name)
    return Stage(f"{context.full_name}/{statement.name}", (statement.name,), relation, columns)


def _mapping(
    block: syntax.Block, context: LoweringContext, environment: Environment
) -> Iterator[tuple[str, TypedExpression]]:
    """``mapColumn(column, name = column, each(…))``; an empty name on the right leaves the column unmapped."""
    for argument in block.arguments:
        if isinstance(argument, syntax.Block):
            for match in context.matches(argument, environment):
                yield match.name, match.value
        elif isinstance(argument, syntax.Positional) and isinstance(argument.expression, syntax.ColumnName):
            yield argument.expression.name, check(argument.expression, environment)
        elif isinstance(argument, syntax.Assignment):
            if not (isinstance(argument.value, syntax.ColumnName) and not argument.value.name):
                yield target_name(argument.target, environment), check(argument.value, environment)
        else:
            raise ProblemFound("a mapping has another form", argument.span, expected="column or name = column")


def _by_name(name: str, columns: tuple[Column, ...], kind: DataType) -> TypedExpression:
    found = only_column(name, columns)
    return Literal(None, kind) if found is None else ColumnReference(found.key, found.type)


def _as(value: TypedExpression, kind: DataType) -> TypedExpression:
    if isinstance(value, Literal) or value.type == kind:
        return widened(value, kind)
    return Convert(value, kind, None, NOWHERE)


def _outputs(inner: list[Stage], context: LoweringContext) -> Iterator[Stage]:
    """The flowlet's outputs as outputs of the statement."""
    prefix = f"{context.full_name}/"
    by_name = {stage.name: stage for stage in inner}
    for output in context.statement.outputs:
        stage = by_name.get(prefix + output)
        if stage is None:
            continue  # what is wrong with it is among the problems of the flowlet
        columns = tuple(replace(column, aliases=()) for column in stage.columns)
        yield context.stage(Project(StageReference(stage.name, stage.columns), tuple(passed(columns))), output)


# ---------------------------------------------------------------- the statements of a flowlet

INPUT_PROPERTIES = frozenset({"order", "allowSchemaDrift", "validateSchema"})


def lower_input(context: LoweringContext) -> list[Stage]:
    """``input(output(…))`` of a flowlet that is compiled alone: its data come as those of a source do."""
    context.arguments.allow(properties=INPUT_PROPERTIES, columns=["output"])
    return [context.stage(declared_columns(context))]


def lower_output(context: LoweringContext) -> list[Stage]:
    """``output(mapColumn(…))``: what leaves a flowlet."""
    context.arguments.allow(properties=DUPLICATES, blocks=["mapColumn"])
    block = context.arguments.block("mapColumn")
    source = context.reference()
    if block is None:
        return [context.stage(Project(source, tuple(passed(source.columns))))]
    return [context.stage(mapped(block, source, context, context.environment()))]


def sources_with_flowlets(
    flow: Flow, flowlets: Mapping[str, Flow], prefix: str = "", within: tuple[str, ...] = ()
) -> Iterator[tuple[str, Flow, syntax.Statement]]:
    """The sources of a flow and of the flowlets in it: the prefix of their names, their flow, their statement."""
    for statement in flow.script.statements:
        if statement.verb == "source" or (statement.verb == "input" and not prefix):
            yield prefix, flow, statement
        if statement.verb == "compose":
            named = Arguments(statement, Environment()).properties.get("composition")
            inner = flowlets.get(named.value.value) if named and isinstance(named.value, syntax.StringLiteral) else None
            if inner is not None and inner.name not in within:
                yield from sources_with_flowlets(
                    inner, flowlets, f"{prefix}{statement.name}/", (*within, flow.name, inner.name)
                )
