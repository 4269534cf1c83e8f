"""Where sources, sinks and their columns stand in the picture of a flow's lineage, and which curves join them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mapping_dataflow.lineage.flows import TracedFlow, TracedSink, TracedSource
from mapping_dataflow.lineage.model import ColumnLineage, Contribution, Influence, SourceColumn
from mapping_dataflow.lineage.text import drawn, shown

WIDTH, BOX, MARGIN, ROW, HEAD, GAP, TOP = 1120, 330, 24, 24, 40, 22, 76
KINDS = {Influence.COPIED: "copied", Influence.COMPUTED: "computed", Influence.AGGREGATED: "aggregated"}


@dataclass(frozen=True)
class Row:
    """A column in a box; ``y`` is its middle. ``key`` is unique in the picture."""

    key: str
    name: str
    type: str
    y: float


@dataclass(frozen=True)
class Box:
    """A source or sink: ``note`` tells how many of its columns are left out because they reach nothing."""

    key: str
    title: str
    subtitle: str
    x: float
    y: float
    height: float
    rows: tuple[Row, ...]
    note: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Curve:
    """A source column (``start``) that reaches a sink column, or all rows of a sink (``end`` is the box then)."""

    start: str
    end: str
    kind: str
    from_y: float
    to_y: float


@dataclass(frozen=True)
class Picture:
    """The picture: boxes of sources (left) and sinks (right), curves, and its height."""

    sources: tuple[Box, ...]
    sinks: tuple[Box, ...]
    curves: tuple[Curve, ...]
    height: float


def laid_out(flow: TracedFlow) -> Picture:
    """The picture of a flow. Columns that reach no sink are counted, not drawn."""
    used = {source for sink in flow.sinks for column in sink.columns for source in sources_of(column)}
    sources = _stacked(_source_box(source, used) for source in flow.sources)
    ends = {row.key: row.y for box in sources for row in box.rows}
    ordered = sorted(flow.sinks, key=lambda sink: _middle(sink, ends))
    sinks = _stacked(map(_sink_box, ordered))
    ends |= {row.key: row.y for box in sinks for row in box.rows}
    ends |= {box.key: box.y + HEAD / 2 for box in sinks}
    curves = [curve for sink in flow.sinks for curve in _curves(sink, ends)]
    bottoms = [box.y + box.height for box in (*sources, *sinks)]
    return Picture(sources, sinks, tuple(curves), max(bottoms, default=TOP) + MARGIN)


def sources_of(column: ColumnLineage) -> Iterable[SourceColumn]:
    """Every source column that a sink column depends on in any way."""
    yield from (one.source for one in column.contributions)
    yield from (one.source for one in column.decisions)
    yield from (one.source for one in column.rows)


def source_key(source: SourceColumn) -> str:
    """The key of a source's column."""
    return drawn(f"source {source.stream} {source.column}")


def sink_key(column: ColumnLineage) -> str:
    """The key of a sink's column."""
    return drawn(f"sink {column.sink} {column.column}")


def kind_of(one: Contribution) -> str:
    """The class of a curve: a masked value is told apart whatever was done to it."""
    return "masked" if one.masked else KINDS[one.influence]


def _source_box(source: TracedSource, used: set[SourceColumn]) -> Box:
    rows = [
        (source_key(SourceColumn(source.stream, column.name)), shown(column.name), column.type)
        for column in source.columns
        if SourceColumn(source.stream, column.name) in used
    ]
    left_out = tuple(
        shown(column.name) for column in source.columns if SourceColumn(source.stream, column.name) not in used
    )
    note = f"{len(left_out)} more reach no sink" if left_out else ""
    return _box(f"source {source.stream}", source.stream, source.dataset, MARGIN, rows, note, left_out)


def _sink_box(sink: TracedSink) -> Box:
    rows = [(sink_key(column), shown(column.column), column.type) for column in sink.columns]
    return _box(f"sink {sink.stream}", sink.stream, sink.dataset, WIDTH - MARGIN - BOX, rows, "", ())


def _box(
    key: str,
    title: str,
    dataset: str | None,
    x: float,
    rows: Sequence[tuple[str, str, str]],
    note: str,
    left_out: tuple[str, ...],
) -> Box:
    placed = tuple(Row(*row, y=HEAD + ROW * number + ROW / 2) for number, row in enumerate(rows))
    height = HEAD + ROW * (len(rows) + bool(note)) + 8
    return Box(key, title, dataset or "", x, 0, height, placed, note, left_out)


def _stacked(boxes: Iterable[Box]) -> tuple[Box, ...]:
    y: float = TOP
    placed: list[Box] = []
    for box in boxes:
        rows = tuple(Row(row.key, row.name, row.type, row.y + y) for row in box.rows)
        placed.append(Box(box.key, box.title, box.subtitle, box.x, y, box.height, rows, box.note, box.left_out))
        y += box.height + GAP
    return tuple(placed)


def _middle(sink: TracedSink, ends: dict[str, float]) -> float:
    """The middle height of what a sink's values come from: sinks stand in that order, so that few curves cross."""
    heights = [ends[source_key(one.source)] for column in sink.columns for one in column.contributions]
    return sum(heights) / len(heights) if heights else 0.0


def _curves(sink: TracedSink, ends: dict[str, float]) -> Iterable[Curve]:
    rows = {one.source for column in sink.columns[:1] for one in column.rows}
    for source in sorted(rows):
        yield _curve(source_key(source), f"sink {sink.stream}", "decides", ends)
    for column in sink.columns:
        direct = {one.source for one in column.contributions}
        for source in sorted({one.source for one in column.decisions} - direct):
            yield _curve(source_key(source), sink_key(column), "decides", ends)
        for one in column.contributions:
            yield _curve(source_key(one.source), sink_key(column), kind_of(one), ends)


def _curve(start: str, end: str, kind: str, ends: dict[str, float]) -> Curve:
    return Curve(start, end, kind, ends[start], ends[end])
