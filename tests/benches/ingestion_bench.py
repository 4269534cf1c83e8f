"""The pipelines of pipelines_json published in a workspace, with a small sample that has something of everything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from activity_bench import GRANT, write_samples
from synapse_bench import Bench

PIPELINES = Path(__file__).parents[2] / "pipelines_json"
KEY = "a-pseudonym-key-that-is-long-enough-000000"
FOLDERS = {
    "linkedService": "linkedservices",
    "dataset": "datasets",
    "dataflow": "dataflows",
    "pipeline": "pipelines",
    "trigger": "triggers",
}
PATIENTS = [
    {
        "Id": "p-ann",
        "BIRTHDATE": "1990-02-03",
        "SSN": "999-12-3456",
        "FIRST": "Annabella",
        "ZIP": "02139",
        "DRIVERS": "S99",
    },
    {"Id": "p-bob", "BIRTHDATE": "1931-04-05", "DEATHDATE": "2019-01-02", "SSN": "999-65-4321", "FIRST": "Bobbington"},
]
ENCOUNTERS = [
    {
        "Id": f"e-{year}-{who}",
        "START": f"{year}-03-04T05:06:07Z",
        "STOP": f"{year}-03-04T06:06:07Z",
        "PATIENT": f"p-{who}",
    }
    for year in (2018, 2019, 2020)
    for who in ("ann", "bob")
]
OBSERVATIONS = [
    {
        "DATE": f"{year}-03-04T05:16:07Z",
        "PATIENT": "p-ann",
        "ENCOUNTER": f"e-{year}-ann",
        "CODE": "8302-2",
        "VALUE": str(170 + year - 2018),
        "UNITS": "cm",
        "TYPE": "numeric",
    }
    for year in (2018, 2019, 2020)
]
READING = '{{"deviceId":{},"location":"Office1","time":"{}","temperature":{}}}\n'


def write_hospital(folder: Path) -> Path:
    """A sample folder with two patients, six encounters and three observations."""
    return write_samples(folder, {"patients": PATIENTS, "encounters": ENCOUNTERS, "observations": OBSERVATIONS})


def publish_all(bench: Bench, bindings: Mapping[str, str]) -> None:
    """Publishes every document, bound to `bindings`, each as soon as what it refers to is there."""
    for folder, path in FOLDERS.items():
        waiting = [_bound(file, bindings) for file in sorted((PIPELINES / folder).glob("*.json"))]
        while waiting:
            left = [each for each in waiting if bench.put(f"/{path}/{each[0]}", each[1]).status != 200]
            assert len(left) < len(waiting), [name for name, _ in left]
            waiting = left


def grant_database(bench: Bench, server: str, database: str) -> None:
    """Lets the workspace read the source database."""
    administrator = bench.principal("database-administrator")
    script = GRANT.format(name=bench.name)
    bench.service.databases.execute_grant_script(server, database, script, administrator)


def run_pipeline(bench: Bench, pipeline: str, **parameters: Any) -> dict[str, Any]:
    """The finished run of a pipeline, whatever came of it."""
    answer = bench.call("POST", f"/pipelines/{pipeline}/createRun", parameters)
    assert answer.status == 202, answer.content()
    run_id = json.loads(answer.content())["runId"]
    assert bench.service.runs.wait(run_id, 60)
    found: dict[str, Any] = json.loads(bench.call("GET", f"/pipelineruns/{run_id}").content())
    return found


def _bound(file: Path, bindings: Mapping[str, str]) -> tuple[str, Any]:
    text = file.read_text(encoding="utf-8")
    for name, value in bindings.items():
        text = text.replace(f"<bound-at-deployment:{name}>", value)
    document = json.loads(text)
    return document["name"], document["properties"]
