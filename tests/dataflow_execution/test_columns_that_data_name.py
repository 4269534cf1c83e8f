"""Names of columns and conditions of patterns that come from cached rows, or from functions that an engine computes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from spark_bench import spark

from dataflow_execution.flow_case import DataFlowCase, EngineFor
from dataflow_execution.spark_queries import SparkQueries
from mapping_dataflow import MappingDataFlowErrors, SourceSchema, compile_flow, required_values

SOURCES = """
source(output(id as integer, old_name as string, city_x as string), allowSchemaDrift: true) ~> rows
source(output(old as string, new as string, keep as string)) ~> names
names sink(store: 'cache', keys: ['old']) ~> byOld
names sink(store: 'cache') ~> all
"""
ROWS = [{"id": 1, "old_name": "a", "city_x": "b"}]
NAMES = [
    {"old": "old_name", "new": "Name", "keep": "yes"},
    {"old": "city_x", "new": "City", "keep": "no"},
    {"old": "id", "new": "Key", "keep": "yes"},
]
MADE = {
    "select(mapColumn(each(match(true()), byOld#lookup($$).new = $$)))": {"Key": 1, "Name": "a", "City": "b"},
    "select(mapColumn(each(match(byOld#lookup(name).keep == 'yes'), byOld#lookup(name).new = $$)))": {
        "Key": 1,
        "Name": "a",
    },
    "select(mapColumn(each(match(contains(all#outputs(), #item.old == name && #item.keep == 'no')))))": {"city_x": "b"},
    "select(mapColumn(each(match(in(all#outputs().old, name) && type == 'string'))))": {"old_name": "a", "city_x": "b"},
    "derive(each(match(name == all#output().old), all#output().new + '_' = upper($$)))": {**ROWS[0], "Name_": "A"},
    "derive(all#output().new = 5)": {**ROWS[0], "Name": 5},
    "select(mapColumn(each(match(true()), replace(initCap(replace($$, '_', ' ')), ' ', '') = $$)))": {
        "Id": 1,
        "OldName": "a",
        "CityX": "b",
    },
    "select(mapColumn(each(patternMatch(`(.*)_x`), reverse($1) = $$),"
    " each(patternMatch(`(o.d)`), reverse($1) = $$)))": {
        "ytic": "b",
        "dlo": "a",
    },
    "aggregate(groupBy(id), each(match(byOld#lookup(name).keep == 'yes' && type == 'string'), byOld#lookup($$).new ="
    " max($$)))": {"id": 1, "Name": "a"},
    "select(mapColumn(each(match(true()), byOld#lookup($$).new = $$))) ~> named\n"
    "named pivot(groupBy(Key), pivotBy(City), found = max(Name)) ~> turned\n"
    "turned derive(each(match(endsWith(name, 'b')), initCap($$) = $$))": {"Key": 1, "foundb": "a", "Foundb": "a"},
}


def _found(folder: Path, line: str, engine: EngineFor | None = None) -> list[dict[str, Any]]:
    (folder / "flow.dfs").write_text(f"{SOURCES}rows {line} ~> found\n")
    with closing(DataFlowCase(folder / "flow.dfs", engine=engine)) as case:
        case.source("rows", ROWS)
        case.source("names", NAMES)
        return case.stream("found")


@pytest.mark.parametrize("line", MADE)
def test_names_and_conditions_are_computed_before_the_columns_are_known(tmp_path: Path, line: str) -> None:
    assert _found(tmp_path, line) == [MADE[line]]


def test_spark_computes_them_too(tmp_path: Path) -> None:
    line = "select(mapColumn(each(match(byOld#lookup(name).keep == 'yes'), initCap(byOld#lookup($$).new + '!') = $$)))"
    found = _found(tmp_path, line, lambda connection, folder: SparkQueries(spark(), connection, folder))
    assert found == [{"Key!": 1, "Name!": "a"}]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "select(mapColumn(each(match(true()), byOld#lookup(reverse($$)).new = $$)))",
            "the name in a pattern is null for the column 'id'",
        ),
        (
            "select(mapColumn(each(match(city_x == byOld#lookup(name).new))))",
            "the condition of a pattern is not a constant: it depends on a column",
        ),
        (
            "select(mapColumn(each(match(true()), uuid() = $$)))",
            r"the name in a pattern is not a constant: uuid\(\) depends on rows",
        ),
        (
            "derive(found = toString(byName(all#output().old)))",
            r"the column's name is not a constant: it depends on a col",
        ),
        ("derive(each(match(true()), initCap($$) = nowhere))", "the input has no column 'nowhere'"),
    ],
)
def test_what_names_no_column_is_told(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(MappingDataFlowErrors, match=message):
        _found(tmp_path, line)


def test_what_a_compiler_alone_cannot_know_is_asked_for_by_name() -> None:
    script = (
        f"{SOURCES}rows derive(each(match(name == all#output().old), initCap($$) = $$)) ~> made\nmade sink() ~> out"
    )
    document = {"name": "flow", "properties": {"type": "MappingDataFlow", "typeProperties": {"script": script}}}
    columns = {"rows": {"old_name": "string"}, "names": {"old": "string"}}
    schemas = {name: SourceSchema(kinds) for name, kinds in columns.items()}
    with pytest.raises(MappingDataFlowErrors, match="the condition of a pattern is known once an engine has computed"):
        compile_flow(document, schemas)
    (asked,) = required_values(document, schemas)
    assert [column.name.partition(" #")[0] for column in asked.columns] == ["made: name == all#output().old"] * 3
    known = {column.name: [value] for column, value in zip(asked.columns, (True, False, False), strict=True)}
    (asked,) = required_values(document, schemas, values=known)
    (name,) = asked.columns
    flow = compile_flow(document, schemas, values={**known, name.name: ["Old_name"]})
    out = next(sink for sink in flow.sinks if sink.stream == "out")
    assert "Old_name" in [column.name for column in out.columns]
