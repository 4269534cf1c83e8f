"""What column lineage says: records without behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

from mapping_dataflow.analysis.columns import DYNAMIC


class Influence(IntEnum):
    """How a source column reaches the values of a sink column, strongest last; the strongest of several ways counts."""

    AGGREGATED = 1
    COMPUTED = 2
    COPIED = 3


class Reason(Enum):
    """What decides about rows, or about a value without going into it."""

    FILTER = "filter"
    JOIN = "join"
    GROUP = "group"
    SORT = "sort"
    WINDOW = "window"
    CONDITION = "condition"
    FLATTEN = "flatten"
    ASSERT = "assert"
    MARK = "row policy"


@dataclass(frozen=True, slots=True, order=True)
class SourceColumn:
    """A column of the data of a source stream."""

    stream: str
    column: str

    @property
    def dynamic(self) -> bool:
        """True when it stands for all columns of the source that are not declared."""
        return DYNAMIC in self.column


@dataclass(frozen=True, slots=True)
class Step:
    """An expression that a stream computes a column with, in the language; names are those of the stream's inputs."""

    stream: str
    column: str
    expression: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """One source column that goes into the values of a sink column, and what is applied to it on the way.

    ``masked``: on every way something hides the value (a digest, a generalisation, a mere comparison).
    """

    source: SourceColumn
    influence: Influence
    functions: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    masked: bool = False
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """A source column that decides, in a transformation (``stream``), which rows there are or which go into a value."""

    source: SourceColumn
    reason: Reason
    stream: str


@dataclass(frozen=True, slots=True)
class ColumnLineage:
    """The lineage of one sink column.

    ``rows`` decide which rows the sink receives and in which order, the same for all its columns; ``decisions``
    decide about this column's values only. ``steps`` are the expressions of the column whatever they read, so that a
    constant has its own.
    """

    sink: str
    column: str
    type: str
    contributions: tuple[Contribution, ...]
    decisions: tuple[Decision, ...]
    rows: tuple[Decision, ...]
    steps: tuple[Step, ...]

    @property
    def dynamic(self) -> bool:
        """True when the column stands for columns that are known only when the data is."""
        return DYNAMIC in self.column

    @property
    def row_influences(self) -> frozenset[SourceColumn]:
        """The source columns that decide which rows there are."""
        return frozenset(decision.source for decision in self.rows)
