"""What a stack's own file says about its artifacts, for commands that run without the program."""

import os
from pathlib import Path
from typing import Any

import yaml

from ingest_cli.project import ARTIFACT_FOLDER, PROJECT, ROOT


def artifact_folder(stack: str | None) -> Path:
    """The folder that a stack publishes (`artifacts.folder`), by default the project's."""
    artifacts = settings_of(stack or os.environ.get("PULUMI_STACK")).get("artifacts") or {}
    named = artifacts.get("folder") if isinstance(artifacts, dict) else None
    return ROOT / Path(named).expanduser() if named else ARTIFACT_FOLDER


def settings_of(stack: str | None) -> dict[str, Any]:
    """The settings in a stack's file by name, without the defaults; none where it has no file."""
    file = ROOT / f"Pulumi.{stack.rsplit('/', 1)[-1]}.yaml" if stack else None
    if file is None or not file.is_file():
        return {}
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    return {key.removeprefix(f"{PROJECT}:"): value for key, value in (content.get("config") or {}).items()}
