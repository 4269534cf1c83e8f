"""What becomes of each column is derived from the scripts: dropped, generalised, pseudonymised or unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest_cli.column_treatment import ColumnTreatment, treatments
from ingest_cli.project import ARTIFACT_FOLDER

SOURCE = """\
parameters{
    key as string,
    y as boolean,
    runFolder as string
}
source(output(
        id as string,
        born as string,
        name as string,
        city as string,
        both as string
    ),
    allowSchemaDrift: false,
    validateSchema: true) ~> people"""
SINK = """\
    skipDuplicateMapInputs: true,
    skipDuplicateMapOutputs: true) ~> """
GIVEN = {
    "key": {"value": "'@{activity('Read the key').output.value}'", "type": "Expression"},
    "y": {"value": "@{pipeline().parameters.y}", "type": "Expression"},
    "runFolder": "'_staging'",
}


def write(folder: Path, *steps: str, sinks: dict[str, str], parameters: dict[str, Any] | None = None) -> Path:
    """A folder with one pipeline and its flow; `sinks` are streams with their filesystems."""
    dataset = {"referenceName": "csv", "type": "DatasetReference"}
    flow = {
        "sources": [{"dataset": dataset, "name": "people"}],
        "sinks": [{"dataset": dataset, "name": name} for name in sinks],
        "transformations": [{"name": step.rsplit("~> ", 1)[1]} for step in steps if "sink(" not in step],
        "scriptLines": "\n".join([SOURCE, *steps]).splitlines(),
    }
    reference = {
        "referenceName": "flow",
        "type": "DataFlowReference",
        "parameters": GIVEN if parameters is None else parameters,
        "datasetParameters": {name: {"fileSystem": file_system} for name, file_system in sinks.items()},
    }
    activity = {"name": "Flow", "type": "ExecuteDataFlow", "typeProperties": {"dataflow": reference}}
    inside = {"name": "If", "type": "IfCondition", "typeProperties": {"ifTrueActivities": [activity]}}
    csv = {"location": {"type": "AzureBlobFSLocation", "fileSystem": "x"}, "firstRowAsHeader": True}
    link = {"referenceName": "lake", "type": "LinkedServiceReference"}
    for place, properties in {
        "linkedService/lake": {"type": "AzureBlobFS", "typeProperties": {"url": "https://l.dfs.core.windows.net"}},
        "dataset/csv": {"type": "DelimitedText", "linkedServiceName": link, "typeProperties": csv},
        "dataflow/flow": {"type": "MappingDataFlow", "typeProperties": flow},
        "pipeline/with_flow": {"activities": [inside]},
        "pipeline/without": {"activities": [{"name": "Rest", "type": "Wait", "typeProperties": {}}]},
    }.items():
        file = folder / f"{place}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"name": file.stem, "properties": properties}), encoding="utf-8")
    return folder


PSEUDONYM = (
    "people derive(id = sha2(256, concat($key, id)), born = left(born, 4), file = concat($runFolder, both)) ~> changed"
)
CHOSEN = "changed select(mapColumn(id, born, city, both)) ~> chosen"


def test_each_column_is_what_its_expressions_make_of_it(tmp_path: Path) -> None:
    folder = write(tmp_path, PSEUDONYM, CHOSEN, f"chosen sink({SINK}files", sinks={"files": "curated"})
    assert treatments(folder) == {"with_flow": ColumnTreatment("flow", ("name",), ("born",), ("id",), ("both", "city"))}


def test_what_reaches_no_published_folder_is_dropped(tmp_path: Path) -> None:
    sinks = {"files": "curated", "copies": "raw"}
    steps = (PSEUDONYM, CHOSEN, f"chosen sink({SINK}files", f"people sink({SINK}copies")
    assert treatments(write(tmp_path, *steps, sinks=sinks))["with_flow"].dropped == ("name",)
    nothing = {"files": "raw", "copies": "raw"}
    treatment = treatments(write(tmp_path, *steps, sinks=nothing))["with_flow"]
    assert treatment == ColumnTreatment("flow", ("born", "both", "city", "id", "name"), (), (), ())


def test_a_column_counts_as_the_least_protected_of_its_ways(tmp_path: Path) -> None:
    derive = "people derive(born = left(name, 1), city = sha2(256, concat($key, name)), both = upper(id)) ~> changed"
    chosen = "changed select(mapColumn(name, born, city, both)) ~> chosen"
    folder = write(tmp_path, derive, chosen, f"chosen sink({SINK}files", sinks={"files": "curated"})
    assert treatments(folder)["with_flow"] == ColumnTreatment("flow", ("born", "both", "city"), ("id",), (), ("name",))


def test_a_column_that_only_chooses_a_value_is_not_dropped(tmp_path: Path) -> None:
    derive = "people derive(born = iif(name == 'x', 'y', 'n'), id = iif(isNull(id), 'x', id)) ~> changed"
    chosen = "changed select(mapColumn(born, id)) ~> chosen"
    folder = write(tmp_path, derive, chosen, f"chosen sink({SINK}files", sinks={"files": "curated"})
    assert treatments(folder)["with_flow"] == ColumnTreatment("flow", ("born", "both", "city"), ("id", "name"), (), ())


def test_a_parameter_that_comes_from_no_activity_is_no_key(tmp_path: Path) -> None:
    open_key = {**GIVEN, "key": "'known to everybody'"}
    steps = (PSEUDONYM, CHOSEN, f"chosen sink({SINK}files")
    treatment = treatments(write(tmp_path, *steps, sinks={"files": "curated"}, parameters=open_key))["with_flow"]
    assert (treatment.pseudonymised, treatment.generalised) == ((), ("born", "id"))


@pytest.mark.parametrize(
    ("pipeline", "dropped", "pseudonymised"),
    [
        ("ingest_patients", {"SSN", "FIRST", "LAST", "ADDRESS", "LAT", "LON"}, {"ENCOUNTER", "Id", "PATIENT", "PAYER"}),
        ("ingest_telemetry", set(), set()),
        ("ingest_images", set(), {"00100020"}),
    ],
)
def test_the_deployed_flows_protect_what_identifies_people(
    pipeline: str, dropped: set[str], pseudonymised: set[str]
) -> None:
    found = treatments(ARTIFACT_FOLDER)
    assert set(found) == {"ingest_patients", "ingest_telemetry", "ingest_images"}
    assert dropped <= set(found[pipeline].dropped)
    assert pseudonymised <= set(found[pipeline].pseudonymised)
    assert not dropped & set(found[pipeline].unchanged)
