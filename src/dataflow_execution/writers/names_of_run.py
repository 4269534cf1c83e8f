"""Names of files that the clock of the run decides, such as ``'audit_' + toString(currentUTC(), 'yyyyMMdd')``."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from dataflow_execution.duckdb_functions import register
from dataflow_execution.errors import DataFlowRunError, cause_of
from mapping_dataflow import DUCKDB, CompiledSink, MappingDataFlowErrors, SinkSettings, compiled_value
from mapping_dataflow.errors import ProblemFound


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
    place = f"at Sink '{sink.stream}': {name}"
    try:
        value = compiled_value(sink.settings.names_of_run[name], DUCKDB)
        register(connection, value.python_functions)
        row = connection.execute(f"SELECT {value.sql}").fetchone()
    except (duckdb.Error, MappingDataFlowErrors, ProblemFound) as error:
        raise DataFlowRunError(f"{place} gives no name: {cause_of(error)}") from error
    found = row[0] if row else None
    texts = tuple(found) if isinstance(found, list) else (found,)
    if not all(isinstance(one, str) and one for one in texts):
        raise DataFlowRunError(f"{place} gives no name", hint="a part of it is null")
    return texts
