"""`ingest dataflow eval`: a line out for every line in, as soon as it is there; errors are results too."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "ingest_cli.main", "dataflow", "eval"]


def _evaluated(text: str, *options: str) -> list[str]:
    done = subprocess.run(
        [*COMMAND, *options], input=text, capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1 + 1", "integer", 2),
        ("2L", "long", 2),
        ("'a\"é'", "string", 'a"é'),
        ("toDecimal('1.50', 5, 2)", "decimal(5,2)", "1.50"),
        ("toDate('2018-7-3')", "date", "2018-07-03"),
        ("toTimestamp('2018-07-31 20:00:00')", "timestamp", "2018-07-31T20:00:00"),
        ("toTimestamp('2018-07-31 20:00:00.5')", "timestamp", "2018-07-31T20:00:00.500"),
        ("unhex('00FF')", "binary", "00ff"),
        ("sqrt(-1)", "double", "NaN"),
        ("toFloat('123.45')", "float", 123.45),
        ("toFloat('NaN')", "float", "NaN"),
        ("toFloat('16777217')", "float", 16777216.0),
        ("1e300 * 1e300", "double", "Infinity"),
        ("['a' -> 1, 'b' -> null]", "[string,integer]", {"a": 1, "b": None}),
        ("[1 -> toDecimal('2', 3, 1)]", "[integer,decimal(3,1)]", {"1": "2.0"}),
        (
            "@(a = [1, 2], {b c} = toDate('2020-02-29'))",
            "(a as integer[], {b c} as date)",
            {"a": [1, 2], "b c": "2020-02-29"},
        ),
        ("null", "null", None),
        ("toInteger('x')", "integer", None),
        ("regexReplace('aab', '(?<=a)a', 'x')", "string", "axb"),
    ],
)
def test_a_value_comes_with_its_type_as_json(text: str, kind: str, value: Any) -> None:
    (line,) = _evaluated(text + "\n", "--json")
    assert json.loads(line) == {"type": kind, "value": value}


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_a_date_that_python_cannot_hold_is_an_error_of_its_line(engine: str) -> None:
    lines = _evaluated("toDate('9999-12-31') + 1\ntoDate('9999-12-31')\n", "--json", "--engine", engine)
    assert [json.loads(line) for line in lines] == [
        {"error": "running the expression: the date lies outside of the years 1 to 9999"},
        {"type": "date", "value": "9999-12-31"},
    ]


def test_a_failing_expression_is_a_line_and_the_others_are_computed() -> None:
    lines = _evaluated("uper('a')\n\n   \nround(2.5, 0, 8)\n['a' -> 1, 'a' -> 2]\n1\n", "--json")
    first, second, third, last = (json.loads(line) for line in lines)
    assert first["error"].startswith("compiling the expression: there is no function 'uper' (line 1, column 1)")
    assert second == {"error": "running the expression: round(): rounding mode 8 forbids to round 2.5 to 0 digits"}
    assert third == {"error": "running the expression: a map has a key twice"}
    assert last == {"type": "integer", "value": 1}


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_what_fails_while_it_runs_is_told_in_the_same_words_for_both_engines(engine: str) -> None:
    told = {
        "keyValues(['a', 'a'], [1, 2])": "a map has a key twice",
        "keyValues(['a', toString(null())], [1, 2])": "a key of a map is null",
        "keyValues(['a', 'b'], [1])": "a map has another number of keys than of values",
        "rlike('a', concat('(', left(uuid(), 0)))": "'(' is no regular expression",
    }
    lines = _evaluated("\n".join(told), "--json", "--engine", engine)
    for line, cause in zip(lines, told.values(), strict=True):
        assert json.loads(line)["error"].partition(": ")[2].startswith(cause)


def test_what_is_nested_too_deeply_for_the_engine_is_told_without_its_words() -> None:
    deep, after = _evaluated("abs(" * 450 + "-1" + ")" * 450 + "\n1 + 1\n")
    assert (
        deep == "running the expression: it is nested too deeply for the engine: compute parts of it in a derive before"
    )
    assert after.endswith("2 : integer")


def test_people_read_the_expression_its_value_and_its_type() -> None:
    assert _evaluated("upper('a')\n") == ["upper('a') = \"A\" : string"]


def test_every_line_is_answered_before_the_next_one_is_written() -> None:
    with subprocess.Popen([*COMMAND, "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(f"{number}\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["value"] == number
        process.stdin.close()
        assert process.stdout.read() == ""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("shell", "code", "told"),
    [
        ("printf '1\\n\\351' | COMMAND", 1, "reading standard input: 'utf-8' codec can't decode byte 0xe9"),
        ("COMMAND <&-", 0, ""),
        ("echo 1 | COMMAND >/dev/full", 1, "using standard output: No space left on device"),
    ],
)
def test_streams_that_end_badly_are_told(shell: str, code: int, told: str) -> None:
    text = shell.replace("COMMAND", shlex.join(COMMAND))
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        ["bash", "-c", text], capture_output=True, text=True, check=False, timeout=60, env=environment
    )
    assert (done.returncode, done.stderr[: len(told)] if told else done.stderr) == (code, told)


def test_an_unknown_engine_is_a_wrong_command_line() -> None:
    done = subprocess.run([*COMMAND, "--engine", "hive"], input="", capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no engine 'hive'" in done.stderr


def test_the_libraries_of_rare_functions_are_not_imported_for_plain_expressions() -> None:
    names = ("babel", "regex", "pyarrow", "pyspark")
    program = (
        "import sys; from dataflow_execution.sessions import open_session; "
        "assert open_session('duckdb').evaluate(['1 + 1'])[0].value == 2; "
        f"print([name for name in {names!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
