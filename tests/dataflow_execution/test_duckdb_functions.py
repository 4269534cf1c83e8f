"""Functions in Python are called from SQL, over whole columns, with nulls."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from typing import Any, ClassVar

import duckdb
import pytest
from dataflow_bench import data_type, document_of
from hypothesis import given
from hypothesis import strategies as st

from dataflow_execution.duckdb_functions import FunctionWantedError, check_wanted, promise, register
from dataflow_execution.query_engines import DuckDBEngine
from mapping_dataflow import PythonFunction, SourceSchema, compile_flow
from mapping_dataflow.engines.python_functions import PYTHON_FUNCTIONS

DIGEST = PYTHON_FUNCTIONS["sha256_of_repeated"]


def _function(name: str, parameters: list[str], result: str, compute: object) -> PythonFunction:
    assert callable(compute)
    return PythonFunction(name, tuple(data_type(each) for each in parameters), data_type(result), compute)


@pytest.mark.parametrize(
    ("kind", "sql", "value"),
    [
        ("integer", "7", 7),
        ("string", "'a'", "a"),
        ("binary", "unhex('ff')", b"\xff"),
        ("decimal(10,2)", "CAST(1.25 AS DECIMAL(10,2))", Decimal("1.25")),
        ("string[]", "['a', NULL]", ["a", None]),
        ("(a as integer, b as string)", "{'a': 1, 'b': 'x'}", {"a": 1, "b": "x"}),
        ("[string,integer]", "MAP {'a': 1}", {"a": 1}),
    ],
)
def test_values_of_every_shape_go_in_and_out(kind: str, sql: str, value: object) -> None:
    with duckdb.connect() as connection:
        register(connection, [_function("same", [kind], kind, lambda given: given)])
        assert connection.execute(f"SELECT same({sql}), same(NULL)").fetchall() == [(value, None)]


def test_a_function_sees_nulls_and_may_give_them() -> None:
    with duckdb.connect() as connection:
        function = _function(
            "joined", ["string", "long"], "string", lambda one, other: f"{one}{other}" if other else None
        )
        register(connection, [function])
        rows = connection.execute("SELECT joined(NULL, i) FROM range(3) t(i) ORDER BY i").fetchall()
    assert rows == [(None,), ("None1",), ("None2",)]


def test_registering_again_changes_nothing() -> None:
    with duckdb.connect() as connection:
        function = _function("one", ["integer"], "integer", lambda given: given)
        register(connection, [function])
        register(connection, [function, function])


def test_a_function_lives_on_when_the_cursor_that_made_it_known_is_closed() -> None:
    program = """
import duckdb
from dataflow_execution.duckdb_functions import FunctionWantedError, check_wanted, promise, register
from dataflow_execution.query_engines import DuckDBEngine
from mapping_dataflow.engines.python_functions import PYTHON_FUNCTIONS

database = duckdb.connect()
for _ in range(3):
    cursor = database.cursor()
    register(cursor, [PYTHON_FUNCTIONS["text_normalize"]])
    print(cursor.execute("SELECT count(text_normalize(chr(97 + i::INTEGER))) FROM range(5) t(i)").fetchone())
    cursor.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )  # it crashed once
    assert done.stdout.split("\n")[:3] == ["(5,)"] * 3


_VALUES = {
    "repeated": "'é' || i // 100",
    "different": "'é' || i",
    "null": "NULL",
    "some null": "CASE WHEN i % 3 > 0 THEN 'a' END",
}


@pytest.mark.parametrize("values", _VALUES)
@pytest.mark.parametrize("one_thread", [False, True], ids=["several threads", "one thread"])
def test_a_digest_of_repeated_values_is_the_one_that_sql_computes(values: str, one_thread: bool) -> None:
    with duckdb.connect() as connection:
        register(connection, [DIGEST], one_thread=one_thread)
        rows = f"SELECT CAST({_VALUES[values]} AS VARCHAR) AS value FROM range(5000) t(i)"
        other = (
            "coalesce(sha256_of_repeated('ä:', value), sha256('ä:' || value)) IS DISTINCT FROM sha256('ä:' || value)"
        )
        found = connection.execute(
            f"SELECT count(*) FILTER ({other}), count(sha256_of_repeated('ä:', value)) FROM ({rows})"
        ).fetchall()
    computed = {"repeated": 5000, "some null": 3333}.get(values, 0) if one_thread else 0
    assert found == [(0, computed)]


@given(st.lists(st.none() | st.sampled_from(["", "a", "Ä", "\x00", "🙂"]) | st.text(), max_size=20), st.text())
def test_digests_of_any_texts_are_those_that_sql_computes(values: list[str | None], before: str) -> None:
    with duckdb.connect() as connection:
        register(connection, [DIGEST], one_thread=True)
        found = connection.execute(
            "SELECT value FROM (SELECT unnest($1::VARCHAR[]) AS value) "
            "WHERE coalesce(sha256_of_repeated($2, value), sha256($2 || value)) IS DISTINCT FROM sha256($2 || value)",
            [values, before],
        ).fetchall()
    assert found == []


