"""Logical functions; `if`, `and` and `or` compute no argument that decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.functions.signature import Function, boolean, pure
from pipeline_runtime.expressions.values import Value, equal, is_number, type_name


def _comparison(name: str, holds: Callable[[int], bool]) -> Function:
    def body(arguments: Sequence[Value]) -> Value:
        left, right = arguments
        if is_number(left) and is_number(right):
            return holds((left > right) - (left < right))
        if isinstance(left, str) and isinstance(right, str):
            return holds((left > right) - (left < right))
        raise ExpressionError(
            f"the function '{name}' compares two numbers or two strings, "
            f"found values of types '{type_name(left)}' and '{type_name(right)}'"
        )

    return pure(name, 2, 2, body)


def _until(name: str, decisive: bool) -> Function:
    """Over one or more booleans; what stands behind a decisive one is not computed."""

    def body(arguments: Sequence[Value]) -> Value:
        given = (boolean(name, value, ordinal) for ordinal, value in enumerate(arguments, 1))
        return decisive if any(value is decisive for value in given) else not decisive

    return pure(name, 1, None, body, is_lazy=True)


FUNCTIONS: tuple[Function, ...] = (
    _until("and", decisive=False),
    _until("or", decisive=True),
    pure("not", 1, 1, lambda arguments: not boolean("not", arguments[0])),
    pure(
        "if",
        3,
        3,
        lambda arguments: arguments[1] if boolean("if", arguments[0]) else arguments[2],
        is_lazy=True,
    ),
    pure("equals", 2, 2, lambda arguments: equal(arguments[0], arguments[1])),
    _comparison("greater", lambda order: order > 0),
    _comparison("greaterOrEquals", lambda order: order >= 0),
    _comparison("less", lambda order: order < 0),
    _comparison("lessOrEquals", lambda order: order <= 0),
)
