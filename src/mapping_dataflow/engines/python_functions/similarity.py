"""How much texts resemble each other, counted in characters."""

from __future__ import annotations

from mapping_dataflow.analysis.datatypes import DOUBLE, INTEGER, STRING
from mapping_dataflow.engines.python_functions.definition import strict

_PREFIX = 4
_PREFIX_WEIGHT = 0.1
_LEAST_FOR_PREFIX = 0.7


def _partners(left: str, right: str) -> tuple[list[str], list[str]]:
    """The characters of both that have a partner not too far away, each in its own order."""
    reach = max(max(len(left), len(right)) // 2 - 1, 0)
    taken = [False] * len(right)
    found: list[str] = []
    for place, one in enumerate(left):
        for other in range(max(place - reach, 0), min(place + reach + 1, len(right))):
            if not taken[other] and right[other] == one:
                taken[other] = True
                found.append(one)
                break
    return found, [one for one, is_taken in zip(right, taken, strict=True) if is_taken]


def jaro_winkler(left: str, right: str) -> float:
    """From 0 (nothing in common) to 1 (equal): Jaro's similarity, raised by what both begin with."""
    if left == right:
        return 1.0
    ours, theirs = _partners(left, right)
    if not ours:
        return 0.0
    common = len(ours)
    swapped = sum(one != other for one, other in zip(ours, theirs, strict=True)) // 2
    jaro = (common / len(left) + common / len(right) + (common - swapped) / common) / 3
    if jaro <= _LEAST_FOR_PREFIX:
        return jaro
    prefix = 0
    for one, other in zip(left[:_PREFIX], right[:_PREFIX], strict=False):
        if one != other:
            break
        prefix += 1
    return jaro + prefix * _PREFIX_WEIGHT * (1 - jaro)


def levenshtein(left: str, right: str) -> int:
    """The fewest insertions, deletions and replacements of characters that make one text the other."""
    above = list(range(len(right) + 1))
    for row, one in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            current.append(min(above[column] + 1, current[-1] + 1, above[column - 1] + (one != other)))
        above = current
    return above[-1]


FUNCTIONS = (
    strict("text_jaro_winkler", (STRING, STRING), DOUBLE, jaro_winkler),
    strict("text_levenshtein", (STRING, STRING), INTEGER, levenshtein),
)
