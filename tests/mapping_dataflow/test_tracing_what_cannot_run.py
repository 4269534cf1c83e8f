"""Lineage of what no engine here can run: it is traced, and what nobody can know may be any column."""

from __future__ import annotations

from typing import Any

import pytest
from dataflow_bench import document_of

from mapping_dataflow import Influence, MappingDataFlowErrors, Reason, compile_flow
from mapping_dataflow.analysis.columns import DYNAMIC
from mapping_dataflow.lineage.model import ColumnLineage
from mapping_dataflow.lineage.openlineage import job_event
from mapping_dataflow.sources import SourceSchema
from mapping_dataflow.tracing import trace_flow

A = "source(output(k as string, m as string)) ~> a\n"
B = "source(output(k as string, n as string)) ~> b\n"


def _columns(script: str, **given: Any) -> dict[str, ColumnLineage]:
    (sink,) = trace_flow(document_of(script), **given).sinks
    return {column.column.replace(DYNAMIC, "*"): column for column in sink.columns}


def _sources(column: ColumnLineage) -> set[str]:
    return {f"{one.source.stream}.{one.source.column}".replace(DYNAMIC, "*") for one in column.contributions}


def _refusal(script: str) -> str:
    sources = {"a": SourceSchema({"k": "string", "m": "string"}), "b": SourceSchema({"k": "string", "n": "string"})}
    with pytest.raises(MappingDataFlowErrors) as raised:
        compile_flow(document_of(script), sources)
    return str(raised.value)


def test_the_keys_of_a_fuzzy_join_decide_about_rows_and_make_its_score() -> None:
    script = A + B + "a, b join(fuzzyCompare(a@k, b@k, 80.0), joinType: 'left', matchType: 'fuzzy', "
    script += "scoreColumn: 'score') ~> j\nj sink(mapColumn(m, n, score)) ~> t"
    found = _columns(script)
    assert {name: _sources(one) for name, one in found.items()} == {
        "m": {"a.m"},
        "n": {"b.n"},
        "score": {"a.k", "b.k"},
    }
    assert {(one.source.stream, one.source.column, one.reason) for one in found["m"].rows} == {
        ("a", "k", Reason.JOIN),
        ("b", "k", Reason.JOIN),
    }
    assert "a fuzzy join cannot run locally" in _refusal(script)


def test_the_answer_of_a_call_may_be_made_of_any_column_of_its_input() -> None:
    script = A + "a call(mapColumn(k), output(body as (x as string)), format: 'rest', bodyColumnName: 'body') ~> c\n"
    script += "c derive(y = body.x) ~> d\nd sink(mapColumn(k, y)) ~> t"
    found = _columns(script)
    assert {name: _sources(one) for name, one in found.items()} == {"k": {"a.k"}, "y": {"a.k", "a.m"}}
    assert found["k"].contributions[0].influence is Influence.COPIED
    assert [step.expression for step in found["y"].steps] == ["call(columns())", "body.x"]
    assert "the transformation 'call' cannot run locally" in _refusal(script)


def test_an_answer_that_is_not_declared_is_dynamic() -> None:
    found = _columns(A + "a call(allowSchemaDrift: true) ~> c\nc sink(allowSchemaDrift: true) ~> t")
    assert _sources(found["*"]) == {"a.k", "a.m"} and found["*"].dynamic


def test_a_call_that_sends_an_unknown_column_is_refused() -> None:
    with pytest.raises(MappingDataFlowErrors, match="has no column 'q'"):
        _columns(A + "a call(mapColumn(q), output(body as string)) ~> c\nc sink() ~> t")


def test_a_missing_flowlet_is_named_and_gives_any_column_of_its_inputs_or_of_its_own() -> None:
    script = A + B + "a, b compose(composition: 'piece') ~> c@(o)\nc@o select(mapColumn(q)) ~> s\ns sink() ~> t"
    flow = trace_flow(document_of(script))
    (column,) = flow.sinks[0].columns
    assert _sources(column) == {"a.k", "a.m", "b.k", "b.n", "c.*"}
    assert {(one.source.stream, one.reason) for one in column.rows} == {(one, Reason.FILTER) for one in "abc"}
    assert column.steps[0].expression == "compose('piece', columns())"
    assert [(one.stream, one.dataset) for one in flow.sources][-1] == ("c", "flowlet piece")
    names = [one["name"] for one in job_event(flow, "n", "t")["inputs"]]
    assert names == ["flow.a", "flow.b", "flowlet piece"]
    assert "the flowlet 'piece' is not among the documents" in _refusal(script)


def test_a_missing_flowlet_without_inputs_is_a_source() -> None:
    found = _columns("compose(composition: 'piece') ~> c@(o)\nc@o sink(allowSchemaDrift: true) ~> t")
    assert {name: _sources(one) for name, one in found.items()} == {"*": {"c.*"}}


@pytest.mark.parametrize("function", ["cumeDist", "rowNumber"])
def test_a_place_in_the_window_with_an_argument_is_made_of_it(function: str) -> None:
    script = A + f"a window(over(k), asc(m, true), r = {function}(m)) ~> w\nw sink(mapColumn(r)) ~> t"
    found = _columns(script)["r"]
    assert _sources(found) == {"a.m"}
    assert {(one.source.column, one.reason) for one in found.decisions} == {
        ("k", Reason.WINDOW),
        ("m", Reason.WINDOW),
    }
    assert f"{function}() has 1 argument" in _refusal(script)


