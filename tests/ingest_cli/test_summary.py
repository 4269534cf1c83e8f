"""The summary: what is deployed, what each run read and wrote, what became of columns, and who may read the result."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from lake_bench import OWNER, Bench, group
from rich.console import Console

from ingest_cli.column_treatment import treatments
from ingest_cli.pipeline_runs import ActivityRun, PipelineRun
from ingest_cli.project import ARTIFACT_FOLDER
from ingest_cli.summary import print_summary

SCIENTISTS = group("data-scientists")
PUBLISHED = (("curated", "telemetry"), ("raw", "patient_database/patients"))


def activity(kind: str, given: dict[str, str], output: dict[str, Any]) -> ActivityRun:
    return ActivityRun("id", "name", kind, "Succeeded", 1.0, {"parameters": given}, output, "")


def run(lake: Bench, pipeline: str = "ingest_telemetry", begun: timedelta = timedelta()) -> PipelineRun:
    """A run that took a minute, half of it so long ago, read 1,234 rows and published the folders."""
    start = (lake.azure.clock.now() - begun - timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%S.1234567Z")
    called = [
        activity("ExecutePipeline", {"fileSystem": name, "publishedFolder": folder}, {}) for name, folder in PUBLISHED
    ]
    read = activity("Copy", {}, {"rowsRead": 1234})
    return PipelineRun("id", pipeline, "Succeeded", "", start, 60.0, (read, *called))


def write(lake: Bench, file_system: str, path: str, content: bytes) -> None:
    lake.file_system(file_system).get_file_client(path).upload_data(content, overwrite=True)


def let_scientists_read(lake: Bench, path: str) -> None:
    acl = f"user::rwx,group::---,other::---,mask::rwx,group:{SCIENTISTS}:r-x"
    client = lake.file_system("curated")
    for folder in ("/", "telemetry"):
        client.get_directory_client(folder).set_access_control(acl=acl)
    client.get_file_client(path).set_access_control(acl=acl)


def summary(lake: Bench, *runs: PipelineRun) -> list[str]:
    screen = io.StringIO()
    outputs = {
        "dataLakeEndpoint": f"https://{lake.name}.dfs.core.windows.net",
        "resourceGroup": "rg-ingest",
        "workspace": "synw-ingest",
    }
    console = Console(file=screen, soft_wrap=True, highlight=False)
    print_summary(console, outputs, (12, 34), list(runs), {SCIENTISTS: "scientists"}, lake.credential(OWNER))
    return [line.rstrip() for line in screen.getvalue().splitlines() if line.strip()]


def made(lake: Bench) -> None:
    for name in ("raw", "curated"):
        lake.made_file_system(name)


def test_a_summary_tells_the_deployment_and_each_run_with_its_files_and_readers(lake: Bench) -> None:
    made(lake)
    write(lake, "curated", "telemetry/a.csv", b"x\n1\n2\n")
    write(lake, "curated", "telemetry/b.csv", b"x\n3\n")
    write(lake, "raw", "patient_database/patients/patients.csv", b"x\n1\n2\n3\n4\n")
    let_scientists_read(lake, "telemetry/a.csv")
    title, deployed, told, *rest = summary(lake, run(lake))
    assert title == "Summary"
    assert deployed == "  12 resources in rg-ingest, 34 artifacts in synw-ingest"
    assert told == ("  ingest_telemetry Succeeded in 60.0 s: 1,234 rows in, 3 rows out to curated, 3 files written")
    raw, curated = rest[-2:]
    assert raw.split() == "raw/patient_database/patients 1 files 4 rows readable by nobody".split()
    assert curated.split() == "curated/telemetry 2 files 3 rows readable by scientists".split()


def test_a_reader_without_a_name_is_told_by_the_object_id(lake: Bench) -> None:
    made(lake)
    write(lake, "curated", "telemetry/a.csv", b"x\n")
    let_scientists_read(lake, "telemetry/a.csv")
    screen = io.StringIO()
    outputs = {"dataLakeEndpoint": f"https://{lake.name}.dfs.core.windows.net", "resourceGroup": "r", "workspace": "w"}
    print_summary(Console(file=screen, width=200), outputs, (1, 1), [run(lake)], {}, lake.credential(OWNER))
    assert f"readable by {SCIENTISTS}" in screen.getvalue()


def test_files_of_other_runs_and_other_folders_are_not_counted(lake: Bench) -> None:
    made(lake)
    write(lake, "curated", "telemetry/a.csv", b"x\n1\n")
    write(lake, "curated", "telemetry_of_others/a.csv", b"x\n1\n")
    write(lake, "curated", "_staging/run/telemetry/a.csv", b"x\n1\n")
    assert "1 files written" in summary(lake, run(lake))[2]
    assert "0 files written" in summary(lake, run(lake, begun=timedelta(minutes=5)))[2]


def test_columns_are_those_of_the_pipelines_own_flow(lake: Bench) -> None:
    made(lake)
    expected = treatments(ARTIFACT_FOLDER)["ingest_patients"]
    lines = summary(lake, run(lake, "ingest_patients"), run(lake))
    wanted = [line for line in lines if "SSN" in line or "columns pseudonymised" in line]
    found = dict(line.split(": ") for line in wanted if " columns " in line)
    assert {name.strip(): columns.split() for name, columns in found.items()} == {
        f"{len(expected.dropped)} columns dropped": list(expected.dropped),
        f"{len(expected.pseudonymised)} columns pseudonymised": list(expected.pseudonymised),
    }
