"""`ingest dataflow lineage`: the commands of its guide, its forms, and what it refuses."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
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


def test_one_file_may_hold_the_schemas_of_all_sources(tmp_path: Path) -> None:
    path = tmp_path / "schemas.json"
    path.write_text('{"a": {"one": "string", "two": "long"}}')
    answer = _run(str(_drifting(tmp_path)), "--schema", str(path), "--parameter", "p=two")
    assert "  one\n    a.one  copied\n  two\n    a.two  copied\n  x\n    a.two  copied" in answer


def test_a_dataset_says_which_columns_a_source_has(tmp_path: Path) -> None:
    path = tmp_path / "dataset.json"
    schema = [
        {"name": "one", "type": "nvarchar"},
        {"name": "two", "type": "decimal", "precision": 9, "scale": 2},
        {"name": "three", "type": "datetime2"},
    ]
    path.write_text(json.dumps({"name": "d", "properties": {"type": "AzureSqlTable", "schema": schema}}))
    event = json.loads(_run(str(_drifting(tmp_path)), "--schema", f"a={path}", "--format", "json"))
    fields = event["inputs"][0]["facets"]["schema"]["fields"]
    assert fields == [
        {"name": "one", "type": "string"},
        {"name": "two", "type": "decimal(9,2)"},
        {"name": "three", "type": "timestamp"},
    ]


def test_flowlets_and_libraries_beside_a_flow_are_read(tmp_path: Path) -> None:
    library = {"type": "UDFLibrary", "typeProperties": {"script": "twice(string) as string = concat(i1, i1)"}}
    flowlet = {
        "type": "Flowlet",
        "typeProperties": {"script": "input(output(v as string)) ~> i\ni derive(w = twice(v)) ~> d\nd output() ~> o"},
    }
    script = (
        "source(output(k as string)) ~> a\na compose(mapColumn(v = k), composition: 'piece') ~> c@(o)\nc@o sink() ~> t"
    )
    flow = {"type": "MappingDataFlow", "typeProperties": {"script": script}}
    for name, properties in {"own": library, "piece": flowlet, "flow": flow}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"name": name, "properties": properties}))
    assert "  w\n    a.k  computed\n      c/i: v = k\n      c/d: w = concat(v, v)" in _run(str(tmp_path / "flow.json"))
    (tmp_path / "piece.json").unlink()
    assert "c@o: * = compose('piece', columns())" in _run(str(tmp_path / "flow.json"))


@pytest.mark.parametrize("command", ["lineage FLOW", "run FLOW", "diff FLOW FLOW"])
def test_a_broken_document_beside_a_flow_that_may_need_it_is_told(tmp_path: Path, command: str) -> None:
    flow = tmp_path / "flow.dfs"
    flow.write_text("source(output(k as string)) ~> a\na compose(composition: 'p') ~> c@(o)\nc@o sink() ~> t")
    (tmp_path / "p.json").write_text('{"type": "Flowlet",')
    everything = ["dataflow", *command.replace("FLOW", str(flow)).split()]
    result = CliRunner().invoke(application(everything), everything)
    told = f"reading what {flow} may need: {tmp_path}/p.json holds no JSON: Expecting property name"
    assert told in str(result.exception) + result.output


def test_a_refusal_ends_with_1_and_a_wrong_command_line_with_2(tmp_path: Path) -> None:
    flow = _drifting(tmp_path)
    command = [sys.executable, "-m", "ingest_cli.main", "dataflow", "lineage"]
    wrong = subprocess.run([*command, str(flow), "--format", "pdf"], capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    refused = subprocess.run([*command, str(flow), "--schema", "b=x.csv"], capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("reading the schema x.csv: No such file or directory\nexpected JSON")


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["--schema", "a"], "--schema a names no source and is no file"),
        (["--schema", "a=SCHEMA", "--schema", "ALL"], "the schema of 'a' is given twice"),
        (["--schema", "SCHEMA"], "it says of no source which columns it has"),
        (["--schema", "WRONG"], "the column 'x' of 'a' is \"strin\", which is no type"),
        (["--schema", "a=EMPTY"], "it has no columns"),
        (["--schema", "a=BARE"], "the dataset lists no columns in its schema"),
        (["--schema", "a=ODD"], "the dataset's column 'x' has the type 'hierarchyid', which is not known here"),
        (["--schema", "a=TEXT"], "files .txt are not read"),
        (["--schema", "b=SCHEMA"], "the flow has no source 'b'"),
        (["--schema", "a=nowhere.json"], "reading the schema nowhere.json"),
        (["--schema", "a=LIST"], "neither names with types nor rows"),
        (["--parameter", "q=1"], "the flow declares no parameter 'q'"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, arguments: list[str], cause: str) -> None:
    (tmp_path / "s.json").write_text('{"x": "string"}')
    (tmp_path / "l.json").write_text("[1]")
    (tmp_path / "all.json").write_text('{"a": {"x": "string"}}')
    (tmp_path / "wrong.json").write_text('{"a": {"x": "strin"}}')
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "bare.json").write_text('{"name": "d", "properties": {"schema": []}}')
    (tmp_path / "odd.json").write_text(
        '{"name": "d", "properties": {"schema": [{"name": "x", "type": "hierarchyid"}]}}'
    )
    (tmp_path / "text.txt").write_text("x")
    files = {
        "SCHEMA": "s.json",
        "LIST": "l.json",
        "ALL": "all.json",
        "WRONG": "wrong.json",
        "EMPTY": "empty.csv",
        "BARE": "bare.json",
        "ODD": "odd.json",
        "TEXT": "text.txt",
    }
    given = [re.sub(r"[A-Z]{3,}$", lambda found: str(tmp_path / files[found.group()]), one) for one in arguments]
    with pytest.raises(CommandError, match=re.escape(cause)):
        _run(str(_drifting(tmp_path)), *given)


@pytest.mark.parametrize(("text", "cause"), [("{", "no JSON"), ("{}", "are: none")])
def test_a_file_without_a_flow_is_refused(tmp_path: Path, text: str, cause: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(CommandError, match=cause):
        _run(str(tmp_path / "x.json"))
    with pytest.raises(CommandError, match="no such file"):
        _run(str(tmp_path / "y.json"))
