"""Small documents that refer to each other, one of each kind that a pipeline needs, for tests of publication."""

from typing import Any

LAKE = "linkedService/lake"
FILES = "dataset/files"
FLOW = "dataflow/clean"
LOAD = "pipeline/load"
NIGHTLY = "trigger/nightly"
COLLECTIONS = {
    LAKE: "linkedservices",
    FILES: "datasets",
    FLOW: "dataflows",
    LOAD: "pipelines",
    NIGHTLY: "triggers",
}


def documents() -> dict[str, Any]:
    """One artifact of each kind; each refers to the one before it."""
    lake = {"type": "AzureBlobFS", "typeProperties": {"url": "https://lake.dfs.core.windows.net"}}
    files = {
        "type": "DelimitedText",
        "linkedServiceName": {"referenceName": "lake", "type": "LinkedServiceReference"},
        "typeProperties": {"location": {"type": "AzureBlobFSLocation", "fileSystem": "raw"}, "columnDelimiter": ","},
    }
    dataset = {"referenceName": "files", "type": "DatasetReference"}
    flow = {
        "type": "MappingDataFlow",
        "typeProperties": {
            "sources": [{"dataset": dataset, "name": "rows"}],
            "sinks": [{"dataset": dataset, "name": "out"}],
            "transformations": [],
            "scriptLines": [
                "source(output(",
                "     id as string),",
                "     allowSchemaDrift: false) ~> rows",
                "rows sink() ~> out",
            ],
        },
    }
    load = {
        "activities": [
            {"name": "Rest", "type": "Wait", "dependsOn": [], "typeProperties": {"waitTimeInSeconds": 1}},
            {
                "name": "Clean",
                "type": "ExecuteDataFlow",
                "dependsOn": [{"activity": "Rest", "dependencyConditions": ["Succeeded"]}],
                "policy": {"timeout": "0.01:00:00", "retry": 0},
                "typeProperties": {"dataflow": {"referenceName": "clean", "type": "DataFlowReference"}},
            },
        ],
        "annotations": [],
    }
    nightly = {
        "type": "ScheduleTrigger",
        "pipelines": [{"pipelineReference": {"referenceName": "load", "type": "PipelineReference"}}],
        "typeProperties": {
            "recurrence": {"frequency": "Day", "interval": 1, "startTime": "2024-01-01T00:00:00Z", "timeZone": "UTC"}
        },
    }
    found = {LAKE: lake, FILES: files, FLOW: flow, LOAD: load, NIGHTLY: nightly}
    return {key: {"name": key.split("/")[1], "properties": properties} for key, properties in found.items()}


def changed(key: str, *steps: str | int, to: Any) -> dict[str, Any]:
    """The documents with one value, found by its steps below `properties`, replaced."""
    result = documents()
    place: Any = result[key]["properties"]
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = to
    return result


def many(count: int, version: int) -> dict[str, Any]:
    """Artifacts that refer to each other, four layers deep; another version changes, adds and takes away a tenth."""
    base = documents()
    found: dict[str, Any] = {LAKE: base[LAKE]}
    for number in range(count // 4):
        shifted = number + version * count // 40
        flow, dataset, pipeline = f"flow{shifted:03}", f"set{shifted:03}", f"load{shifted:03}"
        found[f"dataset/{dataset}"] = {
            "name": dataset,
            "properties": {**base[FILES]["properties"], "description": f"{version}"},
        }
        reference = {"referenceName": dataset, "type": "DatasetReference"}
        inside = {**base[FLOW]["properties"]["typeProperties"]}
        inside["sources"], inside["sinks"] = (
            [{"dataset": reference, "name": "rows"}],
            [{"dataset": reference, "name": "out"}],
        )
        found[f"dataflow/{flow}"] = {"name": flow, "properties": {"type": "MappingDataFlow", "typeProperties": inside}}
        rest, clean = base[LOAD]["properties"]["activities"]
        clean = {**clean, "typeProperties": {"dataflow": {"referenceName": flow, "type": "DataFlowReference"}}}
        waits = {**rest, "typeProperties": {"waitTimeInSeconds": 1 + (version + number) % 2}}
        found[f"pipeline/{pipeline}"] = {
            "name": pipeline,
            "properties": {"activities": [waits, clean], "annotations": []},
        }
        trigger = {**base[NIGHTLY]["properties"]}
        trigger["pipelines"] = [{"pipelineReference": {"referenceName": pipeline, "type": "PipelineReference"}}]
        found[f"trigger/at{shifted:03}"] = {"name": f"at{shifted:03}", "properties": trigger}
    return found
