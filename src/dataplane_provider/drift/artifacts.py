"""Artifacts of a state against those that a workspace lists: changed by JSON path, deleted, unmanaged, switched."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from azure_ids.synapse import ArtifactId, ArtifactKind
from dataplane_provider.drift.differences import Difference, Drift
from dataplane_provider.resources.artifact_graph import own_document
from synapse_artifacts.normalise import differences

Live = Mapping[ArtifactKind, Mapping[str, Mapping[str, Any]]]
"""What the service tells of each artifact, by kind and name."""


def compare(known: Mapping[str, Mapping[str, Any]], live: Live) -> list[Difference]:
    """Known documents that are gone or mean something else now, in the order of their ids."""
    by_key = {f"{kind.value}/{name}".lower(): item for kind, items in live.items() for name, item in items.items()}
    found: list[Difference] = []
    for id in sorted(known):
        item = by_key.get(id.lower())
        if item is None:
            found.append(Difference(Drift.DELETED, id))
            continue
        artifact = ArtifactId.parse(id)
        changes = differences(artifact.kind.value, known[id], own_document(artifact, item))
        found.extend(Difference(Drift.CHANGED, id, change.path) for change in changes)
    return found


def unmanaged(known: Collection[str], live: Live) -> list[Difference]:
    """Artifacts of the workspace that are not known, but for those that every workspace has from its beginning."""
    keys = {id.lower() for id in known}
    return [Difference(Drift.UNMANAGED, str(id)) for id in ids_of(live) if str(id).lower() not in keys]


def ids_of(live: Live) -> Iterator[ArtifactId]:
    """The ids of all artifacts that somebody made, by kind and name."""
    for kind, items in live.items():
        for name in sorted(items):
            artifact = ArtifactId(kind, name)
            if not artifact.is_made_by_the_service:
                yield artifact


def switched(known: Collection[str], started: Collection[str], live: Live) -> list[Difference]:
    """Known triggers that run and should not, or the other way round; `started` are the names of those that should."""
    wanted = {name.lower() for name in started}
    ids = {id.lower(): id for id in known if ArtifactId.parse(id).kind is ArtifactKind.TRIGGER}
    found = []
    for name, item in live.get(ArtifactKind.TRIGGER, {}).items():
        id = ids.get(f"{ArtifactKind.TRIGGER.value}/{name}".lower())
        runs = item["properties"].get("runtimeState") == "Started"
        if id is not None and runs != (name.lower() in wanted):
            found.append(Difference(Drift.STARTED if runs else Drift.STOPPED, id))
    return sorted(found, key=lambda each: each.subject)
