"""Lineage is sound: other values in a source column change nothing in the sink columns that it is said not to reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb
import pytest
from dataflow_bench import FIXTURES, Case, Table, compile_script, read_case, run_flow
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from mapping_dataflow import SourceColumn

PATHS = sorted(FIXTURES.glob("*.dfs"))


def _outputs(case: Case, sources: dict[str, Table]) -> dict[tuple[str, str], list[str]]:
    """The values of every sink column, in no order."""
    columns = {name: table.columns for name, table in sources.items()}
    found = run_flow(compile_script(case.script, columns, case.parameters), sources)
    return {
        (sink, column): sorted(repr(row[index]) for row in table.rows)
        for sink, table in found.items()
        for index, column in enumerate(table.columns)
    }


def _influences(case: Case) -> dict[tuple[str, str], set[SourceColumn]]:
    columns = {name: table.columns for name, table in case.sources.items()}
    flow = compile_script(case.script, columns, case.parameters)
    return {
        (one.sink, one.column): {
            *(each.source for each in one.contributions),
            *(each.source for each in one.decisions),
            *one.row_influences,
        }
        for one in flow.lineage
    }


def _changed(table: Table, column: str, values: list[Any]) -> Table:
    index = list(table.columns).index(column)
    rows = [(*row[:index], value, *row[index + 1 :]) for row, value in zip(table.rows, values, strict=True)]
    return replace(table, rows=rows)


def _unreached(case: Case) -> Iterator[tuple[SourceColumn, set[tuple[str, str]]]]:
    """Every source column with the sink columns that it does not reach."""
    influences = _influences(case)
    for name, table in case.sources.items():
        for column in table.columns:
            source = SourceColumn(name, column)
            yield source, {end for end, sources in influences.items() if source not in sources}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
@settings(deadline=None, max_examples=3, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_other_values_change_only_what_they_reach(path: Any, data: st.DataObject) -> None:
    case = read_case(path)
    candidates = [(source, ends) for source, ends in _unreached(case) if ends]
    if not candidates:
        return
    source, ends = data.draw(st.sampled_from(candidates))
    table = case.sources[source.stream]
    index = list(table.columns).index(source.column)
    known = st.sampled_from([*(row[index] for row in table.rows), None])
    values = data.draw(st.lists(known, min_size=len(table.rows), max_size=len(table.rows)))
    before = _outputs(case, dict(case.sources))
    try:
        after = _outputs(case, {**case.sources, source.stream: _changed(table, source.column, values)})
    except duckdb.OutOfRangeException:
        reject()  # a sum beyond 38 digits fails the run: there are no values to compare
    assert {end: after[end] for end in ends if end in after} == {end: before[end] for end in ends if end in before}
