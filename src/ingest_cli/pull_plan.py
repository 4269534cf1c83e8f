"""Which files change so that a folder holds what Studio changed in the workspace; nothing is written here.

Compared is what was deployed (the state) with what is there now. Values of the environment, which a file holds as
placeholders or has overlaid, are the same in both, so they stay in the file as they are.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from azure_ids.synapse import ArtifactId, ArtifactKind
from dataplane_provider.drift.artifacts import unmanaged
from dataplane_provider.resources.artifact_graph import seen_document
from dataplane_provider.resources.live_artifacts import LiveArtifacts
from ingest_cli.json_rewriting import equal, rewritten
from ingest_cli.studio_files import document_of, parts_beside, texts_of, withheld_secrets
from ingest_cli.three_way import Merge
from synapse_artifacts.errors import Problem
from synapse_artifacts.load import Workspace
from synapse_artifacts.normalise import differences

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class FileChange:
    """A file that gets another text; None: it goes."""

    artifact: str
    file: Path
    text: str | None

    @property
    def verb(self) -> str:
        """What is done to it."""
        return "delete" if self.text is None else "change" if self.file.exists() else "add"


@dataclass
class PullPlan:
    """The files to change, and what cannot be pulled; `remarks` do not keep anything from being pulled.

    `deployed` is what the state holds afterwards, by artifact id: what the workspace has now; None: it has it no more.
    """

    changes: list[FileChange] = field(default_factory=list)
    deployed: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    conflicts: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)


def plan_pull(workspace: Workspace, known: Mapping[str, Mapping[str, Any]], live: LiveArtifacts) -> PullPlan:
    """The plan for a folder that was read, the documents of the state, and what the service tells.

    The parameters of a factory are left to `factory_parameters.py`: they have no file of their own.
    """
    plan = PullPlan()
    for id in sorted(known):
        artifact = ArtifactId.parse(id)
        if artifact.kind is ArtifactKind.GLOBAL_PARAMETERS:
            continue
        item = live.find(artifact)
        found = workspace.find(artifact.kind.value, artifact.name)
        file = found.file if found else None
        if item is not None:
            _pull(plan, artifact, file, known[id], item)
            continue
        plan.deployed[id] = None
        if file is not None:
            parts = parts_beside(file) if artifact.kind is ArtifactKind.DATABASE else []
            plan.changes.extend(FileChange(id, each, None) for each in [file, *parts])
    for each in unmanaged(known, live):
        artifact = ArtifactId.parse(each.subject)
        if artifact.kind is not ArtifactKind.GLOBAL_PARAMETERS:
            _take_in(plan, workspace, artifact, live.find(artifact) or {})
    return plan


def _pull(
    plan: PullPlan, artifact: ArtifactId, file: Path | None, deployed: Mapping[str, Any], item: Mapping[str, Any]
) -> None:
    seen = seen_document(artifact, deployed, item)
    if equal(dict(seen), dict(deployed)):
        return
    if file is None:
        cause = "Studio changed it, and it has no file any more"
        plan.conflicts.append(
            Problem("pulling", str(artifact), cause, hint="pulumi up deletes it, or restore the file")
        )
        return
    if artifact.kind is ArtifactKind.DATABASE and parts_beside(file):
        cause = "Studio changed the lake database, and its tables have files of their own"
        plan.conflicts.append(Problem("pulling", str(artifact), cause, file, hint="change the files by hand"))
        return
    plan.deployed[str(artifact)] = seen
    merge_into(plan, artifact, file, lambda _: (dict(deployed), seen))


def merge_into(plan: PullPlan, artifact: ArtifactId, file: Path, sides: Callable[[Any], tuple[Any, Any]]) -> None:
    """Puts what Studio changed into a file; `sides` says, for the file's value, what was deployed and what is now."""
    text = file.read_bytes().decode()
    bare = text.removeprefix(_BYTE_ORDER_MARK)
    merge = Merge()
    ours = json.loads(bare)
    deployed, seen = sides(ours)
    document = merge.merged(deployed, ours, seen)
    changed = text[: len(text) - len(bare)] + rewritten(bare, document)
    if changed != text:
        plan.changes.append(FileChange(str(artifact), file, changed))
    plan.conflicts.extend(_conflicts(artifact, file, merge))


def _conflicts(artifact: ArtifactId, file: Path, merge: Merge) -> Iterator[Problem]:
    for path in merge.conflicts:
        cause = f"Studio changed {path.removeprefix('.')}, and so does the file: by an output, an overlay or an edit"
        hint = "change environment.json, the overlay or the file by hand; pulumi up makes the workspace as the file is"
        yield Problem("pulling", str(artifact), cause, file, hint=hint)


def _take_in(plan: PullPlan, workspace: Workspace, artifact: ArtifactId, item: Mapping[str, Any]) -> None:
    """An artifact that the state does not have: it gets a file, unless it has one that means the same."""
    found = workspace.find(artifact.kind.value, artifact.name)
    document = document_of(artifact, item)
    plan.remarks.extend(withheld_secrets(artifact, item))
    if artifact.kind is ArtifactKind.TRIGGER and item["properties"].get("runtimeState") == "Started":
        hint = f"add {artifact.name} to triggers.started"
        plan.remarks.append(Problem("pulling", str(artifact), "it runs, and the next pulumi up stops it", hint=hint))
    if found is None or not differences(artifact.kind.value, found.document, document):
        plan.deployed[str(artifact)] = document
    if found is None:
        texts = texts_of(workspace.folder, artifact, item)
        plan.changes.extend(FileChange(str(artifact), file, text) for file, text in texts.items())
    elif str(artifact) not in plan.deployed:
        cause = "it was made in Studio, and the folder has another one of that name"
        plan.conflicts.append(Problem("pulling", str(artifact), cause, found.file, hint="rename one of them"))
