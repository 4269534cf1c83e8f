"""Transformations that mark rows: ``assert`` and ``cast`` say what is wrong with one, ``alterRow`` what to do with it.

Marks travel in hidden columns (see ``marks``); a failed assertion fails the run only with ``abort: true``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mapping_dataflow.analysis import row_state
from mapping_dataflow.analysis.columns import Column, Scope, StreamColumns
from mapping_dataflow.analysis.datatypes import BOOLEAN, LONG, STRING, UNKNOWN, from_syntax
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.analysis.row_state import ACTION, ERRORS, ERRORS_TYPE
from mapping_dataflow.analysis.signature_check import check_compared
from mapping_dataflow.analysis.special_functions import to_text
from mapping_dataflow.analysis.type_check import check, condition
from mapping_dataflow.errors import ProblemFound, counted
from mapping_dataflow.expressions import (
    Call,
    ColumnReference,
    Convert,
    FieldAccess,
    Literal,
    TypedExpression,
    walk,
    with_inputs,
)
from mapping_dataflow.lowering.arguments import constant
from mapping_dataflow.lowering.context import LoweringContext, only_column, passed
from mapping_dataflow.lowering.derive import merged
from mapping_dataflow.lowering.marks import (
    both_errors,
    error_where,
    mark_reference,
    marking,
    remarked,
    reserved,
    with_presence,
)
from mapping_dataflow.relations import FirstMatch, Guard, Output, Project, Relation, Stage, Window
from mapping_dataflow.script import syntax

_ACTIONS = {
    "insertIf": row_state.INSERT,
    "updateIf": row_state.UPDATE,
    "deleteIf": row_state.DELETE,
    "upsertIf": row_state.UPSERT,
    "ignoreIf": row_state.IGNORE,
}
_EXPECTATIONS = ("expectTrue", "expectUnique", "expectExists")
_FALSE = Literal(False, BOOLEAN)


# ---------------------------------------------------------------- alterRow


def lower_alter_row(context: LoweringContext) -> list[Stage]:
    """``alterRow(insertIf(condition), updateIf(…), …)``: the first condition that is true says what to do with the row.

    A row for which none is true keeps what an earlier alterRow said, else it is to be inserted.
    """
    context.arguments.allow(positional=None)
    policies: list[TypedExpression] = []
    for positional in context.arguments.positional:
        node = positional.expression
        if not isinstance(node, syntax.FunctionCall) or node.name not in _ACTIONS or len(node.arguments) != 1:
            context.problems.report(
                "this is no row policy", node.span, expected=", ".join(f"{name}(condition)" for name in _ACTIONS)
            )
            continue
        policies += [context.condition(node.arguments[0]), Literal(_ACTIONS[node.name], STRING)]
    if not context.arguments.positional and not context.given.traced:
        raise ProblemFound("alterRow has no conditions", context.statement.verb_span, expected="insertIf(…) or another")
    source = context.reference()
    before = mark_reference(ACTION, source.columns) or Literal(None, STRING)
    action = Call("case", (*policies, before), STRING) if policies else before
    return [context.stage(remarked(source, ACTION, action))]


# ---------------------------------------------------------------- cast


def lower_cast(context: LoweringContext) -> list[Stage]:
    """``cast(output(column as type 'format'), errors: true)``: columns with other types.

    A value that does not convert becomes null; with ``errors`` its row is marked with the column's name as well.
    """
    context.arguments.allow(properties=["errors"], columns=["output"])
    source = context.reference()
    values: dict[str, TypedExpression] = {}
    errors = mark_reference(ERRORS, source.columns)
    for field in context.arguments.declared("output") or ():
        column = only_column(field.name, source.columns)
        if column is None:
            context.problems.add(context.scope().missing(field.name, field.span).problem)
            continue
        reference = ColumnReference(column.key, column.type)
        value = values[field.name] = _cast(reference, field, context)
        lost = Call("and", (_not(_null(reference)), _null(value)), BOOLEAN)
        text = Literal(f"{field.name} is no {value.type}", STRING)
        error = error_where(lost, Literal(field.name, STRING), text)
        errors = error if errors is None else both_errors(errors, error)
    outputs = merged(source, values, context)
    if context.arguments.flag("errors") and errors is not None:
        keys = reserved(output.column for output in outputs)
        outputs = [output for output in outputs if output.column.mark != ERRORS] + [marking(ERRORS, errors, keys)]
    return [context.stage(Project(source, tuple(outputs)))]


def _cast(reference: ColumnReference, field: syntax.StructField, context: LoweringContext) -> TypedExpression:
    """The column with its new type; after a problem, which is kept, of an unknown one."""
    kind = context.attempt(from_syntax, field.type)
    pattern = field.format and context.attempt(constant, field.format, context.environment(), "the format")
    if kind is None:
        return Literal(None, UNKNOWN)
    if kind == reference.type:
        return reference
    return Convert(reference, kind, None if pattern is None else str(pattern), field.span)


def _null(value: TypedExpression) -> TypedExpression:
    return Call("isNull", (value,), BOOLEAN)


def _not(value: TypedExpression) -> TypedExpression:
    return Call("not", (value,), BOOLEAN)


def _and(left: TypedExpression, right: TypedExpression) -> TypedExpression:
    return Call("and", (left, right), BOOLEAN)


# ---------------------------------------------------------------- assert


@dataclass(frozen=True, slots=True)
class _Expectation:
    """One ``expectX(test, ignoreNulls, id, filter, message)``; ``expectUnique`` may have several tests."""

    node: syntax.FunctionCall
    tests: tuple[syntax.Expression, ...]
    ignores_nulls: bool
    identifier: str
    applies: TypedExpression | None
    message: TypedExpression


def lower_assert(context: LoweringContext) -> list[Stage]:
    """``assert(expectTrue(…), expectUnique(…), expectExists(…), abort: true)``: marks the rows that fail.

    ``expectTrue`` fails where its condition is not true, ``expectUnique`` where its values come several times,
    ``expectExists`` where no row of a further input satisfies its condition. Nulls fail like other values unless the
    second argument says to ignore them; the filter chooses the rows that are tested.
    """
    context.arguments.allow(properties=["abort"], positional=None)
    aborts = context.arguments.flag("abort")
    relation: Relation = context.reference(0)
    for expectation in _expectations(context):
        relation = context.attempt(_tested, relation, expectation, context) or relation
    if aborts:
        relation = _guarded(relation)
    return [context.stage(relation)]


def _expectations(context: LoweringContext) -> Iterator[_Expectation]:
    seen: set[str] = set()
    for positional in context.arguments.positional:
        node = positional.expression
        if not isinstance(node, syntax.FunctionCall) or node.name not in _EXPECTATIONS:
            expected = " or ".join(f"{one}(…)" for one in _EXPECTATIONS)
            context.problems.report("this is no assertion", node.span, expected=expected)
            continue
        expectation = context.attempt(_expectation, node, context)
        if expectation is None:
            continue
        if expectation.identifier in seen:
            context.problems.report(f"two assertions are called {expectation.identifier!r}", node.span)
        seen.add(expectation.identifier)
        yield expectation


def _environment(context: LoweringContext) -> Environment:
    """The environment of what looks at one row: the columns of the first input, whose rows are tested."""
    tested = context.inputs[0]
    return replace(context.environment(), scope=Scope((StreamColumns(tested.streams, tested.columns),)))


def _count_of_tests(node: syntax.FunctionCall) -> int:
    """Only ``expectUnique`` has several: all before the flag that says whether nulls are ignored."""
    if node.name != "expectUnique":
        return 1
    flags = [number for number, one in enumerate(node.arguments) if number and _is_flag(one)]
    return flags[0] if flags else 1


def _is_flag(node: syntax.Expression) -> bool:
    return isinstance(node, syntax.BooleanLiteral) or (
        isinstance(node, syntax.FunctionCall) and node.name in ("true", "false")
    )


def _expectation(node: syntax.FunctionCall, context: LoweringContext) -> _Expectation:
    count = _count_of_tests(node)
    rest = node.arguments[count:]
    if not 2 <= len(rest) <= 4:
        raise ProblemFound(
            f"{node.name}() has {counted(len(node.arguments), 'argument')}",
            node.span,
            expected="(test, ignoreNulls, id, [filter, message])",
        )
    environment = _environment(context)
    ignores = constant(rest[0], environment, "whether nulls are ignored")
    identifier = constant(rest[1], environment, "the name of an assertion")
    applies = None
    if len(rest) > 2 and not isinstance(rest[2], syntax.NullLiteral):
        applies = condition(rest[2], environment, "the filter")
    message: TypedExpression = Literal(f"the assertion {identifier} failed", STRING)
    if len(rest) > 3:
        written = to_text(check(rest[3], environment), rest[3].span)
        message = Call("coalesce", (written, Literal("", STRING)), STRING)
    return _Expectation(node, tuple(node.arguments[:count]), bool(ignores), str(identifier), applies, message)


def _tested(relation: Relation, expectation: _Expectation, context: LoweringContext) -> Relation:
    """The relation with the errors of one expectation among the errors of its rows."""
    environment = _environment(context)
    tested = expectation.tests[0]
    if expectation.node.name == "expectTrue":
        holds = condition(tested, environment, "the condition")
        if expectation.ignores_nulls:
            holds = Call("coalesce", (holds, Literal(True, BOOLEAN)), BOOLEAN)
        return _with_error(relation, holds, expectation)
    if expectation.node.name == "expectUnique":
        values = tuple(check(one, environment) for one in expectation.tests)
        for one, value in zip(expectation.tests, values, strict=True):
            check_compared(value.type, one.span, "what shall be unique")
        counted_rows, count = _with_count(relation, values, expectation)
        holds = Call("lesserOrEqual", (count, Literal(1, LONG)), BOOLEAN)
        if expectation.ignores_nulls:
            for value in values:
                holds = Call("or", (_null(value), holds), BOOLEAN)
        return _with_error(counted_rows, holds, expectation)
    typed = condition(tested, context.environment(), "the condition")
    found_rows, found = _with_partner(relation, typed, context, expectation)
    if expectation.ignores_nulls:
        own = [part for part in walk(typed) if isinstance(part, ColumnReference) and part.input == 0]
        for reference in own:
            found = Call("or", (_null(reference), found), BOOLEAN)
    return _with_error(found_rows, found, expectation)


_HELPER = "tested"
"""Mark of a column that only an assertion's own test reads."""


