"""`ingest dataflow lineage`: the commands of its guide, its forms, and what it refuses."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from ingest_cli.errors import CommandError
from ingest_cli.main import application

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guides" / "read-lineage.md"
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
COMMANDS = [line.partition(" > ")[0] for kind, block in BLOCKS if kind == "sh" for line in block.splitlines()]
FLOW = "pipelines_json/dataflow/deidentify_patients.json"


def _run(*arguments: str) -> str:
    command = ["dataflow", "lineage", *arguments]
    result = CliRunner().invoke(application(command), command)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0
    return result.stdout


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_guide_answers(command: str) -> None:
    assert _run(*shlex.split(command)[3:])


def test_the_guide_shows_what_is_answered() -> None:
    (shown,) = [block for kind, block in BLOCKS if kind == ""]
    answer = _run(FLOW).splitlines()
    assert [line for line in shown.splitlines() if line not in answer] == []


def test_the_picture_is_well_formed_and_stands_alone() -> None:
    text = _run(FLOW, "--format", "svg")
    assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    page = _run(FLOW, "--format", "html")
    for picture in (text, page):
        assert re.findall(r"(?:src|href)=|url\(|@import|https?://(?!www\.w3\.org/2000/svg)", picture) == []


def test_the_page_tells_every_column_that_can_be_pointed_at() -> None:
    page = _run(FLOW, "--format", "html")
    found = re.search(r'<script type="application/json" id="told">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    told = json.loads(found.group(1))
    rows = re.findall(r'<g class="row" data-key="([^"]+)"', page)
    assert rows and set(rows) <= told.keys()
    assert told["sink curatedPatients Id"]["ways"][0]["steps"] == [
        ["generalisedPatients", "Id", "sha2(256, concat($pseudonymKey, ':', Id))"]
    ]


def _drifting(folder: Path) -> Path:
    script = "source() ~> a\na derive(x = toString(byName($p))) ~> d\nd sink(allowSchemaDrift: true) ~> t"
    inner = {"script": "parameters{p as string}\n" + script}
    path = folder / "flow.json"
    path.write_text(json.dumps({"name": "f", "properties": {"type": "MappingDataFlow", "typeProperties": inner}}))
    return path


@pytest.mark.parametrize("name", ["schema.json", "rows.json", "rows.jsonl", "data.csv", "data.parquet"])
def test_a_schema_is_read_from_names_or_from_data(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    match name:
        case "data.parquet":
            table = pa.table({"one": ["x"], "two": pa.array([[1]], pa.list_(pa.int64()))})
            pyarrow.parquet.write_table(table, path)
        case "data.csv":
            path.write_text("one,two\nx,1\n")
        case "schema.json":
            path.write_text('{"one": "string", "two": "long[]"}')
        case "rows.json":
            path.write_text('[{"one": "x", "two": [1]}]')
        case _:
            path.write_text('{"one": "x"}\n{"one": "y", "two": [1]}\n')
    answer = _run(str(_drifting(tmp_path)), "--schema", f"a={path}", "--parameter", "p=two")
    assert "  one\n    a.one  copied\n  two\n    a.two  copied\n  x\n    a.two  copied" in answer


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["--schema", "a"], "expected --schema NAME=VALUE"),
        (["--schema", "b=SCHEMA"], "the flow has no source 'b'"),
        (["--schema", "a=nowhere.json"], "reading the schema nowhere.json"),
        (["--schema", "a=LIST"], "neither names with types nor rows"),
        (["--parameter", "q=1"], "the flow declares no parameter 'q'"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, arguments: list[str], cause: str) -> None:
    (tmp_path / "s.json").write_text('{"x": "string"}')
    (tmp_path / "l.json").write_text("[1]")
    given = [
        one.replace("SCHEMA", str(tmp_path / "s.json")).replace("LIST", str(tmp_path / "l.json")) for one in arguments
    ]
    with pytest.raises(CommandError, match=re.escape(cause)):
        _run(str(_drifting(tmp_path)), *given)


@pytest.mark.parametrize(("text", "cause"), [("{", "no JSON"), ("{}", "are: none")])
def test_a_file_without_a_flow_is_refused(tmp_path: Path, text: str, cause: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(CommandError, match=cause):
        _run(str(tmp_path / "x.json"))
    with pytest.raises(CommandError, match="no such file"):
        _run(str(tmp_path / "y.json"))
