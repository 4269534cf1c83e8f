"""Tries real data flows: compiles one for both engines and runs it in DuckDB on random rows of its sources."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
from dataflow_bench import Table, data_type, document_of, load

from dataflow_execution.duckdb_functions import register
from mapping_dataflow import (
    SPARK,
    CompiledFlow,
    CompiledSink,
    CompiledStream,
    Engine,
    MappingDataFlowErrors,
    ScriptError,
    SourceRequest,
    SourceSchema,
    compile_flow,
    parse_flow,
    required_sources,
    required_values,
)
from mapping_dataflow.analysis import datatypes
from mapping_dataflow.analysis.datatypes import DataType
from mapping_dataflow.script import syntax
from mapping_dataflow.script.printer import print_script, print_type

Document = Mapping[str, Any]
_ROWS = 4
_PARAMETERS: Mapping[str, object] = {
    "integer": 1,
    "long": 1,
    "boolean": True,
    "double": 1.0,
    "float": 1.0,
}
_ABOUT_ROWS = {
    "allowSchemaDrift",
    "deletable",
    "ignoreAssertFailedRows",
    "insertable",
    "keys",
    "outputAssertFailedRows",
    "rowUrlColumn",
    "skipDuplicateMapInputs",
    "skipDuplicateMapOutputs",
    "store",
    "updateable",
    "upsertable",
}
"""Properties of sources and sinks that are not about files, tables and services."""


@dataclass(frozen=True)
class Trial:
    """What came of a flow: its problems (none: it ran), and whether it declares the columns of all its sources."""

    errors: tuple[ScriptError, ...]
    known_schema: bool


def about_rows(document: Document) -> Document:
    """The flow without what its sources and sinks say about their stores, which are mostly no files."""
    script = parse_flow(document).script
    statements = []
    for statement in script.statements:
        if statement.verb in ("source", "sink"):
            kept = [
                one for one in statement.arguments if not isinstance(one, syntax.Property) or one.name in _ABOUT_ROWS
            ]
            statement = replace(statement, arguments=tuple(kept))
        statements.append(statement)
    printed = print_script(replace(script, statements=tuple(statements)))
    return document_of(printed, document["name"], document["properties"]["type"])


def try_flow(document: Document, flowlets: Mapping[str, Document], libraries: Sequence[Document] = ()) -> Trial:
    """Compiles a flow and runs it. Raises what DuckDB raises, except for an assertion that fails the run."""
    document = about_rows(document)
    flowlets = {name: about_rows(flowlet) for name, flowlet in flowlets.items()}
    try:
        requests = required_sources(document, _parameters(document, ""), flowlets)
    except MappingDataFlowErrors as errors:
        return Trial(errors.errors, True)
    known = all(request.columns for request in requests)
    with loaded(_tables(requests)) as connection:
        flow = _Flow(document, flowlets, libraries, _tables(requests), connection)
        return Trial(flow.run(), known)


@dataclass(frozen=True)
class RunnableFlow:
    """A flow compiled for random rows of its sources, the rows, and the values of its parameters."""

    document: Document
    flow: CompiledFlow
    tables: Mapping[str, Table]
    parameters: Mapping[str, object]

    def outputs(self, tables: Mapping[str, Table]) -> Mapping[tuple[str, str], list[str]]:
        """The values of every sink column, in no order, on other rows of the sources."""
        with loaded(tables) as connection:
            found = {sink.stream: (sink, _rows(sink, connection)) for sink in self.flow.sinks}
        return {
            (stream, column.name): sorted(repr(row[index]) for row in rows)
            for stream, (sink, rows) in found.items()
            for index, column in enumerate(sink.columns)
        }


def runnable(
    document: Document,
    flowlets: Mapping[str, Document],
    libraries: Sequence[Document] = (),
    parameters: Mapping[str, object] | None = None,
) -> RunnableFlow | None:
    """A flow that can be run again and again on other rows; None for one that is refused."""
    document = about_rows(document)
    flowlets = {name: about_rows(flowlet) for name, flowlet in flowlets.items()}
    try:
        tables = _tables(required_sources(document, _parameters(document, ""), flowlets))
        with loaded(tables) as connection:
            flow = _Flow(document, flowlets, libraries, tables, connection, parameters or {})
            return RunnableFlow(document, flow.compiled(), tables, flow.parameters)
    except MappingDataFlowErrors:
        return None


@contextmanager
def loaded(tables: Mapping[str, Table]) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with the rows of the sources."""
    with duckdb.connect() as connection:
        for stream, table in tables.items():
            load(connection, stream, table)
        yield connection


def _tables(requests: Sequence[SourceRequest]) -> Mapping[str, Table]:
    return {one.stream: _table(_columns(one), one.stream) for one in requests}


def _columns(request: SourceRequest) -> Mapping[str, str]:
    """The declared columns of a source and the one that shall hold the names of its files."""
    named = {request.file_name_column: "string"} if request.file_name_column else {}
    return {**(request.columns or {"only": "string"}), **named}


