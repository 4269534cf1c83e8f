"""The columns of a sink as they stand in files: in delimited text as Spark prints them, else as they are."""

from __future__ import annotations

from dataflow_execution.errors import COMPLEX_TYPE, DataFlowRunError
from dataflow_execution.sql_text import identifier
from dataflow_execution.writers.titled_columns import TitledColumn
from mapping_dataflow import CompiledSink, SinkColumn, column_as_text


def plain_columns(sink: CompiledSink) -> list[TitledColumn]:
    """The columns inside the files."""
    return [TitledColumn(identifier(column.key), column.name) for column in sink.data_columns]


def json_columns(sink: CompiledSink) -> list[TitledColumn]:
    """The columns with what JSON has no type for as text."""
    return [
        TitledColumn(
            f"base64({identifier(column.key)})" if column.type == "binary" else identifier(column.key), column.name
        )
        for column in sink.data_columns
    ]


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
    return [TitledColumn(_text(column, sink.stream), title) for column, title in zip(columns, titles, strict=True)]


def _text(column: SinkColumn, stream: str) -> str:
    name = identifier(column.key)
    if column.is_complex:
        raise DataFlowRunError(
            f"at Sink '{stream}': the column '{column.name}' of type {column.type} does not fit into text",
            hint="flatten or stringify it before the sink, or write JSON",
            code=COMPLEX_TYPE,
        )
    if column.type == "timestamp":
        whole = f"strftime({name}, '%Y-%m-%d %H:%M:%S')"
        return f"{whole} || CASE strftime({name}, '%g') WHEN '000' THEN '' ELSE '.' || strftime({name}, '%g') END"
    if column.type == "binary":
        return f"base64({name})"
    if column.type in ("double", "float"):
        return column_as_text(column.key, column.type)
    return f"CAST({name} AS VARCHAR)"
