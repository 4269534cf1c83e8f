"""Differences of flows are told by meaning: nothing for another layout, every change of what a statement does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from corpus_flows import FLOWS
from dataflow_bench import document_of
from hypothesis import HealthCheck, given, settings
from script_trees import expressions

from mapping_dataflow import Flow, parse_flow
from mapping_dataflow.comparison import differences
from mapping_dataflow.meaning import without_layout
from mapping_dataflow.script import syntax
from mapping_dataflow.script.formatter import format_script
from mapping_dataflow.script.parser import parse_expression
from mapping_dataflow.script.printer import print_expression

BASE = """parameters{p as string ('x')}
source(output(id as integer, name as string), allowSchemaDrift: false) ~> s
s derive(a = (id + 1) * 2, b = upper(name)) ~> d
d filter(a > 5) ~> f
f sink(skipDuplicateMapInputs: true) ~> t"""


def _flow(script: str) -> Flow:
    return parse_flow(document_of(script))


def _changes(old: str, new: str) -> list[str]:
    return [str(change) for change in differences(_flow(old), _flow(new))]


@pytest.mark.parametrize(
    ("was", "now", "changes"),
    [
        ("(id + 1) * 2", "((id+1)*(2))", []),
        ("upper(name)", "upper(  (name) ) /* why */", []),
        ("('x')", '("x")', []),
        ("('x')", "(`x`)", []),
        ("skipDuplicateMapInputs: true", "skipDuplicateMapInputs: (true())", []),
        ("(id + 1) * 2", "id + 1 * 2", ["d: expression changed a: (id + 1) * 2 -> id + 1 * 2"]),
        ("upper(name)", "lower(name)", ["d: expression changed b: upper(name) -> lower(name)"]),
        (
            ", b = upper(name)",
            "",
            [
                "d: expression removed b: upper(name)",
                "d: column dropped b: string",
                "f: column dropped b: string",
                "t: column dropped b: string",
            ],
        ),
        (
            "id as integer",
            "id as long",
            [
                "s: declared column changed output id: integer -> long",
                "s: column retyped id: integer -> long",
                "d: column retyped id: integer -> long",
                "d: column retyped a: integer -> long",
                "f: column retyped id: integer -> long",
                "f: column retyped a: integer -> long",
                "t: column retyped id: integer -> long",
                "t: column retyped a: integer -> long",
            ],
        ),
        ("filter(a > 5)", "filter(a > 6)", ["f: condition changed: a > 5 -> a > 6"]),
        (
            "skipDuplicateMapInputs: true",
            "skipDuplicateMapInputs: false",
            ["t: setting changed skipDuplicateMapInputs: true -> false"],
        ),
        (
            "p as string ('x')",
            "p as string ('y'), q as date",
            ["parameter default p: 'x' -> 'y'", "parameter added q: date"],
        ),
        (
            "p as string ('x')",
            "p as integer",
            ["parameter retyped p: string -> integer", "parameter default p: 'x' -> none"],
        ),
        ("parameters{p as string ('x')}", "", ["parameter removed p: string"]),
        ("f sink(", "d sink(", ["t: inputs: f -> d"]),
        ("s derive(", "s window(", ["d: transformation: derive -> window"]),
        ("~> t", "~> t\nd sink() ~> u", ["u: stream added: sink"]),
        ("f sink(skipDuplicateMapInputs: true) ~> t", "", ["t: stream removed"]),
    ],
)
def test_a_change_is_told(was: str, now: str, changes: list[str]) -> None:
    assert was in BASE
    assert _changes(BASE, BASE.replace(was, now)) == changes


def test_the_order_of_statements_means_nothing() -> None:
    head, *statements = BASE.split("\n")
    assert _changes(BASE, "\n".join([head, *reversed(statements)])) == []


def test_renamed_streams_are_found_through_each_other() -> None:
    renamed = BASE.replace("~> d", "~> derived").replace("d filter", "derived filter").replace("~> f", "~> kept")
    renamed = renamed.replace("f sink", "kept sink")
    assert _changes(BASE, renamed) == ["derived: stream renamed: d -> derived", "kept: stream renamed: f -> kept"]


def test_a_stream_that_is_renamed_and_changed_is_another() -> None:
    changed = BASE.replace("a > 5) ~> f", "a > 6) ~> g").replace("f sink", "g sink")
    assert _changes(BASE, changed) == ["f: stream removed", "g: stream added: filter", "t: inputs: f -> g"]


def test_qualified_columns_and_cached_rows_follow_a_rename() -> None:
    script = (
        "source(output(k as integer)) ~> a\na sink(store: 'cache', format: 'inline', keys: ['k'], output: true) ~> c\n"
    )
    script += "a derive(x = c#lookup(a@k).k) ~> d\nd sink() ~> t"
    renamed = (
        script.replace("~> c", "~> kept")
        .replace("c#", "kept#")
        .replace("~> a", "~> z")
        .replace("a ", "z ")
        .replace("a@", "z@")
    )
    assert [change.split(":")[1] for change in _changes(script, renamed)] == [" stream renamed", " stream renamed"]


def test_what_stands_twice_is_compared_in_order() -> None:
    old = "a split(x > 1, y > 2, disjoint: false) ~> s@(one, two, rest)"
    assert _changes(old, old.replace("y > 2", "y > 3")) == ["s: condition changed (2): y > 2 -> y > 3"]
    assert _changes(old, old.replace("two", "second")) == ["s: outputs: one, two, rest -> one, second, rest"]


def test_another_dataset_is_a_change() -> None:
    flow = _flow(BASE)
    document = document_of(BASE)
    document["properties"]["typeProperties"]["sinks"] = [{"name": "t", "dataset": {"referenceName": "lake"}}]
    assert [str(one) for one in differences(flow, parse_flow(document))] == ["t: dataset: none -> lake"]


@pytest.mark.parametrize("name", sorted(FLOWS))
def test_a_real_flow_laid_out_anew_means_the_same(name: str) -> None:
    flow = parse_flow(FLOWS[name])
    text = format_script(flow.text, flow.script)
    again = parse_flow({**FLOWS[name], "properties": {**FLOWS[name]["properties"], "typeProperties": {"script": text}}})
    same = replace(again, sources=flow.sources, sinks=flow.sinks, transformations=flow.transformations)
    assert differences(flow, same) == ()


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(expressions)
def test_an_expression_without_layout_is_written_as_it_is_meant(expression: syntax.Expression) -> None:
    bare = without_layout(expression)
    assert without_layout(parse_expression(print_expression(bare))) == bare
