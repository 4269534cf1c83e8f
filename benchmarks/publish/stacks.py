"""Two Pulumi projects on the real engine: all artifacts as one resource of `dataplane`, and an idle resource each."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi_engine.obtain import obtain

ROOT = Path(__file__).resolve().parents[2]
_PUBLISHED = """
import json
from pathlib import Path

import pulumi_dataplane
from synapse_artifacts.packed import pack

settings = json.loads(Path("settings.json").read_text(encoding="utf-8"))
pulumi_dataplane.WorkspaceArtifacts(
    "artifacts", endpoint=settings["endpoint"], documents=pack(settings["documents"]), started_triggers=[]
)
"""
_IDLE = """
import json
from pathlib import Path

import pulumi

settings = json.loads(Path("settings.json").read_text(encoding="utf-8"))
for name in settings["names"]:
    pulumi.CustomResource("idle:index:Resource", name, {"body": "x" * 1000})
"""


@dataclass(frozen=True)
class Measured:
    """What a command took: wall and processor seconds, and what it said."""

    wall: float
    processor: float
    text: str


@dataclass(frozen=True)
class Stack:
    """A project with one stack on a file backend of its own."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> Measured:
        """A `pulumi` command, measured. Ends the benchmark where it fails."""
        before, used = time.perf_counter(), processor_seconds()
        answer = subprocess.run(
            [str(obtain() / "pulumi"), "--non-interactive", "--color", "never", *arguments],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        wall = time.perf_counter() - before
        if answer.returncode != 0:
            sys.exit(f"running pulumi {' '.join(arguments)}: {answer.stdout[-4000:]}{answer.stderr[-4000:]}")
        return Measured(wall, processor_seconds() - used, answer.stdout)

    def write(self, settings: Mapping[str, Any]) -> None:
        """Replace what the program reads."""
        (self.folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")


def published_stack(folder: Path, environment: Mapping[str, str]) -> Stack:
    """The project of the artifacts, its stack ready."""
    return _made(folder, _PUBLISHED, "dataplane", ROOT / "plugins" / "dataplane", environment)


def idle_stack(folder: Path) -> Stack:
    """The project of the idle resources, its stack ready; created without a state on disk at each step, which is N²."""
    plugin = folder / "plugin"
    plugin.mkdir(parents=True)
    executable = plugin / "pulumi-resource-idle"
    executable.write_text(f'#!/bin/sh\nexec {sys.executable} {ROOT}/benchmarks/publish/idle_provider.py "$@"\n')
    executable.chmod(0o755)
    return _made(folder, _IDLE, "idle", plugin, {"PULUMI_EXPERIMENTAL": "1", "PULUMI_SKIP_CHECKPOINTS": "1"})


def _made(folder: Path, program: str, provider: str, plugin: Path, environment: Mapping[str, str]) -> Stack:
    folder.mkdir(parents=True, exist_ok=True)
    runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": sys.prefix}}
    plugins = {"providers": [{"name": provider, "path": str(plugin)}]}
    project = {"name": "measured", "runtime": runtime, "plugins": plugins}
    (folder / "Pulumi.yaml").write_text(json.dumps(project), encoding="utf-8")
    (folder / "__main__.py").write_text(program, encoding="utf-8")
    (folder / "state").mkdir()
    own = {
        "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "INGEST_PYTHON": sys.executable,
        "PYTHONPATH": str(folder),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), str(obtain()), os.environ["PATH"]]),
    }
    stack = Stack(folder, {**own, **environment})
    stack.run("stack", "init", "measured")
    return stack


def processor_seconds() -> float:
    """Of all children so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
