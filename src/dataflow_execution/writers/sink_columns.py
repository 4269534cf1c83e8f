"""The columns of a sink as they stand in files: in delimited text as Spark prints them, else as they are."""

from __future__ import annotations

from dataflow_execution.errors import COMPLEX_TYPE, DataFlowRunError
from dataflow_execution.sql_text import identifier
from mapping_dataflow import CompiledSink, SinkColumn, column_as_text


def plain_columns(sink: CompiledSink) -> str:
    """The columns inside the files, for a SELECT."""
    return ", ".join(identifier(column.name) for column in sink.data_columns)


def json_columns(sink: CompiledSink) -> str:
    """The columns with what JSON has no type for as text."""
    pieces = [
        f"base64({identifier(column.name)}) AS {identifier(column.name)}"
        if column.type == "binary"
        else identifier(column.name)
        for column in sink.data_columns
    ]
    return ", ".join(pieces)


def text_columns(sink: CompiledSink) -> str:
    """The columns as text under the titles of the sink. Raises DataFlowRunError for complex ones and for titles that
    do not fit."""
    columns = sink.data_columns
    titles = sink.settings.header or tuple(column.name for column in columns)
    if len(titles) != len(columns):
        raise DataFlowRunError(
            f"at Sink '{sink.stream}': {len(titles)} header names for {len(columns)} columns",
            expected=f"{len(columns)} names",
        )
    pieces = [
        f"{_text(column, sink.stream)} AS {identifier(title)}" for column, title in zip(columns, titles, strict=True)
    ]
    return ", ".join(pieces)


def _text(column: SinkColumn, stream: str) -> str:
    name = identifier(column.name)
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
        return column_as_text(column.name, column.type)
    return f"CAST({name} AS VARCHAR)"
