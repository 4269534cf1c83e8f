"""Flowlets are put into flows by compose, as often as wanted, and can be compiled alone."""

from __future__ import annotations

import pytest
from dataflow_bench import Table, document_of, run_flow, run_script, script_errors

from mapping_dataflow import SourceSchema, compile_flow, required_values

PEOPLE = Table(
    {"id": "integer", "Name": "string", "pay": "string"}, [(1, "Ann", "10"), (2, "Bob", "x"), (3, None, "7")]
)
HEAD = "source(output(id as integer, Name as string, pay as string), allowSchemaDrift: false) ~> people\n"
RICH = """
parameters{ least as integer (8) }
rich output() ~> result
input(output(who as string, amount as integer), order: 0, allowSchemaDrift: %s) ~> people
people filter(amount > $least) ~> rich
people derive(origin = 'poor') ~> marked
marked output(mapColumn(who, origin)) ~> all
"""


def _rows(script: str, flowlet: str, sink: str = "out") -> tuple[list[str], list[tuple[object, ...]]]:
    found = run_script(HEAD + script, {"people": PEOPLE}, flowlets={"f": flowlet})[sink]
    return list(found.columns), sorted(found.rows, key=repr)


def test_columns_are_mapped_to_the_declared_ones_and_converted() -> None:
    columns, rows = _rows(
        "people compose(mapColumn(who = Name, amount = pay), composition: 'f') ~> c@(result)\nc@result sink() ~> out",
        RICH % "false",
    )
    assert (columns, rows) == (["who", "amount"], [("Ann", 10)])


def test_with_drift_other_columns_go_through() -> None:
    columns, rows = _rows(
        "people compose(mapColumn(who = Name, amount = pay), composition: 'f') ~> c@(result)\nc@result sink() ~> out",
        RICH % "true",
    )
    assert (columns, rows) == (["who", "amount", "id"], [("Ann", 10, 1)])


def test_a_column_that_is_not_mapped_is_taken_by_name_or_null() -> None:
    flowlet = "input(output(id as long, other as string)) ~> in\nin output() ~> result"
    columns, rows = _rows(
        "people compose(mapColumn(other = {}), composition: 'f') ~> c@(result)\nc@result sink() ~> out", flowlet
    )
    assert (columns, rows) == (["id", "other"], [(1, None), (2, None), (3, None)])


def test_a_flowlet_has_several_outputs_and_parameters() -> None:
    script = """
people compose(mapColumn(who = Name, amount = pay), composition: 'f', least: 6) ~> c@(result, all)
c@result sink(mapColumn(who)) ~> out
c@all sink() ~> outAll
"""
    assert _rows(script, RICH % "false")[1] == [("Ann",), (None,)]
    assert _rows(script, RICH % "false", "outAll")[1] == [("Ann", "poor"), ("Bob", "poor"), (None, "poor")]


def test_parameters_are_mapped_as_studio_writes_them() -> None:
    script = """
people compose(mapParameter(least = 6), mapColumn(who = Name, amount = pay), composition: 'f') ~> c@(result, all)
c@result sink(mapColumn(who)) ~> out
c@all sink() ~> outAll
"""
    assert _rows(script, RICH % "false")[1] == [("Ann",), (None,)]


@pytest.mark.parametrize(
    ("mapped", "refusal"),
    [
        ("most = 6", "the flowlet 'f' declares no parameter 'most' (line 2, column 36)"),
        ("least = 6", "the parameter 'least' is given twice (line 2, column 29)"),
        ("6", "the value of a parameter has another form (line 2, column 29)"),
    ],
)
def test_a_parameter_that_a_flowlet_does_not_take_is_refused_where_it_is_mapped(mapped: str, refusal: str) -> None:
    given = f"people compose(mapParameter({mapped}), composition: 'f', least: 1) ~> c@(result)\n"
    script = HEAD + given + "c@result sink() ~> out"
    message = script_errors(script, {"people": PEOPLE.columns}, flowlets={"f": RICH % "false"})
    assert message.startswith(f"compiling flow 'flow': {refusal}")


def test_a_parameter_that_is_given_another_type_is_refused_where_it_is_mapped() -> None:
    given = "people compose(mapParameter(least = 'many'), composition: 'f') ~> c@(result)\n"
    script = HEAD + given + "c@result sink() ~> out"
    message = script_errors(script, {"people": PEOPLE.columns}, flowlets={"f": RICH % "false"})
    assert message.startswith(
        "compiling flow 'flow': the value of the parameter 'least' is no integer (line 2, column 37)"
    )


def test_a_flowlet_joins_several_streams_in_their_order() -> None:
    flowlet = """
input(output(r as integer), order: 1) ~> right
input(output(l as integer), order: 0) ~> left
left, right join(l == r, joinType: 'inner') ~> both
both output() ~> result
"""
    script = """
people filter(id > 1) ~> some
people, some compose(mapColumn(l = id), mapColumn(r = id), composition: 'f') ~> c@(result)
c@result sink() ~> out
"""
    assert _rows(script, flowlet) == (["l", "r"], [(2, 2), (3, 3)])


