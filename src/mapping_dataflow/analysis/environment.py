"""What an expression may refer to: columns, parameters, locals, lambda variables and the column of a pattern."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Flag, auto

from mapping_dataflow.analysis.columns import Column, Scope
from mapping_dataflow.analysis.datatypes import DataType
from mapping_dataflow.expressions import TypedExpression
from mapping_dataflow.script import syntax


class Allowed(Flag):
    """Kinds of functions that may stand in an expression besides scalar ones."""

    NONE = 0
    AGGREGATES = auto()
    WINDOWS = auto()
    ROWS = auto()
    """Functions that make several rows of one."""


@dataclass(frozen=True, slots=True)
class PatternColumn:
    """The column, or the field of a struct, that a pattern is being tried on.

    It tells the values of ``$$``, ``$0``, ``name``, ``type``, ``stream``, ``origin`` and ``position``, which is ``$#``,
    too (https://learn.microsoft.com/answers/a/460109).
    """

    column: Column
    input: int
    position: int
    groups: tuple[str, ...] = ()
    by_condition: bool = False
    """True when no regular expression but a condition matched: ``$1`` is the column then, as ``$$`` is."""
    value_is_name: bool = False
    value: TypedExpression | None = None
    """What ``$$`` means when the column is a field of a struct."""
    parents: tuple[str, ...] = ()
    """The names on the way to a field of a struct."""

    @property
    def path(self) -> str:
        """What ``$0`` means: the name of the column, behind the names on the way to it."""
        return ".".join((*self.parents, self.column.name))


@dataclass(frozen=True, slots=True)
class LambdaFrame:
    """The variables of one lambda: name in the script -> (name in the engine, type)."""

    variables: Mapping[str, tuple[str, DataType]]


@dataclass(frozen=True, slots=True)
class CachedRows:
    """All rows of a cache sink as an array, and the names of its keys."""

    rows: TypedExpression
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComputedValues:
    """What an engine computed for one statement before its columns are known, and what it is asked to compute.

    Names of columns, conditions of patterns and the like need a value at once. One that is not folded, or that comes
    from the rows of cache sinks (``caches``), is asked for; with the answers the flow is compiled again.
    """

    statement: str
    known: Mapping[str, Sequence[object]]
    caches: Mapping[str, CachedRows]
    asked: dict[str, TypedExpression] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UserFunction:
    """One function of a user's library; a parameter is of a type, or of a class of types by its name (``number``)."""

    name: str
    parameters: tuple[DataType | str, ...]
    result: DataType
    body: syntax.Expression


@dataclass(frozen=True)
class Environment:
    """Everything names in an expression can mean."""

    scope: Scope = Scope(())
    parameters: Mapping[str, TypedExpression] = field(default_factory=dict)
    locals: Mapping[str, TypedExpression] = field(default_factory=dict)
    paths: Mapping[tuple[str, ...], TypedExpression] = field(default_factory=dict)
    lambdas: tuple[LambdaFrame, ...] = ()
    pattern: PatternColumn | None = None
    allowed: Allowed = Allowed.NONE
    first_duplicate: bool = False
    cache_calls: Mapping[syntax.CacheCall, TypedExpression] = field(default_factory=dict)
    """Answers of cache sinks that are known before the expressions of the statement."""
    cached_rows: Mapping[str, CachedRows] = field(default_factory=dict)
    """By cache sink: all its rows, for keys that are known inside an expression only."""
    computed: ComputedValues | None = None
    """Values of constants that no folding gives; None where nobody computes any."""
    made: frozenset[str] = frozenset()
    """Names of columns that the statement makes, which its expressions do not see."""
    functions: Mapping[str, UserFunction] = field(default_factory=dict)
    """Functions of users' libraries by their names in lower case."""
    traced: bool = False
    """True while a flow is only traced: what could not run is a value of any of the columns that it reads."""

    def of_constants(self) -> Environment:
        """The environment of an expression that needs a value now: the rows of cache sinks are one."""
        if self.computed is None:
            return self
        return replace(self, cache_calls={}, cached_rows=self.computed.caches, allowed=Allowed.NONE)

    def within_lambda(self, frame: LambdaFrame) -> Environment:
        """The environment of a lambda's body."""
        return replace(self, lambdas=(*self.lambdas, frame))
