"""Writes into a stack's state what a workspace was seen to hold, by the engine's own export and import.

As a refresh does, but for artifacts that the state did not have as well: a refresh cannot take those in.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dataplane_provider.drift.search import ARTIFACTS
from dataplane_provider.resources.document_property import PROPERTY, in_form_of
from ingest_cli.errors import CommandError
from ingest_cli.stack import pulumi
from synapse_artifacts.packed import documents_of

_HINT = "who may not write the state pulls with --files-only; the next pulumi up then writes the state"


def record(stack: str | None, seen: Mapping[str, Mapping[str, Any] | None]) -> None:
    """Puts documents by artifact id into the state, and takes out those that are None. Raises CommandError."""
    chosen = ["--stack", stack] if stack else []
    doing = f"recording {len(seen)} artifacts in the state"
    answer = pulumi(["stack", "export", *chosen])
    if answer.returncode != 0:
        raise CommandError(doing, answer.stderr.strip(), hint=_HINT)
    state = json.loads(answer.stdout)
    for resource in state["deployment"]["resources"]:
        if resource["type"] == ARTIFACTS:
            for side in ("inputs", "outputs"):
                resource[side][PROPERTY] = _with(resource[side][PROPERTY], seen)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "state.json"
        file.write_text(json.dumps(state), encoding="utf-8")
        written = pulumi(["stack", "import", *chosen, "--file", str(file)])
    if written.returncode != 0:
        raise CommandError(doing, written.stderr.strip(), hint=_HINT)


def _with(documents: Any, seen: Mapping[str, Mapping[str, Any] | None]) -> Any:
    merged = {**documents_of(documents), **seen}
    return in_form_of(documents, {id: each for id, each in merged.items() if each is not None})
