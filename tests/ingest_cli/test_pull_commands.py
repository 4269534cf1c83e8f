"""Pulling into a Git folder: nothing that Git does not have is lost."""

import subprocess
from pathlib import Path

import pytest

from ingest_cli.errors import CommandError
from ingest_cli.pull_changes import FileChange
from ingest_cli.pull_commands import refuse_uncommitted, write


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def test_uncommitted_edits_are_not_overwritten(tmp_path: Path) -> None:
    committed, edited, new = (tmp_path / name for name in ("committed.json", "edited.json", "new.json"))
    for file in (committed, edited):
        file.write_text("{}", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    edited.write_text("[]", encoding="utf-8")
    refuse_uncommitted(tmp_path, [committed, new])
    with pytest.raises(CommandError, match=r"files have uncommitted edits: edited.json\nhint: commit them, or --force"):
        refuse_uncommitted(tmp_path, [committed, edited])


def test_outside_git_nobody_knows_what_is_edited(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("{}", encoding="utf-8")
    refuse_uncommitted(tmp_path, [tmp_path / "new.json"])
    with pytest.raises(CommandError, match="Git cannot say what is uncommitted"):
        refuse_uncommitted(tmp_path, [file])


def test_files_are_written_whole_and_deleted(tmp_path: Path) -> None:
    file = tmp_path / "pipeline" / "a.json"
    write(FileChange("pipeline/a", file, "{}\r\n"))
    assert file.read_bytes() == b"{}\r\n"
    assert list(tmp_path.rglob(".*")) == []
    write(FileChange("pipeline/a", file, None))
    assert not file.exists()
