"""The resources that a stack's state holds, as fast as they can be read.

A state in a folder (`file://`) is read from its file, in which the engine keeps it in the form of an export; any other
backend is asked by `pulumi stack export`. Secrets stay encrypted.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ingest_cli.errors import CommandError
from ingest_cli.project import PROJECT
from ingest_cli.stack import exported_resources


def state_resources(stack: str | None) -> list[dict[str, Any]]:
    """All resources of a stack, by default of the selected one. Raises CommandError where there is no state."""
    file = _state_file(stack or os.environ.get("PULUMI_STACK"), os.environ)
    found = _of_file(file) if file is not None else exported_resources(_doing(stack), stack)
    if not found:
        raise CommandError(_doing(stack), "it is empty: nothing is deployed", hint="pulumi up")
    return found


def _state_file(stack: str | None, environment: Mapping[str, str]) -> Path | None:
    """The file of a stack that is known by name, in a backend that is a folder."""
    backend = urlsplit(environment.get("PULUMI_BACKEND_URL", ""))
    if backend.scheme != "file" or not stack:
        return None
    folder = Path(unquote(backend.path)) / ".pulumi" / "stacks" / PROJECT
    file = folder / f"{stack.rsplit('/', 1)[-1]}.json"
    return file if file.is_file() else None


def _of_file(file: Path) -> list[dict[str, Any]]:
    content = json.loads(file.read_bytes())
    latest: Mapping[str, Any] = content["checkpoint"].get("latest") or {}
    return list(latest.get("resources") or [])


def _doing(stack: str | None) -> str:
    return f"reading the state of {f'stack {stack}' if stack else 'the selected stack'}"
