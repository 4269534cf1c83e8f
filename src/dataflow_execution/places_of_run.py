"""Places of sources and sinks, and names of files, that the clock of the run decides, such as
``'raw/' + toString(currentDate(), 'yyyy/MM/dd')``."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from dataflow_execution.values_of_run import names_now, several
from mapping_dataflow import CompiledSink, SourceRequest


def source_placed_now(connection: duckdb.DuckDBPyConnection, request: SourceRequest) -> SourceRequest:
    """The source with the places that its properties give now. Raises DataFlowRunError."""
    if not request.places_of_run:
        return request
    found = names_now(connection, request.places_of_run, f"at Source '{request.stream}'")
    paths, root = found.get("wildcardPaths"), found.get("partitionRootPath")
    return replace(
        request,
        wildcard_paths=request.wildcard_paths if paths is None else several(paths),
        partition_root_path=request.partition_root_path if root is None else root,
        settings={**request.settings, **found},
        places_of_run={},
    )


def sink_placed_now(connection: duckdb.DuckDBPyConnection, sink: CompiledSink) -> CompiledSink:
    """The sink with the places and names of files that its properties give now. Raises DataFlowRunError."""
    settings = sink.settings
    if not settings.places_of_run:
        return sink
    found = names_now(connection, settings.places_of_run, f"at Sink '{sink.stream}'")
    names = found.get("partitionFileNames")
    placed = replace(
        settings,
        file_names=settings.file_names if names is None else several(names),
        file_pattern=found.get("filePattern", settings.file_pattern),
        folder_path=found.get("folderPath", settings.folder_path),
        properties={**settings.properties, **found},
        places_of_run={},
    )
    return replace(sink, settings=placed)
