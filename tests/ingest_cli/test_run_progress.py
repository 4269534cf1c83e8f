"""A run as it is shown: a line for each activity when it ends, once, with what it read or why it failed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from ingest_cli.pipeline_runs import ActivityRun, PipelineRun
from ingest_cli.run_progress import amount_read, show


def activity(name: str, status: str = "Succeeded", error: str = "", **output: Any) -> ActivityRun:
    return ActivityRun(f"id of {name}", name, "Copy", status, 1.25, {}, output, error)


def run(*activities: ActivityRun, status: str = "InProgress") -> PipelineRun:
    return PipelineRun("id", "p", status, "", "2021-01-01T00:00:00Z", 1.0, activities)


def shown(*runs: PipelineRun) -> list[str]:
    """The lines that stay on a screen that is no terminal."""
    screen = io.StringIO()
    assert show(Console(file=screen, width=200), runs) is runs[-1]
    return [line for line in screen.getvalue().splitlines() if line.strip()]


def test_each_activity_is_shown_once_when_it_has_ended() -> None:
    lines = shown(
        run(),
        run(activity("one", "InProgress")),
        run(activity("one"), activity("two", "InProgress")),
        run(activity("one"), activity("two", "Skipped"), status="Succeeded"),
    )
    assert [line.split() for line in lines] == [
        ["✓", "one", "Copy", "1.2", "s"],
        ["-", "two", "Copy", "1.2", "s"],
    ]


@pytest.mark.parametrize(
    ("status", "mark"), [("Succeeded", "✓"), ("Failed", "✗"), ("Cancelled", "■"), ("Skipped", "-")]
)
def test_how_it_ended_is_told_by_a_mark(status: str, mark: str) -> None:
    assert shown(run(activity("one", status)))[0].split()[:2] == [mark, "one"]


def test_two_activities_of_one_name_are_both_shown() -> None:
    first, second = activity("each"), ActivityRun("another id", "each", "Copy", "Succeeded", 2.0, {}, {}, "")
    assert len(shown(run(first, second))) == 2


@pytest.mark.parametrize(
    "error",
    [
        "schema changed",
        "no column [name] at [/properties/sinks]",
        "expected [bold] or [/bold]",
        "a :bug: in it",
        r"a path C:\[x]",
    ],
)
def test_a_failure_is_told_word_by_word(error: str) -> None:
    lines = shown(run(activity("copy [new] rows", "Failed", error)))
    assert lines[0].split("Copy")[0].strip() == "✗ copy [new] rows"
    assert lines[1].strip() == error


def test_what_runs_now_may_have_any_name() -> None:
    assert shown(run(activity("copy [/new] rows", "InProgress"))) == []


def test_following_a_run_that_never_was_is_a_fault_of_ours() -> None:
    with pytest.raises(AssertionError, match="internal-error: following a run ended before it began"):
        show(Console(file=io.StringIO()), [])


FLOW_METRICS = {
    "a": {"sources": {"people": {"rowsRead": 10}, "visits": {"rowsRead": 2000}}},
    "b": {"sources": {"people": {"rowsRead": 10}}},
}


@pytest.mark.parametrize(
    ("outputs", "text"),
    [
        ([{"rowsRead": 1200}, {"rowsRead": 34}], "1,234 rows"),
        ([{"runStatus": {"metrics": FLOW_METRICS}}], "2,010 rows"),
        ([{"rowsRead": 1, "filesRead": 7}], "1 rows"),
        ([{"filesRead": 1000}, {"filesRead": 2}], "1,002 files"),
        ([{}, {"runStatus": {}}], "0 files"),
    ],
    ids=["copies", "a flow whose sinks share a source", "rows before files", "files", "secure outputs"],
)
def test_the_amount_read_is_rows_else_files(outputs: list[Mapping[str, Any]], text: str) -> None:
    assert amount_read(run(*(activity(f"a{number}", **each) for number, each in enumerate(outputs)))) == text


def test_an_activity_is_shown_with_its_rows_or_files() -> None:
    lines = shown(
        run(activity("rows", rowsRead=1234), activity("files", filesRead=5), activity("both", rowsRead=2, filesRead=1))
    )
    assert [line.split(" s ")[1].split() for line in lines] == [["1,234", "rows"], ["5", "files"], ["2", "rows"]]
