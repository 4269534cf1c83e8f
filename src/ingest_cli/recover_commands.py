"""`ingest recover`: after a kill, what only somebody who knows Azure can do before the next `pulumi up`."""

from typing import Annotated

import typer

from dataplane_provider.clients.credential import TellingCredential, default_credential
from ingest_cli.recovery import recover


def add_to(parent: typer.Typer) -> None:
    """Makes `recover` a command of the parent."""
    parent.command("recover")(recover_stack)


def recover_stack(
    stack: Annotated[str, typer.Option(help="Name of the stack.", envvar="PULUMI_STACK")],
) -> None:
    """Take away a dead run's lock, import what it was creating and is there, forget the rest; Azure is only read."""
    told = list(recover(stack, TellingCredential(default_credential())).lines())
    for line in told:
        typer.echo(line)
    typer.echo("next: pulumi up --refresh" if told else "nothing was interrupted")
