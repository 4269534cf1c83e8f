"""`ingest dataflow diff`: exit code 0 for the same meaning, 1 for another, 2 for what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from ingest_cli.main import application


def _diff(*arguments: object) -> tuple[int, str]:
    command = ["dataflow", "diff", *map(str, arguments)]
    result = CliRunner().invoke(application(command), command)
    return result.exit_code, result.output


def _file(folder: Path, name: str, script: str, kind: str = "MappingDataFlow") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"name": name, "properties": {"type": kind, "typeProperties": {"script": script}}}))
    return path


def test_two_files_are_compared(tmp_path: Path) -> None:
    one = _file(tmp_path / "a", "one", "source() ~> s\ns derive(x = 1) ~> d")
    same = _file(tmp_path / "b", "one", "source()~>s\n\n/* note */ s derive(x=(1))~>d")
    other = _file(tmp_path / "c", "two", "source() ~> s\ns derive(x = 2) ~> d")
    assert _diff(one, same) == (0, "")
    assert _diff(one, other) == (1, "d: expression changed x: 1 -> 2\n")


def test_changes_as_json(tmp_path: Path) -> None:
    one = _file(tmp_path / "a", "one", "source() ~> s\ns derive(x = 1) ~> d")
    other = _file(tmp_path / "b", "one", "source() ~> s\ns derive(x = 2) ~> d")
    code, output = _diff(one, other, "--json")
    assert code == 1
    assert json.loads(output) == [
        {"flow": "one", "kind": "expression changed", "stream": "d", "name": "x", "old": "1", "new": "2"}
    ]


def test_two_folders_are_compared_by_the_names_of_their_flows(tmp_path: Path) -> None:
    for folder, number in (("a", 1), ("b", 2)):
        _file(tmp_path / folder, "changed", f"source() ~> s\ns derive(x = {number}) ~> d")
        _file(tmp_path / folder, "same", "source() ~> s")
        _file(tmp_path / folder, f"only_{folder}", "source() ~> s")
        _file(tmp_path / folder, "piece", "input(output(a as string)) ~> i\ni output() ~> o", "Flowlet")
        _file(tmp_path / folder, "other", "shared", "WranglingDataFlow")
    assert _diff(tmp_path / "a", tmp_path / "b") == (
        1,
        "changed: d: expression changed x: 1 -> 2\nonly_a: flow removed\nonly_b: flow added\n",
    )


def test_what_cannot_be_read_is_told_apart_from_a_difference(tmp_path: Path) -> None:
    good = _file(tmp_path / "a", "one", "source() ~> s")
    broken = _file(tmp_path / "b", "one", "source( ~> s")
    no_json = tmp_path / "x.json"
    no_json.write_text("{")
    nothing = tmp_path / "y.json"
    nothing.write_text("{}")
    for other in (broken, no_json, nothing, tmp_path / "nowhere"):
        assert _diff(good, other)[0] == 2
