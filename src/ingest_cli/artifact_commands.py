"""`ingest artifacts`: proofs about a folder of artifacts that need no Azure."""

import json
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from artifact_checks.check import check_path
from artifact_checks.fabric_readiness import readiness_of_folder

app = typer.Typer(no_args_is_help=True, help="Check artifacts in Studio's Git layout.")


def add_to(parent: typer.Typer) -> None:
    """Makes `artifacts` a group of the parent."""
    parent.add_typer(app, name="artifacts")


class Destination(Enum):
    """What a folder can be measured against."""

    FABRIC = "fabric"


@app.command()
def check(
    path: Annotated[
        Path,
        typer.Argument(help="Folder with linkedService/, dataset/, dataflow/, pipeline/, trigger/; or one file in it."),
    ],
) -> None:
    """Report every problem of the artifacts with file, place and JSON pointer; exit code 1 if there is one.

    Notes tell what Azure keeps and ignores, such as unknown properties; they are no problems.
    """
    report = check_path(path)
    for problem in report.problems:
        typer.echo(str(problem))
    for note in report.notes:
        typer.echo(f"note: {note}")
    for id, kind in report.referenced.items():
        typer.echo(f"{id} is not published: it is {kind}")
    typer.echo(report.summary)
    raise typer.Exit(1 if report.problems else 0)


@app.command()
def readiness(
    path: Annotated[Path, typer.Argument(help="Folder with linkedService/, dataset/, dataflow/, pipeline/, trigger/.")],
    destination: Annotated[Destination, typer.Option("--for", help="Where the artifacts shall go.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List what the destination lacks, artifact by artifact, and what it has instead; exit code 1 for unreadable files.

    The only destination so far is Microsoft Fabric.
    """
    report = readiness_of_folder(path)
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        for line in report.lines():
            typer.echo(line)
    for problem in report.unreadable:
        typer.echo(str(problem), err=True)
    raise typer.Exit(1 if report.unreadable else 0)
