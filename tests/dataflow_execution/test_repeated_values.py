"""Much text whose values repeat is computed by another query: files have the same bytes, in the same order."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from dataflow_bench import document_of

from dataflow_execution import sources
from dataflow_execution.errors import DataFlowRunError
from dataflow_execution.flow_run import FlowDocuments, FlowRun
from dataflow_execution.formats import DelimitedText, FileFormat, Json, Parquet
from dataflow_execution.query_engines import DuckDBEngine
from dataflow_execution.readers.source_files import SourceFile
from dataflow_execution.sources import Reading, create_source
from dataflow_execution.writers.file_sink import Place, part_name, stage_files

ROWS = 60_000
SCRIPT = """source(output(person as string, row as string)) ~> rows
rows derive(one = sha2(256, person), other = md5(row)) ~> made
made sink() ~> out"""
TEXT = DelimitedText(header=True, escape='"')


@pytest.fixture
def people(tmp_path: Path) -> Path:
    file = tmp_path / "people.csv"
    lines = (f"{'' if number % 7 == 0 else f'person {number // 50}'},{number}" for number in range(ROWS))
    file.write_text("\n".join(["person,row", *lines]), encoding="utf-8")
    return file


def _written(people: Path, folder: Path, form: FileFormat, reading: Reading) -> tuple[bytes, bool]:
    """What the sink's file holds, and whether its rows came by lookups."""
    documents = FlowDocuments(document_of(SCRIPT))
    with duckdb.connect() as connection:
        request = documents.requests()[0]
        schema = create_source(connection, request, [SourceFile(people, "/people.csv")], TEXT, "source_0", reading)
        run = FlowRun(documents, connection, DuckDBEngine(connection), {"rows": schema})
        (sink,) = run.compiled().sinks
        staged = stage_files(connection, sink, run.rows_of_sink(sink), form, Place("out", part_name), folder)
        assert staged.rows == ROWS
        return staged.files[0].path.read_bytes(), sink.lookup_sql is not None


@pytest.mark.parametrize("form", [TEXT, Json(), Parquet()], ids=["text", "json", "parquet"])
def test_files_have_the_same_bytes(
    people: Path, tmp_path: Path, form: FileFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, by_lookups = _written(people, tmp_path / "plain", form, Reading(tmp_path))
    assert not by_lookups
    monkeypatch.setattr(sources, "_LARGE", 1000)
    quick, by_lookups = _written(people, tmp_path / "quick", form, Reading(tmp_path))
    assert by_lookups
    assert quick == plain


def test_with_a_limit_of_memory_or_rows_nothing_is_kept_beside_the_rows(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_LARGE", 1000)
    for number, reading in enumerate((Reading(tmp_path, buffer=1 << 25), Reading(tmp_path, limit=ROWS))):
        assert not _written(people, tmp_path / str(number), TEXT, reading)[1]


def test_text_that_cannot_be_read_is_told_of_its_source(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.write_bytes(b"person,row\n" + b"a,1\n" * 9000 + b"\xff,1\n")
    monkeypatch.setattr(sources, "_LARGE", 1)
    with pytest.raises(DataFlowRunError, match=r"at Source 'rows': .*utf-8 encoded"):
        _written(people, tmp_path, TEXT, Reading(tmp_path))


def test_values_repeat_when_the_first_rows_say_so(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_LARGE", 1000)
    with duckdb.connect() as connection:
        request = FlowDocuments(document_of(SCRIPT)).requests()[0]
        files = [SourceFile(people, "/people.csv")]
        schema = create_source(connection, request, files, TEXT, "source_0", Reading(tmp_path))
        assert [schema.repeats(column) for column in ("person", "row")] == [True, False]
