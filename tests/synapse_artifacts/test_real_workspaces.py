"""All workspaces of the collection of real ones, as their owners published them: nothing crashes, counts are known."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from synapse_artifacts.documents import Artifact, walk
from synapse_artifacts.errors import CyclicReferencesError
from synapse_artifacts.load import Workspace, places_in, read_folder
from synapse_artifacts.normalise import differences, normalise
from synapse_artifacts.publish_order import dependencies, publish_order
from synapse_artifacts.references import references_of, unknown_reference_types


@pytest.fixture(scope="module")
def corpus() -> Path:
    """The folder with the workspaces, beside the repository."""
    folder = Path(__file__).parents[3] / "shared" / "corpus"
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    return folder


@pytest.fixture(scope="module")
def workspaces(corpus: Path) -> dict[str, Workspace]:
    """Every workspace by the name of its folder."""
    return {folder.name: read_folder(folder)[0] for folder in sorted(corpus.iterdir()) if folder.is_dir()}


def _all(workspaces: dict[str, Workspace]) -> list[Artifact]:
    return [artifact for workspace in workspaces.values() for artifact in workspace.artifacts]


def test_every_artifact_is_read(workspaces: dict[str, Workspace]) -> None:
    counted = Counter(artifact.kind for artifact in _all(workspaces))
    assert counted == PINNED_KINDS


PINNED_KINDS = {
    "notebook": 592,
    "pipeline": 465,
    "dataset": 391,
    "linkedService": 117,
    "dataflow": 97,
    "trigger": 31,
    "sqlscript": 29,
    "integrationRuntime": 25,
    "factory": 18,
    "managedVirtualNetwork": 4,
    "credential": 4,
    "adfcdc": 2,
}


def test_every_reference_type_of_real_artifacts_is_known(
    workspaces: dict[str, Workspace],
) -> None:
    assert [each for artifact in _all(workspaces) for each in unknown_reference_types(artifact)] == []
    assert sum(len(references_of(artifact)) for artifact in _all(workspaces)) == 3769


def test_real_workspaces_can_be_ordered(workspaces: dict[str, Workspace]) -> None:
    for workspace in workspaces.values():
        artifacts = list({artifact.id: artifact for artifact in workspace.artifacts}.values())
        try:
            order = [artifact.id for artifact in publish_order(artifacts)]
        except CyclicReferencesError as error:
            raise AssertionError(workspace.folder.name) from error
        position = {id: index for index, id in enumerate(order)}
        for id, needs in dependencies(artifacts).items():
            assert all(position[need] < position[id] for need in needs)


def test_a_real_artifact_does_not_differ_from_what_it_was_read_from(
    workspaces: dict[str, Workspace],
) -> None:
    for artifact in _all(workspaces):
        normal = normalise(artifact.kind, artifact.document)
        assert differences(artifact.kind, artifact.document, normal) == [], artifact.file
        assert artifact.file is not None
        assert artifact.document == json.loads(artifact.file.read_text(encoding="utf-8-sig"))


def test_every_value_of_the_real_pipelines_has_a_place(
    workspaces: dict[str, Workspace],
) -> None:
    for artifact in _all(workspaces):
        if artifact.kind in ("pipeline", "dataset") and artifact.file is not None:
            assert set(places_in(artifact.file).positions) == {pointer for pointer, _ in walk(artifact.document)}
