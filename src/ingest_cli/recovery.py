"""What a killed run of the engine left in a stack's state: its lock, and notes of resources that were being created.

The engine clears neither by itself, since only whoever knows the cloud can say what became of a creation. Here that is
known: azure-native refuses to create what exists, so that has to be imported; the provider `dataplane` takes over what
means the same, so its notes can go. https://www.pulumi.com/docs/support/troubleshooting/interrupted-updates
"""

import json
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from azure.core.credentials import TokenCredential

from dataplane_provider.clients.data_factory import ENDPOINT, SCOPE
from dataplane_provider.clients.rest import RestChannel
from dataplane_provider.clients.waiting import Waiter
from dataplane_provider.drift.connections import Quiet
from ingest_cli.errors import CommandError
from ingest_cli.project import PROJECT
from ingest_cli.stack import exported_state, pulumi
from ingest_cli.stack_settings import settings_of
from ingest_cli.workspace_reading import asked

_TAKEN_OVER = "dataplane:"
"""Types of the provider that takes over what it was creating; only azure-native is known beside it."""
_THERE, _MISSING = 200, 404
_THERE_OR_NOT = frozenset({_THERE, _MISSING})


@dataclass(frozen=True, eq=False)
class PendingCreate:
    """A resource that was being created when the engine died, as the state notes it."""

    urn: str
    type: str
    inputs: Mapping[str, Any]
    parent: str
    provider: str
    """The URN of its provider."""

    @property
    def name(self) -> str:
        """The name in the program."""
        return self.urn.rsplit("::", 1)[1]

    def __str__(self) -> str:
        return f"{self.type} {self.name}"


@dataclass(frozen=True)
class Recovery:
    """What was done."""

    was_locked: bool
    imported: tuple[PendingCreate, ...]
    forgotten: tuple[PendingCreate, ...]

    def lines(self) -> Iterator[str]:
        """For people; none where nothing was interrupted."""
        if self.was_locked:
            yield "took away the lock of a run that is dead"
        yield from (f"imported {each}: it was created" for each in self.imported)
        yield from (f"forgot that {each} was being created: the next run does it" for each in self.forgotten)


def recover(stack: str, credential: TokenCredential, environment: Mapping[str, str] | None = None) -> Recovery:
    """Makes the state of a stack such that the next `pulumi up` goes on. Raises CommandError.

    `environment` is that of the engine; None: this process's.
    """
    was_locked = _release(stack, environment)
    state = _state(stack, environment)
    pending = _pending(state)
    ids = _ids(stack, pending, state)
    existing = {each: id for each, (id, version) in ids.items() if _is_there(each, id, version, credential)}
    _refuse_replacements(stack, existing, state)
    if existing:
        _import(stack, existing, environment)
    if pending:
        _forget(stack, environment)
    others = tuple(each for each in pending if each not in existing)
    return Recovery(was_locked, tuple(existing), others)


