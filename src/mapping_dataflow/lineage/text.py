"""Lineage as plain text, for a terminal or a review."""

from __future__ import annotations

from collections.abc import Iterable

from mapping_dataflow.analysis.columns import DYNAMIC
from mapping_dataflow.lineage.flows import TracedFlow, TracedSink
from mapping_dataflow.lineage.model import ColumnLineage, Contribution, Decision, SourceColumn

_LONGEST = 160
_DRAWN = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"} | {0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD}
"""The characters that XML has no way to hold, by those that Unicode has to draw them."""


def lineage_text(flow: TracedFlow) -> str:
    """The sinks with their columns, the source columns of each, and the expressions on the way."""
    sinks = [_sink(sink) for sink in flow.sinks] or ["no sink: nothing is written"]
    return "\n\n".join([f"flow {flow.name}", *sinks]) + "\n"


def _sink(sink: TracedSink) -> str:
    lines = [f"sink {sink.stream}" + (f" ({sink.dataset})" if sink.dataset else "")]
    lines += decisions_text(sink.columns[0].rows if sink.columns else (), "  rows: ")
    for column in sink.columns:
        lines += _column(column)
    return "\n".join(lines)


def _column(column: ColumnLineage) -> Iterable[str]:
    yield f"  {shown(column.column)}" + ("  dynamic: may contain any source column" if column.dynamic else "")
    if not column.contributions:
        for step in column.steps:
            yield f"    {without_source(column)}  {step.stream}: {shortened(step.expression)}"
    for one in column.contributions:
        yield f"    {source_text(one.source)}  {influence_text(one)}"
        for step in one.steps:
            yield f"      {step.stream}: {shown(step.column)} = {shortened(step.expression)}"
    yield from decisions_text(column.decisions, "    decided by ")


def without_source(column: ColumnLineage) -> str:
    """What a column is whose values no source column goes into."""
    return "no source value" if column.decisions else "constant"


def decisions_text(decisions: Iterable[Decision], head: str) -> list[str]:
    """A line for every transformation that decides, with the columns it looks at."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for decision in decisions:
        grouped.setdefault((decision.reason.value, decision.stream), []).append(source_text(decision.source))
    return [f"{head}{reason} in {stream}: {', '.join(names)}" for (reason, stream), names in grouped.items()]


def source_text(source: SourceColumn) -> str:
    """``stream.column``."""
    return f"{source.stream}.{shown(source.column)}"


def influence_text(one: Contribution) -> str:
    """``copied``, ``computed`` or ``aggregated``, and whether the value is hidden."""
    masked = ", masked" if one.masked else ""
    dynamic = ", dynamic: may be any column that is not declared" if one.source.dynamic else ""
    return one.influence.name.lower() + masked + dynamic


def shown(name: str) -> str:
    """A column's name as people see it: unknown columns are ``*``."""
    return name.replace(DYNAMIC, "*")


def drawn(text: str) -> str:
    """A text as pictures hold it: with symbols of control characters, which names taken from binary files have."""
    return text.translate(_DRAWN)


def shortened(expression: str) -> str:
    """An expression on one line of a bearable length."""
    line = " ".join(expression.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
