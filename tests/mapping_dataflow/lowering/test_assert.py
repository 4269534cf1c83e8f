"""An assert with abort: true fails the run, naming the assertion and its message."""

from __future__ import annotations

import duckdb
import pytest
from dataflow_bench import Table, document_of, run_script

from mapping_dataflow import SourceSchema, compile_flow

HEAD = "source(output(id as integer, n as integer), allowSchemaDrift: false) ~> in\n"
TAIL = ", abort: true) ~> checked\nchecked sink() ~> out"
COLUMNS = {"id": "integer", "n": "integer"}


def _run(assertions: str, *rows: tuple[int | None, int | None]) -> int:
    tables = {"in": Table(COLUMNS, rows)}
    return len(run_script(f"{HEAD}in assert({assertions}{TAIL}", tables)["out"].rows)


def test_a_row_for_which_the_condition_is_false_fails_the_run() -> None:
    with pytest.raises(duckdb.Error, match="assert positive failed: n is -5"):
        _run("expectTrue(n > 0, false, 'positive', null, 'n is ' + toString(n))", (1, 3), (2, -5))


def test_a_row_for_which_the_condition_is_null_fails_the_run() -> None:
    with pytest.raises(duckdb.Error, match=r"assert positive failed: $"):
        _run("expectTrue(n > 0, false, 'positive', null, toString(n))", (1, None))


def test_the_filter_chooses_the_rows_of_the_assertion() -> None:
    assert _run("expectTrue(n > 0, false, 'positive', id > 1)", (1, -5), (2, 5), (None, -5)) == 3
    with pytest.raises(duckdb.Error, match="assert positive failed"):
        _run("expectTrue(n > 0, false, 'positive', id > 1)", (2, -5))


def test_a_value_that_comes_twice_fails_the_run() -> None:
    with pytest.raises(duckdb.Error, match="assert once failed: id 7"):
        _run("expectUnique(id, true, 'once', null, 'id ' + toString(id))", (7, 1), (7, 2), (8, 1))


def test_null_comes_as_often_as_it_likes() -> None:
    assert _run("expectUnique(id, true, 'once')", (None, 1), (None, 2), (8, 1)) == 3


def test_a_unique_value_may_come_again_where_the_filter_does_not_hold() -> None:
    assert _run("expectUnique(id, true, 'once', n > 1)", (7, 1), (7, 2), (8, 1)) == 3


def test_the_query_of_a_cast_grows_as_its_columns_do() -> None:
    def length(count: int) -> int:
        columns = ", ".join(f"c{number} as integer" for number in range(count))
        script = f"source(allowSchemaDrift: true) ~> in\nin cast(output({columns}), errors: true) ~> c\nc sink() ~> out"
        schema = SourceSchema({f"c{number}": "string" for number in range(count)})
        return len(compile_flow(document_of(script), {"in": schema}).sinks[0].sql)

    assert length(40) < 2.5 * length(20)
