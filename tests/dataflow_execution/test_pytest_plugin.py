"""The fixture `dataflow_case`: rows in, rows out; what it says when they differ; the guide does what it tells."""

from __future__ import annotations

import datetime
import re
import shlex
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.flow_case import DataFlowCase, comparison
from ingest_cli.main import application
from mapping_dataflow import MappingDataFlowErrors

pytest_plugins = "pytester"

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guides" / "test-a-data-flow.md"
SCRIPT = """parameters{ least as integer }
source(output(id as integer, born as date, tags as string[])) ~> people
source(allowSchemaDrift: true, inferDriftedColumnTypes: true) ~> anything
people filter(id >= $least) ~> grown
grown split(id % 2 == 0, disjoint: false) ~> halves@(even, odd)
halves@even sink() ~> evens
halves@odd derive(born = null()) ~> unborn
unborn sink() ~> odds
anything sink() ~> copied
"""
Make = Callable[..., DataFlowCase]


@pytest.fixture
def case(dataflow_case: Make, tmp_path: Path) -> DataFlowCase:
    """A flow with two sources, a split and three sinks."""
    (tmp_path / "flow.dfs").write_text(SCRIPT)
    return dataflow_case(tmp_path / "flow.dfs", {"least": 2})


def test_rows_are_dictionaries_or_tables(case: DataFlowCase) -> None:
    case.source("people", [{"id": 2, "born": "1990-05-06", "tags": ["a", None]}, {"id": 1}])
    expected = [{"id": 2, "born": datetime.date(1990, 5, 6), "tags": ["a", None]}]
    assert case.sink("evens") == expected
    assert (
        case.sink("evens")
        == """
        | id | born       | tags        |
        | -- | ---------- | ----------- |
        | 2  | 1990-05-06 | ["a", null] |
    """
    )
    case.source("people", '| id | born | tags as string[] |\n|---|---|---|\n| 2 | 1990-05-06 | ["a", null] |')
    assert case.sink("evens") == expected


def test_any_stream_and_any_output_of_a_split_shows_its_rows(case: DataFlowCase) -> None:
    case.source("people", [{"id": number} for number in range(6)])
    assert [row["id"] for row in case.stream("grown")] == [2, 3, 4, 5]
    assert [row["id"] for row in case.stream("halves@odd")] == [3, 5]


def test_a_source_that_is_given_no_rows_has_none(case: DataFlowCase) -> None:
    assert case.sink("evens") == []


def test_values_keep_their_types_where_columns_are_not_declared(case: DataFlowCase) -> None:
    row = {
        "flag": True,
        "price": Decimal("1.25"),
        "at": datetime.datetime.fromisoformat("2024-01-02T03:04:05"),
        "inner": {"a": [1, 2]},
        "data": b"\x00\xff",
    }
    case.source("anything", [row])
    assert case.sink("copied") == [row]


def test_what_is_misspelt_is_an_error(case: DataFlowCase) -> None:
    with pytest.raises(DataFlowRunError, match="the source 'people' has no column 'idd'"):
        case.source("people", [{"idd": 1}])
    with pytest.raises(DataFlowRunError, match="there is no source 'poeple'"):
        case.source("poeple", [])
    with pytest.raises(DataFlowRunError, match="there is no sink 'even'"):
        case.sink("even")
    with pytest.raises(MappingDataFlowErrors, match="there is no stream 'growm'"):
        case.stream("growm")
    with pytest.raises(DataFlowRunError, match="the values of 'id' are of several types"):
        case.source("people", [{"id": 1}, {"id": "x"}])
    with pytest.raises(DataFlowRunError, match="the rows are no table of Markdown"):
        case.source("people", "id,born")


def test_rows_that_differ_are_told_as_a_table(case: DataFlowCase) -> None:
    case.source("people", [{"id": 2}, {"id": 4, "tags": ["x"]}])
    assert comparison(case.sink("evens"), [{"id": 2, "born": None, "tags": None}, {"id": 5, "born": None}]) == [
        "rows of sink 'evens' differ (- expected, + found):",
        "  | id as integer | born as date | tags as string[] |",
        "  | ------------- | ------------ | ---------------- |",
        "  | 2             | null         | null             |",
        "- | 5             | null         | null             |",
        '+ | 4             | null         | ["x"]            |',
    ]


def test_pytest_shows_the_table(pytester: pytest.Pytester) -> None:
    pytester.makefile(".dfs", flow="source(output(id as integer)) ~> in\nin sink() ~> out")
    pytester.makepyfile(
        """
        def test_copies(dataflow_case):
            case = dataflow_case("flow.dfs")
            case.source("in", [{"id": 1}])
            assert case.sink("out") == [{"id": 2}]
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:randomly")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*rows of sink 'out' differ*", "*- | 2 *", "*+ | 1 *"])


def test_the_tests_of_the_guide_pass(pytester: pytest.Pytester) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    pytester.makepyfile(code.replace('"pipelines_json/', f'"{ROOT}/pipelines_json/'))
    pytester.runpytest_inprocess("-p", "no:randomly").assert_outcomes(passed=2)


def test_the_command_of_the_guide_shows_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (command,) = re.findall(r"```shell\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    arguments = shlex.split(command)[1:]
    result = CliRunner().invoke(application(arguments), arguments)
    assert result.exit_code == 0
    assert len(result.output.splitlines()) == 12
