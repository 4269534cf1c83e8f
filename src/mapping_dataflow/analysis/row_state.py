"""Functions about the marks of a row: isInsert() and its kin, isMatch(), isError(), hasError(), assertErrorMessages().

Each may name an input of the statement, counted from 1; without a number the first input that has the mark is meant.
A row that nothing marked is to be inserted, matched nothing and has no errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mapping_dataflow.analysis.constants import NotConstantError, fold
from mapping_dataflow.analysis.datatypes import BOOLEAN, INTEGER, NULL, STRING, UNKNOWN, Array, DataType, Map, Struct
from mapping_dataflow.analysis.environment import Environment
from mapping_dataflow.errors import ProblemFound, counted
from mapping_dataflow.expressions import Call, ColumnReference, FieldAccess, Literal, TypedExpression
from mapping_dataflow.script import syntax

ACTION = "row action"
ERRORS = "row errors"
MATCHED = "row matched"
ERRORS_TYPE = Array(Struct((("id", STRING), ("message", STRING))))
MARK_TYPES: Mapping[str, DataType] = {ACTION: STRING, ERRORS: ERRORS_TYPE, MATCHED: BOOLEAN}
"""What a mark is called and the type of its column."""

INSERT, UPDATE, UPSERT, DELETE, IGNORE = "insert", "update", "upsert", "delete", "ignore"
CAPTURED = "captured"
"""The action of rows in the first load of captured changes: they are new, and a sink without inserts upserts them."""

Check = Callable[[syntax.Expression, Environment], TypedExpression]
_Function = Callable[[syntax.FunctionCall, Environment, Check], TypedExpression]


def _mark(mark: str, number: int | None, environment: Environment) -> TypedExpression | None:
    inputs = range(len(environment.scope.inputs)) if number is None else [number - 1]
    for position in inputs:
        found = environment.scope.marked(mark, position)
        if found is not None:
            return ColumnReference(found.column.key, found.column.type, found.input)
    return None


def _argument(node: syntax.FunctionCall, environment: Environment, check: Check, kind: DataType) -> object:
    """The constant argument, or None without one. Raises ProblemFound."""
    if len(node.arguments) > 1:
        raise ProblemFound(
            f"{node.name}() has {counted(len(node.arguments), 'argument')}", node.span, expected="one or none"
        )
    if not node.arguments:
        return None
    argument = node.arguments[0]
    typed = check(argument, environment)
    if typed.type not in (kind, NULL, UNKNOWN):
        raise ProblemFound(f"the argument of {node.name}() is {typed.type}", argument.span, expected=str(kind))
    try:
        return fold(typed)
    except NotConstantError as error:
        raise ProblemFound(f"the argument of {node.name}() is not a constant: {error.reason}", argument.span) from error


def _number(node: syntax.FunctionCall, environment: Environment, check: Check) -> int | None:
    number = _argument(node, environment, check, INTEGER)
    if not isinstance(number, int):
        return None
    if not 1 <= number <= len(environment.scope.inputs):
        raise ProblemFound(
            f"the statement has no input {number}",
            node.span,
            expected=f"a number from 1 to {len(environment.scope.inputs)}",
        )
    return number


def _is(action: str) -> _Function:
    def checked(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
        found = _mark(ACTION, _number(node, environment, check), environment)
        if found is None:
            return Literal(action == INSERT, BOOLEAN)
        said = Call("coalesce", (found, Literal(INSERT, STRING)), STRING)
        if action == INSERT:
            return Call("in", (Literal([INSERT, CAPTURED], Array(STRING)), said), BOOLEAN)
        return Call("equals", (said, Literal(action, STRING)), BOOLEAN)

    return checked


def _is_match(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    found = _mark(MATCHED, _number(node, environment, check), environment)
    return _certain(Literal(False, BOOLEAN) if found is None else found)


def _certain(value: TypedExpression) -> TypedExpression:
    return Call("coalesce", (value, Literal(False, BOOLEAN)), BOOLEAN)


def failed(errors: TypedExpression) -> TypedExpression:
    """True for a row with at least one error."""
    count = Call("size", (errors,), INTEGER)
    return _certain(Call("greater", (count, Literal(0, INTEGER)), BOOLEAN))


def identifiers(errors: TypedExpression) -> TypedExpression:
    """The assertions that failed."""
    return FieldAccess(errors, "id", Array(STRING))


def _is_error(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    found = _mark(ERRORS, _number(node, environment, check), environment)
    return Literal(False, BOOLEAN) if found is None else failed(found)


def _has_error(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    identifier = _argument(node, environment, check, STRING)
    found = _mark(ERRORS, None, environment)
    if found is None:
        return Literal(False, BOOLEAN)
    if identifier is None:
        return failed(found)
    return _certain(Call("in", (identifiers(found), Literal(identifier, STRING)), BOOLEAN))


def _messages(node: syntax.FunctionCall, environment: Environment, check: Check) -> TypedExpression:
    if node.arguments:
        raise ProblemFound(f"{node.name}() takes no arguments", node.span)
    kind = Map(STRING, STRING)
    found = _mark(ERRORS, None, environment)
    if found is None:
        return Literal({}, kind)
    errors = Call("coalesce", (found, Literal([], ERRORS_TYPE)), ERRORS_TYPE)
    messages = FieldAccess(errors, "message", Array(STRING))
    return Call("keyValues", (identifiers(errors), messages), kind)


FUNCTIONS: Mapping[str, _Function] = {
    "assertErrorMessages": _messages,
    "hasError": _has_error,
    "isDelete": _is(DELETE),
    "isError": _is_error,
    "isIgnore": _is(IGNORE),
    "isInsert": _is(INSERT),
    "isMatch": _is_match,
    "isUpdate": _is(UPDATE),
    "isUpsert": _is(UPSERT),
}
"""Canonical name -> its type check."""
