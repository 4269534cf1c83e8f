"""Programs that stand where a test wants others to be found: shell scripts in a folder of PATH."""

from __future__ import annotations

import os
from pathlib import Path


def write_program(folder: Path, name: str, body: str) -> Path:
    """An executable POSIX shell script."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    program.chmod(0o755)
    return program


def write_pulumi(folder: Path, version: str, language_host: bool = True) -> Path:
    """A `pulumi` that knows its version and nothing else, with a language host beside it or without."""
    if language_host:
        write_program(folder, "pulumi-language-python", "exit 1")
    return write_program(folder, "pulumi", f'[ "$1" = version ] && echo {version}')


def write_go(folder: Path, version: str = "go1.27.3", build: str = 'echo built > "$target"') -> Path:
    """A `go` that tells its version; `build` is what `go build -o "$target"` does. Each call is a line of `go.log`."""
    script = f"""\
echo "$@" >> '{folder}/go.log'
[ "$1" = env ] && echo {version} && exit 0
while [ "$1" != -o ]; do shift; done
target="$2"
{build}"""
    return write_program(folder, "go", script)


def builds_of(folder: Path) -> list[str]:
    """The calls of `go build` so far."""
    log = folder / "go.log"
    calls = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    return [call for call in calls if call.startswith("build ")]


def search_path(*folders: Path) -> str:
    """A PATH of these folders alone: what the machine has installed is not found."""
    return os.pathsep.join(map(str, folders))
