"""Fits arguments to a declared signature: counts, classes of types, type variables, lambdas and result types."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.constants import NotConstantError, fold
from mapping_dataflow.analysis.datatypes import (
    DOUBLE,
    LONG,
    NULL,
    STRING,
    UNKNOWN,
    Array,
    DataType,
    Decimal,
    Map,
)
from mapping_dataflow.analysis.operators import widened
from mapping_dataflow.errors import ProblemFound, Span, counted
from mapping_dataflow.expressions import Convert, Literal, TypedExpression
from mapping_dataflow.functions.signatures import Function, Parameter

_CLASSES: dict[str, Callable[[DataType], bool]] = {
    "any": lambda kind: True,
    "number": datatypes.is_number,
    "integral": datatypes.is_integral,
    "fractional": datatypes.is_fractional,
    "datetime": datatypes.is_datetime,
    "whole": datatypes.is_number,
}
_NULLS: dict[str, DataType] = {
    "number": DOUBLE,
    "integral": datatypes.INTEGER,
    "whole": datatypes.INTEGER,
    "fractional": DOUBLE,
    "datetime": datatypes.TIMESTAMP,
}
"""The type that a bare null has where a class of types is asked for."""
_SIMPLE = {str(kind): kind for kind in (datatypes.from_name(name) for name in datatypes.SIMPLE_NAMES)}


CLASSES_OF_TYPES = frozenset(_CLASSES) - {"whole"}
"""Names that signatures have for several types; the arguments of users' functions may be declared with them, too."""


def check_class(name: str, kind: DataType, span: Span, what: str) -> None:
    """Raises ProblemFound for a type that is none of a class of types; ``what`` is the value that has it."""
    if kind not in (NULL, UNKNOWN) and not _CLASSES[name](kind):
        hint = _conversion_hint(name, kind)
        raise ProblemFound(f"{what} is {kind}", span, expected=_wording(name), hint=hint)


def _is_variable(pattern: str) -> bool:
    return len(pattern) == 1 and pattern.isupper()


def check_count(function: Function, count: int, span: Span) -> None:
    """Raises ProblemFound when a call has too few or too many arguments."""
    too_many = function.most is not None and count > function.most
    if count < function.fewest or too_many:
        raise ProblemFound(
            f"{function.name}() has {counted(count, 'argument')}",
            span,
            expected=function.declaration,
        )


def check_compared(kind: DataType, span: Span, what: str) -> None:
    """Raises ProblemFound for a value that cannot be told apart from others or put in order: Spark compares no maps."""
    if datatypes.holds_map(kind):
        raise ProblemFound(
            f"{what} is {kind}, and maps are not compared",
            span,
            expected="a value without maps in it",
            hint="compare their entries: mapAssociation(the map, @(key = #key, value = #value))",
        )


class Fitting:
    """The bindings of one call's type variables while its arguments are fitted one after the other."""

    def __init__(self, function: Function, span: Span) -> None:
        self.function = function
        self.span = span
        self.bindings: dict[str, list[DataType]] = {}

    def bind(self, index: int, argument: TypedExpression, span: Span) -> None:
        """Check an argument against its parameter and take part in the type variables."""
        parameter = self.function.parameter(index)
        pattern = parameter.pattern
        if parameter.compared:
            check_compared(argument.type, span, f"argument {index + 1} of {self.function.name}()")
        if parameter.implicit and pattern in self.bindings and not datatypes.is_complex(argument.type):
            return  # it is converted to what stands before it
        if not self._binds(pattern, argument.type):
            raise ProblemFound(
                f"argument {index + 1} of {self.function.name}() is {argument.type}",
                span,
                expected=_wording(pattern),
                hint=_conversion_hint(pattern, argument.type),
            )

    def _binds(self, pattern: str, kind: DataType) -> bool:
        if kind in (NULL, UNKNOWN):
            return True
        if pattern in _CLASSES:
            return _CLASSES[pattern](kind)
        if _is_variable(pattern):
            self.bindings.setdefault(pattern, []).append(kind)
            return True
        if pattern.endswith("[]"):
            return isinstance(kind, Array) and self._binds(pattern[:-2], kind.element)
        if pattern.startswith("["):
            key, value = pattern[1:-1].split(",")
            return isinstance(kind, Map) and self._binds(key, kind.key) and self._binds(value, kind.value)
        wanted = _SIMPLE[pattern]
        if kind == wanted:
            return True
        wider = datatypes.common_type((kind, wanted))
        return wider == wanted or (wanted == DOUBLE and datatypes.is_number(kind))

    def variable(self, name: str) -> DataType:
        """What a type variable stands for so far. Raises ProblemFound when its uses have no common type."""
        kinds = self.bindings.get(name, [])
        common = datatypes.common_type(kinds)
        if common is None:
            listed = " and ".join(str(kind) for kind in dict.fromkeys(kinds))
            raise ProblemFound(
                f"{self.function.name}() does not take {listed} together",
                self.span,
                expected="arguments of one type",
                hint="convert one of them, for example with toString()",
            )
        return common

    def resolve(self, pattern: str) -> DataType:
        """The type that a pattern stands for after binding."""
        if _is_variable(pattern):
            return self.variable(pattern)
        if pattern.endswith("[]"):
            return Array(self.resolve(pattern[:-2]))
        if pattern.startswith("["):
            key, value = pattern[1:-1].split(",")
            return Map(self.resolve(key), self.resolve(value))
        return _SIMPLE[pattern]

    def fitted(self, index: int, argument: TypedExpression, span: Span) -> TypedExpression:
        """The argument as its parameter wants it: widened, and folded where a constant is asked for."""
        parameter = self.function.parameter(index)
        if argument.type == NULL and parameter.pattern in _NULLS:
            argument = Literal(None, _NULLS[parameter.pattern])
        elif parameter.pattern == "whole" and not datatypes.is_integral(argument.type):
            argument = Convert(argument, datatypes.INTEGER)
        elif parameter.implicit:
            argument = self._implicit(argument, self.resolve(parameter.pattern), index, span)
        elif parameter.pattern not in _CLASSES and not parameter.pattern.startswith("="):
            argument = widened(argument, self.resolve(parameter.pattern))
        if parameter.constant:
            return self._constant(parameter, argument, index, span)
        return early(argument) if parameter.early else argument

    def _implicit(self, argument: TypedExpression, kind: DataType, index: int, span: Span) -> TypedExpression:
        """The argument as a type that Spark converts it to without being asked. Raises ProblemFound for another."""
        if argument.type in (NULL, UNKNOWN) or datatypes.common_type((argument.type, kind)) == kind:
            return widened(argument, kind)
        if not _casts_implicitly(argument.type, kind):
            raise ProblemFound(
                f"argument {index + 1} of {self.function.name}() is {argument.type}", span, expected=str(kind)
            )
        return Convert(argument, kind)

    def _constant(self, parameter: Parameter, argument: TypedExpression, index: int, span: Span) -> TypedExpression:
        try:
            return Literal(fold(argument), argument.type)
        except NotConstantError as error:
            raise ProblemFound(
                f"argument {index + 1} of {self.function.name}() is not a constant: {error.reason}",
                span,
                expected=f"a constant {parameter.pattern}",
            ) from error

    def result(self, arguments: Sequence[TypedExpression]) -> DataType:
        """The call's result type."""
        pattern = self.function.result
        if pattern.startswith("="):
            return _RESULTS[pattern[1:]](arguments)
        return self.resolve(pattern)


