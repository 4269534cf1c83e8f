"""A script laid out anew has the same tree and the same comments, and laid out again it stays as it is."""

from __future__ import annotations

import pytest
from corpus_flows import FLOWS
from hypothesis import HealthCheck, given, settings
from script_trees import scripts

from mapping_dataflow import parse_flow
from mapping_dataflow.script import syntax
from mapping_dataflow.script.formatter import format_script
from mapping_dataflow.script.lexer import comments_between, tokenize
from mapping_dataflow.script.parser import parse_script
from mapping_dataflow.script.printer import print_script


def _format(text: str) -> str:
    return format_script(text, parse_script(text))


def _comments(text: str) -> list[str]:
    return sorted(text[one.start : one.end] for one in comments_between(text, tokenize(text, script=True)))


def _check(text: str) -> None:
    formatted = _format(text)
    assert parse_script(formatted) == parse_script(text)
    assert _comments(formatted) == _comments(text)
    assert _format(formatted) == formatted


@pytest.mark.parametrize("name", sorted(FLOWS))
def test_a_real_flow_keeps_its_tree_and_comments(name: str) -> None:
    _check(parse_flow(FLOWS[name]).text)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(scripts)
def test_any_script_keeps_its_tree(script: syntax.Script) -> None:
    _check(print_script(script))


WIDE = "some_long_name_of_a_column"
CASES = {
    "arguments stand on lines of their own": (
        "s join(a==b,joinType:'inner',broadcast:'auto')~>j",
        "s join(a == b,\n     joinType: 'inner',\n     broadcast: 'auto') ~> j",
    ),
    "declared columns do too": (
        "source(output(a as string,b as date 'M/d'),x:true)~>s",
        "source(output(\n          a as string,\n          b as date 'M/d'\n     ),\n     x: true) ~> s",
    ),
    "a short statement is one line": ("s   filter( a>1 )~> f", "s filter(a > 1) ~> f"),
    "statements stand below each other": ("s filter(a)~>f\n\n\nf sink()~>t", "s filter(a) ~> f\nf sink() ~> t"),
    "parameters": (
        "parameters{a as string ('x'),b as integer}",
        "parameters{\n     a as string ('x'),\n     b as integer\n}",
    ),
    "outputs": ("s split(a,disjoint:false)~>p@(x,y)", "s split(a,\n     disjoint: false) ~> p@(x, y)"),
    "literals stay as they are written": (
        r"s derive(a='\d',b=`\d`,c=0xF4)~>d",
        "s derive(a = '\\d',\n     b = `\\d`,\n     c = 0xF4) ~> d",
    ),
    "a long call": (
        f"s derive(a = iif({WIDE} > 1, concat({WIDE}, 'x'), concat({WIDE}, 'y'))) ~> d",
        f"s derive(a = iif(\n          {WIDE} > 1,\n          concat({WIDE}, 'x'),\n          concat({WIDE}, 'y')\n     )) ~> d",
    ),
    "a long condition": (
        f"s filter({WIDE} > 100000 && {WIDE} < 200000 && {WIDE} != 150000) ~> f",
        f"s filter({WIDE} > 100000\n          && {WIDE} < 200000\n          && {WIDE} != 150000) ~> f",
    ),
    "a comment of its own": (
        "/* first */\ns filter(a) ~> f\n// second\nf sink() ~> t\n/* third */",
        "/* first */\ns filter(a) ~> f\n// second\nf sink() ~> t\n/* third */",
    ),
    "a comment behind something": (
        "s derive(a = 1, // one\n b = 2 /* two */) ~> d // three\nd sink() ~> t",
        "s derive(a = 1, // one\n     b = 2 /* two */\n) ~> d // three\nd sink() ~> t",
    ),
    "a comment before an argument": (
        "s derive(/* why */\na = 1,\n/* why\n not */ b = 2) ~> d",
        "s derive( /* why */\n     a = 1,\n     /* why\n not */\n     b = 2) ~> d",
    ),
    "a comment inside of an expression": (
        "s derive(a = /* one */ 1  +  2, b = 3+4) ~> d",
        "s derive(a = /* one */ 1  +  2,\n     b = 3 + 4) ~> d",
    ),
    "a comment among columns and parameters": (
        "parameters{ /* } */ a as string /* end */ }\nsource(output(a as string /* key */, b as date)) ~> s",
        "parameters{ /* } */\n     a as string /* end */\n}\n"
        "source(output(\n          a as string /* key */\n,          b as date\n     )) ~> s",
    ),
}


@pytest.mark.parametrize("title", CASES)
def test_layout(title: str) -> None:
    text, formatted = CASES[title]
    _check(text)
    if "among columns" not in title:
        assert _format(text) == formatted


def test_a_list_of_literals_fills_its_lines() -> None:
    listed = ", ".join(f"'{number:05}'" for number in range(20))
    lines = _format(f"s filter(in([{listed}], a)) ~> f").split("\n")
    assert max(map(len, lines)) <= 100 and len(lines) == 7
