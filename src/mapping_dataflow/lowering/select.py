"""``select`` and every ``mapColumn(…)``: which columns go on, and under which names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mapping_dataflow.analysis import type_check
from mapping_dataflow.analysis.columns import DYNAMIC, Column, KeyMaker
from mapping_dataflow.analysis.datatypes import UNKNOWN
from mapping_dataflow.analysis.environment import Allowed, Environment
from mapping_dataflow.errors import ProblemFound, Span
from mapping_dataflow.expressions import ColumnReference, TypedExpression, walk
from mapping_dataflow.lowering.arguments import constant
from mapping_dataflow.lowering.context import LoweringContext, passed, settled
from mapping_dataflow.lowering.marks import kept
from mapping_dataflow.relations import Output, Project, Relation, Stage
from mapping_dataflow.script import syntax

DUPLICATES = ("skipDuplicateMapInputs", "skipDuplicateMapOutputs")


def lower(context: LoweringContext) -> list[Stage]:
    """One stage with the mapped columns; without a mapping, all columns."""
    context.arguments.allow(properties=DUPLICATES, blocks=["mapColumn"])
    block = context.arguments.block("mapColumn")
    source = context.reference()
    if block is None:
        return [context.stage(Project(source, tuple(passed(source.columns))))]
    return [context.stage(mapped(block, source, context, context.environment(Allowed.ROWS)))]


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    value: TypedExpression
    span: Span


def mapped(block: syntax.Block, source: Relation, context: LoweringContext, environment: Environment) -> Relation:
    """The columns of a ``mapColumn`` over a relation."""
    skip_inputs = context.arguments.flag("skipDuplicateMapInputs")
    skip_outputs = context.arguments.flag("skipDuplicateMapOutputs")
    environment = replace(environment, first_duplicate=skip_inputs)
    keys = KeyMaker()
    outputs: list[Output] = []
    seen_inputs: set[str] = set()
    seen_names: set[str] = set()
    known = {column.key: column for column in source.columns}
    for entry in _entries(block, context, environment):
        key = entry.value.key if isinstance(entry.value, ColumnReference) else ""
        if skip_inputs and key and key in seen_inputs:
            continue
        if entry.name in seen_names and DYNAMIC not in entry.name and (skip_outputs or not context.given.traced):
            if skip_outputs:
                continue
            context.problems.report(
                f"two columns are called {entry.name!r}",
                entry.span,
                hint="rename one of them or set skipDuplicateMapOutputs: true",
            )
            continue
        seen_inputs.add(key)
        seen_names.add(entry.name)
        outputs.append(Output(_column(entry, known.get(key), keys, context), entry.value))
    if not outputs and not context.problems.found:
        raise ProblemFound("the mapping leaves no column", block.span, hint="no column of the input matches it")
    return Project(source, (*outputs, *kept(source.columns, keys)))


def _column(entry: _Entry, origin: Column | None, keys: KeyMaker, context: LoweringContext) -> Column:
    key = keys.key(entry.name)
    if origin is None:
        return Column(entry.name, entry.value.type, key, origin=context.statement.name)
    return origin.changed(name=entry.name, key=key, type=entry.value.type)


def _entries(block: syntax.Block, context: LoweringContext, environment: Environment) -> Iterator[_Entry]:
    for argument in block.arguments:
        if _is_unmapped(argument):
            continue
        if isinstance(argument, syntax.Block) and argument.name == "each":
            for match in context.matches(argument, environment):
                yield _Entry(match.name, settled(match.value), argument.span)
            continue
        entry = context.attempt(_entry, argument, environment)
        if entry is not None:
            yield entry


def _is_unmapped(argument: syntax.Argument) -> bool:
    """``name = {}``: a column of the target that nothing is mapped to."""
    value = argument.value if isinstance(argument, syntax.Assignment) else None
    return isinstance(value, syntax.ColumnName) and not value.name and value.stream is None


def _entry(argument: syntax.Argument, environment: Environment) -> _Entry:
    if isinstance(argument, syntax.Positional):
        return _Entry(_last_name(argument.expression), _path(argument.expression, environment), argument.span)
    if isinstance(argument, syntax.Assignment) and not argument.local:
        name = target_name(argument.target, environment)
        return _Entry(name, _path(argument.value, environment), argument.span)
    raise ProblemFound("a mapping has another form", argument.span, expected="column, name = column or each(…)")


def target_name(target: syntax.Expression, environment: Environment) -> str:
    """The new name on the left of ``=``: a name as written, or a constant text."""
    if isinstance(target, syntax.ColumnName) and target.stream is None:
        return target.name
    name = constant(target, environment, "the new name")
    if not isinstance(name, str):
        raise ProblemFound("the new name is no string", target.span)
    return name


def _last_name(node: syntax.Expression) -> str:
    if isinstance(node, syntax.ColumnName | syntax.Member):
        return node.name
    raise ProblemFound("a computed column needs a name", node.span, expected="name = expression")


def _path(node: syntax.Expression, environment: Environment) -> TypedExpression:
    value = type_check.check(node, environment)
    if not any(isinstance(part, ColumnReference) for part in walk(value)) and value.type != UNKNOWN:
        late = isinstance(node, syntax.FunctionCall) and node.name.lower() in ("byname", "byposition")
        if not late:
            raise ProblemFound("a mapping takes columns only", node.span, hint="compute the value in a derive before")
    return settled(value)
