"""The rows after any transformation can be asked for, and the values of pivots whose columns depend on the data."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from dataflow_bench import Table, document_of, load

from mapping_dataflow import (
    CompiledStream,
    MappingDataFlowErrors,
    SourceSchema,
    compile_flow,
    compile_stream,
    required_values,
)

GAMES = Table(
    {"team": "string", "kind": "string", "day": "integer"},
    [("red", "win", 1), ("red", "loss", 2), ("blue", None, 1), ("blue", "win", 2)],
)
SOURCES = {"games": SourceSchema(GAMES.columns)}
SCRIPT = """
source(output(team as string, kind as string, day as integer)) ~> games
games pivot(groupBy(team), pivotBy(kind), day = max(day), columnNaming: '$V', lateral: true) ~> byKind
byKind pivot(pivotBy(team), best = max(win)) ~> byTeam
games split(day > 1, disjoint: false) ~> days@(late, early)
days@late filter(nothing > 1) ~> broken
byTeam sink() ~> out
"""


def _rows(stream: CompiledStream) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        load(connection, "games", GAMES)
        return connection.execute(stream.sql, dict(stream.bindings)).fetchall()


def test_the_rows_of_a_stream_need_only_what_it_depends_on() -> None:
    late = compile_stream(document_of(SCRIPT), "days@late", SOURCES)
    assert [column.name for column in late.columns] == ["team", "kind", "day"]
    assert sorted(_rows(late)) == [("blue", "win", 2), ("red", "loss", 2)]


def test_marks_among_the_columns_of_a_stream_move_none_of_them() -> None:
    script = """source(output(team as string, kind as string, day as integer)) ~> games
games assert(expectTrue(day == 1, false, 'first', null, 'late')) ~> tested
tested derive(wrong = isError(), next = day + 1) ~> told"""
    told = compile_stream(document_of(script), "told", SOURCES)
    assert [column.name for column in told.columns] == ["team", "kind", "day", "wrong", "next"]
    assert ("red", "win", 1, False, 2) in _rows(told)
    assert ("blue", "win", 2, True, 3) in _rows(told)


def test_columns_of_one_name_are_told_apart_by_their_streams() -> None:
    script = """source(output(team as string, kind as string, day as integer)) ~> games
games filter(day == 1) ~> first
first select(mapColumn(team, kind)) ~> teams
games, teams lookup(games@team == teams@team, broadcast: 'auto') ~> both"""
    both = compile_stream(document_of(script), "both", SOURCES)
    assert [column.name for column in both.columns] == ["team", "kind", "day", "teams@team", "teams@kind"]


NAMES = "one of games, byKind, byTeam, days@late, days@early, broken, out"


@pytest.mark.parametrize(
    ("stream", "told"),
    [
        ("nowhere", f"there is no stream 'nowhere'\n  expected {NAMES}"),
        ("s@never", f"there is no stream 's@never'\n  expected {NAMES}"),
        ("late", f"there is no stream 'late'\n  expected {NAMES}\n  hint: did you mean days@late?"),
        ("days", "the transformation 'days' has several outputs\n  expected one of days@late, days@early"),
    ],
)
def test_what_names_no_stream_is_told_with_the_streams_that_there_are(stream: str, told: str) -> None:
    with pytest.raises(MappingDataFlowErrors) as caught:
        compile_stream(document_of(SCRIPT), stream, SOURCES)
    assert str(caught.value) == f"reading flow 'flow': {told}"


def test_the_only_output_of_a_transformation_is_what_its_name_means() -> None:
    script = SCRIPT.replace("@(late, early)", "@(late)").replace("day > 1,", "")
    assert len(_rows(compile_stream(document_of(script), "days", SOURCES))) == 4


def test_the_values_of_pivots_are_found_one_after_the_other_in_order() -> None:
    script = SCRIPT.replace("days@late filter(nothing > 1) ~> broken\n", "")
    values: dict[str, list[object]] = {}
    asked: list[str] = []
    while waiting := required_values(document_of(script), SOURCES, values=values):
        for stream in waiting:
            asked.append(stream.stream)
            values[stream.columns[0].name] = [row[0] for row in _rows(stream)]
    assert asked == ["byKind", "byTeam"]
    assert values == {"byKind": [None, "loss", "win"], "byTeam": ["blue", "red"]}
    flow = compile_flow(document_of(script), SOURCES, values=values)
    assert [column.name for column in flow.sinks[0].columns] == ["bestblue", "bestred"]


def test_a_pivot_with_listed_values_asks_for_none() -> None:
    script = SCRIPT.replace("pivotBy(kind)", "pivotBy(kind, ['win'])")
    script = script.replace("pivotBy(team)", "pivotBy(team, ['red'])")
    assert required_values(document_of(script), SOURCES) == ()
