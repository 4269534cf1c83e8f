"""What a workflow makes of `pulumi preview`; the command is a stand-in here, its exit codes are the engine's."""

import json
import os
import sys
from pathlib import Path

import pytest

from tools.stack_preview import main


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `pulumi` on PATH that prints its arguments and what is in the file `error`, and ends as `PULUMI_ENDS` says."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "pulumi"
    program.write_text(
        f"#!{sys.executable}\nimport os, sys\nprint('plan:', *sys.argv[1:], flush=True)\n"
        "print('told on the error stream', file=sys.stderr)\nsys.exit(int(os.environ['PULUMI_ENDS']))\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return tmp_path


def _run(folder: Path, exit_code: int, *arguments: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULUMI_ENDS", str(exit_code))
        return main(["dev", "--folder", str(folder / "previews"), *arguments])


def _outcome(folder: Path) -> str:
    found = json.loads((folder / "previews" / "dev.json").read_text())
    assert found["stack"] == "dev"
    return str(found["outcome"])


def test_a_preview_writes_the_plan_with_what_it_told(pulumi: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(pulumi, 0) == 0
    plan = (pulumi / "previews" / "dev.txt").read_text()
    assert plan == (
        "plan: preview --stack dev --diff --non-interactive --color never --suppress-progress\n"
        "told on the error stream\n"
    )
    assert _outcome(pulumi) == "planned"
    assert capsys.readouterr().out == plan
    assert (pulumi / "summary.md").read_text() == f"## Preview of `dev`: planned\n\n```text\n{plan}```\n"


def test_drift_is_looked_for_by_reading_every_resource(pulumi: Path) -> None:
    assert _run(pulumi, 0, "--drift") == 0
    assert "--refresh --expect-no-changes" in (pulumi / "previews" / "dev.txt").read_text()
    assert _outcome(pulumi) == "unchanged"


def test_a_difference_is_an_outcome_and_no_failure(pulumi: Path) -> None:
    assert _run(pulumi, 7, "--drift") == 0
    assert _outcome(pulumi) == "different"


@pytest.mark.parametrize("exit_code", [1, 2, 3, 6, 255])
def test_a_failed_comparison_is_no_difference(pulumi: Path, exit_code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(pulumi, exit_code, "--drift") == exit_code
    assert not (pulumi / "previews").exists()
    assert capsys.readouterr().err == f"previewing dev: pulumi ended with {exit_code}\n"
    assert "## Preview of `dev`: failed" in (pulumi / "summary.md").read_text()


def test_a_failed_preview_of_a_plan_fails_with_the_same_code(pulumi: Path) -> None:
    assert _run(pulumi, 7) == 7
    assert not (pulumi / "previews").exists()


def test_without_a_summary_the_plan_is_only_printed(pulumi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    assert _run(pulumi, 0) == 0
    assert not (pulumi / "summary.md").exists()
