"""What the sources and sinks of a data flow mean: a dataset by name, or one that the statement itself describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dataflow_execution.errors import DataFlowRunError
from local_azure.services.synapse_workspace.activity_work import Work
from local_azure.services.synapse_workspace.datasets import Dataset
from local_azure.services.synapse_workspace.store import Artifact
from mapping_dataflow import CompiledSink, SourceRequest


def dataset_of(
    work: Work, flow: Artifact, reference: Mapping[str, Any], endpoint: SourceRequest | CompiledSink
) -> Dataset:
    """The dataset of a source or sink, with the parameters of the flow and of the activity; inline ones as well.

    Raises DataFlowRunError when there is neither a dataset nor a linked service with a format.
    """
    inner = flow.properties.get("typeProperties") or {}
    entries = [*(inner.get("sources") or []), *(inner.get("sinks") or [])]
    entry: Mapping[str, Any] = next((each for each in entries if each.get("name") == endpoint.stream), {})
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
