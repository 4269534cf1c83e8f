"""What the sources and sinks of a data flow mean: a dataset by name, or one that the statement itself describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dataflow_execution.errors import DataFlowRunError
from local_azure.services.synapse_workspace.activity_work import Work
from local_azure.services.synapse_workspace.datasets import Dataset, FileLocation
from local_azure.services.synapse_workspace.lake import LakePath
from local_azure.services.synapse_workspace.published_flow import PublishedFlow
from mapping_dataflow import CompiledSink, SourceRequest


def dataset_of(
    work: Work, flow: PublishedFlow, reference: Mapping[str, Any], endpoint: SourceRequest | CompiledSink
) -> Dataset:
    """The dataset of a source or sink, with the parameters of the flow and of the activity; inline ones as well.

    Raises DataFlowRunError when there is neither a dataset nor a linked service with a format.
    """
    entry = flow.entries.get(endpoint.stream, {})
    if endpoint.dataset is not None:
        given = (reference.get("datasetParameters") or {}).get(endpoint.stream) or {}
        declared = (entry.get("dataset") or {}).get("parameters") or {}
        return work.datasets.resolve({"referenceName": endpoint.dataset, "parameters": {**declared, **given}})
    if isinstance(endpoint, CompiledSink):
        kind, properties = endpoint.settings.format, endpoint.settings.properties
    else:
        kind, properties = endpoint.format, endpoint.settings
    if kind is None or not entry.get("linkedService"):
        raise DataFlowRunError(f"at '{endpoint.stream}': the flow '{flow.name}' names no dataset for it")
    given = (reference.get("linkedServiceParameters") or {}).get(endpoint.stream) or {}
    declared = entry["linkedService"].get("parameters") or {}
    service = {**entry["linkedService"], "parameters": {**declared, **given}}
    return work.datasets.inline(endpoint.stream, service, kind, properties)


def place_apart(work: Work, flow: PublishedFlow, sink: CompiledSink, dataset: Dataset, purpose: str) -> LakePath:
    """The folder for rows that a sink keeps apart, for a purpose (`assertFailure`, `rejectedData`).

    The statement names folder and file system, the sink the linked service; without one it is the lake of the dataset.
    Raises DataFlowRunError where neither leads to a lake.
    """
    service = flow.entries.get(sink.stream, {}).get("rejectedDataLinkedService")
    said = sink.settings.properties
    file_system = str(said.get(f"{purpose}_fileSystem") or said.get(f"{purpose}_container") or "")
    folder = str(said.get(f"{purpose}_folderPath") or "").strip("/")
    if service:
        return LakePath(work.datasets.lake_host(sink.stream, service), file_system, folder)
    if isinstance(dataset.location, FileLocation):
        root = dataset.location.root
        return LakePath(root.host, file_system or root.file_system, folder)
    raise DataFlowRunError(
        f"at Sink '{sink.stream}': the flow '{flow.name}' does not say where rows go that the table does not get",
        hint="name a rejectedDataLinkedService of a lake beside the dataset of the sink",
    )
