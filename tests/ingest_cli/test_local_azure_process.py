"""Which local Azure a command starts or keeps: one with the wanted options and the present samples."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ingest_cli.local_azure_process import StartOptions, folder_digest, sample_folder, start_local_azure
from ingest_cli.local_session import azure_state_folder
from ingest_cli.project import SAMPLE_FOLDER
from local_azure import lifecycle


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose local Azure is stopped at the end."""
    yield tmp_path
    lifecycle.stop(azure_state_folder(tmp_path))


def samples_of(pid: int) -> str:
    """The samples that a process was started with."""
    arguments = psutil.Process(pid).cmdline()
    return arguments[arguments.index("--sample-folder") + 1]


def test_new_samples_are_read_by_a_new_process(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    first = start_local_azure(folder, StartOptions())
    assert samples_of(first.pid) == str(SAMPLE_FOLDER)
    (folder / "samples").mkdir()
    (folder / "samples" / "made.csv").write_text("Id\n", encoding="utf-8")
    second = start_local_azure(folder, StartOptions())
    assert capfd.readouterr().err == "the samples have changed: local Azure starts again\n"
    assert second.pid != first.pid
    assert samples_of(second.pid) == str(folder / "samples")
    assert start_local_azure(folder, StartOptions()) == second
    assert capfd.readouterr().err == ""


def test_options_differ_by_lags_and_database_and_never_show_a_password() -> None:
    with_password = StartOptions(1.0, 2.0, "postgresql://me:hidden-word@host/db")
    summaries = [
        options.summary()
        for options in (
            StartOptions(),
            StartOptions(role_lag_seconds=1.0),
            StartOptions(synapse_role_lag_seconds=1.0),
            StartOptions(source_database="postgresql://me@host/db"),
            with_password,
        )
    ]
    assert all(summaries.count(each) == 1 for each in summaries)
    assert "hidden-word" not in str(with_password.summary())


def test_samples_are_those_that_were_made_else_the_committed_ones(tmp_path: Path) -> None:
    assert sample_folder(tmp_path) == SAMPLE_FOLDER
    (tmp_path / "samples").mkdir()
    assert sample_folder(tmp_path) == tmp_path / "samples"


def test_a_digest_changes_with_names_and_contents(tmp_path: Path) -> None:
    found = [folder_digest(tmp_path)]
    (tmp_path / "deep").mkdir()
    for name, content in (("deep/a", "1"), ("deep/a", "2"), ("deep/b", "")):
        (tmp_path / name).write_text(content, encoding="utf-8")
        found.append(folder_digest(tmp_path))
    (tmp_path / "deep" / "b").rename(tmp_path / "c")
    found.append(folder_digest(tmp_path))
    assert len(set(found)) == len(found)
    assert folder_digest(tmp_path) == found[-1]
