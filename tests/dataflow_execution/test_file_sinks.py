"""Files of sinks: how many, how they are called, which rows are in which, and what is refused."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from dataflow_bench import document_of
from execution_bench import Row, write_rows

from dataflow_execution.errors import DataFlowRunError, cause_of
from dataflow_execution.formats import Avro, DelimitedText, Excel, FileFormat, Json, Orc, Parquet
from dataflow_execution.local_sinks import stage_sink
from dataflow_execution.writers import divided_table
from dataflow_execution.writers.file_formats import Rows
from dataflow_execution.writers.file_names import part_name
from mapping_dataflow import SourceSchema, compile_flow

COLUMNS = {"id": "integer", "city": "string", "at": "timestamp"}
ROWS: list[Row] = [(1, "Bern", None), (2, "Oslo", None), (3, "Bern", None), (4, None, None)]
CSV = DelimitedText(header=True)


def _written(folder: Path, settings: str, form: FileFormat = CSV) -> dict[str, str]:
    staged = write_rows(COLUMNS, ROWS, form, folder, settings)
    assert staged.rows == len(ROWS)
    return {file.target: file.path.read_text(encoding="utf-8") for file in staged.files}


def _ids(text: str) -> list[int]:
    return [int(line.split(",")[0]) for line in text.splitlines()[1:]]


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ("", "part-00000.csv"),
        ("partitionFileNames: ['all.txt']", "all.txt"),
        ("filePattern: 'out[n].csv'", "out1.csv"),
        ("partitionFileNames: ['all.txt'], partitionBy('hash', 1)", "all.txt"),
        ("filePattern: (toString(year(currentUTC()) > 2000) + '[n].csv')", "true1.csv"),
        ("partitionFileNames: [(concat('x_', toString(crc32(currentUTC()) >= 0L)))]", "x_true"),
    ],
)
def test_one_file_has_all_rows_in_their_order(tmp_path: Path, settings: str, name: str) -> None:
    ((found, text),) = _written(tmp_path, settings).items()
    assert (found, _ids(text)) == (name, [1, 2, 3, 4])


ALIKE = {"Id": "integer", "ID": "string", "id": "date"}
QUOTING = DelimitedText(header=True, escape='"')


@pytest.mark.parametrize(
    ("form", "settings", "text"),
    [
        (QUOTING, "", 'Id,ID,id\n1,"x,""",\n,,2024-02-29\n'),
        (QUOTING, "quoteAll: true", '"Id","ID","id"\n"1","x,""",\n,,"2024-02-29"\n'),
        (QUOTING, "header: ['a', 'A', 'b c']", 'a,A,b c\n1,"x,""",\n,,2024-02-29\n'),
        (DelimitedText(), "", '1,"x,\\"",\n,,2024-02-29\n'),
        (
            Json("documentPerLine"),
            "",
            '{"Id":1,"ID":"x,\\"","id":null}\n{"Id":null,"ID":null,"id":"2024-02-29"}\n',
        ),
        (
            Json("arrayOfDocuments"),
            "",
            '[\n\t{"Id":1,"ID":"x,\\"","id":null},\n\t{"Id":null,"ID":null,"id":"2024-02-29"}\n]\n',
        ),
    ],
    ids=str,
)
def test_names_that_differ_in_case_alone_stand_in_files_as_they_are(
    tmp_path: Path, form: FileFormat, settings: str, text: str
) -> None:
    rows: list[Row] = [(1, 'x,"', None), (None, None, "2024-02-29")]
    staged = write_rows(ALIKE, rows, form, tmp_path, settings)
    assert (staged.rows, staged.files[0].path.read_text(encoding="utf-8")) == (2, text)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (QUOTING, 'k,""\n1,x\n'),
        (DelimitedText(), "1,x\n"),
        (Json("documentPerLine"), '{"k":1,"":"x"}\n'),
    ],
    ids=str,
)
def test_a_column_with_an_empty_name_stands_in_texts_as_it_is(tmp_path: Path, form: FileFormat, text: str) -> None:
    staged = write_rows({"k": "integer", "": "string"}, [(1, "x")], form, tmp_path)
    assert staged.files[0].path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("form", "name"),
    [
        (DelimitedText(), "part-00007.csv"),
        (DelimitedText(compression="gzip"), "part-00007.csv.gz"),
        (Json(compression="zstd"), "part-00007.json.zst"),
        (Parquet(), "part-00007.snappy.parquet"),
        (Parquet("gzip"), "part-00007.gz.parquet"),
        (Parquet("none"), "part-00007.parquet"),
        (Orc("zlib"), "part-00007.zlib.orc"),
        (Orc("none"), "part-00007.orc"),
        (Avro("snappy"), "part-00007.avro"),
    ],
)
def test_a_part_is_named_as_spark_names_it(form: FileFormat, name: str) -> None:
    assert part_name(7, form) == name


