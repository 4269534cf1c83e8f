"""Events have what the published JSON schemas of OpenLineage ask for, on real flows as well.

JobEvent of https://openlineage.io/spec/2-0-2/OpenLineage.json and the facets ColumnLineage and Schema 1-2-0, of which
``required`` and the types of the fields are written down here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from corpus_flows import FLOWLETS, FLOWS, LIBRARIES
from dataflow_bench import document_of
from flow_run import flow_document

from mapping_dataflow import MappingDataFlowErrors
from mapping_dataflow.lineage.openlineage import job_event
from mapping_dataflow.tracing import trace_flow

DIRECT = {"IDENTITY", "TRANSFORMATION", "AGGREGATION"}
INDIRECT = {"JOIN", "GROUP_BY", "FILTER", "SORT", "WINDOW", "CONDITIONAL"}
DOCUMENTS = {name: flow_document(name) for name in ("deidentify_patients", "flatten_telemetry", "index_images")}


def _wrong(event: Mapping[str, Any]) -> Iterator[str]:
    if not event.keys() >= {"eventTime", "producer", "schemaURL", "job"} or event.keys() & {"run", "dataset"}:
        yield "the event is no JobEvent"
    if event["job"].keys() != {"namespace", "name"}:
        yield "the job"
    fields = {
        (one["namespace"], one["name"], field["name"])
        for one in event["inputs"]
        for field in one["facets"]["schema"]["fields"]
    }
    datasets = [(one["namespace"], one["name"]) for one in (*event["inputs"], *event["outputs"])]
    if len(set(datasets)) != len(datasets):
        yield "two datasets have one name"
    for one in (*event["inputs"], *event["outputs"]):
        for name, facet in one["facets"].items():
            if not {"_producer", "_schemaURL", "fields"} <= facet.keys() or name not in facet["_schemaURL"].replace(
                "ColumnLineage", "columnLineage"
            ).replace("Schema", "schema"):
                yield f"the facet {name}"
    for output in event["outputs"]:
        facet = output["facets"]["columnLineage"]
        for column in facet["fields"].values():
            yield from _wrong_inputs(column["inputFields"], fields, DIRECT | INDIRECT)
        yield from _wrong_inputs(facet["dataset"], fields, INDIRECT)


def _wrong_inputs(listed: list[Any], fields: set[tuple[str, str, str]], allowed: set[str]) -> Iterator[str]:
    for one in listed:
        if (one["namespace"], one["name"], one["field"]) not in fields:
            yield f"{one['field']} is no column of an input"
        if not one["transformations"]:
            yield f"nothing is said of {one['field']}"
        for way in one["transformations"]:
            subtypes = {"DIRECT": DIRECT, "INDIRECT": INDIRECT}[way["type"]]
            if way["subtype"] not in subtypes & allowed:
                yield f"{way['type']} {way['subtype']}"
            if not (isinstance(way["description"], str) and isinstance(way["masking"], bool)):
                yield f"the fields of {way}"


def _event(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    try:
        flow = trace_flow(document, flowlets=FLOWLETS, libraries=LIBRARIES)
    except MappingDataFlowErrors:
        return None
    return job_event(flow, "lake", "2026-01-01T00:00:00+00:00")


@pytest.mark.parametrize("name", sorted({**DOCUMENTS, **FLOWS}))
def test_an_event_has_what_the_published_schemas_ask_for(name: str) -> None:
    event = _event({**DOCUMENTS, **FLOWS}[name])
    assert event is None or list(_wrong(event)) == []


def test_nearly_all_real_flows_have_an_event() -> None:
    assert sum(_event(document) is not None for document in FLOWS.values()) >= 0.98 * len(FLOWS)


def test_conditions_and_digests_are_told_apart() -> None:
    script = "source(output(k as string, n as string)) ~> a\n"
    script += "a derive(x = iif(n == 'a', sha2(256, k), 'none')) ~> d\nd sink(mapColumn(x)) ~> t"
    event = job_event(trace_flow(document_of(script)), "lake", "2026-01-01T00:00:00+00:00")
    (value, condition) = event["outputs"][0]["facets"]["columnLineage"]["fields"]["x"]["inputFields"]
    assert value["transformations"] == [
        {
            "type": "DIRECT",
            "subtype": "TRANSFORMATION",
            "description": "d: x = iif(n == 'a', sha2(256, k), 'none')",
            "masking": True,
        }
    ]
    assert condition["field"] == "n"
    assert condition["transformations"] == [
        {"type": "INDIRECT", "subtype": "CONDITIONAL", "description": "condition in d", "masking": False}
    ]