def _with_count(
    relation: Relation, values: tuple[TypedExpression, ...], expectation: _Expectation
) -> tuple[Relation, TypedExpression]:
    """How many of the rows that are tested have the same values."""
    helper = Column(_HELPER, LONG, reserved(relation.columns).key(_HELPER), mark=_HELPER)
    count = Output(helper, Call("countIf", (expectation.applies or Literal(True, BOOLEAN),), LONG))
    outputs = (*passed(relation.columns), count)
    return Window(relation, values, (), None, outputs), ColumnReference(helper.key, LONG)


def _with_partner(
    relation: Relation, typed: TypedExpression, context: LoweringContext, expectation: _Expectation
) -> tuple[Relation, TypedExpression]:
    """Whether another input has a row for which the condition is true; the only other one need not be named."""
    others = {part.input for part in walk(typed) if isinstance(part, ColumnReference)} - {0}
    if not others and len(context.inputs) == 2:
        others = {1}
    if len(others) != 1:
        raise ProblemFound(
            f"expectExists() looks at {counted(len(others), 'further input')}",
            expectation.node.span,
            expected="columns of one further input",
        )
    right, present = with_presence(context.reference(others.pop()))
    helper = Column(_HELPER, BOOLEAN, reserved(relation.columns).key(_HELPER), mark=_HELPER)
    outputs = (*passed(relation.columns), Output(helper, present))
    joined = FirstMatch(relation, right, _second(typed), (), outputs)
    return joined, ColumnReference(helper.key, BOOLEAN)


