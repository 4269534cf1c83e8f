"""Expressions over the same rows on both engines, and where their values differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from dataflow_bench import Row, Table, compile_script
from random_rows import alike
from spark_bench import arrow_table, rows_of_sink, spark

from dataflow_execution.duckdb_functions import register
from mapping_dataflow import DUCKDB, SPARK, CompiledSink, Engine, MappingDataFlowErrors

_SOURCE = "rows"
_IN_A_QUERY = 150
"""Expressions; more would make a query that is slow to compile."""


def source_script(columns: Mapping[str, str]) -> str:
    """The statement that reads the rows."""
    listed = ", ".join(f"{name} as {kind}" for name, kind in columns.items())
    return f"source(output({listed}), allowSchemaDrift: false) ~> {_SOURCE}\n"


def refusals(expressions: Sequence[str], columns: Mapping[str, str], engine: Engine) -> dict[str, str]:
    """The expressions that an engine refuses, and what it says."""
    found: dict[str, str] = {}
    remaining = list(expressions)
    while True:  # problems of the language hide those of the engine
        lines = [f"{_SOURCE} derive(r = {text}) ~> d{number}" for number, text in enumerate(remaining)]
        script = source_script(columns) + "\n".join(lines) + f"\n{_SOURCE} sink() ~> out"
        try:
            compile_script(script, {_SOURCE: columns}, engine=engine)
        except MappingDataFlowErrors as errors:
            refused = {remaining[one.position.line - 2]: one.cause for one in errors.errors}
            found |= refused
            remaining = [text for text in remaining if text not in refused]
        else:
            return found


def _sinks(expressions: Sequence[str], columns: Mapping[str, str], engine: Engine) -> list[CompiledSink]:
    sinks: list[CompiledSink] = []
    for first in range(0, len(expressions), _IN_A_QUERY):
        chunk = expressions[first : first + _IN_A_QUERY]
        items = ", ".join(f"r{number} = {text}" for number, text in enumerate(chunk))
        kept = ", ".join(["place", *(f"r{number}" for number in range(len(chunk)))])
        script = f"{_SOURCE} derive({items}) ~> d\nd select(mapColumn({kept})) ~> s\ns sink() ~> out"
        (sink,) = compile_script(source_script(columns) + script, {_SOURCE: columns}, engine=engine).sinks
        sinks.append(sink)
    return sinks


def _by_expression(expressions: Sequence[str], results: Sequence[Sequence[Row]]) -> dict[str, list[Any]]:
    columns: list[list[Any]] = []
    for rows in results:
        ordered = sorted(rows, key=lambda row: row[0])
        columns += [list(column) for column in zip(*ordered, strict=True)][1:]
    return dict(zip(expressions, columns, strict=True))


def on_duckdb(expressions: Sequence[str], table: Table) -> dict[str, list[Any]]:
    """The values of the expressions for the rows, in order of ``place``."""
    with duckdb.connect() as connection:
        connection.register(_SOURCE, arrow_table(table))
        results: list[list[Row]] = []
        for sink in _sinks(expressions, table.columns, DUCKDB):
            register(connection, sink.python_functions)
            results.append(connection.execute(sink.sql).fetchall())
    return _by_expression(expressions, results)


def on_spark(expressions: Sequence[str], table: Table) -> dict[str, list[Any]]:
    """The same on Spark."""
    spark().add_table(_SOURCE, arrow_table(table))
    try:
        sinks = _sinks(expressions, table.columns, SPARK)
        return _by_expression(expressions, [rows_of_sink(sink) for sink in sinks])
    finally:
        spark().drop_table(_SOURCE)


def disagreements(table: Table, first: Mapping[str, Sequence[Any]], second: Mapping[str, Sequence[Any]]) -> list[str]:
    """One line for every expression whose values differ: the arguments and both values of the first such row."""
    lines: list[str] = []
    names = list(table.columns)
    for text, values in first.items():
        pairs = zip(values, second[text], strict=True)
        place = next((number for number, (one, other) in enumerate(pairs) if not alike(one, other)), None)
        if place is not None:
            given = {name: table.rows[place][index] for index, name in enumerate(names) if name in text}
            lines.append(f"{text} of {given}: DuckDB {values[place]!r}, Spark {second[text][place]!r}")
    return lines
