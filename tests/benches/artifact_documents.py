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
