"""All the artifacts of a workspace that a stack owns, as one resource: order and triggers need the whole graph."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from azure_ids.data_factory import ArtifactHost, FactoryIdError, artifact_host
from azure_ids.synapse import ArtifactId, ArtifactKind, SynapseIdError
from dataplane_provider.errors import AlreadyExists, message
from dataplane_provider.resources import artifact_graph
from dataplane_provider.resources.base import READ_PATIENCE_SECONDS, Resource, without_slash
from dataplane_provider.resources.document_property import (
    PROPERTY,
    arguments,
    in_form_of,
    problem_of,
)
from dataplane_provider.resources.live_artifacts import LiveArtifacts, list_live
from dataplane_provider.resources.masked_secrets import refuse_masked
from dataplane_provider.resources.planning import Situation, deletable, plan_of
from dataplane_provider.resources.publishing import Documents, Plan, Progress, carry_out, started_names
from dataplane_provider.resources.records import WorkspaceArtifactsArgs
from dataplane_provider.resources.resume_note import ResumeNote
from dataplane_provider.resources.spelling import Spelling
from dataplane_provider.resources.told_changes import tell_changes
from dataplane_provider.resources.tumbling_windows import refuse, replacements
from dataplane_provider.resources.workspace_reading import (
    INTERRUPTED,
    KEEP_TRIGGERS,
    imported,
    parse_import_id,
    refreshed,
    running_names,
)
from provider_wire.importing import import_command
from provider_wire.values import UNKNOWN, Properties
from provider_wire.verbs import (
    Change,
    CheckFailure,
    CreateAnswer,
    CreateRequest,
    DeleteRequest,
    DiffAnswer,
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
from synapse_artifacts.packed import documents_of

_LEFT_STOPPED = "an interrupted update stopped triggers of others, and nothing starts them again: start them in Studio"


class WorkspaceArtifacts(Resource):
    """`dataplane:index:WorkspaceArtifacts`; the id is the endpoint of the workspace, or the id of the factory."""

    arguments = WorkspaceArtifactsArgs

    def problems(self, inputs: Properties, known: Properties) -> list[CheckFailure]:
        """Endpoint, names, references, cycles, and triggers to start that are not among the documents."""
        host, failures = _host(inputs["endpoint"])
        problem = problem_of(inputs["documents"])
        if problem or inputs["documents"] == UNKNOWN:
            return [*failures, problem] if problem else failures
        documents = documents_of(inputs["documents"])
        unsound = artifact_graph.problems(documents)
        failures += unsound
        if not unsound:
            failures += artifact_graph.secret_problems(_unknown_yet(documents, documents_of(known.get(PROPERTY))))
        if host is not None and not unsound:
            failures += artifact_graph.host_problems(documents, host)
        started = inputs["startedTriggers"]
        for index, name in enumerate([] if started == UNKNOWN else started):
            if name != UNKNOWN and f"trigger/{name}" not in documents:
                there = ", ".join(sorted(key.split("/", 1)[1] for key in documents if key.startswith("trigger/")))
                failures.append(
                    CheckFailure(
                        f"startedTriggers[{index}]",
                        f"no trigger {name!r}\nexpected one of {there or 'none: there is no trigger'}",
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
        return {} if old == new else artifact_graph.changes_of_all(documents_of(old), documents_of(new))

    def diff(self, request: DiffRequest, session: Session) -> DiffAnswer:
        """As for every resource; what differs in a packed text is told beside it: the engine cannot see it."""
        old, new = request.old_state.get(PROPERTY), request.new_inputs.get(PROPERTY)
        if old and new and UNKNOWN not in (old, new) and old != new:
            if isinstance(old, str) or isinstance(new, str):
                tell_changes(documents_of(old), documents_of(new), session)
            self._tell_replacements(request, session)
        answer = super().diff(request, session)
        if new and new != UNKNOWN:
            documents = documents_of(new)
            refuse_masked(documents, artifact_graph.artifacts_in(answer.changes) & documents.keys())
        if not request.new_inputs.get(KEEP_TRIGGERS):
            return answer
        return replace(
            answer, changes={path: each for path, each in answer.changes.items() if path != "startedTriggers"}
        )

    def _tell_replacements(self, request: DiffRequest, session: Session) -> None:
        """Warn of triggers that are made anew. Raises ProviderError if too many windows would run again."""
        new = request.new_inputs
        started = new.get("startedTriggers") or ()
        running = None if new.get(KEEP_TRIGGERS) or started == UNKNOWN else frozenset(started)
        after = documents_of(new[PROPERTY])
        before = Spelling(after).keyed(documents_of(request.old_state[PROPERTY]))
        found = replacements(before, after, self._services.utc_now(), running)
        refuse(found, new.get("consentedWindows"), f"publishing to {new.get('endpoint')}")
        if found:
            session.log(Severity.WARNING, "\n".join(map(str, found)))

    def things(self, id: str, state: Properties) -> Iterable[str]:
        """Each artifact by itself."""
        return [_thing(id, key) for key in documents_of(state[PROPERTY])]

    def without(self, claimed: frozenset[str], request: DeleteRequest) -> DeleteRequest:
        """The request for the other artifacts."""
        documents = documents_of(request.old_state[PROPERTY])
        rest = {key: each for key, each in documents.items() if _thing(request.id, key) not in claimed}
        return replace(request, old_state={**request.old_state, PROPERTY: rest})

    def further_changes(self, request: DiffRequest) -> dict[str, Change]:
        """Triggers that a failed change left stopped are a reason to update."""
        return {INTERRUPTED: Change.DELETE} if request.old_state.get(INTERRUPTED) else {}

    def create(self, request: CreateRequest, session: Session) -> CreateAnswer:
        """Publish everything that is missing; artifacts equal in meaning are taken over, different ones refused."""
        args = arguments(request.inputs)
        endpoint = artifact_host(args.endpoint)
        client = self._services.artifacts(endpoint, session, args.propagation_timeout_seconds)
        note = ResumeNote.of(request.urn, client)
        noted = note.read()
        kinds = _kinds(args.documents) | ({ArtifactKind.TRIGGER} if noted else set())
        live = Spelling(args.documents).live(list_live(client, kinds))
        taken = _taken_over(request.urn, endpoint, args.documents, live, session)
        triggers = live.of(ArtifactKind.TRIGGER)
        progress = Progress({key: args.documents[key] for key in taken}, running_names(taken, triggers))
        before: Documents = dict(progress.documents)
        nothing = frozenset[str]()
        interrupted = (noted & triggers.keys()) - started_names(triggers)
        progress.interrupted.update(interrupted)
        situation = Situation(before, nothing, args, triggers, nothing, interrupted)
        carry_out(plan_of(situation, self._services.utc_now()), progress, client, note)
        return CreateAnswer(
            str(endpoint), _settled(str(endpoint), request.inputs, progress, frozenset(args.started_triggers), True)
        )

    def update(self, request: UpdateRequest, session: Session) -> UpdateAnswer:
        """Write what changed, delete what is no longer wanted, keep the triggers safe meanwhile."""
        args, old = arguments(request.inputs), arguments(request.old_state)
        endpoint = artifact_host(args.endpoint)
        client = self._services.artifacts(endpoint, session, args.propagation_timeout_seconds)
        spelling = Spelling(old.documents, args.documents)
        owned, declared = spelling.keyed(old.documents), spelling.triggers(old.started_triggers)
        added = {key: document for key, document in args.documents.items() if key not in owned}
        note = ResumeNote.of(request.urn, client)
        with ThreadPoolExecutor(max_workers=1) as beside:
            reading = beside.submit(note.read)
            live = spelling.live(list_live(client, _kinds(added) | {ArtifactKind.TRIGGER}))
            noted = spelling.triggers(reading.result()) & live.of(ArtifactKind.TRIGGER).keys()
        taken = _taken_over(request.urn, endpoint, added, live, session)
        triggers = live.of(ArtifactKind.TRIGGER)
        documents = {**owned, **{key: args.documents[key] for key in taken}}
        progress = Progress(documents, running_names(documents, triggers))
        left = spelling.triggers(request.old_state.get(INTERRUPTED, ()))
        interrupted = (noted | left) - started_names(triggers)
        progress.interrupted.update(interrupted)
        situation = Situation(dict(documents), frozenset(owned), args, triggers, declared, interrupted)
        carry_out(plan_of(situation, self._services.utc_now()), progress, client, note)
        known_triggers = declared | frozenset(args.started_triggers)
        return UpdateAnswer(_settled(request.id, request.inputs, progress, known_triggers, False))

    def read(self, request: ReadRequest, session: Session) -> ReadAnswer:
        """List the workspace by kind; documents that mean the same stay as they are in the state."""
        endpoint, chosen = parse_import_id(request.id)
        client = self._services.artifacts(endpoint, session, READ_PATIENCE_SECONDS)
        return imported(client, chosen) if request.is_import else refreshed(request, client)

    def delete(self, request: DeleteRequest, session: Session) -> None:
        """Stop the triggers of the state, then delete its artifacts, users before what they use."""
        args = arguments(request.old_state)
        endpoint = artifact_host(args.endpoint)
        client = self._services.artifacts(endpoint, session, args.propagation_timeout_seconds)
        kinds = {ArtifactKind.TRIGGER} if _triggers_of(args.documents) else set()
        triggers = Spelling(args.documents).live(list_live(client, kinds)).of(ArtifactKind.TRIGGER)
        running = running_names(args.documents, triggers)
        everything = deletable(args.documents)
        plan = Plan(args.documents, {}, frozenset(), everything, frozenset(running), frozenset())
        progress = Progress(dict(args.documents), running)
        note = ResumeNote.of(request.urn, client)
        left = note.read() - {key.removeprefix("trigger/") for key in args.documents}
        carry_out(plan, progress, client, note)
        if left:
            session.log(Severity.WARNING, f"deleting {endpoint}: {_LEFT_STOPPED} ({', '.join(sorted(left))})")
        if progress.failures:
            raise ProviderError("\n".join(progress.failures))


def _thing(id: str, key: str) -> str:
    """An artifact of a host; upper and lower case of names are one."""
    return f"{id}#{key}".lower()


def _unknown_yet(documents: Documents, known: Documents) -> Documents:
    """The documents that the state does not have just so."""
    return {key: each for key, each in documents.items() if known.get(key) is not each and known.get(key) != each}


def _host(endpoint: str) -> tuple[ArtifactHost | None, list[CheckFailure]]:
    """What an endpoint leads to, as far as it is known, or why it leads to nothing."""
    if endpoint == UNKNOWN:
        return None, []
    try:
        return artifact_host(endpoint), []
    except (SynapseIdError, FactoryIdError) as error:
        return None, [CheckFailure("endpoint", str(error))]


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
        PROPERTY: in_form_of(inputs[PROPERTY], progress.documents),
        "startedTriggers": sorted(progress.running & known_triggers),
    }
    if progress.interrupted | progress.unsure:
        state[INTERRUPTED] = sorted(progress.interrupted | progress.unsure)
    raise PartialFailure(id, state, progress.failures)


def _kinds(keys: Iterable[str]) -> set[ArtifactKind]:
    return {ArtifactId.parse(key).kind for key in keys}


def _triggers_of(*groups: Documents) -> set[str]:
    return {key for group in groups for key in group if key.startswith("trigger/")}


def _taken_over(
    urn: str, endpoint: ArtifactHost, wanted: Documents, live: LiveArtifacts, session: Session
) -> list[str]:
    """The wanted artifacts that exist and mean the same. Raises AlreadyExists listing how others differ."""
    equal: list[str] = []
    different: list[str] = []
    paths: list[str] = []
    for key, document in sorted(wanted.items()):
        artifact = ArtifactId.parse(key)
        item = live.find(artifact)
        if item is None:
            continue
        changes = artifact_graph.changed_paths(key, artifact_graph.own_document(artifact, item), document)
        if changes and artifact.is_made_by_the_service:
            continue  # every workspace has it, so that declaring it can only mean to rewrite it
        (different if changes else equal).append(key)
        paths.extend(changes)
    if different:
        everything = ",".join(sorted([*equal, *different]))
        raise AlreadyExists(
            message(
                f"publishing {', '.join(different)}",
                "the workspace has an artifact of that name that means something else; differing: " + ", ".join(paths),
                "no artifact of that name, or one equal in meaning",
                f"take it over and then change it: {import_command(urn, f'{endpoint}#{everything}')}",
            )
        )
    if equal:
        session.log(
            Severity.INFO, f"publishing to {endpoint}: {len(equal)} artifacts exist and mean the same, taken over"
        )
    return equal
