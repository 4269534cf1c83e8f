"""A small typed relational algebra: what transformations mean, independent of script and engine.

A node checks itself when it is built: keys are unique, every column reference exists in its input with the same type,
conditions are boolean. A violation is a defect of the compiler, not of the flow, and raises ``internal-error``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from enum import Enum

from mapping_dataflow.analysis.columns import Column
from mapping_dataflow.analysis.datatypes import BOOLEAN, UNKNOWN, is_complex
from mapping_dataflow.expressions import ColumnReference, TypedExpression, walk


@dataclass(frozen=True, slots=True)
class Output:
    """A column of a relation and the expression over the inputs that computes it."""

    column: Column
    expression: TypedExpression


@dataclass(frozen=True, slots=True)
class SortKey:
    """One sort key."""

    expression: TypedExpression
    ascending: bool = True
    nulls_first: bool = False


def order_of_columns(columns: Iterable[Column], number: int = 0) -> tuple[SortKey, ...]:
    """The order of rows by all the columns, of input ``number``, that have one: no marks, arrays, maps or structs."""
    simple = (column for column in columns if not column.mark and not is_complex(column.type))
    return tuple(SortKey(ColumnReference(column.key, column.type, number)) for column in simple)


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows of a window relative to the current row; None is unbounded.

    Offsets count rows. With ``of_values`` they are distances from the value of the only sort key, which is a number:
    all rows whose values are that near belong to the window. At distance 0 there may be any sort keys.
    """

    start: int | None
    end: int | None
    of_values: bool = False


class JoinKind(Enum):
    """Which rows without a partner stay."""

    INNER = "inner"
    LEFT = "left"
    RIGHT = "right"
    OUTER = "outer"
    CROSS = "cross"


def _columns(outputs: Iterable[Output]) -> tuple[Column, ...]:
    return tuple(output.column for output in outputs)


def _check_keys(columns: Sequence[Column]) -> None:
    keys = [column.key.lower() for column in columns]
    if len(set(keys)) != len(keys):
        raise ValueError(f"internal-error: two columns share a key among {keys}")


def _check_expressions(expressions: Iterable[TypedExpression], inputs: Sequence[Relation]) -> None:
    types = [{column.key: column.type for column in relation.columns} for relation in inputs]
    for expression in expressions:
        for part in walk(expression):
            if not isinstance(part, ColumnReference):
                continue
            known = types[part.input].get(part.key) if part.input < len(types) else None
            if known is None or (known != part.type and UNKNOWN not in (known, part.type)):
                raise ValueError(f"internal-error: {part} is not a column of input {part.input}")


def _check_condition(condition: TypedExpression) -> None:
    if condition.type != BOOLEAN:
        raise ValueError(f"internal-error: a condition of type {condition.type}")


@dataclass(frozen=True)
class Scan:
    """Data from outside, under the name it is registered with."""

    relation: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class StageReference:
    """The result of an earlier stage."""

    stage: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Project:
    """One row out for every row in, with new columns."""

    source: Relation
    outputs: tuple[Output, ...]

    def __post_init__(self) -> None:
        _check_keys(self.columns)
        _check_expressions((output.expression for output in self.outputs), [self.source])

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the outputs."""
        return _columns(self.outputs)


@dataclass(frozen=True)
class Filter:
    """The rows for which the condition is true (not null)."""

    source: Relation
    condition: TypedExpression

    def __post_init__(self) -> None:
        _check_condition(self.condition)
        _check_expressions([self.condition], [self.source])

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the source."""
        return self.source.columns


@dataclass(frozen=True)
class Guard:
    """All rows; running fails with the message when the condition is not true for one of them."""

    source: Relation
    condition: TypedExpression
    message: TypedExpression

    def __post_init__(self) -> None:
        _check_condition(self.condition)
        _check_expressions([self.condition, self.message], [self.source])

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the source."""
        return self.source.columns


@dataclass(frozen=True)
class Join:
    """Pairs of rows that satisfy the condition; ``outputs`` take columns of both sides."""

    left: Relation
    right: Relation
    kind: JoinKind
    condition: TypedExpression
    outputs: tuple[Output, ...]

    def __post_init__(self) -> None:
        _check_condition(self.condition)
        _check_keys(self.columns)
        expressions = [self.condition, *(output.expression for output in self.outputs)]
        _check_expressions(expressions, [self.left, self.right])

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the outputs."""
        return _columns(self.outputs)


