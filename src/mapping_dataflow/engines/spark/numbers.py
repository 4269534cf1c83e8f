"""Functions and arithmetic over numbers in Spark, whose types and roundings are the language's own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import DOUBLE, is_integral
from mapping_dataflow.engines.base import Builder, argument_or, called, constant, depends_on_rows
from mapping_dataflow.engines.spark.types import call as named_call
from mapping_dataflow.engines.spark.types import cast, sql
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call

_PLAIN: dict[str, str] = {
    "abs": "abs(_1)",
    "acos": "acos(_1)",
    "asin": "asin(_1)",
    "add": "_1 + _2",
    "atan": "atan(_1)",
    "atan2": "atan2(_1, _2)",
    "bitwiseAnd": "_1 & _2",
    "bitwiseOr": "_1 | _2",
    "bitwiseXor": "_1 ^ _2",
    "cbrt": "cbrt(_1)",
    "cos": "cos(_1)",
    "cosh": "cosh(_1)",
    "degrees": "degrees(_1)",
    "divide": "_1 / _2",
    "factorial": "CASE WHEN _1 >= 0 AND _1 < 21 THEN factorial(CAST(_1 AS INT)) END",
    "isNan": "CASE WHEN _1 IS NOT NULL THEN isnan(_1) END",
    "log/1": "ln(_1)",
    "log/2": "log(_2, _1)",
    "minus": "_1 - _2",
    "mod": "_1 % _2",
    "multiply": "_1 * _2",
    "negate": "-_1",
    # Consecutive within the whole of the rows.
    "nextSequence": "row_number() OVER (ORDER BY monotonically_increasing_id()) - 1",
    "partitionId": "spark_partition_id()",
    "pMod": "pmod(_1, _2)",
    "power": "pow(_1, _2)",
    "radians": "radians(_1)",
    "random/0": "rand()",
    "random/1": "rand(_1)",
    "sin": "sin(_1)",
    "sinh": "sinh(_1)",
    "sqrt": "sqrt(_1)",
    "tan": "tan(_1)",
    "tanh": "tanh(_1)",
}


def _log10(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """By its own name: sqlglot writes a logarithm to the base 10, which is less exact."""
    return named_call("log10", *arguments)


def _whole(name: str) -> Builder:
    """ceil() and floor(): whole numbers as they are, so that large ones keep all digits."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        return arguments[0] if is_integral(call.arguments[0].type) else named_call(name, *arguments)

    return build


_HALF_UP, _HALF_EVEN, _MODES = 5, 7, 8


def _round(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The eight modes of java.math.BigDecimal, over the decimal digits of the number; half up by default."""
    places = (1, 2)
    given = [constant(call, place) for place in places]
    if any(
        one is None and place < len(arguments) and not depends_on_rows(call, place)
        for one, place in zip(given, places, strict=True)
    ):
        return cast(exp.null(), call.type)
    scale = 0 if len(arguments) < 2 else given[0]
    mode = _HALF_UP if len(arguments) < 3 else given[1]
    if mode is not None and not 1 <= mode <= _MODES:
        raise ProblemFound(f"round() has no mode {mode}", call.span, expected="a mode from 1 to 8")
    number = cast(arguments[0], DOUBLE)
    if scale is not None and mode in (_HALF_UP, _HALF_EVEN):
        return sql(f"{'round' if mode == _HALF_UP else 'bround'}(_1, {scale})", [number])
    integers = [
        sql("CAST(_1 AS INT)", [argument_or(arguments, place, exp.Literal.number(default))])
        for place, default in zip(places, (0, _HALF_UP), strict=True)
    ]
    return called("java_round", [number, *integers])


FUNCTIONS: dict[str, str | Builder] = {
    **_PLAIN,
    "ceil": _whole("ceil"),
    "floor": _whole("floor"),
    "log10": _log10,
    "round": _round,
}
