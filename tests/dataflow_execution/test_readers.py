"""What sources read from files that others wrote: text as it comes, JSON forms, Avro, Excel, XML, folders and lists."""

from __future__ import annotations

import bz2
import datetime
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import fastavro
import pyarrow as pa
import pytest
from dataflow_bench import document_of
from execution_bench import Row, read_rows
from pyarrow import orc
from spark_bench import spark

from dataflow_execution.errors import DataFlowRunError, cause_of
from dataflow_execution.format_detection import detected
from dataflow_execution.format_properties import make_format
from dataflow_execution.formats import Avro, DelimitedText, Excel, FileFormat, Json, Orc, Xml
from dataflow_execution.readers.delimited_text import TextReading, delimited_relation
from dataflow_execution.readers.line_lengths import SHORT_LINE, has_short_lines
from dataflow_execution.readers.source_files import SourceFile
from dataflow_execution.sources import Reading, create_source
from mapping_dataflow import required_sources

TEXT = "id,name\n1,Ann\n2,Bo\n"
PEOPLE: list[Row] = [(1, "Ann"), (2, "Bo")]
COLUMNS = {"id": "integer", "name": "string"}


def _rows(
    folder: Path, form: FileFormat, *contents: bytes, columns: dict[str, str] | None = None, settings: str = ""
) -> list[Row]:
    files = []
    for index, content in enumerate(contents):
        (folder / f"file-{index}").write_bytes(content)
        files.append(SourceFile(folder / f"file-{index}", f"/in/file-{index}"))
    return read_rows(columns or COLUMNS, files, form, folder / "decoded", settings)[1]


