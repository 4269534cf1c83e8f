"""Documents as one text: nothing is lost, and whatever else is given is refused."""

import base64
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_artifacts.packed import PackedError, pack, unpack

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_what_is_packed_is_unpacked_with_its_keys_in_order(documents: dict[str, Any]) -> None:
    found = unpack(pack(documents))
    assert found == documents
    assert json.dumps([found[key] for key in sorted(documents)]) == json.dumps(
        [documents[key] for key in sorted(documents)]
    )


def test_the_order_of_the_ids_makes_no_difference() -> None:
    one, other = {"name": "a"}, {"name": "b"}
    assert pack({"pipeline/a": one, "pipeline/b": other}) == pack({"pipeline/b": other, "pipeline/a": one})


def test_what_did_not_change_is_the_same_object_in_the_next_text() -> None:
    before = unpack(pack({"pipeline/a": {"x": [1]}, "pipeline/b": {"x": 1}, "pipeline/c": {"x": 1, "y": 2}}))
    after = unpack(pack({"pipeline/a": {"x": [1]}, "pipeline/b": {"x": True}, "pipeline/c": {"y": 2, "x": 1}}))
    assert after["pipeline/a"] is before["pipeline/a"]
    assert json.dumps([after["pipeline/b"], after["pipeline/c"]]) == '[{"x": true}, {"y": 2, "x": 1}]'


def test_texts_of_earlier_versions_have_one_line() -> None:
    documents = {"pipeline/a": {"text": ",\n"}, "pipeline/b": {}}
    assert unpack(packed(json.dumps(documents).encode())) == documents


def packed(content: bytes) -> str:
    return "zlib;base64," + base64.b64encode(zlib.compress(content)).decode()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it does not begin with 'zlib;base64,'"),
        ("{}", "it does not begin with 'zlib;base64,'"),
        ("zlib;base64,é", "it cannot be unpacked"),
        ("zlib;base64,AAAA", "it cannot be unpacked"),
        (packed(b"[]"), "it holds no object of documents by artifact id"),
        (packed(b"{"), "it cannot be unpacked"),
        (packed(b"\xff"), "it cannot be unpacked"),
        (packed(b'{\n"pipeline/a":{"x":\n}'), "it cannot be unpacked"),
        (packed(b"{\n1:{}\n}"), "a line begins with no artifact id: 1:{}"),
        (packed(b'{\n"pipeline/a"\n}'), "a line begins with no artifact id"),
        (packed(b'{"a": "' + b"x" * 1000 + b'"}')[:-12], "it "),
    ],
)
def test_other_texts_are_refused(text: str, reason: str) -> None:
    with pytest.raises(PackedError, match=reason):
        unpack(text)
