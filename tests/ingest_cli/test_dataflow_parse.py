"""`ingest dataflow parse`: a line a failure with its place, then the count; other languages are skipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ingest_cli.errors import CommandError
from ingest_cli.main import application


def _flow(*lines: str, kind: str = "MappingDataFlow") -> dict[str, Any]:
    return {"name": "f", "properties": {"type": kind, "typeProperties": {"scriptLines": list(lines)}}}


def _parse(*arguments: str) -> tuple[int, list[str]]:
    command = ["dataflow", "parse", *arguments]
    result = CliRunner().invoke(application(command), command)
    if isinstance(result.exception, CommandError):
        raise result.exception
    return result.exit_code, result.stdout.splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dataflow").mkdir()
    files: dict[str, object] = {
        "dataflow/good.json": _flow("source() ~> s", "s sink() ~> t"),
        "dataflow/wrangling.json": _flow(kind="WranglingDataFlow"),
        "dataflow/library.json": _flow(kind="UDFLibrary"),
        "dataflow/flowlet.json": _flow("input() ~> s", kind="Flowlet"),
        "pipeline.json": {"name": "p", "properties": {"activities": []}},
    }
    for name, document in files.items():
        (tmp_path / name).write_text(json.dumps(document))
    (tmp_path / "notes.txt").write_text("nothing of the kind")
    (tmp_path / "settings.json").write_text("{// a comment\n}")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "bad.json").write_text(json.dumps(_flow("x")))
    return tmp_path


def test_the_flows_of_a_folder_are_counted_and_other_languages_skipped(folder: Path) -> None:
    assert _parse(str(folder)) == (0, ["2 parsed, 0 failed, 2 skipped"])


def test_a_failure_has_file_line_column_pointer_and_cause(folder: Path) -> None:
    bad = folder / "bad.json"
    bad.write_text(json.dumps({"dataFlow": _flow("source() ~> s", "s derive(x = ) ~> d", "d sink(,) ~> t")}))
    code, lines = _parse(str(bad), str(folder / "dataflow"))
    assert code == 1
    assert lines == [
        f"{bad}:2:14 /dataFlow/properties/typeProperties/scriptLines/1: "
        "parsing flow 'f': unexpected ')'; expected an expression (and 1 more)",
        "2 parsed, 1 failed, 2 skipped",
    ]


def test_details_show_every_problem_underlined(folder: Path) -> None:
    bad = folder / "bad.dfs"
    bad.write_text("source() ~> s\ns derive(x = ) ~> d\nd sink(,) ~> t")
    lines = _parse("--details", str(bad))[1]
    assert [line for line in lines if "^" in line] == ["    |              ^", "    |        ^"]


def test_what_is_no_json_is_a_failure_with_its_place(folder: Path) -> None:
    broken, latin = folder / "dataflow" / "broken.json", folder / "latin.json"
    broken.write_text('{"name": "x",\n oops}')
    latin.write_bytes('{"a":\n"gr\xfc\xdf ~> MappingDataFlow"}'.encode("latin-1"))
    code, lines = _parse(str(folder))
    assert code == 1
    assert lines == [
        f"{broken}:2:2: no JSON: Expecting property name enclosed in double quotes",
        f"{latin}:2:4: no text: invalid start byte",
        "2 parsed, 2 failed, 2 skipped",
    ]


def test_a_template_may_have_comments_and_a_document_of_studio_none(folder: Path) -> None:
    flow = '{"type": "MappingDataFlow", /* a */ "typeProperties": {"script": "source() ~> a // b"}}'
    template, document = folder / "template.json", folder / "document.json"
    template.write_text(f'{{"resources": [{{ // the flow\n"name": "x", "properties": {flow}}}]}}')
    document.write_text(f'{{"name": "x",\n"properties": {flow}}}')
    assert _parse(str(template)) == (0, ["1 parsed, 0 failed, 0 skipped"])
    assert _parse(str(document))[1][0].startswith(f"{document}:2:43: no JSON: Expecting property name")


def test_broken_json_counts_when_it_is_named_or_speaks_of_flows(folder: Path) -> None:
    assert _parse(str(folder / "settings.json"))[1][-1] == "0 parsed, 1 failed, 0 skipped"
    (folder / "settings.json").write_text('{"type": "MappingDataFlow",}')
    assert _parse(str(folder))[1][-1] == "2 parsed, 1 failed, 2 skipped"


def test_a_named_file_without_a_flow_is_a_failure(folder: Path) -> None:
    pipeline = folder / "pipeline.json"
    assert _parse(str(pipeline)) == (
        1,
        [f"{pipeline}: there is no data flow in it", "0 parsed, 1 failed, 0 skipped"],
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["x.json", "x.dfs", "x.dsl", "x.txt"])
def test_files_may_begin_with_a_byte_order_mark(tmp_path: Path, name: str, encoding: str) -> None:
    text = "source() ~> größe\r\ngröße sink() ~> t"
    (tmp_path / name).write_bytes((json.dumps(_flow(text)) if name.endswith("json") else text).encode(encoding))
    assert _parse(str(tmp_path)) == (0, ["1 parsed, 0 failed, 0 skipped"])


def test_a_document_without_a_script_is_a_failure_of_the_document(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text(json.dumps({"dataFlow": {"properties": {"type": "Flowlet", "typeProperties": {}}}}))
    assert _parse(str(file))[1][0] == (
        f"{file} /dataFlow: reading flow '(without name)': the document has no script; "
        "expected 'script' (text) or 'scriptLines' (list of texts)"
    )


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no such file or folder"):
        _parse(str(tmp_path / "nowhere"))


def test_links_in_a_circle_end_and_files_that_cannot_be_read_are_each_a_failure(tmp_path: Path) -> None:
    inner = tmp_path / "dataflow"
    inner.mkdir()
    (inner / "again").symlink_to(tmp_path)
    (inner / "circle.json").symlink_to("circle.json")
    (inner / "deep.json").write_text("[" * 100_000 + "]" * 100_000)
    code, lines = _parse(str(tmp_path))
    assert code == 1
    assert [line.partition(": ")[2] for line in lines[:-1]] == [
        "cannot be opened: Too many levels of symbolic links",
        "nested too deeply to be read",
    ]
    assert lines[-1] == "0 parsed, 2 failed, 0 skipped"
