"""Counts and places in the arguments of functions, kept within what every engine can compute with.

No text or array is that long and no date that far away, so that a larger number means the same as the largest here.
Without this engines fail, or count from the other side, where a sum with such a number does not fit its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from mapping_dataflow.analysis.datatypes import is_integral
from mapping_dataflow.engines.base import Builder
from mapping_dataflow.expressions import Call, Convert, Literal, TypedExpression

_LONGEST = 1 << 30
"""Characters or items."""
_DAYS = 100_000_000
_MONTHS = 3_000_000
_MILLISECONDS = _DAYS * 86_400_000
_REACH: Mapping[str, Mapping[int, int]] = {
    "addDays": {1: _DAYS},
    "addMilliseconds": {1: _MILLISECONDS},
    "addMonths": {1: _MONTHS},
    "dropLeft": {1: _LONGEST},
    "dropRight": {1: _LONGEST},
    "elementAt": {1: _LONGEST},
    "left": {1: _LONGEST},
    "locate": {2: _LONGEST},
    "lpad": {1: _LONGEST},
    "regexExtract": {2: _LONGEST},
    "right": {1: _LONGEST},
    "rpad": {1: _LONGEST},
    "slice": {1: _LONGEST, 2: _LONGEST},
    "subDays": {1: _DAYS},
    "subMonths": {1: _MONTHS},
    "substring": {1: _LONGEST, 2: _LONGEST},
    "substringIndex": {2: _LONGEST},
}
"""The most, by function and argument."""

Fill = Callable[[str, Sequence[exp.Expression]], exp.Expression]


def within_reach(functions: Mapping[str, str | Builder], fill: Fill) -> dict[str, str | Builder]:
    """The capabilities with their counts and places kept within reach; ``fill`` fills templates of the engine."""
    return {
        name: _kept(entry, _REACH[name.partition("/")[0]], fill) if name.partition("/")[0] in _REACH else entry
        for name, entry in functions.items()
    }


def _kept(entry: str | Builder, reach: Mapping[int, int], fill: Fill) -> Builder:
    def build(call: Call, arguments: Sequence[exp.Expression]) -> exp.Expression:
        kept = [
            _within(argument, call.arguments[index], reach[index], fill) if index in reach else argument
            for index, argument in enumerate(arguments)
        ]
        return fill(entry, kept) if isinstance(entry, str) else entry(call, kept)

    return build


def _within(argument: exp.Expression, typed: TypedExpression, most: int, fill: Fill) -> exp.Expression:
    """Wide enough to add something to; a constant that is near stays as it is."""
    constant = typed.operand if isinstance(typed, Convert) else typed
    near = isinstance(constant, Literal) and (not isinstance(constant.value, int) or abs(constant.value) <= most)
    if near or not is_integral(typed.type):
        return argument
    wide = fill("CAST(_1 AS BIGINT)", [argument])
    return fill(f"CASE WHEN _1 > {most} THEN {most} WHEN _1 < -{most} THEN -{most} ELSE _1 END", [wide])
