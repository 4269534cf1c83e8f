"""One change of a workspace: stop the triggers it concerns, write in dependency order, delete in reverse, start again.

No trigger may start a run on a half-published graph: if anything fails, what was stopped stays stopped, and the failure
says which triggers these are and how to resume.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from azure_ids.synapse import ArtifactId, ArtifactKind
from dataplane_provider.clients.artifact_service import ArtifactService
from dataplane_provider.clients.limiter import MOST_AT_ONCE
from dataplane_provider.errors import message
from dataplane_provider.resources.artifact_graph import dependencies, reachable
from dataplane_provider.resources.ordered_work import run_in_order
from dataplane_provider.resources.resume_note import ResumeNote
from provider_wire.verbs import ProviderError, Severity

Documents = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Plan:
    """What to do to a workspace. Artifact ids in text form; `before` and `after` hold the documents owned then."""

    before: Documents
    after: Documents
    write: frozenset[str]
    delete: frozenset[str]
    stop: frozenset[str]
    """Names of running triggers that reach a change or shall not run any more."""
    start: frozenset[str]
    """Names of triggers that run in the end and do not run once `stop` is carried out."""
    replace: frozenset[str] = frozenset()
    """Ids of `write` that are deleted before they are written, since the service would not change them in place."""
    loosen: Documents = field(default_factory=dict)
    """Triggers as they are written first, so that those of `replace` on which they depend can be deleted."""
    unrecorded: frozenset[str] = frozenset()
    """Names of `start` of which neither program nor state says that they run: this run alone knows it."""


@dataclass
class Progress:
    """What was reached so far: it becomes the state, whole or partial."""

    documents: dict[str, Mapping[str, Any]]
    running: set[str]
    interrupted: set[str] = field(default_factory=set)
    """Triggers that this change stopped and has not started again."""
    unsure: set[str] = field(default_factory=set)
    """Triggers that shall run and may not: stopping them was not confirmed, or they were not started yet."""
    failures: list[str] = field(default_factory=list)


def started_names(live_triggers: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """The triggers that run, of those that the service lists."""
    return frozenset(
        name for name, live in live_triggers.items() if live["properties"].get("runtimeState") == "Started"
    )


def triggers_reaching(
    changed: Iterable[str], documents: Sequence[Documents], live_triggers: Mapping[str, Mapping[str, Any]]
) -> frozenset[str]:
    """Names of the listed triggers, owned or not, from which references lead to a changed artifact."""
    graph: dict[str, frozenset[str]] = {}
    listed = {str(ArtifactId(ArtifactKind.TRIGGER, name)): live for name, live in live_triggers.items()}
    seen: dict[str, Any] = {}
    for group in (*documents, listed):
        unseen = {key: document for key, document in group.items() if seen.get(key) is not document}
        seen |= unseen
        for key, needs in dependencies(unseen).items():
            graph[key.lower()] = graph.get(key.lower(), frozenset()) | {need.lower() for need in needs}
    wanted = frozenset(key.lower() for key in changed)
    return frozenset(name for name in live_triggers if reachable(graph, f"trigger/{name}".lower()) & wanted)


def carry_out(plan: Plan, progress: Progress, client: ArtifactService, note: ResumeNote) -> None:
    """Carry the plan out, step by step, keeping `progress`; after a failed step none follows.

    Failures are collected in `progress.failures`, with what to do about triggers that are left stopped.
    """
    steps: tuple[Callable[[Plan, Progress, ArtifactService], None], ...] = (_stop, _loosen, _write, _delete, _start)
    noted = plan.stop & plan.unrecorded
    if not noted or _done(lambda: note.write(plan.unrecorded), progress):
        for step in steps:
            step(plan, progress, client)
            if progress.failures:
                break
    if not progress.failures:
        _done(note.remove, progress)
    if not progress.failures:
        return
    if progress.interrupted:
        progress.failures.append(_left_stopped(sorted(progress.interrupted)))
    resting = plan.unrecorded - progress.running - progress.interrupted
    progress.unsure.update(name for name in resting if f"trigger/{name}" in progress.documents)


def _done(act: Callable[[], None], progress: Progress) -> bool:
    """Whether it was done; else the failure is kept."""
    try:
        act()
    except ProviderError as error:
        progress.failures.append(str(error))
        return False
    return True


def _stop(plan: Plan, progress: Progress, client: ArtifactService) -> None:
    def stop(name: str) -> None:
        client.stop_trigger(name)

    if known_here := sorted(plan.stop & plan.unrecorded):
        client.waiter.session.log(Severity.INFO, _stopped_meanwhile(known_here))
    outcome = run_in_order(dict.fromkeys(sorted(plan.stop), frozenset()), stop, MOST_AT_ONCE)
    progress.running.difference_update(outcome.done)
    progress.interrupted.update(plan.start.intersection(outcome.done))
    progress.unsure.update(plan.start.intersection(outcome.failures))
    progress.failures.extend(map(str, outcome.failures.values()))


def _loosen(plan: Plan, progress: Progress, client: ArtifactService) -> None:
    def write(key: str) -> None:
        client.waiter.check(f"taking dependencies out of {key}")
        client.put_artifact(ArtifactId.parse(key), plan.loosen[key])

    outcome = run_in_order(dict.fromkeys(sorted(plan.loosen), frozenset()), write, MOST_AT_ONCE)
    progress.documents.update({key: plan.loosen[key] for key in outcome.done})
    progress.failures.extend(map(str, outcome.failures.values()))


def _write(plan: Plan, progress: Progress, client: ArtifactService) -> None:
    needs = dependencies({key: plan.after[key] for key in sorted(plan.write)})
    deleted: set[str] = set()

    def write(key: str) -> None:
        client.waiter.check(f"publishing {key}")
        artifact = ArtifactId.parse(key)
        if key in plan.replace:
            client.delete_artifact(artifact)
            deleted.add(key)
        client.put_artifact(artifact, plan.after[key])

    outcome = run_in_order(needs, write, MOST_AT_ONCE)
    for key in deleted:
        progress.documents.pop(key, None)
    progress.documents.update({key: plan.after[key] for key in outcome.done})
    progress.failures.extend(map(str, outcome.failures.values()))


def _delete(plan: Plan, progress: Progress, client: ArtifactService) -> None:
    needs = dependencies({key: plan.before[key] for key in sorted(plan.delete)})
    needed_by: dict[str, set[str]] = {key: set() for key in needs}
    for key, targets in needs.items():
        for target in targets & needs.keys():
            needed_by[target].add(key)

    def delete(key: str) -> None:
        client.waiter.check(f"deleting {key}")
        client.delete_artifact(ArtifactId.parse(key))

    reverse = {key: frozenset(users) for key, users in needed_by.items()}
    outcome = run_in_order(reverse, delete, MOST_AT_ONCE)
    for key in outcome.done:
        progress.documents.pop(key, None)
        progress.running.discard(ArtifactId.parse(key).name if key.startswith("trigger/") else "")
    progress.failures.extend(map(str, outcome.failures.values()))


def _start(plan: Plan, progress: Progress, client: ArtifactService) -> None:
    def start(name: str) -> None:
        client.start_trigger(name)

    outcome = run_in_order(dict.fromkeys(sorted(plan.start), frozenset()), start, MOST_AT_ONCE)
    progress.running.update(outcome.done)
    progress.interrupted.difference_update(outcome.done)
    progress.unsure.difference_update(outcome.done)
    progress.failures.extend(map(str, outcome.failures.values()))


def _stopped_meanwhile(names: Sequence[str]) -> str:
    return (
        f"stopping triggers that run as an operator left them ({', '.join(names)}); they are started again in the end; "
        "if this run is killed the next one starts them"
    )


def _left_stopped(names: Sequence[str]) -> str:
    return message(
        f"leaving triggers stopped ({', '.join(names)})",
        "the change is not complete and they would start runs on it",
        hint="run pulumi up again: it finishes the change and starts them",
    )
