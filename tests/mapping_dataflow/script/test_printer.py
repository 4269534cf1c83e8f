"""A printed script has the tree that was printed: random trees, and every flow of the real workspaces."""

from __future__ import annotations

import pytest
from corpus_flows import FLOWS, document_kinds
from hypothesis import HealthCheck, given, settings
from script_trees import expressions, scripts

from mapping_dataflow import MappingDataFlowErrors, parse_flow
from mapping_dataflow.script import syntax
from mapping_dataflow.script.parser import parse_expression, parse_script
from mapping_dataflow.script.printer import print_expression, print_script, print_type

_SETTINGS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@settings(_SETTINGS, max_examples=200)
@given(expressions)
def test_a_printed_expression_has_the_same_tree(expression: syntax.Expression) -> None:
    assert parse_expression(print_expression(expression)) == expression


@settings(_SETTINGS, max_examples=100)
@given(scripts)
def test_a_printed_script_has_the_same_tree(script: syntax.Script) -> None:
    assert parse_script(print_script(script)) == script


@pytest.mark.parametrize("name", sorted(FLOWS))
def test_a_real_flow_is_parsed_and_its_printed_form_has_the_same_tree(name: str) -> None:
    script = parse_flow(FLOWS[name]).script
    printed = print_script(script)
    assert parse_script(printed) == script
    assert print_script(parse_script(printed)) == printed
    assert script.statements


def test_the_corpus_is_as_large_as_it_was() -> None:
    assert len(FLOWS) == 81


def test_documents_of_another_kind_are_refused_by_their_type() -> None:
    found = {}
    for kind, document in document_kinds().items():
        with pytest.raises(MappingDataFlowErrors) as caught:
            parse_flow(document)
        found[kind] = str(caught.value).partition(": ")[2]
    expected = "\n  expected MappingDataFlow or Flowlet"
    assert found == {kind: f"the document's type is {kind!r}{expected}" for kind in found}
    assert found


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a  &&(b||c)", "a && (b || c)"),
        ("{a b}@{c d}", "{a b}@{c d}"),
        ("{true}", "{true}"),
        ("s@o@c", "s@o@c"),
        ("`(\\d+)`", "`(\\d+)`"),
        ('"a {b + "c {d}"} \\{"', '"a {b + "c {d}"} \\{"'),
        ("'it\\'s'", "'it\\'s'"),
        ("['a'->1,'b'->2]", "['a' -> 1, 'b' -> 2]"),
        ("@(a=1,b=c)", "@(a = 1, b = c)"),
        ("byName( 'x' ) ? (a as string,b as integer[])", "byName('x') ? (a as string, b as integer[])"),
        ("cache#lookup(1)[1].x", "cache#lookup(1)[1].x"),
        ("{my cache}#lookup(1).x", "{my cache}#lookup(1).x"),
        ("{null}#outputs()", "{null}#outputs()"),
        ("'abc'<==>'ABC'", "'abc' <=> 'ABC'"),
        ("${a b} + ${c}", "${a b} + $c"),
        ("${a \\} b}", "${a \\} b}"),
        ("1 /* one */ + // two\n 2", "1 + 2"),
        ("{a.{@id}}", "{a.{@id}}"),
        (":{my local} + :x", ":{my local} + :x"),
    ],
)
def test_printed_forms(text: str, printed: str) -> None:
    assert print_expression(parse_expression(text)) == printed


def test_a_script_is_printed_with_an_argument_a_line() -> None:
    text = "parameters{p as string ('x')} source(output(a as decimal(10,2) '#.00'), skipLines: 1) ~> s"
    text += " s,t@u join(s@a==u@b)~> j@(x,y)"
    assert print_script(parse_script(text)) == (
        "parameters{\n"
        "     p as string ('x')\n"
        "}\n"
        "source(output(a as decimal(10,2) '#.00'),\n"
        "     skipLines: 1) ~> s\n"
        "s, t@u join(s@a == u@b) ~> j@(x, y)"
    )


def test_a_local_is_declared_by_its_bare_name() -> None:
    printed = "s derive(x := 1,\n     y = :x) ~> d"
    assert print_script(parse_script("s derive(x:=1, y=:x) ~> d")) == printed
    assert print_script(parse_script("s derive(:x := 1, y = :x) ~> d")) == printed


def test_types_are_printed_as_they_are_written_in_column_lists() -> None:
    field = syntax.StructField("{odd", syntax.MapType(syntax.NamedType("string"), syntax.NamedType("decimal", (5, 2))))
    assert print_type(syntax.ArrayType(syntax.StructType((field,)))) == "({{odd} as [string,decimal(5,2)])[]"


def test_a_node_that_the_printer_does_not_know_is_a_defect() -> None:
    with pytest.raises(TypeError, match="internal-error: no printed form for object"):
        print_expression(object())  # type: ignore[arg-type]
