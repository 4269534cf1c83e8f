"""Plain `pulumi` commands on the selected stack of this project, and the names of the outputs that commands read."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from ingest_cli.errors import CommandError
from ingest_cli.project import ROOT

WORKSPACE_ENDPOINT = "artifactHost"


def stack_outputs(environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The outputs of the selected stack. Raises CommandError where there is no engine, stack or deployment."""
    doing = "reading the outputs of the stack"
    if environment is None and shutil.which("pulumi") is None:
        raise CommandError(doing, "there is no pulumi on PATH", hint='eval "$(ingest local env)"')
    answer = pulumi(["stack", "output", "--json"], environment)
    if answer.returncode != 0:
        raise CommandError(doing, answer.stderr.strip(), hint="pulumi up")
    outputs: dict[str, Any] = json.loads(answer.stdout)
    if WORKSPACE_ENDPOINT not in outputs:
        raise CommandError(doing, f"there is no output {WORKSPACE_ENDPOINT}: nothing is deployed", hint="pulumi up")
    return outputs


def exported_state(
    doing: str, stack: str | None = None, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The state of a stack, by default of the selected one.

    Raises CommandError, which says that it happened while `doing`.
    """
    answer = pulumi(["stack", "export", *(["--stack", stack] if stack else [])], environment)
    if answer.returncode != 0:
        raise CommandError(doing, answer.stderr.strip())
    state: dict[str, Any] = json.loads(answer.stdout)
    return state


def exported_resources(
    doing: str, stack: str | None = None, environment: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The resources in that state; none before it is deployed. Raises CommandError."""
    return list(exported_state(doing, stack, environment)["deployment"].get("resources") or [])


def pulumi(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs `pulumi` in the project's folder and returns what it said."""
    executable = shutil.which("pulumi", path=environment["PATH"] if environment else None)
    if executable is None:
        raise CommandError(
            f"running pulumi {arguments[0]}", "there is no pulumi on PATH", hint='eval "$(ingest local env)"'
        )
    command = [executable, "--non-interactive", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def show_pulumi(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Runs `pulumi` with its output on the terminal. Raises CommandError where it fails."""
    executable = shutil.which("pulumi", path=environment["PATH"]) or "pulumi"
    answer = subprocess.run([executable, "--non-interactive", *arguments], cwd=ROOT, env=environment, check=False)
    if answer.returncode != 0:
        raise CommandError(f"running pulumi {' '.join(arguments)}", f"it ended with {answer.returncode}, see above")
