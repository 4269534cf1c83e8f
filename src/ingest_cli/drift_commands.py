"""`ingest drift`: what differs between a stack's state and Azure, without an engine run."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer

from dataplane_provider.clients.credential import TellingCredential, default_credential
from dataplane_provider.drift.connections import ReadingConnections
from dataplane_provider.drift.differences import Difference
from dataplane_provider.drift.search import find_drift
from dataplane_provider.drift.state import StateResource
from ingest_cli.stack_state import state_resources
from ingest_cli.workspace_reading import asked

AT_ONCE = 25
DRIFTED = 2


def add_to(parent: typer.Typer) -> None:
    """Makes `drift` a command of the parent."""
    parent.command("drift")(drift)


def drift(
    stack: Annotated[str | None, typer.Option(help="Name of the stack; without it, the selected one.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare artifacts, triggers, roles, private endpoints, lists, filesystems, secrets; exit code 2 on drift."""
    found = differences(stack)
    if as_json:
        typer.echo(json.dumps({"drift": [_record(each) for each in found]}, indent=2))
    else:
        for each in found:
            typer.echo(str(each))
        typer.echo(f"{len(found)} differences" if found else "no drift")
    raise typer.Exit(DRIFTED if found else 0)


def differences(stack: str | None) -> list[Difference]:
    """Everything that differs now. Raises CommandError where state or services cannot be read."""
    resources = [
        StateResource(each["type"], str(each.get("id", "")), each.get("outputs") or {})
        for each in state_resources(stack)
        if each.get("custom")
    ]
    connections = ReadingConnections(TellingCredential(default_credential()))
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="drift") as pool:
        return asked(lambda: find_drift(resources, connections, pool))


def _record(difference: Difference) -> dict[str, str]:
    return {"drift": difference.drift.value, "subject": difference.subject, "path": difference.path}
