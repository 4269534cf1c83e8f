"""Whole flows are traced before anything is known; no column is without an answer."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from corpus_flows import FLOWS
from dataflow_bench import document_of
from flow_run import flow_document

from mapping_dataflow import Influence, MappingDataFlowErrors
from mapping_dataflow.analysis.columns import DYNAMIC
from mapping_dataflow.lineage.model import ColumnLineage
from mapping_dataflow.lineage.openlineage import DYNAMIC_NOTE, job_event
from mapping_dataflow.lineage.page import lineage_html
from mapping_dataflow.lineage.picture import lineage_svg
from mapping_dataflow.lineage.text import lineage_text
from mapping_dataflow.tracing import trace_flow

DRIFT = "source(output(id as integer, name as string), allowSchemaDrift: true) ~> a\n"


def _columns(script: str, **given: Any) -> dict[str, ColumnLineage]:
    (sink,) = trace_flow(document_of(script), **given).sinks
    return {column.column.replace(DYNAMIC, "*"): column for column in sink.columns}


def _sources(column: ColumnLineage) -> set[str]:
    return {f"{one.source.stream}.{one.source.column}".replace(DYNAMIC, "*") for one in column.contributions}


def test_undeclared_columns_are_one_column_that_may_be_any() -> None:
    found = _columns(DRIFT + "a sink(allowSchemaDrift: true) ~> t")
    assert {name: _sources(one) for name, one in found.items()} == {"id": {"a.id"}, "name": {"a.name"}, "*": {"a.*"}}
    assert found["*"].dynamic and found["*"].contributions[0].source.dynamic


def test_names_for_the_rows_of_an_unpivot_are_for_the_columns_that_are_declared_and_perhaps_more() -> None:
    unpivot = "a unpivot(output(k as string, v as string), ungroupBy(id), pivotValues: [%s]) ~> u\nu sink() ~> t"
    for names in ("'x'", "'x', 'y'"):
        assert _sources(_columns(DRIFT + unpivot % names)["v"]) == {"a.name", "a.*"}
    known = DRIFT.replace("true", "false")
    with pytest.raises(MappingDataFlowErrors, match="2 pivotValues for 1 columns"):
        _columns(known + unpivot % "'x', 'y'")


def test_a_given_schema_leaves_nothing_unknown() -> None:
    schema = {"a": {"id": "integer", "name": "string", "extra": "date"}}
    found = _columns(DRIFT + "a sink(allowSchemaDrift: true) ~> t", schemas=schema)
    assert {name: _sources(one) for name, one in found.items()} == {
        "id": {"a.id"},
        "name": {"a.name"},
        "extra": {"a.extra"},
    }


def test_a_name_that_is_not_declared_may_be_an_unknown_column() -> None:
    found = _columns(
        "source() ~> a\na derive(x = other * 2, y = toString(byName('z'))) ~> d\nd sink(mapColumn(x, y)) ~> t"
    )
    assert {name: _sources(one) for name, one in found.items()} == {"x": {"a.*"}, "y": {"a.*"}}


def test_a_column_named_by_a_parameter_may_be_any() -> None:
    script = "parameters{p as string ('id')}\n" + DRIFT.replace("true", "false")
    script += (
        "a derive(x = toString(byName($p)), y = byNames([$p]), z = byPosition(2)) ~> d\nd sink(mapColumn(x, y, z)) ~> t"
    )
    open_ = {name: _sources(one) for name, one in _columns(script).items()}
    assert open_ == {"x": {"a.id", "a.name"}, "y": {"a.id", "a.name"}, "z": {"a.name"}}
    given = {name: _sources(one) for name, one in _columns(script, parameters={"p": "name"}).items()}
    assert given == {"x": {"a.name"}, "y": {"a.name"}, "z": {"a.name"}}


def test_a_position_among_unknown_columns_may_be_any() -> None:
    found = _columns(DRIFT + "a derive(x = toString(byPosition(3))) ~> d\nd sink(mapColumn(x)) ~> t")
    assert _sources(found["x"]) == {"a.id", "a.name", "a.*"}


def test_a_pattern_that_hangs_on_a_parameter_may_leave_a_column_as_it_is() -> None:
    script = "parameters{p as string}\nsource(output(name as string)) ~> a\n"
    script += "a derive(each(match(name == $p), $$ = md5($$))) ~> d\nd sink(mapColumn(name)) ~> t"
    (one,) = _columns(script)["name"].contributions
    assert (one.influence, one.masked) == (Influence.COMPUTED, False)
    assert _columns(script, parameters={"p": "name"})["name"].contributions[0].masked


def test_a_pattern_may_match_unknown_columns() -> None:
    script = "a select(mapColumn(each(match(startsWith(name, 'x')), 'new_' + $$ = $$))) ~> s\ns sink() ~> t"
    found = _columns(DRIFT + script)
    assert {name: _sources(one) for name, one in found.items()} == {"new_*": {"a.*"}}


def test_a_pivot_without_values_gives_columns_that_may_be_any() -> None:
    script = "source(output(k as string, n as integer, y as integer)) ~> a\n"
    script += "a pivot(groupBy(k), pivotBy(y), total = sum(n), columnNaming: '$N$V', lateral: true) ~> p\np sink() ~> t"
    found = _columns(script)
    assert _sources(found["total*"]) >= {"a.n"} and found["total*"].dynamic
    assert {one.source.column for one in found["total*"].rows} >= {"k"}


def test_the_sources_of_flowlets_are_told() -> None:
    flowlet = document_of("input(output(v as string)) ~> i\ni derive(w = upper(v)) ~> d\nd output() ~> o", "piece")
    flowlet["properties"]["type"] = "Flowlet"
    script = "source(output(name as string)) ~> a\na compose(mapColumn(v = name), composition: 'piece') ~> c@(o)\n"
    found = _columns(script + "c@o sink(mapColumn(w)) ~> t", flowlets={"piece": flowlet})
    assert _sources(found["w"]) == {"a.name"}
    (sink,) = trace_flow(flowlet).sinks
    assert {column.column: _sources(column) for column in sink.columns} == {"v": {"i.v"}, "w": {"i.v"}}


def test_the_column_with_the_path_of_a_file_is_of_the_source() -> None:
    found = _columns("source(output(id as integer), rowUrlColumn: 'file') ~> a\na sink() ~> t")
    assert _sources(found["file"]) == {"a.file"}


def test_the_schema_of_a_source_that_is_not_there_is_refused() -> None:
    with pytest.raises(MappingDataFlowErrors, match="the flow has no source 'b'"):
        _columns(DRIFT + "a sink() ~> t", schemas={"b": {"x": "string"}})


def _answers(name: str) -> tuple[list[Any], list[Any]]:
    """Columns of a real flow's sinks that nothing is said about, and refusals without a place."""
    try:
        sinks = trace_flow(FLOWS[name]).sinks
    except MappingDataFlowErrors as refused:
        return [], [error for error in refused.errors if error.span.end <= error.span.start]
    columns = [column for sink in sinks for column in sink.columns]
    return [one for one in columns if not (one.contributions or one.steps or one.decisions or one.rows)], []


