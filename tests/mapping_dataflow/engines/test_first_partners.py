"""A partner that is looked up a key at a time is the one that is looked up among all pairs of rows."""

from __future__ import annotations

from random import Random

import pytest
from dataflow_bench import Table, compile_script
from engines_bench import ENGINES, RUN_SCRIPT

CONDITIONS = (
    "a@k == b@k",
    "b@k == a@k && a@t == b@t",
    "a@k === b@k && b@t != 'x'",
    "toString(a@k) == b@t",
    "a@k + 1 == b@k && a@n > 1 && b@m < 5",
)
WITHOUT_KEYS = ("a@k < b@k", "a@k == b@k && a@n < b@m", "a@k == b@k || a@t == b@t", "b@k == 1", "a@k == 1")
LOOKUP = "a, b lookup({}, multiple: false, pickup: '{}', asc(m, true)) ~> r"
SCRIPT = """source(output(k as integer, t as string, n as integer), allowSchemaDrift: false) ~> a
source(output(k as integer, t as string, m as integer), allowSchemaDrift: false) ~> b
{}
r select(mapColumn(n, m)) ~> s
s sink() ~> out"""


def _tables() -> dict[str, Table]:
    """Rows with keys that repeat and that are missing; m is another one in each row, so that one row is the first."""
    random = Random(7)
    kinds = {"k": "integer", "t": "string"}

    def rows(count: int) -> list[tuple[int | None, str | None, int]]:
        numbers = random.sample(range(count), count)
        return [(random.choice([None, 1, 2, 3]), random.choice([None, "x", "1", "2"]), each) for each in numbers]

    return {
        "a": Table({**kinds, "n": "integer"}, rows(30)),
        "b": Table({**kinds, "m": "integer"}, rows(20)),
    }


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("pickup", ["first", "last"])
@pytest.mark.parametrize("condition", [*CONDITIONS, *WITHOUT_KEYS])
def test_the_partner_is_the_same_whichever_way_it_is_found(condition: str, pickup: str, engine: str) -> None:
    found, among_all = (
        sorted(RUN_SCRIPT[engine](SCRIPT.format(LOOKUP.format(each, pickup)), _tables())["out"].rows, key=str)
        for each in (condition, f"({condition}) || (a@k == 9 && b@k == 9)")
    )
    assert len(found) == 30
    assert found == among_all


@pytest.mark.parametrize("condition", CONDITIONS)
def test_keys_are_looked_up_once(condition: str) -> None:
    schemas = {name: dict(table.columns) for name, table in _tables().items()}
    sql = {
        each: compile_script(SCRIPT.format(LOOKUP.format(each, "first")), schemas).stages[-3].sql
        for each in (condition, WITHOUT_KEYS[0])
    }
    assert 'PARTITION BY "l"."row number"' in sql[WITHOUT_KEYS[0]]
    assert 'PARTITION BY "l"."row number"' not in sql[condition]


def test_a_column_may_have_the_name_of_the_helper() -> None:
    plain = SCRIPT.format(LOOKUP.format("a@k == b@k", "first"))
    named = plain
    for before in ("m as", "asc(m", ", m)"):
        named = named.replace(before, before.replace("m", "{place of the row}"))
    tables = _tables()
    renamed = Table({"k": "integer", "t": "string", "place of the row": "integer"}, tables["b"].rows)
    found = RUN_SCRIPT["duckdb"](named, {**tables, "b": renamed})["out"]
    expected = RUN_SCRIPT["duckdb"](plain, tables)["out"]
    assert sorted(found.rows, key=str) == sorted(expected.rows, key=str)


@pytest.mark.parametrize("engine", ENGINES)
def test_columns_may_have_the_name_of_the_number_of_a_row(engine: str) -> None:
    plain = SCRIPT.format(LOOKUP.format(WITHOUT_KEYS[0], "first"))
    tables = _tables()
    renamed = Table({"k": "integer", "row number": "string", "n": "integer"}, tables["a"].rows)
    named = plain.replace("t as string, n", "{row number} as string, n")
    found, expected = (
        RUN_SCRIPT[engine](script, {**tables, "a": table})["out"].rows
        for script, table in ((named, renamed), (plain, tables["a"]))
    )
    assert sorted(found, key=str) == sorted(expected, key=str)
