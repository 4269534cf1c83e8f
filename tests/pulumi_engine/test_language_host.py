"""The language host of an engine that came without one: by its protocol, and under the real engine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from fake_programs import search_path
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from pulumi_engine.cache import engine_folder
from pulumi_engine.obtain import obtain
from pulumi_engine.versions import PINNED


@dataclass(frozen=True)
class Project:
    """A project of a program in `program/` that a test writes, with a stack in a backend of its own."""

    folder: Path
    environment: dict[str, str]

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the real engine."""
        executable = shutil.which("pulumi", path=self.environment["PATH"])
        assert executable is not None
        command = [executable, "--non-interactive", "--color", "never", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )

    def preview(self, program: str) -> subprocess.CompletedProcess[str]:
        """Previews a program."""
        (self.folder / "program" / "__main__.py").write_text(program, encoding="utf-8")
        return self.pulumi("preview")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("project")
    engine = obtain()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setenv("PATH", search_path(folder / "nothing"))
        engine_folder(PINNED).mkdir(parents=True)
        (engine_folder(PINNED) / "pulumi").symlink_to(engine / "pulumi")
        with_our_host = obtain()
    (folder / "program").mkdir()
    (folder / "program" / "beside.py").write_text('WORD = "from beside"\n', encoding="utf-8")
    (folder / "Pulumi.yaml").write_text(
        "name: trial\nruntime: python\nmain: program/\nconfig:\n  word:\n    default: from the configuration\n",
        encoding="utf-8",
    )
    environment = {
        "PATH": os.pathsep.join([str(with_our_host), os.environ["PATH"]]),
        "HOME": str(folder),
        "INGEST_PYTHON": sys.executable,
        "PULUMI_BACKEND_URL": folder.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    found = Project(folder, environment)
    made = found.pulumi("stack", "init", "trial")
    assert made.returncode == 0, made.stderr
    return found


def _errors(answer: subprocess.CompletedProcess[str]) -> list[str]:
    """The errors below `Diagnostics:`, where the engine says in the end what went wrong."""
    text = (answer.stdout + answer.stderr).split("Diagnostics:", 1)[1]
    return [line.strip() for line in text.splitlines() if line.strip().startswith("error:")]


def test_a_program_runs_in_its_folder_with_its_modules_and_its_configuration(project: Project) -> None:
    answer = project.preview(
        "import pathlib\n"
        "import pulumi\n"
        "import beside\n"
        "if __name__ == '__main__':\n"
        "    pulumi.export('beside', beside.WORD)\n"
        "    pulumi.export('configured', pulumi.Config().require('word'))\n"
        "    pulumi.export('folder', pathlib.Path.cwd().name)\n"
        "    pulumi.export('names', f'{pulumi.get_project()}/{pulumi.get_stack()} {pulumi.runtime.is_dry_run()}')\n"
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    shown = dict(
        line.strip().split(": ", 1) for line in answer.stdout.splitlines() if '": ' not in line and ': "' in line
    )
    assert {name.strip("+ "): value for name, value in shown.items()} == {
        "beside": '"from beside"',
        "configured": '"from the configuration"',
        "folder": '"program"',
        "names": '"trial/trial True"',
    }


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("raise RuntimeError('no such luck')", "python inline source runtime error: no such luck"),
        ("import pulumi\nraise pulumi.RunError('give a value')", "give a value"),
        (
            "import pulumi\npulumi.Output.from_input(0).apply(lambda value: 1 / value)",
            "python inline source runtime error: division by zero",
        ),
    ],
    ids=["exception", "RunError", "exception in an output"],
)
def test_a_program_that_fails_is_reported_once(project: Project, program: str, error: str) -> None:
    answer = project.preview(program)
    assert answer.returncode != 0
    assert _errors(answer) == [f"error: {error}"], answer.stdout + answer.stderr


@pytest.fixture
def host() -> Iterator[subprocess.Popen[str]]:
    """A language host as the engine starts it."""
    command = [sys.executable, "-m", "pulumi_engine.language_host", "-root=.", "127.0.0.1:1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with process:
        yield process
        process.kill()


def _port(host: subprocess.Popen[str]) -> int:
    assert host.stdout is not None
    return int(host.stdout.readline())


def test_the_protocol_is_answered_on_the_port_that_is_printed(host: subprocess.Popen[str]) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{_port(host)}") as channel:
        stub = language_pb2_grpc.LanguageRuntimeStub(channel)
        handshake = stub.Handshake(language_pb2.LanguageHandshakeRequest(engine_address="127.0.0.1:1"))
        assert handshake == language_pb2.LanguageHandshakeResponse()
        assert list(stub.InstallDependencies(language_pb2.InstallDependenciesRequest())) == []
        assert stub.Cancel(empty_pb2.Empty()) == empty_pb2.Empty()
        assert stub.About(empty_pb2.Empty()).executable == sys.executable


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_host_that_is_told_to_end_ends_in_order(host: subprocess.Popen[str], number: signal.Signals) -> None:
    _port(host)
    host.send_signal(number)
    assert host.wait(10) == 0
