"""The main job on local Azure: deploy the local stack, land the samples, run the pipelines, say what happened.

Each step is what a person does by hand: plain `pulumi up`, the T-SQL that the stack prints, an upload, `ingest run`.
A step whose result is there already does nothing.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.core.credentials import TokenCredential
from azure.identity import ClientSecretCredential
from rich.console import Console

from ingest_cli import landing, source_grants, summary
from ingest_cli.deployed import deployed_counts
from ingest_cli.engine import prepare_stack
from ingest_cli.errors import CommandError
from ingest_cli.local_azure_process import StartOptions, require_fitting, sample_folder, start_local_azure
from ingest_cli.local_session import STACK, LocalSession
from ingest_cli.pipeline_runs import PipelineRun, PipelineRuns
from ingest_cli.project import ARTIFACT_FOLDER
from ingest_cli.recovery import recover
from ingest_cli.run_progress import show
from ingest_cli.stack import WORKSPACE_ENDPOINT, show_pulumi, stack_outputs

PIPELINES = ("ingest_patients", "ingest_telemetry", "ingest_images")
EVERYTHING = {"full": "true"}
_RECORD = "main_job.json"
_ROLE_PATIENCE_SECONDS = 600.0


@dataclass(frozen=True)
class _Actors:
    """The credentials of those who do the steps."""

    engineer: TokenCredential
    database_administrator: TokenCredential


def bring_up(console: Console, folder: Path, options: StartOptions, engine_folder: Path) -> None:
    """Does all steps and prints the summary. Raises CommandError at the first that fails."""
    begin = time.monotonic()
    with _step(console, "local Azure"):
        require_fitting(folder, options)  # before anything is loaded
        if source_grants.prepare_source(options.source_database, sample_folder(folder)):
            console.print("  loaded the sample into the source database")
        for remark in start_local_azure(folder, options).remarks:
            console.print(f"  {remark}")
        session = LocalSession.read(folder)
    with _step(console, "deployment (pulumi up)"):
        environment = prepare_stack(session, engine_folder)
        os.environ.update(session.network_environment())
        recovered = list(recover(STACK, _credential(session, "deployer"), environment).lines())
        for line in recovered:
            console.print(f"  {line}")
        # Azure is ahead of the state that a dead run left.
        refresh = ["--refresh"] if recovered else []
        show_pulumi(["up", "--yes", "--skip-preview", "--suppress-permalink=true", *refresh], environment)
        outputs = stack_outputs(environment)
    actors = _Actors(_credential(session, "data-engineer"), _credential(session, "database-administrator"))
    with _step(console, "grants in the source database"):
        source_grants.grant(outputs, actors.database_administrator)
    with _step(console, "landing zone"):
        changed = landing.upload(outputs, actors.engineer, sample_folder(folder))
        console.print(f"  {changed} files uploaded" if changed else "  nothing new")
    runs = _run_pipelines(console, session, options, outputs, actors.engineer)
    names = {str(each["object_id"]).lower(): name for name, each in session.endpoints["identities"].items()}
    names[str(outputs["workspacePrincipalId"]).lower()] = "workspace identity"
    summary.print_summary(console, outputs, deployed_counts(environment), runs, names, actors.engineer)
    console.print(f"\ndone in {time.monotonic() - begin:.0f} s")


def _run_pipelines(
    console: Console,
    session: LocalSession,
    options: StartOptions,
    outputs: Mapping[str, Any],
    engineer: TokenCredential,
) -> list[PipelineRun]:
    """The runs of all pipelines on this input: those of an earlier time if neither input nor artifacts changed."""
    client = PipelineRuns(
        str(outputs[WORKSPACE_ENDPOINT]), engineer, _ROLE_PATIENCE_SECONDS, lambda what: console.print(f"  {what}")
    )
    fingerprint = _fingerprint(session, options)
    record = session.folder / _RECORD
    earlier = _earlier_runs(client, record, fingerprint)
    if earlier is not None:
        console.print("\n[bold]pipelines[/]: input and artifacts are those of the last runs; nothing to run again")
        return earlier
    runs: list[PipelineRun] = []
    for pipeline in PIPELINES:
        with _step(console, f"pipeline {pipeline}"):
            run = show(console, client.follow(client.start(pipeline, EVERYTHING)))
            if run.status != "Succeeded":
                raise CommandError(f"running {pipeline} ({run.id})", f"{run.status}: {run.message}")
            runs.append(run)
    content = {"fingerprint": fingerprint, "runs": [run.id for run in runs]}
    record.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return runs


def _earlier_runs(client: PipelineRuns, record: Path, fingerprint: str) -> list[PipelineRun] | None:
    if not record.exists():
        return None
    content = json.loads(record.read_text(encoding="utf-8"))
    if content["fingerprint"] != fingerprint:
        return None
    try:
        return [client.read(run_id) for run_id in content["runs"]]
    except CommandError:
        return None  # the workspace was made anew and knows no runs


def _fingerprint(session: LocalSession, options: StartOptions) -> str:
    """Changes whenever the artifacts, the samples or the source database do."""
    digest = hashlib.sha256(str(options.summary()["source"]).encode())
    for root in (ARTIFACT_FOLDER, sample_folder(session.folder)):
        digest.update(folder_digest(root).encode())
    return digest.hexdigest()


def _credential(session: LocalSession, name: str) -> TokenCredential:
    identity = session.identity(name)
    return ClientSecretCredential(identity.tenant_id, identity.client_id, identity.client_secret)


def folder_digest(folder: Path) -> str:
    """Changes whenever a file below the folder does."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@contextmanager
def _step(console: Console, title: str) -> Iterator[None]:
    console.print(f"\n[bold]{title}[/]")
    begin = time.monotonic()
    yield
    console.print(f"  [dim]{time.monotonic() - begin:.1f} s[/]")
