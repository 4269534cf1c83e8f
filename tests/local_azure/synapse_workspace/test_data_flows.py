"""Data flow activities: sources read, files written and named, metrics, failures with their place in the script."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq
import pytest
from activity_bench import ActivityBench, dataset, make_activity_bench
from flow_run import KEY, flow_document

PEOPLE = b'id,name,year\n1,Ann,2020\n2,,2021\n3,"Bo, B",2021\n'


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActivityBench]:
    """One stand-in for the module."""
    found = make_activity_bench(tmp_path_factory.mktemp("azure"), None)
    yield found
    found.bench.azure.stop()


@pytest.fixture
def flows(shared: ActivityBench) -> ActivityBench:
    """The stand-in with an empty lake."""
    shared.lake.clear()
    return shared


def _publish(
    flows: ActivityBench, script: str, source: str = "csv", sink: str = "csv", transformations: Any = ()
) -> None:
    properties = {
        "sources": [{"name": "a", "dataset": dataset(source)}],
        "sinks": [{"name": "b", "dataset": dataset(sink)}],
        "transformations": list(transformations),
        "scriptLines": script.splitlines(),
    }
    answer = flows.bench.put("/dataflows/flow", {"type": "MappingDataFlow", "typeProperties": properties})
    assert answer.status == 200, answer.content()


def _run(source: dict[str, Any], sink: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    reference = {
        "referenceName": "flow",
        "type": "DataFlowReference",
        "parameters": parameters,
        "datasetParameters": {"a": source, "b": sink},
    }
    properties = {"dataflow": reference, "compute": {"coreCount": 8, "computeType": "General"}, "traceLevel": "None"}
    return {"name": "Flow", "type": "ExecuteDataFlow", "typeProperties": properties}


SOURCE = "source(output(id as integer, name as string, year as string), allowSchemaDrift: false, %s) ~> a"
IN, OUT = {"folder": "in"}, {"folder": "out"}


def test_a_flow_reads_a_folder_and_writes_one_file(flows: ActivityBench) -> None:
    flows.lake.files |= {
        "raw/in/1.csv": PEOPLE,
        "raw/in/2.csv": b"year,id,name\n2022,4,Cy\n",
        "raw/in/_hidden.csv": b"x",
    }
    _publish(
        flows,
        SOURCE % "ignoreNoFilesFound: false"
        + "\na sort(asc(id, true)) ~> s\ns sink(partitionFileNames:['all.csv']) ~> b",
    )
    output = flows.output(_run(IN, OUT))
    assert flows.lake.files["raw/out/all.csv"] == b'id,name,year\n1,Ann,2020\n2,,2021\n3,"Bo, B",2021\n4,Cy,2022\n'
    metrics = output["runStatus"]["metrics"]["b"]
    assert metrics["rowsWritten"] == 4
    assert metrics["sources"] == {"a": {"rowsRead": 4, "status": "Success"}}


def test_columns_that_the_data_name_are_computed_first(flows: ActivityBench) -> None:
    flows.lake.files["raw/in/1.csv"] = PEOPLE
    turned = "a pivot(groupBy(year), pivotBy(name), of = count(id)) ~> p"
    named = "p select(mapColumn(each(match(true()), reverse($$) = $$))) ~> s"
    _publish(
        flows, SOURCE % "ignoreNoFilesFound: false" + f"\n{turned}\n{named}\ns sink(partitionFileNames:['x.csv']) ~> b"
    )
    flows.output(_run(IN, OUT))
    assert flows.lake.files["raw/out/x.csv"].splitlines()[0] == b'raey,llunfo,nnAfo,"B ,oBfo"'


def test_flowlets_with_sources_of_their_own_and_libraries_are_taken_from_the_workspace(flows: ActivityBench) -> None:
    flows.lake.files |= {"raw/in/1.csv": PEOPLE, "raw/more/1.csv": b"id,name,year\n4,Cy,2022\n"}
    more = [{"name": "more", "dataset": dataset("csv", folder="more")}]
    lines = ["source(output(id as integer, name as string, year as string)) ~> more", "more output() ~> result"]
    for name, kind, sources, script in [
        ("piece", "Flowlet", more, lines),
        ("own", "UDFLibrary", [], ["shout(string) as string = upper(i1)"]),
    ]:
        inner = {"sources": sources, "sinks": [], "transformations": [], "scriptLines": script}
        assert flows.bench.put(f"/dataflows/{name}", {"type": kind, "typeProperties": inner}).status == 200
    script = [
        SOURCE % "ignoreNoFilesFound: false",
        "compose(composition: 'piece') ~> c@(result)",
        "a, c@result union(byName: true) ~> u",
        "u derive(name = shout(name)) ~> d",
        "d sort(asc(id, true)) ~> s",
        "s sink(partitionFileNames:['x.csv']) ~> b",
    ]
    flowlet = {"name": "c", "flowlet": {"referenceName": "piece", "type": "DataFlowReference"}}
    _publish(flows, "\n".join(script), transformations=[flowlet])
    output = flows.output(_run(IN, OUT))
    assert flows.lake.files["raw/out/x.csv"] == b'id,name,year\n1,ANN,2020\n2,,2021\n3,"BO, B",2021\n4,CY,2022\n'
    assert output["runStatus"]["metrics"]["b"]["sources"]["c/more"] == {"rowsRead": 1, "status": "Success"}


def test_wildcards_choose_the_files(flows: ActivityBench) -> None:
    flows.lake.files |= {f"raw/in/year={year}.csv": b"id,name,year\n1,A,%d\n" % year for year in (2018, 2019, 2020)}
    script = "parameters{\n\tyears as string\n}\n" + SOURCE % "wildcardPaths:[(concat('in/year={', $years, '}.csv'))]"
    _publish(flows, script + "\na sink(partitionFileNames:['x.csv']) ~> b")
    flows.output(_run(IN, OUT, years="'2019,201[0-8]'"))
    assert sorted(flows.lake.files["raw/out/x.csv"].splitlines()[1:]) == [b"1,A,2018", b"1,A,2019"]


def test_a_parameter_is_given_as_an_expression_of_columns_and_other_parameters(flows: ActivityBench) -> None:
    flows.lake.files["raw/in/1.csv"] = PEOPLE
    script = "parameters{\n\tcolumn as string,\n\ttitle as string,\n\tmoment as timestamp\n}\n"
    script += (
        SOURCE % "ignoreNoFilesFound: false"
        + "\na derive(title = $title, past = $moment > toTimestamp('2020-01-01 00:00:00')) ~> d\n"
    )
    _publish(flows, script + "d select(mapColumn(id, title, past)) ~> s\ns sink(partitionFileNames:['x.csv']) ~> b")
    given = {"title": "upper(toString(byName($column))) + year", "column": "'name'", "moment": "currentTimestamp()"}
    flows.output(_run(IN, OUT, **given))
    lines = flows.lake.files["raw/out/x.csv"].splitlines()
    assert sorted(lines) == [b"1,ANN2020,true", b"2,,true", b'3,"BO, B2021",true', b"id,title,past"]


def test_a_file_name_from_a_column_is_relative_to_the_file_system(flows: ActivityBench) -> None:
    flows.lake.files["raw/in/1.csv"] = PEOPLE
    script = SOURCE % "ignoreNoFilesFound: false" + "\na derive(file = concat('elsewhere/year=', year, '.csv')) ~> d\n"
    _publish(flows, script + "d sink(rowUrlColumn: 'file', partitionBy('hash', 8,\n\t\tfile\n\t)) ~> b")
    assert flows.output(_run(IN, OUT))["runStatus"]["metrics"]["b"]["rowsWritten"] == 3
    assert flows.lake.files["raw/elsewhere/year=2020.csv"] == b"id,name,year\n1,Ann,2020\n"
    assert flows.lake.files["raw/elsewhere/year=2021.csv"] == b'id,name,year\n2,,2021\n3,"Bo, B",2021\n'


def test_a_row_without_a_file_name_fails_the_flow(flows: ActivityBench) -> None:
    flows.lake.files["raw/in/1.csv"] = PEOPLE
    script = SOURCE % "ignoreNoFilesFound: false" + "\na derive(file = name) ~> d\nd sink(rowUrlColumn: 'file') ~> b"
    _publish(flows, script)
    assert "at Sink 'b': the column 'file' that names files is null" in flows.failure(_run(IN, OUT))


def test_partitions_become_folders(flows: ActivityBench) -> None:
    flows.lake.files["raw/in/1.csv"] = PEOPLE
    script = SOURCE % "ignoreNoFilesFound: false" + "\na sink(partitionBy('key', 0,\n\t\tyear\n\t)) ~> b"
    _publish(flows, script)
    flows.output(_run(IN, OUT))
    written = {name: content for name, content in flows.lake.files.items() if name.startswith("raw/out/")}
    assert sorted(name.split("/")[2] for name in written) == ["year=2020", "year=2021"]
    assert (
        next(content for name, content in written.items() if "year=2020/part-00000-tid-" in name) == b"id,name\n1,Ann\n"
    )


@pytest.mark.parametrize(
    ("sink", "file"),
    [("filePattern:'out-[n].csv'", "raw/out/out-1.csv"), ("allowSchemaDrift: true", "raw/out/part-00000")],
)
def test_other_file_names(flows: ActivityBench, sink: str, file: str) -> None:
    flows.lake.files["raw/in/1.csv"] = PEOPLE
    _publish(flows, SOURCE % "ignoreNoFilesFound: false" + f"\na sink({sink}) ~> b")
    flows.output(_run(IN, OUT))
    assert [name for name in flows.lake.files if name.startswith(file)]


def test_the_names_of_folders_below_the_root_of_partitions_are_columns(flows: ActivityBench) -> None:
    flows.lake.files |= {"raw/in/year=2020/1.csv": b"id,name\n1,A\n", "raw/in/year=2021/1.csv": b"id,name\n2,B\n"}
    script = (
        SOURCE % "partitionRootPath: 'in'" + "\na sort(asc(id, true)) ~> s\ns sink(partitionFileNames:['x.csv']) ~> b"
    )
    _publish(flows, script)
    flows.output(_run(IN, OUT))
    assert flows.lake.files["raw/out/x.csv"] == b"id,name,year\n1,A,2020\n2,B,2021\n"


@pytest.mark.parametrize(
    ("option", "left"),
    [
        ("purgeFiles: true", set()),
        ("moveFiles: ['in', 'done/today']", {"raw/done/today/1.csv"}),
        ("purgeFiles: false", {"raw/in/1.csv"}),
    ],
)
def test_files_that_were_read_are_deleted_or_moved_when_the_source_says_so(
    flows: ActivityBench, option: str, left: set[str]
) -> None:
    flows.lake.files["raw/in/1.csv"] = PEOPLE
    _publish(flows, SOURCE % option + "\na sink(partitionFileNames:['x.csv']) ~> b")
    flows.output(_run(IN, OUT))
    assert set(flows.lake.files) - {"raw/out/x.csv"} == left


@pytest.mark.parametrize("place", ["assertFailure_fileSystem: 'raw'", "assertFailure_container: 'raw'", "umask: 0022"])
def test_rows_that_failed_an_assertion_go_where_the_sink_says(flows: ActivityBench, place: str) -> None:
    flows.lake.files["raw/in/1.csv"] = b"id,name,year\n1,A,1\n2,,1\n"
    settings = f"partitionFileNames:['x.csv'], outputAssertFailedRows: true, assertFailure_folderPath: 'bad', {place}"
    asserted = "\na assert(expectTrue(!isNull(name), false, 'named', null, 'no name')) ~> c\nc "
    _publish(flows, SOURCE % "ignoreNoFilesFound: false" + f"{asserted}sink({settings}) ~> b")
    flows.output(_run(IN, OUT))
    assert flows.lake.files["raw/bad/part-00000.csv"] == b"id,name,year,assertIds,assertMessages\n2,,1,named,no name\n"
    assert flows.lake.files["raw/out/x.csv"] == b"id,name,year\n1,A,1\n"


@pytest.mark.parametrize(("setting", "sent"), [("umask: 0027", "0027"), ("", None), ("umask: ''", None)])
def test_new_files_are_asked_for_with_the_umask_of_the_sink(
    flows: ActivityBench, setting: str, sent: str | None
) -> None:
    flows.lake.files["raw/in/1.csv"] = PEOPLE
    _publish(flows, SOURCE % "ignoreNoFilesFound: false" + f"\na sink({setting}) ~> b")
    before = len(flows.lake.requests)
    flows.output(_run(IN, OUT))
    created = [one for one in flows.lake.requests[before:] if one.method == "PUT"]
    assert [one.headers.get("x-ms-umask") for one in created] == [sent] * len(created)


def test_a_list_of_files_says_what_is_read(flows: ActivityBench) -> None:
    flows.lake.files |= {f"raw/in/{number}.csv": b"id,name,year\n%d,A,1\n" % number for number in (1, 2, 3)}
    flows.lake.files["raw/in/list.txt"] = b"in/3.csv\r\nin/1.csv\r\n"
    _publish(
        flows, SOURCE % "fileList: true" + "\na sort(asc(id, true)) ~> s\ns sink(partitionFileNames:['x.csv']) ~> b"
    )
    flows.output(_run({"folder": "in", "file": "list.txt"}, OUT))
    assert flows.lake.files["raw/out/x.csv"] == b"id,name,year\n1,A,1\n3,A,1\n"


def test_files_changed_outside_the_window_are_not_read(flows: ActivityBench) -> None:
    flows.lake.files["raw/in/1.csv"] = PEOPLE
    script = SOURCE % "modifiedBefore: (toTimestamp('2001-01-01 00:00:00')), ignoreNoFilesFound: true"
    _publish(flows, script + "\na sink(partitionFileNames:['x.csv']) ~> b")
    assert flows.output(_run(IN, OUT))["runStatus"]["metrics"]["b"]["rowsWritten"] == 0


def _publish_inline(flows: ActivityBench, script: str, source: dict[str, Any] | None = None) -> None:
    lake = {"referenceName": "lake", "type": "LinkedServiceReference"}
    properties = {
        "sources": [{"name": "a", **(source or {"linkedService": lake})}],
        "sinks": [{"name": "b", "linkedService": lake}],
        "transformations": [],
        "script": script,
    }
    answer = flows.bench.put("/dataflows/flow", {"type": "MappingDataFlow", "typeProperties": properties})
    assert answer.status == 200, answer.content()


INLINE = (
    "source(output(id as integer, name as string, year as string), format: 'delimited', fileSystem: 'raw', "
    "folderPath: 'in', columnDelimiter: ',', columnNamesAsHeader: true) ~> a\n"
)


def test_sources_and_sinks_may_describe_their_files_themselves(flows: ActivityBench) -> None:
    flows.lake.files["raw/in/1.csv"] = PEOPLE
    sink = "format: 'delimited', fileSystem: 'raw', folderPath: 'out', columnNamesAsHeader: true"
    _publish_inline(flows, INLINE + f"a sink({sink}, partitionFileNames: ['x.csv']) ~> b")
    flows.output(_run({}, {}))
    assert flows.lake.files["raw/out/x.csv"] == b'id,name,year\n1,Ann,2020\n2,,2021\n3,"Bo, B",2021\n'


@pytest.mark.parametrize(
    "wildcards", ["", "wildcardPaths: [(concat('in/', toString(year(currentUTC()) * 0), '/*.csv'))], "]
)
def test_the_clock_may_decide_about_folders(flows: ActivityBench, wildcards: str) -> None:
    flows.lake.files |= {"raw/in/1.csv": PEOPLE, "raw/in/0/1.csv": b"id,name,year\n7,Di,2023\n"}
    inner, outer = (f"folderPath: (concat('{name}/', toString(year(currentUTC()) * 0)))" for name in ("in", "out"))
    source = INLINE.replace("folderPath: 'in'", wildcards + ("folderPath: 'in'" if wildcards else inner))
    sink = f"format: 'delimited', fileSystem: 'raw', {outer}, columnNamesAsHeader: true"
    _publish_inline(flows, source + f"a sink({sink}, partitionFileNames: ['x.csv']) ~> b")
    flows.output(_run({}, {}))
    assert flows.lake.files["raw/out/0/x.csv"] == b"id,name,year\n7,Di,2023\n"


def test_a_delta_table_of_the_lake_is_made_changed_and_read(flows: ActivityBench) -> None:
    flows.lake.files["raw/in/1.csv"] = PEOPLE
    marks = "a alterRow(deleteIf(id == 1), upsertIf(true())) ~> marked\n"
    policies = "insertable: true, upsertable: true, deletable: true, keys: ['id']"
    sink = f"format: 'delta', fileSystem: 'raw', folderPath: 'table', {policies}"
    for people in (PEOPLE, b"id,name,year\n1,,\n2,Bob,2022\n4,Di,2023\n"):
        flows.lake.files["raw/in/1.csv"] = people
        _publish_inline(flows, INLINE + marks + f"marked sink({sink}) ~> b")
        flows.output(_run({}, {}))
    read = (
        "source(output(id as integer, name as string), format: 'delta', fileSystem: 'raw', folderPath: 'table') ~> a\n"
    )
    out = "format: 'delimited', fileSystem: 'raw', folderPath: 'out', partitionFileNames: ['x.csv']"
    _publish_inline(flows, read + f"a sort(asc(id, true)) ~> sorted\nsorted sink({out}) ~> b")
    flows.output(_run({}, {}))
    assert flows.lake.files["raw/out/x.csv"] == b'2,Bob\n3,"Bo, B"\n4,Di\n'


def test_a_source_that_is_a_table_is_read_as_the_workspace(flows: ActivityBench) -> None:
    sink = "format: 'delimited', fileSystem: 'raw', folderPath: 'out', partitionFileNames: ['x.csv']"
    script = "source(allowSchemaDrift: true, format: 'query', query: 'SELECT 1 AS one') ~> a\n"
    _publish_inline(flows, script + f"a sink({sink}) ~> b", {"dataset": dataset("table")})
    assert "Login failed" in flows.failure(_run({}, {}))


def test_truncate_clears_the_folder_first(flows: ActivityBench) -> None:
    flows.lake.files |= {"raw/in/1.csv": PEOPLE, "raw/out/old.csv": b"x", "raw/out/deep/old.csv": b"x"}
    _publish(
        flows, SOURCE % "ignoreNoFilesFound: false" + "\na sink(truncate: true, partitionFileNames:['n.csv']) ~> b"
    )
    flows.output(_run(IN, OUT))
    assert sorted(name for name in flows.lake.files if name.startswith("raw/out")) == ["raw/out/n.csv"]


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("documentPerLine", b'{"id":1,"at":"2021-07-14T12:47:39Z","v":[1,2]}\n{"id":2,"at":null,"v":[]}\n'),
        ("arrayOfDocuments", b'[{"id":1,"at":"2021-07-14T12:47:39Z","v":[1,2]},{"id":2,"at":null,"v":[]}]'),
    ],
)
def test_json_is_read_in_its_forms(flows: ActivityBench, form: str, content: bytes) -> None:
    flows.lake.files["raw/in/1.json"] = content
    script = f"source(output(id as long, at as string, v as long[]), documentForm: '{form}') ~> a\n"
    script += "a derive(first = v[1], at = toTimestamp(at, \"yyyy-MM-dd'T'HH:mm:ss'Z'\")) ~> d\n"
    script += "d select(mapColumn(\n\t\tid,\n\t\tat,\n\t\tfirst\n\t)) ~> s\ns sort(asc(id, true)) ~> o\n"
    _publish(flows, script + "o sink(partitionFileNames:['x.csv']) ~> b", source="json")
    flows.output(_run(IN, OUT))
    assert flows.lake.files["raw/out/x.csv"] == b"id,at,first\n1,2021-07-14 12:47:39,1\n2,,\n"


def test_parquet_and_json_are_written(flows: ActivityBench) -> None:
    flows.lake.files["raw/in/1.csv"] = PEOPLE
    script = SOURCE % "ignoreNoFilesFound: false" + "\na sink(partitionFileNames:['x.out']) ~> b"
    _publish(flows, script, sink="parquet")
    flows.output(_run(IN, OUT))
    assert pq.read_table(io.BytesIO(flows.lake.files["raw/out/x.out"])).column("id").to_pylist() == [1, 2, 3]
    _publish(flows, script, source="parquet", sink="json")
    flows.output(_run({"folder": "out", "file": "x.out"}, OUT))
    assert json.loads(flows.lake.files["raw/out/x.out"].splitlines()[0]) == {"id": 1, "name": "Ann", "year": "2020"}


def test_every_type_is_text_in_a_delimited_file(flows: ActivityBench) -> None:
    flows.lake.files["raw/in/1.csv"] = b"id,name,year\n1,Ann,2020\n"
    script = SOURCE % "ignoreNoFilesFound: false"
    script += (
        "\na derive(t = toTimestamp('2021-01-02 03:04:05.678'), d = toDate('2021-01-02'), y = true(), x = 1.5) ~> d\n"
    )
    _publish(flows, script + "d sink(partitionFileNames:['x.csv']) ~> b")
    flows.output(_run(IN, OUT))
    assert (
        flows.lake.files["raw/out/x.csv"].splitlines()[1] == b"1,Ann,2020,2021-01-02 03:04:05.678,2021-01-02,true,1.5"
    )


def test_a_header_of_its_own_and_all_text_quoted(flows: ActivityBench) -> None:
    flows.lake.files["raw/in/1.csv"] = b"id,name,year\n1,Ann,2020\n"
    script = SOURCE % "ignoreNoFilesFound: false"
    _publish(flows, script + "\na sink(quoteAll: true, header: ['i', 'n', 'y'], partitionFileNames:['x.csv']) ~> b")
    flows.output(_run(IN, OUT))
    assert flows.lake.files["raw/out/x.csv"] == b'"i","n","y"\n"1","Ann","2020"\n'
    _publish(flows, script + "\na sink(header: ['i'], partitionFileNames:['x.csv']) ~> b")
    assert "at Sink 'b': 1 header names for 3 columns" in flows.failure(_run(IN, OUT))


def test_the_path_of_each_file_is_a_column(flows: ActivityBench) -> None:
    flows.lake.files |= {"raw/in/1.csv": b"id,name,year\n1,A,1\n", "raw/in/2.csv": b"id,name,year\n2,B,2\n"}
    script = SOURCE % "rowUrlColumn: 'path'" + "\na sort(asc(id, true)) ~> s\ns sink(partitionFileNames:['x.csv']) ~> b"
    _publish(flows, script)
    flows.output(_run(IN, OUT))
    assert flows.lake.files["raw/out/x.csv"] == b"id,name,year,path\n1,A,1,/in/1.csv\n2,B,2,/in/2.csv\n"


def test_no_files_are_an_error_or_no_rows(flows: ActivityBench) -> None:
    _publish(flows, SOURCE % "ignoreNoFilesFound: false" + "\na sink(partitionFileNames:['x.csv']) ~> b")
    failed = flows.failure(_run(IN, OUT))
    assert '"StatusCode":"DF-Executor-InvalidPath"' in failed
    assert "at Source 'a': Path does not resolve to any file(s)." in failed
    _publish(flows, SOURCE % "ignoreNoFilesFound: true" + "\na sink(partitionFileNames:['x.csv']) ~> b")
    assert flows.output(_run(IN, OUT))["runStatus"]["metrics"]["b"]["rowsWritten"] == 0
    assert flows.lake.files["raw/out/x.csv"] == b"id,name,year\n"


def test_no_files_give_columns_of_the_declared_types(flows: ActivityBench) -> None:
    columns = (
        "n as (vr as string, Value as integer[]), m as [string,double], d as decimal(8,2), t as timestamp, b as boolean"
    )
    script = (
        f"source(output({columns}), allowSchemaDrift: false, ignoreNoFilesFound: true, rowUrlColumn: 'path') ~> a\n"
    )
    script += (
        "a derive(first = n.Value[1] + 1, weight = m['w'] * 2, price = d + d, later = addDays(t, 1), no = !b) ~> d\n"
    )
    script += "d select(mapColumn(first, weight, price, later, no, path)) ~> s\n"
    _publish(flows, script + "s sink(partitionFileNames:['x.csv']) ~> b", source="json")
    assert flows.output(_run(IN, OUT))["runStatus"]["metrics"]["b"]["rowsWritten"] == 0
    assert flows.lake.files["raw/out/x.csv"] == b"first,weight,price,later,no,path\n"


def test_the_image_index_is_empty_when_no_image_has_arrived(flows: ActivityBench) -> None:
    lines = flow_document("index_images")["properties"]["typeProperties"]["scriptLines"]
    script = "\n".join(lines).replace("~> sidecars\n", "~> a\n").replace("\nsidecars ", "\na ")
    _publish(flows, script.replace("~> imageIndex", "~> b"), source="json")
    flows.output(_run(IN, OUT, pseudonymKey=f"'{KEY}'", referenceYear="2026"))
    assert flows.lake.files["raw/out/index.csv"] == (
        b"IMAGE,STUDY,PATIENT,STUDY_YEAR,AGE,SEX,MODALITY,BODY_PART,MANUFACTURER,ROWS,COLUMNS\n"
    )


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "source(output(id as strin), ignoreNoFilesFound: true) ~> a\na sink() ~> b",
            "reading the sources of flow 'flow': 'strin' is no data type (line 1, column 21)",
        ),
        (SOURCE % "ignoreNoFilesFound: false" + "\na derive(x = nope(1)) ~> d\nd sink() ~> b", "nope"),
        (
            SOURCE % "ignoreNoFilesFound: false" + "\na sink(umask: 0088) ~> b",
            "'0088' is no umask",
        ),
        (
            SOURCE % "ignoreNoFilesFound: false" + "\na sink(partitionFileNames:['a', 'b']) ~> b",
            "at Sink 'b': 2 partitionFileNames for one partition",
        ),
        (
            SOURCE % "ignoreNoFilesFound: false" + "\na derive(x = [1, 2]) ~> d\nd sink() ~> b",
            "the column 'x' of type integer[] does not fit into text",
        ),
    ],
)
def test_a_flow_that_cannot_run_fails_with_its_cause(flows: ActivityBench, script: str, message: str) -> None:
    flows.lake.files["raw/in/1.csv"] = PEOPLE
    _publish(flows, script)
    assert message in flows.failure(_run(IN, OUT))


def test_a_problem_in_the_script_names_its_line(flows: ActivityBench) -> None:
    flows.lake.files["raw/in/1.csv"] = PEOPLE
    _publish(flows, SOURCE % "ignoreNoFilesFound: false" + "\na filter(nothing > 1) ~> f\nf sink() ~> b")
    failed = flows.failure(_run(IN, OUT))
    assert '"StatusCode":"DFExecutorUserError"' in failed
    assert "2:10" in failed or "line 2" in failed


def test_a_secret_parameter_is_used_but_nowhere_shown(flows: ActivityBench) -> None:
    flows.lake.files |= {"raw/in/1.csv": b"id,name,year\n1,Ann,2020\n", "raw/key.csv": b"key\ntop-secret-word\n"}
    script = "parameters{\n\tkey as string\n}\n" + SOURCE % "ignoreNoFilesFound: false"
    script += "\na derive(name = sha2(256, concat($key, ':', name))) ~> d\nd sink(partitionFileNames:['x.csv']) ~> b"
    _publish(flows, script)
    source = {"type": "DelimitedTextSource", "storeSettings": {"type": "AzureBlobFSReadSettings"}}
    key = {
        "name": "Key",
        "type": "Lookup",
        "policy": {"secureOutput": True},
        "typeProperties": {"source": source, "dataset": dataset("csv", file="key.csv")},
    }
    flow = {
        **_run(IN, OUT, key="'@{activity('Key').output.firstRow.key}'"),
        "dependsOn": [{"activity": "Key", "dependencyConditions": ["Succeeded"]}],
        "policy": {"secureInput": True, "secureOutput": True},
    }
    run = flows.run(key, flow)
    assert run["status"] == "Succeeded", run["message"]
    assert len(flows.lake.files["raw/out/x.csv"].splitlines()[1].split(b",")[1]) == 64
    shown = json.dumps([run, flows.activities(run)])
    assert "top-secret-word" not in shown
    assert all(b"top-secret-word" not in request.body for request in flows.lake.requests)


def test_a_missing_flow_is_a_dangling_reference(flows: ActivityBench) -> None:
    activity = _run(IN, OUT)
    activity["typeProperties"]["dataflow"]["referenceName"] = "nothing"
    answer = flows.bench.put("/pipelines/p", {"activities": [activity]})
    assert answer.status == 400
    assert b"invalid reference 'nothing'" in answer.content()
