"""Compiles scripts and expressions of data flows and runs them in DuckDB on tables written in Markdown.

The session's time zone is not UTC on purpose: no result may depend on it.
"""

from __future__ import annotations

import atexit
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dataflow_execution.duckdb_functions import register
from dataflow_execution.query_engines import DEEP_QUERIES
from mapping_dataflow import (
    DUCKDB,
    CompiledFlow,
    CompiledSink,
    Engine,
    MappingDataFlowErrors,
    SourceSchema,
    compile_expression,
    compile_flow,
    engine_type,
    relation_columns,
)
from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import DataType
from mapping_dataflow.script.parser import parse_type

SHARED = Path(__file__).parents[3] / "shared"
"""Material beside the repository: real workspaces and the documented values of the language."""
FIXTURES = Path(__file__).parents[1] / "fixtures" / "dataflow"
Row = tuple[Any, ...]
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_connection = duckdb.connect(config=DEEP_QUERIES)
atexit.register(_connection.close)  # functions in Python keep a connection alive, which DuckDB complains of at the end
_connection.execute("SET TimeZone = 'Asia/Seoul'")


def evaluate(text: str) -> Any:
    """The value of an expression without columns, computed by DuckDB."""
    compiled = compile_expression(text)
    register(_connection, compiled.python_functions)
    return _one(compiled.sql)


def type_of(text: str) -> str:
    """The type of an expression without columns."""
    return compile_expression(text).type


def _one(sql: str) -> Any:
    row = _connection.execute(f"SELECT {sql}").fetchone()
    assert row is not None
    return row[0]


def refusal(text: str) -> str:
    """The message with which an expression without columns is refused."""
    try:
        compiled = compile_expression(text)
    except MappingDataFlowErrors as errors:
        return str(errors)
    raise AssertionError(f"{text} is not refused but compiled to {compiled.sql}")


def same(found: Any, expected: Any) -> bool:
    """True for equal values; fractions may differ in the last bits, and their types do not matter."""
    if isinstance(found, list | tuple) and isinstance(expected, list | tuple):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(found, float | Decimal) and isinstance(expected, float | Decimal | int):
        return math.isclose(found, expected, rel_tol=1e-12)
    return bool(found == expected) and isinstance(found, bool) == isinstance(expected, bool)


# ---------------------------------------------------------------- tables


@dataclass(frozen=True)
class Table:
    """Rows with named and typed columns; types are texts of the language."""

    columns: Mapping[str, str]
    rows: Sequence[Row]
    ordered: bool = False


@dataclass(frozen=True)
class Case:
    """A script with the tables of its sources and the tables its sinks must receive."""

    script: str
    sources: Mapping[str, Table]
    sinks: Mapping[str, Table]
    parameters: Mapping[str, object] = field(default_factory=dict)


def read_case(path: Path) -> Case:
    """The case of a ``.dfs`` file: its tables stand in the ``.md`` file of the same name."""
    text = path.with_suffix(".md").read_text(encoding="utf-8")
    parts = _SECTION.split(text)[1:]
    tables: dict[str, dict[str, Table]] = {"source": {}, "sink": {}, "parameters": {}}
    for heading, body in zip(parts[::2], parts[1::2], strict=True):
        kind, _, rest = heading.partition(" ")
        name, _, order = rest.partition(", ")
        tables[kind][name] = table_of(body, ordered=order == "in order")
    given = tables["parameters"].get("")
    parameters = dict(zip(given.columns, given.rows[0], strict=True)) if given else {}
    return Case(path.read_text(encoding="utf-8"), tables["source"], tables["sink"], parameters)


def table_of(text: str, *, ordered: bool = False) -> Table:
    """A Markdown table: ``| name as type | … |``, a line of dashes, rows. ``null`` is null, texts may be JSON."""
    lines = [_cells(line) for line in text.splitlines() if line.lstrip().startswith("|")]
    header = [cell.partition(" as ") for cell in lines[0]]
    kinds = [data_type(kind) for _, _, kind in header]
    rows = [tuple(_cell(cell, kind) for cell, kind in zip(line, kinds, strict=True)) for line in lines[2:]]
    return Table({name: kind for name, _, kind in header}, rows, ordered)


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def data_type(text: str) -> DataType:
    """The type that a text of the language means."""
    return datatypes.from_syntax(parse_type(text))


def _cell(text: str, kind: DataType) -> Any:
    plain = kind in (datatypes.STRING, datatypes.DATE, datatypes.TIMESTAMP, datatypes.BINARY)
    quoted = text.startswith('"') or text == "null"
    return _value(text if plain and not quoted else json.loads(text, parse_float=Decimal), kind)


