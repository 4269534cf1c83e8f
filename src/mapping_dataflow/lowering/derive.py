"""``derive``: new and replaced columns. Expressions see the columns of the input, not each other; locals are shared."""

from __future__ import annotations

from dataclasses import replace

from mapping_dataflow.analysis.columns import DYNAMIC, Column, KeyMaker
from mapping_dataflow.analysis.datatypes import NULL, Struct
from mapping_dataflow.analysis.environment import Allowed, Environment
from mapping_dataflow.analysis.traced_calls import either
from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.expressions import ColumnReference, FieldAccess, StructOf, TypedExpression
from mapping_dataflow.lowering.context import LoweringContext, only_column, settled
from mapping_dataflow.lowering.select import target_name
from mapping_dataflow.relations import Output, Project, Relation, Stage
from mapping_dataflow.script import syntax


def lower(context: LoweringContext) -> list[Stage]:
    """One stage with the columns of the input and the derived ones."""
    context.arguments.allow(blocks=["each"], assignments=True)
    source = context.reference()
    values = assigned(context, context.environment(Allowed.ROWS))
    return [context.stage(Project(source, tuple(merged(source, values, context))))]


def assigned(context: LoweringContext, environment: Environment) -> dict[str, TypedExpression]:
    """The statement's assignments and patterns: name -> expression over the input, in order of first appearance."""
    targets = (one.target for one in context.arguments.assignments if not one.local)
    made = frozenset(target.name for target in targets if isinstance(target, syntax.ColumnName))
    environment = replace(with_locals(context, environment), made=made)
    values: dict[str, TypedExpression] = {}
    for argument in context.statement.arguments:
        if isinstance(argument, syntax.Assignment) and not argument.local:
            context.attempt(_assign, argument, values, context, environment)
        elif isinstance(argument, syntax.Block) and argument.name == "each":
            for match in context.matches(argument, environment):
                value = settled(match.value)
                before = values.get(match.name) if DYNAMIC in match.name else None
                values[match.name] = value if before is None else either([before, value], argument.span)
    return values


def with_locals(context: LoweringContext, environment: Environment) -> Environment:
    """The environment with the statement's locals, each of which sees those before it."""
    for assignment in context.arguments.assignments:
        if assignment.local and isinstance(assignment.target, syntax.LocalName):
            value = context.checked(assignment.value, replace(environment, allowed=Allowed.NONE))
            environment = replace(environment, locals={**environment.locals, assignment.target.name: value})
    return environment


def _assign(
    assignment: syntax.Assignment,
    values: dict[str, TypedExpression],
    context: LoweringContext,
    environment: Environment,
) -> None:
    target = assignment.target
    path = syntax.dotted_path(target)
    if path is None:
        of_cache = any(isinstance(part, syntax.CacheCall) for part in syntax.nested(target))
        if isinstance(target, syntax.Member) and not of_cache:
            raise ProblemFound("the target of an assignment is no column", target.span)
        path = (target_name(target, environment),)
    value = settled(context.checked(assignment.value, environment))
    if len(path) > 1:
        current = values.get(path[0]) or _present(path[0], context)
        value = _with_field(current, path[1:], value, target.span)
    elif path[0] in values:
        raise ProblemFound(f"the column {path[0]!r} is assigned twice", target.span)
    values[path[0]] = value


def _present(name: str, context: LoweringContext) -> TypedExpression | None:
    column = only_column(name, context.inputs[0].columns)
    return None if column is None else ColumnReference(column.key, column.type)


def _with_field(
    base: TypedExpression | None, path: tuple[str, ...], value: TypedExpression, span: Span
) -> TypedExpression:
    """The struct with the field at the path replaced or added; a struct is made where there is none."""
    if not path:
        return value
    fields: dict[str, TypedExpression] = {}
    if base is not None and isinstance(base, StructOf):
        fields = dict(base.fields)
    elif base is not None and isinstance(base.type, Struct):
        fields = {name: FieldAccess(base, name, kind) for name, kind in base.type.fields}
    fields[path[0]] = _with_field(fields.get(path[0]), path[1:], value, span)
    return StructOf(tuple(fields.items()), Struct(tuple((name, field.type) for name, field in fields.items())), span)


def merged(source: Relation, values: dict[str, TypedExpression], context: LoweringContext) -> list[Output]:
    """Columns of the source in their places, replaced where a value has their name, and the new ones behind."""
    origin = context.statement.name
    keys = KeyMaker()
    outputs: list[Output] = []
    placed: set[str] = set()
    for column in source.columns:
        value = None if column.mark else values.get(column.name)
        if value is None or column.name in placed:
            reference = ColumnReference(column.key, column.type)
            outputs.append(Output(column.changed(key=keys.key(column.name)), reference))
            continue
        placed.add(column.name)
        outputs.append(Output(Column(column.name, value.type, keys.key(column.name), origin), value))
    for name, value in values.items():
        if name not in placed and value.type != NULL:
            outputs.append(Output(Column(name, value.type, keys.key(name), origin), value))
    return outputs
