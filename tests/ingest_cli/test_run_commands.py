"""`ingest run` as a process against a real (local) workspace, and how it reads parameters."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from synapse_bench import WAIT_PIPELINE, Bench

from ingest_cli.errors import CommandError
from ingest_cli.run_commands import parse_parameters
from local_azure.directory import application_id


def command(workspace: Bench, *arguments: str) -> list[str]:
    ingest = Path(sys.executable).parent / "ingest"
    return [str(ingest), "run", *arguments, "--workspace", workspace.endpoint]


@pytest.fixture
def environment(workspace: Bench) -> dict[str, str]:
    """Acts as the deployer."""
    signed_in = {
        "AZURE_TENANT_ID": workspace.azure.directory.tenant_id,
        "AZURE_CLIENT_ID": application_id("deployer"),
        "AZURE_CLIENT_SECRET": workspace.azure.directory.client_secret("deployer"),
        "COLUMNS": "200",
    }
    return {**os.environ, **signed_in}


def test_parameters_are_read_to_the_first_equals_sign() -> None:
    assert parse_parameters(["a=1", " b =x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}
    assert parse_parameters([]) == {}


def test_all_texts_that_are_no_parameter_are_told_at_once() -> None:
    with pytest.raises(CommandError) as caught:
        parse_parameters(["a=1", "word", "=x", "a=2"])
    assert str(caught.value) == (
        "reading --parameter: 'word' is no parameter; '=x' is no parameter; 'a' is given twice\nexpected name=value"
    )


def test_a_run_that_succeeds_is_shown_to_its_end(workspace: Bench, environment: dict[str, str]) -> None:
    assert workspace.put("/pipelines/p", WAIT_PIPELINE).status == 200
    answer = subprocess.run(command(workspace, "p"), env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    first, activity, *_, last = [line for line in answer.stdout.splitlines() if line.strip()]
    assert re.fullmatch(rf"run [0-9a-f-]{{36}} of p in {workspace.endpoint}", first)
    assert activity.split()[:3] == ["✓", "Rest", "Wait"]
    assert re.fullmatch(r"p: Succeeded after \d+\.\d s", last)


def test_a_run_that_fails_says_why_and_ends_with_1(workspace: Bench, environment: dict[str, str]) -> None:
    activity = {"name": "Stop", "type": "Fail", "typeProperties": {"message": "schema [/a] changed", "errorCode": "E"}}
    assert workspace.put("/pipelines/p", {"activities": [activity]}).status == 200
    answer = subprocess.run(command(workspace, "p"), env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "schema [/a] changed" in answer.stdout
    assert re.fullmatch(
        r"running p \([0-9a-f-]{36}\): Failed: Operation on target Stop failed: schema \[/a\] changed\n", answer.stderr
    )


def test_who_stops_watching_leaves_the_run_going_on(workspace: Bench, environment: dict[str, str]) -> None:
    wait = {"name": "Rest", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 60}}
    assert workspace.put("/pipelines/p", {"activities": [wait]}).status == 200
    watching = subprocess.Popen(
        command(workspace, "p"),
        env={**environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with watching:
        assert watching.stdout is not None
        run_id = watching.stdout.readline().split()[1]
        watching.send_signal(signal.SIGINT)
        output, _ = watching.communicate(timeout=20)
    assert f"no longer watching; run {run_id} goes on in the workspace" in output
    assert watching.returncode == 130
    assert b'"status":"InProgress"' in workspace.call("GET", f"/pipelineruns/{run_id}").content().replace(b": ", b":")
    assert workspace.call("POST", f"/pipelineruns/{run_id}/cancel").status == 200
