"""Starts the local Azure of a folder with its options, and notices one that runs with others."""

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from ingest_cli.errors import CommandError
from ingest_cli.local_session import azure_state_folder
from ingest_cli.project import SAMPLE_FOLDER
from local_azure import lifecycle


@dataclass(frozen=True)
class StartOptions:
    """What a local Azure is started with; lags in seconds, `source_database` a postgresql:// URL or None."""

    role_lag_seconds: float = 0.0
    synapse_role_lag_seconds: float = 0.0
    source_database: str | None = None

    def summary(self) -> dict[str, object]:
        """What tells two sets of options apart, without the password of a database."""
        source = self.source_database
        digest = hashlib.sha256(source.encode()).hexdigest() if source else ""
        return {"lags": [self.role_lag_seconds, self.synapse_role_lag_seconds], "source": digest}


def sample_folder(folder: Path) -> Path:
    """The samples that `make patients` made, else the committed ones."""
    made = folder / "samples"
    return made if made.exists() else SAMPLE_FOLDER


def folder_digest(folder: Path) -> str:
    """Changes whenever a file below the folder does."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def start_local_azure(folder: Path, options: StartOptions) -> lifecycle.RunningAzure:
    """Starts it, or finds it running; one that runs with other samples is started again, with the present ones.

    Raises CommandError where it runs with other options or does not start.
    """
    if options.source_database is not None and not options.source_database.startswith("postgresql://"):
        raise CommandError("reading LOCAL_SOURCE_DB", "it is no URL of PostgreSQL", "postgresql://user@host/database")
    state, samples = azure_state_folder(folder), sample_folder(folder)
    record, digest = folder / "started_with.json", folder_digest(samples)
    arguments = ["--role-lag-seconds", str(options.role_lag_seconds)]
    arguments += ["--synapse-role-lag-seconds", str(options.synapse_role_lag_seconds)]
    arguments += ["--sample-folder", str(samples)]
    try:
        if lifecycle.find(state) is not None and record.exists():
            _require_the_same(options, record, digest, state)
        running = lifecycle.start(state, arguments)
    except lifecycle.LifecycleError as error:
        raise CommandError("starting local Azure", str(error)) from error
    record.write_text(json.dumps({**options.summary(), "samples": digest}) + "\n", encoding="utf-8")
    return running


def _require_the_same(options: StartOptions, record: Path, samples: str, state: Path) -> None:
    """Refuses other options; other samples are read by a new process only, so the running one is stopped."""
    started_with = json.loads(record.read_text(encoding="utf-8"))
    known_samples = started_with.pop("samples", None)
    if started_with != options.summary():
        raise CommandError(
            "starting local Azure",
            "it runs already, with another role lag or source database",
            hint="ingest local stop, then start again",
        )
    if known_samples != samples:
        print("the samples have changed: local Azure starts again", file=sys.stderr)
        lifecycle.stop(state)