def test_a_flowlet_in_a_flowlet_and_twice_in_a_flow_keeps_its_own_names() -> None:
    inner = "input(output(n as integer)) ~> people\npeople derive(n = n * 10) ~> more\nmore output() ~> result"
    outer = """
input(output(n as integer)) ~> people
people compose(mapColumn(n), composition: 'inner') ~> more@(result)
more@result output() ~> result
"""
    script = """
people compose(mapColumn(n = id), composition: 'outer') ~> once@(result)
once@result compose(mapColumn(n), composition: 'outer') ~> twice@(result)
twice@result sink() ~> out
"""
    found = run_script(HEAD + script, {"people": PEOPLE}, flowlets={"inner": inner, "outer": outer})
    assert sorted(found["out"].rows) == [(100,), (200,), (300,)]


def test_the_source_of_a_flowlet_is_called_after_the_statement() -> None:
    flowlet = "source(output(id as integer), allowSchemaDrift: false) ~> data\ndata output() ~> result"
    script = "compose(composition: 'f') ~> c@(result)\nc@result sink() ~> out"
    found = run_script(script, {"c/data": Table({"id": "integer"}, [(1,)])}, flowlets={"f": flowlet})
    assert found["out"].rows == [(1,)]


def test_a_flowlet_alone_has_its_inputs_as_sources_and_its_outputs_as_sinks() -> None:
    document = document_of(RICH % "false", "f", "Flowlet")
    table = Table({"who": "string", "amount": "integer"}, [("Ann", 10), ("Bob", 1)])
    flow = compile_flow(document, {"people": SourceSchema(table.columns)})
    found = run_flow(flow, {"people": table})
    assert found["result"].rows == [("Ann", 10)]
    assert sorted(found["all"].rows) == [("Ann", "poor"), ("Bob", "poor")]


PIVOTING = """
input(output(who as string, kind as string, amount as integer), order: 0) ~> in
in pivot(groupBy(who), pivotBy(kind), {} = sum(amount)) ~> wide
wide derive(all = 'x') ~> more
more output() ~> out
"""


def test_the_values_of_a_pivot_in_a_flowlet_are_asked_for() -> None:
    script = """
people compose(mapColumn(who = pay, kind = Name, amount = id), composition: 'f') ~> c@(out)
people pivot(groupBy(id), pivotBy(pay), {n_} = count(1)) ~> plain
c@out pivot(groupBy(all), pivotBy(who), {} = count(1)) ~> again
c@out sink() ~> out
plain sink() ~> outPlain
again sink() ~> outAgain
"""
    document, given = document_of(HEAD + script), {"f": document_of(PIVOTING, "f", "Flowlet")}
    sources = {"people": SourceSchema(PEOPLE.columns)}
    values: dict[str, list[object]] = {}
    asked = [one.stream for one in required_values(document, sources, flowlets=given, values=values)]
    values |= {"c/wide": [None, "Ann", "Bob"], "plain": ["10", "7", "x"]}
    asked_then = [one.stream for one in required_values(document, sources, flowlets=given, values=values)]
    values |= {"again": ["10", "7", "x"]}
    assert (asked, asked_then) == (["c/wide", "plain"], ["again"])
    assert required_values(document, sources, flowlets=given, values=values) == ()
    found = run_flow(compile_flow(document, sources, flowlets=given, values=values), {"people": PEOPLE})
    assert list(found["out"].columns) == ["who", "null", "Ann", "Bob", "all"]
    assert sorted(found["out"].rows, key=repr) == [
        ("10", None, 1, None, "x"),
        ("7", 3, None, None, "x"),
        ("x", None, None, 2, "x"),
    ]
    assert found["outAgain"].rows == [("x", 1, 1, 1)]


def test_a_flowlet_that_was_not_given_is_named() -> None:
    message = script_errors(
        HEAD + "people compose(composition: 'g') ~> c@(result)",
        {"people": PEOPLE.columns},
        flowlets={"f": RICH % "true"},
    )
    assert "the flowlet 'g' is not among the documents that were given (line 2, column 1)" in message
    assert "expected one of f" in message


def test_a_problem_inside_a_flowlet_stands_in_its_own_script() -> None:
    flowlet = "input(output(id as integer)) ~> in\nin filter(idd > 1) ~> some\nsome output() ~> result"
    message = script_errors(
        HEAD + "people compose(composition: 'f') ~> c@(result)", {"people": PEOPLE.columns}, flowlets={"f": flowlet}
    )
    assert "compiling flow 'f': the input has no column 'idd' (line 2, column 11)" in message


def test_a_flowlet_that_is_part_of_itself_is_refused() -> None:
    flowlet = (
        "input(output(id as integer)) ~> in\nin compose(composition: 'f') ~> c@(result)\nc@result output() ~> result"
    )
    message = script_errors(
        HEAD + "people compose(composition: 'f') ~> c@(result)", {"people": PEOPLE.columns}, flowlets={"f": flowlet}
    )
    assert "the flowlet 'f' is part of itself" in message


def test_an_output_that_the_flowlet_lacks_is_named() -> None:
    message = script_errors(
        HEAD + "people compose(composition: 'f') ~> c@(nothing)",
        {"people": PEOPLE.columns},
        flowlets={"f": RICH % "true"},
    )
    assert "the flowlet 'f' has no output 'nothing'" in message
