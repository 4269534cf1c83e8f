"""Values of parameters: given, by default, of every type, and secret ones, which stay out of the SQL."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

import pytest
from dataflow_bench import Table, compile_script, run_script, script_errors
from engines_bench import ENGINES, RUN_SCRIPT

from mapping_dataflow import MappingDataFlowErrors, evaluate_constant, parameter_value

FLOW = "parameters{{p as {0}}}\nsource(output(x as integer)) ~> a\na derive(p = $p) ~> d\nd sink(mapColumn(p)) ~> out"
ONE_ROW = {"a": Table({"x": "integer"}, [(1,)])}


def _value(kind: str, **parameters: object) -> object:
    return run_script(FLOW.format(kind), ONE_ROW, parameters)["out"].rows[0][0]


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("string", "it's", "it's"),
        ("integer", 5, 5),
        ("integer", "5", 5),
        ("long", 1 << 40, 1 << 40),
        ("double", 2, 2.0),
        ("boolean", True, True),
        ("boolean", "no", False),
        ("decimal(5,2)", Decimal("1.5"), Decimal("1.50")),
        ("date", "2020-01-02", date(2020, 1, 2)),
        ("date", date(2020, 1, 2), date(2020, 1, 2)),
        ("timestamp", "2020-01-02 03:04:05", datetime.fromisoformat("2020-01-02 03:04:05")),
        ("string[]", ["a", "b"], ["a", "b"]),
        ("integer[]", ["1", 2], [1, 2]),
        ("[string,integer]", {"a": 1}, {"a": 1}),
        ("(a as string, b as integer)", {"b": 1}, {"a": None, "b": 1}),
        ("string", None, None),
    ],
)
def test_a_given_value_has_the_declared_type(kind: str, given: object, value: object) -> None:
    assert _value(kind, p=given) == value


@pytest.mark.parametrize(
    ("default", "value"),
    [
        ("string ('a' + \"b {1 + 1}\")", "ab 2"),
        ("integer (toInteger('7') * 2)", 14),
        ("string[] (['a', 'b'])", ["a", "b"]),
        ("boolean (false())", False),
        ("timestamp (toTimestamp('2020-01-02 03:04:05.678'))", datetime.fromisoformat("2020-01-02 03:04:05.678")),
        ("double (1)", 1.0),
        ("integer (year(currentUTC()) - year(currentDate()))", 0),
    ],
)
def test_a_default_is_an_expression(default: str, value: object) -> None:
    assert _value(default) == value


def test_a_default_may_use_the_parameters_before_it() -> None:
    script = FLOW.format("integer (3), q as integer ($p + 1)").replace("p = $p", "p = $q")
    assert run_script(script, ONE_ROW, {"p": 10})["out"].rows == [(11,)]


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("integer", "five", ""),
        ("date", "yesterday", "\n  expected it as in toDate('2024-01-31')"),
        ("string", object(), ""),
    ],
)
def test_a_value_of_another_type_is_refused_without_being_shown(kind: str, given: object, expected: str) -> None:
    assert script_errors(FLOW.format(kind), {"a": {"x": "integer"}}, {"p": given}) == (
        f"compiling flow 'flow': the value given for parameter 'p' is no {kind} (line 1, column 12)\n"
        f"  1 | parameters{{p as {kind}}}\n"
        f"    |            {'^' * len(f'p as {kind}')}" + expected
    )


def test_a_value_for_an_unknown_parameter_is_refused() -> None:
    message = script_errors(FLOW.format("string"), {"a": {"x": "integer"}}, {"p": "x", "q": 1})
    assert "the flow declares no parameter 'q'" in message
    assert "expected one of p" in message


def test_a_secret_is_bound_and_stands_nowhere_in_the_sql() -> None:
    flow = compile_script(FLOW.format("string"), {"a": {"x": "integer"}}, {"p": "sesame"}, frozenset({"p"}))
    (sink,) = flow.sinks
    assert sink.bindings == {"p": "sesame"}
    assert "$p" in sink.sql
    assert "sesame" not in sink.sql + flow.explain() + repr(flow)


def test_a_secret_that_is_not_used_is_not_bound() -> None:
    script = FLOW.format("string").replace("p = $p", "p = x")
    flow = compile_script(script, {"a": {"x": "integer"}}, {"p": "sesame"}, frozenset({"p"}))
    assert flow.sinks[0].bindings == {}


def test_a_secret_is_no_constant() -> None:
    script = FLOW.format("string").replace("p = $p", "p = hour(currentTimestamp(), $p)")
    with pytest.raises(MappingDataFlowErrors, match="is not a constant: it depends on a secret parameter"):
        compile_script(script, {"a": {"x": "integer"}}, {"p": "sesame"}, frozenset({"p"}))


def test_a_secret_needs_a_constant_value() -> None:
    script = FLOW.format("date (currentDate())")
    with pytest.raises(MappingDataFlowErrors, match="the secret parameter 'p' has no constant value"):
        compile_script(script, {"a": {"x": "integer"}}, {}, frozenset({"p"}))


def test_two_parameters_of_a_name_and_a_default_of_another_type_are_refused() -> None:
    script = FLOW.format("string ('a'),\n p as string ('b'),\n q as integer ('x'),\n r as date ('')")
    message = script_errors(script, {"a": {"x": "integer"}})
    assert "two parameters are called 'p' (line 2, column 2)" in message
    assert "the default of parameter 'q' is no integer (line 3, column 2)" in message
    assert message.count("compiling flow") == 2


GIVEN = """parameters{
    keys as string, key as string, limit as integer (2), moment as timestamp, doubled as integer ($limit * 2)
}
source(output(id as integer, id_old as string)) ~> a
a filter(id < $doubled) ~> f
f derive(k = $key, late = $moment > toTimestamp('2020-01-01 00:00:00')) ~> d
d sink() ~> out"""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_pipeline_gives_expressions_of_columns_other_parameters_and_the_clock(engine: str) -> None:
    given = {
        "key": parameter_value("toString(byName(concat($keys, '_old'))) + toString(id)"),
        "keys": parameter_value("'i' + 'd'"),
        "moment": parameter_value("currentTimestamp()"),
        "limit": parameter_value("length($keys)"),
    }
    assert given["keys"] == "id"
    rows = Table({"id": "integer", "id_old": "string"}, [(3, "x"), (4, "y")])
    found = RUN_SCRIPT[engine](GIVEN, {"a": rows}, given)
    assert list(found["out"].rows) == [(3, "x", "x3", True)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"key": "gone"}, "in the expression of parameter 'key': the input has no column 'gone'"),
        ({"key": "$limit", "limit": "length($key)"}, "the parameters key -> limit -> key refer to each other"),
        ({"key": "random()"}, "the expression of parameter 'key' is not a constant"),
        ({"key": "$nothing"}, "the flow has no parameter 'nothing'"),
    ],
)
def test_what_a_pipeline_gives_and_nobody_can_evaluate_is_named(given: dict[str, str], message: str) -> None:
    others = {"keys": "'id'", "moment": "currentTimestamp()"}
    values = {name: parameter_value(text) for name, text in {**others, **given}.items()}
    with pytest.raises(MappingDataFlowErrors, match=re.escape(message)):
        compile_script(GIVEN, {"a": {"id": "integer", "id_old": "string"}}, values)


def test_a_secret_expression_of_columns_is_refused() -> None:
    value = parameter_value("'sesame' + x")
    with pytest.raises(MappingDataFlowErrors) as caught:
        compile_script(FLOW.format("string"), {"a": {"x": "integer"}}, {"p": value}, frozenset({"p"}))
    assert "the secret parameter 'p' has no constant value" in str(caught.value)
    assert "sesame" not in str(caught.value)


def test_constants_of_pipelines_are_expressions() -> None:
    assert evaluate_constant("'a' + 'b'") == "ab"
    assert evaluate_constant("['a', 'b']") == ["a", "b"]
    assert evaluate_constant("@(a = 1)") == {"a": 1}
    assert evaluate_constant("null()") is None


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("missing", "the input has no column 'missing'"),
        ("uuid()", "it is not a constant: uuid() is not folded at compile time"),
        ("1 +", "the text ends too early"),
    ],
)
def test_what_is_no_constant_is_refused(text: str, cause: str) -> None:
    with pytest.raises(MappingDataFlowErrors) as caught:
        evaluate_constant(text)
    assert cause in str(caught.value)
