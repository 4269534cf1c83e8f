"""Runs a data flow of the repository on tables in DuckDB, without any service: what its sinks would write, as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dataflow_execution.duckdb_functions import register
from mapping_dataflow import SourceSchema, compile_flow, required_sources
from mapping_dataflow.requests import SourceRequest

ROOT = Path(__file__).parents[2] / "pipelines_json"
KEY = "0123456789abcdef0123456789abcdef"
EVERYTHING: dict[str, object] = {
    "pseudonymKey": KEY,
    "runFolder": "_staging/run",
    "windowStart": "0001-01-01 00:00:00",
    "windowEnd": "9999-12-31 23:59:59",
    "existingYears": "0",
    "referenceYear": 2026,
    "includeEventOffsets": False,
}
"""Parameters of a full run of the patients' data flow."""
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Written:
    """What one sink writes: the names of the columns of the query (the file's name among them) and the rows."""

    columns: tuple[str, ...]
    data_columns: tuple[str, ...]
    rows: Sequence[Row]

    def dicts(self) -> list[dict[str, Any]]:
        """The rows by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def flow_document(name: str) -> Mapping[str, Any]:
    """The document of a data flow."""
    document: Mapping[str, Any] = json.loads((ROOT / "dataflow" / f"{name}.json").read_text(encoding="utf-8"))
    return document


def script_of(name: str) -> str:
    """The script of a data flow as one text."""
    return "\n".join(flow_document(name)["properties"]["typeProperties"]["scriptLines"])


def run_flow(
    name: str,
    parameters: Mapping[str, object],
    tables: Mapping[str, str],
    connection: duckdb.DuckDBPyConnection,
) -> dict[str, Written]:
    """Everything that the sinks write; `tables` maps each source to a table of the connection (none: no rows)."""
    document = flow_document(name)
    schemas = {
        request.stream: _schema(request, tables.get(request.stream), connection)
        for request in required_sources(document, parameters)
    }
    secret = frozenset({"pseudonymKey"} & parameters.keys())
    written: dict[str, Written] = {}
    for sink in compile_flow(document, schemas, parameters, secret).sinks:
        register(connection, sink.python_functions)
        found = connection.execute(sink.sql, dict(sink.bindings))
        columns = tuple(str(column[0]) for column in found.description or ())
        data_columns = tuple(column.name for column in sink.data_columns)
        written[sink.stream] = Written(columns, data_columns, found.fetchall())
    return written


def _schema(request: SourceRequest, table: str | None, connection: duckdb.DuckDBPyConnection) -> SourceSchema:
    if table is None:
        table = f"nothing_{request.stream}"
        columns = ", ".join(f'NULL::VARCHAR AS "{column}"' for column in request.columns)
        connection.execute(f"CREATE TABLE {table} AS SELECT {columns} WHERE FALSE")
    relation = connection.table(table)
    kinds = {str(name): _language_type(kind) for name, kind in zip(relation.columns, relation.types, strict=True)}
    return SourceSchema(kinds, table)


def _language_type(kind: Any) -> str:
    if kind.id == "list":
        return f"{_language_type(dict(kind.children)['child'])}[]"
    if kind.id == "struct":
        return "(" + ", ".join(f"{{{name}}} as {_language_type(inner)}" for name, inner in kind.children) + ")"
    return {
        "bigint": "long",
        "varchar": "string",
        "double": "double",
        "json": "string",
    }[kind.id]
