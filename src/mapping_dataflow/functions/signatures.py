"""The little notation in which the families declare their functions.

``name(parameter, …) -> result``, where a parameter is a type pattern, ``?`` behind it makes it optional and ``*``
repeatable (last one only). Type patterns: a data type; a class (``any number integral datetime complex``); ``whole``,
any number, of which the whole part counts; a capital letter, which stands for one type throughout the signature;
``T[]``; ``[K,V]``. A parameter ``item index: U`` is a lambda over ``#item`` and ``#index`` with result ``U``. ``const``
before a pattern asks for a constant, ``early`` for one where it can be computed while compiling: engines do better
then; ``compared`` for values that are told apart or put in order, which maps are not; ``implicit`` for a value that is
converted to the type that its letter has without it, as Spark's implicit casts do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

_DECLARATION = re.compile(r"(\w+)\((.*)\)\s*->\s*(\S+)\s*\Z")


class Kind(Enum):
    """Where a function may stand."""

    SCALAR = "scalar"
    AGGREGATE = "aggregate"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a signature."""

    pattern: str
    optional: bool = False
    repeated: bool = False
    constant: bool = False
    early: bool = False
    compared: bool = False
    implicit: bool = False
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the catalogue. ``result`` is a type pattern or the name of a result rule (``=rule``)."""

    name: str
    parameters: tuple[Parameter, ...]
    result: str
    kind: Kind
    declaration: str

    @property
    def fewest(self) -> int:
        """Number of arguments that must be given."""
        return sum(1 for parameter in self.parameters if not parameter.optional)

    @property
    def most(self) -> int | None:
        """Number of arguments that may be given; None when the last parameter repeats."""
        return None if self.parameters and self.parameters[-1].repeated else len(self.parameters)

    def parameter(self, index: int) -> Parameter:
        """The parameter that takes the argument at an index."""
        return self.parameters[min(index, len(self.parameters) - 1)]


def declare(kind: Kind, text: str) -> tuple[Function, ...]:
    """Functions from lines of the notation; empty lines and lines starting with ``--`` are skipped."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(_function(kind, line) for line in lines if line and not line.startswith("--"))


def _function(kind: Kind, line: str) -> Function:
    found = _DECLARATION.match(line)
    if found is None:
        raise ValueError(f"internal-error: no declaration of a function: {line!r}")
    name, parameters, result = found.groups()
    return Function(name, tuple(_parameters(parameters)), result, kind, line)


def _parameters(text: str) -> Iterable[Parameter]:
    for part in re.split(r",\s+", text) if text else ():
        variables, _, pattern = part.rpartition(":")
        words = pattern.split()
        pattern = words[-1]
        yield Parameter(
            pattern.rstrip("?*"),
            "?" in pattern,
            "*" in pattern,
            words[0] == "const",
            words[0] == "early",
            words[0] == "compared",
            words[0] == "implicit",
            tuple(variables.split()) if variables else (),
        )