def _second(expression: TypedExpression) -> TypedExpression:
    """The expression with the columns of any further input as those of the second."""
    return with_inputs(expression, lambda number: 1 if number else 0)


def _with_error(relation: Relation, holds: TypedExpression, expectation: _Expectation) -> Relation:
    """The relation with an error more where the test does not hold; helper columns are gone."""
    wrong = _not(Call("coalesce", (holds, _FALSE), BOOLEAN))
    if expectation.applies is not None:
        wrong = _and(Call("coalesce", (expectation.applies, _FALSE), BOOLEAN), wrong)
    error = error_where(wrong, Literal(expectation.identifier, STRING), expectation.message)
    before = mark_reference(ERRORS, relation.columns)
    errors = error if before is None else both_errors(before, error)
    return remarked(relation, ERRORS, errors)


def _guarded(relation: Relation) -> Relation:
    """The run fails at a row with errors, telling the first."""
    errors = mark_reference(ERRORS, relation.columns)
    if errors is None:
        return relation
    first = Call("elementAt", (errors, Literal(1, LONG)), ERRORS_TYPE.element)
    parts = (
        Literal("assert ", STRING),
        FieldAccess(first, "id", STRING),
        Literal(" failed: ", STRING),
        FieldAccess(first, "message", STRING),
    )
    text = Call("concat", parts, STRING)
    return Guard(relation, _not(row_state.failed(errors)), text)
