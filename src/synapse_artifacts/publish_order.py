"""The order in which artifacts can be published: what an artifact refers to comes before it."""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from synapse_artifacts.documents import KINDS, Artifact
from synapse_artifacts.errors import CyclicReferencesError
from synapse_artifacts.references import references_of


def dependencies(artifacts: Iterable[Artifact]) -> dict[str, frozenset[str]]:
    """By id: the ids of the given artifacts that it refers to, however the case of their names is written."""
    given = list(artifacts)
    by_key = {artifact.key: artifact.id for artifact in given}
    return {
        artifact.id: frozenset(
            by_key[key]
            for reference in references_of(artifact)
            if (key := f"{reference.kind}/{reference.name}".lower()) in by_key
        )
        for artifact in given
    }


def publish_order(artifacts: Iterable[Artifact]) -> list[Artifact]:
    """The artifacts, each after what it refers to; otherwise by kind and name. To delete, go backwards.

    Raises CyclicReferencesError, which names the circle.
    """
    by_id = {artifact.id: artifact for artifact in artifacts}
    sorter = TopologicalSorter(dependencies(by_id.values()))
    try:
        sorter.prepare()
    except CycleError as error:
        raise CyclicReferencesError(list(reversed(error.args[1]))) from error
    ordered: list[Artifact] = []
    while sorter.is_active():
        ready = sorted((by_id[id] for id in sorter.get_ready()), key=_rank)
        ordered.extend(ready)
        sorter.done(*(artifact.id for artifact in ready))
    return ordered


def _rank(artifact: Artifact) -> tuple[int, str]:
    position = KINDS.index(artifact.kind) if artifact.kind in KINDS else len(KINDS)
    return position, artifact.key
