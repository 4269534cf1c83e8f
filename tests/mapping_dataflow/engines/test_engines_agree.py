"""Both engines give the same values for random rows: every deterministic function, operator, aggregate and window.

One example is a table of many rows for all expressions at once, so that few queries are run.
"""

from __future__ import annotations

import pytest
from agreement import disagreements, on_duckdb, on_spark, refusals
from dataflow_bench import Table
from engines_bench import RUN_SCRIPT
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_calls import AGGREGATES, OPERATORS, ORDERED, calls, columns, scalar_functions
from random_rows import alike, random_table

from mapping_dataflow import DUCKDB, SPARK
from mapping_dataflow.functions import catalogue
from mapping_dataflow.functions.signatures import Kind

_FEW = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
seeds = st.integers(0, 1 << 30)
EXPRESSIONS = list(dict.fromkeys([*(call for one in scalar_functions().values() for call in calls(one)), *OPERATORS]))
REFUSED = refusals(EXPRESSIONS, columns(), DUCKDB)
COMPUTED = [text for text in EXPRESSIONS if text not in REFUSED]


def test_both_engines_refuse_the_same_expressions() -> None:
    assert refusals(EXPRESSIONS, columns(), SPARK).keys() == REFUSED.keys()


@pytest.mark.parametrize("name", sorted(scalar_functions()))
def test_every_deterministic_function_is_called(name: str) -> None:
    assert [call for call in calls(scalar_functions()[name]) if call in COMPUTED]


@_FEW
@given(seeds)
def test_functions_and_operators_agree(seed: int) -> None:
    table = random_table(columns(), 60, seed)
    assert disagreements(table, on_duckdb(COMPUTED, table), on_spark(COMPUTED, table)) == []


# ---------------------------------------------------------------- groups and windows


def _script(table: Table, statement: str) -> str:
    listed = ", ".join(f"{name} as {kind}" for name, kind in table.columns.items())
    return f"source(output({listed}), allowSchemaDrift: false) ~> a\n{statement} ~> b\nb sink() ~> out"


def _compared(table: Table, statement: str, expressions: tuple[str, ...], keys: int) -> list[str]:
    """The expressions whose values differ between the engines, with both values of the first such row."""
    script = _script(table, statement)
    found = [sorted(run(script, {"a": table})["out"].rows, key=repr) for run in RUN_SCRIPT.values()]
    pairs = list(zip(*(sorted(rows, key=lambda row: repr(row[:keys])) for rows in found), strict=True))
    lines: list[str] = []
    for place, text in enumerate(expressions, keys):
        values = [(one[place], other[place]) for one, other in pairs if not alike(one[place], other[place])]
        lines += [f"{text}: DuckDB {one!r}, Spark {other!r}" for one, other in values[:1]]
    return lines


def _outputs(expressions: tuple[str, ...]) -> str:
    return ", ".join(f"r{number} = {text}" for number, text in enumerate(expressions))


@_FEW
@given(seeds)
def test_aggregates_of_groups_agree(seed: int) -> None:
    table = random_table({**columns(), "small_2": "integer"}, 90, seed)
    statement = f"a aggregate(groupBy(small_2), {_outputs(AGGREGATES)})"
    assert _compared(table, statement, AGGREGATES, 1) == []


@_FEW
@given(seeds, st.sampled_from(["", "startRowOffset: -2L, endRowOffset: 1L, "]))
def test_windows_agree(seed: int, frame: str) -> None:
    table = random_table(columns(), 60, seed)
    expressions = tuple(one for one in (*AGGREGATES, *ORDERED) if "sort" not in one)
    window = f"a window(over(boolean_2), asc(place, true), {frame}{_outputs(expressions)})"
    names = ", ".join(f"r{number}" for number in range(len(expressions)))
    statement = f"{window} ~> w\nw select(mapColumn(place, {names}))"
    assert _compared(table, statement, expressions, 1) == []


def test_every_aggregate_and_window_function_is_compared() -> None:
    texts = " ".join((*AGGREGATES, *ORDERED)).lower()
    kinds = (Kind.AGGREGATE, Kind.WINDOW)
    names = [name for name in catalogue.ALL_NAMES if (found := catalogue.find(name)) and found.kind in kinds]
    approximate = ["approxDistinctCount"]  # each engine with an algorithm of its own
    assert [name for name in names if f"{name.lower()}(" not in texts] == approximate
