"""What is written in a format is read back as the same rows, for every format that is written."""

from __future__ import annotations

import datetime
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from execution_bench import Row, read_rows, write_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_execution.formats import Avro, DelimitedText, FileFormat, Json, Orc, Parquet
from dataflow_execution.readers.source_files import SourceFile

COLUMNS = {
    "id": "integer",
    "two words": "string",
    "amount": "double",
    "day": "date",
    "moment": "timestamp",
    "flag": "boolean",
    "price": "decimal(9,2)",
    "big": "long",
}
AVRO_COLUMNS = {name.replace(" ", "_"): kind for name, kind in COLUMNS.items()}
NESTED = {"list": "string[]", "inner": "(a as integer, b as (c as string)[])", "pairs": "[string,long]"}
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=12)
MILLISECONDS = st.datetimes(
    datetime.datetime.fromisoformat("1900-01-01"), datetime.datetime.fromisoformat("2200-01-01")
).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))
DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2200, 1, 1))
PRICES = st.decimals(Decimal("-9999999.99"), Decimal("9999999.99"), places=2)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**31), 2**31 - 1),
        st.none() | TEXT,
        st.none() | FLOATS,
        st.none() | DAYS,
        st.none() | MILLISECONDS,
        st.none() | st.booleans(),
        st.none() | PRICES,
        st.none() | st.integers(-(2**63), 2**63 - 1),
    ),
    min_size=1,
    max_size=6,
)
NESTED_ROWS = st.lists(
    st.tuples(
        st.lists(st.none() | TEXT, max_size=3),
        st.fixed_dictionaries(
            {
                "a": st.none() | st.integers(0, 9),
                "b": st.lists(st.fixed_dictionaries({"c": st.none() | TEXT}), max_size=2),
            }
        ),
        st.dictionaries(TEXT, st.integers(0, 9), max_size=2),
    ),
    min_size=1,
    max_size=4,
)
DELIMITED: list[FileFormat] = [
    DelimitedText(header=True, multi_line=True),
    DelimitedText(header=True, multi_line=True, escape='"'),
    DelimitedText(column_delimiter="||", null_value="\\N", multi_line=True),
    DelimitedText(column_delimiter="\t", quote="'", header=True, multi_line=True, compression="gzip"),
    DelimitedText(header=True, multi_line=True, encoding="utf-16"),
    DelimitedText(header=True, multi_line=True, encoding="utf-16-le"),
]
OTHERS: list[FileFormat] = [
    Json("documentPerLine"),
    Json("arrayOfDocuments", compression="gzip"),
    Json("documentPerLine", encoding="utf-16"),
    Parquet(),
    Parquet("zstd"),
    Orc(),
    Orc("none"),
]


def _again(columns: dict[str, str], rows: list[Row], form: FileFormat) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (file,) = write_rows(columns, rows, form, folder / "out").files
        _, found = read_rows(columns, [SourceFile(file.path, "/x")], form, folder / "decoded")
        return found


@pytest.mark.parametrize("form", [*DELIMITED, *OTHERS], ids=str)
@settings(max_examples=15, deadline=None)
@given(rows=ROWS)
def test_rows_of_simple_columns_come_back(form: FileFormat, rows: list[Row]) -> None:
    assert _again(COLUMNS, rows, form) == rows


@pytest.mark.parametrize("codec", ["none", "deflate", "snappy"])
@settings(max_examples=15, deadline=None)
@given(rows=ROWS)
def test_rows_of_simple_columns_come_back_from_avro(codec: str, rows: list[Row]) -> None:
    assert _again(AVRO_COLUMNS, rows, Avro(codec)) == rows


@pytest.mark.parametrize("form", [Parquet(), Avro(), Orc()], ids=str)
@settings(max_examples=15, deadline=None)
@given(rows=NESTED_ROWS)
def test_rows_of_nested_columns_come_back(form: FileFormat, rows: list[Row]) -> None:
    assert _again(NESTED, rows, form) == rows


@settings(max_examples=15, deadline=None)
@given(rows=NESTED_ROWS)
def test_nested_rows_come_back_from_json(rows: list[Row]) -> None:
    columns = {name: kind for name, kind in NESTED.items() if name != "pairs"}
    assert _again(columns, [row[:2] for row in rows], Json("documentPerLine")) == [row[:2] for row in rows]


@settings(max_examples=20, deadline=None)
@given(rows=st.lists(st.tuples(st.none() | st.binary(max_size=8)), min_size=1, max_size=4))
@pytest.mark.parametrize("form", [Parquet(), Avro(), Orc()], ids=str)
def test_bytes_come_back(form: FileFormat, rows: list[Row]) -> None:
    assert _again({"data": "binary"}, rows, form) == rows


ALIKE = {"Id": "integer", "iD": "string", "ID": "date"}


@pytest.mark.parametrize("form", [*DELIMITED, Parquet("none"), Parquet("lz4"), Orc(), Avro()], ids=str)
@pytest.mark.parametrize("rows", [[(1, "x", None), (None, "y", datetime.date(2024, 2, 29))], []], ids=len)
def test_columns_whose_names_differ_in_case_alone_come_back(form: FileFormat, rows: list[Row]) -> None:
    assert _again(ALIKE, rows, form) == rows


@pytest.mark.parametrize("form", [*DELIMITED, *OTHERS, Avro()], ids=str)
def test_no_rows_come_back_as_no_rows(form: FileFormat) -> None:
    assert _again({"a": "integer"}, [], form) == []
