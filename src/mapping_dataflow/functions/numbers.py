"""Functions over numbers. Angles are radians; a result that does not exist (division by zero) is null."""

from __future__ import annotations

from mapping_dataflow.functions.signatures import Kind, declare

FUNCTIONS = declare(
    Kind.SCALAR,
    """
    abs(number) -> =first
    acos(number) -> double
    asin(number) -> double
    atan(number) -> double
    atan2(number, number) -> double
    bitwiseAnd(integral, integral) -> =widest
    bitwiseOr(integral, integral) -> =widest
    cbrt(number) -> double
    ceil(number) -> =whole
    cos(number) -> double
    cosh(number) -> double
    degrees(number) -> double
    factorial(number) -> long
    floor(number) -> =whole
    isNan(number) -> boolean
    log(number, number?) -> double
    log10(number) -> double
    negate(number) -> =first
    nextSequence() -> long
    partitionId() -> integer
    power(number, number) -> double
    radians(number) -> double
    random(const integral?) -> double
    round(number, early whole?, early integral?) -> double
    sin(number) -> double
    sinh(number) -> double
    sqrt(number) -> double
    tan(number) -> double
    tanh(number) -> double
    """,
)
