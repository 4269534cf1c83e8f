"""Places of sources and sinks that the clock of the run decides: ``'raw/' + toString(currentDate(), 'yyyy/MM/dd')``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import duckdb

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.values_of_run import value_now
from mapping_dataflow import CompiledSink, SourceRequest
from mapping_dataflow.expressions import TypedExpression


def source_placed_now(connection: duckdb.DuckDBPyConnection, request: SourceRequest) -> SourceRequest:
    """The source with the places that its properties give now. Raises DataFlowRunError."""
    if not request.places_of_run:
        return request
    found = _values(connection, request.places_of_run, f"at Source '{request.stream}'")
    paths, root = found.get("wildcardPaths"), found.get("partitionRootPath")
    return replace(
        request,
        wildcard_paths=request.wildcard_paths if paths is None else _several(paths),
        partition_root_path=request.partition_root_path if root is None else root,
        settings={**request.settings, **found},
        places_of_run={},
    )


def sink_placed_now(connection: duckdb.DuckDBPyConnection, sink: CompiledSink) -> CompiledSink:
    """The sink with the places that its properties give now. Raises DataFlowRunError."""
    settings = sink.settings
    if not settings.places_of_run:
        return sink
    found = _values(connection, settings.places_of_run, f"at Sink '{sink.stream}'")
    folder = found.get("folderPath", settings.folder_path)
    placed = replace(settings, folder_path=folder, properties={**settings.properties, **found}, places_of_run={})
    return replace(sink, settings=placed)


def _values(
    connection: duckdb.DuckDBPyConnection, expressions: Mapping[str, TypedExpression], where: str
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, expression in expressions.items():
        failure = f"{where}: {name} gives no name"
        value = value_now(connection, expression, failure)
        if not all(isinstance(one, str) and one for one in _several(value)):
            raise DataFlowRunError(failure, hint="a part of it is null")
        found[name] = value
    return found


def _several(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)
