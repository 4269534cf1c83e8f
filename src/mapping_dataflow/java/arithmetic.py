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
        return value
    if not 1 <= mode <= len(_MODES):
        raise ValueError(f"round(): there is no rounding mode {mode}, only 1 to 8")
    return float(written.quantize(unit, _MODES[mode - 1], _WIDE))


def multiply(left: str, right: str, scale: int) -> str:
    """The product of two decimals, halves away from zero."""
    return format(_WIDE.multiply(Decimal(left), Decimal(right)).quantize(_unit(scale), ROUND_HALF_UP, _WIDE), "f")


def divide(left: str, right: str, scale: int) -> str | None:
    """The quotient of two decimals, halves away from zero; None for a zero divisor."""
    divisor = Decimal(right)
    if not divisor:
        return None
    return format(_WIDE.divide(Decimal(left), divisor).quantize(_unit(scale), ROUND_HALF_UP, _WIDE), "f")


def _unit(scale: int) -> Decimal:
    return Decimal(1).scaleb(-scale)
