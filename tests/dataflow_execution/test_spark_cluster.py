"""A flow on a cluster of Spark: the guide's command, functions in Python on the nodes, what is told."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from dataflow_bench import document_of
from spark_cluster import spark_cluster

from dataflow_execution.spark_master import check_master, is_cluster, is_on_this_machine
from dataflow_execution.spark_process import SparkProcessError
from dataflow_execution.spark_session import cause

REPOSITORY = Path(__file__).parents[2]
GUIDE = REPOSITORY / "docs" / "guides" / "run-on-spark.md"
IN_PYTHON = """source(output(id as integer, name as string), allowSchemaDrift: true) ~> people
people derive(like = jaroWinkler(name, 'anna')) ~> compared
compared aggregate(groupBy(alike = like > 0.8), people = count(id)) ~> counted
counted sink() ~> out"""


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The master of a cluster on this machine."""
    with spark_cluster(tmp_path_factory.mktemp("cluster")) as address:
        yield address


def _ingest(arguments: Sequence[str], folder: Path, **environment: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "ingest_cli.main", *arguments]
    ended = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return ended.returncode, ended.stdout.decode()


def _in_python(folder: Path, master: str) -> list[str]:
    (folder / "flow.json").write_text(json.dumps(document_of(IN_PYTHON)), encoding="utf-8")
    (folder / "people.csv").write_text("id,name\n1,anna\n2,ann\n3,zoe\n", encoding="utf-8")
    flow = ["dataflow", "run", "flow.json", "--source", "people=people.csv"]
    return [*flow, "--engine", "spark", "--master", master]


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def test_the_guides_command_runs_on_a_cluster(master: str, tmp_path: Path) -> None:
    blocks = re.findall(r"```shell\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (command,) = [block for block in blocks if "--master" in block]
    (program, *arguments) = shlex.split(command.replace("\\\n", " "))
    assert program == "ingest"
    at = arguments.index("--engine")
    assert arguments[at:] == ["--engine", "spark", "--master", "spark://127.0.0.1:7077"]
    found = []
    for name, engine in (("here", []), ("cluster", ["--engine", "spark", "--master", master])):
        places = {"dayFiles=out/telemetry": f"dayFiles={tmp_path / name}"}
        flow = [places.get(argument, argument) for argument in arguments[:at]]
        code, output = _ingest([*flow, *engine], REPOSITORY)
        assert code == 0, output
        found.append({file.name: sorted(file.read_text().splitlines()) for file in _files(tmp_path / name)})
    assert found[0] == found[1] != {}


def test_functions_in_python_are_computed_on_the_nodes(master: str, tmp_path: Path) -> None:
    code, output = _ingest(_in_python(tmp_path, master), tmp_path)
    assert code == 0, output
    (written,) = (tmp_path / "out").iterdir()
    assert sorted(written.read_text(encoding="utf-8").splitlines()) == ["alike,people", "false,1", "true,2"]


def test_nodes_without_this_project_are_told_of(master: str, tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n', encoding="utf-8")
    bare.chmod(0o755)
    code, output = _ingest(_in_python(tmp_path, master), tmp_path, PYSPARK_PYTHON=str(bare))
    assert code == 1
    assert re.search(r"No module named '\w+'\nhint: install this project in the Python of the nodes", output), output


MASTERS = {
    "local[*]": (False, True),
    "local": (False, True),
    "local-cluster[2,1,1024]": (True, True),
    "spark://127.0.0.1:7077": (True, True),
    "spark://localhost:7077,[::1]:7078": (True, True),
    "spark://node:7077,localhost:7078": (True, False),
    "yarn": (True, False),
    "k8s://https://127.0.0.1:6443": (True, False),
}


@pytest.mark.parametrize(("name", "kinds"), MASTERS.items(), ids=MASTERS)
def test_masters(name: str, kinds: tuple[bool, bool]) -> None:
    assert (is_cluster(name), is_on_this_machine(name)) == kinds


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("spart://127.0.0.1:7077", "'spart://127.0.0.1:7077' is no master of Spark"),
        ("spark://127.0.0.1", "'spark://127.0.0.1' is no master of Spark"),
        ("spark://127.0.0.1:1", "no master of Spark listens at 127.0.0.1:1: Connection refused"),
    ],
)
def test_what_is_no_master_is_told_at_once(name: str, told: str) -> None:
    with pytest.raises(SparkProcessError) as failed:
        check_master(name)
    assert str(failed.value) == told
    assert failed.value.expected or failed.value.hint


def test_of_several_causes_the_innermost_is_told() -> None:
    message = """An error occurred while calling o70.parquet.
: org.apache.spark.SparkException: Job aborted due to stage failure
\tat org.apache.spark.Some.where(Some.scala:1)
Caused by: java.io.FileNotFoundException: File file:/rows.parquet does not exist
\t... 20 more"""
    assert cause(message) == "File file:/rows.parquet does not exist"
    assert cause(message.split("\nCaused")[0]) == "Job aborted due to stage failure"
