"""Places of values in JSON text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_artifacts.documents import walk
from synapse_artifacts.positions import Position, RepeatedKeysError, parse, places_of

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def test_values_are_found_by_line_and_column() -> None:
    places = places_of('{\n\t"name": "a",\n\t"list": [1, {"x": null}]\n}')
    assert places.positions[""] == Position(1, 1)
    assert places.positions["/name"] == Position(2, 10)
    assert places.positions["/list/1/x"] == Position(3, 20)


def test_a_value_that_is_not_there_is_placed_at_the_nearest_around_it() -> None:
    places = places_of('{"a": {"b": 1}}')
    assert places.find("/a/c/d") == places.positions["/a"]
    assert places.find("/z") == Position(1, 1)


def test_a_value_is_found_whatever_the_case_of_the_keys_above_it() -> None:
    places = places_of('{"Type": {\n"Value": "@a(", "a": 1,\n"A": 2}}')
    assert places.find("/type/value") == Position(2, 10)
    assert places.find_character("/type/value", 2) == Position(2, 13)
    assert (places.find("/Type/a"), places.find("/type/A")) == (Position(2, 22), Position(2, 22))
    assert places.find("/Type/A") == Position(3, 6)


def test_keys_with_slashes_and_escapes_have_pointers() -> None:
    assert set(places_of('{"a/b": 1, "c~d": 2, "q\\"\\u0041": 3}').positions) == {
        "",
        "/a~1b",
        "/c~0d",
        '/q"A',
    }


def test_every_repeated_key_is_found() -> None:
    text = '{"a": 1,\n "b": {"c": 1, "c": 2},\n "a": 3}'
    with pytest.raises(RepeatedKeysError, match="a key stands twice in an object"):
        parse(text)
    found = [(each.pointer, each.position) for each in places_of(text).repeated]
    assert found == [("/b/c", Position(2, 16)), ("/a", Position(3, 2))]


@given(_JSON, st.sampled_from([None, 2, "\t"]))
def test_every_value_of_any_json_has_a_place(value: object, indent: int | str | None) -> None:
    text = json.dumps(value, indent=indent)
    assert set(places_of(text).positions) == {pointer for pointer, _ in walk(value)}


@given(st.text(min_size=1), st.booleans())
def test_every_character_of_a_text_has_a_place(value: str, ascii_only: bool) -> None:
    text = json.dumps({"a": [value, value]}, ensure_ascii=ascii_only)
    if value.encode("utf-8", "surrogatepass").decode("utf-8", "replace") != value:
        return  # halves of characters are no text
    places = places_of(text)
    for index in range(len(value)):
        position = places.find_character("/a/0", index)
        assert position is not None
        before = text[text.index("[") + 2 : position.column - 1]
        assert json.loads(f'"{before}"') == value[:index]


def test_a_character_of_what_is_no_text_is_the_value_itself() -> None:
    assert places_of('{"a": 12}').find_character("/a", 1) == Position(1, 7)
    assert places_of('{"a": 12}').find_character("/b/c", 1) == Position(1, 1)
