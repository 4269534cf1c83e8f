"""Problems of scripts, with their place in the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from artifact_checks.check import check_folder

Found = Callable[..., list[str]]
_PROPERTIES = "/properties/typeProperties"
_LINE = f"{_PROPERTIES}/scriptLines/8"


@pytest.mark.parametrize(
    ("line", "column", "cause"),
    [
        ("readings filter(year >= ) ~> recent", 25, "unexpected ')'"),
        ("reedings filter(year >= $since) ~> recent", 1, "there is no stream 'reedings'"),
        ("readings fliter(year >= $since) ~> recent", 10, "there is no transformation 'fliter'"),
        ("readings, readings filter(true()) ~> recent", 20, "filter 'recent' reads 2 streams"),
        ("readings filter(yaer(year) >= $since) ~> recent", 17, "there is no function 'yaer'"),
        ("readings\tfilter('a\\'\"' == nope()) ~> recent", 27, "there is no function 'nope'"),
    ],
)
def test_a_problem_of_the_script_stands_at_its_line_and_column_in_the_file(
    change: Callable[..., Path], line: str, column: int, cause: str
) -> None:
    folder = change("dataflow/clean", _LINE, line)
    text = (folder / "dataflow" / "clean.json").read_text().splitlines()
    (problem,) = check_folder(folder).problems
    assert cause in problem.cause
    assert f"(the script, line 9, column {column})" in problem.cause
    assert problem.pointer == _LINE
    assert problem.line is not None
    assert problem.column is not None
    # In the file the line is a JSON string: what stands before the column is written with escapes.
    written = json.dumps(line[: column - 1])[:-1]
    assert text[problem.line - 1].strip().startswith(written)
    assert problem.column == text[problem.line - 1].index('"') + len(written) + 1


def test_a_script_in_one_text_has_places_too(change: Callable[..., Path]) -> None:
    inner = {"sources": [], "sinks": [], "script": "source() ~> a\n\nb filter(true()) ~> c"}
    folder = change("dataflow/clean", _PROPERTIES, inner)
    problems = [each for each in check_folder(folder).problems if "no stream" in each.cause]
    assert [each.pointer for each in problems] == [f"{_PROPERTIES}/script"]
    written = (folder / "dataflow" / "clean.json").read_text().splitlines()[(problems[0].line or 0) - 1]
    assert written[(problems[0].column or 0) - 1 :].startswith("b filter(")


def test_every_problem_of_a_script_is_told(found: Found) -> None:
    problems = found("dataflow/clean", _LINE, "readings filter(yaer(year) >= now()) ~> recent")
    assert [each.partition(": ")[2].partition(" (")[0] for each in problems] == [
        "there is no function 'yaer'",
        "there is no function 'now'",
    ]


@pytest.mark.parametrize(
    ("place", "cause"),
    [
        ("sources/0/name", "the script has no source 'other'"),
        ("sinks/0/name", "the script has no sink 'other'"),
        ("transformations/0/name", "the script has no transformation 'other'"),
    ],
)
def test_a_name_that_the_script_does_not_have_is_found(found: Found, place: str, cause: str) -> None:
    assert found("dataflow/clean", f"{_PROPERTIES}/{place}", "other") == [
        f"dataflow/clean {_PROPERTIES}/{place}: {cause}"
    ]


def test_a_sink_of_the_script_that_is_not_listed_is_found(found: Found) -> None:
    assert found("dataflow/clean", f"{_PROPERTIES}/sinks", []) == [
        f"dataflow/clean {_PROPERTIES}/sinks: the script's sink 'kept' is not listed here"
    ]


def test_a_flow_without_a_script_is_found(found: Found) -> None:
    assert found("dataflow/clean", f"{_PROPERTIES}/scriptLines") == [
        f"dataflow/clean {_PROPERTIES}: the document has no script"
    ]


@pytest.mark.parametrize(
    ("library", "problems"),
    [("tidied(string) as string = trim(i1)", 0), ("other(string) as string = trim(i1)", 1)],
)
def test_functions_of_a_library_that_the_flow_names_are_known(
    change: Callable[..., Path], library: str, problems: int
) -> None:
    reference = [{"referenceName": "texts", "type": "DataFlowReference"}]
    change("dataflow/clean", f"{_PROPERTIES}/udfLibraries", reference)
    folder = change("dataflow/clean", _LINE, "readings filter(tidied('a') == 'a') ~> recent")
    properties: dict[str, Any] = {"type": "UDFLibrary", "typeProperties": {"scriptLines": [library]}}
    (folder / "dataflow" / "texts.json").write_text(json.dumps({"name": "texts", "properties": properties}))
    assert len(check_folder(folder).problems) == problems
