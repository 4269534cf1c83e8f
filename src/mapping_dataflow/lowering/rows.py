"""Transformations that keep the columns and choose or order rows: filter, sort, split, keyGenerate."""

from __future__ import annotations

from mapping_dataflow.analysis.columns import Column, KeyMaker
from mapping_dataflow.analysis.datatypes import BOOLEAN, LONG, from_syntax, is_integral
from mapping_dataflow.errors import ProblemFound, counted
from mapping_dataflow.expressions import Call, Literal, TypedExpression
from mapping_dataflow.lowering.context import LoweringContext, case_insensitive, only_column, passed, sort_keys
from mapping_dataflow.relations import Filter, Number, Project, Relation, Sort, Stage


def lower_filter(context: LoweringContext) -> list[Stage]:
    """``filter(condition)``: rows for which the condition is true."""
    context.arguments.allow(positional=1)
    typed = context.condition(context.arguments.positional[0].expression)
    return [context.stage(Filter(context.reference(), typed))]


def lower_sort(context: LoweringContext) -> list[Stage]:
    """``sort(asc(column, nullsFirst), …)``; rows in one order are in that order in every partition, too."""
    context.arguments.allow(properties=["caseInsensitive", "partitionLevel"], blocks=["asc", "desc"])
    keys = sort_keys(context.arguments.blocks, context)
    if not keys:
        raise ProblemFound("sort has no keys", context.statement.verb_span, expected="asc(…) or desc(…)")
    if context.arguments.flag("caseInsensitive"):
        keys = tuple(case_insensitive(key) for key in keys)
    return [context.stage(Sort(context.reference(), keys))]


def lower_split(context: LoweringContext) -> list[Stage]:
    """``split(conditions…, disjoint) ~> name@(outputs)``; the last output beyond the conditions takes the rest.

    ``disjoint: false`` sends a row to the first matching output only, ``true`` to every matching one
    (https://learn.microsoft.com/azure/data-factory/data-flow-conditional-split).
    """
    context.arguments.allow(properties=["disjoint"], positional=None)
    statement = context.statement
    branches = [context.condition(positional.expression) for positional in context.arguments.positional]
    if len(statement.outputs) not in (len(branches), len(branches) + 1):
        raise ProblemFound(
            f"the split has {counted(len(branches), 'condition')} and {counted(len(statement.outputs), 'output')}",
            statement.name_span,
            expected="as many outputs as conditions, or one more for the rest",
        )
    certain = [_certain(branch) for branch in branches]
    stages: list[Stage] = []
    for number, output in enumerate(statement.outputs):
        if number < len(branches):
            earlier = [] if context.arguments.flag("disjoint") else certain[:number]
            chosen = _all([certain[number], *map(_negated, earlier)])
        else:
            chosen = _all([_negated(branch) for branch in certain]) if certain else Literal(True, BOOLEAN)
        stages.append(context.stage(Filter(context.reference(), chosen), output))
    return stages


_KEEPING = frozenset({"alterRow", "assert", "exists", "filter", "sort", "split"})
"""Transformations behind which the columns are those of the first input, whatever else is said."""


def unchanged(context: LoweringContext) -> list[Stage]:
    """What stands for a statement that cannot be read, so that the problems of those behind it are found: the rows as
    they came. Nothing where its columns are not known."""
    if context.statement.verb not in _KEEPING or not context.inputs:
        return []
    return [context.stage(context.reference(), output) for output in context.statement.outputs or (None,)]


def _certain(branch: TypedExpression) -> TypedExpression:
    return Call("coalesce", (branch, Literal(False, BOOLEAN)), BOOLEAN)


def _negated(branch: TypedExpression) -> TypedExpression:
    return Call("not", (branch,), BOOLEAN)


def _all(parts: list[TypedExpression]) -> TypedExpression:
    result = parts[0]
    for part in parts[1:]:
        result = Call("and", (result, part), BOOLEAN)
    return result


def lower_key_generate(context: LoweringContext) -> list[Stage]:
    """``keyGenerate(output(key as long), startAt: 1L, stepValue: 1L)``: a running number in a new column."""
    arguments = context.arguments
    arguments.allow(properties=["startAt", "stepValue"], columns=["output"])
    declared = arguments.declared("output") or ()
    if len(declared) != 1:
        raise ProblemFound(
            "keyGenerate declares no single column", context.statement.verb_span, expected="output(key as long)"
        )
    kind = context.attempt(from_syntax, declared[0].type) or LONG
    if not is_integral(kind):
        context.problems.report(f"the key is {kind}", declared[0].span, expected="a whole number type")
    source: Relation = context.reference()
    if only_column(declared[0].name, source.columns) is not None:
        source = _without(declared[0].name, source)
    keys = KeyMaker()
    for column in source.columns:
        keys.key(column.key)
    number = Column(declared[0].name, kind, keys.key(declared[0].name), origin=context.statement.name)
    start, step = arguments.whole("startAt", 1), arguments.whole("stepValue", 1)
    return [context.stage(Number(source, number, start or 0, 1 if step is None else step))]


def _without(name: str, source: Relation) -> Relation:
    """The source without its columns of that name, which a new one replaces."""
    kept = [column for column in source.columns if column.name != name or column.mark]
    return Project(source, tuple(passed(kept)))