@dataclass(frozen=True)
class FirstMatch:
    """Every left row once, with the first right row in ``order`` that satisfies the condition, or none.

    Of rows that are equal in the order the first by the columns that the outputs read is taken, so that runs repeat.
    """

    left: Relation
    right: Relation
    condition: TypedExpression
    order: tuple[SortKey, ...]
    outputs: tuple[Output, ...]

    def __post_init__(self) -> None:
        _check_condition(self.condition)
        _check_keys(self.columns)
        expressions = [self.condition, *(output.expression for output in self.outputs)]
        _check_expressions([*expressions, *(key.expression for key in self.order)], [self.left, self.right])

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the outputs."""
        return _columns(self.outputs)


@dataclass(frozen=True)
class SemiJoin:
    """Left rows that have, or when negated do not have, a right row satisfying the condition."""

    left: Relation
    right: Relation
    condition: TypedExpression
    negated: bool

    def __post_init__(self) -> None:
        _check_condition(self.condition)
        _check_expressions([self.condition], [self.left, self.right])

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the left side."""
        return self.left.columns


@dataclass(frozen=True)
class Aggregate:
    """One row a group; without keys one row in all."""

    source: Relation
    keys: tuple[Output, ...]
    outputs: tuple[Output, ...]

    def __post_init__(self) -> None:
        _check_keys(self.columns)
        _check_expressions((output.expression for output in (*self.keys, *self.outputs)), [self.source])

    @property
    def columns(self) -> tuple[Column, ...]:
        """Keys, then aggregates."""
        return _columns((*self.keys, *self.outputs))


@dataclass(frozen=True)
class Window:
    """Rows with aggregates over their partition; ``frame`` None is the whole partition."""

    source: Relation
    partition: tuple[TypedExpression, ...]
    order: tuple[SortKey, ...]
    frame: Frame | None
    outputs: tuple[Output, ...]

    def __post_init__(self) -> None:
        _check_keys(self.columns)
        expressions = [*self.partition, *(key.expression for key in self.order)]
        _check_expressions([*expressions, *(output.expression for output in self.outputs)], [self.source])

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the outputs."""
        return _columns(self.outputs)


@dataclass(frozen=True)
class Union:
    """The rows of all sources, duplicates kept; each source with its own expressions for the common columns."""

    sources: tuple[Relation, ...]
    columns: tuple[Column, ...]
    parts: tuple[tuple[TypedExpression, ...], ...]

    def __post_init__(self) -> None:
        _check_keys(self.columns)
        for source, part in zip(self.sources, self.parts, strict=True):
            if len(part) != len(self.columns):
                raise ValueError("internal-error: a part of a union lacks columns")
            _check_expressions(part, [source])


@dataclass(frozen=True)
class Unnest:
    """One row an item of the array; with ``keep_empty`` one row with null where there is no item."""

    source: Relation
    array: TypedExpression
    item: Column
    keep_empty: bool

    def __post_init__(self) -> None:
        _check_keys(self.columns)
        _check_expressions([self.array], [self.source])

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the source and the item."""
        return (*self.source.columns, self.item)


@dataclass(frozen=True)
class Sort:
    """The rows in order."""

    source: Relation
    keys: tuple[SortKey, ...]

    def __post_init__(self) -> None:
        _check_expressions((key.expression for key in self.keys), [self.source])

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the source."""
        return self.source.columns


@dataclass(frozen=True)
class Number:
    """The rows with a running number: start, start + step, …"""

    source: Relation
    number: Column
    start: int
    step: int

    def __post_init__(self) -> None:
        _check_keys(self.columns)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of the source and the number."""
        return (*self.source.columns, self.number)


Relation = (
    Scan
    | StageReference
    | Project
    | Filter
    | Guard
    | Join
    | FirstMatch
    | SemiJoin
    | Aggregate
    | Window
    | Union
    | Unnest
    | Sort
    | Number
)


def inputs_of(relation: Relation) -> tuple[Relation, ...]:
    """Direct inputs of a relation, in the order that column references count them."""
    match relation:
        case Scan() | StageReference():
            return ()
        case Join() | SemiJoin() | FirstMatch():
            return (relation.left, relation.right)
        case Union():
            return relation.sources
        case _:
            return (relation.source,)


def expressions_in(found: object) -> Iterator[TypedExpression]:
    """The expressions in a relation and the relations that it reads; stages that it refers to are not looked into."""
    if isinstance(found, TypedExpression):
        yield found
    elif isinstance(found, Output | SortKey):
        yield found.expression
    elif isinstance(found, tuple):
        for item in found:
            yield from expressions_in(item)
    elif isinstance(found, Relation):
        for field in fields(found):
            yield from expressions_in(getattr(found, field.name))


@dataclass(frozen=True)
class Stage:
    """The result of one statement (or of one output of a split), under the name it has in SQL."""

    name: str
    streams: tuple[str, ...]
    relation: Relation
    columns: tuple[Column, ...]
    """The relation's columns with this stage's streams as their newest aliases."""
