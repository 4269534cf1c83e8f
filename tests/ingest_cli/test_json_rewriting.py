"""A text gets another value and keeps every character of what stays."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_cli.json_rewriting import equal, rewritten, studio_text

STUDIO = """{
\t"name": "main",
\t"properties": {
\t\t"activities": [
\t\t\t{
\t\t\t\t"name": "copy",
\t\t\t\t"limit": 1e3,
\t\t\t\t"policy": {}
\t\t\t},
\t\t\t{
\t\t\t\t"name": "rest"
\t\t\t}
\t\t],
\t\t"annotations": [],
\t\t"folder": {"name": "a\\u00e9"}
\t}
}"""
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "a", "b/c", "d~e"]), inner),
    max_leaves=12,
)


def test_the_same_value_is_the_same_text() -> None:
    assert rewritten(STUDIO, json.loads(STUDIO)) == STUDIO


def test_only_the_lines_that_change_are_written() -> None:
    value = json.loads(STUDIO)
    first, rest = value["properties"]["activities"]
    first["policy"] = {"timeout": "1.00:00:00"}
    value["properties"]["activities"] = [{"name": "new", "dependsOn": []}, rest, first]
    value["properties"]["annotations"] = ["daily"]
    value["properties"]["folder"]["name"] = "ü"
    assert rewritten(STUDIO, value) == (
        """{
\t"name": "main",
\t"properties": {
\t\t"activities": [
\t\t\t{
\t\t\t\t"name": "new",
\t\t\t\t"dependsOn": []
\t\t\t},
\t\t\t{
\t\t\t\t"name": "rest"
\t\t\t},
\t\t\t{
\t\t\t\t"name": "copy",
\t\t\t\t"limit": 1e3,
\t\t\t\t"policy": {
\t\t\t\t\t"timeout": "1.00:00:00"
\t\t\t\t}
\t\t\t}
\t\t],
\t\t"annotations": [
\t\t\t"daily"
\t\t],
\t\t"folder": {"name": "\\u00fc"}
\t}
}"""
    )


@pytest.mark.parametrize("indent", ["\t", "    ", "  ", None])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_indentation_and_ends_of_lines_stay(indent: str | None, newline: str) -> None:
    old, new = {"a": {"b": [1]}, "z": 0}, {"a": {"b": [1, {"c": 2}], "d": 3}, "z": 0}
    text = json.dumps(old, indent=indent).replace("\n", newline) + newline
    assert rewritten(text, new) == json.dumps(new, indent=indent).replace("\n", newline) + newline


@given(values, values)
def test_the_text_holds_the_value_and_looks_as_studio_writes_it(old: Any, new: Any) -> None:
    document = {"properties": new}
    text = rewritten(studio_text({"properties": old}), document)
    assert equal(json.loads(text), document)
    assert text == studio_text(json.loads(text))
