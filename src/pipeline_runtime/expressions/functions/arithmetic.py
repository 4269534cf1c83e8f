"""Math functions over integers and floats; integers stay integers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.functions.signature import (
    Function,
    Surroundings,
    integer,
    number,
    pure,
)
from pipeline_runtime.expressions.values import Value, is_array, is_long

_LARGEST_RANGE = 100_000


def _binary(name: str, compute: Callable[[int | float, int | float], int | float]) -> Function:
    def body(arguments: Sequence[Value]) -> Value:
        result = compute(number(name, arguments[0]), number(name, arguments[1], 2))
        if isinstance(result, int) and not is_long(result):
            raise ExpressionError(f"the function '{name}' gives {result}, which is no integer of 64 bits")
        return result

    return pure(name, 2, 2, body)


def _div(dividend: float, divisor: float) -> int | float:
    if divisor == 0:
        raise ExpressionError("the function 'div' cannot divide by zero")
    if isinstance(dividend, int) and isinstance(divisor, int):
        quotient = abs(dividend) // abs(divisor)
        return quotient if (dividend < 0) == (divisor < 0) else -quotient
    return dividend / divisor


def _mod(dividend: float, divisor: float) -> int | float:
    if divisor == 0:
        raise ExpressionError("the function 'mod' cannot divide by zero")
    remainder = abs(dividend) % abs(divisor)
    return -remainder if dividend < 0 else remainder


def _extreme(name: str, pick: Callable[[list[int | float]], int | float]) -> Function:
    def body(arguments: Sequence[Value]) -> Value:
        only = arguments[0]
        items = list(only) if len(arguments) == 1 and is_array(only) else list(arguments)
        if not items:
            raise ExpressionError(f"the function '{name}' expects at least one number, found an empty array")
        numbers = [number(name, item, ordinal) for ordinal, item in enumerate(items, 1)]
        return pick(numbers if all(isinstance(each, int) for each in numbers) else list(map(float, numbers)))

    return pure(name, 1, None, body)


def _rand(surroundings: Surroundings, arguments: Sequence[Value]) -> Value:
    low, high = integer("rand", arguments[0]), integer("rand", arguments[1], 2)
    if low > high:
        raise ExpressionError(
            f"the function 'rand' expects a first argument that is not above its second, found {low} and {high}"
        )
    return low if low == high else surroundings.random_integer(low, high)


def _range(arguments: Sequence[Value]) -> Value:
    start, count = integer("range", arguments[0]), integer("range", arguments[1], 2)
    if not 0 <= count <= _LARGEST_RANGE:
        raise ExpressionError(f"the function 'range' makes 0 to {_LARGEST_RANGE} numbers, found a count of {count}")
    return list(range(start, start + count))


FUNCTIONS: tuple[Function, ...] = (
    _binary("add", lambda left, right: left + right),
    _binary("sub", lambda left, right: left - right),
    _binary("mul", lambda left, right: left * right),
    _binary("div", _div),
    _binary("mod", _mod),
    _extreme("max", max),
    _extreme("min", min),
    Function("rand", 2, 2, _rand),
    pure("range", 2, 2, _range),
)
