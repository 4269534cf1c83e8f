"""A flow over a large text is computed in pieces by several processes, and writes what it would write in one."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import pytest
from dataflow_bench import document_of
from typer.testing import CliRunner

from dataflow_execution import line_pieces
from dataflow_execution.writers.file_sink import StagedFiles
from ingest_cli import flow_in_pieces
from ingest_cli.errors import CommandError
from ingest_cli.flow_on_files import threads
from ingest_cli.main import application
from ingest_cli.piece_processes import PieceProcesses, Work, loading_context

SOURCE = """parameters{ key as string }
source(output(id as integer, name as string, born as date), allowSchemaDrift: false) ~> people
"""
KEYED = f"""{SOURCE}people derive(name = sha2(256, concat($key, ':', name)), year = year(born)) ~> keyed
keyed filter(id % 3 > 0) ~> some
some sink(partitionFileNames: ['keyed.csv']) ~> out"""
FEW_THEN_MANY = f"""{SOURCE}people filter(id < 10 || id > 2500) ~> some
some sink() ~> out"""
TWO_SINKS = f"""{SOURCE}people split(id % 2 == 0, disjoint: false) ~> parts@(even, odd)
parts@even sink(saveOrder: 2) ~> evens
parts@odd sink(header: ['number', 'odd name', 'day'], quoteAll: true, saveOrder: 1) ~> odds"""
BARE = """parameters{ key as string }
source(allowSchemaDrift: true, format: 'delimited', columnNamesAsHeader: false) ~> people
people derive(all = toString(columnNames())) ~> named
named sink() ~> out"""
ASSERTED = f"""{SOURCE}people assert(expectTrue(id < 250, false, 'small', null, 'an id is small'), abort: true) ~> small
small sink() ~> out"""
WHOLE = f"""{SOURCE}people aggregate(groupBy(name), ids = count(id)) ~> groups
groups sink() ~> out"""
ROWS = [f"{number},name {number // 7},19{number % 90 + 10}-02-03" for number in range(300)]
TEXT = "\n".join(["id,name,born", *ROWS, ""])


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files of a few kilobytes are large, and there are two threads, or the one that memory is for."""
    monkeypatch.setattr(flow_in_pieces, "LARGE", 1000)
    monkeypatch.setattr(flow_in_pieces, "_BYTES_A_PROCESS", 1000)
    monkeypatch.setattr(flow_in_pieces, "_BYTES_A_FILE", 1000)
    monkeypatch.setattr(line_pieces, "_LEAST_BYTES", 1500)
    monkeypatch.setattr(flow_in_pieces, "threads", lambda wish: 2 if wish.memory is None else threads(wish))
    monkeypatch.chdir(tmp_path)


def _write(script: str, text: str) -> None:
    Path("flow.json").write_text(json.dumps(document_of(script)), encoding="utf-8")
    Path("people.csv").write_text(text, encoding="utf-8")


