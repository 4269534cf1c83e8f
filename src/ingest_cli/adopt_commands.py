"""`ingest adopt`: a workspace or factory that people made in Studio becomes a folder of files and the state of a stack.

Nothing is written to it: it is read, the engine imports what was read, and a preview with a refresh has to
find nothing to change.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from azure_ids.data_factory import ArtifactHost, FactoryId
from azure_ids.synapse import ArtifactId, ArtifactKind, WorkspaceEndpoint
from dataplane_provider.drift.search import ARTIFACTS
from dataplane_provider.resources.live_artifacts import LiveArtifacts
from ingest_cli.errors import CommandError
from ingest_cli.factory_parameters import factory_file, factory_text
from ingest_cli.json_rewriting import studio_text
from ingest_cli.project import ROOT
from ingest_cli.stack import pulumi
from ingest_cli.stack_settings import settings_of
from ingest_cli.studio_files import document_of, plain_secrets, texts_of, withheld_secrets
from ingest_cli.workspace_reading import asked, everything, reading_client
from synapse_artifacts.default_artifacts import others_defaults
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
    stack: Annotated[str, typer.Option(help="Name of a new stack, made by `pulumi stack init`.")],
    workspace: Annotated[str, typer.Option(help="Name or development endpoint of a Synapse workspace.")] = "",
    factory: Annotated[str, typer.Option(help="Id of a factory of Data Factory, in place of a workspace.")] = "",
    folder: Annotated[Path | None, typer.Option(help="New folder for the files; by default named as the host.")] = None,
) -> None:
    """Read a workspace or factory into files and into a stack's state; it stays as it is itself."""
    host = chosen_host(workspace, factory)
    target = (folder or Path(f"{host.name}_json")).resolve()
    _require_new(stack, target)
    client = reading_client(host)
    live = everything(client)
    runtimes = asked(client.integration_runtimes)
    adopted = [id for id in live.ids() if not id.is_made_by_the_service]
    if not adopted:
        raise CommandError(f"adopting {host}", "nobody made an artifact in it")
    _refuse_plain_secrets(host, adopted, live)
    _write(target, host, adopted, live)
    _write_runtimes(target, runtimes)
    typer.echo(f"{len(adopted)} artifacts written to {target}")
    _configure(stack, host, target, live)
    _import(stack, host, adopted)
    typer.echo(f"{len(adopted)} artifacts imported into the state of {stack}")
    for problem in _remarks(adopted, live):
        typer.echo(str(problem), err=True)
    _prove(stack, host, adopted, live)
    noun = "factory" if isinstance(host, FactoryId) else "workspace"
    typer.echo(f"the preview of the stack is empty: files, state and {noun} are one")


def chosen_host(workspace: str, factory: str) -> ArtifactHost:
    """What the options name. Raises CommandError unless it is one of both."""
    if bool(workspace) == bool(factory):
        cause = "both options are given" if factory else "neither option is given"
        raise CommandError("reading --workspace and --factory", cause, "one of them")
    address = workspace if "://" in workspace else f"https://{workspace}.dev.azuresynapse.net"
    try:
        return FactoryId.parse(factory) if factory else WorkspaceEndpoint.parse(address)
    except ValueError as error:
        given = f"--factory {factory}" if factory else f"--workspace {workspace}"
        raise CommandError(f"reading {given}", str(error)) from error


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


def _refuse_plain_secrets(host: ArtifactHost, adopted: list[ArtifactId], live: LiveArtifacts) -> None:
    """Raises CommandError that names every secret which files and state would hold in clear."""
    documents = {id: document_of(id, live.find(id) or {}) for id in adopted}
    problems = [problem for id, document in documents.items() for problem in plain_secrets(id, document)]
    if problems:
        told = "\n".join(map(str, problems))
        raise CommandError(f"adopting {host}", f"artifacts hold secrets in clear, so nothing was written\n{told}")


def _write(folder: Path, host: ArtifactHost, adopted: list[ArtifactId], live: LiveArtifacts) -> None:
    for id in adopted:
        item = live.find(id) or {}
        if isinstance(host, FactoryId) and id.kind is ArtifactKind.GLOBAL_PARAMETERS:
            _write_new(factory_file(folder, host), factory_text(host, item["properties"]))
        else:
            for file, text in texts_of(folder, id, item).items():
                _write_new(file, text)


def _write_new(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())


def _write_runtimes(folder: Path, runtimes: Mapping[str, Mapping[str, Any]]) -> None:
    """Files of what artifacts refer to; it is no artifact, and no deployment of artifacts makes it."""
    for name, item in runtimes.items():
        if name != _DEFAULT_RUNTIME:
            properties = {key: value for key, value in item["properties"].items() if key != "state"}
            file = folder / "integrationRuntime" / f"{name}.json"
            _write_new(file, studio_text({"name": name, "properties": properties}))


def _configure(stack: str, host: ArtifactHost, folder: Path, live: LiveArtifacts) -> None:
    """Writes into the stack's file which workspace or factory and folder are its own, and which triggers run."""
    known = settings_of(stack)
    for name, variables in _SIGNED_IN.items():
        value = next((os.environ[each] for each in variables if os.environ.get(each)), "")
        if name not in known:
            _set(stack, name, value, f"{' or '.join(variables)} is not set")
    own = folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder
    if isinstance(host, FactoryId):
        _set(stack, "artifacts.factory", str(host))
    else:
        _set(stack, "artifacts.workspace", host.workspace)
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


def _import(stack: str, host: ArtifactHost, adopted: list[ArtifactId]) -> None:
    id = f"{host}#{','.join(map(str, adopted))}"
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


def of_other_workspaces(host: ArtifactHost, documents: Mapping[str, Any]) -> list[str]:
    """A line for each artifact that refers to the default linked services of another workspace.

    Artifacts of a copied repository do. A deployment makes them refer to the workspace's own.
    """
    if isinstance(host, FactoryId):
        return []
    found = ((id, sorted(others_defaults(host.workspace, documents[id]))) for id in sorted(documents))
    return [f"{id} refers to {', '.join(names)}" for id, names in found if names]


def _prove(stack: str, host: ArtifactHost, adopted: Sequence[ArtifactId], live: LiveArtifacts) -> None:
    options = ["--refresh", "--expect-no-changes", "--diff", "--suppress-permalink=true"]
    answer = pulumi(["preview", "--stack", stack, *options])
    if answer.returncode == 0:
        return
    cause = "the preview finds changes" if answer.returncode == _CHANGES_EXIT_CODE else "the preview fails"
    hint = f"files and state are as Azure is; put right what is named, then pulumi preview --stack {stack}"
    documents = {str(id): document_of(id, live.find(id) or {}) for id in adopted}
    others = of_other_workspaces(host, documents)
    if others and answer.returncode == _CHANGES_EXIT_CODE:
        cause = "\n".join(("these refer to the default linked services of another workspace", *others))
        hint = (
            "a deployment makes them refer to this workspace's own, which lead to its own account and its own pools: "
            f"if that is meant, pulumi up --stack {stack}; if they are to reach the other workspace's on, publish that "
            "linked service under a name of its own, refer to it, and adopt again"
        )
    raise CommandError(f"proving stack {stack}", f"{cause}\n{_told(answer.stdout, answer.stderr)}", hint=hint)


def _told(output: str, errors: str) -> str:
    return "\n".join(text for text in (output.strip(), errors.strip()) if text)
