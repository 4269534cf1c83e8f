"""The environment that leads clients to local Azure, as shells and child processes get it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ingest_cli.errors import CommandError
from ingest_cli.local_session import LocalSession, child_environment, shell_exports

NASTY = "a 'b' \"c\" $HOME `id` \\ ; & | * # é\n second line"


def test_any_value_survives_the_shell() -> None:
    script = shell_exports({"VALUE": NASTY, "EMPTY": ""}) + '\nprintf "%s|%s" "$VALUE" "${EMPTY-unset}"'
    answer = subprocess.run(["/bin/sh", "-euc", script], capture_output=True, check=True)
    assert answer.stdout.decode() == f"{NASTY}|"


def test_a_variable_that_is_exported_is_not_taken_away() -> None:
    unset = shell_exports({"AZURE_USERNAME": "me"}).splitlines()[0].split()
    assert "AZURE_USERNAME" not in unset
    assert "AZURE_PASSWORD" in unset


def test_a_child_inherits_everything_but_other_ways_to_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "of-the-service")
    monkeypatch.setenv("AZURE_CLIENT_ID", "somebody")
    monkeypatch.setenv("UNRELATED", "stays")
    found = child_environment({"AZURE_CLIENT_ID": "deployer"})
    assert "PULUMI_ACCESS_TOKEN" not in found
    assert (found["AZURE_CLIENT_ID"], found["UNRELATED"]) == ("deployer", "stays")


def test_a_folder_in_which_nothing_runs_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as caught:
        LocalSession.read(tmp_path)
    assert str(caught.value) == f"reading the local Azure in {tmp_path}: it is not running\nhint: ingest local start"