def _run(script: str, text: str = TEXT, *arguments: str, source: str = "people.csv") -> str:
    """What the command prints. Raises CommandError as the command does."""
    _write(script, text)
    everything = ["dataflow", "run", "flow.json", "--source", f"people={source}", "-p", "key=secret", *arguments]
    result = CliRunner().invoke(application(everything), everything)
    if isinstance(result.exception, CommandError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pieces each run in pieces has had."""
    counted: list[int] = []
    written = PieceProcesses.written

    def counting(self: PieceProcesses, parts: Sequence[Work]) -> Iterator[Sequence[StagedFiles] | None]:
        counted.append(len(parts))
        return written(self, parts)

    monkeypatch.setattr(PieceProcesses, "written", counting)
    return counted


def _files() -> dict[str, str]:
    return {str(file): file.read_text() for file in sorted(Path().glob("*/*"))}


LONGER = "\n".join([*ROWS[:30], *(f"{row},more" for row in ROWS[30:]), ""])
SAME = {
    "one sink": (KEYED, TEXT),
    "two sinks": (TWO_SINKS, TEXT),
    "few rows of a batch, and many of the next": (
        FEW_THEN_MANY,
        "id,name,born\n" + "".join(f"{n},a,\n" for n in range(60_000)),
    ),
    "no header": (BARE, "\n".join([*ROWS, ""])),
    "longer rows of a file without a header": (BARE, LONGER),
    "escaped quotes": (KEYED, TEXT.replace(",name", ',"na\\"me').replace(",19", '",19')),
}


@pytest.mark.parametrize(("script", "text"), SAME.values(), ids=SAME)
def test_pieces_write_what_a_run_in_one_writes(script: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    in_pieces = _run(script, text)
    files = _files()
    monkeypatch.setattr(flow_in_pieces, "LARGE", len(text) + 1)
    in_one = _run(script, text)
    assert files == _files()
    assert [line.rpartition(" ->")[0].rpartition(",")[0] for line in in_pieces.splitlines()] == [
        line.rpartition(" ->")[0].rpartition(",")[0] for line in in_one.splitlines()
    ]


OTHER = "name,id,born\nBo,7,1990-01-01\n"
FOLDERS = {
    "files of one header": ({"b.csv": TEXT, "c.csv": "id,name,born\n", "a.csv": TEXT[:2000].rpartition("\n")[0]}, 7),
    "columns in another order": ({"a.csv": TEXT, "b.csv": OTHER}, 6),
    "a file without a line": ({"a.csv": TEXT, "b.csv": ""}, None),
    "a hidden file": ({"a.csv": TEXT, "_b.csv": TEXT}, 5),
    "compressed files": ({"a.csv.gz": TEXT}, None),
}


@pytest.mark.parametrize(("files", "cut"), FOLDERS.values(), ids=FOLDERS)
def test_the_files_of_a_folder_are_cut(
    files: dict[str, str], cut: int | None, pieces: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("rows").mkdir()
    for name, text in files.items():
        data = text.encode()
        Path("rows", name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    _run(KEYED, source="rows")
    written = Path("out/keyed.csv").read_text()
    assert pieces == ([] if cut is None else [cut])
    monkeypatch.setattr(flow_in_pieces, "LARGE", 10**6)
    _run(KEYED, source="rows")
    assert written == Path("out/keyed.csv").read_text()


def test_rows_keep_their_order_and_repeated_keys_have_their_digests(capfd: pytest.CaptureFixture[str]) -> None:
    assert _run(KEYED).startswith("out: 200 rows in 1 file, ")
    lines = Path("out/keyed.csv").read_text().splitlines()
    digests = [hashlib.sha256(f"secret:name {number // 7}".encode()).hexdigest() for number in range(300)]
    assert lines == [
        "id,name,born,year",
        *(
            f"{number},{digests[number]},19{number % 90 + 10}-02-03,19{number % 90 + 10}"
            for number in range(300)
            if number % 3
        ),
    ]
    assert capfd.readouterr().err == ""


def test_a_large_file_is_cut(pieces: list[int]) -> None:
    _run(KEYED)
    assert pieces == [5]


IN_ONE = {
    "rows meet others": (WHOLE, []),
    "a limit of rows": (KEYED, ["--limit", "5"]),
    "another format": (KEYED, ["--sink", "out=out/rows.parquet"]),
    "a compressed text": (KEYED, ["--sink", "out=out/rows.csv.gz"]),
    "a database": (KEYED, ["--sink", "out=rows.duckdb"]),
    "memory for one thread": (KEYED, ["--memory-limit", "400MB"]),
}


@pytest.mark.parametrize(("script", "arguments"), IN_ONE.values(), ids=IN_ONE)
def test_what_does_not_fit_is_computed_in_one(script: str, arguments: list[str], pieces: list[int]) -> None:
    _run(script, TEXT, *arguments)
    assert pieces == []


FAILURES = {
    "an assertion": (ASSERTED, TEXT, "an id is small"),
    "a row that cannot be read": (KEYED, TEXT.replace("\n200,", '\n"200'), "line 202"),
}


@pytest.mark.parametrize(("script", "text", "cause"), FAILURES.values(), ids=FAILURES)
def test_what_a_piece_cannot_compute_is_told_of_the_whole_file(
    script: str, text: str, cause: str, pieces: list[int]
) -> None:
    with pytest.raises(CommandError) as failed:
        _run(script, text)
    assert pieces == [5]
    assert cause in str(failed.value)
    assert "people.csv" in str(failed.value) or script == ASSERTED
    assert _files() == {}


class _Ending:
    """What ends the process that gets it."""

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (3,)


def test_a_process_that_ends_is_told(tmp_path: Path) -> None:
    with (
        PieceProcesses(1, tmp_path, loading_context()) as pool,
        pytest.raises(CommandError, match="a process ended before its time"),
    ):
        list(pool.written([cast("Work", _Ending())]))


IN_A_PROCESS = """
import sys
from dataflow_execution import line_pieces
from ingest_cli import flow_in_pieces, main
flow_in_pieces.LARGE = flow_in_pieces._BYTES_A_PROCESS = flow_in_pieces._BYTES_A_FILE = 1000
flow_in_pieces.threads = lambda wish: 2
line_pieces._LEAST_BYTES = 1500
sys.argv[0] = "ingest"
main.command()
"""


@pytest.mark.parametrize("length", [0, 100])
def test_nothing_stays_behind_when_the_command_has_ended(length: int) -> None:
    """Also where the temporary folder's name is too long for a socket in it."""
    _write(KEYED, TEXT)
    arguments = ["dataflow", "run", "flow.json", "--source", "people=people.csv", "-p", "key=secret"]
    with tempfile.TemporaryDirectory() as short:
        temporary = Path(short) / ("x" * length)
        temporary.mkdir(exist_ok=True)
        ended = subprocess.run(  # it waits for all that have the output open
            [sys.executable, "-c", IN_A_PROCESS, *arguments],
            env=os.environ | {"TMPDIR": str(temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        assert ended.stdout.startswith("out: 200 rows in 1 file"), ended.stdout
        assert list(temporary.iterdir()) == []


def test_a_process_of_pieces_has_one_thread_and_finds_no_pandas() -> None:
    """What has threads cannot be forked from."""
    code = """
import sys, psutil, ingest_cli.piece_modules
print(psutil.Process().num_threads())
try:
    import pandas
except ModuleNotFoundError:
    print("pandas" in sys.modules, "pyarrow" in sys.modules)
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "1\nFalse True\n"