def _casts_implicitly(kind: DataType, wanted: DataType) -> bool:
    """Spark's TypeCoercion.implicitCast of values that are no arrays, structs or maps."""
    if wanted == STRING:
        return not datatypes.is_complex(kind)
    if datatypes.is_number(wanted):
        return kind == STRING or datatypes.is_number(kind)
    if datatypes.is_datetime(wanted):
        return kind == STRING or datatypes.is_datetime(kind)
    return wanted == datatypes.BINARY and kind == STRING


def early(argument: TypedExpression) -> TypedExpression:
    """The argument as a constant where it is one."""
    try:
        return Literal(fold(argument), argument.type)
    except NotConstantError:
        return argument


def _wording(pattern: str) -> str:
    known = {
        "any": "anything",
        "number": "a number",
        "whole": "a number",
        "integral": "a whole number",
        "datetime": "a date or timestamp",
    }
    if re.fullmatch(r"[A-Z]\[\]", pattern):
        return "an array"
    if pattern.startswith("["):
        return "a map"
    return known.get(pattern, pattern)


def _conversion_hint(pattern: str, kind: DataType) -> str:
    if kind == STRING and pattern in ("number", "whole", "integral"):
        return "convert with toInteger(), toLong() or toDouble()"
    if kind == STRING and pattern in ("datetime", "timestamp", "date"):
        return "convert with toDate() or toTimestamp()"
    if pattern == "string" and not datatypes.is_complex(kind):
        return "convert with toString()"
    return ""


def _first(arguments: Sequence[TypedExpression]) -> DataType:
    return arguments[0].type


def _widest(arguments: Sequence[TypedExpression]) -> DataType:
    return datatypes.common_type(argument.type for argument in arguments) or UNKNOWN


def _whole(arguments: Sequence[TypedExpression]) -> DataType:
    kind = arguments[0].type
    if isinstance(kind, Decimal):
        return datatypes.bounded_decimal(kind.precision - kind.scale + 1, 0)
    return kind if datatypes.is_integral(kind) else LONG


def _sum(arguments: Sequence[TypedExpression]) -> DataType:
    kind = arguments[-1].type
    if isinstance(kind, Decimal):
        return datatypes.aggregated_decimal(kind.precision + 10, kind.scale)
    return LONG if datatypes.is_integral(kind) else DOUBLE


def _mean(arguments: Sequence[TypedExpression]) -> DataType:
    kind = arguments[-1].type
    return datatypes.aggregated_decimal(kind.precision + 4, kind.scale + 4) if isinstance(kind, Decimal) else DOUBLE


def _decimal(arguments: Sequence[TypedExpression]) -> DataType:
    """``toDecimal(value, precision, scale)``; without them (10,2), as the function's text says."""
    given = [argument.value for argument in arguments[1:3] if isinstance(argument, Literal)]
    numbers = [number for number in given if isinstance(number, int)]
    if len(numbers) < 2:
        return Decimal(numbers[0] if numbers else 10, 0 if numbers else 2)
    return Decimal(numbers[0], numbers[1])


_RESULTS: dict[str, Callable[[Sequence[TypedExpression]], DataType]] = {
    "first": _first,
    "widest": _widest,
    "whole": _whole,
    "sum": _sum,
    "mean": _mean,
    "decimal": _decimal,
}
