"""Names of files that the clock of the run decides, such as ``'audit_' + toString(currentUTC(), 'yyyyMMdd')``."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.values_of_run import value_now
from mapping_dataflow import CompiledSink, SinkSettings


def named_now(connection: duckdb.DuckDBPyConnection, sink: CompiledSink) -> CompiledSink:
    """The sink with the names that its settings give now. Raises DataFlowRunError."""
    settings = sink.settings
    for name in settings.names_of_run:
        settings = _with_names(settings, name, _texts(connection, sink, name))
    return replace(sink, settings=settings)


def _with_names(settings: SinkSettings, name: str, texts: tuple[str, ...]) -> SinkSettings:
    if name == "filePattern":
        return replace(settings, file_pattern=texts[0])
    return replace(settings, file_names=texts)


def _texts(connection: duckdb.DuckDBPyConnection, sink: CompiledSink, name: str) -> tuple[str, ...]:
    failure = f"at Sink '{sink.stream}': {name} gives no name"
    found = value_now(connection, sink.settings.names_of_run[name], failure)
    texts = tuple(found) if isinstance(found, list) else (found,)
    if not all(isinstance(one, str) and one for one in texts):
        raise DataFlowRunError(failure, hint="a part of it is null")
    return texts
