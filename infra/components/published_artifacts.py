"""Everything of the stack's folder of artifacts, published as one graph with the values of this deployment.

`read_artifacts` comes before any resource is declared: what is wrong with a file is told before anything is written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pulumi

import pulumi_dataplane as dataplane
from artifact_checks.check import check_folder
from artifact_checks.document_checks import check_document
from infra.artifact_settings import PROJECT_FOLDER, Target
from infra.leak_guard import check_leaks, read_stacks, stack_values
from infra.naming import PROJECT, Names
from infra.settings import Publication, Settings, Triggers
from synapse_artifacts.check import with_places
from synapse_artifacts.compute import needed_compute
from synapse_artifacts.data_factory import (
    FACTORY,
    Absence,
    absences_in_workspace,
    absences_of,
    global_parameters_of,
    with_global_parameters,
)
from synapse_artifacts.default_artifacts import document_in, id_in
from synapse_artifacts.documents import Artifact
from synapse_artifacts.environment import Environment, bind_all, load_environment
from synapse_artifacts.errors import ArtifactErrors, Problem
from synapse_artifacts.json_paths import JsonPath
from synapse_artifacts.load import Workspace, name_in
from synapse_artifacts.overlays import Overlay, overlay_all, pointer_of
from synapse_artifacts.packed import MOST_IN_SIGHT, pack

OUTPUTS = frozenset({"dataLakeUrl", "keyVaultUrl", "sqlServer", "sqlDatabase"})
"""What a deployment gives to fields that environment.json declares."""
_EVENT_OFFSETS = ("pipeline/ingest_patients", JsonPath.parse("properties.parameters.includeEventOffsets.defaultValue"))


@dataclass(frozen=True)
class Artifacts:
    """Checked documents by artifact id, their environment-specific fields, and the triggers to start.

    `workspace` is the name of the one they are published to, None for a factory; `referenced` says by id what of the
    folder is not published.
    """

    documents: Mapping[str, Mapping[str, Any]]
    environment: Environment
    triggers: Triggers
    workspace: str | None
    referenced: Mapping[str, str]

    def id_in_workspace(self, id: str) -> str:
        """The id that an artifact of the folder has where it is published."""
        return id if self.workspace is None else id_in(self.workspace, id)


def trigger_names(folder: Path) -> frozenset[str]:
    """Names of the triggers in a folder, which are those of their files but for upper and lower case."""
    return frozenset(_trigger_name(file) for file in (folder / "trigger").glob("*.json"))


def _trigger_name(file: Path) -> str:
    """The name that a file gives its trigger; its own where it gives none of that sort, which the check tells."""
    name = name_in(file)
    return name if name is not None and name.lower() == file.stem.lower() else file.stem


def read_artifacts(settings: Settings | Publication, stack: str) -> Artifacts:
    """The artifacts of the stack's folder with its overlays. Raises ArtifactErrors with every problem."""
    folder = settings.artifacts.folder
    workspace = load_checked(folder)
    environment = load_environment(folder)
    _check_outputs(environment, OUTPUTS if isinstance(settings, Settings) else frozenset())
    found = documents_for(settings.artifacts.target, workspace)
    documents = overlay_all(found, _overlays(settings, found), environment)
    refuse_wrong_overlays(documents, {each.artifact for each in settings.artifacts.overlays})
    bind_all(documents, environment, dict.fromkeys(environment.outputs, "https://known.after.deployment"))
    own = {**settings.own_values(), "overlays": [each.value for each in settings.artifacts.overlays]}
    others = read_stacks(PROJECT_FOLDER, PROJECT)
    check_leaks(documents, stack_values(stack, own, {}), others, settings.artifacts.shared_values)
    name = settings.host.name if isinstance(settings, Publication) else Names.of(settings).workspace
    is_factory = settings.artifacts.target is Target.DATA_FACTORY
    return Artifacts(documents, environment, settings.triggers, None if is_factory else name, workspace.referenced)


def load_checked(folder: Path) -> Workspace:
    """The artifacts of a folder. Raises ArtifactErrors with every problem if Azure would not publish them.

    What only a run would meet is warned of (a workspace that is adopted may have had it for years), what Azure ignores,
    and what the workspace needs beside them.
    """
    report = check_folder(folder)
    problems, workspace = report.problems, report.workspace
    if any(not each.fails_at_run for each in problems):
        raise ArtifactErrors(problems)
    told = [f"{each}\n  Azure publishes it; what runs it fails" for each in problems]
    ignored = [f"{each}\n  Azure publishes and ignores it" for each in report.notes]
    for text in [*told, *ignored, *needed_compute(workspace.artifacts)]:
        pulumi.log.warn(text)
    return workspace


def refuse_wrong_overlays(documents: Mapping[str, Mapping[str, Any]], overlaid: Iterable[str]) -> None:
    """Raises ArtifactErrors with everything that Azure would not publish of documents with overlays."""
    problems = [problem for id in sorted(overlaid) for problem in _wrong(id, documents[id])]
    if problems:
        raise ArtifactErrors(problems)


