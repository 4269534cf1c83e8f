"""A sheet of a workbook as a stream of Arrow; all columns are text, as they are in delimited text."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from dataflow_execution.column_spelling import marked
from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.formats import Excel
from dataflow_execution.readers.arrow_stream import BATCH_ROWS, ArrowStream
from dataflow_execution.readers.columnar_files import registered
from dataflow_execution.readers.source_files import FILE_COLUMN

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]+)")
Row = list[Any]


def excel_relation(
    connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path], form: Excel, *, file_column: bool = False
) -> str:
    """A query over a sheet of each workbook. Raises DataFlowRunError for what is no workbook, or has no such sheet."""
    columns: dict[str, None] = {}
    for file in files:
        columns.update(dict.fromkeys(_columns(file, form)))
    names = [*columns, FILE_COLUMN] if file_column else list(columns)
    schema = pa.schema([pa.field(column, pa.string()) for column in names])
    return registered(connection, name, ArrowStream(schema, _batches(files, form, schema)), marked(names))


def _batches(files: Sequence[Path], form: Excel, schema: pa.Schema) -> Callable[[], Iterator[pa.RecordBatch]]:
    def read() -> Iterator[pa.RecordBatch]:
        for file in files:
            columns = _columns(file, form)
            rows = _rows(file, form)
            if form.header:
                next(rows, None)
            while part := list(islice(rows, BATCH_ROWS)):
                yield _batch(part, columns, schema, file, form.null_value)

    return read


def _batch(rows: list[Row], columns: list[str], schema: pa.Schema, file: Path, null_value: str) -> pa.RecordBatch:
    positions = {column: index for index, column in enumerate(columns)}
    arrays = []
    for field in schema:
        position = positions.get(field.name)
        if field.name == FILE_COLUMN:
            values: list[str | None] = [str(file)] * len(rows)
        elif position is None:
            values = [None] * len(rows)
        else:
            values = [_text(row[position], null_value) if position < len(row) else None for row in rows]
        arrays.append(pa.array(values, pa.string()))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _columns(file: Path, form: Excel) -> list[str]:
    first = next(_rows(file, form), [])
    if not form.header:
        return [f"_col{index}_" for index in range(len(first))]
    return [_text(value, "") or f"_col{index}_" for index, value in enumerate(first)]


def _rows(file: Path, form: Excel) -> Iterator[Row]:
    """The rows of the range; rows without any value are left out."""
    sheet = _sheet(file, form)
    left, top, right, bottom = _corners(form.range)
    start = sheet.start or (0, 0)
    for number, row in enumerate(sheet.iter_rows(), start[0]):
        if number < top or (bottom is not None and number > bottom):
            continue
        cells = ([""] * start[1] + list(row))[left : None if right is None else right + 1]
        if any(cell != "" for cell in cells):
            yield cells


def _sheet(file: Path, form: Excel) -> CalamineSheet:
    try:
        workbook = CalamineWorkbook.from_path(str(file))
    except (CalamineError, OSError) as error:
        raise DataFlowRunError(f"{file.name} is no workbook: {error}") from error
    names = workbook.sheet_names
    if form.sheet is not None and form.sheet not in names:
        raise DataFlowRunError(f"{file.name} has no sheet {form.sheet!r}", expected="one of " + ", ".join(names))
    if form.sheet is None and form.sheet_index >= len(names):
        raise DataFlowRunError(f"{file.name} has no sheet number {form.sheet_index}", expected=f"0 to {len(names) - 1}")
    return workbook.get_sheet_by_name(form.sheet if form.sheet is not None else names[form.sheet_index])


def _corners(text: str) -> tuple[int, int, int | None, int | None]:
    """Left, top, right, bottom of a range, counted from 0; a single cell is where the table begins."""
    if not text:
        return 0, 0, None, None
    first, _, last = text.partition(":")
    left, top = _cell(first, text)
    if not last:
        return left, top, None, None
    right, bottom = _cell(last, text)
    return left, top, right, bottom


def _cell(text: str, whole: str) -> tuple[int, int]:
    match = _CELL.fullmatch(text.strip())
    if match is None:
        raise DataFlowRunError(f"{whole!r} is no range of cells", expected="one such as A3:H5 or A3")
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1, int(match[2]) - 1


def _text(value: Any, null_value: str) -> str | None:
    if value == "" or value is None:
        return None if null_value == "" else ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    found = str(value)
    return None if found == null_value else found
