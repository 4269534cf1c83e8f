"""The first deployment of the whole stack, killed while resources are being created: `ingest local up` goes on."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from local_stack import ROOT, LocalStack

ACCOUNT = "/providers/Microsoft.Storage/storageAccounts/"


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[LocalStack]:
    """A local Azure of its own: the stack `local` is not deployed in it."""
    stack = LocalStack(tmp_path / "killed")
    assert stack.ingest("local", "start").code == 0
    yield stack
    assert stack.ingest("local", "stop").code == 0


def up_killed(stack: LocalStack) -> None:
    """`kill -9` for engine, plugins and program once the storage account is made, which the state does not know."""
    environment = stack.shell_environment()
    pulumi = shutil.which("pulumi", path=environment["PATH"]) or "pulumi"
    command = [pulumi, "--non-interactive", "up", "--yes", "--skip-preview"]
    engine = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    while engine.poll() is None and not _is_account_made(stack.request_log):
        time.sleep(0.003)
    assert engine.poll() is None
    for each in [psutil.Process(engine.pid), *psutil.Process(engine.pid).children(recursive=True)]:
        each.kill()
    engine.wait(timeout=60)


def _is_account_made(log: Path) -> bool:
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return any('"PUT"' in line and ACCOUNT in line and "blobServices" not in line for line in lines)


def deployment(stack: LocalStack) -> dict[str, Any]:
    """What the state holds."""
    answer = stack.pulumi("stack", "export")
    assert answer.code == 0, answer.text
    found: dict[str, Any] = json.loads(answer.output)["deployment"]
    return found


def test_a_first_deployment_that_was_killed_is_finished_by_the_next_up(fresh: LocalStack) -> None:
    up_killed(fresh)
    pending = [each["resource"] for each in deployment(fresh)["pending_operations"]]
    assert pending
    made = fresh.ingest("local", "up")
    assert made.code == 0, made.text
    assert "took away the lock of a run that is dead" in made.output
    for each in pending:
        told = f"{each['type']} {each['urn'].rsplit('::', 1)[1]}"
        assert f"imported {told}: " in made.output or f"forgot that {told} was" in made.output, made.output
    assert deployment(fresh).get("pending_operations", []) == []
    unchanged = fresh.pulumi("preview", "--refresh", "--expect-no-changes", "--diff")
    assert unchanged.code == 0, unchanged.text
    again = fresh.in_shell("ingest recover")
    assert (again.code, again.output) == (0, "nothing was interrupted\n"), again.text
