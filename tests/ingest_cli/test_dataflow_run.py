"""`ingest dataflow run`: sources from files, sinks to files, previews, and what is told when it cannot run."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from ingest_cli.errors import CommandError
from ingest_cli.main import application
from sample_data.postgres_server import postgres_server

ROOT = Path(__file__).parents[2]
TELEMETRY = ROOT / "pipelines_json" / "dataflow" / "flatten_telemetry.json"
READINGS = ROOT / "samples" / "telemetry"
WINDOW = ["-p", "runFolder=run", "-p", "windowStart=2021-07-15 00:00:00", "-p", "windowEnd=2021-07-16 00:00:00"]
PEOPLE = "id,name,born\n1,Ann,1990-05-06\n2,Bo,\n3,Cy,1985-01-02\n"
SCRIPT = """parameters{ least as integer, greeting as string ("hello") }
source(output(id as integer, name as string, born as date)) ~> people
source(output(id as integer, city as string)) ~> cities
people filter(id >= $least) ~> grown
grown derive(text = concat($greeting, ' ', name)) ~> greeted
greeted, cities lookup(greeted@id == cities@id, multiple: false, pickup: 'any', broadcast: 'auto') ~> placed
greeted sink() ~> greetings
placed select(mapColumn(name, city)) ~> named
named sink(partitionFileNames: ['homes.csv']) ~> homes
"""


def _run(*arguments: str) -> str:
    """What the command prints. Raises CommandError as the command does."""
    everything = ["dataflow", "run", *arguments]
    result = CliRunner().invoke(application(everything), everything)
    if isinstance(result.exception, CommandError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def _run_apart(*arguments: str) -> str:
    """As `_run`, in a process of its own: the command ends the one session of Spark that a process has."""
    command = [sys.executable, "-m", "ingest_cli.main", "dataflow", "run", *arguments, "--master", "local[2]"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandError("running the command", done.stdout + done.stderr)
    return done.stdout


@pytest.fixture
def flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A flow in a folder of its own, which is the current one, with files for its sources."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dataflow").mkdir()
    path = tmp_path / "dataflow" / "greet.json"
    document = {"name": "greet", "properties": {"type": "MappingDataFlow", "typeProperties": {"script": SCRIPT}}}
    path.write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (tmp_path / "cities.json").write_text('[{"id": 2, "city": "Bern"}]', encoding="utf-8")
    return path


BOTH = ["--source", "people=people.csv", "--source", "cities=cities.json", "-p", "least=2"]


def test_sinks_write_into_folders_of_their_names(flow: Path) -> None:
    lines = _run(str(flow), *BOTH).splitlines()
    assert [line.split(",")[0] for line in lines] == ["greetings: 2 rows in 1 file", "homes: 2 rows in 1 file"]
    assert Path("greetings/part-00000.csv").read_text().splitlines() == [
        "id,name,born,text",
        "2,Bo,,hello Bo",
        "3,Cy,1985-01-02,hello Cy",
    ]
    assert sorted(Path("homes/homes.csv").read_text().splitlines()) == ["Bo,Bern", "Cy,", "name,city"]


def test_a_sink_is_named_a_file_or_a_folder(flow: Path) -> None:
    _run(str(flow), *BOTH, "--sink", "greetings=out/all.jsonl", "--sink", "homes=here")
    rows = [json.loads(line) for line in Path("out/all.jsonl").read_text().splitlines()]
    assert [(row["id"], row["text"]) for row in rows] == [(2, "hello Bo"), (3, "hello Cy")]
    assert [path.as_posix() for path in Path("here").iterdir()] == ["here/homes.csv"]


def test_a_run_again_replaces_its_files(flow: Path) -> None:
    for _ in range(2):
        _run(str(flow), *BOTH)
    assert [path.name for path in Path("greetings").iterdir()] == ["part-00000.csv"]


def test_the_first_rows_after_any_transformation_are_shown_without_the_sources_that_it_does_not_need(
    flow: Path,
) -> None:
    shown = _run(str(flow), "--source", "people=people.csv", "-p", "least=2", "--preview", "greeted", "--rows", "1")
    assert shown.splitlines() == [
        "| id as integer | name as string | born as date | text as string |",
        "| ------------- | -------------- | ------------ | -------------- |",
        "| 2             | Bo             | null         | hello Bo       |",
    ]
    assert not Path("greetings").exists()


def test_parameters_are_texts_or_expressions_by_their_types(flow: Path) -> None:
    given = ["--source", "people=people.csv", "--preview", "greeted", "-p", "least=1 + 2", "-p", "greeting=good day,"]
    assert "good day, Cy" in _run(str(flow), *given)


def test_only_so_many_rows_of_each_source_are_read(flow: Path) -> None:
    _run(str(flow), *BOTH[:4], "-p", "least=0", "--limit", "1")
    assert len(Path("greetings/part-00000.csv").read_text().splitlines()) == 2


def test_the_clock_may_decide_about_places(flow: Path) -> None:
    moment = "(concat('t', toString(year(currentUTC()) * 0)))"
    source = f"source(output(id as integer), fileName: {moment}, wildcardPaths: [{moment}]) ~> people\n"
    script = flow.with_suffix(".dfs")
    script.write_text(source + f"people sink(format: 'table', tableName: {moment}) ~> made")
    _run(str(script), "--source", "people=people.csv", "--sink", "made=made.duckdb")
    with duckdb.connect("made.duckdb") as connection:
        assert connection.execute("SELECT count(*) FROM t0").fetchone() == (3,)


def test_files_of_another_time_are_told_from_none(flow: Path) -> None:
    source = "source(output(id as integer), modifiedBefore: (toTimestamp('2001-01-01 00:00:00'))) ~> people\n"
    script = flow.with_suffix(".dfs")
    script.write_text(source + "people sink(truncate: true) ~> made")
    with pytest.raises(CommandError, match="that were changed when modifiedBefore asks for; 1 file of"):
        _run(str(script), "--source", "people=people.csv")


def test_the_sql_of_each_stage_is_explained_and_nothing_written(flow: Path) -> None:
    text = _run(str(flow), *BOTH, "--explain")
    assert "-- stage grown\n" in text
    assert "-- sink homes" in text
    assert not Path("homes").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-p", "least=1"], "no rows for people, cities\nhint: give --source people=PATH --source cities=PATH"),
        ([*BOTH, "--source", "towns=x"], "there is no source 'towns'"),
        ([*BOTH, "--sink", "towns=x"], "there is no sink 'towns'"),
        ([*BOTH[:4], "-p", "most=1"], "the flow declares no parameter 'most'\nexpected one of least, greeting"),
        ([*BOTH[:4], "-p", "least=?"], "reading --parameter: least is no integer"),
        ([*BOTH[:4]], "the parameter 'least' has no value"),
        (
            [*BOTH[:2], "--source", "cities=none.csv", "-p", "least=1"],
            "at Source 'cities': there are no files at none.csv",
        ),
        ([*BOTH, "--memory-limit", "much"], "'much' is no size"),
        ([*BOTH, "--memory-limit", "1KB"], "'1KB' is too little\nexpected 4MB or more"),
        ([*BOTH, "--master", "spark://there:7077"], "--master is for Spark alone\nhint: give --engine spark"),
        ([*BOTH, "--preview", "named", "--explain"], "--preview shows rows and --explain SQL"),
        ([*BOTH, "--sink", "homes=people.csv/homes"], "people.csv is no folder"),
        ([*BOTH, "--preview", "nowhere"], "there is no stream 'nowhere'"),
        (["--source", "people"], "'people' names nothing\nexpected NAME=PATH"),
    ],
)
def test_what_is_wrong_is_told(flow: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError) as caught:
        _run(str(flow), *arguments)
    assert message in str(caught.value)


def _break_the_last_sink(flow: Path) -> None:
    document = json.loads(flow.read_text())
    inner = document["properties"]["typeProperties"]
    inner["script"] = inner["script"].replace("named sink(", "named sink(header: ['one', 'two', 'three', 'four'], ")
    flow.write_text(json.dumps(document))


def _fail_on_the_last_row(flow: Path) -> None:
    text = flow.read_text()
    flow.write_text(
        text.replace(
            "named sink(",
            "named assert(expectTrue(name != 'Cy', true, 'x', null, 'no'), abort: true) ~> sure\\nsure sink(",
        )
    )


@pytest.mark.parametrize(
    ("place", "cause"),
    [
        ("people.csv/x.csv", r"sink 'greetings': .*people\.csv is no folder"),
        ("full", r"at Sink 'greetings': .*part-00000\.csv cannot be written: Is a directory"),
    ],
    ids=["below a file", "a folder where a file is to be"],
)
def test_a_place_that_cannot_be_written_is_told(flow: Path, place: str, cause: str) -> None:
    Path("full/part-00000.csv").mkdir(parents=True)
    with pytest.raises(CommandError, match=cause):
        _run(str(flow), *BOTH, "--sink", f"greetings={place}")
    assert Path("people.csv").read_text() == PEOPLE


@pytest.mark.parametrize("damage", [_break_the_last_sink, _fail_on_the_last_row])
def test_a_run_that_fails_writes_nothing(flow: Path, damage: Callable[[Path], None]) -> None:
    damage(flow)
    before = set(flow.parent.parent.rglob("*"))
    with pytest.raises(CommandError, match=r"running .*greet\.json: at Sink 'homes'"):
        _run(str(flow), *BOTH)
    assert set(flow.parent.parent.rglob("*")) == before


def test_rows_that_failed_an_assertion_are_written_apart(flow: Path) -> None:
    text = flow.read_text()
    assertion = "named assert(expectTrue(name != 'Cy', false, 'noCy', null, 'no Cy here')) ~> sure\\nsure sink("
    flow.write_text(text.replace("named sink(", assertion + "outputAssertFailedRows: true, "))
    _run(str(flow), *BOTH)
    assert Path("homes/homes.csv").read_text().splitlines() == ["name,city", "Bo,Bern"]
    assert Path("homes-failed-rows/part-00000.csv").read_text().splitlines() == [
        "name,city,assertIds,assertMessages",
        "Cy,,noCy,no Cy here",
    ]


def test_spark_writes_the_same_files(flow: Path) -> None:
    for engine, run in (("duckdb", _run), ("spark", _run_apart)):
        sinks = ["--sink", f"greetings={engine}/greetings", "--sink", f"homes={engine}/homes.parquet"]
        run(str(flow), *BOTH, *sinks, "--engine", engine)
    texts = [Path(engine, "greetings/part-00000.csv").read_text() for engine in ("duckdb", "spark")]
    assert texts[0] == texts[1]
    homes = [pq.read_table(Path(engine, "homes.parquet")).to_pylist() for engine in ("duckdb", "spark")]
    assert [sorted(rows, key=str) for rows in homes[:1]] == [sorted(rows, key=str) for rows in homes[1:]]


def test_a_sink_that_writes_several_files_is_named_no_single_one(tmp_path: Path) -> None:
    arguments = [*WINDOW, "--source", f"readings={READINGS}", "--sink", f"dayFiles={tmp_path / 'one.csv'}"]
    with pytest.raises(CommandError, match=r"at Sink 'dayFiles': its rows go to several files, and one\.csv is one"):
        _run(str(TELEMETRY), *arguments)


def test_a_line_with_far_too_many_values_is_told(flow: Path) -> None:
    Path("people.csv").write_text(PEOPLE + "4,Di,2000-01-01,1,2,3,4,5,6,7,8,9\n")
    with pytest.raises(CommandError, match=r"people\.csv, line 5: the row has too many values: 4,Di,2000-01-01,1,2,"):
        _run(str(flow), *BOTH)


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_a_database_is_read_and_written_and_its_password_is_never_shown(flow: Path, engine: str) -> None:
    with postgres_server() as dsn:
        shop = dsn.replace("postgres@", "postgres:s3cret@")
        with psycopg.connect(dsn) as connection:
            connection.execute("CREATE TABLE people AS SELECT 2 AS id, 'Bo' AS name, DATE '1990-05-06' AS born")
        sources = ["--source", f"people={shop}", "--source", "cities=cities.json", "-p", "least=2"]
        run = _run if engine == "duckdb" else _run_apart
        printed = run(str(flow), *sources, "--sink", f"greetings={shop}", "--engine", engine)
        assert "s3cret" not in printed
        assert "greetings: 1 rows in 1 file, " in printed
        with psycopg.connect(dsn) as connection:
            rows = connection.execute("SELECT name, born, text FROM greetings").fetchall()
            assert rows == [("Bo", datetime.date(1990, 5, 6), "hello Bo")]
        homes = shop.replace("/postgres?", "/nowhere?")
        with pytest.raises(CommandError, match='"nowhere" does not exist; published before it: greetings') as caught:
            run(str(flow), *sources, "--sink", f"homes={homes}", "--engine", engine)
        assert "s3cret" not in str(caught.value)


def test_an_address_without_a_name_is_refused_and_not_shown(flow: Path) -> None:
    for text in ("postgresql://ann:s3cret@host/shop?sslmode=require", "postgresql://ann:s3cret@host/shop"):
        with pytest.raises(CommandError) as caught:
            _run(str(flow), "--source", text)
        assert "s3cret" not in str(caught.value)


def _dataset(name: str, kind: str, **settings: Any) -> None:
    Path("dataset").mkdir(exist_ok=True)
    properties = {"type": kind, "typeProperties": {"location": {"type": "AzureBlobFSLocation"}, **settings}}
    Path(f"dataset/{name}.json").write_text(json.dumps({"name": name, "properties": properties}), encoding="utf-8")


def test_the_datasets_beside_the_flow_say_how_files_are_read_and_written(flow: Path) -> None:
    _dataset("semicolons", "DelimitedText", columnDelimiter=";", firstRowAsHeader=True, nullValue="-")
    _dataset("parquet", "Parquet")
    document = json.loads(flow.read_text())
    inner = document["properties"]["typeProperties"]
    inner["sources"] = [{"name": "people", "dataset": {"referenceName": "semicolons"}}]
    inner["sinks"] = [{"name": "greetings", "dataset": {"referenceName": "parquet"}}]
    flow.write_text(json.dumps(document))
    Path("people.csv").write_text("id;name;born\n5;-;2000-01-01\n")
    _run(str(flow), *BOTH)
    assert [path.name for path in Path("greetings").iterdir()] == ["part-00000.snappy.parquet"]
    shown = _run(str(flow), *BOTH, "--preview", "people")
    assert shown.splitlines()[-1] == "| 5             | null           | 2000-01-01   |"


@pytest.mark.parametrize("given", ["telemetry", "telemetry/*.jsonl", "telemetry/office1.jsonl"])
def test_a_source_is_a_folder_a_glob_or_a_file(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(READINGS.parent)
    shown = _run(
        str(TELEMETRY), *WINDOW, "--source", f"readings={given}", "--preview", "sortedReadings", "--rows", "5000"
    )
    assert len(shown.splitlines()) - 2 == 1152 // (4 if given.endswith("office1.jsonl") else 1)


@pytest.mark.parametrize("names", [("source_1", "source_0"), ("rows", "ROWS")], ids=" ".join)
def test_a_stream_may_have_any_name(tmp_path: Path, names: tuple[str, str]) -> None:
    sources = [f"source(output(k as integer, {name} as string)) ~> {name}" for name in names]
    joined = "{0}, {1} join({0}@k == {1}@k, joinType: 'inner') ~> both\nboth select(mapColumn({0}@{0})) ~> out\n"
    script = "\n".join([*sources, joined.format(*names), "out sink() ~> written"])
    (tmp_path / "flow.dfs").write_text(script)
    for name, rows in zip(names, ("1,a\n2,b\n", "2,c\n3,d\n"), strict=True):
        (tmp_path / f"{name}.csv").write_text(f"k,{name}\n{rows}")
    ends = [f"--source={name}={tmp_path / name}.csv" for name in names]
    assert "b" in _run(str(tmp_path / "flow.dfs"), *ends, "--preview", "both").splitlines()[-1]


@pytest.mark.parametrize(("limit", "lines"), [("20MB", 600_000), ("300MB", 100_000)])
def test_a_file_goes_through_within_a_memory_limit(tmp_path: Path, limit: str, lines: int) -> None:
    """One of four times the limit, and one of several of the parts that are read at once."""
    script = "source(output(id as long, text as string)) ~> in\nin derive(id = id + 1) ~> more\nmore sink() ~> out"
    (tmp_path / "flow.dfs").write_text(script)
    with (tmp_path / "in.csv").open("w") as out:
        out.write("id,text\n")
        for start in range(0, lines, 10_000):
            out.writelines(f"{number},{number * 7919:0130d}\n" for number in range(start, start + 10_000))
    arguments = ["--source", f"in={tmp_path / 'in.csv'}", "--sink", f"out={tmp_path / 'out.csv'}"]
    _run(str(tmp_path / "flow.dfs"), *arguments, "--memory-limit", limit)
    with (tmp_path / "out.csv").open() as written:
        assert next(written) == "id,text\n"
        assert all(int(line.partition(",")[0]) == number for number, line in enumerate(written, 1))


LETTERS = """source(output(id as integer, word as string)) ~> words
words derive(word = upper(word), at = currentTimestamp()) ~> one
words derive(word = lower(word), at = currentTimestamp()) ~> other
one sink(partitionFileNames: ['one.csv']) ~> capitals
other sink(partitionFileNames: ['other.csv'], partitionBy('hash', 1)) ~> small
"""


@pytest.mark.parametrize("word", ["plain", "ﬁnΣ", None])
def test_functions_in_python_are_loaded_when_a_row_of_any_sink_needs_one(tmp_path: Path, word: str | None) -> None:
    """`upper` of `ﬁ` is two letters, `lower` of `Σ` depends on its place: DuckDB knows neither."""
    flow, rows = tmp_path / "letters.json", tmp_path / "words.csv"
    typed = {"script": LETTERS}
    flow.write_text(json.dumps({"name": "letters", "properties": {"type": "MappingDataFlow", "typeProperties": typed}}))
    rows.write_text(f"id,word\n1,Ä\n2,{word or ''}\n", encoding="utf-8")
    ends = [f"--sink={name}={tmp_path / name}" for name in ("capitals", "small")]
    _run(str(flow), f"--source=words={rows}", *ends)
    files = (tmp_path / "capitals/one.csv", tmp_path / "small/other.csv")
    found = [[line.split(",") for line in file.read_text(encoding="utf-8").splitlines()[1:]] for file in files]
    expected = {"plain": ("PLAIN", "plain"), "ﬁnΣ": ("FINΣ", "ﬁnς"), None: ("", "")}[word]
    assert [[row[1] for row in each] for each in found] == [["Ä", expected[0]], ["ä", expected[1]]]
    assert len({row[2] for each in found for row in each}) == 1  # one run has one time
    preview = _run(str(flow), f"--source=words={rows}", "--preview", "other")
    assert f"| {expected[1] or 'null'} " in preview
