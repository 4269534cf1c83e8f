"""The whole product as its users have it: the command `ingest`, the real engine, a local Azure in its own process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

from azure.identity import ClientSecretCredential
from azure.storage.filedatalake import DataLakeServiceClient, FileSystemClient

from ingest_cli.local_session import LocalSession, azure_state_folder, child_environment
from ingest_cli.pipeline_runs import PipelineRun, PipelineRuns
from pulumi_engine.obtain import obtain

ROOT = Path(__file__).resolve().parents[2]
PROJECT_PARTS = ("Pulumi.yaml", "Pulumi.local.yaml", "infra", "pipelines_json", "plugins")


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    output: str
    """Standard output."""
    errors: str
    """Standard error."""

    @property
    def text(self) -> str:
        """All of it, for messages of assertions."""
        return f"exit code {self.code}\n{self.output}\n{self.errors}"


@dataclass(frozen=True)
class LocalStack:
    """A folder of a local Azure with its stack."""

    folder: Path

    def ingest(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Answer:
        """Runs `ingest` as in a shell that has not sourced anything."""
        inherited = {**os.environ, "INGEST_LOCAL_FOLDER": str(self.folder), "COLUMNS": "200", **(environment or {})}
        return _run([str(Path(sys.executable).parent / "ingest"), *arguments], ROOT, inherited)

    def shell_environment(self, identity: str = "deployer") -> dict[str, str]:
        """What a shell has that has sourced `ingest local env --as IDENTITY`."""
        return child_environment(self.session.environment(identity, obtain()))

    def in_shell(self, script: str, identity: str = "deployer") -> Answer:
        """Runs a script in a POSIX shell, in the project's folder, after sourcing what `ingest local env` prints."""
        sourced = f'eval "$(ingest local env --as {identity})"\n{script}'
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        inherited = {**os.environ, "INGEST_LOCAL_FOLDER": str(self.folder), "PATH": path}
        return _run(["sh", "-euc", sourced], ROOT, inherited)

    def pulumi(self, *arguments: str, identity: str = "deployer", project: Path = ROOT) -> Answer:
        """Runs plain `pulumi` in a project; another than this repository's brings its own program."""
        environment = self.shell_environment(identity)
        if project != ROOT:
            environment["PYTHONPATH"] = str(project)
        executable = shutil.which("pulumi", path=environment["PATH"]) or "pulumi"
        return _run([executable, "--non-interactive", "--color", "never", *arguments], project, environment)

    @property
    def session(self) -> LocalSession:
        """The running local Azure."""
        return LocalSession.read(self.folder)

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        answer = self.pulumi("stack", "output", "--json")
        assert answer.code == 0, answer.text
        found: dict[str, Any] = json.loads(answer.output)
        return found

    def credential(self, identity: str) -> ClientSecretCredential:
        """A credential of an identity, for use within `reachable`."""
        found = self.session.identity(identity)
        return ClientSecretCredential(found.tenant_id, found.client_id, found.client_secret)

    @contextmanager
    def reachable(self) -> Iterator[None]:
        """While it lasts, clients in this process reach the local Azure."""
        with patch.dict(os.environ, self.session.network_environment()):
            yield

    def file_system(self, name: str, identity: str) -> FileSystemClient:
        """A filesystem of the stack's account, as an identity."""
        service = DataLakeServiceClient(str(self.outputs["dataLakeEndpoint"]), credential=self.credential(identity))
        return service.get_file_system_client(name)

    def files(self, file_system: str, folder: str = "", identity: str = "data-engineer") -> dict[str, bytes]:
        """Contents of all published files below a folder by path."""
        client = self.file_system(file_system, identity)
        paths = [path.name for path in client.get_paths(folder or None) if not path.is_directory]
        return {
            name: bytes(client.get_file_client(name).download_file().readall())
            for name in sorted(paths)
            if not name.startswith("_staging/")
        }

    def runs(self, identity: str = "data-engineer") -> PipelineRuns:
        """The workspace's runs."""
        return PipelineRuns(str(self.outputs["artifactHost"]), self.credential(identity))

    def run(self, pipeline: str, **parameters: str) -> PipelineRun:
        """Runs a pipeline to its end."""
        runs = self.runs()
        *_, last = runs.follow(runs.start(pipeline, parameters))
        return last

    @property
    def request_log(self) -> Path:
        """Every request that reached the local Azure, one JSON object a line."""
        return azure_state_folder(self.folder) / "requests.jsonl"

    @contextmanager
    def recording(self) -> Iterator[list[dict[str, Any]]]:
        """The requests that arrive while it lasts; the list is filled at the end."""
        found: list[dict[str, Any]] = []
        begin = self.request_log.stat().st_size if self.request_log.exists() else 0
        yield found
        if not self.request_log.exists():
            return
        with self.request_log.open(encoding="utf-8") as log:
            log.seek(begin)
            found += [json.loads(line) for line in log]


def copy_project(folder: Path) -> Path:
    """A copy of the project's program and artifacts, to be edited by a test."""
    folder.mkdir(parents=True)
    for part in PROJECT_PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
    return folder


def _run(command: list[str], folder: Path, environment: Mapping[str, str]) -> Answer:
    answer = subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False)
    return Answer(answer.returncode, answer.stdout, answer.stderr)
