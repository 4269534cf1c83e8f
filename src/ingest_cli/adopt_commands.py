"""`ingest adopt`: a workspace that people made in Studio becomes a folder of files and the state of a stack.

Nothing is written to the workspace: it is read, the engine imports what was read, and a preview with a refresh has to
find nothing to change.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from azure_ids.synapse import ArtifactId, ArtifactKind, WorkspaceEndpoint
from dataplane_provider.drift.search import ARTIFACTS
from dataplane_provider.resources.live_artifacts import LiveArtifacts
from ingest_cli.errors import CommandError
from ingest_cli.json_rewriting import studio_text
from ingest_cli.project import ROOT
from ingest_cli.stack import pulumi
from ingest_cli.stack_settings import settings_of
from ingest_cli.studio_files import file_of, text_of, withheld_secrets
from ingest_cli.workspace_reading import asked, everything, reading_client, synapse_client
from synapse_artifacts.errors import Problem

_COMPONENT = "ingestion:index:PublishedArtifacts"
_DEFAULT_RUNTIME = "AutoResolveIntegrationRuntime"
_SIGNED_IN = {
    "tenant_id": ("ARM_TENANT_ID", "AZURE_TENANT_ID"),
    "subscription_id": ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"),
}
_CHANGES_EXIT_CODE = 7
"""`--expect-no-changes` and there were some."""


def add_to(parent: typer.Typer) -> None:
    """Makes `adopt` a command of the parent."""
    parent.command("adopt")(adopt)


def adopt(
    workspace: Annotated[str, typer.Option(help="Name or development endpoint of the workspace.")],
    stack: Annotated[str, typer.Option(help="Name of a new stack, made by `pulumi stack init`.")],
    folder: Annotated[Path | None, typer.Option(help="New folder for the files; without it, one named as W.")] = None,
) -> None:
    """Read a workspace into files and into a stack's state; the workspace stays as it is."""
    endpoint = _endpoint(workspace)
    target = (folder or Path(f"{endpoint.workspace}_json")).resolve()
    _require_new(stack, target)
    live = everything(reading_client(endpoint))
    runtimes = asked(synapse_client(endpoint).integration_runtimes)
    adopted = [id for id in live.ids() if not id.is_made_by_the_service]
    if not adopted:
        raise CommandError(f"adopting {endpoint}", "nobody made an artifact in it")
    _write(target, adopted, live)
    _write_runtimes(target, runtimes)
    typer.echo(f"{len(adopted)} artifacts written to {target}")
    _configure(stack, endpoint, target, live)
    _import(stack, endpoint, adopted)
    typer.echo(f"{len(adopted)} artifacts imported into the state of {stack}")
    for problem in _remarks(adopted, live):
        typer.echo(str(problem), err=True)
    _prove(stack)
    typer.echo("the preview of the stack is empty: files, state and workspace are one")


def _endpoint(workspace: str) -> WorkspaceEndpoint:
    address = workspace if "://" in workspace else f"https://{workspace}.dev.azuresynapse.net"
    try:
        return WorkspaceEndpoint.parse(address)
    except ValueError as error:
        raise CommandError(f"reading --workspace {workspace}", str(error)) from error


def _require_new(stack: str, folder: Path) -> None:
    """Raises CommandError where the folder holds something, or the stack is not there or not empty."""
    if folder.exists() and any(folder.iterdir()):
        raise CommandError(f"adopting into {folder}", "it is not empty", "a new folder", "--folder, or delete it")
    answer = pulumi(["stack", "export", "--stack", stack])
    if answer.returncode != 0:
        raise CommandError(f"reading stack {stack}", answer.stderr.strip(), hint=f"pulumi stack init {stack}")
    resources = json.loads(answer.stdout)["deployment"].get("resources") or []
    own = [each for each in resources if each["type"] != "pulumi:pulumi:Stack"]
    if own:
        raise CommandError(f"adopting into stack {stack}", f"its state has {len(own)} resources", "a new stack")


def _write(folder: Path, adopted: list[ArtifactId], live: LiveArtifacts) -> None:
    for id in adopted:
        file = file_of(folder, id)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text_of(id, live.find(id) or {}).encode())


def _write_runtimes(folder: Path, runtimes: Mapping[str, Mapping[str, Any]]) -> None:
    """Files of what artifacts refer to; it is no artifact, and no deployment of artifacts makes it."""
    for name, item in runtimes.items():
        if name != _DEFAULT_RUNTIME:
            properties = {key: value for key, value in item["properties"].items() if key != "state"}
            file = folder / "integrationRuntime" / f"{name}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(studio_text({"name": name, "properties": properties}).encode())


def _configure(stack: str, endpoint: WorkspaceEndpoint, folder: Path, live: LiveArtifacts) -> None:
    """Writes into the stack's file which workspace and folder are its own, and which triggers run."""
    known = settings_of(stack)
    for name, variables in _SIGNED_IN.items():
        value = next((os.environ[each] for each in variables if os.environ.get(each)), "")
        if name not in known:
            _set(stack, name, value, f"{' or '.join(variables)} is not set")
    own = folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder
    _set(stack, "artifacts.workspace", endpoint.workspace)
    _set(stack, "artifacts.folder", str(own))
    for index, name in enumerate(_started(live)):
        _set(stack, f"triggers.started[{index}]", name)


def _started(live: LiveArtifacts) -> list[str]:
    triggers = live.of(ArtifactKind.TRIGGER)
    return sorted(name for name, item in triggers.items() if item["properties"].get("runtimeState") == "Started")


def _set(stack: str, name: str, value: str, cause: str = "it has no value") -> None:
    if not value:
        raise CommandError(
            f"setting {name} of stack {stack}", cause, hint=f"pulumi config set --stack {stack} {name} …"
        )
    answer = pulumi(["config", "set", "--stack", stack, "--path", name, value])
    if answer.returncode != 0:
        raise CommandError(f"setting {name} of stack {stack}", answer.stderr.strip())


def _import(stack: str, endpoint: WorkspaceEndpoint, adopted: list[ArtifactId]) -> None:
    id = f"{endpoint}#{','.join(map(str, adopted))}"
    component = {"type": _COMPONENT, "name": "published-artifacts", "component": True}
    artifacts = {"type": ARTIFACTS, "name": "artifacts", "id": id, "parent": "published-artifacts"}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "import.json"
        file.write_text(json.dumps({"resources": [component, artifacts]}), encoding="utf-8")
        options = ["--yes", "--skip-preview", "--generate-code=false", "--protect=false"]
        answer = pulumi(["import", "--stack", stack, "--file", str(file), *options])
    if answer.returncode != 0:
        raise CommandError(f"importing into stack {stack}", _told(answer.stdout, answer.stderr))


def _remarks(adopted: list[ArtifactId], live: LiveArtifacts) -> Iterator[Problem]:
    for id in adopted:
        item: Mapping[str, Any] = live.find(id) or {}
        yield from withheld_secrets(id, item)


def _prove(stack: str) -> None:
    options = ["--refresh", "--expect-no-changes", "--diff", "--suppress-permalink=true"]
    answer = pulumi(["preview", "--stack", stack, *options])
    if answer.returncode == 0:
        return
    cause = "the preview finds changes" if answer.returncode == _CHANGES_EXIT_CODE else "the preview fails"
    hint = f"files and state are as the workspace is; put right what is named, then pulumi preview --stack {stack}"
    raise CommandError(f"proving stack {stack}", f"{cause}\n{_told(answer.stdout, answer.stderr)}", hint=hint)


def _told(output: str, errors: str) -> str:
    return "\n".join(text for text in (output.strip(), errors.strip()) if text)
