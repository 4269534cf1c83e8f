"""Pulls the global parameters of a factory: one artifact there, a part of the factory's own document in the folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from azure_ids.data_factory import FactoryId
from azure_ids.synapse import ArtifactId
from dataplane_provider.resources.artifact_graph import own_document, seen_document
from dataplane_provider.resources.live_artifacts import LiveArtifacts
from ingest_cli.json_rewriting import equal, studio_text
from ingest_cli.pull_changes import FileChange, PullPlan, merge_into
from ingest_cli.studio_files import with_parameters
from synapse_artifacts.data_factory import FACTORY, GLOBAL_PARAMETERS
from synapse_artifacts.errors import Problem
from synapse_artifacts.load import Workspace

_PARAMETERS = ArtifactId.parse(GLOBAL_PARAMETERS)


def plan_parameters(
    plan: PullPlan, workspace: Workspace, factory: FactoryId, known: Mapping[str, Any] | None, live: LiveArtifacts
) -> None:
    """Adds to the plan what was changed of the parameters; `known` is their document in the state, None: there is none.

    A folder without a document of the factory gets one that holds the parameters alone.
    """
    seen = _seen(known, live)
    if seen is known or equal(seen, known):
        return
    file = next((each.file for each in workspace.artifacts if each.kind == FACTORY), None)
    before, now = (each["properties"] if each is not None else None for each in (known, seen))
    if file is not None:
        plan.deployed[GLOBAL_PARAMETERS] = seen
        merge_into(plan, _PARAMETERS, file, lambda ours: (with_parameters(ours, before), with_parameters(ours, now)))
    elif known is not None:
        cause = "Studio changed them, and the folder has no document of a factory any more"
        hint = "pulumi up deletes them, or restore the file"
        plan.conflicts.append(Problem("pulling", GLOBAL_PARAMETERS, cause, hint=hint))
    else:
        plan.deployed[GLOBAL_PARAMETERS] = seen
        new = factory_file(workspace.folder, factory)
        plan.changes.append(FileChange(GLOBAL_PARAMETERS, new, factory_text(factory, now)))


def factory_file(folder: Path, factory: FactoryId) -> Path:
    """Where Studio keeps the document of a factory."""
    return folder / FACTORY / f"{factory.name}.json"


def factory_text(factory: FactoryId, parameters: Mapping[str, Any] | None) -> str:
    """The text of a new document of a factory that holds its parameters alone."""
    return studio_text(with_parameters({"name": factory.name}, parameters))


def _seen(known: Mapping[str, Any] | None, live: LiveArtifacts) -> Mapping[str, Any] | None:
    item = live.find(_PARAMETERS)
    if item is None:
        return None
    return own_document(_PARAMETERS, item) if known is None else seen_document(_PARAMETERS, known, item)
