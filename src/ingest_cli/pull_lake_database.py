"""Pulls a lake database that the folder keeps in parts: a file for it, and one for each table and relationship."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from azure_ids.synapse import ArtifactId
from ingest_cli.json_rewriting import equal, studio_text
from ingest_cli.pull_changes import FileChange, PullPlan, merge_into
from ingest_cli.studio_files import part_file, parts_beside
from synapse_artifacts.errors import Problem
from synapse_artifacts.lake_databases import in_parts, is_in_parts

_Part = tuple[str, str]
"""The folder of a part ("" for the database itself) and its name in lower case."""


def keeps_parts(file: Path) -> bool:
    """Whether the file of a database is that of the database alone."""
    return is_in_parts(json.loads(file.read_text(encoding="utf-8-sig")))


def merge_parts(
    plan: PullPlan, artifact: ArtifactId, file: Path, deployed: Mapping[str, Any], seen: Mapping[str, Any]
) -> None:
    """Adds to the plan what Studio changed of a database: files that change, come and go."""
    files: dict[_Part, Path] = {(each.parent.name, each.stem.lower()): each for each in parts_beside(file)}
    files["", artifact.name.lower()] = file
    before, now = _parts(deployed), _parts(seen)
    for part in [*before, *(each for each in now if each not in before)]:
        old, new, own = before.get(part), now.get(part), files.get(part)
        if equal(old, new):
            continue
        if new is None:
            plan.changes.extend([FileChange(str(artifact), own, None)] if own else [])
        elif old is None:
            _add(plan, artifact, own or part_file(file, part[0], str(new["name"])), new)
        elif own is None:
            plan.conflicts.append(_gone(artifact, part, file))
        else:
            _merge(plan, artifact, own, old, new)


def _parts(document: Mapping[str, Any]) -> dict[_Part, dict[str, Any]]:
    return {(folder, str(part["name"]).lower()): part for folder, part in in_parts(document)}


def _merge(plan: PullPlan, artifact: ArtifactId, file: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
    merge_into(plan, artifact, file, lambda _: (old, new))


def _add(plan: PullPlan, artifact: ArtifactId, file: Path, part: dict[str, Any]) -> None:
    if not file.exists():
        plan.changes.append(FileChange(str(artifact), file, studio_text(part)))
    elif not _holds(file, part):
        cause = f"{part['type'].lower()} {part['name']} was made in Studio, and the folder has another one of that name"
        plan.conflicts.append(Problem("pulling", str(artifact), cause, file, hint="rename one of them"))


def _holds(file: Path, part: Mapping[str, Any]) -> bool:
    """Whether a file says of a part what Studio says, with or without its name and type among the properties."""
    held = json.loads(file.read_text(encoding="utf-8-sig")).get("properties")
    return isinstance(held, dict) and equal({**part["properties"], **held}, part["properties"])


def _gone(artifact: ArtifactId, part: _Part, file: Path) -> Problem:
    cause = f"Studio changed the {part[0]} {part[1]}, and it has no file any more"
    return Problem("pulling", str(artifact), cause, file, hint="pulumi up deletes it, or restore the file")