def test_a_column_with_an_empty_name_stands_in_parquet(tmp_path: Path) -> None:
    staged = write_rows({"k": "integer", "": "string"}, [(1, "x")], Parquet(), tmp_path)
    assert pq.read_table(staged.files[0].path).to_pylist() == [{"k": 1, "": "x"}]


def test_avro_refuses_a_column_with_an_empty_name(tmp_path: Path) -> None:
    with pytest.raises(DataFlowRunError, match="Avro has no column without a name"):
        write_rows({"k": "integer", "": "string"}, [(1, "x")], Avro(), tmp_path)


def test_the_right_one_of_columns_whose_names_differ_in_case_alone_names_folders(tmp_path: Path) -> None:
    rows: list[Row] = [(1, "x", None), (2, "y", None)]
    staged = write_rows(ALIKE, rows, CSV, tmp_path, "partitionBy('key', 0, ID)")
    assert [file.target for file in staged.files] == ["ID=x/part-00000.csv", "ID=y/part-00000.csv"]
    assert staged.files[0].path.read_text(encoding="utf-8") == "Id,id\n1,\n"


@pytest.mark.parametrize(
    ("form", "settings", "text"),
    [
        (CSV, "dateFormat: 'EEE d MMM yyyy'", "d,t,f\nThu 29 Feb 2024,2024-02-29 13:04:05.250,true\n,,\n"),
        (CSV, "timestampFormat: 'yyyy-MM-dd-HH.mm.ss.SSS'", "d,t,f\n2024-02-29,2024-02-29-13.04.05.250,true\n,,\n"),
        (CSV, "booleanFormat: ['yes', 'no']", "d,t,f\n2024-02-29,2024-02-29 13:04:05.250,yes\n,,\n"),
        (CSV, "emptyLinesAsHeader: 2, header: ['d', 'D', 'f']", None),
        (Json("documentPerLine"), "dateFormat: 'd.M.yy', timestampFormat: 'h a', booleanFormat: ['1', '0']", None),
    ],
    ids=str,
)
def test_values_are_written_by_the_patterns_and_words_of_the_sink(
    tmp_path: Path, form: FileFormat, settings: str, text: str | None
) -> None:
    rows: list[Row] = [("2024-02-29", "2024-02-29 13:04:05.25", True), (None, None, None)]
    staged = write_rows({"d": "date", "t": "timestamp", "f": "boolean"}, rows, form, tmp_path, settings)
    found = staged.files[0].path.read_text(encoding="utf-8")
    above = "\n\nd,D,f\n2024-02-29,2024-02-29 13:04:05.250,true\n,,\n"
    objects = '{"d":"29.2.24","t":"1 PM","f":true}\n{"d":null,"t":null,"f":null}\n'
    assert (staged.rows, found) == (2, text or (objects if isinstance(form, Json) else above))


def test_empty_lines_stand_in_the_encoding_of_the_file_and_in_no_other_format(tmp_path: Path) -> None:
    utf16 = DelimitedText(header=True, encoding="utf-16")
    staged = write_rows({"a": "string"}, [("é",)], utf16, tmp_path / "1", "emptyLinesAsHeader: 1")
    assert staged.files[0].path.read_text(encoding="utf-16") == "\na\né\n"
    refused: list[tuple[FileFormat, str]] = [
        (Json("documentPerLine"), "Json has no empty lines"),
        (DelimitedText(compression="gzip"), "DelimitedText is not written compressed below empty lines"),
    ]
    for form, message in refused:
        with pytest.raises(DataFlowRunError, match=message):
            write_rows({"a": "string"}, [("é",)], form, tmp_path / "2", "emptyLinesAsHeader: 1")


