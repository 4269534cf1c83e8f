"""A flow over sources that are views of DuckDB: its sinks and the rows of its streams, computed by any engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar

import duckdb

from dataflow_execution.duckdb_functions import check_wanted
from dataflow_execution.errors import DataFlowRunError, cause_of
from dataflow_execution.query_engines import QueryEngine
from dataflow_execution.writers.file_formats import Rows
from mapping_dataflow import (
    CompiledFlow,
    CompiledSink,
    CompiledStream,
    Engine,
    MappingDataFlowErrors,
    SourceRequest,
    SourceSchema,
    compile_flow,
    compile_stream,
    required_sources,
    required_values,
)

Document = Mapping[str, object]
_Compiled = TypeVar("_Compiled", covariant=True)


class _Compiling(Protocol[_Compiled]):
    """Compiles something of a flow; ``values`` are what had to be computed before, by name."""

    def __call__(
        self,
        *,
        document: Document,
        sources: Mapping[str, SourceSchema],
        parameters: Mapping[str, object],
        secret_parameters: frozenset[str],
        engine: Engine,
        flowlets: Mapping[str, Document],
        values: Mapping[str, Sequence[object]],
        libraries: Sequence[Document],
    ) -> _Compiled: ...


@dataclass(frozen=True)
class FlowDocuments:
    """A flow with what its compiler needs beside the data; ``parameters`` are values of Python."""

    flow: Document
    parameters: Mapping[str, object] = field(default_factory=dict)
    flowlets: Mapping[str, Document] = field(default_factory=dict)
    libraries: Sequence[Document] = ()
    secret_parameters: frozenset[str] = frozenset()

    def requests(self, stream: str | None = None) -> tuple[SourceRequest, ...]:
        """The sources, or those that one stream needs. Raises MappingDataFlowErrors."""
        return required_sources(self.flow, self.parameters, self.flowlets, stream=stream)


class FlowRun:
    """A flow whose sources are there: ``schemas`` by stream, their relations in the connection."""

    def __init__(
        self,
        documents: FlowDocuments,
        connection: duckdb.DuckDBPyConnection,
        engine: QueryEngine,
        schemas: Mapping[str, SourceSchema],
    ) -> None:
        self._documents = documents
        self._connection = connection
        self._engine = engine
        self.schemas = schemas
        engine.take(schema.relation for schema in schemas.values())

    def compiled(self) -> CompiledFlow:
        """The compiled flow. Raises MappingDataFlowErrors with every problem of the flow."""
        return self._with_values(compile_flow)

    def compiled_at_once(self) -> CompiledFlow | None:
        """The compiled flow; None where it has problems, or values that have to be computed first."""
        try:
            return self._with({}, compile_flow)
        except MappingDataFlowErrors:
            return None

    def stream(self, name: str) -> CompiledStream:
        """One compiled stream, whatever is wrong elsewhere. Raises MappingDataFlowErrors."""
        return self._with_values(partial(compile_stream, stream=name))

    def rows_of_sink(self, sink: CompiledSink) -> Rows:
        """The rows of a sink, as a query of DuckDB. Raises DataFlowRunError."""
        marks = [mark for mark in (sink.action_column, sink.error_column) if mark is not None]
        try:
            return self._engine.rows(sink, marks)
        except DataFlowRunError as error:
            raise error.at(f"Sink '{sink.stream}'") from error

    def fetched(self, query: CompiledSink | CompiledStream, limit: int | None = None) -> list[dict[str, Any]]:
        """Rows of a sink or stream by column. Raises DataFlowRunError, and FunctionWantedError of a promised one."""
        try:
            rows = self._engine.rows(query)
            sql = rows.sql if limit is None else f"SELECT * FROM ({rows.sql}) LIMIT {limit}"
            found = self._connection.execute(sql, dict(rows.bindings)).fetchall()
        except duckdb.Error as error:
            check_wanted(error)
            raise DataFlowRunError(cause_of(error)).at(f"'{query.stream}'") from error
        except DataFlowRunError as error:
            raise error.at(f"'{query.stream}'") from error
        names = [column.name for column in query.columns]
        return [dict(zip(names, row[: len(names)], strict=True)) for row in found]

    def _with_values(self, compiling: _Compiling[_Compiled]) -> _Compiled:
        """What compiles once all is computed that its columns depend on: some values are known when others are."""
        values: dict[str, Sequence[object]] = {}
        while True:
            try:
                return self._with(values, compiling)
            except MappingDataFlowErrors:
                wanted = self._with(values, required_values)
                if not wanted:
                    raise
            for query in wanted:
                rows = self.fetched(query)
                values.update({column.name: [row[column.name] for row in rows] for column in query.columns})

    def _with(self, values: Mapping[str, Sequence[object]], compiling: _Compiling[_Compiled]) -> _Compiled:
        documents = self._documents
        return compiling(
            document=documents.flow,
            sources=self.schemas,
            parameters=documents.parameters,
            secret_parameters=documents.secret_parameters,
            engine=self._engine.compiler,
            flowlets=documents.flowlets,
            values=values,
            libraries=documents.libraries,
        )