@pytest.mark.parametrize("name", sorted(FLOWS))
def test_no_column_of_a_real_flow_is_without_an_answer(name: str) -> None:
    assert _answers(name) == ([], [])


def _event(name: str = "deidentify_patients") -> Any:
    return json.loads(json.dumps(job_event(trace_flow(flow_document(name)), "here", "2026-01-01T00:00:00+00:00")))


def test_the_event_has_the_form_of_open_lineage() -> None:
    event = _event()
    assert event["job"] == {"namespace": "here", "name": "deidentify_patients"}
    assert "run" not in event
    assert [one["name"] for one in event["inputs"]][:2] == [
        "data_lake_csv_file/patients",
        "data_lake_csv_file/newEncounters",
    ]
    for output in event["outputs"]:
        facet = output["facets"]["columnLineage"]
        names = {one["name"] for one in output["facets"]["schema"]["fields"]}
        assert facet["fields"].keys() == names
        fields = [one for column in facet["fields"].values() for one in column["inputFields"]] + facet["dataset"]
        for one in fields:
            assert one.keys() == {"namespace", "name", "field", "transformations"}
            assert {way["type"] for way in one["transformations"]} <= {"DIRECT", "INDIRECT"}


def test_digests_and_generalisations_are_masking_in_the_event() -> None:
    (patients,) = [one for one in _event()["outputs"] if one["name"].endswith("/curatedPatients")]
    fields = patients["facets"]["columnLineage"]["fields"]
    ways = {
        name: [way for one in field["inputFields"] for way in one["transformations"] if way["type"] == "DIRECT"]
        for name, field in fields.items()
    }
    assert {name for name, found in ways.items() if all(way["masking"] for way in found)} == {
        "Id",
        "BIRTH_YEAR",
        "DEATH_YEAR",
        "AGE",
        "ZIP3",
    }
    assert (
        ways["Id"][0]["subtype"] == "TRANSFORMATION"
        and "sha2(256, concat($pseudonymKey" in ways["Id"][0]["description"]
    )
    assert ways["STATE"] == [{"type": "DIRECT", "subtype": "IDENTITY", "description": "", "masking": False}]


