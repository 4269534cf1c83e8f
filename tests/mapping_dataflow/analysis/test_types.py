"""Types of expressions: literals, operators with Spark's decimals, functions, widening; and the text form of types."""

from __future__ import annotations

import pytest
from dataflow_bench import data_type, script_errors, type_of

from mapping_dataflow import MappingDataFlowErrors, engine_type
from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import common_type


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("5", "integer"),
        ("-2147483648", "long"),
        ("2147483648", "long"),
        ("5L", "long"),
        ("5s", "short"),
        ("5b", "byte"),
        ("5f", "float"),
        ("5d", "double"),
        ("8.2", "double"),
        ("1e3", "double"),
        (".05", "double"),
        ("0xf4", "integer"),
        ("0xfffffffff", "long"),
        ("'a'", "string"),
        ('"a {1}"', "string"),
        ("true", "boolean"),
        ("null", "null"),
        ("[1, 2L]", "long[]"),
        ("[1, 2.5, null()]", "double[]"),
        ("[[1], [2]]", "integer[][]"),
        ("array()", "string[]"),
        ("['a' -> 1, 'b' -> 2.5]", "[string,double]"),
        ("@(a = 1, {b c} = 'x')", "(a as integer, {b c} as string)"),
        ("[@(a = 1)].a", "integer[]"),
        ("1 + 2", "integer"),
        ("1 + 2L", "long"),
        ("1 + 2.5", "double"),
        ("1b + 1b", "integer"),
        ("1 / 2", "double"),
        ("1 == 1.5", "boolean"),
        ("'a' + null()", "string"),
        ("toDecimal(1, 5, 2) + toDecimal(1, 6, 4)", "decimal(8,4)"),
        ("toDecimal(1, 5, 2) - toDecimal(1, 6, 4)", "decimal(8,4)"),
        ("toDecimal(1, 5, 2) * toDecimal(1, 6, 4)", "decimal(12,6)"),
        ("toDecimal(1, 5, 2) / toDecimal(1, 6, 4)", "decimal(16,9)"),
        ("toDecimal(1, 5, 2) % toDecimal(1, 6, 4)", "decimal(6,4)"),
        ("toDecimal(1, 38, 18) * toDecimal(1, 38, 18)", "decimal(38,6)"),
        ("toDecimal(1, 38, 10) / toDecimal(1, 38, 10)", "decimal(38,6)"),
        ("toDecimal(1, 5, 2) + 1", "decimal(6,2)"),
        ("toDecimal(1, 10, 2) / 3", "decimal(14,6)"),
        ("-100L * toDecimal(1, 5, 2)", "decimal(9,2)"),
        ("toDecimal(1, 5, 2) + toInteger(1)", "decimal(13,2)"),
        ("toDecimal(1, 5, 2) + 1.5", "double"),
        ("toDecimal(1)", "decimal(10,2)"),
        ("toDecimal(1, 8)", "decimal(8,0)"),
        ("toDate('2020-01-01') + 1", "date"),
        ("toTimestamp('2020-01-01') + days(1)", "timestamp"),
        ("toDate('2020-01-01') - toDate('2020-01-01')", "integer"),
        ("toTimestamp('2020-01-01') - toDate('2020-01-01')", "long"),
        ("ceil(1.5)", "long"),
        ("ceil(toDecimal('1.5', 5, 2))", "decimal(4,0)"),
        ("abs(1)", "integer"),
        ("round(1)", "double"),
        ("iif(true, 1, 2.5)", "double"),
        ("iif(true, null(), 'a')", "string"),
        ("case(true, toDate('2020-01-01'), toTimestamp('2020-01-01'))", "timestamp"),
        ("coalesce(1b, 2s)", "short"),
        ("greatest(1, 2f)", "float"),
        ("map([1], toString(#item))", "string[]"),
        ("mapIndex(['a'], #index)", "integer[]"),
        ("reassociate(['a' -> 1], toString(#value))", "[string,string]"),
        ("split('a', ',')", "string[]"),
        ("find([@(a = 1)], true)", "(a as integer)"),
        ("flatten([[[1]]], true)", "integer[]"),
        ("byName('x') ? decimal(5,2)", "decimal(5,2)"),
        ("size([1])", "integer"),
        ("5 ^ 3L", "long"),
        ("minutes(5)", "long"),
        ("hex(unhex('00'))", "string"),
    ],
)
def test_the_type_of(text: str, kind: str) -> None:
    assert type_of(text) == kind


TYPES = [
    "string",
    "decimal(10,2)",
    "string[][]",
    "[string,integer[]]",
    "(a as string, {odd name} as (b as date)[])",
    "timestamp",
    "binary",
]


@pytest.mark.parametrize("text", TYPES)
def test_a_type_is_read_as_it_is_written(text: str) -> None:
    assert str(data_type(text)) == text


def test_duckdb_types() -> None:
    assert [engine_type(text) for text in TYPES] == [
        "VARCHAR",
        "DECIMAL(10, 2)",
        "VARCHAR[][]",
        "MAP(VARCHAR, INTEGER[])",
        'STRUCT("a" VARCHAR, "odd name" STRUCT("b" DATE)[])',
        "TIMESTAMP",
        "BLOB",
    ]


def test_a_type_that_is_none_has_no_duckdb_type() -> None:
    with pytest.raises(MappingDataFlowErrors) as caught:
        engine_type("integr[]")
    assert str(caught.value).startswith("reading the type: 'integr' is no data type (line 1, column 1)")
    with pytest.raises(MappingDataFlowErrors, match="expected the end of the type"):
        engine_type("integer integer")


@pytest.mark.parametrize(
    ("kinds", "common"),
    [
        (["byte", "short"], "short"),
        (["integer", "decimal(5,2)"], "decimal(12,2)"),
        (["decimal(38,2)", "decimal(38,30)"], "decimal(38,6)"),
        (["float", "decimal(5,2)"], "double"),
        (["null", "date"], "date"),
        (["date", "timestamp"], "timestamp"),
        (["integer[]", "long[]"], "long[]"),
        (["[string,integer]", "[string,double]"], "[string,double]"),
        (["(a as integer)", "(a as double)"], "(a as double)"),
        (["(a as integer)", "(b as integer)"], "None"),
        (["(a as integer)", "(a as string)"], "None"),
        (["[string,integer]", "[date,integer]"], "None"),
        (["string", "integer"], "None"),
        (["string[]", "integer[]"], "None"),
        (["boolean", "integer"], "None"),
    ],
)
def test_the_type_that_others_are_widened_to(kinds: list[str], common: str) -> None:
    found = [datatypes.NULL if kind == "null" else data_type(kind) for kind in kinds]
    assert str(common_type(found)) == str(common_type(reversed(found))) == common


def test_a_decimal_without_digits_is_a_whole_number_of_ten() -> None:
    assert str(data_type("decimal")) == "decimal(10,0)"
    assert str(data_type("decimal(5)")) == "decimal(5,0)"


def test_a_problem_causes_no_others() -> None:
    script = "a derive(x = missing + 1, y = [missing], z = upper(missing)) ~> d\nd filter(x > 5 && y[1] == z) ~> f"
    message = script_errors(script + "\nsource(output(i as integer)) ~> a", {"a": {"i": "integer"}})
    assert message.count("has no column 'missing'") == message.count("compiling flow") == 3
