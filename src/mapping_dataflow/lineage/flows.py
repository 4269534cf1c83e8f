"""The lineage of a whole flow: its sources, and its sinks with their columns."""

from __future__ import annotations

from dataclasses import dataclass

from mapping_dataflow.analysis.columns import DYNAMIC
from mapping_dataflow.lineage.model import ColumnLineage


@dataclass(frozen=True)
class TracedColumn:
    """A column of a source: its name and its type in the language."""

    name: str
    type: str

    @property
    def dynamic(self) -> bool:
        """True when it stands for all columns that are not declared."""
        return DYNAMIC in self.name


@dataclass(frozen=True)
class TracedSource:
    """A source, the name of its dataset (None: it is inline), and its columns."""

    stream: str
    dataset: str | None
    columns: tuple[TracedColumn, ...]


@dataclass(frozen=True)
class TracedSink:
    """A sink, the name of its dataset (None: it is inline), and the lineage of its columns."""

    stream: str
    dataset: str | None
    columns: tuple[ColumnLineage, ...]


@dataclass(frozen=True)
class TracedFlow:
    """The lineage of a flow."""

    name: str
    sources: tuple[TracedSource, ...]
    sinks: tuple[TracedSink, ...]
