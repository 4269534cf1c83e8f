"""All the artifacts of a workspace that a stack owns, as one resource: order and triggers need the whole graph."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from azure_ids.synapse import ArtifactId, ArtifactKind, SynapseIdError, WorkspaceEndpoint
from dataplane_provider import properties
from dataplane_provider.clients.synapse import SynapseClient
from dataplane_provider.errors import AlreadyExists, message
from dataplane_provider.resources import artifact_graph
from dataplane_provider.resources.base import READ_PATIENCE_SECONDS, Resource, without_slash
from dataplane_provider.resources.publishing import (
    Documents,
    Plan,
    Progress,
    carry_out,
    started_names,
    triggers_reaching,
)
from dataplane_provider.resources.records import WorkspaceArtifactsArgs
from dataplane_provider.resources.role_assignment import endpoint_problem
from provider_wire.values import UNKNOWN, Properties
from provider_wire.verbs import (
    Change,
    CheckFailure,
    CreateAnswer,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    PartialFailure,
    ProviderError,
    ReadAnswer,
    ReadRequest,
    Session,
    Severity,
    UpdateAnswer,
    UpdateRequest,
)

INTERRUPTED = "interruptedTriggers"
_MOST_REPORTED = 100
Live = dict[ArtifactKind, dict[str, dict[str, Any]]]


class WorkspaceArtifacts(Resource):
    """`dataplane:index:WorkspaceArtifacts`; the id is the endpoint of the workspace."""

    arguments = WorkspaceArtifactsArgs

    def problems(self, inputs: Properties) -> list[CheckFailure]:
        """Endpoint, names, references, cycles, and triggers to start that are not among the documents."""
        failures = endpoint_problem(inputs["endpoint"])
        documents = inputs["documents"]
        if documents == UNKNOWN:
            return failures
        failures += artifact_graph.problems(documents)
        started = inputs["startedTriggers"]
        for index, name in enumerate([] if started == UNKNOWN else started):
            if name != UNKNOWN and f"trigger/{name}" not in documents:
                known = ", ".join(sorted(key.split("/", 1)[1] for key in documents if key.startswith("trigger/")))
                failures.append(
                    CheckFailure(
                        f"startedTriggers[{index}]",
                        f"no trigger {name!r}\nexpected one of {known or 'none: there is no trigger'}",
                    )
                )
        return failures

    def canonical_forms(self) -> Mapping[str, Callable[[Any], Any]]:
        """The order of trigger names means nothing."""
        return {"endpoint": without_slash, "startedTriggers": lambda names: sorted(names)}

    def changes(self, name: str, old: Any, new: Any) -> dict[str, Change]:
        """Documents are compared by meaning, artifact by artifact and path by path."""
        if name != "documents" or UNKNOWN in (old, new) or old is None or new is None:
            return super().changes(name, old, new)
        found: dict[str, Change] = {}
        for key in sorted(old.keys() | new.keys()):
            if key not in old:
                found[f'documents["{key}"]'] = Change.ADD
            elif key not in new:
                found[f'documents["{key}"]'] = Change.DELETE
            else:
                found.update(artifact_graph.changed_paths(key, old[key], new[key]))
        return found

    def further_changes(self, request: DiffRequest) -> dict[str, Change]:
        """Triggers that a failed change left stopped are a reason to update."""
        return {INTERRUPTED: Change.DELETE} if request.old_state.get(INTERRUPTED) else {}

    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """Publish everything that is missing; artifacts equal in meaning are taken over, different ones refused."""
        args = properties.read(WorkspaceArtifactsArgs, request.inputs)
        endpoint = WorkspaceEndpoint.parse(args.endpoint)
        client = self._services.synapse(endpoint, session, args.propagation_timeout_seconds)
        live = _listed(client, _kinds(args.documents))
        taken = _taken_over(request.type, request.name, endpoint, args.documents, live, session)
        triggers = live.get(ArtifactKind.TRIGGER, {})
        progress = Progress({key: args.documents[key] for key in taken}, _running(taken, triggers))
        before: Documents = dict(progress.documents)
        _publish(_Situation(before, args, triggers, frozenset(), frozenset()), progress, client)
        return CreateAnswer(
            str(endpoint), _settled(str(endpoint), request.inputs, progress, frozenset(args.started_triggers), True)
        )

    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        """Write what changed, delete what is no longer wanted, keep the triggers safe meanwhile."""
        args = properties.read(WorkspaceArtifactsArgs, request.inputs)
        old = properties.read(WorkspaceArtifactsArgs, request.old_state)
        endpoint = WorkspaceEndpoint.parse(args.endpoint)
        client = self._services.synapse(endpoint, session, args.propagation_timeout_seconds)
        added = {key: document for key, document in args.documents.items() if key not in old.documents}
        live = _listed(client, _kinds(added) | _kinds(_triggers_of(old.documents, args.documents)))
        taken = _taken_over(request.type, request.name, endpoint, added, live, session)
        triggers = live.get(ArtifactKind.TRIGGER)
        if triggers is None:
            triggers = client.list_artifacts(ArtifactKind.TRIGGER)
        documents = {**old.documents, **{key: args.documents[key] for key in taken}}
        progress = Progress(documents, _running(documents, triggers))
        interrupted = frozenset(request.old_state.get(INTERRUPTED, ())) - progress.running
        progress.interrupted.update(interrupted)
        situation = _Situation(dict(documents), args, triggers, frozenset(old.started_triggers), interrupted)
        _publish(situation, progress, client)
        known_triggers = frozenset({*old.started_triggers, *args.started_triggers})
        return UpdateAnswer(_settled(request.id, request.inputs, progress, known_triggers, False))

    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        """List the workspace by kind; documents that mean the same stay as they are in the state."""
        endpoint, chosen = _parse_import_id(request.id)
        client = self._services.synapse(endpoint, session, READ_PATIENCE_SECONDS)
        if request.is_import:
            return _imported(client, chosen)
        known: Documents = request.old_state.get("documents", {})
        live = _listed(client, _kinds(known))
        found = {key: seen for key in known if (seen := _seen(key, known[key], live)) is not None}
        if known and not found:
            return ReadAnswer("")
        running = _running(found, live.get(ArtifactKind.TRIGGER, {}))
        before = request.old_state.get("startedTriggers", [])
        started = [name for name in before if name in running] + sorted(running.difference(before))
        _report_drift(str(endpoint), _drift(known, found, before, started), session)
        state = {**request.old_state, "documents": found, "startedTriggers": started}
        if INTERRUPTED in state:
            state[INTERRUPTED] = [name for name in state[INTERRUPTED] if name not in running]
        inputs = {**request.old_inputs, "documents": _as_written(request.old_inputs, found), "startedTriggers": started}
        return ReadAnswer(str(endpoint), state, inputs)

    def delete(self, request: DeleteRequest, session: Session) -> None:
        """Stop the triggers of the state, then delete its artifacts, users before what they use."""
        args = properties.read(WorkspaceArtifactsArgs, request.old_state)
        endpoint = WorkspaceEndpoint.parse(args.endpoint)
        client = self._services.synapse(endpoint, session, args.propagation_timeout_seconds)
        triggers = client.list_artifacts(ArtifactKind.TRIGGER) if _triggers_of(args.documents) else {}
        running = _running(args.documents, triggers)
        everything = frozenset(args.documents)
        plan = Plan(args.documents, {}, frozenset(), everything, frozenset(running), frozenset())
        progress = Progress(dict(args.documents), running)
        carry_out(plan, progress, client)
        if progress.failures:
            raise ProviderError("\n".join(progress.failures))


@dataclass(frozen=True)
class _Situation:
    """What a publication starts from."""

    before: Documents
    args: WorkspaceArtifactsArgs
    triggers: Mapping[str, dict[str, Any]]
    declared_before: frozenset[str]
    interrupted: frozenset[str]


def _publish(situation: _Situation, progress: Progress, client: SynapseClient) -> None:
    """Plan and carry out the way from `situation.before` to the wanted documents."""
    after: Documents = situation.args.documents
    write = frozenset(
        key
        for key, document in after.items()
        if key not in situation.before or artifact_graph.changed_paths(key, situation.before[key], document)
    )
    kept = {key.lower() for key in after}
    delete = frozenset(key for key in situation.before if key.lower() not in kept)
    started = started_names(situation.triggers)
    declared = frozenset(situation.args.started_triggers)
    switched_off = situation.declared_before - declared
    reaching = triggers_reaching(write | delete, (situation.before, after), situation.triggers)
    stop = started & (reaching | switched_off)
    gone = frozenset(ArtifactId.parse(key).name for key in delete if key.startswith("trigger/"))
    wanted = (declared | ((stop | situation.interrupted) - switched_off)) - gone
    plan = Plan(situation.before, after, write, delete, stop, wanted - (started - stop))
    carry_out(plan, progress, client)


def _settled(
    id: str, inputs: Properties, progress: Progress, known_triggers: frozenset[str], is_new: bool
) -> dict[str, Any]:
    """The state that was reached. Raises PartialFailure with it, or ProviderError if a new resource has nothing yet.

    Triggers that only an operator started are left out: the next refresh reports them.
    """
    if not progress.failures:
        return dict(inputs)
    if is_new and not progress.documents:
        raise ProviderError("\n".join(progress.failures))
    state = {
        **inputs,
        "documents": {key: progress.documents[key] for key in sorted(progress.documents)},
        "startedTriggers": sorted(progress.running & known_triggers),
    }
    if progress.interrupted:
        state[INTERRUPTED] = sorted(progress.interrupted)
    raise PartialFailure(id, state, progress.failures)


def _kinds(keys: Iterable[str]) -> set[ArtifactKind]:
    return {ArtifactId.parse(key).kind for key in keys}


def _triggers_of(*groups: Documents) -> set[str]:
    return {key for group in groups for key in group if key.startswith("trigger/")}


def _running(keys: Iterable[str], triggers: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The names of the owned triggers that run."""
    return {name for name in started_names(triggers) if f"trigger/{name}" in set(keys)}


