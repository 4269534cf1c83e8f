"""The engine's signatures as Python values, both ways."""

import re

import pytest

from provider_wire.values import UNKNOWN, Secret, UnsupportedValue, contains_unknown, decode, encode, reveal

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


def test_a_secret_is_unwrapped_or_kept_as_asked() -> None:
    wire = {"a": [{SIGNATURE: SECRET, "value": {"b": 1.0}}]}
    assert decode(wire) == {"a": [{"b": 1}]}
    assert decode(wire, keep_secrets=True) == {"a": [Secret({"b": 1})]}
    assert encode({"a": [Secret({"b": 1})]}) == {"a": [{SIGNATURE: SECRET, "value": {"b": 1}}]}


def test_a_secret_never_shows_its_value() -> None:
    assert "hunter2" not in f"{Secret('hunter2')!r} {Secret('hunter2')}"
    assert reveal({"a": [Secret("hunter2")], "b": 1}) == {"a": ["hunter2"], "b": 1}


@pytest.mark.parametrize("text", ["1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"])
def test_unknown_values_of_every_type_become_one(text: str) -> None:
    assert decode({"a": text}) == {"a": UNKNOWN}


def test_an_output_is_its_value_or_unknown() -> None:
    assert decode({SIGNATURE: OUTPUT, "value": "x", "dependencies": []}) == "x"
    assert decode({SIGNATURE: OUTPUT}) == UNKNOWN
    assert decode({SIGNATURE: OUTPUT, "value": "x", "secret": True}, keep_secrets=True) == Secret("x")


@pytest.mark.parametrize(
    ("signature", "name"),
    [
        ("0def7320c3a5731c473e5ecbe6d01bc7", "archive"),
        ("5cf8f73096256a8f31e491e813e4eb8e", "resource reference"),
        ("0000", "value with signature 0000"),
    ],
)
def test_what_is_not_json_is_refused_with_its_path(signature: str, name: str) -> None:
    expected = f"reading property a.b[0]: it holds a {name}\nexpected a JSON value"
    with pytest.raises(UnsupportedValue, match=re.escape(expected)):
        decode({"a": {"b": [{SIGNATURE: signature}]}})


def test_unknown_is_found_anywhere() -> None:
    assert contains_unknown({"a": [1, {"b": Secret(UNKNOWN)}]})
    assert not contains_unknown({"a": [1, {"b": Secret("x")}], "c": f"about {UNKNOWN}"})
