"""The columns of a sink as they stand in files: in delimited text as Spark prints them, else as they are."""

from __future__ import annotations

from dataflow_execution.errors import COMPLEX_TYPE, DataFlowRunError, not_supported
from dataflow_execution.sql_text import identifier, quoted
from dataflow_execution.writers.titled_columns import TitledColumn
from mapping_dataflow import CompiledSink, PythonFunction, SinkColumn, column_as_text


def plain_columns(sink: CompiledSink) -> list[TitledColumn]:
    """The columns inside the files."""
    return [TitledColumn(identifier(column.key), column.name) for column in sink.data_columns]


def json_columns(sink: CompiledSink) -> list[TitledColumn]:
    """The columns with what JSON has no type for as text. Raises DataFlowRunError for dates within lists and objects
    that shall be written by a pattern."""
    return [TitledColumn(_json_value(column, sink), column.name) for column in sink.data_columns]


def _json_value(column: SinkColumn, sink: CompiledSink) -> str:
    texts = sink.settings.texts
    if column.is_complex and any(texts.pattern(kind) and kind in column.type for kind in ("date", "timestamp")):
        raise not_supported(
            f"at Sink '{sink.stream}': dates in the column '{column.name}' of type {column.type} take no pattern",
            hint="make texts of them before the sink",
        )
    return _text(column, sink) if texts.pattern(column.type) or column.type == "binary" else identifier(column.key)


def text_columns(sink: CompiledSink) -> list[TitledColumn]:
    """The columns as text under the titles of the sink. Raises DataFlowRunError for complex ones and for titles that
    do not fit."""
    columns = sink.data_columns
    titles = sink.settings.header or tuple(column.name for column in columns)
    if len(titles) != len(columns):
        raise DataFlowRunError(
            f"at Sink '{sink.stream}': {len(titles)} header names for {len(columns)} columns",
            expected=f"{len(columns)} names",
        )
    return [TitledColumn(_text(column, sink), title) for column, title in zip(columns, titles, strict=True)]


def written_functions(sink: CompiledSink) -> tuple[PythonFunction, ...]:
    """The functions in Python by which columns become text."""
    written = ((column, sink.settings.texts.pattern(column.type)) for column in sink.data_columns)
    return tuple(
        function
        for column, pattern in written
        if pattern
        for function in column_as_text(column.key, column.type, pattern).python_functions
    )


def _text(column: SinkColumn, sink: CompiledSink) -> str:
    name = identifier(column.key)
    if column.is_complex:
        raise DataFlowRunError(
            f"at Sink '{sink.stream}': the column '{column.name}' of type {column.type} does not fit into text",
            hint="flatten or stringify it before the sink, or write JSON",
            code=COMPLEX_TYPE,
        )
    texts = sink.settings.texts
    if pattern := texts.pattern(column.type):
        return column_as_text(column.key, column.type, pattern).sql
    if column.type == "boolean" and texts.booleans:
        true, false = map(quoted, texts.booleans)
        return f"CASE WHEN {name} THEN {true} WHEN NOT {name} THEN {false} END"
    if column.type == "timestamp":
        whole = f"strftime({name}, '%Y-%m-%d %H:%M:%S')"
        return f"{whole} || CASE strftime({name}, '%g') WHEN '000' THEN '' ELSE '.' || strftime({name}, '%g') END"
    if column.type == "binary":
        return f"base64({name})"
    if column.type in ("double", "float"):
        return column_as_text(column.key, column.type).sql
    return f"CAST({name} AS VARCHAR)"
