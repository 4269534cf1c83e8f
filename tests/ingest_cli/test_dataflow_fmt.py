"""`ingest dataflow fmt`: only the scripts of a file change; what cannot be read stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest_cli.main import application

SCRIPT = "source()~>s\ns   sink( )~>t"
FORMATTED = ["source() ~> s", "s sink() ~> t"]


def _fmt(*arguments: str) -> tuple[int, str]:
    command = ["dataflow", "fmt", *arguments]
    result = CliRunner().invoke(application(command), command)
    return result.exit_code, result.output


def _file(folder: Path, text: str, name: str = "flow.json", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def _document(script: str) -> str:
    return (
        '{ "name":"größe",\n  "properties": {"type": "MappingDataFlow",\n    "typeProperties": {\n' + script + "\n}}}\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '      "scriptLines": ["source()~>s", "s   sink( )~>t"]',
            '      "scriptLines": [\n        "source() ~> s",\n        "s sink() ~> t"\n      ]',
        ),
        (
            '\t"script": "source()~>s\\ns   sink( )~>t",  "x": 1',
            '\t"scriptLines": [\n\t  "source() ~> s",\n\t  "s sink() ~> t"\n\t],  "x": 1',
        ),
        (
            '  "script": "source()~>s\\ns sink()~>t",\n  "scriptLines": ["source()~>s", "s sink()~>t"]',
            '  "script": "source() ~> s\\ns sink() ~> t",\n'
            '  "scriptLines": [\n    "source() ~> s",\n    "s sink() ~> t"\n  ]',
        ),
        (
            '  "sources": [{"name": "s", "script": "source()~>s"}],\n'
            '"sinks": [{"name": "t", "script": "s sink( )~>t"}]',
            '  "sources": [{"name": "s", "script": "source() ~> s"}],\n'
            '"sinks": [{"name": "t", "script": "s sink() ~> t"}]',
        ),
    ],
)
def test_only_the_script_changes(tmp_path: Path, before: str, after: str) -> None:
    path = _file(tmp_path, _document(before))
    assert _fmt(str(path)) == (0, f"formatted {path}\n")
    assert path.read_text(encoding="utf-8") == _document(after)
    assert _fmt("--check", str(path)) == (0, "")


def test_the_nodes_of_the_preview_may_stand_in_a_template_without_a_type(tmp_path: Path) -> None:
    text = (
        '{"resources": [{"name": "f/a", "type": "Microsoft.DataFactory/factories/dataflows", "properties": {"sources":'
    )
    path = _file(tmp_path, text + ' [{"name": "s", "script": "source()~>s"}]}}]}')
    assert _fmt(str(path)) == (0, f"formatted {path}\n")
    assert path.read_text(encoding="utf-8") == text + ' [{"name": "s", "script": "source() ~> s"}]}}]}'


def test_a_formatted_file_keeps_every_byte(tmp_path: Path) -> None:
    path = _file(tmp_path, _document('"scriptLines":["source() ~> s",   "s sink() ~> t"]'))
    before = path.read_bytes()
    assert _fmt(str(path)) == (0, "")
    assert path.read_bytes() == before


def test_check_names_what_would_change_and_changes_nothing(tmp_path: Path) -> None:
    path = _file(tmp_path, _document('"scriptLines": ["source()~>s"]'))
    before = path.read_bytes()
    assert _fmt("--check", str(tmp_path)) == (1, f"would format {path}\n")
    assert path.read_bytes() == before


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encoding_and_line_ends_stay(tmp_path: Path, encoding: str) -> None:
    text = _document('"scriptLines": [\n"source()~>größe"\n]').replace("\n", "\r\n")
    path = _file(tmp_path, text, encoding=encoding)
    _fmt(str(path))
    found = path.read_bytes().decode(encoding)
    assert found.count("\r\n") == found.count("\n")
    assert json.loads(found)["properties"]["typeProperties"]["scriptLines"] == ["source() ~> größe"]


def test_a_script_alone_is_formatted(tmp_path: Path) -> None:
    path = _file(tmp_path, SCRIPT.replace("\n", "\r\n"), "flow.dfs")
    _fmt(str(path))
    assert path.read_bytes() == "\r\n".join([*FORMATTED, ""]).encode()


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (_document('"scriptLines": ["s derive(a = ) ~> d"]'), "the flow is left as it is"),
        (_document('"script": "source() ~> s", "scriptLines": ["source(x: 1) ~> s"]'), "mean different things"),
        ('{"name": ', "no JSON"),
        ('{"resources": [' + _document('"script": ""') + "] // all\n}", "the template has comments"),
        (
            '{"resources": [{"type": "x/dataflows", "name": "n", "properties": {"type": "MappingDataFlow", '
            '"typeProperties": {"script": "[concat(\'source()~>s\')]"}}}]}',
            "is an expression of a template",
        ),
    ],
)
def test_what_cannot_be_formatted_is_left_as_it_is(tmp_path: Path, text: str, cause: str) -> None:
    path = _file(tmp_path, text)
    code, output = _fmt(str(path))
    assert code == 1 and cause in output
    assert path.read_text(encoding="utf-8") == text


def test_an_empty_flow_and_other_languages_stay(tmp_path: Path) -> None:
    _file(tmp_path, _document('"script": ""'), "a.json")
    _file(tmp_path, _document('"script": "shared x"').replace("MappingDataFlow", "WranglingDataFlow"), "b.json")
    assert _fmt(str(tmp_path)) == (0, "")


def test_json_on_one_line_stays_on_one_line(tmp_path: Path) -> None:
    path = _file(tmp_path, '{"properties":{"type":"Flowlet","typeProperties":{"scriptLines":["input( )~>s"]}}}')
    _fmt(str(path))
    assert path.read_text() == '{"properties":{"type":"Flowlet","typeProperties":{"scriptLines":["input() ~> s"]}}}'


def test_a_file_that_is_named_and_holds_no_flow_is_told(tmp_path: Path) -> None:
    path = _file(tmp_path, "[]")
    assert _fmt(str(path)) == (1, f"formatting {path}: there is no data flow in it\n")
    assert _fmt(str(tmp_path)) == (0, "")
