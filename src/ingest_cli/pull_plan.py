"""Which files change so that a folder holds what Studio changed in the workspace; nothing is written here.

Compared is what was deployed (the state) with what is there now. Values of the environment, which a file holds as
placeholders or has overlaid, are the same in both, so they stay in the file as they are.
"""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from azure_ids.synapse import ArtifactId, ArtifactKind
from dataplane_provider.drift.artifacts import switched, unmanaged
from dataplane_provider.drift.differences import Drift
from dataplane_provider.resources.artifact_graph import seen_document
from dataplane_provider.resources.live_artifacts import LiveArtifacts
from ingest_cli.json_rewriting import equal
from ingest_cli.pull_changes import FileChange, PullPlan, merge_into
from ingest_cli.pull_lake_database import keeps_parts, merge_parts
from ingest_cli.studio_files import document_of, parts_beside, plain_secrets, texts_of, withheld_secrets
from synapse_artifacts.errors import Problem
from synapse_artifacts.load import Workspace
from synapse_artifacts.normalise import differences


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


def trigger_remarks(
    known: Mapping[str, Mapping[str, Any]], started: Collection[str], live: LiveArtifacts
) -> Iterator[Problem]:
    """What to put right in the stack's settings, which no file of an artifact says: the triggers that run.

    `started` are the names of those that do by the settings.
    """
    for each in switched(known, started, live):
        name = ArtifactId.parse(each.subject).name
        if each.drift is Drift.STARTED:
            yield _remark(each.subject, "it runs, and the next pulumi up --refresh stops it", f"add {name} to")
        else:
            yield _remark(each.subject, "it rests, and the next pulumi up --refresh starts it", f"take {name} out of")
    for name in sorted(started):
        artifact = ArtifactId(ArtifactKind.TRIGGER, name)
        if live.find(artifact) is None:
            yield _remark(str(artifact), "it is gone, and the settings name it", f"take {name} out of")


def _remark(subject: str, cause: str, what: str) -> Problem:
    return Problem("pulling", subject, cause, hint=f"{what} triggers.started")


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
    if secrets := list(plain_secrets(artifact, seen)):
        plan.conflicts.extend(secrets)
        return
    plan.deployed[str(artifact)] = seen
    if artifact.kind is ArtifactKind.DATABASE and keeps_parts(file):
        merge_parts(plan, artifact, file, deployed, seen)
    else:
        merge_into(plan, artifact, file, lambda _: (dict(deployed), seen))


def _take_in(plan: PullPlan, workspace: Workspace, artifact: ArtifactId, item: Mapping[str, Any]) -> None:
    """An artifact that the state does not have: it gets a file, unless it has one that means the same."""
    found = workspace.find(artifact.kind.value, artifact.name)
    document = document_of(artifact, item)
    if secrets := list(plain_secrets(artifact, document)):
        plan.conflicts.extend(secrets)
        return
    plan.remarks.extend(withheld_secrets(artifact, item))
    if artifact.kind is ArtifactKind.TRIGGER and item["properties"].get("runtimeState") == "Started":
        what = f"add {artifact.name} to"
        plan.remarks.append(_remark(str(artifact), "it runs, and the next pulumi up stops it", what))
    if found is None or not differences(artifact.kind.value, found.document, document):
        plan.deployed[str(artifact)] = document
    if found is None:
        texts = texts_of(workspace.folder, artifact, item)
        plan.changes.extend(FileChange(str(artifact), file, text) for file, text in texts.items())
    elif str(artifact) not in plan.deployed:
        cause = "it was made in Studio, and the folder has another one of that name"
        plan.conflicts.append(Problem("pulling", str(artifact), cause, found.file, hint="rename one of them"))
