"""Artifacts of a state against those that a workspace lists: changed by JSON path, deleted, unmanaged, switched."""

from collections.abc import Collection, Mapping
from typing import Any

from azure_ids.synapse import ArtifactId, ArtifactKind
from dataplane_provider.drift.differences import Difference, Drift
from dataplane_provider.resources.artifact_graph import own_document
from dataplane_provider.resources.live_artifacts import LiveArtifacts
from synapse_artifacts.normalise import differences

_INTERRUPTED = "since an update was interrupted; pulumi up --refresh starts it"


def compare(known: Mapping[str, Mapping[str, Any]], live: LiveArtifacts) -> list[Difference]:
    """Known documents that are gone or mean something else now, in the order of their ids."""
    found: list[Difference] = []
    for id in sorted(known):
        artifact = ArtifactId.parse(id)
        item = live.find(artifact)
        if item is None:
            found.append(Difference(Drift.DELETED, id))
            continue
        changes = differences(artifact.kind.value, known[id], own_document(artifact, item))
        found.extend(Difference(Drift.CHANGED, id, change.path) for change in changes)
    return found


def unmanaged(known: Collection[str], live: LiveArtifacts) -> list[Difference]:
    """Artifacts of the workspace that are not known, but for those that every workspace has from its beginning."""
    keys = {id.lower() for id in known}
    return [
        Difference(Drift.UNMANAGED, str(id))
        for id in live.ids()
        if not id.is_made_by_the_service and str(id).lower() not in keys
    ]


def switched(known: Collection[str], started: Collection[str], live: LiveArtifacts) -> list[Difference]:
    """Known triggers that run and should not, or the other way round; `started` are the names of those that should."""
    wanted = {name.lower() for name in started}
    ids = {id.lower(): id for id in known if ArtifactId.parse(id).kind is ArtifactKind.TRIGGER}
    found = []
    for name, item in live.of(ArtifactKind.TRIGGER).items():
        id = ids.get(f"{ArtifactKind.TRIGGER.value}/{name}".lower())
        runs = item["properties"].get("runtimeState") == "Started"
        if id is not None and runs != (name.lower() in wanted):
            found.append(Difference(Drift.STARTED if runs else Drift.STOPPED, id))
    return sorted(found, key=lambda each: each.subject)


def resting(live: LiveArtifacts) -> list[Difference]:
    """Triggers that an interrupted update left stopped, whoever had started them."""
    triggers = live.of(ArtifactKind.TRIGGER)
    names = (name for name in live.to_resume() if triggers[name]["properties"].get("runtimeState") != "Started")
    return [Difference(Drift.STOPPED, f"{ArtifactKind.TRIGGER.value}/{name}", _INTERRUPTED) for name in sorted(names)]