def _wrong(id: str, document: Mapping[str, Any]) -> Iterator[Problem]:
    kind, _, name = id.partition("/")
    for each in check_document(kind, name, document):
        if not (each.fails_at_run or each.is_ignored):
            yield Problem("overlaying", id, each.cause, pointer=each.pointer, expected=each.expected, hint=each.hint)


def documents_for(target: Target, workspace: Workspace) -> dict[str, Mapping[str, Any]]:
    """The documents that are published to a target. Raises ArtifactErrors with everything that it has not."""
    is_factory = target is Target.DATA_FACTORY
    absences = absences_of if is_factory else absences_in_workspace
    problems = [
        problem
        for each in workspace.artifacts
        for problem in with_places(each, [_absent(each, absence) for absence in absences(each)])
    ]
    # Several factories may share a repository; it is the parameters of one that are published.
    factories = [each for each in workspace.artifacts if each.kind == FACTORY and global_parameters_of(each)]
    if is_factory:
        for each in factories[1:]:
            cause = f"{factories[0].id} has global parameters, too"
            told = Problem("checking", each.id, cause, expected="those of one factory in a folder")
            problems.extend(with_places(each, [replace(told, pointer="/properties/globalParameters")]))
    if problems:
        raise ArtifactErrors(problems)
    if not is_factory:
        return workspace.documents
    return with_global_parameters(workspace.documents, factories[0] if factories else None)


def _absent(artifact: Artifact, absence: Absence) -> Problem:
    return Problem("checking", artifact.id, absence.cause, pointer=absence.pointer, expected=absence.expected)


def _overlays(settings: Settings | Publication, documents: Mapping[str, Mapping[str, Any]]) -> list[Overlay]:
    """The overlays of the stack, and that of the setting for what the project's own pipelines may write."""
    given = list(settings.artifacts.overlays)
    if isinstance(settings, Settings):
        overlay = Overlay(*_EVENT_OFFSETS, settings.include_event_offsets)
        if settings.include_event_offsets or _has_a_place(overlay, documents):
            given.append(overlay)
    return given


def _has_a_place(overlay: Overlay, documents: Mapping[str, Mapping[str, Any]]) -> bool:
    try:
        pointer_of(overlay, documents)
    except ArtifactErrors:
        return False
    return True


def _check_outputs(environment: Environment, given: frozenset[str]) -> None:
    expected = f"one of {', '.join(sorted(given))}" if given else "none: the stack deploys artifacts alone"
    problems = [
        Problem("binding", f"output {name}", "no deployment gives it", expected=expected, hint="use an overlay")
        for name in environment.outputs
        if name not in given
    ]
    if problems:
        raise ArtifactErrors(problems)


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
        for id, kind in artifacts.referenced.items():
            pulumi.log.info(f"{id} is not published: it is {kind}", self)
        dataplane.WorkspaceArtifacts(
            "artifacts",
            endpoint=endpoint,
            documents=_rendered(artifacts, outputs),
            started_triggers=list(artifacts.triggers.started),
            keep_triggers=artifacts.triggers.kept or None,
            consented_windows=artifacts.triggers.consented_windows,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def _rendered(artifacts: Artifacts, outputs: Mapping[str, pulumi.Input[str]]) -> pulumi.Input[Any]:
    """The documents with the values of the deployment: a map that the engine shows, or packed where that is slow."""
    if len(artifacts.documents) <= MOST_IN_SIGHT:
        return {artifacts.id_in_workspace(id): _bound(id, artifacts, outputs) for id in artifacts.documents}
    return _with_outputs(artifacts.environment, outputs, lambda values: pack(_in_workspace(artifacts, values)))


def _bound(id: str, artifacts: Artifacts, outputs: Mapping[str, pulumi.Input[str]]) -> pulumi.Input[Mapping[str, Any]]:
    """The document itself if nothing in it is bound, so that a first preview shows all that can be known."""
    own = Environment(
        tuple(each for each in artifacts.environment.bindings if each.artifact == id), artifacts.environment.outputs
    )
    alone = replace(artifacts, documents={id: artifacts.documents[id]}, environment=own)
    return _with_outputs(own, outputs, lambda values: _in_workspace(alone, values)[artifacts.id_in_workspace(id)])


def _with_outputs(
    environment: Environment, outputs: Mapping[str, pulumi.Input[str]], render: Callable[[Mapping[str, str]], Any]
) -> pulumi.Input[Any]:
    """What `render` makes of the values of the outputs that are bound: at once if there are none."""
    names = list(dict.fromkeys(each.output for each in environment.bindings))
    if not names:
        return render({})
    return pulumi.Output.all(*(outputs[name] for name in names)).apply(
        lambda values: render(dict(zip(names, values, strict=True)))
    )


def _in_workspace(artifacts: Artifacts, values: Mapping[str, str]) -> Mapping[str, Any]:
    """The filled documents with the names that they and what they refer to have where they are published."""
    filled = _filled(artifacts, values)
    if artifacts.workspace is None:
        return filled
    return {
        artifacts.id_in_workspace(id): document_in(artifacts.workspace, id, document) for id, document in filled.items()
    }


def _filled(artifacts: Artifacts, values: Mapping[str, str]) -> Mapping[str, Any]:
    return bind_all(artifacts.documents, artifacts.environment, values) if values else artifacts.documents
