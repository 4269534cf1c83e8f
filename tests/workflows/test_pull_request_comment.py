"""The plan of a stack in one comment of a pull request."""

from pathlib import Path

import pytest
from fake_github import FakeGitHub

from tools.github_api import MAXIMUM_BODY_CHARACTERS
from tools.pull_request_comment import body, main, marker


def _arguments(folder: Path, plan: str) -> list[str]:
    (folder / "dev.txt").write_text(plan)
    return ["dev", "--folder", str(folder), "--pull-request", "12", "--commit", "abc123"]


def test_the_first_plan_makes_a_comment(github: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(_arguments(tmp_path, "+ vault")) == 0
    (comment,) = github.comments
    assert comment["issue"] == 12
    assert comment["body"] == "<!-- plan of stack dev -->\n### Plan for `dev` at abc123\n\n```text\n+ vault\n```\n"
    assert capsys.readouterr().out.strip() == comment["html_url"]


def test_a_later_plan_replaces_the_text_of_that_comment(github: FakeGitHub, tmp_path: Path) -> None:
    main(_arguments(tmp_path, "+ vault"))
    main(_arguments(tmp_path, "+ lake"))
    assert [comment["body"].count("lake") for comment in github.comments] == [1]
    assert github.changes == ["POST /issues/12/comments", "PATCH /issues/comments/1000"]


def test_the_comment_is_found_behind_a_hundred_others(github: FakeGitHub, tmp_path: Path) -> None:
    for number in range(150):
        github.add_comment(12, f"remark {number}", login="somebody")
    own = github.add_comment(12, body("dev", "old", "old"))
    main(_arguments(tmp_path, "new plan"))
    assert "new plan" in own["body"]
    assert len(github.comments) == 151


def test_what_a_person_wrote_is_left_alone_even_with_the_marker_in_it(github: FakeGitHub, tmp_path: Path) -> None:
    theirs = github.add_comment(12, marker("dev"), login="somebody")
    main(_arguments(tmp_path, "+ vault"))
    assert theirs["body"] == marker("dev")
    assert len(github.comments) == 2


def test_the_plan_of_another_stack_has_its_own_comment(github: FakeGitHub, tmp_path: Path) -> None:
    other = github.add_comment(12, body("prod", "abc", "plan of prod"))
    main(_arguments(tmp_path, "+ vault"))
    assert "plan of prod" in other["body"]
    assert len(github.comments) == 2


def test_a_huge_plan_fits_into_a_comment() -> None:
    text = body("dev", "abc123", "+ resource\n" * 20_000)
    assert MAXIMUM_BODY_CHARACTERS - 20 < len(text) <= MAXIMUM_BODY_CHARACTERS


def test_a_refused_comment_fails_the_job(
    github: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.refuse_with = 403
    assert main(_arguments(tmp_path, "+ vault")) == 1
    assert "GitHub answered 403" in capsys.readouterr().err


def test_a_missing_plan_fails_the_job(github: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dev", "--folder", str(tmp_path), "--pull-request", "12", "--commit", "abc"]) == 1
    assert "dev.txt" in capsys.readouterr().err
    assert github.changes == []
