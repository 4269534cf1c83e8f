"""A workspace read into the state: what changed behind the engine, and what is taken over from nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from azure_ids.data_factory import ArtifactHost, FactoryIdError, artifact_host
from azure_ids.synapse import ArtifactId, ArtifactKind, SynapseIdError
from dataplane_provider import properties
from dataplane_provider.clients.artifact_service import ArtifactService
from dataplane_provider.drift.artifacts import unmanaged
from dataplane_provider.errors import message
from dataplane_provider.resources import artifact_graph
from dataplane_provider.resources.document_property import PROPERTY, in_form_of
from dataplane_provider.resources.live_artifacts import LiveArtifacts, list_live
from dataplane_provider.resources.publishing import Documents, started_names
from dataplane_provider.resources.records import WorkspaceArtifactsArgs
from dataplane_provider.resources.resume_note import ResumeNote
from dataplane_provider.resources.spelling import Spelling
from provider_wire.values import Properties
from provider_wire.verbs import ProviderError, ReadAnswer, ReadRequest, Session, Severity
from synapse_artifacts.packed import MOST_IN_SIGHT, documents_of, pack

KEEP_TRIGGERS = "keepTriggers"
INTERRUPTED = "interruptedTriggers"
_MOST_REPORTED = 100


def running_names(keys: Iterable[str], triggers: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The names of the owned triggers that run."""
    owned = set(keys)
    return {name for name in started_names(triggers) if f"trigger/{name}" in owned}


def refreshed(request: ReadRequest, client: ArtifactService) -> ReadAnswer:
    """The state as the workspace is now, with the texts of the state where they mean the same."""
    known: Documents = documents_of(request.old_state.get(PROPERTY))
    live, found = _looked_at(known, client)
    if known and not found:
        return ReadAnswer("")
    running = running_names(found, live.of(ArtifactKind.TRIGGER))
    before = request.old_state.get("startedTriggers", [])
    started = [name for name in before if name in running] + sorted(running.difference(before))
    if request.old_state.get(KEEP_TRIGGERS):
        started = before
    _report_unmanaged(known, live, client)
    _report_drift(str(client.endpoint), _drift(known, found, before, started), client.waiter.session)
    form = request.old_state.get(PROPERTY, "")
    state = {**request.old_state, PROPERTY: in_form_of(form, found), "startedTriggers": started}
    noted = live.to_resume(ResumeNote.of(request.urn, client).artifact)
    interrupted = {name for name in state.pop(INTERRUPTED, ()) if name not in running} | noted
    if interrupted:
        state[INTERRUPTED] = sorted(interrupted)
    _report_resting(noted - started_names(live.of(ArtifactKind.TRIGGER)), client)
    inputs = {**request.old_inputs, PROPERTY: _as_written(request.old_inputs, found), "startedTriggers": started}
    return ReadAnswer(str(client.endpoint), state, inputs)


def most_first(kinds: Iterable[ArtifactKind], keys: Iterable[str]) -> list[ArtifactKind]:
    """Kinds by how many artifacts of them the keys name, those of most first: they have most pages to be waited for."""
    numbers = Counter(key.partition("/")[0] for key in keys)
    return sorted(kinds, key=lambda kind: (-numbers[kind.value], kind.value))


def _looked_at(known: Documents, client: ArtifactService) -> tuple[LiveArtifacts, Documents]:
    """What the workspace holds, and of what is known: the known text where it means the same, else what is there."""
    spelled = {key.lower(): key for key in known}
    seen: dict[str, Mapping[str, Any]] = {}

    def look(kind: ArtifactKind, items: Mapping[str, Mapping[str, Any]]) -> None:
        for name, item in items.items():
            key = spelled.get(f"{kind.value}/{name}".lower())
            if key is not None:
                seen[key] = artifact_graph.seen_document(ArtifactId.parse(key), known[key], item)
                artifact_graph.read_ahead(key, known[key])  # the program will hardly ask for anything else

    live = list_live(client, most_first(client.collections, known), look)
    return Spelling(known).live(live), {key: seen[key] for key in known if key in seen}


