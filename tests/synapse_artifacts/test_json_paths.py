"""A path leads to one value of a document, or says what was probably meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_artifacts.documents import path_step, tokens_of, walk
from synapse_artifacts.json_paths import JsonPath, JsonPathError

DOCUMENT = {
    "name": "main",
    "properties": {
        "activities": [
            {"name": "copy", "policy": {"timeout": "1:00:00"}},
            {"name": 'say "hi"', "policy": {"timeout": "2:00:00"}},
        ],
        "a.b": {"c/d": 1},
    },
}


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("name", "/name"),
        ("$.name", "/name"),
        (".properties.activities[1].policy.timeout", "/properties/activities/1/policy/timeout"),
        ('properties.activities[?@.name=="copy"].policy', "/properties/activities/0/policy"),
        ("properties.activities[?(@.name == 'copy')].policy", "/properties/activities/0/policy"),
        (r'properties.activities[?@.name=="say \"hi\""].name', "/properties/activities/1/name"),
        ('properties["a.b"]["c/d"]', "/properties/a.b/c~1d"),
        ("$['properties']['a.b']['c/d']", "/properties/a.b/c~1d"),
    ],
)
def test_a_path_leads_to_a_value(path: str, pointer: str) -> None:
    assert JsonPath.parse(path).pointer(DOCUMENT) == pointer


@pytest.mark.parametrize(
    ("path", "cause", "near"),
    [
        ("propertys.activities", "the document has no 'propertys'", ("properties",)),
        ("properties.activities[7]", "properties.activities is a list of 2 without item 7", None),
        (
            'properties.activities[?@.name=="copi"].policy',
            "properties.activities is a list of 2 without item named 'copi'",
            ('properties.activities[?@.name=="copy"]',),
        ),
        ("name.first", "name is 'main', in which nothing is", ("name",)),
        ("properties[0]", "properties has no item 0", ("properties.activities", 'properties["a.b"]')),
    ],
)
def test_a_path_to_nothing_says_what_is_near(path: str, cause: str, near: tuple[str, ...] | None) -> None:
    with pytest.raises(JsonPathError) as caught:
        JsonPath.parse(path).pointer(DOCUMENT)
    assert str(caught.value) == cause
    assert near is None or caught.value.near == near


@pytest.mark.parametrize("text", ["", "$", "a..b", "a[", "a[*]", "a[-1]", "a[?@.x>1]", "..a", "a b"])
def test_what_is_no_path_to_one_value_is_refused(text: str) -> None:
    with pytest.raises(JsonPathError):
        JsonPath.parse(text)


names = st.text("ab.[]\"'\\/~ é$0", min_size=1, max_size=5)
values = st.recursive(st.none(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3))


@given(st.dictionaries(names, values, min_size=1, max_size=3))
def test_the_path_that_a_preview_prints_leads_back(document: dict[str, object]) -> None:
    for pointer, _ in walk(document):
        current: object = document
        text = ""
        for token in tokens_of(pointer):
            step = int(token) if isinstance(current, list) else token
            text += path_step(step)
            current = current[step]  # type: ignore[index]
        if text:
            assert JsonPath.parse(text).pointer(document) == pointer
