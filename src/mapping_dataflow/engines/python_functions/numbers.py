"""Numbers as Java writes, reads and rounds them, exact arithmetic of decimals, and sets of bits."""

from __future__ import annotations

from decimal import Decimal

from mapping_dataflow.analysis.datatypes import DOUBLE, INTEGER, LONG, STRING, Array
from mapping_dataflow.engines.python_functions.definition import strict
from mapping_dataflow.java import arithmetic, numbers


def write_double(value: float, pattern: str, locale: str) -> str:
    """A double by a pattern of DecimalFormat; an empty locale is the service's own."""
    return numbers.write(value, pattern, locale)


def write_decimal(value: str, pattern: str, locale: str) -> str:
    """A whole number or decimal, given by its digits, by a pattern of DecimalFormat."""
    return numbers.write(Decimal(value), pattern, locale)


def read_number(text: str, pattern: str, locale: str) -> str | None:
    """The digits of a number that was written by a pattern."""
    found = numbers.read(text, pattern, locale)
    return None if found is None else format(found, "f")


def set_bits(words: list[int | None], positions: list[int | None]) -> list[int]:
    """A set of bits, 64 in a word and the lowest first, with more bits set. Positions count from 0, null is no bit."""
    bits = sum(((word or 0) & _ALL) << 64 * place for place, word in enumerate(words))
    for position in positions:
        if position is not None and position < 0:
            raise ValueError(f"a bit has the position {position}")
        bits |= 0 if position is None else 1 << position
    count = max(len(words), (bits.bit_length() + 63) // 64)
    found = [bits >> 64 * place & _ALL for place in range(count)]
    return [word - (1 << 64) if word >> 63 else word for word in found]


_ALL = (1 << 64) - 1

FUNCTIONS = (
    strict("java_write_double", (DOUBLE, STRING, STRING), STRING, write_double),
    strict("java_write_decimal", (STRING, STRING, STRING), STRING, write_decimal),
    strict("java_read_number", (STRING, STRING, STRING), STRING, read_number),
    strict("java_round", (DOUBLE, INTEGER, INTEGER), DOUBLE, arithmetic.round_double),
    strict("decimal_add", (STRING, STRING, INTEGER), STRING, arithmetic.add),
    strict("decimal_subtract", (STRING, STRING, INTEGER), STRING, arithmetic.subtract),
    strict("decimal_multiply", (STRING, STRING, INTEGER), STRING, arithmetic.multiply),
    strict("decimal_divide", (STRING, STRING, INTEGER), STRING, arithmetic.divide),
    strict("decimal_total", (Array(STRING), STRING), STRING, arithmetic.total),
    strict("bits_set", (Array(LONG), Array(LONG)), Array(LONG), set_bits),
)
