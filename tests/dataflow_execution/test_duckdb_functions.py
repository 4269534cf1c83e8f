"""Functions in Python are called from SQL, over whole columns, with nulls."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from typing import Any, ClassVar

import duckdb
import pytest
from dataflow_bench import data_type

from dataflow_execution.duckdb_functions import FunctionWantedError, check_wanted, promise, register
from dataflow_execution.query_engines import DuckDBEngine
from mapping_dataflow import PythonFunction


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