def test_unknown_columns_are_said_to_be_dynamic() -> None:
    script = "a derive(c = 1) ~> d\nd filter(id > 1) ~> f\nf sink(allowSchemaDrift: true) ~> t"
    traced = trace_flow(document_of(DRIFT + script))
    fields = job_event(traced, "n", "t")["outputs"][0]["facets"]["columnLineage"]["fields"]
    assert fields["*"]["transformationDescription"].startswith(DYNAMIC_NOTE)
    assert fields["*"]["inputFields"][0]["transformations"][0]["description"].startswith(DYNAMIC_NOTE)
    assert fields["c"] == {"inputFields": [], "transformationDescription": "d: c = 1"}
    assert lineage_text(traced) == (
        "flow flow\n\nsink t\n  rows: filter in f: a.id\n  id\n    a.id  copied\n  name\n    a.name  copied\n"
        "  *  dynamic: may contain any source column\n"
        "    a.*  copied, dynamic: may be any column that is not declared\n"
        "  c\n    constant  d: 1\n"
    )


def test_the_page_tells_of_constants_and_of_what_decides() -> None:
    script = "source(output(k as string, n as integer)) ~> a\nsource(output(z as string)) ~> b\n"
    script += "a window(over(k), total = sum(n), one = 1) ~> w\nw filter(k > 'a') ~> f\n"
    script += "f sink(mapColumn(total, one)) ~> t\nb derive(c = 1) ~> d\nd sink(mapColumn(c)) ~> u"
    page = lineage_html(trace_flow(document_of(script)))
    told = json.loads(page.split('id="told">')[1].split("</script>")[0])
    assert told["source a k"]["decided"] == [["filter in f", "rows of t"], ["window in w", "t.total"]]
    assert told["sink u c"]["ways"] == [
        {"title": "no source column", "word": "constant", "kind": "", "steps": [["d", "c", "1"]]}
    ]
    assert 'data-from="source a k" data-to="sink t total"' in page


def test_a_flow_without_sinks_has_a_picture_too() -> None:
    assert "<svg" in lineage_svg(trace_flow(document_of("source(output(k as string)) ~> a")))


def test_a_flow_without_sinks_says_so() -> None:
    traced = trace_flow(document_of("source(output(k as string)) ~> a"))
    assert lineage_text(traced) == "flow flow\n\nno sink: nothing is written\n"


@pytest.mark.parametrize("character", [chr(code) for code in range(1, 0x20) if chr(code) not in "\t\n\r"] + ["\uffff"])
def test_a_name_that_xml_cannot_hold_is_drawn(character: str) -> None:
    script = f"source(output({{a{character}b}} as string), allowSchemaDrift: false) ~> s\ns sink() ~> t"
    traced = trace_flow(document_of(script))
    (picture,) = ElementTree.fromstring(lineage_svg(traced)).findall(".//*[@data-side='source']")
    key = picture.get("data-key", "")
    told = lineage_html(traced).partition('id="told">')[2].partition("</script>")[0]
    assert re.fullmatch("source s a[\u2400-\u241f\ufffd]b", key)
    assert json.loads(told).keys() == {key, key.replace("source s", "sink t")}


def test_drift_may_be_written_as_a_call() -> None:
    found = _columns(DRIFT.replace("true", "true()") + "a sink(allowSchemaDrift: true) ~> t")
    assert "*" in found