DIGESTS = {
    "a text": "sha2(256, name)",
    "behind a key": "sha2(256, concat('key', ':', name))",
    "behind a secret": "sha2(256, concat($secret, name))",
    "before a key": "sha2(256, concat(name, 'key'))",
    "between": "sha2(256, concat('a', name, 'b'))",
    "twice": "sha2(256, concat('a', name, name))",
    "several texts": "sha2(256, name, concat('a', name))",
    "what else a row has": "sha2(256, name, id)",
}


@pytest.mark.parametrize("expression", DIGESTS.values(), ids=DIGESTS)
def test_one_thread_computes_the_digests_that_several_do(expression: str) -> None:
    script = f"""parameters{{ secret as string }}
source(output(id as integer, name as string)) ~> people
people derive(digest = {expression}) ~> made
made sink() ~> out"""
    (sink,) = compile_flow(
        document_of(script),
        {"people": SourceSchema({"id": "integer", "name": "string"})},
        {"secret": "it's secret"},
        frozenset({"secret"}),
    ).sinks
    found = []
    for one_thread in (False, True):
        with duckdb.connect(config={"threads": 1}) as connection:
            names = "CASE WHEN i % 50 > 0 THEN 'é' || i // 100 END"
            connection.execute(f"CREATE TABLE people AS SELECT i::INTEGER AS id, {names} AS name FROM range(5000) t(i)")
            rows = DuckDBEngine(connection, one_thread=one_thread).rows(sink)
            found.append(connection.execute(rows.sql, dict(rows.bindings)).fetchall())
    assert found[0] == found[1]
    assert len({row[-1] for row in found[0]}) in (51, 5000)


PROMISED = "SELECT CASE WHEN i >= {0} THEN same(i) ELSE i END FROM range(10) t(i) ORDER BY ALL"


def test_a_promised_function_is_wanted_by_a_row_that_needs_it() -> None:
    function = _function("same", ["long"], "long", lambda value: value)
    rows = [(number,) for number in range(10)]
    with duckdb.connect() as connection:
        promise(connection, [function])
        assert connection.execute(PROMISED.format(10)).fetchall() == rows
        with pytest.raises(duckdb.Error) as wanted:
            connection.execute(PROMISED.format(5))
        with pytest.raises(FunctionWantedError, match="same"):
            check_wanted(wanted.value)
        register(connection, [function])
        assert connection.execute(PROMISED.format(5)).fetchall() == rows
        register(connection, [function])
        assert connection.execute(PROMISED.format(5)).fetchall() == rows


@pytest.mark.parametrize(
    "query",
    [
        "SELECT rank() OVER (PARTITION BY {0} ORDER BY {0}) FROM t ORDER BY {0}",
        "SELECT {0}, count(*), list(i ORDER BY {0}) FROM t GROUP BY ALL HAVING {0} IS NOT NULL",
        "SELECT * FROM t JOIN range(10) u(j) ON {0} = j",
        "SELECT list_transform([i], lambda x: {0}) FROM t",
        "SELECT (SELECT max(j) FROM range(10) u(j) WHERE {0} = j) FROM t",
        "SELECT CASE WHEN i < 10 THEN 0 WHEN {0} = 11 THEN 1 END FROM t",
    ],
)
@pytest.mark.parametrize("kind", ["long", "string", "binary", "date", "(a as integer)", "integer[]", "decimal(5,2)"])
def test_a_promised_function_may_stand_wherever_the_function_may(query: str, kind: str) -> None:
    function = _function("same", ["long"], kind, lambda value: value)
    value = "CASE WHEN i < 10 THEN i ELSE length(same(i)::VARCHAR) END"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t AS FROM range(10) t(i)")
        promise(connection, [function])
        assert connection.execute(query.format(value)).fetchall()


def test_other_errors_are_no_wish() -> None:
    with duckdb.connect() as connection, pytest.raises(duckdb.Error) as other:
        connection.execute("SELECT error('no')")
    check_wanted(other.value)


def test_what_swallows_errors_is_not_answered_with_a_promise() -> None:
    function = _function("same", ["long"], "long", lambda value: value)

    class Query:
        sql = "SELECT TRY(same(1)) AS one"
        columns = ()
        bindings: ClassVar[dict[str, Any]] = {}
        python_functions = (function,)

    with duckdb.connect() as connection:
        rows = DuckDBEngine(connection, promises=True).rows(Query())
        assert connection.execute(rows.sql).fetchall() == [(1,)]
