"""Rounding in the modes of java.math.BigDecimal, and exact arithmetic of decimals."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)

_WIDE = Context(prec=1000)
_MODES = (ROUND_UP, ROUND_DOWN, ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN)
UNNECESSARY = 8


def round_double(value: float, scale: int, mode: int) -> float:
    """A double rounded to a scale (negative: tens) in a mode of BigDecimal, 1 to 8, by its written digits."""
    if value != value or value in (float("inf"), float("-inf")):
        return value
    written, unit = Decimal(repr(value)), Decimal(1).scaleb(-scale)
    if mode == UNNECESSARY:
        if written != written.quantize(unit, ROUND_DOWN, _WIDE):
            raise ValueError(f"round(): rounding mode 8 forbids to round {value!r} to {scale} digits")
        return value + 0.0
    if not 1 <= mode <= len(_MODES):
        raise ValueError(f"round(): there is no rounding mode {mode}, only 1 to 8")
    return float(written.quantize(unit, _MODES[mode - 1], _WIDE)) + 0.0  # BigDecimal has no negative zero


def add(left: str, right: str, scale: int) -> str:
    """The sum of two decimals, halves away from zero."""
    return _rounded(_WIDE.add(Decimal(left), Decimal(right)), scale)


def subtract(left: str, right: str, scale: int) -> str:
    """The difference of two decimals, halves away from zero."""
    return _rounded(_WIDE.subtract(Decimal(left), Decimal(right)), scale)


def multiply(left: str, right: str, scale: int) -> str:
    """The product of two decimals, halves away from zero."""
    return _rounded(_WIDE.multiply(Decimal(left), Decimal(right)), scale)


def divide(left: str, right: str, scale: int) -> str | None:
    """The quotient of two decimals, halves away from zero; None for a zero divisor."""
    divisor = Decimal(right)
    if not divisor:
        return None
    return _rounded(_WIDE.divide(Decimal(left), divisor), scale)


def total(values: list[str | None], other: str) -> str:
    """The exact sum of decimals and one more; null ones count for nothing."""
    found = Decimal(other)
    for value in values:
        found = found if value is None else _WIDE.add(found, Decimal(value))
    return format(found, "f")


def _rounded(value: Decimal, scale: int) -> str:
    return format(value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, _WIDE), "f")
