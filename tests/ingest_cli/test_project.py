"""Where the checkout keeps things, whatever the working directory is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_cli.project import ARTIFACT_FOLDER, LOCAL_FOLDER_VARIABLE, ROOT, SAMPLE_FOLDER, local_folder


def test_the_folders_of_the_checkout_are_there() -> None:
    assert (ROOT / "pyproject.toml").is_file()
    assert (ARTIFACT_FOLDER / "environment.json").is_file()
    assert (SAMPLE_FOLDER / "patients").is_dir()


@pytest.mark.parametrize("named", [None, ""])
def test_state_is_kept_in_the_checkout(named: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(LOCAL_FOLDER_VARIABLE, raising=False)
    if named is not None:
        monkeypatch.setenv(LOCAL_FOLDER_VARIABLE, named)
    assert local_folder() == ROOT / ".local"


def test_state_is_kept_where_the_variable_says_as_a_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(LOCAL_FOLDER_VARIABLE, "mine")
    assert local_folder() == tmp_path / "mine"
