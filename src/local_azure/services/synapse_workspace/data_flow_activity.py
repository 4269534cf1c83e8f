"""The data flow activity: the flow compiled to SQL by mapping_dataflow and run in DuckDB.

Its files are written to the lake, its tables to their database.

Output metrics: https://learn.microsoft.com/azure/data-factory/control-flow-execute-data-flow-activity
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import duckdb

from dataflow_execution.errors import USER_ERROR, DataFlowRunError, cause_of
from dataflow_execution.flow_run import FlowDocuments, FlowRun
from dataflow_execution.places_of_run import sink_placed_now, source_placed_now
from dataflow_execution.query_engines import DEEP_QUERIES, DuckDBEngine
from local_azure.http import ServiceError
from local_azure.services.synapse_workspace.activity_work import Work
from local_azure.services.synapse_workspace.artifact_kinds import DATA_FLOW
from local_azure.services.synapse_workspace.datasets import SqlLocation
from local_azure.services.synapse_workspace.flow_endpoints import dataset_of, place_apart
from local_azure.services.synapse_workspace.flow_errors import flow_failure, run_failure
from local_azure.services.synapse_workspace.flow_sinks import write_sink
from local_azure.services.synapse_workspace.flow_sources import LoadedSource, finish_source, load_source
from local_azure.services.synapse_workspace.published_flow import PublishedFlow, published_flow
from local_azure.services.synapse_workspace.store import Artifact, Artifacts
from mapping_dataflow import (
    CompiledFlow,
    MappingDataFlowErrors,
    ParameterExpression,
    parameter_value,
)
from pipeline_runtime.errors import ActivityFailure


def run_data_flow(work: Work, artifacts: Artifacts) -> Mapping[str, Any]:
    """Execute one data flow; `runStatus.metrics` says what each sink wrote and each source read."""
    reference = work.call.properties["dataflow"]
    flow = _find(work, artifacts, reference)
    kind = flow.properties["type"]
    if kind != "MappingDataFlow":
        raise ActivityFailure("2200", f"The data flow '{flow.name}' is a {kind}; only a MappingDataFlow can be run.")
    try:
        return _run(work, published_flow(artifacts, work.workspace, flow), reference)
    except MappingDataFlowErrors as error:
        raise flow_failure(USER_ERROR, str(error)) from error
    except DataFlowRunError as error:
        raise run_failure(error) from error


def _run(work: Work, flow: PublishedFlow, reference: Mapping[str, Any]) -> Mapping[str, Any]:
    parameters = {name: _constant(value) for name, value in (reference.get("parameters") or {}).items()}
    secret = frozenset(name for name, value in parameters.items() if _holds_secret(work, value))
    documents = FlowDocuments(flow.document, parameters, flow.flowlets, flow.libraries, secret)
    requests = documents.requests()
    settings: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(work.folder / "spill"),
        "preserve_insertion_order": True,
        **DEEP_QUERIES,
    }
    with duckdb.connect(str(work.folder / "flow.duckdb"), config=settings) as connection:
        loaded = [
            load_source(work, connection, request, dataset_of(work, flow, reference, request), number)
            for number, request in enumerate(source_placed_now(connection, one) for one in requests)
        ]
        schemas = {source.request.stream: source.schema for source in loaded}
        compiled = FlowRun(documents, connection, DuckDBEngine(connection), schemas).compiled()
        output = _execute(work, connection, flow, reference, compiled, loaded)
    for source in loaded:
        finish_source(work, source)
    return output


def _execute(
    work: Work,
    connection: duckdb.DuckDBPyConnection,
    flow: PublishedFlow,
    reference: Mapping[str, Any],
    compiled: CompiledFlow,
    loaded: list[LoadedSource],
) -> Mapping[str, Any]:
    read = {source.request.stream: {"rowsRead": source.rows, "status": "Success"} for source in loaded}
    metrics: dict[str, Any] = {}
    connection.begin()  # one transaction: clock functions give one time to all sinks
    for number, sink in enumerate(compiled.sinks):
        if sink.settings.is_cache:
            continue
        started = time.monotonic()
        sink = sink_placed_now(connection, sink)
        dataset = dataset_of(work, flow, reference, sink)
        try:
            apart = partial(place_apart, work, flow, sink, dataset)
            rows = write_sink(work, connection, sink, dataset, apart, number)
        except duckdb.Error as error:
            raise DataFlowRunError(f"at Sink '{sink.stream}': {cause_of(error)}") from error
        metrics[sink.stream] = {
            "format": dataset.type,
            "stages": [],
            "sinkPostProcessingTime": 0,
            "store": "sqlserver" if isinstance(dataset.location, SqlLocation) else "adlsgen2",
            "rowsWritten": rows,
            "details": {},
            "progressState": "Completed",
            "sources": read,
            "sinkProcessingTime": int((time.monotonic() - started) * 1000),
        }
    connection.commit()
    status = {"computeAcquisitionDuration": 0, "version": "local", "metrics": metrics, "status": "Success"}
    return {"runStatus": status, "effectiveIntegrationRuntime": "AutoResolveIntegrationRuntime (Local)"}


def _find(work: Work, artifacts: Artifacts, reference: Mapping[str, Any]) -> Artifact:
    try:
        return artifacts.get(work.workspace, DATA_FLOW, str(reference.get("referenceName")))
    except ServiceError as error:
        raise ActivityFailure("2200", error.message) from error


def _constant(value: Any) -> object:
    """A parameter's value: text is an expression of the data flow language, other JSON values stand for themselves."""
    return parameter_value(value) if isinstance(value, str) else value


def _holds_secret(work: Work, value: object) -> bool:
    text = value.text if isinstance(value, ParameterExpression) else value
    return isinstance(text, str) and any(secret in text for secret in work.call.secrets)
