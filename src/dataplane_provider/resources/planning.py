"""From what a workspace holds to what is wanted: what to write, replace and delete, which triggers rest meanwhile."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from azure_ids.synapse import ArtifactId, ArtifactKind
from dataplane_provider.errors import message
from dataplane_provider.resources import artifact_graph
from dataplane_provider.resources.masked_secrets import refuse_masked
from dataplane_provider.resources.publishing import Documents, Plan, started_names, triggers_reaching
from dataplane_provider.resources.records import WorkspaceArtifactsArgs
from dataplane_provider.resources.tumbling_windows import Replacement, dependants, refuse, replacements
from provider_wire.verbs import ProviderError


@dataclass(frozen=True)
class Situation:
    """What a publication starts from."""

    before: Documents
    """The documents owned by now, those that are taken over among them."""
    owned: frozenset[str]
    """The ids of those that the state holds."""
    args: WorkspaceArtifactsArgs
    triggers: Mapping[str, Mapping[str, Any]]
    """All triggers of the workspace as the service tells them, by name."""
    declared_before: frozenset[str]
    interrupted: frozenset[str]
    """Triggers that an earlier change left stopped."""


def plan_of(situation: Situation, now: datetime) -> Plan:
    """The way from `situation.before` to the wanted documents.

    Raises ProviderError if a trigger that will run has to be made anew and more windows than consented would run again,
    if one has to be made anew on which a trigger of others depends, or if a mask would be written for a secret.
    """
    after: Documents = situation.args.documents
    write = frozenset(
        key
        for key, document in after.items()
        if key not in situation.before or artifact_graph.changed_paths(key, situation.before[key], document)
    )
    refuse_masked(after, write)
    kept = {key.lower() for key in after}
    delete = deletable(key for key in situation.before if key.lower() not in kept)
    started = started_names(situation.triggers)
    declared, switched_off = _declared(situation)
    reaching = triggers_reaching(write | delete, (situation.before, after), situation.triggers)
    stop = started & (reaching | switched_off)
    gone = _triggers_in(delete)
    # One that an operator stopped is left alone until a change reaches it or a refresh tells of it.
    due = declared & (reaching | _triggers_in(write) | (declared - situation.declared_before))
    start = ((due | ((stop | situation.interrupted) - switched_off)) - gone) - (started - stop)
    replace = _replaced(situation, write, start, now)
    # Once more also where an earlier change was killed after it had made the trigger anew.
    remade = replace | _keys(replacements(situation.before, after, now, start))
    write |= dependants(situation.before, remade).keys() & after.keys()
    recorded = frozenset[str]() if situation.args.keep_triggers else declared
    return Plan(
        situation.before,
        after,
        write,
        delete,
        stop,
        start,
        replace,
        dependants(situation.before, replace),
        start - recorded,
    )


def _triggers_in(keys: Iterable[str]) -> frozenset[str]:
    """The names of the triggers among artifact ids."""
    artifacts = map(ArtifactId.parse, keys)
    return frozenset(each.name for each in artifacts if each.kind is ArtifactKind.TRIGGER)


def deletable(keys: Iterable[str]) -> frozenset[str]:
    """Those that can be deleted: what the service made itself stays, in the state or not."""
    return frozenset(key for key in keys if not ArtifactId.parse(key).is_made_by_the_service)


def _replaced(situation: Situation, write: frozenset[str], start: frozenset[str], now: datetime) -> frozenset[str]:
    live = {str(ArtifactId(ArtifactKind.TRIGGER, name)): item for name, item in situation.triggers.items()}
    wanted = {key: document for key, document in situation.args.documents.items() if key in write}
    found = replacements(live, wanted, now, start)
    refuse(found, situation.args.consented_windows, f"publishing to {situation.args.endpoint}")
    replaced = _keys(found)
    own = {key.lower() for key in situation.before}
    if others := sorted(key for key in dependants(live, replaced) if key.lower() not in own):
        raise ProviderError(
            message(
                f"replacing {', '.join(sorted(replaced))}",
                f"Azure deletes no trigger that another depends on, as {', '.join(others)} does, which is of others",
                hint="take it out of the dependsOn there first",
            )
        )
    return replaced


def _keys(found: Iterable[Replacement]) -> frozenset[str]:
    return frozenset(f"trigger/{each.name}" for each in found)


def _declared(situation: Situation) -> tuple[frozenset[str], frozenset[str]]:
    """The triggers that shall run because the program says so, and those that shall not run any more."""
    declared = frozenset(situation.args.started_triggers)
    if situation.args.keep_triggers:
        return frozenset(name for name in declared if f"trigger/{name}" not in situation.owned), frozenset()
    return declared, situation.declared_before - declared
