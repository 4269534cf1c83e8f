"""The table of transformations by engine says what compiling a script with each of them does."""

from __future__ import annotations

import pytest
from dataflow_bench import FIXTURES, compile_script, document_of, read_case

from mapping_dataflow import (
    DUCKDB,
    Engine,
    MappingDataFlowErrors,
    SourceSchema,
    Support,
    TransformationSupport,
    compile_flow,
    transformation_support,
)
from mapping_dataflow.engines.spark.engine import SPARK
from mapping_dataflow.lowering.arguments import HINTS
from mapping_dataflow.lowering.registry import TRANSFORMATIONS

ENGINES = (DUCKDB, SPARK)
CASES = {"parse": "parse", "stringify": "stringify"}
"""Fixtures of the transformations that an engine may lack functions for."""


def _by_verb(engine: Engine) -> dict[str, list[TransformationSupport]]:
    rows: dict[str, list[TransformationSupport]] = {}
    for row in transformation_support(engine):
        rows.setdefault(row.verb, []).append(row)
    return rows


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_every_transformation_stands_in_the_table_with_a_reason_unless_it_is_supported(engine: Engine) -> None:
    rows = _by_verb(engine)
    assert rows.keys() == TRANSFORMATIONS.keys()
    assert all(bool(row.reason) == (row.support is not Support.SUPPORTED) for one in rows.values() for row in one)


def test_duckdb_lacks_nothing_that_an_engine_can_do() -> None:
    found = {(row.verb, row.form) for row in transformation_support(DUCKDB) if row.support is not Support.SUPPORTED}
    assert found == {("call", ""), ("join", "matchType: 'fuzzy'"), ("select", "columns that a cache decides")}


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@pytest.mark.parametrize("verb", CASES)
def test_what_an_engine_lacks_is_refused_and_nothing_else(verb: str, engine: Engine) -> None:
    case = read_case(FIXTURES / f"{CASES[verb]}.dfs")
    schemas = {name: SourceSchema(table.columns) for name, table in case.sources.items()}
    lacks = any(row.support is Support.NOT_YET_OURS for row in _by_verb(engine)[verb])
    try:
        compile_flow(document_of(case.script), schemas, engine=engine)
        refused = False
    except MappingDataFlowErrors:
        refused = True
    assert refused == lacks


@pytest.mark.parametrize("verb", sorted(HINTS))
def test_hints_are_those_of_a_transformation(verb: str) -> None:
    assert verb in TRANSFORMATIONS


def test_a_hint_changes_nothing_and_is_none_elsewhere() -> None:
    script = "source(output(id as integer)) ~> a\na, a exists(a@id == a@id{}) ~> e\ne sink() ~> out"
    plain, hinted = (
        compile_script(script.format(hint), {"a": {"id": "integer"}}) for hint in ("", ", broadcast: 'left'")
    )
    assert plain.sinks[0].sql == hinted.sinks[0].sql
    with pytest.raises(MappingDataFlowErrors, match="filter does not support the property 'broadcast'"):
        compile_script(
            "source(output(id as integer)) ~> a\na filter(id > 1, broadcast: 'left') ~> f", {"a": {"id": "integer"}}
        )
