"""The expression language, by fixture files of expressions with their values and their errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_runtime.definition import Reader
from pipeline_runtime.expressions.errors import ExpressionError
from pipeline_runtime.expressions.evaluator import Scope, constant, evaluate, evaluate_text
from pipeline_runtime.expressions.functions.catalogue import CATALOGUE
from pipeline_runtime.expressions.parser import parse_expression
from pipeline_runtime.expressions.syntax import Access, Call, Literal
from pipeline_runtime.ports import RunIdentity
from pipeline_runtime.run_state import Results, Variables, pipeline_reference

EMPTY_XML = {"$content-type": "application/xml;charset=utf-8", "$content": ""}
"""Of an object without properties, and of one whose root is an array without items."""
FIXTURES = Path(__file__).parent.parent / "fixtures" / "pipeline_expressions"


class _Surroundings:
    def now(self) -> datetime:
        return datetime(2018, 4, 15, 13, tzinfo=UTC)

    def new_guid(self) -> str:
        return "c2ecc88d-88c8-4096-912c-d6f2e2b138ce"

    def random_integer(self, low: int, high: int) -> int:
        return low


@pytest.fixture
def scope() -> Scope:
    """The names that the fixture files promise in their heads."""
    document = {"properties": {"activities": [], "variables": {"list": {"type": "Array", "defaultValue": ["a", "b"]}}}}
    variables = Variables(Reader().pipeline("p", document))
    results = Results()
    results.keep("Get it", {"output": {"firstRow": {"N": 3}, "value": [{"k": 1}, {"k": 2}]}})
    parameters = {
        "myNumber": 42,
        "myString": "foo",
        "flag": True,
        "missing": None,
        "when": "2020-02-29T00:00:00Z",
    }
    run = RunIdentity("ws", "p", "11111111-1111-1111-1111-111111111111", "g")
    return Scope(
        _Surroundings(),
        {
            "pipeline": pipeline_reference(run, parameters),
            "variables": variables.get,
            "item": constant("item", {"name": "x.csv", "sizes": [1, 2, 3]}),
            "activity": results.reference,
        },
    )


def _lines(name: str) -> list[tuple[str, str]]:
    return list(_each_line(name))


def _each_line(name: str) -> Iterator[tuple[str, str]]:
    for line in (FIXTURES / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            left, _, right = line.rpartition(" => ")
            yield left, right


@pytest.mark.parametrize(("expression", "expected"), _lines("values.txt"))
def test_an_expression_has_the_documented_value(expression: str, expected: str, scope: Scope) -> None:
    value = evaluate_text(expression, scope)
    assert value == json.loads(expected)
    assert type(value) is type(json.loads(expected))


@pytest.mark.parametrize(("expression", "expected"), _lines("errors.txt"))
def test_a_wrong_expression_names_its_cause_and_place(expression: str, expected: str, scope: Scope) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate_text(expression, scope)
    assert str(caught.value) == expected


def test_every_function_of_the_language_occurs_in_the_fixture_of_values() -> None:
    text = (FIXTURES / "values.txt").read_text().lower() + (FIXTURES / "errors.txt").read_text().lower()
    assert [name for name in CATALOGUE if f"{name}(" not in text] == []


def test_expressions_are_found_at_any_depth_of_a_json_value(scope: Scope) -> None:
    value: Any = {
        "a": ["@item().name", 1, None],
        "b": {"value": "@add(1, 1)", "type": "Expression"},
        "c": {"type": "SecureString", "value": "plain"},
    }
    assert evaluate(value, scope) == {
        "a": ["x.csv", 1, None],
        "b": 2,
        "c": {"type": "SecureString", "value": "plain"},
    }


def test_a_bare_expression_parses_to_a_tree_with_positions() -> None:
    assert parse_expression("f('a').b") == Access(
        Call("f", (Literal("a", 2),), 0), Literal("b", 7), optional=False, position=6, is_dotted=True
    )


def test_an_error_inside_an_interpolation_counts_in_the_whole_string(scope: Scope) -> None:
    with pytest.raises(ExpressionError, match=r"2 argument\(s\), found 1 \(character 5 of 'a=@\{add\(1\)\}; b=1'\)"):
        evaluate_text("a=@{add(1)}; b=1", scope)


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=4)
"""Without characters that XML can write but not read."""


@given(
    st.dictionaries(
        TEXT,
        st.recursive(
            st.none() | st.booleans() | st.floats() | TEXT,
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["a", "@a", "p:a", "#text", "?b", "é "]), inner, max_size=3)
            ),
        ),
        min_size=1,
        max_size=1,
    )
)
def test_what_becomes_xml_can_be_read_again_and_is_selected_whole(document: dict[str, Any]) -> None:
    scope = Scope(_Surroundings(), {"item": constant("item", document)})
    try:
        made = evaluate_text("@xml(item())", scope)
    except ExpressionError:
        return
    if made == EMPTY_XML:
        return
    selected = evaluate_text("@xpath(item(), '/*')", scope.with_reference("item", constant("item", made)))
    assert isinstance(selected, list)
    assert len(selected) == 1


def test_xml_is_as_deep_as_paths_can_select(scope: Scope) -> None:
    deepest = "<a>" * 256 + "</a>" * 256
    assert evaluate_text(f"@xpath(xml('{deepest}'), 'count(//a)')", scope) == 256.0
    with pytest.raises(ExpressionError, match="more than 256 elements stand within each other"):
        evaluate_text(f"@xml('<b>{deepest}</b>')", scope)
