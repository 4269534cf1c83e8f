"""`ingest drift` as a process against a real (local) workspace: lines, JSON and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from synapse_bench import WAIT_PIPELINE, Bench

from ingest_cli.errors import CommandError
from ingest_cli.project import PROJECT
from ingest_cli.stack_state import state_resources
from local_azure.directory import application_id

STACK = "compared"


def write_state(backend: Path, *resources: dict[str, Any]) -> None:
    file = backend / ".pulumi" / "stacks" / PROJECT / f"{STACK}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    checkpoint = {"latest": {"resources": list(resources)}} if resources else {}
    file.write_text(json.dumps({"version": 3, "checkpoint": checkpoint}), encoding="utf-8")


def artifacts(endpoint: str, **documents: Any) -> dict[str, Any]:
    published = {f"pipeline/{name}": {"name": name, "properties": each} for name, each in documents.items()}
    outputs = {"endpoint": endpoint, "documents": published, "startedTriggers": []}
    return {"type": "dataplane:index:WorkspaceArtifacts", "custom": True, "id": endpoint, "outputs": outputs}


@pytest.fixture
def environment(workspace: Bench, tmp_path: Path) -> dict[str, str]:
    """Acts as the deployer on a backend that is a folder."""
    signed_in = {
        "AZURE_TENANT_ID": workspace.azure.directory.tenant_id,
        "AZURE_CLIENT_ID": application_id("deployer"),
        "AZURE_CLIENT_SECRET": workspace.azure.directory.client_secret("deployer"),
        "PULUMI_BACKEND_URL": tmp_path.as_uri(),
    }
    return {**os.environ, **signed_in}


def drift(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "ingest"), "drift", "--stack", STACK, *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_drift_is_told_in_lines_and_as_json_and_by_the_exit_code(
    workspace: Bench, environment: dict[str, str], tmp_path: Path
) -> None:
    assert workspace.put("/pipelines/p", WAIT_PIPELINE).status == 200
    write_state(tmp_path, artifacts(workspace.endpoint, p=WAIT_PIPELINE))
    clean = drift(environment)
    assert (clean.returncode, clean.stdout) == (0, "no drift\n"), clean.stderr
    assert workspace.put("/pipelines/q", WAIT_PIPELINE).status == 200
    assert workspace.put("/pipelines/p", {**WAIT_PIPELINE, "concurrency": 2}).status == 200
    told = drift(environment)
    assert (told.returncode, told.stdout) == (
        2,
        "changed   pipeline/p.properties.concurrency\nunmanaged pipeline/q\n2 differences\n",
    )
    as_json = drift(environment, "--json")
    assert (as_json.returncode, json.loads(as_json.stdout)) == (
        2,
        {
            "drift": [
                {"drift": "changed", "subject": "pipeline/p", "path": ".properties.concurrency"},
                {"drift": "unmanaged", "subject": "pipeline/q", "path": ""},
            ]
        },
    )


def test_a_workspace_that_cannot_be_read_is_an_error_and_no_drift(
    workspace: Bench, environment: dict[str, str], tmp_path: Path
) -> None:
    write_state(tmp_path, artifacts(workspace.endpoint))
    answer = drift({**environment, "AZURE_CLIENT_SECRET": "wrong"})
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "no token" in answer.stderr


def test_an_empty_state_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_state(tmp_path)
    monkeypatch.setenv("PULUMI_BACKEND_URL", tmp_path.as_uri())
    with pytest.raises(CommandError, match="nothing is deployed"):
        state_resources(STACK)