def test_a_placeholder_of_studio_may_read_any_column() -> None:
    script = A + "a derive(x = ERROR_FUNCTION('sink2#')) ~> d\nd sink(mapColumn(m, x)) ~> t"
    found = _columns(script)
    assert {name: _sources(one) for name, one in found.items()} == {"m": {"a.m"}, "x": {"a.k", "a.m"}}
    assert found["x"].steps[0].expression == "ERROR_FUNCTION('sink2#', columns())"
    assert "there is no function 'ERROR_FUNCTION'" in _refusal(script)


def test_a_placeholder_as_a_condition_decides_by_any_column() -> None:
    script = A + "a split(ERROR_FUNCTION(''), disjoint: false) ~> s@(x, y)\ns@x sink(mapColumn(m)) ~> t"
    assert {one.source.column for one in _columns(script)["m"].rows} == {"k", "m"}


def test_a_placeholder_may_stand_for_an_aggregate() -> None:
    script = A + "a aggregate(groupBy(k), x = ERROR_FUNCTION('su')) ~> g\ng sink(mapColumn(x)) ~> t"
    assert _sources(_columns(script)["x"]) == {"a.k", "a.m"}


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        ("a alterRow() ~> r\nr sink() ~> t", "alterRow has no conditions"),
        ("a sink(insertable: false, updateable: true, keys: ['k']) ~> t", "the sink takes no inserted rows"),
    ],
)
def test_row_policies_that_do_nothing_are_no_matter_of_columns(script: str, cause: str) -> None:
    found = _columns(A + script)
    assert {name: _sources(one) for name, one in found.items()} == {"k": {"a.k"}, "m": {"a.m"}}
    assert cause in _refusal(A + script)


def test_a_name_of_two_columns_may_mean_either() -> None:
    script = A + B + "a, b join(a@k == b@k, joinType: 'inner') ~> j\nj derive(x = k) ~> d\nd sink(mapColumn(x)) ~> t"
    assert _sources(_columns(script)["x"]) == {"a.k", "b.k"}
    assert "the column 'k' is ambiguous" in _refusal(script)


def test_the_tests_of_an_assertion_look_at_the_first_input() -> None:
    script = A + B + "a, b assert(expectTrue(k == 'x', false, 'one', null, m + ' is wrong'), "
    script += "expectExists(a@k == b@k, false, 'two'), abort: true) ~> c\nc sink(mapColumn(m)) ~> t"
    decided = {(one.source.stream, one.source.column) for one in _columns(script)["m"].rows}
    assert decided == {("a", "k"), ("b", "k"), ("a", "m")}


def test_columns_that_get_the_same_name_are_one() -> None:
    script = A + "a select(mapColumn(each(match(true()), 'x' = $$))) ~> s\ns sink() ~> t"
    assert {name: _sources(one) for name, one in _columns(script).items()} == {"x": {"a.k", "a.m"}}
    assert "two columns are called 'x'" in _refusal(script)


def test_the_unknown_columns_of_two_sources_are_one_column_of_a_sink() -> None:
    drift = "source(allowSchemaDrift: true) ~> a\nsource(allowSchemaDrift: true) ~> b\n"
    script = drift + "a, b join(true(), joinType: 'cross') ~> j\nj sink(allowSchemaDrift: true) ~> t"
    assert {name: _sources(one) for name, one in _columns(script).items()} == {"*": {"a.*", "b.*"}}
    script = drift + "a, b join(true(), joinType: 'cross') ~> j\nj, a union(byName: true) ~> u\nu sink() ~> t"
    assert {name: _sources(one) for name, one in _columns(script).items()} == {"*": {"a.*", "b.*"}}


def test_a_pattern_whose_condition_only_the_data_know_may_match_any_column() -> None:
    script = A + B + "b sink(store: 'cache', format: 'inline', keys: ['k']) ~> names\n"
    script += "a select(mapColumn(each(match(!isNull(names#lookup(name).n)), names#lookup($$).n = $$))) ~> s\n"
    script += "s sink(allowSchemaDrift: true) ~> t"
    (sink,) = [one for one in trace_flow(document_of(script)).sinks if one.stream == "t"]
    (column,) = sink.columns
    assert column.dynamic and _sources(column) == {"a.k", "a.m"}
    assert {(one.source.stream, one.source.column) for one in column.decisions} == {("b", "k"), ("b", "n")}


def test_functions_of_libraries_are_traced_by_their_text() -> None:
    text = "twice(string) as string = concat(i1, i1)"
    library = {"name": "l", "properties": {"type": "UDFLibrary", "typeProperties": {"script": text}}}
    script = A + "a derive(x = twice(k)) ~> d\nd sink(mapColumn(x)) ~> t"
    assert _sources(_columns(script, libraries=[library])["x"]) == {"a.k"}
    with pytest.raises(MappingDataFlowErrors, match="there is no function 'twice'"):
        _columns(script)


def test_real_mistakes_are_refused_all_at_once_with_their_places() -> None:
    script = A + "a derive(x = nothing, y = noFunction(k)) ~> d\nd filter(other > 1) ~> f\nf sink() ~> t"
    with pytest.raises(MappingDataFlowErrors) as raised:
        _columns(script)
    assert [error.cause for error in raised.value.errors] == [
        "the input has no column 'nothing'",
        "there is no function 'noFunction'",
        "the input has no column 'other'",
    ]
    assert all(error.span.end > error.span.start for error in raised.value.errors)
