"""Digests of values that stand in many rows are computed once a value: the rows are those that they ever were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import duckdb
import pytest
from dataflow_bench import document_of
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_execution.duckdb_functions import register
from mapping_dataflow import SPARK, CompiledSink, Engine, SourceSchema, compile_flow
from mapping_dataflow.engines.duckdb.engine import DUCKDB

COLUMNS = {"person": "string", "visit": "string", "n": "integer"}
SOURCE = "source(output(person as string, visit as string, n as integer)) ~> rows\n"
SINK = "made sink() ~> out"


def _sink(
    script: str, repeats: Callable[[str], bool] = lambda column: column != "visit", engine: Engine = DUCKDB
) -> CompiledSink:
    schemas = {"rows": SourceSchema(COLUMNS, "given", repeats)}
    document = document_of(f"parameters{{\n\tkey as string\n}}\n{SOURCE}{script}\n{SINK}")
    return compile_flow(document, schemas, {"key": "k"}, frozenset({"key"}), engine).sinks[0]


def _derived(expression: str) -> str:
    return f"rows derive(v = {expression}) ~> made"


VALUES = st.sampled_from(["a", "A", "", " ", "ß", "digest 1"]) | st.none()


@pytest.mark.parametrize(
    "expression",
    [
        "sha2(256, concat($key, ':', person))",
        "sha2(512, person)",
        "iif(!isNull(person), md5(upper(person), 'x'), 'none')",
        "concat(sha1(person), sha1(person), toString(crc32(person)))",
        "blake2b(256, person)",
    ],
)
@settings(max_examples=20)
@given(rows=st.lists(st.tuples(VALUES, VALUES, st.integers(0, 3)), max_size=20))
def test_the_rows_are_the_same(expression: str, rows: list[tuple[str | None, str | None, int]]) -> None:
    sink = _sink(_derived(expression))
    assert sink.lookup_sql is not None
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE given (person VARCHAR, visit VARCHAR, n INTEGER)")
        if rows:
            connection.executemany("INSERT INTO given VALUES (?, ?, ?)", rows)
        register(connection, sink.python_functions)
        plain, quick = (connection.execute(sql, dict(sink.bindings)).fetchall() for sql in (sink.sql, sink.lookup_sql))
    assert Counter(quick) == Counter(plain)
    assert len(plain) == len(rows)


def test_what_is_not_in_the_dictionary_is_computed_as_ever() -> None:
    """As when a file grows between the two times that it is read."""
    sink = _sink(_derived("md5(person)"))
    assert sink.lookup_sql is not None
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE given AS SELECT 'a' AS person, '' AS visit, 1 AS n")
        partial = sink.lookup_sql.replace('"given" AS i GROUP BY', '"given" AS i WHERE FALSE GROUP BY')
        assert partial != sink.lookup_sql
        assert connection.execute(partial).fetchall() == connection.execute(sink.sql).fetchall()


@pytest.mark.parametrize(
    "script",
    [
        "rows filter(n > 1) ~> some\nsome derive(v = md5(person)) ~> made",
        "rows select(mapColumn(who = person, n)) ~> named\nnamed derive(v = md5(who)) ~> made",
        "rows keyGenerate(output(number as long), startAt: 1L) ~> keyed\nkeyed derive(v = md5(person)) ~> made",
    ],
)
def test_a_column_is_followed_to_its_source(script: str) -> None:
    assert _sink(script).lookup_sql is not None


@pytest.mark.parametrize(
    "script",
    [
        _derived("md5(visit)"),  # its values do not repeat
        _derived("md5(person, visit)"),  # two columns decide
        _derived("md5(toString(n))"),  # a number, which needs no dictionary of texts
        _derived("upper(person)"),  # no digest
        _derived("md5($key)"),  # no column
        "rows derive(person = upper(person)) ~> changed\nchanged derive(v = md5(person)) ~> made",
        "rows aggregate(groupBy(person), n = sum(n)) ~> summed\nsummed derive(v = md5(person)) ~> made",
    ],
)
def test_there_is_no_dictionary_where_it_has_no_use(script: str) -> None:
    assert _sink(script).lookup_sql is None


def test_a_source_is_asked_about_columns_of_digests_alone() -> None:
    asked: list[str] = []

    def repeats(column: str) -> bool:
        asked.append(column)
        return False

    _sink(_derived("md5(person)"), repeats)
    assert asked == ["person"]


def test_spark_is_left_to_itself() -> None:
    assert _sink(_derived("md5(person)"), engine=SPARK).lookup_sql is None
