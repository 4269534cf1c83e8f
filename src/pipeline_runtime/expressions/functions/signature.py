"""How a function of the language is declared: its name, how many arguments it takes and what computes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.values import Value, is_array, is_number, type_name


class Surroundings(Protocol):
    """What functions need from outside the expression; the only source of time and chance."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""

    def new_guid(self) -> str:
        """A fresh GUID in its 36-character form."""

    def random_integer(self, low: int, high: int) -> int:
        """A random integer, `low` included, `high` not."""


Body = Callable[[Surroundings, Sequence[Value]], Value]


@dataclass(frozen=True)
class Function:
    """One function; `most` None means any number of arguments.

    A lazy one gets arguments that are computed when it asks for them, once: it may leave some out.
    """

    name: str
    least: int
    most: int | None
    body: Body
    is_lazy: bool = False

    def call(self, surroundings: Surroundings, arguments: Sequence[Value]) -> Value:
        """Check the number of arguments and compute; raises ExpressionError."""
        problem = self.arity_problem(len(arguments))
        if problem:
            raise ExpressionError(problem)
        return self.body(surroundings, arguments)

    def arity_problem(self, count: int) -> str | None:
        """What is wrong with that number of arguments, or None."""
        if count < self.least or (self.most is not None and count > self.most):
            return f"the function '{self.name}' takes {self._arity()}, found {count}"
        return None

    def _arity(self) -> str:
        if self.most is None:
            return f"at least {self.least} argument(s)"
        if self.least == self.most:
            return f"{self.least} argument(s)"
        return f"{self.least} to {self.most} arguments"


def pure(
    name: str, least: int, most: int | None, body: Callable[[Sequence[Value]], Value], *, is_lazy: bool = False
) -> Function:
    """A function that needs nothing from outside."""
    return Function(name, least, most, lambda _surroundings, arguments: body(arguments), is_lazy)


def text(function: str, value: Value, ordinal: int = 1) -> str:
    """The argument as text; raises when it is no string."""
    if not isinstance(value, str):
        raise wrong_type(function, ordinal, "a string", value)
    return value


def integer(function: str, value: Value, ordinal: int = 1) -> int:
    """The argument as an integer; raises when it is none, as 1.0 is not."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(function, ordinal, "an integer", value)
    return value


def number(function: str, value: Value, ordinal: int = 1) -> int | float:
    """The argument as a number; raises when it is none."""
    if not is_number(value):
        raise wrong_type(function, ordinal, "a number", value)
    return value


def boolean(function: str, value: Value, ordinal: int = 1) -> bool:
    """The argument as a boolean; raises when it is none."""
    if not isinstance(value, bool):
        raise wrong_type(function, ordinal, "a boolean", value)
    return value


def array(function: str, value: Value, ordinal: int = 1) -> Sequence[Value]:
    """The argument as an array; raises when it is none."""
    if not is_array(value):
        raise wrong_type(function, ordinal, "an array", value)
    return value


def wrong_type(function: str, ordinal: int, expected: str, value: Value) -> ExpressionError:
    """The error for an argument of a type the function does not take."""
    return ExpressionError(
        f"the function '{function}' expects {expected} as its argument {ordinal}, "
        f"found a value of type '{type_name(value)}'"
    )
