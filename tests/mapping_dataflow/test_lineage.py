"""Which source columns reach which column of a sink, through which functions, and which decided its rows."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from dataflow_bench import compile_script

from mapping_dataflow import ColumnLineage, Contribution, Influence, SourceColumn
from mapping_dataflow.analysis.columns import Column
from mapping_dataflow.analysis.datatypes import STRING
from mapping_dataflow.lineage.model import Decision, Reason, Step
from mapping_dataflow.lineage.trace import trace
from mapping_dataflow.relations import Output, Project, Scan, Stage

HEAD = """
source(output(id as integer, name as string, ssn as string, amount as double, tags as string[],
              address as (street as string, zip as string))) ~> a
source(output(id as integer, city as string)) ~> b
"""
COLUMNS = {
    "a": {
        "id": "integer",
        "name": "string",
        "ssn": "string",
        "amount": "double",
        "tags": "string[]",
        "address": "(street as string, zip as string)",
    },
    "b": {"id": "integer", "city": "string"},
}
COPIED, COMPUTED, AGGREGATED = Influence.COPIED, Influence.COMPUTED, Influence.AGGREGATED


def _lineage(script: str, **parameters: object) -> dict[str, ColumnLineage]:
    secret = frozenset({"key"} & parameters.keys())
    parameter_block = "parameters{key as string}\n" if parameters else ""
    flow = compile_script(parameter_block + script + HEAD, COLUMNS, parameters, secret)
    return {one.column: one for one in flow.lineage}


def _reached(script: str) -> dict[str, dict[str, Influence]]:
    return {
        column: {f"{part.source.stream}.{part.source.column}": part.influence for part in one.contributions}
        for column, one in _lineage(script).items()
    }


def _rows(script: str) -> set[str]:
    return {f"{one.stream}.{one.column}" for found in _lineage(script).values() for one in found.row_influences}


def test_a_column_that_is_handed_through_is_copied() -> None:
    found = _reached("a sink(mapColumn(id, renamed = name)) ~> out")
    assert found == {"id": {"a.id": COPIED}, "renamed": {"a.name": COPIED}}


def test_a_column_is_followed_through_renames() -> None:
    script = "a select(mapColumn(x = ssn)) ~> s\ns select(mapColumn(y = x)) ~> t\nt derive(z = y) ~> d\nd sink() ~> out"
    assert _reached(script) == {"y": {"a.ssn": COPIED}, "z": {"a.ssn": COPIED}}


def test_a_computed_column_has_all_columns_and_functions_of_its_expression() -> None:
    script = "a derive(x = sha2(256, concat(upper(name), ssn))) ~> d\nd sink(mapColumn(x)) ~> out"
    steps = (Step("d", "x", "sha2(256, concat(upper(name), ssn))"),)
    assert _lineage(script)["x"].contributions == (
        Contribution(
            SourceColumn("a", "name"), COMPUTED, frozenset({"sha2", "concat", "upper"}), masked=True, steps=steps
        ),
        Contribution(SourceColumn("a", "ssn"), COMPUTED, frozenset({"sha2", "concat"}), masked=True, steps=steps),
    )


def test_the_secret_that_goes_into_a_digest_is_named_without_its_value() -> None:
    script = "a derive(x = sha2(256, concat($key, ssn))) ~> d\nd sink(mapColumn(x)) ~> out"
    found = _lineage(script, key="do-not-show-me")["x"]
    assert found.contributions[0].secrets == frozenset({"key"})
    assert "do-not-show-me" not in repr(found)


def test_a_conversion_copies() -> None:
    script = (
        "a derive(x = toString(id), y = toLong(id) + 1) ~> d\nd sink(input(id as long), mapColumn(id, x, y)) ~> out"
    )
    assert _reached(script) == {"id": {"a.id": COPIED}, "x": {"a.id": COPIED}, "y": {"a.id": COMPUTED}}
    assert _lineage(script)["x"].contributions[0].functions == frozenset({"toString"})


def test_a_condition_reaches_the_value_that_it_chooses() -> None:
    script = "a derive(x = iif(amount > 5, name, 'none')) ~> d\nd sink(mapColumn(x)) ~> out"
    assert _reached(script) == {"x": {"a.name": COMPUTED}}
    assert _lineage(script)["x"].decisions == (Decision(SourceColumn("a", "amount"), Reason.CONDITION, "d"),)


@pytest.mark.parametrize(
    ("expression", "values", "conditions"),
    [
        ("case(id > 1, name, amount > 2, ssn)", {"name", "ssn"}, {"id", "amount"}),
        ("case(id > 1, name, amount > 2, ssn, toString(id))", {"name", "ssn", "id"}, {"id", "amount"}),
        ("iif(iif(id > 1, true(), amount > 2), name, 'x')", {"name"}, {"id", "amount"}),
        ("upper(iif(isNull(ssn), name, ssn))", {"name", "ssn"}, {"ssn"}),
        ("iifNull(ssn, name)", {"ssn", "name"}, set()),
    ],
)
def test_only_the_chosen_values_go_into_a_value(expression: str, values: set[str], conditions: set[str]) -> None:
    found = _lineage(f"a derive(x = {expression}) ~> d\nd sink(mapColumn(x)) ~> out")["x"]
    assert {one.source.column for one in found.contributions} == values
    assert {one.source.column for one in found.decisions} == conditions
    assert {one.reason for one in found.decisions} <= {Reason.CONDITION}


def test_the_condition_of_an_aggregate_chooses_rows_and_a_count_counts_it() -> None:
    script = "a aggregate(groupBy(name), s = sumIf(id > 1, amount), c = countIf(id > 1)) ~> g\ng sink() ~> out"
    found = _lineage(script)
    assert {one.source.column for one in found["s"].contributions} == {"amount"}
    assert {(one.source.column, one.reason) for one in found["s"].decisions} == {("id", Reason.CONDITION)}
    assert {one.source.column for one in found["c"].contributions} == {"id"}


def test_the_steps_of_a_condition_are_told() -> None:
    script = "a derive(big = amount > 5) ~> d\nd derive(x = iif(big, 'y', 'n')) ~> e\ne sink(mapColumn(x)) ~> out"
    assert _lineage(script)["x"].steps == (Step("d", "big", "amount > 5"), Step("e", "x", "iif(big, 'y', 'n')"))


def test_a_constant_comes_from_no_column() -> None:
    assert _reached("a derive(x = 5) ~> d\nd sink(mapColumn(x)) ~> out") == {"x": {}}


def test_columns_reads_every_column() -> None:
    script = "b derive(hash = md5(columns())) ~> d\nd sink(mapColumn(hash)) ~> out"
    assert _reached(script) == {"hash": {"b.city": COMPUTED, "b.id": COMPUTED}}


def test_a_pattern_reaches_every_column_that_it_matches() -> None:
    script = "a derive(each(match(type == 'string'), $$ + '_upper' = upper($$))) ~> d\n"
    script += "d sink(mapColumn(each(match(endsWith(name, '_upper'))))) ~> out"
    assert _reached(script) == {"name_upper": {"a.name": COMPUTED}, "ssn_upper": {"a.ssn": COMPUTED}}


def test_columns_found_by_name_are_followed() -> None:
    script = "a derive(x = toString(byName('ssn')), y = byNames(['name', 'ssn'])) ~> d\nd sink(mapColumn(x, y)) ~> out"
    assert _reached(script) == {"x": {"a.ssn": COPIED}, "y": {"a.name": COMPUTED, "a.ssn": COMPUTED}}


def test_both_sides_of_a_join_are_told_apart_and_its_condition_decides_the_rows() -> None:
    script = "a, b join(a@id == b@id, joinType: 'left') ~> j\n"
    script += "j sink(mapColumn(left = a@id, right = b@id, name, city)) ~> out"
    assert _reached(script) == {
        "left": {"a.id": COPIED},
        "right": {"b.id": COPIED},
        "name": {"a.name": COPIED},
        "city": {"b.city": COPIED},
    }
    assert _rows(script) == {"a.id", "b.id"}


def test_lookup_and_exists_decide_rows_by_their_conditions_and_keys() -> None:
    script = "a, b lookup(a@id == b@id, multiple: false, pickup: 'first', asc(city, true)) ~> l\n"
    script += "l sink(mapColumn(name)) ~> out"
    assert _rows(script) == {"a.id", "b.id", "b.city"}
    assert _rows("a, b exists(a@name == b@city, negate: true) ~> e\ne sink(mapColumn(ssn)) ~> out") == {
        "a.name",
        "b.city",
    }


def test_a_filter_decides_the_rows_of_every_column_behind_it() -> None:
    assert _rows("a filter(amount > 5) ~> f\nf sort(asc(name, true)) ~> s\ns sink(mapColumn(id)) ~> out") == {
        "a.amount",
        "a.name",
    }


def test_the_branches_of_a_split_depend_on_the_conditions_before_them() -> None:
    script = (
        "a split(amount > 5, name == 'x', disjoint: false) ~> s@(high, named, rest)\ns@named sink(mapColumn(id)) ~> out"
    )
    assert _rows(script) == {"a.amount", "a.name"}
    assert _rows(script.replace("s@named", "s@high")) == {"a.amount"}


def test_an_assert_decides_the_rows() -> None:
    script = "a assert(expectTrue(amount > 0, false, 'x'), abort: true) ~> e\ne sink(mapColumn(id)) ~> out"
    assert _rows(script) == {"a.amount"}


def test_an_aggregate_weakens_what_reaches_it() -> None:
    script = "a aggregate(groupBy(name), total = sum(amount), all = countAll()) ~> g\ng sink() ~> out"
    assert _reached(script) == {"name": {"a.name": COPIED}, "total": {"a.amount": AGGREGATED}, "all": {}}
    assert _rows(script) == {"a.name"}


def test_an_aggregate_of_a_window_is_one_too() -> None:
    script = "a window(over(name), asc(id, true), total = sum(amount), before = lag(ssn, 1)) ~> w\n"
    script += "w sink(mapColumn(total, before, ssn)) ~> out"
    assert _reached(script) == {
        "total": {"a.amount": AGGREGATED},
        "before": {"a.ssn": COMPUTED},
        "ssn": {"a.ssn": COPIED},
    }


def test_a_union_merges_the_columns_of_its_inputs() -> None:
    script = "b select(mapColumn(name = city)) ~> c\na, c union(byName: true) ~> u\nu sink(mapColumn(name, ssn)) ~> out"
    assert _reached(script) == {"name": {"a.name": COPIED, "b.city": COPIED}, "ssn": {"a.ssn": COPIED}}


def test_the_strongest_of_several_ways_counts() -> None:
    script = "a derive(name = upper(name)) ~> d\na, d union(byName: true) ~> u\nu sink(mapColumn(name)) ~> out"
    (contribution,) = _lineage(script)["name"].contributions
    assert (contribution.influence, contribution.functions) == (COPIED, frozenset({"upper"}))


def test_a_flattened_array_reaches_its_items_and_decides_the_rows() -> None:
    script = "a foldDown(unroll(tags), mapColumn(tag = tags, id)) ~> f\nf sink() ~> out"
    assert _reached(script) == {"tag": {"a.tags": COPIED}, "id": {"a.id": COPIED}}
    assert _rows(script) == {"a.tags"}


def test_a_field_of_a_struct_comes_from_the_struct() -> None:
    script = "a derive(x = address.zip, address.street = name) ~> d\nd sink(mapColumn(x, address)) ~> out"
    assert _reached(script) == {
        "x": {"a.address": COMPUTED},
        "address": {"a.address": COMPUTED, "a.name": COMPUTED},
    }


def test_a_running_number_comes_from_no_column() -> None:
    script = "a keyGenerate(output(k as long), startAt: 1L) ~> g\ng sink(mapColumn(k, id)) ~> out"
    assert _reached(script) == {"k": {}, "id": {"a.id": COPIED}}


def test_drifted_columns_have_lineage_as_well() -> None:
    flow = compile_script("source(allowSchemaDrift: true) ~> a\na sink() ~> out", {"a": {"unforeseen": "string"}})
    (found,) = flow.column_lineage()["out"]
    assert found.contributions == (Contribution(SourceColumn("a", "unforeseen"), COPIED),)


def test_lineage_is_given_by_sink() -> None:
    flow = compile_script("a sink(mapColumn(id)) ~> x\nb sink(mapColumn(city)) ~> y" + HEAD, COLUMNS)
    assert {sink: [one.column for one in found] for sink, found in flow.column_lineage().items()} == {
        "x": ["id"],
        "y": ["city"],
    }


def test_every_expression_on_the_way_is_told_in_its_order() -> None:
    script = "a derive(x = upper(name)) ~> d\nd select(mapColumn(y = x)) ~> s\ns derive(y = concat(y, '!')) ~> e\n"
    script += "e sink(mapColumn(y)) ~> out"
    assert _lineage(script)["y"].contributions[0].steps == (
        Step("d", "x", "upper(name)"),
        Step("s", "y", "x"),
        Step("e", "y", "concat(y, '!')"),
    )


def test_a_constant_has_its_expression() -> None:
    found = _lineage("a derive(x = 5L) ~> d\nd sink(mapColumn(x)) ~> out")["x"]
    assert (found.contributions, found.steps) == ((), (Step("d", "x", "5L"),))


def test_what_decides_is_told_with_its_transformation() -> None:
    script = "a filter(amount > 5) ~> f\nf, b join(f@id == b@id, joinType: 'inner') ~> j\n"
    script += "j aggregate(groupBy(city), n = count()) ~> g\ng sort(asc(city, true)) ~> s\ns sink() ~> out"
    assert {(str(one.source.column), one.reason, one.stream) for one in _lineage(script)["n"].rows} == {
        ("amount", Reason.FILTER, "f"),
        ("id", Reason.JOIN, "j"),
        ("city", Reason.GROUP, "g"),
        ("city", Reason.SORT, "s"),
    }


def test_the_keys_of_a_window_decide_about_its_results_alone() -> None:
    script = "a window(over(name), asc(id, true), total = sum(amount)) ~> w\nw sink(mapColumn(total, ssn)) ~> out"
    found = _lineage(script)
    assert {(one.source.column, one.reason, one.stream) for one in found["total"].decisions} == {
        ("name", Reason.WINDOW, "w"),
        ("id", Reason.WINDOW, "w"),
    }
    assert (found["ssn"].decisions, found["ssn"].rows) == ((), ())


def test_what_a_filter_asks_of_a_window_decides_about_rows() -> None:
    script = "a window(over(name), desc(id, true), n = rowNumber()) ~> w\nw filter(n == 1) ~> f\n"
    script += "f sink(mapColumn(ssn)) ~> out"
    assert _rows(script) == {"a.name", "a.id"}


def test_a_row_policy_decides_about_rows() -> None:
    script = "a alterRow(deleteIf(amount > 5)) ~> r\n"
    script += "r sink(mapColumn(id), deletable: true, insertable: true, keys: ['id']) ~> out"
    assert "a.amount" in _rows(script)


def test_masked_means_that_no_way_shows_the_value() -> None:
    def masked(expression: str) -> bool:
        found = _lineage(f"a derive(x = {expression}) ~> d\nd sink(mapColumn(x)) ~> out")["x"]
        return {one.source.column: one.masked for one in found.contributions}["ssn"]

    assert [masked(one) for one in ("md5(ssn)", "left(ssn, 3)", "ssn == 'x'", "iif(true(), left(ssn, 3), 'y')")] == [
        True
    ] * 4
    assert [masked(one) for one in ("upper(ssn)", "concat(ssn, md5(ssn))", "iif(length(ssn) > 3, ssn, 'y')")] == [
        False
    ] * 3


def test_columns_of_both_sides_are_told_apart_in_expressions() -> None:
    script = (
        "a, b join(a@id == b@id, joinType: 'left') ~> j\nj derive(x = a@id + b@id) ~> d\nd sink(mapColumn(x)) ~> out"
    )
    assert _lineage(script)["x"].steps[-1] == Step("d", "x", "a@id + b@id")


def test_a_union_tells_the_expression_of_each_input() -> None:
    script = "a derive(city = upper(name)) ~> d\nd select(mapColumn(city)) ~> e\nb select(mapColumn(city)) ~> f\n"
    script += "e, f union(byName: false) ~> u\nu sink(mapColumn(city)) ~> out"
    assert {one.source.stream: len(one.steps) for one in _lineage(script)["city"].contributions} == {"a": 1, "b": 0}


@dataclass(frozen=True)
class Unheard:
    """A relation that nobody knows."""

    source: Scan


def test_an_unknown_relation_is_a_defect() -> None:
    with pytest.raises(AssertionError):
        trace([Stage("x", ("x",), Unheard(Scan("a", ())), ())], ["x"])  # type: ignore[arg-type]


def test_an_unknown_expression_is_a_defect() -> None:
    column = Column("c", STRING, "c")
    project = Project(Scan("a", ()), (Output(column, Unheard(Scan("a", ()))),))  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        trace([Stage("x", ("x",), project, (column,))], ["x"])
