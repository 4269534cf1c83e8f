"""The grammar of errors: what was being done, the cause, what was expected, how to fix it."""

from __future__ import annotations

import pytest

from ingest_cli.errors import CommandError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (CommandError("reading x", "it is empty"), "reading x: it is empty"),
        (CommandError("reading x", "it is empty", "a name"), "reading x: it is empty\nexpected a name"),
        (CommandError("reading x", "it is empty", hint="write it"), "reading x: it is empty\nhint: write it"),
        (CommandError("a", "b", "c", "d"), "a: b\nexpected c\nhint: d"),
    ],
)
def test_an_error_says_cause_expectation_and_hint_each_on_its_line(error: CommandError, text: str) -> None:
    assert str(error) == text