def _zipped(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("part.csv", content)
    return target.getvalue()


@pytest.mark.parametrize("letters", [10, SHORT_LINE // 2, SHORT_LINE + 1, 3 * SHORT_LINE])
@pytest.mark.parametrize("before", [0, SHORT_LINE])
def test_lines_are_as_long_as_they_like(tmp_path: Path, letters: int, before: int) -> None:
    """Files whose lines are seen to be short are read in smaller parts; a long line anywhere is no such file."""
    lines = ["id,name", *(f"{number},{'a' * 99}" for number in range(before // 100)), f"7,{'b' * letters}", "8,c"]
    path = tmp_path / "text.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    rows = _rows(tmp_path, DelimitedText(header=True), path.read_bytes())
    assert rows[-2:] == [(7, "b" * letters), (8, "c")]
    assert len(rows) == before // 100 + 2
    assert has_short_lines(path) is (letters < SHORT_LINE)


@pytest.mark.parametrize(
    ("name", "compress"),
    [
        ("gzip", gzip.compress),
        ("bzip2", bz2.compress),
        ("deflate", zlib.compress),
        ("ZipDeflate", _zipped),
        ("zstd", lambda content: pa.compress(content, "zstd", asbytes=True)),
        ("none", bytes),
    ],
)
def test_compressed_text_is_read(tmp_path: Path, name: str, compress: Callable[[bytes], bytes]) -> None:
    form = make_format("DelimitedText", {"firstRowAsHeader": True, "compressionCodec": name})
    assert _rows(tmp_path, form, compress(TEXT.encode())) == PEOPLE


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "UTF-16BE", "ISO-8859-1", "windows-1252", "SHIFT_JIS"])
def test_text_in_other_encodings_is_read(tmp_path: Path, encoding: str) -> None:
    name = "Ann" if encoding == "SHIFT_JIS" else "Ané"
    form = make_format("DelimitedText", {"firstRowAsHeader": True, "encodingName": encoding})
    assert _rows(tmp_path, form, f"id,name\n1,{name}\n".encode(encoding)) == [(1, name)]


@pytest.mark.parametrize(
    ("properties", "text", "rows"),
    [
        ({"columnDelimiter": "\\t", "firstRowAsHeader": True}, "id\tname\n1\tAnn\n", [(1, "Ann")]),
        ({"columnDelimiter": "||", "firstRowAsHeader": True}, "id||name\n1||Ann\n", [(1, "Ann")]),
        ({"nullValue": "\\N", "firstRowAsHeader": True}, "id,name\n1,\\N\n2,\n", [(1, None), (2, "")]),
        ({"skipLines": 2, "firstRowAsHeader": True}, "made by\nhand\nid,name\n1,Ann\n", [(1, "Ann")]),
        ({"firstRowAsHeader": True, "rowDelimiter": "\r\n"}, "id,name\r\n1,Ann\r\n", [(1, "Ann")]),
        ({"firstRowAsHeader": True, "multiLineRow": True}, 'id,name\n1,"An\nn"\n', [(1, "An\nn")]),
        ({"firstRowAsHeader": True}, 'id,name\n1,"A\\"n, n"\n', [(1, 'A"n, n')]),
        ({"firstRowAsHeader": True, "escapeChar": '"'}, 'id,name\n1,"A""n"\n', [(1, 'A"n')]),
        ({"firstRowAsHeader": True, "quoteChar": ""}, 'id,name\n1,"Ann\n', [(1, '"Ann')]),
        ({"firstRowAsHeader": True}, "id,name\n1\n2,Bo\n", [(1, None), (2, "Bo")]),
        ({"firstRowAsHeader": True}, 'id,name\n1,Ann,more,\n2,"Bo","x,y"\n', PEOPLE),
        ({"firstRowAsHeader": True}, "id,name\n1,Ann,3,4,5,6,7,8,9,10\n", [(1, "Ann")]),
        ({"nullValue": "\\N", "firstRowAsHeader": True}, "id,name\n1,\\N,more\n", [(1, None)]),
        ({"firstRowAsHeader": True}, "name,id\nAnn,1\n", [(1, "Ann")]),
        ({}, "1,Ann\n2,Bo\n", PEOPLE),
    ],
)
def test_text_is_read_as_the_dataset_says(
    tmp_path: Path, properties: dict[str, object], text: str, rows: list[Row]
) -> None:
    assert _rows(tmp_path, make_format("DelimitedText", properties), text.encode()) == rows


def test_names_that_differ_in_case_alone_are_two_columns_in_files_with_other_headers(tmp_path: Path) -> None:
    form = DelimitedText(header=True)
    columns = {"Id": "integer", "id": "string", "ID": "string"}
    found = _rows(tmp_path, form, b"Id,id\n1,a\n", b"id,ID\nb,c\n", columns=columns, settings="rowUrlColumn: 'f'")
    assert found == [(1, "a", None, "/in/file-0"), (None, "b", "c", "/in/file-1")]


def test_copy_refuses_a_header_whose_names_differ_in_case_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Id,id\n1,2\n")
    with pytest.raises(DataFlowRunError, match="the columns 'Id' and 'id' of a header differ in case alone"):
        delimited_relation([tmp_path / "a.csv"], DelimitedText(header=True), tmp_path, TextReading(tells_case=False))


def test_columns_without_a_header_take_names_that_differ_in_case_alone(tmp_path: Path) -> None:
    columns = {"Id": "integer", "id": "string"}
    assert _rows(tmp_path, DelimitedText(), b"1,a\n", columns=columns) == [(1, "a")]


LOOSE = [
    '1,"x ""y""",2',
    '2,"x, ""y"", z",3',
    '3,"a ""","b"""',
    '4,"""a""b","",',
    '5,"""",""""""',
    '6,"a\\"b ""c""","a\\"""',
    '7,"it\'s \\\\ ""so""",é ""ü""',
]


@pytest.mark.parametrize("multi_line", [False, True])
def test_quotes_that_are_doubled_and_not_escaped_stay_as_spark_leaves_them(tmp_path: Path, multi_line: bool) -> None:
    (tmp_path / "spark.csv").write_text("\n".join(["a,b,c", *LOOSE, ""]), encoding="utf-8")
    options = f"path '{tmp_path}/spark.csv', header 'true', quote '\"', escape '\\\\'"
    spark().rows(f"CREATE OR REPLACE TEMPORARY VIEW loose USING csv OPTIONS ({options})")
    expected = [tuple(row.values()) for row in spark().rows("SELECT * FROM loose").to_pylist()]
    spark().drop_table("loose")
    form = DelimitedText(header=True, multi_line=multi_line)
    columns = dict.fromkeys("abc", "string")
    text = (tmp_path / "spark.csv").read_bytes()
    assert _rows(tmp_path, form, text, columns=columns) == expected
    zipped = replace(form, compression="gzip")
    both = [gzip.compress(text), gzip.compress(b"a,b,c\n8,x,y\n")]
    found = _rows(tmp_path, zipped, *both, columns={**columns, "f": "string"}, settings="rowUrlColumn: 'f'")
    assert found == [*((*row, "/in/file-0") for row in expected), ("8", "x", "y", "/in/file-1")]


def test_empty_values_in_quotes_and_quotes_as_escapes_are_read_as_they_are(tmp_path: Path) -> None:
    columns = {"a": "string", "b": "string"}
    text = b'a,b\n"","x"\n"y",""\n'
    assert _rows(tmp_path, DelimitedText(header=True), text, columns=columns) == [(None, "x"), ("y", None)]
    assert not list(tmp_path.rglob("quotes*"))
    doubled = DelimitedText(header=True, escape='"')
    assert _rows(tmp_path, doubled, b'a,b\n"x ""y""",z\n', columns=columns) == [('x "y"', "z")]


def test_a_row_with_more_values_than_can_be_cut_is_an_error_and_for_copy_every_longer_row_is(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    for reading, text in ((TextReading(), "1,Ann,3,4,5,6,7,8,9,10,11"), (TextReading(cuts=False), "1,Ann,more")):
        file.write_text(f"id,name\n{text}\n")
        query = delimited_relation([file], DelimitedText(header=True), tmp_path, reading)
        with duckdb.connect() as connection, pytest.raises(duckdb.Error) as caught:
            connection.execute(query).fetchall()
        assert cause_of(caught.value) == f"x.csv, line 2: the row has too many values: {text}"


def test_columns_of_text_without_a_header_are_numbered_when_nothing_declares_them(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("1,Ann\n")
    names, rows = read_rows(None, [SourceFile(tmp_path / "x", "/x")], DelimitedText(), tmp_path)
    assert (names, rows) == (["_col0_", "_col1_"], [("1", "Ann")])


def test_files_with_other_columns_are_united_by_name(tmp_path: Path) -> None:
    form = DelimitedText(header=True)
    assert _rows(tmp_path, form, b"id,name\n1,Ann\n", b"name,more,id\nBo,x,2\n") == PEOPLE


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("documentPerLine", '{"id": 1, "name": "Ann"}\n{"id": 2, "name": "Bo"}\n'),
        ("arrayOfDocuments", '[{"id": 1, "name": "Ann"},\n {"id": 2, "name": "Bo"}]'),
        ("singleDocument", '{\n "id": 1,\n "name": "Ann"\n}\n{"id": 2,\n "name": "Bo"}'),
    ],
)
def test_every_form_of_json_documents_is_read(tmp_path: Path, form: str, text: str) -> None:
    assert _rows(tmp_path, Json(form), text.encode()) == PEOPLE


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("documentPerLine", "{id: 1, 'name': 'A\\nn'} // one\n{'id': 2, \"name\": 'B\\o'}\n"),
        ("arrayOfDocuments", "[{id: 1, name: 'A\\nn'}, /* two\n */ {id: 2, name: 'B\\o'}]"),
    ],
)
def test_json_is_read_with_the_deviations_that_are_asked_for(tmp_path: Path, form: str, text: str) -> None:
    names = ("unquotedColumnNames", "asComments", "singleQuoted", "backslashEscape")
    asked = make_format("Json", {"documentForm": form, "compressionCodec": "gzip", **dict.fromkeys(names, True)})
    columns = {**COLUMNS, "path": "string"}
    rows = _rows(tmp_path, asked, gzip.compress(text.encode()), columns=columns, settings="rowUrlColumn: 'path'")
    assert rows == [(1, "A\nn", "/in/file-0"), (2, "Bo", "/in/file-0")]


@pytest.mark.parametrize("form", [DelimitedText(header=True, compression="bzip2"), Json("documentPerLine", "utf-16")])
def test_files_that_are_written_anew_are_told_by_their_own_paths(tmp_path: Path, form: FileFormat) -> None:
    text = bz2.compress(b"id,name\n1,Ann\n") if isinstance(form, DelimitedText) else '{"id": 1}'.encode("utf-16")
    rows = _rows(tmp_path, form, text, text, columns={"path": "string"}, settings="rowUrlColumn: 'path'")
    assert rows == [("/in/file-0",), ("/in/file-1",)]


def test_a_json_value_that_changes_its_type_is_text_and_an_empty_list_is_what_is_declared(tmp_path: Path) -> None:
    columns = {"id": "string", "lists": "(a as integer)[]"}
    text = b'{"id": 1, "lists": []}\n{"id": "x"}\n'
    assert _rows(tmp_path, Json("documentPerLine"), text, columns=columns) == [("1", []), ("x", None)]


def test_what_json_says_too_little_about_is_what_is_declared(tmp_path: Path) -> None:
    """Nothing but null and empty lists within a structure; keys of a map, of which each document has its own."""
    columns = {"body": "(parts as (code as string)[], note as (text as string))", "headers": "[string,string]"}
    text = b'{"body": {"parts": [null], "note": null}, "headers": {"a": "1"}}\n{"headers": {"b": null}}\n'
    rows = _rows(tmp_path, Json("documentPerLine"), text, columns=columns)
    assert rows == [({"parts": [None], "note": None}, {"a": "1"}), (None, {"b": None})]


def test_the_path_of_a_file_is_a_column_and_the_limit_holds(tmp_path: Path) -> None:
    columns = {**COLUMNS, "path": "string"}
    form = DelimitedText(header=True)
    rows = _rows(tmp_path, form, TEXT.encode(), b"id,name\n3,Cy\n", columns=columns, settings="rowUrlColumn: 'path'")
    assert rows == [(1, "Ann", "/in/file-0"), (2, "Bo", "/in/file-0"), (3, "Cy", "/in/file-1")]
    assert _rows(tmp_path, form, TEXT.encode(), settings="limit: 1") == PEOPLE[:1]


def test_the_names_of_folders_are_columns(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(TEXT)
    file = SourceFile(tmp_path / "x.csv", "/year=2024/x.csv", {"year": "2024", "month": None})
    columns = {"id": "integer", "year": "integer", "month": "integer"}
    assert read_rows(columns, [file], DelimitedText(header=True), tmp_path)[1] == [(1, 2024, None), (2, 2024, None)]


def test_drifted_columns_have_the_narrowest_type_of_all_their_values(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b,c,d,e,f,g\n1,9999999999,1.5,true,2024-01-02,2024-01-02 03:04:05,x\n,,2,,,,1\n")
    _, rows = read_rows(
        None,
        [SourceFile(tmp_path / "x.csv", "/x")],
        DelimitedText(header=True),
        tmp_path,
        "inferDriftedColumnTypes: true",
    )
    assert [type(value).__name__ for value in rows[0]] == ["int", "int", "float", "bool", "date", "datetime", "str"]


@pytest.mark.parametrize(
    ("settings", "text", "kinds"),
    [
        ("", "1,1.5,12/31/2020,31.12.2020 1:02 PM", ["integer", "double", "string", "string"]),
        ("preferredIntegralType: 'short'", "1,99999,9999999999,1", ["short", "integer", "long", "short"]),
        (
            "preferredIntegralType: 'long', preferredFractionalType: 'float'",
            "1,1.5,1e300,x",
            ["long", "float", "double", "string"],
        ),
        (
            "preferredFractionalType: 'decimal'",
            "1,-01.50,12345678901234567890,1e5",
            ["integer", "decimal(3,2)", "decimal(20,0)", "double"],
        ),
        (
            "preferredFractionalType: 'decimal'",
            f"{'1' * 30}.{'2' * 9},,.5,x",
            ["double", "string", "decimal(1,1)", "string"],
        ),
        (
            "dateFormats: ['MM/dd/yyyy', 'MMM d yyyy']",
            "12/31/2020,dec 1 2020,2020-12-31,1",
            ["date", "date", "string", "integer"],
        ),
        (
            "timestampFormats: ['d.M.yyyy h:mm a']",
            "31.12.2020 1:02 PM,2020-12-31 1:02:03,2020-12-31,1",
            ["timestamp", "string", "date", "integer"],
        ),
    ],
    ids=str,
)
def test_drifted_columns_have_the_types_that_the_source_prefers_and_dates_by_its_patterns(
    tmp_path: Path, settings: str, text: str, kinds: list[str]
) -> None:
    (tmp_path / "x.csv").write_text(f"a,b,c,d\n{text}\n")
    with duckdb.connect() as connection:
        script = f"source(allowSchemaDrift: true, inferDriftedColumnTypes: true{settings and ', ' + settings}) ~> in"
        request = required_sources(document_of(script))[0]
        files = [SourceFile(tmp_path / "x.csv", "/x")]
        schema = create_source(connection, request, files, DelimitedText(header=True), "read", Reading(tmp_path))
    assert list(schema.columns.values()) == kinds


def test_a_column_is_a_date_only_when_one_of_the_patterns_reads_every_value(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n12/31/2020,12/31/2020\n,13/31/2020\n2020-01-02,\n")
    files = [SourceFile(tmp_path / "x.csv", "/x")]
    settings = "inferDriftedColumnTypes: true, dateFormats: ['MM/dd/yyyy', 'yyyy-MM-dd']"
    _, rows = read_rows(None, files, DelimitedText(header=True), tmp_path, settings)
    assert rows == [
        (datetime.date(2020, 12, 31), "12/31/2020"),
        (None, "13/31/2020"),
        (datetime.date(2020, 1, 2), None),
    ]


def test_avro_of_others_is_read_with_its_logical_types_and_unions(tmp_path: Path) -> None:
    schema = {
        "type": "record",
        "name": "r",
        "fields": [
            {"name": "id", "type": ["int", "long"]},
            {"name": "day", "type": ["null", {"type": "int", "logicalType": "date"}]},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "size", "type": {"type": "enum", "name": "s", "symbols": ["L", "M"]}},
            {"name": "tags", "type": {"type": "map", "values": "string"}},
        ],
    }
    at = datetime.datetime(2024, 1, 2, 3, tzinfo=datetime.UTC)
    record = {"id": 5, "day": None, "at": at, "size": "M", "tags": {"a": "b"}}
    with (tmp_path / "x").open("wb") as out:
        fastavro.writer(out, schema, [record])
    columns = {"id": "long", "day": "date", "at": "timestamp", "size": "string", "tags": "[string,string]"}
    rows = read_rows(columns, [SourceFile(tmp_path / "x", "/x")], Avro(), tmp_path)[1]
    assert rows == [(5, None, at.replace(tzinfo=None), "M", {"a": "b"})]


def test_xml_is_one_row_a_document_with_repeated_elements_as_arrays(tmp_path: Path) -> None:
    order = '<order id="7"><item>a</item><item>b</item><note lang="en">soon</note></order>'
    other = '<order id="8"><item>c</item><note/></order>'
    columns = {"order": "({@id} as integer, item as string[], note as ({@lang} as string, {_value_} as string))"}
    rows = _rows(tmp_path, Xml(), order.encode(), other.encode(), columns=columns)
    assert rows == [
        ({"@id": 7, "item": ["a", "b"], "note": {"@lang": "en", "_value_": "soon"}},),
        ({"@id": 8, "item": ["c"], "note": {"@lang": None, "_value_": None}},),
    ]


@pytest.mark.parametrize(
    ("properties", "rows"),
    [
        ({"sheetName": "people", "firstRowAsHeader": True}, PEOPLE),
        ({"sheetIndex": 1, "firstRowAsHeader": True}, PEOPLE),
        ({"sheetName": "people", "range": "A2:B3"}, PEOPLE),
        ({"sheetName": "people", "range": "A2"}, PEOPLE),
    ],
)
def test_a_sheet_of_a_workbook_is_read(tmp_path: Path, properties: dict[str, object], rows: list[Row]) -> None:
    form = make_format("Excel", properties)
    columns = COLUMNS if "range" not in properties else {"_col0_": "integer", "_col1_": "string"}
    assert _rows(tmp_path, form, _workbook(), columns=columns) == rows


def _workbook() -> bytes:
    """A workbook of two sheets, written by hand: an empty one and one with people."""
    rows = "".join(
        f'<row r="{number}"><c r="A{number}" t="{kind}">{first}</c>'
        f'<c r="B{number}" t="inlineStr"><is><t>{name}</t></is></c></row>'
        for number, kind, first, name in (
            (1, "inlineStr", "<is><t>id</t></is>", "name"),
            (2, "n", "<v>1</v>", "Ann"),
            (3, "n", "<v>2</v>", "Bo"),
        )
    )
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet2.xml" ContentType="{types}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships {package}><Relationship Id="r" Type="{relations}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{relations}"><sheets>'
        '<sheet name="empty" sheetId="1" r:id="r1"/><sheet name="people" sheetId="2" r:id="r2"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships {package}>"
        f'<Relationship Id="r1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{relations}/worksheet" Target="worksheets/sheet2.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData/></worksheet>",
        "xl/worksheets/sheet2.xml": f"<worksheet {main}><sheetData>{rows}</sheetData></worksheet>",
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return target.getvalue()


def test_orc_of_others_is_read(tmp_path: Path) -> None:
    orc.write_table(pa.table({"id": [1, 2], "name": ["Ann", "Bo"]}), tmp_path / "x.orc")
    assert read_rows(COLUMNS, [SourceFile(tmp_path / "x.orc", "/x")], Orc(), tmp_path)[1] == PEOPLE


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("a.csv", b"x;y\n1;2\n", DelimitedText(";", escape='"', header=True)),
        ("a.tsv", b"x\ty\n", DelimitedText("\t", escape='"', header=True)),
        ("a.csv.gz", gzip.compress(b"x,y\n", mtime=0), DelimitedText(escape='"', header=True, compression="gzip")),
        ("a.json", b'[{"a": 1}]', Json("arrayOfDocuments")),
        ("a.json", b'{"a": 1}\n{"a": 2}\n', Json("documentPerLine")),
        ("a.json", b'{\n"a": 1\n}\n', Json("singleDocument")),
        ("a", b'{"a": 1}', Json("documentPerLine")),
        ("a", b"x|y\n", DelimitedText("|", escape='"', header=True)),
        ("a.xlsx", b"", Excel(header=True)),
        ("a", b"Obj\x01", Avro()),
        ("a", b"<?xml ?>", Xml()),
    ],
)
def test_the_format_of_a_file_is_told_by_its_name_and_content(
    tmp_path: Path, name: str, content: bytes, form: FileFormat
) -> None:
    (tmp_path / name).write_bytes(content)
    assert detected(tmp_path / name) == form


@pytest.mark.parametrize(
    ("form", "content", "message"),
    [
        (DelimitedText(row_delimiter="|"), b"a|", "the row delimiter '|' is not supported"),
        (DelimitedText(column_delimiter="12345"), b"a", "the column delimiter '12345' is not supported"),
        (DelimitedText(encoding="klingon"), b"a", "the encoding 'klingon' is unknown"),
        (DelimitedText(compression="snappy"), b"a", "the compression 'snappy' is not supported"),
        (DelimitedText(compression="bzip2"), b"a", "cannot be read as bzip2"),
        (DelimitedText(compression="gzip"), b"a", "cannot be read as gzip"),
        (Json("documentPerLine"), b'{"Id": 1, "id": 2}', "the columns 'Id' and 'id' of the documents differ in case"),
        (Json("arrayOfDocuments"), b'[{"Id": 1}, {"id": 2}]', "the columns 'Id' and 'id' of the documents differ in"),
        (Json("documentPerLine", deviations=("asComments",)), b"{'a': 1}", "is no JSON, not even with asComments"),
        (Json("oneByOne"), b"{}", "the documentForm 'oneByOne' is unknown"),
        (Avro(), b"PAR1", "is no Avro file"),
        (Orc(), b"PAR1", "is no ORC file"),
        (Xml(), b"<a>", "is no XML"),
        (Excel(), b"a", "is no workbook"),
        (Excel(sheet="nowhere"), _workbook(), "has no sheet 'nowhere'"),
        (Excel(range="1:2"), _workbook(), "'1:2' is no range of cells"),
    ],
    ids=lambda value: "content" if isinstance(value, bytes) else str(value),  # a workbook tells when it was made
)
def test_what_cannot_be_read_is_told_with_its_place(
    tmp_path: Path, form: FileFormat, content: bytes, message: str
) -> None:
    with pytest.raises(DataFlowRunError) as caught:
        _rows(tmp_path, form, content)
    assert message in str(caught.value)
    assert str(caught.value).startswith("at Source 'in': ")
