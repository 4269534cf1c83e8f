"""Runs of the ingestion pipelines on a deployed stack: killed, repeated, from another database, and by the command."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from local_stack import LocalStack

from ingest_cli.local_session import azure_state_folder
from local_azure import lifecycle
from sample_data.postgres_server import postgres_server

WINDOW = {"windowStart": "2019-01-01T00:00:00Z", "windowEnd": "2021-01-01T00:00:00Z"}
LAGS = ("--role-lag", "30", "--synapse-role-lag", "30")


def options_of(window: dict[str, str]) -> list[str]:
    return [text for name, value in window.items() for text in ("--parameter", f"{name}={value}")]


def restart(stack: LocalStack, environment: dict[str, str] | None = None) -> None:
    """Starts the local Azure again; clients of this process are led to its new ports."""
    answer = stack.ingest("local", "start", *LAGS, environment=environment)
    assert answer.code == 0, answer.text
    os.environ.update(stack.session.network_environment())


def test_a_window_that_is_run_again_ends_in_the_same_files(stack: LocalStack) -> None:
    before = stack.files("curated", "patients") | stack.files("curated", "encounters")
    run = stack.run("ingest_patients", **WINDOW)
    assert run.status == "Succeeded", run.message
    assert stack.files("curated", "patients") | stack.files("curated", "encounters") == before


@pytest.mark.parametrize("seconds", [0.4, 1.5, 3.0])
def test_a_run_that_was_killed_and_run_again_ends_in_the_same_files(stack: LocalStack, seconds: float) -> None:
    before = stack.files("curated")
    run_id = stack.runs().start("ingest_patients", {"full": "true"})
    time.sleep(seconds)
    os.kill(int(stack.session.endpoints["pid"]), signal.SIGKILL)
    restart(stack)
    during = stack.files("curated")
    assert during.keys() == before.keys()
    assert {path for path, content in during.items() if content != before[path]} == set()
    assert stack.runs().read(run_id).status == "Failed"
    run = stack.run("ingest_patients", full="true")
    assert run.status == "Succeeded", run.message
    assert stack.files("curated") == before


def test_the_same_linked_service_reads_postgresql(stack: LocalStack) -> None:
    before = stack.files("curated")
    with postgres_server() as dsn:
        assert stack.ingest("local", "stop").code == 0
        answer = stack.ingest("local", "up", *LAGS, environment={"LOCAL_SOURCE_DB": dsn})
        assert answer.code == 0, answer.text
        os.environ.update(stack.session.network_environment())
        assert "pipeline ingest_patients" in answer.output
        assert stack.files("curated") == before
        assert stack.ingest("local", "stop").code == 0
    assert stack.ingest("local", "up", *LAGS).code == 0
    os.environ.update(stack.session.network_environment())


def test_a_run_is_shown_with_its_activities(stack: LocalStack) -> None:
    window = {"windowStart": "2021-07-14T00:00:00Z", "windowEnd": "2021-07-15T00:00:00Z"}
    script = f"ingest run ingest_telemetry {' '.join(options_of(window))}"
    answer = stack.in_shell(script, identity="data-engineer")
    assert answer.code == 0, answer.text
    assert "✓ Flatten" in answer.output
    assert "ingest_telemetry: Succeeded after" in answer.output


def test_a_run_that_fails_says_why_and_ends_with_1(stack: LocalStack) -> None:
    answer = stack.in_shell("ingest run ingest_telemetry", identity="data-engineer")
    assert answer.code == 1
    assert "The window from 1900-01-01T00:00:00Z to 1900-01-01T00:00:00Z is empty." in answer.text


def test_wrong_parameters_are_all_told_before_anything_runs(stack: LocalStack) -> None:
    answer = stack.in_shell("ingest run ingest_telemetry -p full=maybe -p wnidowStart=x", identity="data-engineer")
    assert answer.code == 1
    assert "parameter 'full' is 'maybe'; expected true or false" in answer.errors
    assert "it has no parameter 'wnidowStart'; it declares full, windowEnd, windowStart" in answer.errors


def test_an_unknown_pipeline_is_told_with_the_known_ones(stack: LocalStack) -> None:
    answer = stack.in_shell("ingest run ingest_patient -p full=true", identity="data-engineer")
    assert answer.code == 1
    assert "expected one of ingest_images, ingest_patients, ingest_telemetry, publish_files" in answer.errors


def test_who_may_not_run_pipelines_is_told_so(stack: LocalStack) -> None:
    answer = stack.in_shell("ingest run ingest_telemetry -p full=true", identity="data-scientist")
    assert answer.code == 1
    assert "Unauthorized" in answer.errors


def test_a_local_azure_that_runs_with_other_options_is_not_taken_for_the_wanted_one(stack: LocalStack) -> None:
    answer = stack.ingest("local", "start", "--role-lag", "1")
    assert answer.code == 1
    assert "it runs already, with another role lag or source database" in answer.errors


def test_a_state_folder_serves_one_process(stack: LocalStack, tmp_path: Path) -> None:
    running = lifecycle.find(azure_state_folder(stack.folder))
    assert running is not None
    assert stack.ingest("local", "start", *LAGS).code == 0
    again = lifecycle.find(azure_state_folder(stack.folder))
    assert again is not None
    assert again.pid == running.pid