def _value(value: Any, kind: DataType) -> Any:
    """A value of JSON as DuckDB returns it."""
    if value is None:
        return None
    match kind:
        case datatypes.Array():
            return [_value(item, kind.element) for item in value]
        case datatypes.Struct():
            return {name: _value(value.get(name), inner) for name, inner in kind.fields}
        case datatypes.Map():
            return {_value(key, kind.key): _value(item, kind.value) for key, item in value.items()}
        case datatypes.Decimal():
            return Decimal(value)
    readers: Mapping[DataType, Any] = {
        datatypes.DATE: date.fromisoformat,
        datatypes.TIMESTAMP: datetime.fromisoformat,
        datatypes.BINARY: bytes.fromhex,
        datatypes.DOUBLE: float,
        datatypes.FLOAT: float,
    }
    return readers[kind](value) if kind in readers else value


def _sql(value: Any, kind: DataType) -> str:
    return f"CAST({_literal(value, kind)} AS {engine_type(str(kind))})"


def _literal(value: Any, kind: DataType) -> str:
    if value is None:
        return "NULL"
    match kind:
        case datatypes.Array():
            return f"[{', '.join(_sql(item, kind.element) for item in value)}]"
        case datatypes.Struct():
            fields = (f"{_quoted(name)}: {_sql(value[name], inner)}" for name, inner in kind.fields)
            return f"{{{', '.join(fields)}}}"
        case datatypes.Map():
            return (
                "MAP {"
                + ", ".join(f"{_sql(key, kind.key)}: {_sql(item, kind.value)}" for key, item in value.items())
                + "}"
            )
    return f"unhex('{value.hex()}')" if isinstance(value, bytes) else _quoted(str(value))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


# ---------------------------------------------------------------- flows


def document_of(script: str, name: str = "flow", kind: str = "MappingDataFlow") -> dict[str, Any]:
    """The document of a flow, or of a flowlet, with this script."""
    return {"name": name, "properties": {"type": kind, "typeProperties": {"script": script}}}


def flowlets_of(scripts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The documents of flowlets with these scripts."""
    return {name: document_of(script, name, "Flowlet") for name, script in scripts.items()}


def compile_script(
    script: str,
    sources: Mapping[str, Mapping[str, str]] | None = None,
    parameters: Mapping[str, object] | None = None,
    secret: frozenset[str] = frozenset(),
    flowlets: Mapping[str, str] | None = None,
    engine: Engine = DUCKDB,
) -> CompiledFlow:
    """The compiled flow of a script, given the columns of its sources."""
    schemas = {name: SourceSchema(columns) for name, columns in (sources or {}).items()}
    return compile_flow(document_of(script), schemas, parameters, secret, engine, flowlets=flowlets_of(flowlets or {}))


def script_errors(
    script: str,
    sources: Mapping[str, Mapping[str, str]] | None = None,
    parameters: Mapping[str, object] | None = None,
    flowlets: Mapping[str, str] | None = None,
) -> str:
    """The message with which a script is refused."""
    try:
        compile_script(script, sources, parameters, flowlets=flowlets)
    except MappingDataFlowErrors as errors:
        return str(errors)
    raise AssertionError("the script is not refused")


def run_script(
    script: str,
    sources: Mapping[str, Table],
    parameters: Mapping[str, object] | None = None,
    flowlets: Mapping[str, str] | None = None,
) -> dict[str, Table]:
    """What every sink of a script receives."""
    columns = {name: table.columns for name, table in sources.items()}
    return run_flow(compile_script(script, columns, parameters, flowlets=flowlets), sources)


def run_flow(flow: CompiledFlow, sources: Mapping[str, Table]) -> dict[str, Table]:
    """What every sink of a compiled flow receives."""
    cursor = _connection.cursor()
    try:
        for name, table in sources.items():
            load(cursor, name, table)
        found: dict[str, Table] = {}
        for sink in flow.sinks:
            register(_connection, sink.python_functions)  # they live as long as what registered them
            rows = cursor.execute(sink.sql, dict(sink.bindings)).fetchall()
            found[sink.stream] = Table(columns_of(sink), rows)
        return found
    finally:
        for name in sources:
            cursor.execute(f"DROP TABLE IF EXISTS {_identifier(name)}")
        cursor.close()


def columns_of(sink: CompiledSink) -> dict[str, str]:
    """The types of a sink's columns by name, those with the marks of its rows behind the others."""
    marks = {sink.action_column: "string", sink.error_column: "(id as string, message as string)[]"}
    columns = {column.name: column.type for column in sink.columns}
    return columns | {name: kind for name, kind in marks.items() if name is not None}


def load(cursor: duckdb.DuckDBPyConnection, name: str, table: Table) -> None:
    kinds = {column: data_type(kind) for column, kind in table.columns.items()}
    keys = zip(relation_columns(kinds), kinds.values(), strict=True)
    columns = ", ".join(f"{_identifier(key)} {engine_type(str(kind))}" for key, kind in keys)
    cursor.execute(f"CREATE TABLE {_identifier(name)} ({columns})")
    for row in table.rows:
        values = ", ".join(_sql(value, kind) for value, kind in zip(row, kinds.values(), strict=True))
        cursor.execute(f"INSERT INTO {_identifier(name)} VALUES ({values})")
