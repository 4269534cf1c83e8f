"""With one thread a digest is computed once for rows that follow each other with the same text, and is the same."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest
from dataflow_bench import document_of
from hypothesis import given
from hypothesis import strategies as st

from dataflow_execution.query_engines import DuckDBEngine
from mapping_dataflow import DUCKDB, DUCKDB_WITH_ONE_THREAD, CompiledSink, SourceSchema, compile_flow
from mapping_dataflow.engines.python_functions import PYTHON_FUNCTIONS

COLUMNS = {"id": "integer", "name": "string", "digest": "string", "names": "string[]"}
DIGESTS = {
    "a text": "sha2(256, name)",
    "behind a key": "sha2(256, concat('key', ':', name))",
    "behind a secret": "sha2(256, concat($secret, name))",
    "before a key": "sha2(256, concat(name, 'key'))",
    "twice a text": "sha2(256, name, concat('a', name))",
    "several texts": "sha2(256, name, {digest})",
    "what else a row has": "sha2(256, name, id)",
    "of nothing": "sha2(256, 'a')",
    "under a condition": "iif(!isNull(name), sha2(256, name))",
    "of a name that is computed": "sha2(256, upper(name))",
    "in another one": "sha2(256, sha2(256, name))",
    "of the items of an array": "toString(mapIndex(names, sha2(256, #item)))",
    "beside the items of an array": "toString(mapIndex(names, concat(#item, sha2(256, name))))",
    "md5": "md5(name)",
    "sha1": "sha1(name)",
    "in Python": "sha2(512, name)",
    "in Python, as bytes": "toString(blake2bBinary(256, name))",
    "two": "concat(sha2(256, name), sha2(256, {digest}))",
}


def _sink(expression: str, *, one_thread: bool) -> CompiledSink:
    script = f"""parameters{{ secret as string }}
source(output(id as integer, name as string, {{digest}} as string, names as string[])) ~> people
people derive(result = {expression}) ~> made
made select(mapColumn(id, result)) ~> kept
kept sink() ~> out"""
    engine = DUCKDB_WITH_ONE_THREAD if one_thread else DUCKDB
    schemas = {"people": SourceSchema(COLUMNS)}
    return compile_flow(document_of(script), schemas, {"secret": "it's"}, frozenset({"secret"}), engine).sinks[0]


def _rows(connection: duckdb.DuckDBPyConnection, sink: CompiledSink) -> list[tuple[object, ...]]:
    rows = DuckDBEngine(connection).rows(sink)
    return connection.execute(rows.sql, dict(rows.bindings)).fetchall()


def _create_people(connection: duckdb.DuckDBPyConnection, count: int) -> None:
    name = "CASE WHEN i % 50 > 0 THEN 'é' || i // 100 END"
    other = "CASE WHEN i // 7 % 3 > 0 THEN 'o' || i // 70 END"
    columns = f'i::INTEGER AS id, {name} AS name, {other} AS "digest", [name, {other}] AS names'
    connection.execute(f"CREATE TABLE people AS SELECT {columns} FROM range({count}) t(i)")


@pytest.mark.parametrize("expression", DIGESTS.values(), ids=DIGESTS)
def test_digests_are_those_that_each_row_has_by_itself(expression: str) -> None:
    with duckdb.connect(config={"threads": 1}) as connection:
        _create_people(connection, 5000)
        found, by_themselves = (_rows(connection, _sink(expression, one_thread=each)) for each in (True, False))
    assert found == by_themselves


def test_a_digest_is_computed_once_for_rows_that_follow_each_other() -> None:
    sink = _sink("sha2(512, name)", one_thread=True)
    texts: list[object] = []

    def compute(text: bytes | None, bits: int) -> object:
        texts.append(text)
        return PYTHON_FUNCTIONS["digest_sha2"].compute(text, bits)

    counted = tuple(replace(function, compute=compute) for function in sink.python_functions)
    with duckdb.connect(config={"threads": 1}) as connection:
        _create_people(connection, 5000)
        _rows(connection, replace(sink, python_functions=counted))
        changes = "SELECT count(*) FROM (SELECT name, lag(name) OVER () AS before FROM people) WHERE {}"
        ((changed,),) = connection.execute(
            changes.format("name IS DISTINCT FROM before AND name IS NOT NULL")
        ).fetchall()
        ((nulls,),) = connection.execute("SELECT count(*) FROM people WHERE name IS NULL").fetchall()
    assert len(texts) == changed + nulls == 200


def test_the_order_of_rows_decides_about_no_digest() -> None:
    with duckdb.connect(config={"threads": 4, "preserve_insertion_order": False}) as connection:
        _create_people(connection, 500_000)
        expression = "sha2(256, concat($secret, name))"
        found, by_themselves = (_rows(connection, _sink(expression, one_thread=each)) for each in (True, False))
    assert sorted(found) == sorted(by_themselves)


_TEXTS = st.none() | st.sampled_from(["", "a", "Ä", "\x00", "🙂"]) | st.text()


@given(st.lists(st.tuples(_TEXTS, _TEXTS), max_size=20))
def test_digests_of_any_texts_are_those_of_the_function(rows: list[tuple[str | None, str | None]]) -> None:
    sinks = [_sink("concat(sha2(256, name), md5({digest}))", one_thread=each) for each in (True, False)]
    with duckdb.connect(config={"threads": 1}) as connection:
        _create_people(connection, 0)
        for number, row in enumerate(rows):
            connection.execute("INSERT INTO people VALUES (?, ?, ?, [])", [number, *row])
        found, by_themselves = (_rows(connection, sink) for sink in sinks)
    assert found == by_themselves
