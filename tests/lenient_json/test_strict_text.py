"""Deviating JSON, deviation by deviation."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenient_json import DEVIATIONS, TRAILING_COMMAS, strict_json

ALL = (*DEVIATIONS, TRAILING_COMMAS)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@pytest.mark.parametrize(
    ("deviation", "text", "value"),
    [
        ("singleQuoted", """{'it\\'s': '"'}""", {"it's": '"'}),
        ("unquotedColumnNames", "{a: {b$: 1}}", {"a": {"b$": 1}}),
        ("asComments", '/* a */ [1, // one\n "//"]', [1, "//"]),
        ("backslashEscape", r'"\q\n"', "q\n"),
        (TRAILING_COMMAS, '[1, {"a": ",]",  }, ]', [1, {"a": ",]"}]),
    ],
)
def test_a_deviation_is_taken_where_it_is_named_and_nowhere_else(deviation: str, text: str, value: object) -> None:
    assert json.loads(strict_json(text, [deviation])) == value
    with pytest.raises(ValueError):
        json.loads(strict_json(text, [each for each in ALL if each != deviation]))


@pytest.mark.parametrize("text", ["[1,,2]", "[,]", "{,}", "{a b: 1}", "[1 2]", "'a", "undefined", '{"a": 1}x'])
def test_what_no_deviation_allows_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        json.loads(strict_json(text, ALL))


@given(VALUES)
def test_strict_json_stays_what_it_means(value: object) -> None:
    assert json.loads(strict_json(json.dumps(value), ALL)) == value