def test_dates_within_lists_take_no_pattern(tmp_path: Path) -> None:
    with pytest.raises(DataFlowRunError, match="dates in the column 'a' of type date\\[\\] take no pattern"):
        write_rows({"a": "date[]"}, [], Json("documentPerLine"), tmp_path, "dateFormat: 'd'")


def test_rows_go_to_partitions_in_turn(tmp_path: Path) -> None:
    found = _written(tmp_path, "filePattern: 'out[n].csv', partitionBy('roundRobin', toInteger(round(5 / 2)))")
    assert {name: _ids(text) for name, text in found.items()} == {"out1.csv": [1, 4], "out2.csv": [2], "out3.csv": [3]}


def test_partitions_by_hash_keep_equal_values_together(tmp_path: Path) -> None:
    found = _written(tmp_path, "partitionFileNames: ['a', 'b', 'c', 'd'], partitionBy('hash', 4, city)")
    places = {number: name for name, text in found.items() for number in _ids(text)}
    assert sorted(places) == [1, 2, 3, 4]
    assert places[1] == places[3]
    assert set(found) <= {"a", "b", "c", "d"}


def test_partitions_by_range_keep_the_order_of_their_columns(tmp_path: Path) -> None:
    """Cities in order: null of 4, Bern of 1 and 3, Oslo of 2."""
    found = _written(tmp_path / "2", "partitionFileNames: ['a', 'b'], partitionBy('dynamicRange', 2, city)")
    assert {name: _ids(text) for name, text in found.items()} == {"a": [1, 3, 4], "b": [2]}
    found = _written(tmp_path / "4", "filePattern: '[n]', partitionBy('dynamicRange', 4, city, id)")
    assert {name: _ids(text) for name, text in found.items()} == {"1": [4], "2": [1], "3": [3], "4": [2]}


def test_folders_are_named_by_the_keys_of_partitions_and_the_files_leave_them_out(tmp_path: Path) -> None:
    found = _written(tmp_path, "partitionBy('key', 0, city)")
    assert found == {
        "city=Bern/part-00000.csv": "id,at\n1,\n3,\n",
        "city=Oslo/part-00000.csv": "id,at\n2,\n",
        "city=__HIVE_DEFAULT_PARTITION__/part-00000.csv": "id,at\n4,\n",
    }


@pytest.mark.parametrize(
    "settings",
    [
        "partitionBy('roundRobin', 7)",
        "partitionBy('hash', 7, city)",
        "partitionBy('dynamicRange', 7, city)",
        "partitionBy('key', 0, city, at)",
        "rowUrlColumn: 'city'",
        "rowFolderUrlColumn: 'city'",
    ],
)
def test_the_files_are_the_same_whether_rows_are_looked_through_for_each_or_sorted_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: str
) -> None:
    cities = ("Oslo", "Bern", "oslo", "Ürümqi", "O'a")
    none = None if "'key'" in settings else "2024-02-29"
    rows: list[Row] = [(number, cities[number * 7 % 5], none if number % 3 else "2024-02-29") for number in range(60)]

    def files(name: str) -> dict[str, str]:
        staged = write_rows(COLUMNS, rows, CSV, tmp_path / name, settings)
        assert staged.rows == len(rows)
        return {file.target: file.path.read_text(encoding="utf-8") for file in staged.files}

    looked_through = files("looked through")
    monkeypatch.setattr(divided_table, "_LOOKS_OF_A_SORT", 0)
    assert files("sorted") == looked_through
    assert len(looked_through) >= 3
    assert all(_ids(text) == sorted(_ids(text)) for text in looked_through.values())


def test_titles_and_quotes_are_as_the_sink_says(tmp_path: Path) -> None:
    found = _written(tmp_path, "header: ['Number', 'Town', 'When'], quoteAll: true", DelimitedText())
    assert found["part-00000.csv"].splitlines()[:2] == ['"Number","Town","When"', '"1","Bern",']


