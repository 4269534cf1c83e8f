"""Everything of pipelines_json, published as one graph with the values of this deployment.

`read_artifacts` comes before any resource is declared: what is wrong with a file is told before anything is written.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

import pulumi_dataplane as dataplane
from artifact_checks.check import check_folder
from infra.settings import Settings
from synapse_artifacts.documents import tokens_of
from synapse_artifacts.environment import Environment, bind_all, load_environment
from synapse_artifacts.errors import ArtifactErrors
from synapse_artifacts.load import load_folder

FOLDER = Path(__file__).parents[2] / "pipelines_json"
_EVENT_OFFSETS = ("pipeline/ingest_patients", "/properties/parameters/includeEventOffsets/defaultValue")


@dataclass(frozen=True)
class Artifacts:
    """Checked documents by artifact id, their environment-specific fields, and the triggers to start."""

    documents: Mapping[str, Mapping[str, Any]]
    environment: Environment
    started_triggers: tuple[str, ...]


def trigger_names(folder: Path = FOLDER) -> frozenset[str]:
    """Names of the triggers in a folder, which are those of their files."""
    return frozenset(file.stem for file in (folder / "trigger").glob("*.json"))


def read_artifacts(settings: Settings, folder: Path = FOLDER) -> Artifacts:
    """The artifacts of a folder. Raises ArtifactErrors with every problem."""
    problems = check_folder(folder).problems
    if problems:
        raise ArtifactErrors(problems)
    workspace = load_folder(folder)
    documents = {id: copy.deepcopy(dict(document)) for id, document in workspace.documents.items()}
    environment = load_environment(folder)
    bind_all(documents, environment, dict.fromkeys(environment.outputs, "https://known.after.deployment"))
    _set(documents, *_EVENT_OFFSETS, settings.include_event_offsets)
    return Artifacts(documents, environment, settings.started_triggers)


def _set(documents: Mapping[str, Any], artifact: str, pointer: str, value: object) -> None:
    *path, last = tokens_of(pointer)
    holder = documents[artifact]
    for token in path:
        holder = holder[token]
    holder[last] = value


class PublishedArtifacts(pulumi.ComponentResource):
    """The artifacts of the workspace, each with the outputs that its fields are bound to."""

    def __init__(
        self,
        endpoint: pulumi.Input[str],
        artifacts: Artifacts,
        outputs: Mapping[str, pulumi.Input[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`outputs` has every name that environment.json declares."""
        super().__init__("ingestion:index:PublishedArtifacts", "published-artifacts", {}, opts)
        dataplane.WorkspaceArtifacts(
            "artifacts",
            endpoint=endpoint,
            documents={
                id: _bound(id, document, artifacts.environment, outputs) for id, document in artifacts.documents.items()
            },
            started_triggers=list(artifacts.started_triggers),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def _bound(
    id: str, document: Mapping[str, Any], environment: Environment, outputs: Mapping[str, pulumi.Input[str]]
) -> pulumi.Input[Mapping[str, Any]]:
    """The document itself if nothing in it is bound, so that a first preview shows all that can be known."""
    own = [each for each in environment.bindings if each.artifact == id]
    if not own:
        return document
    names = list(dict.fromkeys(each.output for each in own))

    def bind(values: Sequence[str]) -> Mapping[str, Any]:
        bound = bind_all(
            {id: document}, Environment(tuple(own), environment.outputs), dict(zip(names, values, strict=True))
        )
        return bound[id]

    return pulumi.Output.all(*(outputs[name] for name in names)).apply(bind)
