"""Numbers and times that whole numbers cannot hold, converted as Java and Spark do: folded, on DuckDB, on Spark.

Doubles stop at the ends of integer and long, and narrower types take the last bits of that integer; whole numbers
and decimals wrap around; what is no number is 0; seconds of timestamps that do not fit are null (Spark's Cast without
ANSI).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal

import pytest
from dataflow_bench import Row, Table, evaluate, run_script
from spark_bench import run_script_on_spark

INTEGER, LONG = 2**31 - 1, 2**63 - 1
TIME = datetime.datetime.fromisoformat("2100-01-01T00:00:00")
CASES: Mapping[str, tuple[str, list[tuple[object, int | None, int | None, int | None, int]]]] = {
    "double": (
        "double",
        [
            (1e20, -1, -1, INTEGER, LONG),
            (-1e20, 0, 0, -INTEGER - 1, -LONG - 1),
            (70000.9, 112, 4464, 70000, 70000),
            (300.5, 44, 300, 300, 300),
            (-129.9, 127, -129, -129, -129),
            (2147483648.0, -1, -1, INTEGER, 2147483648),
            (9.3e18, -1, -1, INTEGER, LONG),
            (float("inf"), -1, -1, INTEGER, LONG),
            (float("-inf"), 0, 0, -INTEGER - 1, -LONG - 1),
            (float("nan"), 0, 0, 0, 0),
            (-0.9, 0, 0, 0, 0),
        ],
    ),
    "float": ("float", [(3e9, -1, -1, INTEGER, 3000000000), (-200.5, 56, -200, -200, -200)]),
    "decimal": (
        "decimal(38,2)",
        [
            (Decimal("3000000000.99"), 0, 24064, -1294967296, 3000000000),
            (Decimal("-70000.50"), -112, -4464, -70000, -70000),
            (Decimal("99999999999999999999.00"), -1, -1, 1661992959, 7766279631452241919),
        ],
    ),
    "long": ("long", [(3000000000, 0, 24064, -1294967296, 3000000000), (255, -1, 255, 255, 255)]),
    "timestamp": ("timestamp", [(TIME, None, None, None, 4102444800)]),
}
SCRIPT = """source(output(v as {}), allowSchemaDrift: true) ~> a
a derive(b = toByte(v), s = toShort(v), i = toInteger(v), l = toLong(v)) ~> made
made sink() ~> out"""


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_what_a_whole_number_cannot_hold_is_cut_as_java_does(name: str, engine: str) -> None:
    kind, rows = CASES[name]
    run = run_script if engine == "duckdb" else run_script_on_spark
    given: list[Row] = [(row[0],) for row in rows]
    found = run(SCRIPT.format(kind), {"a": Table({"v": kind}, given)})["out"]
    assert sorted(map(str, (row[1:] for row in found.rows))) == sorted(map(str, (row[1:] for row in rows)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("toInteger(1e20)", INTEGER),
        ("toLong(-1e20)", -LONG - 1),
        ("toShort(70000.9)", 4464),
        ("toByte(1e20)", -1),
        ("toInteger(toDecimal(3000000000, 20, 2))", -1294967296),
        ("toInteger(toDouble('NaN'))", 0),
        ("isNull(toInteger(toTimestamp('2100-01-01 00:00:00')))", True),
        ("isNull(toInteger('3000000000'))", True),
        ("isNull(toByte('300'))", True),
    ],
)
def test_constants_are_converted_in_the_same_way(text: str, value: object) -> None:
    assert evaluate(text) == value