def test_numbers_and_times_are_written_as_spark_writes_them(tmp_path: Path) -> None:
    columns = {"double": "double", "at": "timestamp", "flag": "boolean", "data": "binary"}
    rows: list[Row] = [
        (1e20, "2024-01-02 03:04:05.678", True, b"\x00\xff"),
        (0.5, "2024-01-02 00:00:00", False, None),
    ]
    (file,) = write_rows(columns, rows, CSV, tmp_path).files
    assert file.path.read_text().splitlines()[1:] == [
        "1.0E20,2024-01-02 03:04:05.678,true,AP8=",
        "0.5,2024-01-02 00:00:00,false,",
    ]


def test_json_is_an_object_a_line_or_one_array(tmp_path: Path) -> None:
    lines = _written(tmp_path / "1", "", Json("documentPerLine"))["part-00000.json"]
    array = _written(tmp_path / "2", "", Json("arrayOfDocuments"))["part-00000.json"]
    assert [json.loads(line) for line in lines.splitlines()] == json.loads(array)


@pytest.mark.parametrize(
    ("settings", "form", "message"),
    [
        ("partitionFileNames: ['a', 'b']", CSV, "at Sink 'out': 2 partitionFileNames for one partition"),
        (
            "partitionFileNames: ['a'], partitionBy('roundRobin', 2)",
            CSV,
            "at Sink 'out': 1 partitionFileNames for 2 partitions",
        ),
        ("header: ['one']", CSV, "at Sink 'out': 1 header names for 3 columns"),
        ("rowUrlColumn: 'city'", CSV, "at Sink 'out': the column 'city' that names files is null"),
        ("", Excel(), "Excel is no format that files are written in"),
        ("", DelimitedText(compression="bzip2"), "DelimitedText is not written with the compression 'bzip2'"),
        ("", Parquet("bzip2"), "Parquet is not written with the compression 'bzip2'"),
        ("", DelimitedText(row_delimiter="|"), "the row delimiter '|' is not supported"),
        ("", Json("singleDocument"), "JSON is written in no single document"),
        ("", DelimitedText(encoding="klingon"), "the encoding 'klingon' is unknown"),
    ],
    ids=str,
)
def test_what_cannot_be_written_is_refused_by_name(
    tmp_path: Path, settings: str, form: FileFormat, message: str
) -> None:
    with pytest.raises(DataFlowRunError) as caught:
        _written(tmp_path, settings, form)
    assert message in str(caught.value)


def test_new_files_and_folders_lack_the_permissions_of_the_umask(tmp_path: Path) -> None:
    sink = "partitionBy('roundRobin', 2), partitionFileNames: ['new/a.csv', 'b.csv'], umask: 0027"
    document = document_of(f"source(output(a as integer), allowSchemaDrift: false) ~> in\nin sink({sink}) ~> out")
    place = tmp_path / "out"
    place.mkdir()
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE given AS SELECT unnest([1, 2]) AS a")
        flow = compile_flow(document, {"in": SourceSchema({"a": "integer"}, "given")})
        stage_sink(connection, flow.sinks[0], Rows(flow.sinks[0].sql), place, None, tmp_path / "staged").publish()
    modes = {str(one.relative_to(place)): stat.filemode(one.stat().st_mode) for one in place.rglob("*")}
    assert modes == {"new": "drwxr-x---", "new/a.csv": "-rw-r-----", "b.csv": "-rw-r-----"}


def test_text_that_an_encoding_lacks_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataFlowRunError, match="the rows cannot be written in ascii"):
        write_rows({"a": "string"}, [("é",)], DelimitedText(encoding="ascii"), tmp_path)


def test_structures_do_not_fit_into_text(tmp_path: Path) -> None:
    with pytest.raises(DataFlowRunError, match=r"the column 'a' of type integer\[\] does not fit into text"):
        write_rows({"a": "integer[]"}, [([1],)], CSV, tmp_path)


def test_a_full_disk_is_told() -> None:
    with duckdb.connect() as connection, pytest.raises(duckdb.Error) as caught:
        connection.execute("COPY (SELECT range FROM range(100000)) TO '/dev/full' (FORMAT csv)")
    assert cause_of(caught.value).startswith("the disk is full: what is written lies in the temporary folder (TMPDIR)")
