"""A document of every kind of artifact, as Studio writes it into Git, and one small change of each.

They refer to each other and to the Spark pool `pool`, and can be published to an empty workspace that has it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

POOL = "pool"
_POOL_REFERENCE = {"referenceName": POOL, "type": "BigDataPoolReference"}
_SESSION = {
    "driverMemory": "28g",
    "driverCores": 4,
    "executorMemory": "28g",
    "executorCores": 4,
    "numExecutors": 2,
}
NOTEBOOK = {
    "folder": {"name": "ingestion"},
    "nbformat": 4,
    "nbformat_minor": 2,
    "bigDataPool": _POOL_REFERENCE,
    "targetSparkConfiguration": {"referenceName": "small", "type": "SparkConfigurationReference"},
    "sessionProperties": _SESSION,
    "metadata": {"saveOutput": True, "kernelspec": {"name": "synapse_pyspark", "display_name": "python"}},
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Title"]},
        {"cell_type": "code", "source": ["print(1)\n", "print(2)"], "execution_count": None},
    ],
}
SQL_SCRIPT = {
    "folder": {"name": "views"},
    "content": {
        "query": "SELECT 1",
        "metadata": {"language": "sql"},
        "currentConnection": {"databaseName": "master", "poolName": "Built-in"},
        "resultLimit": 5000,
    },
    "type": "SqlQuery",
}
KQL_SCRIPT = {"content": {"query": "Logs | take 10", "metadata": {"language": "kql"}, "currentConnection": {}}}
SPARK_JOB = {
    "targetBigDataPool": _POOL_REFERENCE,
    "requiredSparkVersion": "3.4",
    "language": "python",
    "jobProperties": {"name": "count", "file": "abfss://jobs@lake.dfs.core.windows.net/count.py", **_SESSION},
}
SPARK_CONFIGURATION = {"configs": {"spark.sql.shuffle.partitions": "8"}, "annotations": [], "notes": "small tables"}
CREDENTIAL = {
    "type": "ManagedIdentity",
    "typeProperties": {"resourceId": "/subscriptions/s/resourceGroups/g/providers/M/userAssignedIdentities/i"},
}


def _entity(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"NewEntity": {"Name": name, "EntityType": kind, **more}}


_NAMESPACE = {"Namespace": {"DatabaseName": "patients"}}
DATABASE = {
    "Ddls": [
        _entity(
            "DATABASE",
            "patients",
            Origin={"Type": "SPARK"},
            Properties={"IsSyMSCDMDatabase": True},
            Source={"Provider": "ADLS", "Location": "abfss://curated@lake.dfs.core.windows.net/patients"},
        ),
        _entity("TABLE", "visits", **_NAMESPACE, TableType="EXTERNAL"),
        _entity("TABLE", "people", **_NAMESPACE, TableType="EXTERNAL"),
        _entity("RELATIONSHIP", "visits_people", **_NAMESPACE, FromTableName="visits", ToTableName="people"),
    ]
}
_DATASET = {"referenceName": "files", "type": "DatasetReference"}
ARTIFACTS: Mapping[str, Mapping[str, Any]] = {
    "credential/identity": CREDENTIAL,
    "linkedService/lake": {
        "type": "AzureBlobFS",
        "typeProperties": {
            "url": "https://lake.dfs.core.windows.net",
            "credential": {"referenceName": "identity", "type": "CredentialReference"},
        },
    },
    "dataset/files": {
        "type": "DelimitedText",
        "linkedServiceName": {"referenceName": "lake", "type": "LinkedServiceReference"},
        "typeProperties": {"location": {"type": "AzureBlobFSLocation", "fileSystem": "raw"}, "columnDelimiter": ","},
    },
    "sparkConfiguration/small": SPARK_CONFIGURATION,
    "dataflow/trimmed": {
        "type": "Flowlet",
        "typeProperties": {
            "sources": [],
            "sinks": [],
            "transformations": [{"name": "input1"}, {"name": "output1"}],
            "scriptLines": ["input(output(id as string), order: 0) ~> input1", "input1 output() ~> output1"],
        },
    },
    "dataflow/clean": {
        "type": "MappingDataFlow",
        "typeProperties": {
            "sources": [{"dataset": _DATASET, "name": "rows"}],
            "sinks": [{"dataset": _DATASET, "name": "out"}],
            "transformations": [
                {"name": "trim1", "flowlet": {"referenceName": "trimmed", "type": "DataFlowReference"}}
            ],
            "scriptLines": [
                "source(output(id as string)) ~> rows",
                "rows compose(composition: 'trimmed') ~> trim1@(output1)",
                "trim1@output1 sink() ~> out",
            ],
        },
    },
    "notebook/explore": NOTEBOOK,
    "sqlscript/views": SQL_SCRIPT,
    "kqlscript/logs": KQL_SCRIPT,
    "sparkJobDefinition/count": SPARK_JOB,
    "database/patients": DATABASE,
    "pipeline/load": {
        "activities": [
            {
                "name": "Explore",
                "type": "SynapseNotebook",
                "typeProperties": {"notebook": {"referenceName": "explore", "type": "NotebookReference"}},
            },
            {
                "name": "Count",
                "type": "SparkJob",
                "dependsOn": [{"activity": "Explore", "dependencyConditions": ["Succeeded"]}],
                "typeProperties": {
                    "sparkJob": {"referenceName": "count", "type": "SparkJobDefinitionReference"},
                },
            },
        ],
    },
    "trigger/arrival": {
        "type": "BlobEventsTrigger",
        "pipelines": [{"pipelineReference": {"referenceName": "load", "type": "PipelineReference"}}],
        "typeProperties": {
            "events": ["Microsoft.Storage.BlobCreated"],
            "scope": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/lake",
            "blobPathBeginsWith": "/raw/blobs/",
        },
    },
}
"""Properties by artifact id, each after what it refers to."""

# By artifact id: the steps below `properties` to a value, another value for it, and the path as a difference shows it.
CHANGES: Mapping[str, tuple[tuple[str | int, ...], Any, str]] = {
    "credential/identity": (("description",), "of the lake", ".properties.description"),
    "linkedService/lake": (
        ("typeProperties", "url"),
        "https://b.dfs.core.windows.net",
        ".properties.typeProperties.url",
    ),
    "dataset/files": (("typeProperties", "columnDelimiter"), ";", ".properties.typeProperties.columnDelimiter"),
    "sparkConfiguration/small": (("notes",), "large tables", ".properties.notes"),
    "dataflow/trimmed": (("folder",), {"name": "parts"}, ".properties.folder"),
    "dataflow/clean": (
        ("typeProperties", "scriptLines", 0),
        "source(output(id as long)) ~> rows",
        ".properties.typeProperties.scriptLines[0]",
    ),
    "notebook/explore": (("cells", 1, "source", 1), "print(3)", ".properties.cells[1].source[1]"),
    "sqlscript/views": (("content", "query"), "SELECT 2", ".properties.content.query"),
    "kqlscript/logs": (("content", "query"), "Logs | take 1", ".properties.content.query"),
    "sparkJobDefinition/count": (("jobProperties", "numExecutors"), 3, ".properties.jobProperties.numExecutors"),
    "database/patients": (
        ("Ddls", 1, "NewEntity", "TableType"),
        "MANAGED",
        '.properties.Ddls["TABLE visits"].TableType',
    ),
    "pipeline/load": (("concurrency",), 1, ".properties.concurrency"),
    "trigger/arrival": (
        ("typeProperties", "blobPathBeginsWith"),
        "/raw/",
        ".properties.typeProperties.blobPathBeginsWith",
    ),
}


def documents() -> dict[str, dict[str, Any]]:
    """All of them by artifact id, each time anew."""
    return {
        key: {"name": key.split("/")[1], "properties": copy.deepcopy(properties)}
        for key, properties in ARTIFACTS.items()
    }


def changed(key: str) -> dict[str, Any]:
    """The document of an artifact with its one change."""
    document = documents()[key]
    steps, value, _ = CHANGES[key]
    place: Any = document["properties"]
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = value
    return document


def pool_document(workspace_id: str) -> dict[str, Any]:
    """The Resource Manager document of the Spark pool in a workspace."""
    return {
        "id": f"{workspace_id}/bigDataPools/{POOL}",
        "name": POOL,
        "type": "Microsoft.Synapse/workspaces/bigDataPools",
        "location": "westeurope",
        "properties": {"nodeCount": 3, "nodeSize": "Small", "provisioningState": "Succeeded"},
    }