def _listed(client: SynapseClient, kinds: Iterable[ArtifactKind]) -> Live:
    return {kind: client.list_artifacts(kind) for kind in sorted(kinds, key=lambda kind: kind.value)}


def _seen(key: str, known: Mapping[str, Any], live: Live) -> Mapping[str, Any] | None:
    """The document as it is in the workspace: the known text if it means the same, None if it is gone."""
    artifact = ArtifactId.parse(key)
    item = _find(live, artifact)
    return None if item is None else artifact_graph.seen_document(artifact, known, item)


def _find(live: Live, artifact: ArtifactId) -> dict[str, Any] | None:
    """The artifact of that name, however its case is written: the service does not tell upper from lower case."""
    items = live[artifact.kind]
    if artifact.name in items:
        return items[artifact.name]
    return next((item for name, item in items.items() if name.lower() == artifact.name.lower()), None)


def _drift(known: Documents, found: Documents, before: Iterable[str], started: Iterable[str]) -> list[str]:
    """Every difference between state and workspace, by property path."""
    paths = [f'documents["{key}"] (deleted)' for key in sorted(known) if key not in found]
    for key, document in sorted(found.items()):
        paths.extend(artifact_graph.changed_paths(key, known[key], document))
    running, wanted = set(started), set(before)
    paths += [f"startedTriggers ({name} is started)" for name in sorted(running - wanted)]
    paths += [f"startedTriggers ({name} is stopped)" for name in sorted(wanted - running)]
    return paths


