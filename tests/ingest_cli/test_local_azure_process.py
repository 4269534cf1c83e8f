"""What is started with which sample and options: another sample is read, other options are refused by name."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from activity_bench import PATIENTS, write_samples
from rich.console import Console
from typer.testing import CliRunner

from ingest_cli import main_job
from ingest_cli.errors import CommandError
from ingest_cli.local_azure_process import StartOptions, sample_folder, start_local_azure
from ingest_cli.local_session import azure_state_folder
from ingest_cli.main import application
from ingest_cli.project import SAMPLE_FOLDER
from ingest_cli.source_grants import prepare_source
from local_azure import lifecycle
from sample_data.postgres_server import postgres_server

PORTS_ARE_NEW = 'its ports are new: shells that did so before need eval "$(ingest local env)" again'


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for a local Azure, which is stopped at the end."""
    yield tmp_path
    lifecycle.stop(azure_state_folder(tmp_path))


@pytest.fixture
def postgres() -> Iterator[str]:
    """An empty PostgreSQL."""
    with postgres_server() as dsn:
        yield dsn


def _make_sample(folder: Path, *patients: str) -> Path:
    """A sample of these patients where `make patients` puts it."""
    made = folder / "samples"
    made.mkdir(exist_ok=True)
    return write_samples(made, {"patients": [{**PATIENTS[0], "Id": name} for name in patients]})


def _patients(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [name for (name,) in connection.execute("SELECT id FROM dbo.patients ORDER BY id").fetchall()]


def _samples_of(pid: int) -> str:
    """The samples that a process was started with."""
    arguments = psutil.Process(pid).cmdline()
    return arguments[arguments.index("--sample-folder") + 1]


def _bring_up(folder: Path, options: StartOptions) -> None:
    main_job.bring_up(Console(quiet=True), folder, options, folder / "no-engine")


@pytest.mark.parametrize("left", ["samples", "samples/.synthea-x/csv"])
def test_what_a_failed_making_left_is_no_sample(tmp_path: Path, left: str) -> None:
    (tmp_path / left).mkdir(parents=True)
    assert sample_folder(tmp_path) == SAMPLE_FOLDER
    assert sample_folder(tmp_path) != _make_sample(tmp_path, "a")
    assert sample_folder(tmp_path) == tmp_path / "samples"


def test_a_sample_with_a_table_missing_is_told_with_its_cause_and_a_hint(folder: Path) -> None:
    made = _make_sample(folder, "a")
    (made / "patients" / "encounters.csv.gz").unlink()
    missing = r"^starting local Azure: reading sample table encounters: there is no file .*\nexpected .*\nhint: make"
    with pytest.raises(CommandError, match=missing):
        start_local_azure(folder, StartOptions())
    assert lifecycle.find(azure_state_folder(folder)) is None


def test_a_local_azure_with_another_sample_is_started_again_on_the_same_ports(folder: Path) -> None:
    first = start_local_azure(folder, StartOptions())
    assert (first.remarks, _samples_of(first.running.pid)) == ((), str(SAMPLE_FOLDER))
    made = _make_sample(folder, "a")
    again = start_local_azure(folder, StartOptions())
    assert again.remarks == ("local Azure ran with another sample and was started again",)
    assert again.running.pid != first.running.pid
    assert _samples_of(again.running.pid) == str(made)
    assert (again.running.proxy, again.running.provider_ports) == (first.running.proxy, first.running.provider_ports)
    assert start_local_azure(folder, StartOptions()).running == again.running


def test_a_start_on_other_ports_says_that_shells_must_be_prepared_again(folder: Path) -> None:
    port = int(start_local_azure(folder, StartOptions()).running.proxy.rpartition(":")[2])
    lifecycle.stop(azure_state_folder(folder))
    with socket.create_server(("127.0.0.1", port)):
        assert start_local_azure(folder, StartOptions()).remarks == (PORTS_ARE_NEW,)
    lifecycle.stop(azure_state_folder(folder))
    assert start_local_azure(folder, StartOptions()).remarks == ()


def test_other_options_are_refused_before_anything_is_loaded(folder: Path, postgres: str) -> None:
    _make_sample(folder, "a")
    start_local_azure(folder, StartOptions())
    with pytest.raises(CommandError, match="it runs already, with another role lag or source database\nhint: ingest"):
        _bring_up(folder, StartOptions(source_database=postgres))
    with psycopg.connect(postgres) as connection:
        assert connection.execute("SELECT to_regclass('dbo.patients')").fetchone() == (None,)


def test_what_is_no_postgresql_is_told_as_such(tmp_path: Path) -> None:
    expected = "^reading LOCAL_SOURCE_DB: it is no URL of PostgreSQL\nexpected postgresql://user@host/database$"
    with pytest.raises(CommandError, match=expected):
        _bring_up(tmp_path, StartOptions(source_database="mysql://x"))


def test_postgresql_gets_each_new_sample_once(tmp_path: Path, postgres: str) -> None:
    made = _make_sample(tmp_path, "a", "b")
    assert prepare_source(postgres, made)
    with psycopg.connect(postgres) as connection:
        connection.execute("DELETE FROM dbo.patients WHERE id = 'a'")
    assert not prepare_source(postgres, made)
    assert _patients(postgres) == ["b"]
    assert prepare_source(postgres, _make_sample(tmp_path, "c"))
    assert _patients(postgres) == ["c"]


@pytest.mark.parametrize("option", ["--role-lag", "--synapse-role-lag"])
@pytest.mark.parametrize("command", ["start", "up"])
def test_a_negative_lag_is_refused(command: str, option: str, tmp_path: Path) -> None:
    words = ["local", command, option, "-5"]
    answer = CliRunner().invoke(application(words), words, env={"INGEST_LOCAL_FOLDER": str(tmp_path)})
    assert answer.exit_code == 2
    assert f"Invalid value for '{option}'" in answer.output
    assert list(tmp_path.iterdir()) == []


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


def test_a_digest_changes_with_names_and_contents(tmp_path: Path) -> None:
    found = [main_job.folder_digest(tmp_path)]
    (tmp_path / "deep").mkdir()
    for name, content in (("deep/a", "1"), ("deep/a", "2"), ("deep/b", "")):
        (tmp_path / name).write_text(content, encoding="utf-8")
        found.append(main_job.folder_digest(tmp_path))
    (tmp_path / "deep" / "b").rename(tmp_path / "c")
    found.append(main_job.folder_digest(tmp_path))
    assert len(set(found)) == len(found)
    assert main_job.folder_digest(tmp_path) == found[-1]
