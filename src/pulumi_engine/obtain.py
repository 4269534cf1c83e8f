"""Finds or makes the engine: PATH first, then the official release, then a build; the last two once per user."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from pulumi_engine.build import build
from pulumi_engine.cache import engine_folder, exclusive
from pulumi_engine.errors import EngineError
from pulumi_engine.progress import reporting
from pulumi_engine.release import download
from pulumi_engine.versions import PINNED, EngineVersion

_HOST_SCRIPT = """#!/bin/sh
# Runs the Python language host in the environment of the project that is being deployed.
exec "${INGEST_PYTHON:-python3}" -m pulumi_engine.language_host "$@"
"""


def obtain(version: EngineVersion = PINNED) -> Path:
    """The folder to put first on PATH so that `pulumi` works. Raises EngineError with every way that was tried."""
    on_path = find_on_path(version)
    if on_path is not None:
        return on_path
    folder = engine_folder(version)
    if (folder / "pulumi").exists() and (folder / "pulumi-language-python").exists():
        return folder
    with exclusive(folder):
        if not (folder / "pulumi").exists():
            _fill(version, folder)
        if not (folder / "pulumi-language-python").exists():
            _write_language_host(folder)
    return folder


def find_on_path(version: EngineVersion) -> Path | None:
    """The folder of a `pulumi` on PATH whose version fits and that has a Python language host; None otherwise."""
    found = shutil.which("pulumi")
    if found is None or shutil.which("pulumi-language-python", path=_search_path(found)) is None:
        return None
    answer = subprocess.run([found, "version"], capture_output=True, text=True, check=False)
    installed = EngineVersion.parse(answer.stdout)
    if installed is None or not version.fits(installed):
        print(
            f"pulumi on PATH ({found}) is {answer.stdout.strip()}; {version} or a later {version.major}.x is needed",
            file=sys.stderr,
        )
        return None
    return Path(found).parent


def _search_path(executable: str) -> str:
    return os.pathsep.join([str(Path(executable).parent), os.environ.get("PATH", "")])


def _fill(version: EngineVersion, folder: Path) -> None:
    try:
        with reporting(f"downloading pulumi {version}"):
            download(version, folder)
    except EngineError as no_release:
        print(f"  {no_release}", file=sys.stderr)
        try:
            build(version, folder)
        except EngineError as no_build:
            raise EngineError(
                f"obtaining pulumi {version}: none on PATH fits, and neither other way worked\n"
                f"- {no_release}\n- {no_build}\n"
                "hint: install it from https://www.pulumi.com/docs/install/ and put it on PATH"
            ) from no_build


def _write_language_host(folder: Path) -> None:
    host = folder / "pulumi-language-python"
    host.write_text(_HOST_SCRIPT)
    host.chmod(0o755)
