"""`ingest pull`: what was changed in Studio, written into the folder of artifacts as Studio would write it."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from azure_ids.data_factory import FactoryId, artifact_host
from dataplane_provider.drift.search import ARTIFACTS
from ingest_cli.errors import CommandError
from ingest_cli.factory_parameters import plan_parameters
from ingest_cli.pull_changes import FileChange
from ingest_cli.pull_plan import plan_pull, trigger_remarks
from ingest_cli.stack_settings import artifact_folder
from ingest_cli.stack_state import state_resources
from ingest_cli.state_record import record
from ingest_cli.workspace_reading import everything, reading_client
from synapse_artifacts.data_factory import GLOBAL_PARAMETERS
from synapse_artifacts.errors import ArtifactErrors
from synapse_artifacts.load import Workspace, load_folder
from synapse_artifacts.packed import documents_of


def add_to(parent: typer.Typer) -> None:
    """Makes `pull` a command of the parent."""
    parent.command("pull")(pull)


def pull(
    stack: Annotated[str | None, typer.Option(help="Name of the stack; without it, the selected one.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Folder of artifacts; without it, that of the stack.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be written, and write nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also change files with uncommitted edits.")] = False,
    files_only: Annotated[bool, typer.Option("--files-only", help="Leave the state of the stack as it is.")] = False,
) -> None:
    """Write what Studio changed since the deployment into the folder and into the stack's state.

    Exit code 1 if something could not be pulled.
    """
    resource = published(stack)
    workspace = _folder(folder or artifact_folder(stack))
    host = artifact_host(str(resource["endpoint"]))
    live = everything(reading_client(host))
    known = documents_of(resource["documents"])
    plan = plan_pull(workspace, known, live)
    if not resource.get("keepTriggers"):
        plan.remarks.extend(trigger_remarks(known, resource.get("startedTriggers") or (), live))
    if isinstance(host, FactoryId):
        plan_parameters(plan, workspace, host, known.get(GLOBAL_PARAMETERS), live)
    if not force and not dry_run:
        refuse_uncommitted(workspace.folder, [each.file for each in plan.changes])
    for each in plan.changes:
        typer.echo(f"{each.verb:<7} {each.artifact}")
        if not dry_run:
            write(each)
    if plan.deployed and not dry_run and not files_only:
        record(stack, plan.deployed)
    for problem in (*plan.remarks, *plan.conflicts):
        typer.echo(str(problem), err=True)
    typer.echo(f"{len(plan.changes)} files {'would change' if dry_run else 'changed'}")
    raise typer.Exit(1 if plan.conflicts else 0)


def published(stack: str | None) -> dict[str, Any]:
    """The outputs of the artifacts in a stack's state. Raises CommandError where it has none."""
    found = [each for each in state_resources(stack) if each["type"] == ARTIFACTS]
    if len(found) != 1:
        cause = f"its state has {len(found)} resources of type {ARTIFACTS}"
        raise CommandError(f"reading the artifacts of {stack or 'the selected stack'}", cause, "one", "pulumi up")
    outputs: dict[str, Any] = found[0]["outputs"]
    return outputs


def write(change: FileChange) -> None:
    """Makes a file as the change says, whole or not at all."""
    if change.text is None:
        change.file.unlink()
        return
    change.file.parent.mkdir(parents=True, exist_ok=True)
    beside = change.file.with_name(f".{change.file.name}.new")
    beside.write_bytes(change.text.encode())
    beside.replace(change.file)


def refuse_uncommitted(folder: Path, files: Sequence[Path]) -> None:
    """Raises CommandError where a change would lose what Git does not have."""
    existing = [str(file.resolve()) for file in files if file.exists()]
    if not existing:
        return
    command = ["git", "-C", str(folder), "status", "--porcelain", "--", *existing]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    doing, hint = f"pulling into {folder}", "commit them, or --force"
    if answer.returncode != 0:
        raise CommandError(doing, f"Git cannot say what is uncommitted: {answer.stderr.strip()}", hint="--force")
    if answer.stdout:
        names = ", ".join(line[3:] for line in answer.stdout.splitlines())
        raise CommandError(doing, f"files have uncommitted edits: {names}", hint=hint)


def _folder(folder: Path) -> Workspace:
    try:
        return load_folder(folder)
    except ArtifactErrors as error:
        raise CommandError(f"reading {folder}", str(error)) from error
