"""Runs single activities on a workspace with a lake in memory and a small source database."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lake_fake import FakeLake
from synapse_bench import Bench, make_workspace

from local_azure.server import LocalAzure
from local_azure.settings import Settings
from sample_data.source_schema import TABLES

WINDOW = {"lastUpdatedAfter": "2000-01-01T00:00:00Z", "lastUpdatedBefore": "2100-01-01T00:00:00Z"}
ANY_FILE = {
    "type": "AzureBlobFSLocation",
    "fileSystem": {"value": "@dataset().fileSystem", "type": "Expression"},
    "folderPath": {"value": "@dataset().folder", "type": "Expression"},
    "fileName": {"value": "@dataset().file", "type": "Expression"},
}
PARAMETERS = {
    "fileSystem": {"type": "string", "defaultValue": "raw"},
    "folder": {"type": "string", "defaultValue": ""},
    "file": {"type": "string", "defaultValue": ""},
}
CSV = {"columnDelimiter": ",", "quoteChar": '"', "escapeChar": '"', "firstRowAsHeader": True}
GRANT = "CREATE USER [{name}] FROM EXTERNAL PROVIDER; ALTER ROLE db_datareader ADD MEMBER [{name}];"


@dataclass
class ActivityBench:
    """A workspace with linked services `lake` and `sql`, datasets `csv`, `json`, `parquet`, `binary` and `table`."""

    bench: Bench
    lake: FakeLake = field(default_factory=FakeLake)

    def run(self, *activities: dict[str, Any], **properties: Any) -> dict[str, Any]:
        """Publish and run a pipeline of these activities; the finished run."""
        published = self.bench.put("/pipelines/p", {"activities": list(activities), **properties})
        assert published.status == 200, published.content()
        answer = self.bench.call("POST", "/pipelines/p/createRun", {})
        assert answer.status == 202, answer.content()
        run_id = json.loads(answer.content())["runId"]
        assert self.bench.service.runs.wait(run_id, 30)
        found: dict[str, Any] = json.loads(self.bench.call("GET", f"/pipelineruns/{run_id}").content())
        return found

    def activities(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """The activity runs of a run."""
        path = f"/pipelines/p/pipelineruns/{run['runId']}/queryActivityruns"
        found: list[dict[str, Any]] = json.loads(self.bench.call("POST", path, WINDOW).content())["value"]
        return found

    def output(self, *activities: dict[str, Any], **properties: Any) -> dict[str, Any]:
        """The output of the last activity of a run that must succeed."""
        run = self.run(*activities, **properties)
        assert run["status"] == "Succeeded", run["message"]
        output: dict[str, Any] = self.activities(run)[-1]["output"]
        return output

    def failure(self, *activities: dict[str, Any], **properties: Any) -> str:
        """The message of a run that must fail."""
        run = self.run(*activities, **properties)
        assert run["status"] == "Failed", run
        return str(run["message"])


def make_activity_bench(folder: Path, samples: Path | None, server: str | None = None) -> ActivityBench:
    """A stand-in that is not listening, with everything published; `samples` loads the source database, or `server`
    (postgresql://…) is it."""
    options = Settings(lro_polls=0, sample_folder=samples, source_database=server)
    azure = LocalAzure(folder, options, services=("identity", "synapse_workspace"))
    found = ActivityBench(make_workspace(azure))
    azure.dispatcher.add(found.lake)
    lake = {"referenceName": "lake", "type": "LinkedServiceReference"}
    put = found.bench.put
    put(
        "/linkedservices/lake", {"type": "AzureBlobFS", "typeProperties": {"url": "https://lake.dfs.core.windows.net/"}}
    )
    put("/linkedservices/sql", {"type": "AzureSqlDatabase", "typeProperties": {"server": "srv", "database": "db"}})
    for name, kind, settings in (
        ("csv", "DelimitedText", CSV),
        ("json", "Json", {}),
        ("parquet", "Parquet", {"compressionCodec": "snappy"}),
        ("binary", "Binary", {}),
    ):
        properties = {"location": ANY_FILE, **settings}
        put(
            f"/datasets/{name}",
            {"type": kind, "linkedServiceName": lake, "parameters": PARAMETERS, "typeProperties": properties},
        )
    sql = {"referenceName": "sql", "type": "LinkedServiceReference"}
    table = {"schema": "dbo", "table": {"value": "@dataset().table", "type": "Expression"}}
    put(
        "/datasets/table",
        {
            "type": "AzureSqlTable",
            "linkedServiceName": sql,
            "parameters": {"table": {"type": "string", "defaultValue": "patients"}},
            "typeProperties": table,
        },
    )
    return found


def dataset(name: str, **parameters: Any) -> dict[str, Any]:
    """A dataset reference."""
    return {"referenceName": name, "type": "DatasetReference", "parameters": parameters}


def copy(source: dict[str, Any], sink: dict[str, Any], inputs: Any, outputs: Any, **more: Any) -> dict[str, Any]:
    """A Copy activity."""
    return {
        "name": "Copy",
        "type": "Copy",
        "typeProperties": {"source": source, "sink": sink, **more},
        "inputs": [inputs],
        "outputs": [outputs],
    }


PATIENTS = [
    {"Id": "a", "BIRTHDATE": "1990-02-03", "SSN": "999-1", "LAT": "42.5", "INCOME": "1000"},
    {"Id": "b", "BIRTHDATE": "1931-04-05", "DEATHDATE": "2001-01-02", "SSN": 'quo"te,d', "LAT": "42.0", "INCOME": "0"},
]
REQUIRED = {"text": "x", "date": "2000-01-01", "datetime": "2020-05-06T07:08:09Z", "number": "1.5", "integer": "7"}


def write_samples(folder: Path, rows: dict[str, list[dict[str, str]]] | None = None) -> Path:
    """A sample folder with these rows by table; a table without any has one, required columns are filled in."""
    rows = rows or {"patients": PATIENTS}
    for table in TABLES:
        lines = [",".join(table.header)]
        for row in rows.get(table.name, [{}]):
            values = [row.get(each.name, "" if each.nullable else REQUIRED[each.kind]) for each in table.columns]
            lines.append(",".join('"' + value.replace('"', '""') + '"' if value else "" for value in values))
        target = folder / "patients" / f"{table.name}.csv.gz"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))
    return folder


def web(url: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    """A Web activity."""
    return {"name": "Web", "type": "WebActivity", "typeProperties": {"url": url, "method": method, **more}}