def _report_drift(endpoint: str, paths: list[str], session: Session) -> None:
    """Name every difference beside the resource: without `--diff` the engine shows no more than `documents`."""
    if paths:
        more = [f"{len(paths) - _MOST_REPORTED} more"] if len(paths) > _MOST_REPORTED else []
        listed = ", ".join([*paths[:_MOST_REPORTED], *more])
        session.log(Severity.WARNING, f"reading {endpoint}: the workspace differs from the state at {listed}")


def _as_written(old_inputs: Properties, found: Documents) -> dict[str, Any]:
    """Inputs keep their own text where it means what was found."""
    written: Documents = old_inputs.get("documents", {})
    return {
        key: written[key] if key in written and not artifact_graph.changed_paths(key, written[key], seen) else seen
        for key, seen in found.items()
    }


def _taken_over(
    token: str, name: str, endpoint: WorkspaceEndpoint, wanted: Documents, live: Live, session: Session
) -> list[str]:
    """The wanted artifacts that exist and mean the same. Raises AlreadyExists listing how others differ."""
    equal: list[str] = []
    different: list[str] = []
    paths: list[str] = []
    for key, document in sorted(wanted.items()):
        artifact = ArtifactId.parse(key)
        item = _find(live, artifact)
        if item is None:
            continue
        changes = artifact_graph.changed_paths(key, artifact_graph.own_document(artifact, item), document)
        (different if changes else equal).append(key)
        paths.extend(changes)
    if different:
        everything = ",".join(sorted([*equal, *different]))
        raise AlreadyExists(
            message(
                f"publishing {', '.join(different)}",
                "the workspace has an artifact of that name that means something else; differing: " + ", ".join(paths),
                "no artifact of that name, or one equal in meaning",
                "take it over and then change it: pulumi import --generate-code=false "
                f"{token} {name} '{endpoint}#{everything}'",
            )
        )
    if equal:
        session.log(
            Severity.INFO, f"publishing to {endpoint}: {len(equal)} artifacts exist and mean the same, taken over"
        )
    return equal


