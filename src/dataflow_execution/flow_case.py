"""A data flow under test: rows go in, rows come out, no file is read or written but the flow's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.flow_folder import flowlets_beside, libraries_beside, read_flow
from dataflow_execution.flow_run import FlowDocuments, FlowRun
from dataflow_execution.given_rows import GivenRows, rows_of_table, view_of_rows
from dataflow_execution.query_engines import DuckDBEngine, QueryEngine
from dataflow_execution.row_table import row_table
from mapping_dataflow import CompiledFlow, CompiledSink, CompiledStream, SourceRequest, SourceSchema, parse_flow

EngineFor = Callable[[duckdb.DuckDBPyConnection, Path], QueryEngine]


class FlowRows(list[dict[str, Any]]):
    """Rows of a sink or stream; they equal a list of dictionaries, or a table of Markdown, with the same rows.

    ``types`` are the columns and their types in the language's words.
    """

    def __init__(self, place: str, types: Mapping[str, str], rows: Iterable[dict[str, Any]]) -> None:
        super().__init__(rows)
        self.place = place
        self.types = types

    def expected(self, other: object) -> object:
        """What the rows are compared with: a table of Markdown as its rows."""
        return rows_of_table(other, self.types) if isinstance(other, str) else other

    def __eq__(self, other: object) -> bool:
        return list(self) == self.expected(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # as lists have none

    def __str__(self) -> str:
        return row_table(list(self.types.items()), self)


class DataFlowCase:
    """One flow with its parameters and the rows of its sources. Close it when the test is over."""

    def __init__(
        self, path: Path, parameters: Mapping[str, object] | None = None, engine: EngineFor | None = None
    ) -> None:
        found = read_flow(path)
        flow = parse_flow(found.document)
        self._documents = FlowDocuments(
            found.document, dict(parameters or {}), flowlets_beside(path, flow), libraries_beside(path, flow)
        )
        self._stack = ExitStack()
        folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="dataflow-case-")))
        self._connection = self._stack.enter_context(duckdb.connect())
        self._connection.execute("SET TimeZone = 'UTC'")
        self._engine = engine(self._connection, folder) if engine else DuckDBEngine(self._connection)
        self._requests = {request.stream: request for request in self._documents.requests()}
        self._schemas: dict[str, SourceSchema] = {}
        self._compiled: CompiledFlow | None = None

    def close(self) -> None:
        """Forget all rows."""
        self._stack.close()

    def source(self, stream: str, rows: GivenRows) -> None:
        """The rows of a source: dictionaries, or a table of Markdown. A source that is given none has none.

        Raises DataFlowRunError for a source that the flow does not have, and for a column that the source does not
        declare and does not let through.
        """
        request = self._requests.get(stream)
        if request is None:
            raise DataFlowRunError(f"there is no source {stream!r}", expected="one of " + ", ".join(self._requests))
        schema = self._view(request, rows)
        unknown = [name for name in schema.columns if name not in request.columns]
        if unknown and request.columns and not request.settings.get("allowSchemaDrift"):
            raise DataFlowRunError(
                f"the source {stream!r} has no column {unknown[0]!r}", expected="one of " + ", ".join(request.columns)
            )
        self._schemas[stream] = schema
        self._compiled = None

    def _view(self, request: SourceRequest, rows: GivenRows) -> SourceSchema:
        # By number: DuckDB does not tell names apart that differ in case alone.
        number = list(self._requests).index(request.stream)
        return view_of_rows(self._connection, f"rows of source {number}", rows, _declared(request))

    def sink(self, stream: str) -> FlowRows:
        """The rows that a sink gets, columns that name its files among them. Raises what compiling and running do."""
        run = self._run(tuple(self._requests.values()))
        self._compiled = self._compiled or run.compiled()
        found = next((sink for sink in self._compiled.sinks if sink.stream == stream), None)
        if found is None:
            listed = ", ".join(sink.stream for sink in self._compiled.sinks)
            raise DataFlowRunError(f"there is no sink {stream!r}", expected=f"one of {listed}")
        return self._rows(run, f"sink {stream!r}", found)

    def stream(self, stream: str) -> FlowRows:
        """The rows after a transformation (``split@output`` for one output of several)."""
        run = self._run(self._documents.requests(stream))
        return self._rows(run, f"stream {stream!r}", run.stream(stream))

    def _run(self, requests: tuple[SourceRequest, ...]) -> FlowRun:
        for request in requests:
            if request.stream not in self._schemas:
                self._schemas[request.stream] = self._view(request, [])
        schemas = {request.stream: self._schemas[request.stream] for request in requests}
        return FlowRun(self._documents, self._connection, self._engine, schemas)

    def _rows(self, run: FlowRun, place: str, query: CompiledSink | CompiledStream) -> FlowRows:
        types = {column.name: column.type for column in query.columns}
        return FlowRows(place, types, run.fetched(query))


def _declared(request: SourceRequest) -> dict[str, str]:
    """The columns that a source has whatever its rows say."""
    name = request.file_name_column
    return {**request.columns, **({name: "string"} if name and name not in request.columns else {})}


def comparison(found: FlowRows, other: object) -> list[str]:
    """Lines that tell how rows differ from what was expected: ``-`` is expected, ``+`` was found."""
    wanted = found.expected(other)
    if not isinstance(wanted, list) or not all(isinstance(row, dict) for row in wanted):
        return [f"rows of {found.place} are no {type(other).__name__}"]
    columns = dict(found.types)
    for row in wanted:
        columns.update({name: "?" for name in row if name not in columns})
    named = list(columns.items())
    filled = [[{name: row.get(name) for name in columns} for row in rows] for rows in (wanted, found)]
    table = row_table(named, [*filled[0], *filled[1]]).splitlines()
    expected, seen = table[2 : 2 + len(wanted)], table[2 + len(wanted) :]
    lines = [f"rows of {found.place} differ (- expected, + found):", *(f"  {line}" for line in table[:2])]
    for index in range(max(len(expected), len(seen))):
        pair = (expected[index : index + 1], seen[index : index + 1])
        same = index < min(len(wanted), len(found)) and wanted[index] == found[index]
        lines += [f"  {line}" for line in pair[1]] if same else [f"- {line}" for line in pair[0]]
        lines += [] if same else [f"+ {line}" for line in pair[1]]
    return lines
