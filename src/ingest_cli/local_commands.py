"""`ingest local`: the local Azure of this checkout, from starting it to acting as somebody in it."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from ingest_cli.admin_client import AdminClient
from ingest_cli.engine import prepare_stack
from ingest_cli.errors import CommandError
from ingest_cli.local_azure_process import StartOptions, start_local_azure
from ingest_cli.local_session import LocalSession, azure_state_folder, shell_exports
from ingest_cli.project import local_folder
from local_azure import lifecycle
from local_azure.command import SOURCE_DATABASE_VARIABLE
from pulumi_engine.errors import EngineError
from pulumi_engine.obtain import obtain

app = typer.Typer(no_args_is_help=True, help="Local Azure: start it, act in it, stop it.")


def add_to(parent: typer.Typer) -> None:
    """Makes `local` a group of the parent."""
    parent.add_typer(app, name="local")


DEFAULT_IDENTITY = "deployer"
_RoleLag = Annotated[
    float,
    typer.Option(
        help="Seconds until a new role assignment works (up to 1800 on Azure).", envvar="LOCAL_ROLE_LAG", min=0
    ),
]
_SynapseRoleLag = Annotated[
    float,
    typer.Option(
        help="Seconds until a new Synapse role works (120 to 300 on Azure).", envvar="LOCAL_SYNAPSE_ROLE_LAG", min=0
    ),
]


@app.command()
def start(role_lag: _RoleLag = 0.0, synapse_role_lag: _SynapseRoleLag = 0.0) -> None:
    """Start local Azure in the background; its state of earlier times is still there."""
    folder = local_folder()
    started = start_local_azure(folder, _options(role_lag, synapse_role_lag))
    prepare_stack(LocalSession.read(folder), _engine_folder())
    typer.echo(f"local Azure runs (process {started.running.pid}, proxy {started.running.proxy}, state {folder})")
    for remark in started.remarks:
        typer.echo(remark)
    typer.echo('next: eval "$(ingest local env)" and pulumi up')


@app.command()
def stop() -> None:
    """Stop local Azure; its state stays for the next start."""
    try:
        stopped = lifecycle.stop(azure_state_folder(local_folder()))
    except lifecycle.LifecycleError as error:
        raise CommandError("stopping", str(error)) from error
    typer.echo("stopped" if stopped else "it was not running")


@app.command()
def status() -> None:
    """Say whether local Azure runs and what is in it; exit code 3 where it does not run."""
    folder = local_folder()
    running = lifecycle.find(azure_state_folder(folder))
    if running is None:
        typer.echo(f"not running (state in {folder})")
        raise typer.Exit(3)
    session = LocalSession.read(folder)
    found = AdminClient(session).get("/status")
    typer.echo(f"running (process {running.pid}, proxy {running.proxy}, state {folder})")
    typer.echo(f"time {found['now']}, role lag {found['roleLagSeconds']:g} s")
    typer.echo(f"identities: {', '.join(sorted(session.credentials))}")
    for resource in found["resources"]:
        typer.echo(f"  {resource}")


@app.command()
def env(
    identity: Annotated[str, typer.Option("--as", help="Who to act as.")] = DEFAULT_IDENTITY,
) -> None:
    """Print what a shell must export so that every official client acts as somebody in local Azure."""
    folder = local_folder()
    if lifecycle.find(azure_state_folder(folder)) is None:
        raise CommandError("preparing a shell", "local Azure is not running", hint="ingest local start")
    typer.echo(shell_exports(LocalSession.read(folder).environment(identity, _engine_folder())))


@app.command()
def account(
    name: Annotated[str, typer.Argument(help="Name of the storage account: 3 to 24 lower-case letters and digits.")],
    flat: Annotated[bool, typer.Option("--flat", help="Without hierarchical namespace.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make a bare storage account with a shared key, for foreign clients and suites."""
    made: dict[str, Any] = AdminClient(LocalSession.read(local_folder())).post(
        "/accounts", {"name": name, "flat": flat}
    )
    if as_json:
        typer.echo(json.dumps(made, indent=2))
        return
    typer.echo(f"name       {made['name']}\nkey        {made['key']}")
    for kind, url in made["endpoints"].items():
        typer.echo(f"{kind:<10} {url}")


@app.command()
def up(role_lag: _RoleLag = 0.0, synapse_role_lag: _SynapseRoleLag = 0.0) -> None:
    """Bring up the local stack and run the main job: deploy, land the samples, run the pipelines, report."""
    from ingest_cli import main_job  # its pipelines need every client; the other commands do not

    console = Console(soft_wrap=True, highlight=False)
    main_job.bring_up(console, local_folder(), _options(role_lag, synapse_role_lag), _engine_folder())


def _options(role_lag: float, synapse_role_lag: float) -> StartOptions:
    return StartOptions(role_lag, synapse_role_lag, os.environ.get(SOURCE_DATABASE_VARIABLE) or None)


def _engine_folder() -> Path:
    try:
        return obtain()
    except EngineError as error:
        raise CommandError("obtaining the Pulumi engine", str(error)) from error
