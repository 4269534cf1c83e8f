"""Functions over numbers in DuckDB."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import Decimal
from mapping_dataflow.engines.base import Builder, argument_or, called, constant, depends_on_rows, fill
from mapping_dataflow.engines.duckdb import arithmetic, conversions
from mapping_dataflow.engines.duckdb.types import cast
from mapping_dataflow.errors import ProblemFound
from mapping_dataflow.expressions import Call, Convert, Literal

_NEAR = "CAST(CAST(cbrt(_1) AS FLOAT) AS DOUBLE)"
_ROOT = f"{_NEAR} + {_NEAR} * (_1 / ({_NEAR} * {_NEAR}) - {_NEAR}) / ({_NEAR} + {_NEAR} + _1 / ({_NEAR} * {_NEAR}))"
"""The last step of Java's cube root, from a root whose square is exact; DuckDB's own misses that of 27."""
_PLAIN: dict[str, str] = {
    "acos": "CASE WHEN abs(_1) <= 1 THEN acos(_1) WHEN _1 IS NOT NULL THEN CAST('NaN' AS DOUBLE) END",
    "asin": "CASE WHEN abs(_1) <= 1 THEN asin(_1) WHEN _1 IS NOT NULL THEN CAST('NaN' AS DOUBLE) END",
    "atan": "atan(_1)",
    # Java has no negative zeros here.
    "atan2": "atan2(_1 + CAST(0 AS DOUBLE), _2 + CAST(0 AS DOUBLE))",
    "bitwiseAnd": "_1 & _2",
    "bitwiseOr": "_1 | _2",
    "bitwiseXor": "xor(_1, _2)",
    "cbrt": f"CASE WHEN abs(CAST(_1 AS DOUBLE)) BETWEEN 1e-90 AND 1e90 THEN {_ROOT} ELSE cbrt(_1) END",
    "cos": "cos(_1)",
    "cosh": "cosh(_1)",
    "degrees": "degrees(_1)",
    "factorial": "CASE WHEN _1 >= 0 AND _1 < 21 THEN factorial(CAST(trunc(_1) AS INTEGER)) END",
    "isNan": "isnan(CAST(_1 AS DOUBLE))",
    "log/1": "CASE WHEN _1 > 0 THEN ln(_1) END",
    "log/2": "CASE WHEN _1 > 0 AND _2 > 0 THEN ln(_1) / ln(_2) END",  # as Java divides: log(1000, 10) is below 3
    "log10": "CASE WHEN _1 > 0 THEN log10(_1) END",
    # Consecutive within the one partition that there is.
    "nextSequence": "row_number() OVER () - 1",
    "partitionId": "CAST(0 AS INTEGER)",
    # In C one is one to whatever power, in Java it is no number to one that is none or endless.
    "power": "CASE WHEN _1 IN (1, -1) AND NOT isfinite(CAST(_2 AS DOUBLE)) THEN CAST('NaN' AS DOUBLE) "
    "ELSE pow(_1, _2) END",
    "radians": "radians(_1)",
    "random/0": "random()",
    # The same for the same seed and row.
    "random/1": "CAST(hash(row_number() OVER (), _1) >> 11 AS DOUBLE) / 9007199254740992",
    "sin": "sin(_1)",
    "sinh": "sinh(_1)",
    "sqrt": "CASE WHEN _1 >= 0 THEN sqrt(_1) WHEN _1 IS NOT NULL THEN CAST('NaN' AS DOUBLE) END",
    "tan": "tan(_1)",
    "tanh": "tanh(_1)",
}


def _divide(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    if not isinstance(call.type, Decimal):
        return fill("_1 / NULLIF(_2, 0)", arguments)
    texts = [cast(argument, datatypes.STRING) for argument in arguments]
    return cast(called("decimal_divide", [*texts, exp.Literal.number(call.type.scale)]), call.type, safe=True)


def _mod(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """DuckDB divides to find the remainder, and the least whole number has no quotient by -1."""
    divisor = call.arguments[1].operand if isinstance(call.arguments[1], Convert) else call.arguments[1]
    if not datatypes.is_integral(call.type) or (isinstance(divisor, Literal) and divisor.value != -1):
        return fill("_1 % NULLIF(_2, 0)", arguments)
    return fill("CASE WHEN _2 = -1 THEN _1 - _1 ELSE _1 % NULLIF(_2, 0) END", arguments)


def _positive_mod(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    remainder = _mod(call, arguments)
    if isinstance(call.type, Decimal):
        # Below a divisor that is negative the remainder stays as it is.
        found = fill("CASE WHEN _1 < 0 AND _2 > 0 THEN _1 + _2 ELSE _1 END", [remainder, arguments[1]])
        return cast(found, call.type, safe=True)
    total = fill("_1 + _2", [remainder, arguments[1]])
    if datatypes.is_integral(call.type):
        total = arithmetic.wrapped_around("_1 + _2", [remainder, arguments[1]], call.type)
    return fill("CASE WHEN _1 < 0 THEN _2 % _3 ELSE _1 END", [remainder, total, arguments[1]])


def _whole(name: str) -> Builder:
    """``ceil`` and ``floor``: whole numbers as they are, doubles beyond the range of long as its ends."""

    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        kind = call.arguments[0].type
        if datatypes.is_integral(kind):
            return arguments[0]
        found = fill(f"{name}(_1)", arguments)
        if isinstance(kind, Decimal):
            return found
        return fill(
            """CASE WHEN isnan(_1) THEN 0 WHEN _1 >= 9223372036854775807 THEN 9223372036854775807
               WHEN _1 <= -9223372036854775808 THEN -9223372036854775808 ELSE TRY_CAST(_1 AS BIGINT) END""",
            [found],
        )

    return build


# ---------------------------------------------------------------- rounding

_UNNECESSARY = 8
_ROUNDINGS = {
    1: "sign(_1) * ceil(abs(_1) * _2) / _2",
    2: "sign(_1) * floor(abs(_1) * _2) / _2",
    3: "ceil(_1 * _2) / _2",
    4: "floor(_1 * _2) / _2",
    6: "sign(_1) * ceil(abs(_1) * _2 - 0.5) / _2",
}
_NATIVE_SCALES = range(-15, 16)


def _round(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
    """The eight modes of java.math.BigDecimal, over the decimal digits of the number; half up by default."""
    scale, mode = constant(call, 1), constant(call, 2)
    if any(
        index < len(arguments) and not depends_on_rows(call, index) and given is None
        for index, given in ((1, scale), (2, mode))
    ):
        return cast(exp.null(), call.type)
    scale = 0 if len(arguments) < 2 else scale
    mode = 5 if len(arguments) < 3 else mode
    if mode is not None and not 1 <= mode <= _UNNECESSARY:
        raise ProblemFound(f"round() has no mode {mode}", call.span, expected="a mode from 1 to 8")
    exact = conversions.to_decimal(arguments[0], call.arguments[0].type, Decimal(38, 15))
    if scale is None or mode is None or scale not in _NATIVE_SCALES:
        rounded = None
    elif mode == 5:
        rounded = fill(f"round(_1, {scale})", [exact])
    elif mode == 7 and scale >= 0:
        rounded = fill(f"round_even(_1, {scale})", [exact])
    elif mode in _ROUNDINGS and scale >= 0:
        rounded = fill(_ROUNDINGS[mode], [exact, exp.Literal.number(10**scale)])
    else:
        rounded = None
    if rounded is None:
        integers = [
            fill("CAST(_1 AS INTEGER)", [argument_or(arguments, index, exp.Literal.number(default))])
            for index, default in ((1, 0), (2, 5))
        ]
        return called("java_round", [cast(arguments[0], call.type), *integers])
    return fill("coalesce(CAST(_1 AS DOUBLE), _2)", [rounded, cast(arguments[0], call.type)])


FUNCTIONS: dict[str, str | Builder] = {
    **arithmetic.FUNCTIONS,
    **_PLAIN,
    "ceil": _whole("ceil"),
    "divide": _divide,
    "floor": _whole("floor"),
    "mod": _mod,
    "pMod": _positive_mod,
    "round": _round,
}
