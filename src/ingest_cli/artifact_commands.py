"""`ingest artifacts`: proofs about a folder of artifacts that need no Azure."""

from pathlib import Path
from typing import Annotated

import typer

from artifact_checks.check import check_path

app = typer.Typer(no_args_is_help=True, help="Check artifacts in Studio's Git layout.")


def add_to(parent: typer.Typer) -> None:
    """Makes `artifacts` a group of the parent."""
    parent.add_typer(app, name="artifacts")


@app.callback()
def group() -> None:
    """Makes `check` a command of the group, also while it is the only one."""


@app.command()
def check(
    path: Annotated[
        Path,
        typer.Argument(help="Folder with linkedService/, dataset/, dataflow/, pipeline/, trigger/; or one file in it."),
    ],
) -> None:
    """Report every problem of the artifacts with file, place and JSON pointer; exit code 1 if there is one."""
    report = check_path(path)
    for problem in report.problems:
        typer.echo(str(problem))
    typer.echo(report.summary)
    raise typer.Exit(1 if report.problems else 0)
