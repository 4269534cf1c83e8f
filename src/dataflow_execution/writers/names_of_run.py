"""Names of files that the clock of the run decides, such as ``'audit_' + toString(currentUTC(), 'yyyyMMdd')``."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from dataflow_execution.values_of_run import names_now, several
from mapping_dataflow import CompiledSink, SinkSettings


def named_now(connection: duckdb.DuckDBPyConnection, sink: CompiledSink) -> CompiledSink:
    """The sink with the names that its settings give now. Raises DataFlowRunError."""
    settings = sink.settings
    for name, found in names_now(connection, settings.names_of_run, f"at Sink '{sink.stream}'").items():
        settings = _with_names(settings, name, several(found))
    return replace(sink, settings=settings)


def _with_names(settings: SinkSettings, name: str, texts: tuple[str, ...]) -> SinkSettings:
    if name == "filePattern":
        return replace(settings, file_pattern=texts[0])
    return replace(settings, file_names=texts)
