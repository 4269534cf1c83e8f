"""The three ingestion pipelines of pipelines_json run from end to end on a small sample, whole and by window."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from activity_bench import WINDOW, ActivityBench, make_activity_bench
from ingestion_bench import KEY, READING, grant_database, publish_all, run_pipeline, write_hospital

from local_azure.http import Request, Response
from sample_data.images import write_images

BINDINGS = {
    "dataLakeUrl": "https://lake.dfs.core.windows.net",
    "keyVaultUrl": "https://vault.vault.azure.net",
    "sqlServer": "srv.database.windows.net",
    "sqlDatabase": "db",
}


class _Vault:
    """A vault with the one secret."""

    name = "vault"

    def owns(self, host: str) -> bool:
        return host == "vault.vault.azure.net"

    def handle(self, request: Request) -> Response:
        assert request.path == "/secrets/pseudonym-key"
        return Response.json(200, {"value": KEY, "id": "https://vault.vault.azure.net/secrets/pseudonym-key/1"})


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActivityBench]:
    """A workspace with everything of pipelines_json published and the database granted."""
    samples = write_hospital(tmp_path_factory.mktemp("samples"))
    found = make_activity_bench(tmp_path_factory.mktemp("azure"), samples)
    found.bench.azure.dispatcher.add(_Vault())
    publish_all(found.bench, BINDINGS)
    grant_database(found.bench, BINDINGS["sqlServer"].partition(".")[0], BINDINGS["sqlDatabase"])
    yield found
    found.bench.azure.stop()


@pytest.fixture
def ingestion(published: ActivityBench) -> ActivityBench:
    """The workspace with an empty lake."""
    published.lake.clear()
    return published


def _run(ingestion: ActivityBench, pipeline: str, **parameters: Any) -> dict[str, Any]:
    return run_pipeline(ingestion.bench, pipeline, **parameters)


def _succeed(ingestion: ActivityBench, pipeline: str, **parameters: Any) -> None:
    run = _run(ingestion, pipeline, **parameters)
    assert run["status"] == "Succeeded", run["message"]


def _rows(ingestion: ActivityBench, prefix: str) -> list[dict[str, str]]:
    texts = (content.decode() for name, content in sorted(ingestion.lake.files.items()) if name.startswith(prefix))
    return [row for text in texts for row in csv.DictReader(io.StringIO(text))]


def _published_files(ingestion: ActivityBench) -> dict[str, bytes]:
    return {name: content for name, content in ingestion.lake.files.items() if not name.startswith("landing/")}


def test_patients_are_copied_to_raw_and_deidentified_to_curated(ingestion: ActivityBench) -> None:
    _succeed(ingestion, "ingest_patients", full=True)
    assert len(_rows(ingestion, "raw/patient_database/patients/")) == 2
    assert len(_rows(ingestion, "raw/patient_database/encounters/")) == 6
    curated = {table: _rows(ingestion, f"curated/{table}/") for table in ("patients", "encounters", "observations")}
    assert {table: len(rows) for table, rows in curated.items()} == {"patients": 2, "encounters": 6, "observations": 3}
    people = {row["Id"] for row in curated["patients"]}
    assert {row["PATIENT"] for row in curated["encounters"]} == people
    assert {row["PATIENT"] for row in curated["observations"]} <= people
    assert {row["ENCOUNTER"] for row in curated["observations"]} <= {row["Id"] for row in curated["encounters"]}
    text = b"".join(content for name, content in ingestion.lake.files.items() if name.startswith("curated/")).decode()
    for secret in ("999-12-3456", "Annabella", "p-ann", "e-2018-ann", "1990-02-03", "2018-03-04", KEY):
        assert secret not in text


def test_no_staging_is_left_behind(ingestion: ActivityBench) -> None:
    _succeed(ingestion, "ingest_patients", full=True)
    assert not [name for name in ingestion.lake.files if "_staging" in name]


def test_running_a_window_again_changes_nothing(ingestion: ActivityBench) -> None:
    _succeed(ingestion, "ingest_patients", full=True)
    first = _published_files(ingestion)
    _succeed(ingestion, "ingest_patients", windowStart="2019-01-01T00:00:00Z", windowEnd="2020-01-01T00:00:00Z")
    assert _published_files(ingestion) == first


def test_windows_one_after_the_other_give_what_a_full_run_gives(ingestion: ActivityBench) -> None:
    _succeed(ingestion, "ingest_patients", full=True)
    whole = _published_files(ingestion)
    ingestion.lake.files.clear()
    for year in (2018, 2019, 2020):
        start, end = f"{year}-01-01T00:00:00Z", f"{year + 1}-01-01T00:00:00Z"
        _succeed(ingestion, "ingest_patients", windowStart=start, windowEnd=end)
    assert _published_files(ingestion) == whole


def test_what_a_killed_run_left_does_not_matter(ingestion: ActivityBench) -> None:
    _succeed(ingestion, "ingest_patients", full=True)
    clean = _published_files(ingestion)
    ingestion.lake.files |= {
        "raw/_staging/ingest_patients/dead/encounters/year=2018.csv": b"half a fi",
        "curated/_staging/ingest_patients/dead/patients/patients.csv": b"half a fi",
    }
    _succeed(ingestion, "ingest_patients", full=True)
    assert _published_files(ingestion) == clean


@pytest.mark.parametrize("moment", [0.05, 0.3, 0.5, 0.6, 0.75, 0.9, 0.98])
def test_a_run_killed_at_any_moment_and_run_again_ends_as_one_clean_run(
    ingestion: ActivityBench, moment: float
) -> None:
    _succeed(ingestion, "ingest_patients", windowStart="2018-01-01T00:00:00Z", windowEnd="2019-01-01T00:00:00Z")
    before = dict(ingestion.lake.files)
    window = {"windowStart": "2018-06-01T00:00:00Z", "windowEnd": "2020-06-01T00:00:00Z"}
    ingestion.lake.requests.clear()
    _succeed(ingestion, "ingest_patients", **window)
    count, clean = len(ingestion.lake.requests), _published_files(ingestion)
    ingestion.lake.files = dict(before)
    ingestion.lake.requests.clear()
    ingestion.lake.interrupt = (int(count * moment), lambda: _cancel_all(ingestion))
    killed = _run(ingestion, "ingest_patients", **window)
    ingestion.lake.interrupt = None
    assert killed["status"] == "Cancelled"
    half_way = {name: content for name, content in _published_files(ingestion).items() if "_staging" not in name}
    for name, content in half_way.items():
        assert content in (before.get(name), clean.get(name)), name
    _succeed(ingestion, "ingest_patients", **window)
    assert _published_files(ingestion) == clean


def _cancel_all(ingestion: ActivityBench) -> None:
    going = {"operand": "Status", "operator": "In", "values": ["InProgress", "Queued"]}
    answer = ingestion.bench.call("POST", "/queryPipelineRuns", {**WINDOW, "filters": [going]})
    for run in json.loads(answer.content())["value"]:
        ingestion.bench.call("POST", f"/pipelineruns/{run['runId']}/cancel?isRecursive=true")


def test_the_key_is_in_no_run_history_and_in_no_written_file(ingestion: ActivityBench) -> None:
    run = _run(ingestion, "ingest_patients", full=True)
    path = f"/pipelines/ingest_patients/pipelineruns/{run['runId']}/queryActivityruns"
    shown = ingestion.bench.call("POST", path, WINDOW).content() + json.dumps(run).encode()
    assert KEY.encode() not in shown
    assert all(KEY.encode() not in request.body for request in ingestion.lake.requests)
    assert KEY not in ingestion.bench.azure.request_log.path.read_text(encoding="utf-8")


def test_a_changed_source_schema_fails_before_anything_is_written(ingestion: ActivityBench) -> None:
    database = ingestion.bench.service.databases._embedded("srv", "db").cursor()
    database.execute("ALTER TABLE dbo.patients ADD COLUMN EMAIL VARCHAR")
    run = _run(ingestion, "ingest_patients", full=True)
    database.execute("ALTER TABLE dbo.patients DROP COLUMN EMAIL")
    assert run["status"] == "Failed"
    assert "patients.EMAIL nvarchar" in run["message"]
    assert ingestion.lake.files == {}


def test_an_empty_window_is_refused(ingestion: ActivityBench) -> None:
    run = _run(ingestion, "ingest_patients", windowStart="2020-01-01T00:00:00Z", windowEnd="2020-01-01T00:00:00Z")
    assert "is empty. Give windowStart before windowEnd (UTC)" in run["message"]
    assert ingestion.lake.files == {}


def test_telemetry_is_flattened_by_day(ingestion: ActivityBench) -> None:
    lines = [READING.format(*each) for each in ((1, "2021-07-14T12:47:39Z", 23), (2, "2021-07-15T00:00:00Z", 19.5))]
    ingestion.lake.files["landing/telemetry/a.jsonl"] = "".join(lines).encode()
    _succeed(ingestion, "ingest_telemetry", full=True)
    header = b"deviceId,location,time,temperature\n"
    assert _published_files(ingestion) == {
        "curated/telemetry/date=2021-07-14.csv": header + b"1,Office1,2021-07-14 12:47:39,23.0\n",
        "curated/telemetry/date=2021-07-15.csv": header + b"2,Office1,2021-07-15 00:00:00,19.5\n",
    }


def test_a_day_without_readings_any_more_loses_its_file(ingestion: ActivityBench) -> None:
    ingestion.lake.files["landing/telemetry/a.jsonl"] = READING.format(1, "2021-07-14T12:47:39Z", 23).encode()
    _succeed(ingestion, "ingest_telemetry", full=True)
    ingestion.lake.files["landing/telemetry/a.jsonl"] = READING.format(1, "2021-07-15T12:47:39Z", 23).encode()
    window = {"windowStart": "2021-07-14T00:00:00Z", "windowEnd": "2021-07-16T00:00:00Z"}
    _succeed(ingestion, "ingest_telemetry", **window)
    assert list(_published_files(ingestion)) == ["curated/telemetry/date=2021-07-15.csv"]


def test_images_are_copied_as_they_are_and_indexed(ingestion: ActivityBench, tmp_path: Path) -> None:
    images = write_images(tmp_path)
    ingestion.lake.files |= {f"landing/images/{each.name}": each.read_bytes() for each in images}
    _succeed(ingestion, "ingest_images", full=True)
    for each in images:
        assert ingestion.lake.files[f"raw/images/{each.name}"] == each.read_bytes()
    index = _rows(ingestion, "curated/images/")
    assert len(index) == sum(each.suffix == ".dcm" for each in images)
    assert len({row["IMAGE"] for row in index}) == len(index)


def test_triggers_are_published_stopped_and_can_be_started(ingestion: ActivityBench) -> None:
    listed = json.loads(ingestion.bench.call("GET", "/triggers").content())["value"]
    assert [each["properties"]["runtimeState"] for each in listed] == ["Stopped"] * 3
    for each in listed:
        assert ingestion.bench.call("POST", f"/triggers/{each['name']}/start").status == 200
        assert ingestion.bench.call("POST", f"/triggers/{each['name']}/stop").status == 200
