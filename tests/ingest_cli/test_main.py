"""The command line as a whole: its groups, what each imports, and how problems reach the terminal."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import textwrap
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

INGEST = Path(sys.executable).parent / "ingest"
IMPORTED = """
import json, sys
from ingest_cli.main import main
sys.argv = ["ingest", *sys.argv[1:]]
try:
    main()
finally:
    print(json.dumps(sorted(sys.modules)))
"""
INSTALLED = packages_distributions().keys() - {"dataflow_execution", "ingest_cli", "mapping_dataflow"}
WITH_THEM = {"annotated_doc", "mypy_extensions", "shellingham"}
HEAVY = ("azure.identity", "duckdb", "local_azure", "mapping_dataflow", "psycopg", "synapse_artifacts")


def ingest(*arguments: str, columns: int = 200) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1"}
    return subprocess.run([INGEST, *arguments], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["--version"], set()),
        (["run", "--help"], {"azure.identity"}),
        (["artifacts", "check", "--help"], {"mapping_dataflow", "synapse_artifacts"}),
        (["local", "env", "--help"], {"duckdb", "local_azure"}),
        (["dataflow", "parse", "--help"], {"mapping_dataflow"}),
    ],
)
def test_a_command_imports_its_own_group_alone(arguments: list[str], needed: set[str]) -> None:
    command = [sys.executable, "-c", IMPORTED, *arguments]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = json.loads(answer.stdout.splitlines()[-1])
    assert {name for name in HEAVY if name in imported} == needed


def test_the_version_is_that_of_the_package() -> None:
    answer = ingest("--version")
    assert (answer.stdout, answer.stderr, answer.returncode) == (f"ingest {version('azure-ml-ingestion')}\n", "", 0)


@pytest.mark.parametrize("asked", [["--preview", "kept"], []], ids=["preview", "sink"])
def test_a_data_flow_on_text_loads_the_compiler_and_duckdb_alone(tmp_path: Path, asked: list[str]) -> None:
    script = "source(output(a as string)) ~> rows\nrows derive(b = upper(a)) ~> kept\nkept sink() ~> out"
    document = {"name": "f", "properties": {"type": "MappingDataFlow", "typeProperties": {"script": script}}}
    flow, rows = tmp_path / "f.json", tmp_path / "rows.csv"
    flow.write_text(json.dumps(document), encoding="utf-8")
    rows.write_text("a\nx\n", encoding="utf-8")
    ends = ["--source", f"rows={rows}", "--sink", f"out={tmp_path / 'out'}"]
    command = [sys.executable, "-c", IMPORTED, "dataflow", "run", str(flow), *ends, *asked]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = {name.partition(".")[0] for name in json.loads(answer.stdout.splitlines()[-1])}
    assert {name for name in imported if name in INSTALLED} == {"duckdb", "sqlglot", "typer"} | WITH_THEM
    assert not imported & {"http", "ssl", "xml"}
    assert answer.stderr == ""


def test_help_names_every_group() -> None:
    answer = ingest("--help")
    assert answer.returncode == 0
    commands = answer.stdout.split("Commands", 1)[1]
    assert [line.split()[1] for line in commands.splitlines() if line.startswith("│ ")] == [
        "run",
        "drift",
        "pull",
        "adopt",
        "recover",
        "local",
        "artifacts",
        "dataflow",
    ]


def test_help_fills_a_narrow_terminal() -> None:
    described = ingest("dataflow", "run", "--help", columns=70).stdout.partition("╭")[0]
    lines = [line.strip() for line in described.split("machine.")[1].split("\n")]
    paragraphs = [list(group) for filled, group in itertools.groupby(lines, bool) if filled]
    assert [len(paragraph) > 2 for paragraph in paragraphs] == [True, True]
    assert paragraphs == [textwrap.wrap(" ".join(paragraph), 68) for paragraph in paragraphs]


def test_without_a_command_the_help_is_shown() -> None:
    answer = ingest()
    assert answer.returncode == 2
    assert "Usage: ingest [OPTIONS] COMMAND" in answer.stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["local", "start", "--role-lag=x"]])
def test_a_wrong_command_line_ends_with_2(arguments: list[str]) -> None:
    answer = ingest(*arguments)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "Error" in answer.stderr


def test_what_was_written_is_there_when_the_process_ends_at_once() -> None:
    program = "from ingest_cli import main; main.main = lambda: {0}; main.command()"
    ends = [("print('x')", 0, "x\n", ""), ("sys.exit(3)", 3, "", ""), ("sys.exit('why')", 1, "", "why\n")]
    for what, code, said, told in ends:
        command = [sys.executable, "-c", f"import sys; {program.format(what)}"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (answer.returncode, answer.stdout, answer.stderr) == (code, said, told)


@pytest.mark.parametrize(
    "stop",
    [
        "raise RuntimeError('Query interrupted')",
        "signal.raise_signal(signal.SIGINT)",
        "signal.raise_signal(signal.SIGTERM)",
    ],
)
def test_what_is_interrupted_ends_the_process_alike(stop: str) -> None:
    stopped = f"import signal\ndef stop(): {stop}"
    program = f"{stopped}\nfrom ingest_cli import main; main.application = lambda _: stop; main.command()"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (130, "Aborted.\n")


def test_a_problem_goes_to_standard_error_with_exit_code_1() -> None:
    answer = ingest("run", "p", "--workspace", "https://w.dev.azuresynapse.net", "-p", "word", "-p", "a=1", "-p", "a=2")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == ("reading --parameter: 'word' is no parameter; 'a' is given twice\nexpected name=value\n")
