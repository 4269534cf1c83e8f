"""A script laid out anew has the same tree and the same comments, and laid out again it stays as it is."""

from __future__ import annotations

import pytest
from corpus_flows import FLOWS
from dataflow_bench import FIXTURES
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


def _pairs() -> dict[str, tuple[str, str]]:
    """Title -> (script, its layout): blocks of ``-- title``, the script, ``=>`` and the layout."""
    blocks = ("\n" + (FIXTURES / "layout.txt").read_text(encoding="utf-8")).split("\n-- ")[1:]
    found = {}
    for block in blocks:
        title, _, rest = block.partition("\n")
        text, _, layout = rest.partition("\n=>\n")
        found[title] = (text, layout.strip("\n"))
    return found


LAYOUTS = _pairs()


@pytest.mark.parametrize("title", LAYOUTS)
def test_layout(title: str) -> None:
    text, formatted = LAYOUTS[title]
    _check(text)
    assert _format(text) == formatted


def test_a_list_of_literals_fills_its_lines() -> None:
    listed = ", ".join(f"'{number:05}'" for number in range(20))
    lines = _format(f"s filter(in([{listed}], a)) ~> f").split("\n")
    assert max(map(len, lines)) <= 100 and len(lines) == 8