def _parse_import_id(text: str) -> tuple[WorkspaceEndpoint, list[ArtifactId]]:
    """Endpoint and chosen artifacts of an id: `<endpoint>` or `<endpoint>#pipeline/a,dataset/b`."""
    address, _, chosen = text.partition("#")
    try:
        endpoint = WorkspaceEndpoint.parse(address)
        return endpoint, [ArtifactId.parse(item.strip()) for item in chosen.split(",") if item.strip()]
    except SynapseIdError as error:
        raise ProviderError(message(f"reading artifacts {text!r}", str(error))) from error


def _imported(client: SynapseClient, chosen: list[ArtifactId]) -> ReadAnswer:
    """The chosen artifacts, or all that the service did not make by itself. None of them there: nothing to import."""
    live = _listed(client, {artifact.kind for artifact in chosen} or set(ArtifactKind))
    wanted = chosen or [
        ArtifactId(kind, name)
        for kind, items in live.items()
        for name in sorted(items)
        if not ArtifactId(kind, name).is_made_by_the_service
    ]
    missing = [str(artifact) for artifact in wanted if _find(live, artifact) is None]
    if missing:
        raise ProviderError(message(f"importing {', '.join(missing)}", f"not in the workspace {client.endpoint}"))
    if not wanted:
        return ReadAnswer("")
    documents = {str(item): artifact_graph.own_document(item, _find(live, item) or {}) for item in wanted}
    args = WorkspaceArtifactsArgs(
        endpoint=str(client.endpoint),
        documents=documents,
        started_triggers=tuple(sorted(_running(documents, live.get(ArtifactKind.TRIGGER, {})))),
    )
    inputs = properties.write(args)
    return ReadAnswer(str(client.endpoint), inputs, inputs)
