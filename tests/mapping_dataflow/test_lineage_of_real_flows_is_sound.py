"""Real flows are run with other values in a source column: nothing changes in sink columns it is said not to reach.

Both answers are held to that: the one with all columns known, and the one from the document alone, whose columns that
are not declared may be any of their source.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from corpus_flows import FLOWLETS, FLOWS, LIBRARIES
from flow_run import EVERYTHING, flow_document
from flow_trials import RunnableFlow, changed, runnable

from mapping_dataflow import ColumnLineage, SourceColumn
from mapping_dataflow.analysis.columns import DYNAMIC
from mapping_dataflow.tracing import trace_flow

OWN = ("deidentify_patients", "flatten_telemetry", "index_images")
CHANGES = 4
"""So many source columns of a flow are changed, one after the other."""

End = tuple[str, str]


def _reached(lineage: Iterable[ColumnLineage]) -> Mapping[End, set[SourceColumn]]:
    return {
        (one.sink, one.column): {
            *(each.source for each in one.contributions),
            *(each.source for each in one.decisions),
            *one.row_influences,
        }
        for one in lineage
    }


def _from_document(flow: RunnableFlow) -> Mapping[End, set[SourceColumn]]:
    found = trace_flow(flow.document, parameters=flow.parameters, flowlets=FLOWLETS, libraries=LIBRARIES)
    return _reached(column for sink in found.sinks for column in sink.columns)


def _is_reached(end: End, source: SourceColumn, reached: Mapping[End, set[SourceColumn]]) -> bool:
    """True when the lineage says so; a column that it does not name is one of the dynamic ones."""
    dynamic = [found for (stream, name), found in reached.items() if stream == end[0] and DYNAMIC in name]
    sources = reached.get(end)
    known = [sources] if sources is not None else dynamic
    assert known, f"nothing is said about {end}"
    named = {one.column for found in reached.values() for one in found if one.stream == source.stream}
    return any(
        source in found
        or (source.column not in named and any(one.dynamic and one.stream == source.stream for one in found))
        for found in known
    )


_Answers = Mapping[str, Mapping[End, set[SourceColumn]]]


def _answers(flow: RunnableFlow) -> _Answers:
    return {"compiled": _reached(flow.flow.lineage), "traced": _from_document(flow)}


def _unsound(flow: RunnableFlow, answers: _Answers) -> list[tuple[str, SourceColumn, End]]:
    """Where a value changed that should not have."""
    before = flow.outputs(flow.tables)
    again = flow.outputs(flow.tables)
    steady = {end for end, values in before.items() if values == again[end]}  # without clocks, chance and uuid()
    columns = [SourceColumn(name, column) for name, table in flow.tables.items() for column in table.columns]
    chance = random.Random(7)
    wrong: list[tuple[str, SourceColumn, End]] = []
    for source in chance.sample(columns, min(CHANGES, len(columns))):
        table = changed(flow.tables[source.stream], source.column, chance)
        after = flow.outputs({**flow.tables, source.stream: table})
        ends = [end for end in steady if before[end] != after[end]]
        wrong += [
            (answer, source, end)
            for answer, reached in answers.items()
            for end in ends
            if not _is_reached(end, source, reached)
        ]
    return wrong


def _documents() -> dict[str, Any]:
    return {**{name: flow_document(name) for name in OWN}, **FLOWS}


@pytest.mark.parametrize("name", sorted(_documents()))
def test_other_values_of_a_real_flow_change_only_what_they_reach(name: str) -> None:
    flow = runnable(_documents()[name], FLOWLETS, LIBRARIES, EVERYTHING)
    assert flow is None or _unsound(flow, _answers(flow)) == []


def test_nearly_all_real_flows_are_run() -> None:
    ran = [name for name, document in _documents().items() if runnable(document, FLOWLETS, LIBRARIES, EVERYTHING)]
    assert set(OWN) <= set(ran)
    assert len(ran) >= 0.9 * len(_documents())


@pytest.mark.parametrize("name", ["deidentify_patients", "index_images"])
def test_an_answer_that_says_nothing_is_found_wrong(name: str) -> None:
    flow = runnable(flow_document(name), FLOWLETS, LIBRARIES, EVERYTHING)
    assert flow is not None
    assert _unsound(flow, {"empty": {end: set() for end in flow.outputs(flow.tables)}})
