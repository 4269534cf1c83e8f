"""What documents with many fields, and with names that cannot be told apart, are read as."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest
from execution_bench import Row, read_rows

from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.formats import FileFormat, Json, Xml
from dataflow_execution.readers.json_documents import json_relation
from dataflow_execution.readers.source_files import SourceFile
from dataflow_execution.readers.xml_documents import xml_relation


def _rows(folder: Path, form: FileFormat, content: bytes, columns: dict[str, str]) -> list[Row]:
    (folder / "file").write_bytes(content)
    return read_rows(columns, [SourceFile(folder / "file", "/in/file")], form, folder / "decoded")[1]


def test_a_wide_document_is_a_row_and_a_wide_object_a_structure(tmp_path: Path) -> None:
    """With 200 fields of like types, and more, they are no maps."""
    wide = {f"c{number}": number for number in range(300)}
    columns = {"c299": "integer", "inner": f"({', '.join(f'{name} as integer' for name in wide)})"}
    rows = _rows(tmp_path, Json("documentPerLine"), json.dumps({**wide, "inner": wide}).encode(), columns)
    assert rows == [(299, wide)]
    assert _rows(tmp_path, Json("documentPerLine"), json.dumps(wide).encode(), {"c7": "integer"}) == [(7,)]


def test_a_wide_element_of_xml_is_a_structure(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(300)]
    text = f"<r>{''.join(f'<{name}>{name}</{name}>' for name in names)}</r>"
    columns = {"r": f"({', '.join(f'{name} as string' for name in names)})"}
    assert _rows(tmp_path, Xml(), text.encode(), columns) == [({name: name for name in names},)]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (b'{"a": 1, "": 2}', "a field of the documents has no name"),
        (
            b'{"x": {"a": 1, "A": 2}}',
            "a structure in the documents has two fields that differ from 'A' in case at most",
        ),
    ],
)
def test_names_of_documents_that_cannot_be_told_apart_are_refused(tmp_path: Path, text: bytes, cause: str) -> None:
    (tmp_path / "x.json").write_bytes(text)
    with duckdb.connect() as connection, pytest.raises(DataFlowRunError, match=re.escape(cause)):
        json_relation([tmp_path / "x.json"], Json("documentPerLine"), tmp_path, connection=connection)


@pytest.mark.parametrize(
    ("texts", "cause"),
    [
        (["<r><A>1</A><a>2</a></r>"], "a structure in the documents has two fields that differ from"),
        (["<r><a B='1' b='2'/></r>"], "a structure in the documents has two fields that differ from"),
        (["<r/>", "<R/>"], "the columns 'R' and 'r' of the documents differ in case alone"),
    ],
)
def test_names_of_xml_that_cannot_be_told_apart_are_refused(tmp_path: Path, texts: list[str], cause: str) -> None:
    files = [tmp_path / f"{number}.xml" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    with duckdb.connect() as connection, pytest.raises(DataFlowRunError, match=re.escape(cause)):
        xml_relation(connection, files, Xml(), tmp_path / "read")
