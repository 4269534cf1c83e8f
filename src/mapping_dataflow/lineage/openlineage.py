"""Lineage as an OpenLineage event: what a job reads and writes by its design, with the columnLineage facet.

https://openlineage.io/spec/2-0-2/OpenLineage.json (JobEvent), facets ColumnLineage 1-2-0 and Schema 1-2-0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from mapping_dataflow.analysis.columns import DYNAMIC
from mapping_dataflow.lineage.flows import TracedFlow, TracedSink, TracedSource
from mapping_dataflow.lineage.model import ColumnLineage, Contribution, Decision, Influence, Reason, SourceColumn

_PRODUCER = "urn:azure-ml-ingestion"
_EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent"
_COLUMNS = "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet"
_SCHEMA = "https://openlineage.io/spec/facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet"
DYNAMIC_NOTE = "dynamic: may contain any source column"
_SUBTYPES = {Influence.COPIED: "IDENTITY", Influence.COMPUTED: "TRANSFORMATION", Influence.AGGREGATED: "AGGREGATION"}
_REASONS = {
    Reason.FILTER: "FILTER",
    Reason.JOIN: "JOIN",
    Reason.GROUP: "GROUP_BY",
    Reason.SORT: "SORT",
    Reason.WINDOW: "WINDOW",
    Reason.CONDITION: "CONDITIONAL",
    Reason.FLATTEN: "FILTER",
    Reason.ASSERT: "FILTER",
    Reason.MARK: "FILTER",
}
"""Subtypes that https://openlineage.io/docs/spec/facets/dataset-facets/column_lineage_facet names. It has none for rows
that a flatten makes or an assertion stops: the description says so."""


def job_event(flow: TracedFlow, namespace: str, event_time: str) -> Mapping[str, Any]:
    """The event of a flow; datasets and job are in one namespace. ``event_time`` is ISO 8601 with a zone."""
    names = _names(flow)
    return {
        "eventTime": event_time,
        "producer": _PRODUCER,
        "schemaURL": _EVENT,
        "job": {"namespace": namespace, "name": flow.name},
        "inputs": [
            {
                "namespace": namespace,
                "name": names[source.stream],
                "facets": {"schema": _schema((column.name, column.type) for column in source.columns)},
            }
            for source in flow.sources
        ],
        "outputs": [
            {
                "namespace": namespace,
                "name": names[sink.stream],
                "facets": {
                    "schema": _schema((column.column, column.type) for column in sink.columns),
                    "columnLineage": _facet(sink, names, namespace),
                },
            }
            for sink in flow.sinks
        ],
    }


def _names(flow: TracedFlow) -> Mapping[str, str]:
    """Names of datasets by stream: the dataset (and the stream where several use it), or the flow and the stream."""
    ends: list[TracedSource | TracedSink] = [*flow.sources, *flow.sinks]
    uses = Counter(end.dataset for end in ends)
    return {
        end.stream: f"{flow.name}.{end.stream}"
        if end.dataset is None
        else end.dataset
        if uses[end.dataset] == 1
        else f"{end.dataset}/{end.stream}"
        for end in ends
    }


def _schema(fields: Iterable[tuple[str, str]]) -> Mapping[str, Any]:
    listed = [{"name": _field(name), "type": kind} for name, kind in fields]
    return {"_producer": _PRODUCER, "_schemaURL": _SCHEMA, "fields": listed}


def _field(name: str) -> str:
    return name.replace(DYNAMIC, "*")


def _facet(sink: TracedSink, names: Mapping[str, str], namespace: str) -> Mapping[str, Any]:
    rows = sink.columns[0].rows if sink.columns else ()
    return {
        "_producer": _PRODUCER,
        "_schemaURL": _COLUMNS,
        "fields": {_field(column.column): _column(column, names, namespace) for column in sink.columns},
        "dataset": _inputs({}, rows, names, namespace),
    }


def _column(column: ColumnLineage, names: Mapping[str, str], namespace: str) -> Mapping[str, Any]:
    direct = {one.source: one for one in column.contributions}
    result: dict[str, Any] = {"inputFields": _inputs(direct, column.decisions, names, namespace)}
    description = "; ".join(f"{step.stream}: {step.column} = {step.expression}" for step in column.steps)
    if column.dynamic:
        description = "; ".join(filter(None, [DYNAMIC_NOTE, description]))
    if description:
        result["transformationDescription"] = description
    return result


def _inputs(
    direct: Mapping[SourceColumn, Contribution],
    decisions: Iterable[Decision],
    names: Mapping[str, str],
    namespace: str,
) -> list[Mapping[str, Any]]:
    by_source: dict[SourceColumn, list[Mapping[str, Any]]] = {source: [_direct(one)] for source, one in direct.items()}
    for decision in decisions:
        by_source.setdefault(decision.source, []).append(
            {
                "type": "INDIRECT",
                "subtype": _REASONS[decision.reason],
                "description": f"{decision.reason.value} in {decision.stream}",
                "masking": False,
            }
        )
    return [
        {
            "namespace": namespace,
            "name": names[source.stream],
            "field": _field(source.column),
            "transformations": transformations,
        }
        for source, transformations in sorted(by_source.items(), key=lambda one: one[0])
    ]


def _direct(one: Contribution) -> Mapping[str, Any]:
    steps = [f"{step.stream}: {step.column} = {step.expression}" for step in one.steps]
    if one.source.dynamic:
        steps.insert(0, DYNAMIC_NOTE)
    return {
        "type": "DIRECT",
        "subtype": _SUBTYPES[one.influence],
        "description": "; ".join(steps),
        "masking": one.masked,
    }
