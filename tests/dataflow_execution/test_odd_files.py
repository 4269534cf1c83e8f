"""Files that are not what a reader expects: archives of several, empty ones, rows that cannot be read; what is told."""

from __future__ import annotations

import bz2
import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dataflow_bench import document_of

from dataflow_execution.errors import DataFlowRunError, cause_of
from dataflow_execution.local_sinks import stage_sink
from dataflow_execution.local_sources import open_source
from dataflow_execution.sources import Reading
from dataflow_execution.writers.file_formats import Rows
from mapping_dataflow import MappingDataFlowErrors, SourceSchema, compile_flow, required_sources

CSV = "format: 'delimited', columnNamesAsHeader: true, allowSchemaDrift: true"
JSON = "format: 'json', allowSchemaDrift: true"
TOO_MANY = "1" + ",2" * 12
TELLS_MANY = f"the row has too many values: {TOO_MANY}"
WRONG_FORM = "at Source 'rows': documents of the form documentPerLine"
Rows_ = list[tuple[Any, ...]]


def _read(folder: Path, settings: str, files: Mapping[str, str | bytes]) -> tuple[list[str], Rows_]:
    for name, content in files.items():
        (folder / "in").mkdir(exist_ok=True)
        (folder / "in" / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    document = document_of(f"source({settings}) ~> rows\nrows sink() ~> out")
    with duckdb.connect() as connection:
        (request,) = required_sources(document)
        schema = open_source(connection, request, str(folder / "in"), None, "read", Reading(folder / "read"))
        sink = compile_flow(document, {"rows": schema}).sinks[0]
        return [column.name for column in sink.columns], connection.execute(sink.sql).fetchall()


def _zip(files: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _tar(files: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content.encode()))
    return out.getvalue()


SEVERAL: Mapping[str, tuple[str, Mapping[str, str | bytes]]] = {
    "the first is compressed": (CSV, {"a.csv.gz": gzip.compress(b"n\n1\n"), "b.csv": "n\n2\n"}),
    "another is compressed": (CSV, {"a.csv": "n\n1\n", "b.csv.gz": gzip.compress(b"n\n2\n")}),
    "two ways": (CSV, {"a.csv.bz2": bz2.compress(b"n\n1\n"), "b.csv.gz": gzip.compress(b"n\n2\n")}),
    "nothing says so but a name": (
        "allowSchemaDrift: true",
        {"a.csv.deflate": zlib.compress(b"n\n1\n"), "b.csv": "n\n2\n"},
    ),
    "documents": (JSON, {"a.json": '{"n": 1}', "b.json.gz": gzip.compress(b'{"n": 2}')}),
}


@pytest.mark.parametrize(("settings", "files"), SEVERAL.values(), ids=SEVERAL)
def test_files_of_several_compressions_are_read_together(
    settings: str, files: Mapping[str, str | bytes], tmp_path: Path
) -> None:
    columns, rows = _read(tmp_path, f"{settings}, rowUrlColumn: 'file'", files)
    assert columns == ["n", "file"]
    assert sorted((str(number), name) for number, name in rows) == [
        (str(number), f"/{name}") for number, name in enumerate(files, 1)
    ]


@pytest.mark.parametrize(
    ("codec", "settings", "entries"),
    [
        ("ZipDeflate", CSV, ("a\n1\n", "a\n2\n")),
        ("TarGzip", CSV, ("a\n1\n", "a\n2\n")),
        ("ZipDeflate", f"{JSON}, documentForm: 'arrayOfDocuments'", ('[{"a": 1}]', '[{"a": 2}]')),
        ("ZipDeflate", "format: 'xml', allowSchemaDrift: true", ("<a>1</a>", "<a>2</a>")),
    ],
)
def test_every_file_of_an_archive_is_one(codec: str, settings: str, entries: tuple[str, str], tmp_path: Path) -> None:
    packed: Callable[[Mapping[str, str]], bytes] = _zip if codec == "ZipDeflate" else _tar
    archive = packed(dict(zip(("one", "two"), entries, strict=True)))
    whole = f"{settings}, compressionCodec: '{codec}', rowUrlColumn: 'file'"
    names, rows = _read(tmp_path, whole, {"both": archive})
    assert names == ["a", "file"]
    assert sorted(rows) == [("1", "/both"), ("2", "/both")]


@pytest.mark.parametrize("settings", [CSV, JSON])
def test_an_empty_file_has_the_declared_columns_alone(settings: str, tmp_path: Path) -> None:
    found = _read(tmp_path, f"{settings}, output(a as integer), rowUrlColumn: 'file'", {"x": ""})
    assert found == (["a", "file"], [])


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("documentPerLine", '[{"a":1},{"a":2,"b":[3]}]\n'),
        ("singleDocument", '[{"a":1},\n{"a":2,"b":[3]}]'),
        ("documentPerLine", '[{"a":1}]\n[{"a":2,"b":[3]}]\n'),
    ],
)
def test_a_document_that_is_an_array_of_objects_is_their_rows(form: str, text: str, tmp_path: Path) -> None:
    assert _read(tmp_path, f"{JSON}, documentForm: '{form}'", {"x": text}) == (["a", "b"], [("1", None), ("2", [3])])


