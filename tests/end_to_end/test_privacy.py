"""What identifies people reaches no file that data scientists read, and the key of the pseudonyms no place at all."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator

import pytest
from azure.core.exceptions import HttpResponseError
from azure.keyvault.secrets import SecretClient
from local_stack import ROOT, LocalStack

from ingest_cli.local_session import azure_state_folder

IDENTIFYING = {
    "patients": (
        "Id SSN DRIVERS PASSPORT FIRST MIDDLE LAST MAIDEN ADDRESS BIRTHDATE DEATHDATE LAT LON BIRTHPLACE".split()
    ),
    "encounters": "Id START STOP PATIENT".split(),
    "observations": "DATE PATIENT ENCOUNTER".split(),
}
_SHORTEST = 5
"""Shorter values (a first name such as `Ana`) are compared as whole cells, since words hold them by chance."""


def source_rows(table: str) -> Iterator[dict[str, str]]:
    with gzip.open(ROOT / "samples" / "patients" / f"{table}.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def identifying_values() -> set[str]:
    """Every value of an identifying column of the source, dates also as days."""
    found = {row[column] for table, columns in IDENTIFYING.items() for row in source_rows(table) for column in columns}
    days = {value[:10] for value in found if re.match(r"\d{4}-\d\d-\d\d", value)}
    return (found | days) - {""}


def cells(content: str) -> Iterator[str]:
    for row in csv.reader(content.splitlines()):
        yield from row


def test_no_identifying_value_of_a_source_patient_is_in_a_curated_file(stack: LocalStack) -> None:
    values = identifying_values()
    assert len(values) > 100_000
    places = {value for value in values if "," in value or " " in value}
    people = {path: content for path, content in stack.files("curated").items() if not path.startswith("telemetry/")}
    for path, content in people.items():
        text = content.decode("utf-8")
        whole = set(cells(text)) & values
        assert not whole, (path, sorted(whole)[:5])
        words = {word for word in re.findall(r"[\w.:+-]+", text) if len(word) >= _SHORTEST} & values
        assert not words, (path, sorted(words)[:5])
        assert not [place for place in places if place in text], path


def test_the_key_is_in_no_artifact_history_log_or_state(stack: LocalStack) -> None:
    with pytest.raises(HttpResponseError):
        SecretClient(str(stack.outputs["keyVaultEndpoint"]), stack.credential("data-scientist")).get_secret(
            "pseudonym-key"
        )
    vault = SecretClient(str(stack.outputs["keyVaultEndpoint"]), stack.credential("deployer"))
    key = str(vault.get_secret("pseudonym-key").value)
    assert len(key) >= 32
    state = stack.pulumi("stack", "export", "--show-secrets")
    assert state.code == 0, state.text
    assert key not in state.output
    run = stack.run("ingest_patients", windowStart="2020-01-01T00:00:00Z", windowEnd="2020-01-08T00:00:00Z")
    assert run.status == "Succeeded"
    assert key not in repr(run)
    for path in (*stack.folder.rglob("*.log"), stack.request_log, *stack.folder.rglob("*.json")):
        assert key not in path.read_text(encoding="utf-8", errors="replace"), path
    for artifact in ROOT.joinpath("pipelines_json").rglob("*.json"):
        assert key not in artifact.read_text(encoding="utf-8")
    assert (azure_state_folder(stack.folder) / "credentials.json").stat().st_mode & 0o077 == 0


def test_a_data_scientist_reads_curated_and_nothing_of_raw(stack: LocalStack) -> None:
    curated = stack.file_system("curated", "data-scientist")
    assert curated.get_file_client("patients/patients.csv").download_file().readall().startswith(b"Id,")
    raw = stack.file_system("raw", "data-scientist")
    for forbidden in (
        lambda: raw.get_file_client("patient_database/patients/patients.csv").download_file().readall(),
        lambda: list(raw.get_paths("images")),
        lambda: curated.get_file_client("patients/mine.csv").create_file(),
        lambda: curated.get_file_client("patients/patients.csv").delete_file(),
    ):
        with pytest.raises(HttpResponseError) as refused:
            forbidden()
        assert refused.value.status_code == 403
        assert refused.value.error_code == "AuthorizationPermissionMismatch"  # type: ignore[attr-defined]


def test_an_outsider_reads_nothing(stack: LocalStack) -> None:
    for file_system, path in (("curated", "patients/patients.csv"), ("raw", "patient_database/patients/patients.csv")):
        with pytest.raises(HttpResponseError) as refused:
            stack.file_system(file_system, "outsider").get_file_client(path).download_file()
        assert refused.value.status_code == 403