def _release(stack: str, environment: Mapping[str, str] | None) -> bool:
    """Takes the lock of a dead run of this machine away; a state elsewhere is `pulumi cancel`'s business."""
    backend = urlsplit((os.environ if environment is None else environment).get("PULUMI_BACKEND_URL", ""))
    if backend.scheme != "file":
        return False
    folder = Path(unquote(backend.path)) / ".pulumi" / "locks" / "organization" / PROJECT / stack
    locks = [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")]
    for each in locks:
        _require_dead(stack, each)
    if locks:
        answer = pulumi(["cancel", "--yes", "--stack", stack], environment)
        if answer.returncode != 0:
            raise CommandError(f"unlocking stack {stack}", answer.stderr.strip())
    return bool(locks)


def _require_dead(stack: str, lock: Mapping[str, Any]) -> None:
    doing, pid, host = f"recovering stack {stack}", int(lock["pid"]), lock["hostname"]
    if host != socket.gethostname():
        cause = f"a run of {lock['username']} on {host} has locked it"
        raise CommandError(doing, cause, hint=f"if it is dead: pulumi cancel --yes --stack {stack}")
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return
    raise CommandError(doing, f"process {pid} is at work on it", hint="wait for its end")


def _state(stack: str, environment: Mapping[str, str] | None) -> dict[str, Any]:
    return exported_state(f"reading the state of stack {stack}", stack, environment)


def _pending(state: Mapping[str, Any]) -> list[PendingCreate]:
    operations = state["deployment"].get("pending_operations") or []
    found = (each["resource"] for each in operations if each["type"] == "creating")
    unique = {each["urn"]: each for each in found}
    return [
        PendingCreate(
            each["urn"],
            each["type"],
            each.get("inputs") or {},
            each.get("parent", ""),
            each["provider"].rpartition("::")[0],
        )
        for each in unique.values()
    ]


def _ids(
    stack: str, pending: Sequence[PendingCreate], state: Mapping[str, Any]
) -> dict[PendingCreate, tuple[str, str]]:
    """By resource that its provider would refuse to create where it is there: its Resource Manager id and api-version.

    Raises CommandError that names all resources of which it cannot be said.
    """
    of_azure = [each for each in pending if not each.type.startswith(_TAKEN_OVER)]
    if not of_azure:
        return {}
    from azure_native_standin.resource_types import BY_TOKEN  # its models take a second, and are seldom needed

    unknown = [each for each in of_azure if each.type not in BY_TOKEN]
    if unknown:
        cause = "it was creating what has an id that is not known here:"
        told = "".join(f"\n  {each}\n    urn: {each.urn}" for each in unknown)
        hint = "pulumi import each that is there, then pulumi refresh --clear-pending-creates"
        raise CommandError(f"recovering stack {stack}", cause + told, f"one of {', '.join(BY_TOKEN)}", hint)
    subscriptions = _subscriptions(stack, of_azure, state)
    known = [(each, BY_TOKEN[each.type]) for each in of_azure]
    return {
        each: (found.id_of(each.inputs, subscriptions[each.provider]), found.api_version)
        for each, found in known
        if found.default_body is None
    }


def _subscriptions(stack: str, pending: Sequence[PendingCreate], state: Mapping[str, Any]) -> dict[str, str]:
    """By provider: the subscription that it deploys to, its own or that of the stack."""
    resources = state["deployment"].get("resources") or []
    own = {each["urn"]: (each.get("inputs") or {}).get("subscriptionId") for each in resources}
    of_stack = settings_of(stack).get("subscription_id")
    found = {each.provider: own.get(each.provider) or of_stack for each in pending}
    if not all(found.values()):
        cause = "neither its provider nor the setting subscription_id says in which subscription it was creating"
        raise CommandError(
            f"recovering stack {stack}", cause, hint=f"pulumi config set --stack {stack} subscription_id …"
        )
    return {provider: str(subscription) for provider, subscription in found.items()}


def _is_there(pending: PendingCreate, id: str, version: str, credential: TokenCredential) -> bool:
    channel, doing, waiter = RestChannel(ENDPOINT, SCOPE, credential, None), f"looking for {pending}", Waiter(Quiet())
    query = {"api-version": version}
    answer = asked(lambda: channel.send("GET", id, doing=doing, waiter=waiter, query=query, accepted=_THERE_OR_NOT))
    return answer.status == _THERE


def _refuse_replacements(stack: str, existing: Mapping[PendingCreate, str], state: Mapping[str, Any]) -> None:
    """Raises CommandError where the state has another resource in the place of one that is there."""
    resources = state["deployment"].get("resources") or []
    taken = {each["urn"]: each.get("id", "") for each in resources if not each.get("delete")}
    doubled = {each: id for each, id in existing.items() if each.urn in taken}
    if doubled:
        cause = "it was making new ones for resources that are still there:"
        told = "".join(f"\n  {each}: {id}, in place of {taken[each.urn]}" for each, id in doubled.items())
        hint = f"az resource delete --ids {' '.join(doubled.values())}, then ingest recover again"
        raise CommandError(f"recovering stack {stack}", cause + told, hint=hint)


def _import(stack: str, existing: Mapping[PendingCreate, str], environment: Mapping[str, str] | None) -> None:
    """Puts resources that exist into the state, each where the program has it; the next run makes them as declared."""
    places = {
        urn: f"place{index}" for index, urn in enumerate({each for p in existing for each in (p.parent, p.provider)})
    }
    resources = [
        {
            "type": each.type,
            "name": each.name,
            "id": id,
            "parent": places[each.parent],
            "provider": places[each.provider],
        }
        for each, id in existing.items()
    ]
    table = {place: urn for urn, place in places.items()}
    options = ["--yes", "--skip-preview", "--generate-code=false", "--protect=false"]
    with _file({"nameTable": table, "resources": resources}) as file:
        answer = pulumi(["import", "--stack", stack, "--file", file, *options], environment)
    if answer.returncode != 0:
        told = "\n".join(each for each in (answer.stdout.strip(), answer.stderr.strip()) if each)
        raise CommandError(f"importing into stack {stack}", told)


def _forget(stack: str, environment: Mapping[str, str] | None) -> None:
    """Takes the notes out of the state; other operations that were under way mean nothing to the engine."""
    state = _state(stack, environment)
    state["deployment"]["pending_operations"] = []
    with _file(state) as file:
        answer = pulumi(["stack", "import", "--stack", stack, "--file", file], environment)
    if answer.returncode != 0:
        hint = f"if the state is locked by a dead run: pulumi cancel --yes --stack {stack}"
        raise CommandError(f"recovering stack {stack}", answer.stderr.strip(), hint=hint)


@contextmanager
def _file(content: Mapping[str, Any]) -> Iterator[str]:
    """A file with some JSON, for as long as a command reads it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "content.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        yield str(file)
