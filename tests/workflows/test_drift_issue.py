"""One issue for the drift of each stack."""

import json
from pathlib import Path

import pytest
from fake_github import FakeGitHub

from tools.drift_issue import main

RUN = "https://github.com/example/ingestion/actions/runs/7"


def _compared(folder: Path, stack: str, outcome: str, plan: str = "~ vault") -> None:
    (folder / f"{stack}.json").write_text(json.dumps({"stack": stack, "outcome": outcome}))
    (folder / f"{stack}.txt").write_text(plan)


def _report(folder: Path) -> int:
    return main(["--folder", str(folder), "--run", RUN])


def test_a_difference_opens_an_issue_that_shows_it(github: FakeGitHub, tmp_path: Path) -> None:
    _compared(tmp_path, "dev", "different")
    assert _report(tmp_path) == 0
    (issue,) = github.issues
    assert issue["title"] == "Drift: dev"
    assert "~ vault" in issue["body"]
    assert RUN in issue["body"]


def test_a_lasting_difference_updates_the_issue_in_place(github: FakeGitHub, tmp_path: Path) -> None:
    _compared(tmp_path, "dev", "different")
    _report(tmp_path)
    _compared(tmp_path, "dev", "different", "~ lake")
    _report(tmp_path)
    (issue,) = github.issues
    assert "~ lake" in issue["body"]
    assert "~ vault" not in issue["body"]
    assert github.changes == ["POST /issues", "PATCH /issues/1"]


def test_no_difference_any_more_closes_the_issue(
    github: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    issue = github.add_issue("Drift: dev")
    _compared(tmp_path, "dev", "unchanged", "")
    _report(tmp_path)
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    assert [comment["body"] for comment in github.comments] == [f"No difference any more: {RUN}."]
    assert capsys.readouterr().out == f"dev: closed {issue['html_url']}\n"


def test_a_difference_after_that_opens_a_new_issue(github: FakeGitHub, tmp_path: Path) -> None:
    github.add_issue("Drift: dev", state="closed")
    _compared(tmp_path, "dev", "different")
    _report(tmp_path)
    assert [issue["state"] for issue in github.issues] == ["closed", "open"]


def test_a_clean_stack_without_an_issue_changes_nothing(
    github: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _compared(tmp_path, "prod", "unchanged", "")
    _report(tmp_path)
    assert github.changes == []
    assert capsys.readouterr().out == "prod: no difference\n"


def test_each_stack_has_its_own_issue(github: FakeGitHub, tmp_path: Path) -> None:
    github.add_issue("Drift: prod")
    _compared(tmp_path, "dev", "different")
    _compared(tmp_path, "prod", "unchanged", "")
    _report(tmp_path)
    assert [(issue["title"], issue["state"]) for issue in github.issues] == [
        ("Drift: prod", "closed"),
        ("Drift: dev", "open"),
    ]


def test_a_stack_that_could_not_be_compared_keeps_its_issue(
    github: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.add_issue("Drift: dev")
    assert _report(tmp_path) == 0
    assert github.changes == []
    assert capsys.readouterr().out == "no stack was compared\n"


@pytest.mark.parametrize("more", [{"login": "somebody"}, {"pull_request": {}}])
def test_issues_of_people_and_pull_requests_with_that_title_are_left_alone(
    github: FakeGitHub, tmp_path: Path, more: dict[str, str]
) -> None:
    github.add_issue("Drift: dev", **more)
    _compared(tmp_path, "dev", "unchanged", "")
    _report(tmp_path)
    assert github.changes == []


def test_the_plan_of_a_pull_request_is_no_answer_about_drift(
    github: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _compared(tmp_path, "dev", "planned")
    assert _report(tmp_path) == 1
    assert capsys.readouterr().err == ("reporting drift of dev: dev.json is of a preview that did not look for it\n")
    assert github.changes == []


def test_a_refusal_fails_the_job(github: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    github.refuse_with = 403
    _compared(tmp_path, "dev", "different")
    assert _report(tmp_path) == 1
    assert "GitHub answered 403" in capsys.readouterr().err
