"""`ingest run`: runs a pipeline in a workspace, on Azure or local Azure alike, and shows it live."""

from typing import Annotated

import typer
from azure.identity import DefaultAzureCredential
from rich.console import Console

from ingest_cli.errors import CommandError
from ingest_cli.pipeline_runs import PipelineRuns
from ingest_cli.run_progress import show
from ingest_cli.stack import WORKSPACE_ENDPOINT, stack_outputs


def add_to(parent: typer.Typer) -> None:
    """Makes `run` a command of the parent."""
    parent.command("run")(run)


def run(
    pipeline: Annotated[str, typer.Argument(help="Name of the pipeline.")],
    parameter: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", help="name=value, once for each parameter.")
    ] = None,
    workspace: Annotated[
        str | None,
        typer.Option(help="Development endpoint of the workspace; without it, that of the selected stack."),
    ] = None,
) -> None:
    """Run a pipeline and show its activities live; exit code 1 unless it succeeded."""
    console = Console(highlight=False)
    endpoint = workspace or str(stack_outputs()[WORKSPACE_ENDPOINT])
    runs = PipelineRuns(endpoint, DefaultAzureCredential())
    run_id = runs.start(pipeline, parse_parameters(parameter or []))
    try:
        console.print(f"run {run_id} of {pipeline} in {endpoint}", markup=False)
        last = show(console, runs.follow(run_id))
    except KeyboardInterrupt:
        console.print(f"no longer watching; run {run_id} goes on in the workspace")
        raise typer.Exit(130) from None
    console.print(f"{pipeline}: {last.status} after {last.seconds:.1f} s", markup=False)
    if last.status != "Succeeded":
        raise CommandError(f"running {pipeline} ({run_id})", f"{last.status}: {last.message or 'no message'}")


def parse_parameters(texts: list[str]) -> dict[str, str]:
    """`name=value` texts by name. Raises CommandError with every text that is none, and for names given twice."""
    found: dict[str, str] = {}
    problems: list[str] = []
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name.strip():
            problems.append(f"{text!r} is no parameter")
        elif name.strip() in found:
            problems.append(f"{name.strip()!r} is given twice")
        else:
            found[name.strip()] = value
    if problems:
        raise CommandError("reading --parameter", "; ".join(problems), "name=value")
    return found
