"""Every flow of the real workspaces runs on empty sources, or what is refused is named with its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import duckdb
import pytest
from corpus_flows import FLOWS
from dataflow_bench import document_of

from dataflow_execution.duckdb_functions import register
from mapping_dataflow import MappingDataFlowErrors, ScriptError, SourceSchema, compile_flow, engine_type, parse_flow
from mapping_dataflow.script import syntax
from mapping_dataflow.script.printer import print_script, print_type

VALUES: Mapping[str, object] = {"string": "x", "integer": 1, "long": 1, "boolean": True, "double": 1.0, "float": 1.0}


FILES = {"allowSchemaDrift", "skipDuplicateMapInputs", "skipDuplicateMapOutputs"}


def _about_rows(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The flow without what its sources and sinks say about their stores, which are mostly no files."""
    script = parse_flow(document).script
    statements = []
    for statement in script.statements:
        if statement.verb in ("source", "sink"):
            kept = [one for one in statement.arguments if not isinstance(one, syntax.Property) or one.name in FILES]
            statement = replace(statement, arguments=tuple(kept))
        statements.append(statement)
    return document_of(print_script(replace(script, statements=tuple(statements))))


def _schemas(document: Mapping[str, Any]) -> dict[str, SourceSchema]:
    """The declared columns of every source of a flow."""
    found: dict[str, SourceSchema] = {}
    for statement in parse_flow(document).script.statements:
        if statement.verb == "source":
            declared = [argument for argument in statement.arguments if isinstance(argument, syntax.Columns)]
            fields = declared[0].fields if declared else ()
            columns = {field.name: print_type(field.type) for field in fields}
            found[statement.name] = SourceSchema(columns or {"only": "string"})
    return found


def _parameters(document: Mapping[str, Any]) -> dict[str, object]:
    """A value for every parameter without a default."""
    declarations = parse_flow(document).script.parameters
    missing = [declaration for declaration in declarations if declaration.default is None]
    return {one.name: VALUES.get(print_type(one.type)) for one in missing}


def _refusals(name: str) -> tuple[ScriptError, ...]:
    """The problems of a flow; none for one that compiles and whose queries DuckDB runs."""
    document = _about_rows(FLOWS[name])
    schemas = _schemas(document)
    try:
        flow = compile_flow(document, schemas, _parameters(document))
    except MappingDataFlowErrors as errors:
        return errors.errors
    with duckdb.connect() as connection:
        for stream, schema in schemas.items():
            columns = ", ".join(f'"{column}" {engine_type(kind)}' for column, kind in schema.columns.items())
            connection.execute(f'CREATE TABLE "{stream}" ({columns})')
        for sink in flow.sinks:
            register(connection, sink.python_functions)
            found = connection.execute(sink.sql, dict(sink.bindings))
            assert len(found.description) == len(sink.columns)
    return ()


@pytest.mark.parametrize("name", sorted(FLOWS))
def test_a_real_flow_runs_or_every_refusal_has_its_place(name: str) -> None:
    assert [error for error in _refusals(name) if error.span.end <= error.span.start] == []


def test_more_than_half_of_the_real_flows_run() -> None:
    assert Counter(not _refusals(name) for name in FLOWS) == {True: 58, False: 23}
