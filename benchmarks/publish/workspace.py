"""Workspaces of any size in the proportions of a real one of 1,339 artifacts: kinds, sizes, nine levels of references.

Of 1,000 artifacts 450 are notebooks (4 KB), 260 pipelines (10 KB), 240 datasets (1.3 KB), 25 linked services and as
many triggers.
"""

from typing import Any

Documents = dict[str, dict[str, Any]]
_LEVELS_OF_PIPELINES = 6
LEVELS = 3 + _LEVELS_OF_PIPELINES
"""Linked service, dataset, pipelines that call each other, trigger."""


def documents(count: int) -> Documents:
    """So many artifacts by id."""
    services, triggers = max(1, count * 25 // 1000), max(1, count * 25 // 1000)
    datasets, notebooks = count * 240 // 1000, count * 450 // 1000
    pipelines = count - services - triggers - datasets - notebooks
    found = {f"linkedService/lake{number:04}": _service(number) for number in range(services)}
    found |= {f"dataset/files{number:04}": _dataset(number, services) for number in range(datasets)}
    found |= {f"notebook/clean{number:04}": _notebook(number) for number in range(notebooks)}
    found |= {f"pipeline/load{number:04}": _pipeline(number, notebooks, datasets) for number in range(pipelines)}
    found |= {f"trigger/daily{number:04}": _trigger(number, pipelines) for number in range(triggers)}
    return {key: {"name": key.split("/")[1], "properties": properties} for key, properties in found.items()}


def _reference(kind: str, name: str) -> dict[str, str]:
    return {"referenceName": name, "type": f"{kind}Reference"}


def _service(number: int) -> dict[str, Any]:
    return {"type": "AzureBlobFS", "typeProperties": {"url": f"https://lake{number}.dfs.core.windows.net"}}


def _dataset(number: int, services: int) -> dict[str, Any]:
    location = {"type": "AzureBlobFSLocation", "fileSystem": "raw", "folderPath": f"folder/{number}"}
    return {
        "linkedServiceName": _reference("LinkedService", f"lake{number % services:04}"),
        "annotations": [],
        "type": "DelimitedText",
        "typeProperties": {"location": location, "columnDelimiter": ",", "firstRowAsHeader": True},
        "schema": [{"name": f"column_{index}", "type": "String"} for index in range(24)],
    }


def _notebook(number: int) -> dict[str, Any]:
    cells = [
        {
            "cell_type": "code",
            "source": [f"rows = spark.read.csv('raw/{number}/{index}')\n" * 4],
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        for index in range(12)
    ]
    metadata = {"language_info": {"name": "python"}, "sessionKeepAliveTimeout": 30}
    return {"nbformat": 4, "nbformat_minor": 2, "metadata": metadata, "cells": cells}


def _pipeline(number: int, notebooks: int, datasets: int) -> dict[str, Any]:
    copies = [_copy(number + index, datasets, index) for index in range(9)]
    clean = {
        "name": "Clean",
        "type": "SynapseNotebook",
        "dependsOn": [{"activity": "Copy 0", "dependencyConditions": ["Succeeded"]}],
        "policy": {"timeout": "0.12:00:00", "retry": 0, "retryIntervalInSeconds": 30},
        "userProperties": [],
        "typeProperties": {"notebook": _reference("Notebook", f"clean{number % notebooks:04}")},
    }
    called = [] if number % _LEVELS_OF_PIPELINES == 0 else [_call(number - 1)]
    return {"activities": [*copies, clean, *called], "annotations": [], "folder": {"name": f"folder {number % 20}"}}


def _copy(number: int, datasets: int, index: int) -> dict[str, Any]:
    dataset = _reference("Dataset", f"files{number % datasets:04}")
    source = {"type": "DelimitedTextSource", "storeSettings": {"type": "AzureBlobFSReadSettings", "recursive": True}}
    sink = {"type": "DelimitedTextSink", "storeSettings": {"type": "AzureBlobFSWriteSettings"}}
    return {
        "name": f"Copy {index}",
        "description": "Takes the rows over as they are. " * 12,
        "type": "Copy",
        "dependsOn": [],
        "policy": {"timeout": "0.12:00:00", "retry": 0, "retryIntervalInSeconds": 30, "secureOutput": False},
        "userProperties": [],
        "typeProperties": {"source": source, "sink": sink, "enableStaging": False},
        "inputs": [dataset],
        "outputs": [dataset],
    }


def _call(number: int) -> dict[str, Any]:
    pipeline = _reference("Pipeline", f"load{number:04}")
    return {"name": "Call", "type": "ExecutePipeline", "dependsOn": [], "typeProperties": {"pipeline": pipeline}}


def _trigger(number: int, pipelines: int) -> dict[str, Any]:
    recurrence = {"frequency": "Day", "interval": 1, "startTime": "2024-01-01T00:00:00Z", "timeZone": "UTC"}
    called = _reference("Pipeline", f"load{number * 7 % pipelines:04}")
    return {
        "annotations": [],
        "type": "ScheduleTrigger",
        "pipelines": [{"pipelineReference": called}],
        "typeProperties": {"recurrence": recurrence},
    }