def _drift(known: Documents, found: Documents, before: Iterable[str], started: Iterable[str]) -> list[str]:
    """Every difference between state and workspace, by property path."""
    paths = [f'documents["{key}"] (deleted)' for key in sorted(known) if key not in found]
    for key, document in sorted(found.items()):
        if document is not known[key]:
            paths.extend(artifact_graph.changed_paths(key, known[key], document))
    running, wanted = set(started), set(before)
    paths += [f"startedTriggers ({name} is started)" for name in sorted(running - wanted)]
    paths += [f"startedTriggers ({name} is stopped)" for name in sorted(wanted - running)]
    return paths


def _report_drift(endpoint: str, paths: list[str], session: Session) -> None:
    """Name every difference beside the resource: the engine shows no more than `documents`."""
    if paths:
        text = f"reading {endpoint}: the workspace differs from the state at {_enumerated(paths)}"
        session.log(Severity.WARNING, text)


def _report_resting(names: frozenset[str], client: ArtifactService) -> None:
    """Name the triggers that an interrupted update left stopped: neither state nor program knows that they ran."""
    if names:
        what = f"triggers stand stopped since an update was interrupted: {_enumerated(sorted(names))}"
        text = f"reading {client.endpoint}: {what}\nhint: pulumi up --refresh starts them again"
        client.waiter.session.log(Severity.WARNING, text)


def _report_unmanaged(known: Documents, live: LiveArtifacts, client: ArtifactService) -> None:
    """Name what the workspace holds beside the state: it is no change, since nobody here may touch it."""
    names = [difference.subject for difference in unmanaged(known, live)]
    if names:
        what = f"the workspace holds artifacts that this stack does not manage: {_enumerated(names)}"
        client.waiter.session.log(Severity.WARNING, f"reading {client.endpoint}: {what}")


def _enumerated(names: list[str]) -> str:
    """The first of them, and how many more there are."""
    more = [f"{len(names) - _MOST_REPORTED} more"] if len(names) > _MOST_REPORTED else []
    return ", ".join([*names[:_MOST_REPORTED], *more])


def _as_written(old_inputs: Properties, found: Documents) -> Any:
    """Inputs keep their own text where it means what was found."""
    form = old_inputs.get(PROPERTY, "")
    written = documents_of(form)
    kept = {
        key: seen
        if seen is written.get(key) or key not in written or artifact_graph.changed_paths(key, written[key], seen)
        else written[key]
        for key, seen in found.items()
    }
    return in_form_of(form, kept)


def parse_import_id(text: str) -> tuple[ArtifactHost, list[ArtifactId]]:
    """Endpoint and chosen artifacts of an id: `<endpoint>` or `<endpoint>#pipeline/a,dataset/b`."""
    address, _, chosen = text.partition("#")
    try:
        endpoint = artifact_host(address)
        return endpoint, [ArtifactId.parse(item.strip()) for item in chosen.split(",") if item.strip()]
    except (SynapseIdError, FactoryIdError) as error:
        raise ProviderError(message(f"reading artifacts {text!r}", str(error))) from error


def imported(client: ArtifactService, chosen: list[ArtifactId]) -> ReadAnswer:
    """The chosen artifacts, or all that the service did not make by itself. None of them there: nothing to import."""
    live = list_live(client, {artifact.kind for artifact in chosen} or client.collections)
    live = Spelling(map(str, chosen)).live(live)
    wanted = chosen or [artifact for artifact in live.ids() if not artifact.is_made_by_the_service]
    missing = [str(artifact) for artifact in wanted if live.find(artifact) is None]
    if missing:
        raise ProviderError(message(f"importing {', '.join(missing)}", f"not in {client.endpoint}"))
    if not wanted:
        return ReadAnswer("")
    documents = {str(item): artifact_graph.own_document(item, live.find(item) or {}) for item in wanted}
    args = WorkspaceArtifactsArgs(
        endpoint=str(client.endpoint),
        documents=documents if len(documents) <= MOST_IN_SIGHT else pack(documents),
        started_triggers=tuple(sorted(running_names(documents, live.of(ArtifactKind.TRIGGER)))),
    )
    inputs = properties.write(args)
    return ReadAnswer(str(client.endpoint), inputs, inputs)
