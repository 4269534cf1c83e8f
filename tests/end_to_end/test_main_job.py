"""The main job on the real engine: what it makes, that doing it again changes nothing, and that it leaves nothing."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

from local_stack import ROOT, LocalStack

SAMPLES = ROOT / "samples" / "patients"
TABLES = ("patients", "encounters", "observations")
CURATED = (*TABLES, "telemetry", "images")


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def curated_rows(stack: LocalStack, table: str) -> list[dict[str, str]]:
    return [row for content in stack.files("curated", table).values() for row in rows_of(content)]


def source_rows(table: str) -> list[dict[str, str]]:
    with gzip.open(SAMPLES / f"{table}.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_summary_tells_rows_columns_and_readers(stack: LocalStack, main_job_output: list[str]) -> None:
    [text] = main_job_output
    rows = sum(len(source_rows(table)) for table in TABLES)
    assert f"{rows:,} rows in, {rows:,} rows out to curated" in text
    assert "20 artifacts in" in text
    dropped = next(line for line in text.splitlines() if "columns dropped" in line and "SSN" in line)
    assert {"FIRST", "LAST", "MAIDEN", "SSN", "DRIVERS", "PASSPORT", "ADDRESS", "LAT", "LON"} <= set(dropped.split())
    assert "4 columns pseudonymised: ENCOUNTER Id PATIENT PAYER" in text
    readers = dict(line.split("readable by ") for line in text.splitlines() if "readable by" in line)
    assert {folder.split()[0]: who for folder, who in readers.items()} == {
        **dict.fromkeys((f"curated/{name}" for name in CURATED), "auditors, data-engineers, data-scientists"),
        **dict.fromkeys((f"raw/patient_database/{name}" for name in TABLES), "data-engineers"),
        "raw/images": "data-engineers",
    }


def test_rows_in_curated_reconcile_with_the_source(stack: LocalStack) -> None:
    for table in TABLES:
        assert len(curated_rows(stack, table)) == len(source_rows(table)), table
    telemetry = sum(len(path.read_text().splitlines()) for path in (ROOT / "samples" / "telemetry").glob("*.jsonl"))
    assert len(curated_rows(stack, "telemetry")) == telemetry


def test_pseudonyms_join_across_the_three_tables(stack: LocalStack) -> None:
    patients = {row["Id"] for row in curated_rows(stack, "patients")}
    encounters = curated_rows(stack, "encounters")
    observations = curated_rows(stack, "observations")
    assert len(patients) == len(source_rows("patients"))
    assert {row["PATIENT"] for row in encounters} <= patients
    assert {row["PATIENT"] for row in observations} <= patients
    known = {row["Id"] for row in encounters}
    joined = sum(1 for row in observations if row["ENCOUNTER"] in known)
    source_known = {row["Id"] for row in source_rows("encounters")}
    assert joined == sum(1 for row in source_rows("observations") if row["ENCOUNTER"] in source_known)


def test_doing_it_again_changes_nothing(stack: LocalStack) -> None:
    before = stack.files("curated")
    with stack.recording() as requests:
        answer = stack.ingest("local", "up", "--role-lag", "30", "--synapse-role-lag", "30")
    assert answer.code == 0, answer.text
    assert "nothing to run again" in answer.output
    assert " created" not in answer.output
    assert " updated" not in answer.output
    written = [each for each in requests if each["method"] in ("PUT", "PATCH", "DELETE")]
    assert written == []
    assert stack.files("curated") == before


def test_plain_pulumi_works_in_a_shell_that_sourced_the_environment(stack: LocalStack) -> None:
    answer = stack.in_shell("pulumi preview --expect-no-changes --non-interactive && pulumi stack output workspace")
    assert answer.code == 0, answer.text
    assert answer.output.splitlines()[-1] == stack.outputs["workspace"]


def test_a_stack_is_destroyed_without_a_trace(tmp_path: Path) -> None:
    stack = LocalStack(tmp_path / "other")
    assert stack.ingest("local", "start").code == 0
    try:
        made = stack.pulumi("up", "--yes", "--skip-preview")
        assert made.code == 0, made.text
        gone = stack.pulumi("destroy", "--yes", "--skip-preview")
        assert gone.code == 0, gone.text
        status = stack.ingest("local", "status")
        assert [line for line in status.output.splitlines() if "/resourceGroups/" in line] == []
        state = json.loads(stack.pulumi("stack", "export").output)
        assert state["deployment"].get("resources", []) == []
    finally:
        assert stack.ingest("local", "stop").code == 0
    assert stack.ingest("local", "status").code == 3
