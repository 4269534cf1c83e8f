"""Calls of the functions of the catalogue over columns of random rows: for every signature, every fitting type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from random_rows import MAKERS

from mapping_dataflow.functions import catalogue
from mapping_dataflow.functions.signatures import Function, Kind, Parameter

_KINDS: Mapping[str, tuple[str, ...]] = {
    "any": ("string", "integer", "double", "boolean", "date"),
    "number": ("integer", "long", "double", "decimal(10,2)"),
    "integral": ("small",),
    "fractional": ("double", "decimal(10,2)"),
    "datetime": ("date", "timestamp"),
    "T": ("integer", "string", "double", "date", "timestamp", "decimal(10,2)", "boolean"),
    "T[]": ("integer[]", "string[]", "double[]"),
    "K": ("string",),
    "[K,V]": ("[string,integer]",),
}
_FULL_RANGE = frozenset(
    {"bitwiseAnd", "bitwiseOr", "char", "factorial", "days", "hours", "minutes", "seconds", "weeks"}
)
"""Functions whose whole numbers may be of any size; elsewhere they are lengths and places."""

_CONSTANTS: Mapping[str, tuple[str, ...]] = {
    "boolean": ("true()", "false()"),
    "integral": ("2",),
    "string": ("'a'",),
    "number": ("2",),
}


def column(kind: str, place: int) -> str:
    """The name of the column of a type for the argument at a place."""
    letters = "".join(one if one.isalnum() else "_" for one in kind)
    return f"{letters}_{place}"


def columns() -> dict[str, str]:
    """The columns that calls are over: three of each type."""
    kinds = {**{kind: kind for kind in MAKERS}, "small": "integer"}
    return {"place": "integer"} | {column(name, place): kind for name, kind in kinds.items() for place in range(3)}


def calls(function: Function) -> list[str]:
    """Calls with every number of arguments and every choice of types, as far as the signature tells them."""
    found: list[str] = []
    most = function.most if function.most is not None else max(function.fewest, 3)
    for count in range(function.fewest, most + 1):
        parameters = [function.parameter(place) for place in range(count)]
        if any(one.variables for one in parameters):
            return []
        choices = [list(_arguments(function, one, place)) for place, one in enumerate(parameters)]
        found += [f"{function.name}({', '.join(call)})" for call in _matching(parameters, choices)]
    return found


def _matching(parameters: list[Parameter], choices: list[list[str]]) -> Iterator[tuple[str, ...]]:
    """Choices in which equal patterns have equal types."""
    patterns = list(dict.fromkeys(one.pattern.strip("[]") for one in parameters if not one.constant))
    counts = {
        pattern: max(
            len(choice)
            for one, choice in zip(parameters, choices, strict=True)
            if not one.constant and one.pattern.strip("[]") == pattern
        )
        for pattern in patterns
    }
    for numbers in product(*(range(counts[pattern]) for pattern in patterns)):
        chosen = dict(zip(patterns, numbers, strict=True))
        yield from product(
            *(
                choice if one.constant else [choice[chosen[one.pattern.strip("[]")] % len(choice)]]
                for one, choice in zip(parameters, choices, strict=True)
            )
        )


def _arguments(function: Function, parameter: Parameter, place: int) -> Iterator[str]:
    if parameter.constant:
        yield from _CONSTANTS[parameter.pattern]
        return
    kinds = _KINDS.get(parameter.pattern, (parameter.pattern,))
    if parameter.pattern == "integral" and function.name in _FULL_RANGE:
        kinds = ("integer", "long")
    for kind in kinds:
        yield column(kind, place)


def scalar_functions() -> dict[str, Function]:
    """The declared functions of one row."""
    found = (catalogue.find(name) for name in sorted(catalogue.ALL_NAMES))
    return {one.name: one for one in found if one is not None and one.kind is Kind.SCALAR}