@dataclass(frozen=True)
class _Flow:
    """A flow with everything that its run needs."""

    document: Document
    flowlets: Mapping[str, Document]
    libraries: Sequence[Document]
    tables: Mapping[str, Table]
    connection: duckdb.DuckDBPyConnection
    given: Mapping[str, object] = field(default_factory=dict)

    @property
    def parameters(self) -> Mapping[str, object]:
        """A value for every parameter without a default, and those that are given."""
        column = next((name for table in self.tables.values() for name in table.columns), "x")
        declared = {one.name for one in parse_flow(self.document).script.parameters}
        given = {name: value for name, value in self.given.items() if name in declared}
        return {**_parameters(self.document, column), **given}

    def compiled(self, also: Engine | None = None) -> CompiledFlow:
        """The flow for DuckDB, and to see whether that is possible for another engine. Raises MappingDataFlowErrors."""
        schemas = {stream: SourceSchema(table.columns) for stream, table in self.tables.items()}
        given: dict[str, Any] = {"flowlets": self.flowlets, "libraries": self.libraries}
        pivots: dict[str, list[object]] = {}
        while waiting := required_values(self.document, schemas, self.parameters, values=pivots, **given):
            for stream in waiting:
                columns = zip(*_rows(stream, self.connection), strict=True)
                pivots |= {one.name: list(found) for one, found in zip(stream.columns, columns, strict=True)}
        if also is not None:
            compile_flow(self.document, schemas, self.parameters, engine=also, values=pivots, **given)
        return compile_flow(self.document, schemas, self.parameters, values=pivots, **given)

    def run(self) -> tuple[ScriptError, ...]:
        """The problems of the flow; without any, it has run."""
        try:
            flow = self.compiled(also=SPARK)
        except MappingDataFlowErrors as errors:
            return errors.errors
        for sink in flow.sinks:
            rows = _rows(sink, self.connection)
            width = len(sink.columns) + sum(mark is not None for mark in (sink.action_column, sink.error_column))
            assert all(len(row) == width for row in rows)
        return ()


def _rows(query: CompiledSink | CompiledStream, connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    register(connection, query.python_functions)
    try:
        return connection.execute(query.sql, dict(query.bindings)).fetchall()
    except duckdb.InvalidInputException as error:
        if "assert " in str(error):
            return []
        raise


def _parameters(document: Document, text: str) -> dict[str, object]:
    """A value for every parameter without a default; of a text, which is often the name of a column, ``text``."""
    declarations = parse_flow(document).script.parameters
    missing = [declaration for declaration in declarations if declaration.default is None]
    values = {**_PARAMETERS, "string": text}
    return {one.name: values.get(print_type(one.type)) for one in missing}


# ---------------------------------------------------------------- random rows


def _table(columns: Mapping[str, str], seed: str) -> Table:
    chance = random.Random(seed)
    kinds = [data_type(kind) for kind in columns.values()]
    return Table(columns, [tuple(_value(kind, chance) for kind in kinds) for _ in range(_ROWS)])


def changed(table: Table, column: str, chance: random.Random) -> Table:
    """The table with other values in one column."""
    index = list(table.columns).index(column)
    kind = data_type(table.columns[column])
    rows = [(*row[:index], _value(kind, chance), *row[index + 1 :]) for row in table.rows]
    return replace(table, rows=rows)


def _value(kind: DataType, chance: random.Random) -> Any:
    if chance.random() < 0.2:
        return None
    match kind:
        case datatypes.Array():
            return [_value(kind.element, chance) for _ in range(chance.randrange(3))]
        case datatypes.Struct():
            return {name: _value(inner, chance) for name, inner in kind.fields}
        case datatypes.Map():
            return {key: _value(kind.value, chance) for key in {_present(kind.key, chance) for _ in range(2)}}
    return _present(kind, chance)


_SIMPLE: Mapping[str, Callable[[random.Random], Any]] = {
    "boolean": lambda chance: chance.random() < 0.5,
    "string": lambda chance: chance.choice(["", "a", "B c", "10", "2.5", "2020-01-02", "x|y", "true", "ünï"]),
    "date": lambda chance: date(2020, 1 + chance.randrange(12), 1 + chance.randrange(28)),
    "timestamp": lambda chance: datetime.fromisoformat(f"2020-02-{1 + chance.randrange(28):02}T10:20:30"),
    "float": lambda chance: chance.choice([0.0, 1.5, -2.25]),
    "double": lambda chance: chance.choice([0.0, 1.5, -2.25, 1e9]),
    "binary": lambda chance: bytes([chance.randrange(256), 65]),
}


def _present(kind: DataType, chance: random.Random) -> Any:
    if isinstance(kind, datatypes.Decimal):
        return Decimal(chance.randrange(10)).scaleb(-min(kind.scale, 1))
    simple = _SIMPLE.get(str(kind))
    return simple(chance) if simple else chance.randrange(-1, 4)
