"""Transformations that keep the columns and choose or order rows: filter, sort, split, assert, keyGenerate."""

from __future__ import annotations

from dataclasses import replace

from mapping_dataflow.analysis.columns import Column, KeyMaker
from mapping_dataflow.analysis.datatypes import BOOLEAN, STRING, from_syntax, is_integral
from mapping_dataflow.analysis.special_functions import to_text
from mapping_dataflow.analysis.type_check import check, condition
from mapping_dataflow.errors import ProblemFound, counted
from mapping_dataflow.expressions import Call, Literal, TypedExpression
from mapping_dataflow.lowering.context import LoweringContext, sort_keys
from mapping_dataflow.relations import Filter, Guard, Number, Relation, Sort, SortKey, Stage
from mapping_dataflow.script import syntax


def lower_filter(context: LoweringContext) -> list[Stage]:
    """``filter(condition)``: rows for which the condition is true."""
    context.arguments.allow(positional=1)
    typed = condition(context.arguments.positional[0].expression, context.environment(), "the condition")
    return [context.stage(Filter(context.reference(), typed))]


def lower_sort(context: LoweringContext) -> list[Stage]:
    """``sort(asc(column, nullsFirst), …)``."""
    context.arguments.allow(properties=["caseInsensitive"], blocks=["asc", "desc"])
    keys = sort_keys(context.arguments.blocks, context)
    if not keys:
        raise ProblemFound("sort has no keys", context.statement.verb_span, expected="asc(…) or desc(…)")
    if context.arguments.flag("caseInsensitive"):
        keys = tuple(_case_insensitive(key) for key in keys)
    return [context.stage(Sort(context.reference(), keys))]


def _case_insensitive(key: SortKey) -> SortKey:
    if key.expression.type != STRING:
        return key
    return replace(key, expression=Call("lower", (key.expression,), STRING))


def lower_split(context: LoweringContext) -> list[Stage]:
    """``split(conditions…, disjoint) ~> name@(outputs)``; the last output beyond the conditions takes the rest.

    ``disjoint: false`` sends a row to the first matching output only, ``true`` to every matching one
    (https://learn.microsoft.com/azure/data-factory/data-flow-conditional-split).
    """
    context.arguments.allow(properties=["disjoint"], positional=None)
    statement = context.statement
    branches = [
        condition(positional.expression, context.environment(), "the condition")
        for positional in context.arguments.positional
    ]
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
    kind = from_syntax(declared[0].type)
    if not is_integral(kind):
        raise ProblemFound(f"the key is {kind}", declared[0].span, expected="a whole number type")
    source = context.reference()
    if any(column.name == declared[0].name for column in source.columns):
        raise ProblemFound(f"the input has a column {declared[0].name!r} already", declared[0].span)
    keys = KeyMaker()
    for column in source.columns:
        keys.key(column.key)
    number = Column(declared[0].name, kind, keys.key(declared[0].name), origin=context.statement.name)
    start, step = arguments.whole("startAt", 1), arguments.whole("stepValue", 1)
    return [context.stage(Number(source, number, start or 0, 1 if step is None else step))]


def lower_assert(context: LoweringContext) -> list[Stage]:
    """``assert(expectTrue(condition, ignoreNulls, 'id', filter, message), abort: true)``: fails the run.

    Without ``abort: true`` failing rows are only marked, which nothing here can read yet: refused.
    """
    context.arguments.allow(properties=["abort"], positional=None)
    if not context.arguments.flag("abort"):
        raise ProblemFound(
            "an assert that only marks rows is not supported yet",
            context.statement.verb_span,
            expected="abort: true",
        )
    relation: Relation = context.reference()
    for positional in context.arguments.positional:
        relation = _guarded(relation, positional.expression, context)
    return [context.stage(relation)]


def _guarded(relation: Relation, node: syntax.Expression, context: LoweringContext) -> Relation:
    if not isinstance(node, syntax.FunctionCall) or node.name not in ("expectTrue", "expectUnique"):
        raise ProblemFound(
            "this assertion is not supported yet", node.span, expected="expectTrue(…) or expectUnique(…)"
        )
    if not 3 <= len(node.arguments) <= 5:
        raise ProblemFound(
            f"{node.name}() has {counted(len(node.arguments), 'argument')}",
            node.span,
            expected="(test, ignoreNulls, id, [filter, message])",
        )
    environment = context.environment()
    identifier = to_text(check(node.arguments[2], environment), node.arguments[2].span)
    head = Call("concat", (Literal("assert ", STRING), identifier, Literal(" failed: ", STRING)), STRING)
    message = (
        to_text(check(node.arguments[4], environment), node.span) if len(node.arguments) > 4 else Literal("", STRING)
    )
    text = Call("concat", (head, Call("coalesce", (message, Literal("", STRING)), STRING)), STRING)
    tested = check(node.arguments[0], environment)
    applies = _filter(node, context)
    if node.name == "expectUnique":
        kept = tested if applies is None else Call("iif", (applies, tested), tested.type)
        return Guard(relation, kept, text, unique=True)
    holds = Call(
        "coalesce", (condition(node.arguments[0], environment, "the condition"), Literal(False, BOOLEAN)), BOOLEAN
    )
    if applies is not None:
        holds = Call("or", (_negated(_certain(applies)), holds), BOOLEAN)
    return Guard(relation, holds, text)


def _filter(node: syntax.FunctionCall, context: LoweringContext) -> TypedExpression | None:
    if len(node.arguments) < 4 or isinstance(node.arguments[3], syntax.NullLiteral):
        return None
    return condition(node.arguments[3], context.environment(), "the filter")