def test_a_field_may_be_called_like_the_whole(tmp_path: Path) -> None:
    assert _read(tmp_path, JSON, {"x": '{"json":[{"a":1}]}'}) == (["json"], [([{"a": 1}],)])


def test_the_mark_of_utf_8_is_no_part_of_a_document(tmp_path: Path) -> None:
    assert _read(tmp_path, JSON, {"x": "\ufeff" + '{"a":"é"}\n'}) == (["a"], [("é",)])


@pytest.mark.parametrize(
    ("settings", "files", "message"),
    [
        (
            CSV,
            {"x": "a,b\n1,2\n", "y": f"a,b\n1,2\n{TOO_MANY}\n"},
            f"y, line 3: {TELLS_MANY}",
        ),
        (
            f"{CSV}, skipLines: 2, encoding: 'UTF-16'",
            {"x": "-\n-\na,b\n1,2\n".encode("utf-16"), "y": f"-\n-\na,b\n{TOO_MANY}\n".encode("utf-16")},
            f"y, line 4: {TELLS_MANY}",
        ),
        (CSV, {"x": "a,b\n1,2\n", "y": 'a,b\n1,"2\n3,4\n'}, 'y, line 2: a value in quotes is not closed: 1,"2'),
        (
            f"{CSV}, multiLineRow: true",
            {"x": "a,b\n1,2\n", "y": 'a,b\n"1\n2",x\n1,"2\n3,4\n'},
            "at Source 'rows': y, line 4: a value in quotes is not closed",
        ),
        (
            CSV,
            {"y": 'a,b\n1,"2\n2"\n'},
            "y, line 2: the value in quotes goes on over the end of its line, which multiLineRow: true allows",
        ),
        (
            JSON,
            {"y": '{"a":1}\n{"a":}\n'},
            "at Source 'rows': Malformed JSON in file \"y\", at byte 6 in line 2: unexpected character. ",
        ),
        (
            JSON,
            {"y": '{"a":1}\n[{"a":2}]\n'},
            "at Source 'rows': documents of the form documentPerLine are array and object: y",
        ),
        (JSON, {"y": "[1]\n"}, f"{WRONG_FORM} are array: y"),
    ],
)
def test_what_cannot_be_read_is_told_with_file_and_line(
    settings: str, files: Mapping[str, str | bytes], message: str, tmp_path: Path
) -> None:
    with pytest.raises((DataFlowRunError, duckdb.Error)) as caught:
        _read(tmp_path, settings, files)
    assert cause_of(caught.value).replace(f"{tmp_path}/in/", "") == message


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('a,b\n1,"2"3\n', [("1", '"2"3')]),
        ('a,b\n"x, y",2"3"4\n', [("x, y", '2"3"4')]),
        ('a,b\n1,"2\\"3"\n', [("1", '2"3')]),
    ],
)
def test_a_value_that_goes_on_behind_its_quote_keeps_its_quotes(text: str, rows: Rows_, tmp_path: Path) -> None:
    assert _read(tmp_path, CSV, {"x": text})[1] == rows


@pytest.mark.parametrize(("settings", "message"), [("limit: -1", "limit is -1"), ("skipLines: -2", "skipLines is -2")])
def test_counts_below_0_are_refused_by_name(settings: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(MappingDataFlowErrors, match=message):
        _read(tmp_path, f"{CSV}, {settings}", {"x": "a\n1\n"})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("filePattern: 'x.csv', partitionBy('roundRobin', 2)", "the filePattern 'x.csv' gives 2 partitions one name"),
        ("partitionFileNames: ['x', 'x'], partitionBy('roundRobin', 2)", "several of its files are called 'x'"),
        ("partitionBy('hash', 0, a)", "0 is no number of partitions"),
        ("partitionBy('roundRobin', 1.5)", "1.5 is no number of partitions"),
    ],
)
def test_no_file_of_a_sink_takes_the_place_of_another(settings: str, message: str, tmp_path: Path) -> None:
    with pytest.raises((DataFlowRunError, MappingDataFlowErrors), match=message):
        _write(tmp_path, settings)


def _write(folder: Path, settings: str) -> None:
    document = document_of(f"source(output(a as long)) ~> rows\nrows sink(format: 'delimited', {settings}) ~> out")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE given AS SELECT range AS a FROM range(4)")
        sink = compile_flow(document, {"rows": SourceSchema({"a": "long"}, "given")}).sinks[0]
        stage_sink(connection, sink, Rows(sink.sql), folder / "out", None, folder / "staged")
