"""What a killed run of the engine left in a stack's state: its lock, and notes of resources that were being created.

The engine clears neither by itself, since only whoever knows the cloud can say what became of a creation. Here that is
known: azure-native refuses to create what exists, so that has to be imported; the provider `dataplane` takes over what
means the same, so its notes can go. https://www.pulumi.com/docs/support/troubleshooting/interrupted-updates
"""

import json
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping
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

_ARM_TYPES = "azure-native:"
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
    pending = _pending(_state(stack, environment))
    subscription = str(settings_of(stack).get("subscription_id", ""))
    existing = {each: id for each in pending if (id := _existing_id(each, subscription, credential))}
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


def _existing_id(pending: PendingCreate, subscription: str, credential: TokenCredential) -> str:
    """The Resource Manager id, if the resource is there and its provider would refuse to create it."""
    if not pending.type.startswith(_ARM_TYPES):
        return ""
    from azure_native_standin.resource_types import BY_TOKEN  # its models take a second, and are seldom needed

    known = BY_TOKEN.get(pending.type)
    if known is None:
        hint = f"pulumi import it if it is there, then pulumi refresh --clear-pending-creates\nurn: {pending.urn}"
        raise CommandError(f"recovering {pending}", "resources of this type have an unknown id", hint=hint)
    if known.default_body is not None:
        return ""
    id, version = known.id_of(pending.inputs, subscription), {"api-version": known.api_version}
    channel, doing, waiter = RestChannel(ENDPOINT, SCOPE, credential, None), f"looking for {pending}", Waiter(Quiet())
    answer = asked(lambda: channel.send("GET", id, doing=doing, waiter=waiter, query=version, accepted=_THERE_OR_NOT))
    return id if answer.status == _THERE else ""


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
