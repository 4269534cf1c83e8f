"""Starts the local Azure of a folder with its options, and notices one that runs with others."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from ingest_cli.errors import CommandError
from ingest_cli.local_session import azure_state_folder
from ingest_cli.project import SAMPLE_FOLDER
from local_azure import lifecycle
from local_azure.ports import Ports, read_ports
from sample_data.errors import SampleDataError
from sample_data.patient_sample import sample_digest
from sample_data.whole_sample import is_sample

_RECORD = "started_with.json"
_SAMPLE = "samples"


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


@dataclass(frozen=True)
class StartedAzure:
    """A local Azure that runs, and what a person should know about its start."""

    running: lifecycle.RunningAzure
    remarks: tuple[str, ...]


def sample_folder(folder: Path) -> Path:
    """The samples that `make patients` made, else the committed ones."""
    made = folder / "samples"
    return made if is_sample(made) else SAMPLE_FOLDER


def require_fitting(folder: Path, options: StartOptions) -> None:
    """Raises CommandError where these options cannot be, or local Azure runs with others; changes nothing."""
    if options.source_database is not None and not options.source_database.startswith("postgresql://"):
        raise CommandError("reading LOCAL_SOURCE_DB", "it is no URL of PostgreSQL", "postgresql://user@host/database")
    started_with = _read_record(folder)
    if started_with is not None and {**started_with, _SAMPLE: None} != {**options.summary(), _SAMPLE: None}:
        raise CommandError(
            "starting local Azure",
            "it runs already, with another role lag or source database",
            hint="ingest local stop, then start again",
        )


def start_local_azure(folder: Path, options: StartOptions) -> StartedAzure:
    """Starts it, or finds it running; one that runs with another sample is started again.

    Raises CommandError where it runs with other options, where the sample is not whole, or if it does not start.
    """
    require_fitting(folder, options)
    state, samples = azure_state_folder(folder), sample_folder(folder)
    record = {**options.summary(), _SAMPLE: _sample_of(options, samples)}
    arguments = ["--role-lag-seconds", str(options.role_lag_seconds)]
    arguments += ["--synapse-role-lag-seconds", str(options.synapse_role_lag_seconds)]
    arguments += ["--sample-folder", str(samples), "--assume-compute"]
    remarks = []
    last_ports = read_ports(state)
    try:
        if _read_record(folder) not in (None, record):
            lifecycle.stop(state)
            remarks.append("local Azure ran with another sample and was started again")
        running = lifecycle.start(state, arguments)
    except lifecycle.LifecycleError as error:
        raise CommandError("starting local Azure", str(error)) from error
    (folder / _RECORD).write_text(json.dumps(record) + "\n", encoding="utf-8")
    if last_ports not in (Ports(), read_ports(state)):
        remarks.append('its ports are new: shells that did so before need eval "$(ingest local env)" again')
    return StartedAzure(running, tuple(remarks))


def _read_record(folder: Path) -> dict[str, object] | None:
    """What the running local Azure was started with; None where none runs or nobody wrote it down."""
    record = folder / _RECORD
    if lifecycle.find(azure_state_folder(folder)) is None or not record.exists():
        return None
    found: dict[str, object] = json.loads(record.read_text(encoding="utf-8"))
    return found


def _sample_of(options: StartOptions, samples: Path) -> str:
    """What tells samples apart that local Azure loads; those in a PostgreSQL are not its business."""
    if options.source_database is not None:
        return ""
    try:
        return sample_digest(samples)
    except SampleDataError as error:
        raise CommandError("starting local Azure", str(error)) from error
