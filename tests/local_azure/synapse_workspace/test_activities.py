"""Copy, Lookup, GetMetadata and Delete activities over a lake in memory and a small source database."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq
import pytest
from activity_bench import ActivityBench, copy, dataset, web

QUERY = "SELECT [Id], [BIRTHDATE], [DEATHDATE], [SSN], [DRIVERS], [LAT], [INCOME] FROM [dbo].[patients] ORDER BY [Id]"


def _csv_sink(quote_all: bool = True, **store: Any) -> dict[str, Any]:
    formats = {"type": "DelimitedTextWriteSettings", "quoteAllText": quote_all, "fileExtension": ".csv"}
    return {
        "type": "DelimitedTextSink",
        "storeSettings": {"type": "AzureBlobFSWriteSettings", **store},
        "formatSettings": formats,
    }


def _read(kind: str = "BinarySource", **store: Any) -> dict[str, Any]:
    return {"type": kind, "storeSettings": {"type": "AzureBlobFSReadSettings", **store}}


SQL = {"type": "AzureSqlSource", "sqlReaderQuery": QUERY}


def test_a_query_is_copied_to_delimited_text_as_azure_writes_it(activities: ActivityBench) -> None:
    output = activities.output(copy(SQL, _csv_sink(), dataset("table"), dataset("csv", folder="out", file="p.csv")))
    assert activities.lake.files["raw/out/p.csv"].decode() == (
        '"Id","BIRTHDATE","DEATHDATE","SSN","DRIVERS","LAT","INCOME"\r\n'
        '"a","1990-02-03 00:00:00.0000000",,"999-1",,"42.5","1000"\r\n'
        '"b","1931-04-05 00:00:00.0000000","2001-01-02 00:00:00.0000000","quo""te,d",,"42","0"\r\n'
    )
    assert {key: output[key] for key in ("rowsRead", "rowsCopied", "filesWritten", "errors")} == {
        "rowsRead": 2,
        "rowsCopied": 2,
        "filesWritten": 1,
        "errors": [],
    }
    assert output["dataWritten"] == len(activities.lake.files["raw/out/p.csv"])


def test_only_what_needs_quotes_gets_them_when_not_all_text_is_quoted(activities: ActivityBench) -> None:
    activities.output(copy(SQL, _csv_sink(False), dataset("table"), dataset("csv", file="p.csv")))
    assert activities.lake.files["raw/p.csv"].decode().splitlines()[2].startswith("b,1931-04-05 00:00:00.0000000,")
    assert '"quo""te,d"' in activities.lake.files["raw/p.csv"].decode()


def test_the_translator_maps_renames_and_formats(activities: ActivityBench) -> None:
    translator = {
        "type": "TabularTranslator",
        "mappings": [
            {"source": {"name": "birthdate"}, "sink": {"name": "born"}},
            {"source": {"ordinal": 1}, "sink": {"name": "who"}},
        ],
        "typeConversionSettings": {"dateTimeFormat": "dd.MM.yyyy"},
    }
    activities.output(
        copy(SQL, _csv_sink(False), dataset("table"), dataset("csv", file="p.csv"), translator=translator)
    )
    assert activities.lake.files["raw/p.csv"] == b"born,who\r\n03.02.1990,a\r\n05.04.1931,b\r\n"


@pytest.mark.parametrize(
    ("translator", "message"),
    [
        ({"mappings": [{"source": {"name": "no"}}]}, "The column 'no' of the mapping is not in the source."),
        ({"mappings": [{"source": {"ordinal": 99}}]}, "The mapping's source '{'ordinal': 99}' names no column."),
        ({"typeConversionSettings": {"timeSpanFormat": "c"}}, "The type conversion setting 'timeSpanFormat' is not"),
        ({"typeConversionSettings": {"dateTimeFormat": "tt"}}, "The format 'tt' is not supported locally: 'tt'."),
    ],
)
def test_what_a_translator_cannot_mean_fails_the_copy(
    activities: ActivityBench, translator: dict[str, Any], message: str
) -> None:
    whole = {"type": "TabularTranslator", **translator}
    failed = activities.failure(
        copy(SQL, _csv_sink(), dataset("table"), dataset("csv", file="p.csv"), translator=whole)
    )
    assert message in failed


def test_a_whole_table_is_copied_to_parquet_with_its_types(activities: ActivityBench) -> None:
    mapping = [{"source": {"name": "INCOME"}, "sink": {"name": "INCOME", "type": "Int64"}}, {"source": {"name": "LAT"}}]
    activities.output(
        copy(
            {"type": "AzureSqlSource"},
            {"type": "ParquetSink"},
            dataset("table"),
            dataset("parquet", file="p.parquet"),
            translator={"type": "TabularTranslator", "mappings": mapping},
        )
    )
    table = pq.read_table(io.BytesIO(activities.lake.files["raw/p.parquet"]))
    assert table.to_pydict() == {"INCOME": [1000, 0], "LAT": [42.5, 42.0]}
    assert str(table.schema.field("INCOME").type) == "int64"


@pytest.mark.parametrize(("pattern", "first"), [("setOfObjects", b'{"Id":"a"'), ("arrayOfObjects", b"[\n")])
def test_a_query_is_copied_to_json(activities: ActivityBench, pattern: str, first: bytes) -> None:
    sink = {"type": "JsonSink", "formatSettings": {"type": "JsonWriteSettings", "filePattern": pattern}}
    query = {"type": "AzureSqlSource", "sqlReaderQuery": "SELECT [Id], [INCOME] FROM dbo.patients ORDER BY [Id]"}
    activities.output(copy(query, sink, dataset("table"), dataset("json", file="p.json")))
    assert activities.lake.files["raw/p.json"].startswith(first)


def test_a_sink_without_a_file_name_gets_a_generated_one(activities: ActivityBench) -> None:
    activities.output(copy(SQL, _csv_sink(), dataset("table"), dataset("csv", folder="out")))
    (name,) = activities.lake.files
    assert name.startswith("raw/out/data_")
    assert name.endswith(".csv")


def test_files_are_copied_as_they_are_with_their_folders(activities: ActivityBench) -> None:
    activities.lake.files |= {"raw/in/a.bin": b"\x00a", "raw/in/deep/b.bin": b"b", "raw/other": b"o"}
    output = activities.output(
        copy(_read(), {"type": "BinarySink"}, dataset("binary", folder="in"), dataset("binary", folder="out"))
    )
    assert activities.lake.files["raw/out/a.bin"] == b"\x00a"
    assert activities.lake.files["raw/out/deep/b.bin"] == b"b"
    assert (output["filesRead"], output["filesWritten"], output["dataRead"]) == (2, 2, 3)
    assert "rowsRead" not in output


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"recursive": False}, ["out/a.dcm", "out/a.json"]),
        ({"wildcardFileName": "*.dcm"}, ["out/a.dcm", "out/deep/b.dcm"]),
        ({"wildcardFileName": "*.dcm", "recursive": False}, ["out/a.dcm"]),
        ({"wildcardFolderPath": "in/d*", "wildcardFileName": "?.dcm"}, ["out/deep/b.dcm"]),
        ({"modifiedDatetimeStart": "2021-07-14T00:00:00Z", "recursive": False}, ["out/a.json"]),
        ({"modifiedDatetimeEnd": "2021-07-14T00:00:00Z", "recursive": False}, ["out/a.dcm"]),
    ],
)
def test_files_are_chosen_by_wildcard_and_time(
    activities: ActivityBench, settings: dict[str, Any], expected: list[str]
) -> None:
    activities.lake.files |= {"raw/in/a.dcm": b"1", "raw/in/a.json": b"2", "raw/in/deep/b.dcm": b"3"}
    activities.lake.modified["raw/in/a.dcm"] = datetime(2021, 7, 13, tzinfo=UTC)
    activities.output(
        copy(_read(**settings), {"type": "BinarySink"}, dataset("binary", folder="in"), dataset("binary", folder="out"))
    )
    assert sorted(name.removeprefix("raw/") for name in activities.lake.files if "/out/" in name) == expected


def test_copied_files_are_flattened_deleted_or_named(activities: ActivityBench) -> None:
    activities.lake.files |= {"raw/in/deep/b.bin": b"b"}
    flat = {
        "type": "BinarySink",
        "storeSettings": {"type": "AzureBlobFSWriteSettings", "copyBehavior": "FlattenHierarchy"},
    }
    activities.output(copy(_read(), flat, dataset("binary", folder="in"), dataset("binary", folder="flat")))
    assert [name.rpartition("_")[2] for name in activities.lake.files if "/flat/" in name] == ["b.bin"]
    source = _read(deleteFilesAfterCompletion=True)
    named = dataset("binary", folder="out", file="x.bin")
    activities.output(copy(source, {"type": "BinarySink"}, dataset("binary", folder="in"), named))
    assert activities.lake.files["raw/out/x.bin"] == b"b"
    assert "raw/in/deep/b.bin" not in activities.lake.files


def test_several_files_do_not_fit_into_one_name(activities: ActivityBench) -> None:
    activities.lake.files |= {"raw/in/a": b"a", "raw/in/b": b"b"}
    failed = activities.failure(
        copy(_read(), {"type": "BinarySink"}, dataset("binary", folder="in"), dataset("binary", file="x"))
    )
    assert "The sink names one file, 'x', for 2 source files." in failed


def test_merging_binary_files_is_refused_by_name(activities: ActivityBench) -> None:
    activities.lake.files["raw/in/a"] = b"a"
    sink = {"type": "BinarySink", "storeSettings": {"type": "AzureBlobFSWriteSettings", "copyBehavior": "MergeFiles"}}
    failed = activities.failure(copy(_read(), sink, dataset("binary", folder="in"), dataset("binary", folder="x")))
    assert "The copyBehavior 'MergeFiles' of binary files is not supported locally." in failed


def test_delimited_files_are_merged_by_column_name(activities: ActivityBench) -> None:
    activities.lake.files |= {"raw/in/a.csv": b"x,y\n1,\n", "raw/in/b.csv": b'y,x\n"a,b",2\n'}
    source = _read("DelimitedTextSource")
    output = activities.output(
        copy(source, _csv_sink(False), dataset("csv", folder="in"), dataset("csv", folder="out", file="m.csv"))
    )
    assert activities.lake.files["raw/out/m.csv"] == b'x,y\r\n1,\r\n2,"a,b"\r\n'
    assert (output["filesRead"], output["rowsCopied"]) == (2, 2)


def test_delimited_files_keep_their_names_when_the_sink_is_a_folder(activities: ActivityBench) -> None:
    activities.lake.files |= {"raw/in/a.txt": b"x\n1\n", "raw/in/deep/b.txt": b"x\n2\n"}
    source = _read("DelimitedTextSource")
    activities.output(copy(source, _csv_sink(False), dataset("csv", folder="in"), dataset("csv", folder="out")))
    assert activities.lake.files["raw/out/a.csv"] == b"x\r\n1\r\n"
    assert activities.lake.files["raw/out/deep/b.csv"] == b"x\r\n2\r\n"


def test_json_lines_are_copied_to_delimited_text(activities: ActivityBench) -> None:
    activities.lake.files["raw/in.jsonl"] = b'{"a":1,"b":true,"c":"2021-01-02"}\n{"a":2,"b":false}\n'
    source = _read("JsonSource")
    activities.output(copy(source, _csv_sink(False), dataset("json", file="in.jsonl"), dataset("csv", file="o.csv")))
    assert activities.lake.files["raw/o.csv"] == b"a,b,c\r\n1,True,2021-01-02\r\n2,False,\r\n"


def test_a_missing_source_file_fails_with_the_services_words(activities: ActivityBench) -> None:
    failed = activities.failure(
        copy(_read(), {"type": "BinarySink"}, dataset("binary", file="nothing"), dataset("binary", folder="out"))
    )
    assert "ErrorCode=UserErrorFileNotFound" in failed
    assert "The required Blob is missing. Account: 'lake'. FileSystem: 'raw'. Path: 'nothing'." in failed


def test_a_dataset_of_another_type_does_not_fit(activities: ActivityBench) -> None:
    failed = activities.failure(copy(_read(), {"type": "BinarySink"}, dataset("csv", file="a"), dataset("binary")))
    assert "The dataset 'csv' of type DelimitedText does not fit BinarySource." in failed


def test_dataset_parameters_are_checked(activities: ActivityBench) -> None:
    failed = activities.failure(copy(SQL, _csv_sink(), dataset("table", colour="red"), dataset("csv")))
    assert "The Dataset 'table' has unknown parameter 'colour'." in failed


@pytest.mark.parametrize(
    ("query", "number"),
    [("SELECT * FROM dbo.nothing", 208), ("DELETE FROM dbo.patients", 102), ("SELECT (", 102), ("SELECT 1/'x'", 50000)],
)
def test_a_wrong_query_fails_with_the_number_of_sql_server(activities: ActivityBench, query: str, number: int) -> None:
    source = {"type": "AzureSqlSource", "sqlReaderQuery": query}
    failed = activities.failure(copy(source, _csv_sink(), dataset("table"), dataset("csv", file="x")))
    assert f"Server: 'srv.database.windows.net', Database: 'db',SqlErrorNumber={number}." in failed


def _lookup(source: dict[str, Any], of: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "Look", "type": "Lookup", "typeProperties": {"source": source, "dataset": of, **more}}


def test_lookup_gives_the_first_row_or_nothing(activities: ActivityBench) -> None:
    output = activities.output(_lookup(SQL, dataset("table")))
    assert output["firstRow"] == {
        "Id": "a",
        "BIRTHDATE": "1990-02-03T00:00:00Z",
        "DEATHDATE": None,
        "SSN": "999-1",
        "DRIVERS": None,
        "LAT": 42.5,
        "INCOME": 1000,
    }
    none = {"type": "AzureSqlSource", "sqlReaderQuery": "SELECT Id FROM dbo.patients WHERE 1 = 0"}
    assert "firstRow" not in activities.output(_lookup(none, dataset("table")))


def test_lookup_gives_all_rows_up_to_5000(activities: ActivityBench) -> None:
    lines = "\n".join(str(number) for number in range(5001))
    activities.lake.files["raw/n.csv"] = f"n\n{lines}\n".encode()
    output = activities.output(_lookup(_read("DelimitedTextSource"), dataset("csv", file="n.csv"), firstRowOnly=False))
    assert output["count"] == 5000
    assert output["value"][0] == {"n": "0"}


def test_lookup_refuses_more_than_four_megabytes(activities: ActivityBench) -> None:
    activities.lake.files["raw/n.csv"] = b"n\n" + b"\n".join([b"x" * 1000] * 4900)
    source = _read("DelimitedTextSource")
    failed = activities.failure(_lookup(source, dataset("csv", file="n.csv"), firstRowOnly=False))
    assert "The output of Lookup exceeds the maximum size of 4194304 bytes." in failed


def _metadata(of: dict[str, Any], *fields: str, **more: Any) -> dict[str, Any]:
    return {"name": "Meta", "type": "GetMetadata", "typeProperties": {"dataset": of, "fieldList": list(fields), **more}}


def test_metadata_of_a_folder(activities: ActivityBench) -> None:
    activities.lake.files |= {"raw/in/a.csv": b"x", "raw/in/deep/b.csv": b"x"}
    fields = ("itemName", "itemType", "exists", "childItems", "lastModified")
    output = activities.output(_metadata(dataset("binary", folder="in"), *fields))
    assert {key: output[key] for key in fields} == {
        "itemName": "in",
        "itemType": "Folder",
        "exists": True,
        "childItems": [{"name": "a.csv", "type": "File"}, {"name": "deep", "type": "Folder"}],
        "lastModified": "2021-07-14T12:00:00Z",
    }


def test_metadata_of_a_file(activities: ActivityBench) -> None:
    activities.lake.files["raw/a.csv"] = b"x,y\n1,2\n"
    output = activities.output(_metadata(dataset("csv", file="a.csv"), "itemType", "size", "structure", "columnCount"))
    assert (output["itemType"], output["size"], output["columnCount"]) == ("File", 8, 2)
    assert output["structure"] == [{"name": "x", "type": "String"}, {"name": "y", "type": "String"}]


def test_metadata_of_what_does_not_exist(activities: ActivityBench) -> None:
    missing = dataset("binary", folder="nothing")
    assert activities.output(_metadata(missing, "exists", "childItems"))["exists"] is False
    assert "The required Blob is missing." in activities.failure(_metadata(missing, "childItems"))


def test_metadata_fields_that_do_not_fit_are_refused(activities: ActivityBench) -> None:
    activities.lake.files["raw/in/a.csv"] = b"x"
    folder, file = dataset("binary", folder="in"), dataset("binary", folder="in", file="a.csv")
    assert "The field 'size' is not supported for a folder." in activities.failure(_metadata(folder, "size"))
    assert "The field 'childItems' is not supported for a file." in activities.failure(_metadata(file, "childItems"))


def test_metadata_of_a_table(activities: ActivityBench) -> None:
    output = activities.output(_metadata(dataset("table"), "exists", "columnCount", "structure"))
    assert (output["exists"], output["columnCount"]) == (True, 28)
    assert output["structure"][1] == {"name": "BIRTHDATE", "type": "DateTime"}
    assert activities.output(_metadata(dataset("table", table="nothing"), "exists"))["exists"] is False
    assert "The field 'size' is not supported for a table." in activities.failure(_metadata(dataset("table"), "size"))


@pytest.mark.parametrize(
    ("service", "files", "expected"),
    [
        (
            {"type": "Sftp", "typeProperties": {"host": "h"}},
            {"type": "SftpLocation"},
            "The Dataset 'published' cannot be used locally: the location type 'SftpLocation' is none of",
        ),
        (
            {"type": "Sftp", "typeProperties": {"host": "h"}},
            {"type": "AzureBlobFSLocation", "fileSystem": "raw"},
            "The LinkedService 'published' cannot be used locally: the type Sftp is none of AzureBlobFS, AzureBlobSt",
        ),
        (
            {"type": "AzureBlobFS", "typeProperties": {"url": "https://l.dfs.core.windows.net", "tenant": "t"}},
            {"type": "AzureBlobFSLocation", "fileSystem": "raw"},
            "The LinkedService 'published' cannot be used locally: the property 'tenant' of AzureBlobFS is not support",
        ),
        (
            {"type": "AzureSqlDatabase", "typeProperties": {"server": "s", "authenticationType": "SQL"}},
            {"type": "AzureBlobFSLocation", "fileSystem": "raw"},
            "it has neither 'server' and 'database' nor 'connectionString'; the authentication type 'SQL'",
        ),
    ],
)
def test_what_was_published_but_cannot_be_used_here_fails_the_run_and_is_named(
    activities: ActivityBench, service: dict[str, Any], files: dict[str, Any], expected: str
) -> None:
    reference = {"referenceName": "published", "type": "LinkedServiceReference"}
    described = {"type": "Binary", "linkedServiceName": reference, "typeProperties": {"location": files}}
    assert activities.bench.put("/linkedservices/published", service).status == 200
    assert activities.bench.put("/datasets/published", described).status == 200
    assert expected in activities.failure(_metadata(dataset("published"), "exists"))


def _delete(of: dict[str, Any], **settings: Any) -> dict[str, Any]:
    store = {"type": "AzureBlobFSReadSettings", **settings}
    return {"name": "Delete", "type": "Delete", "typeProperties": {"dataset": of, "storeSettings": store}}


def test_a_file_a_folder_and_what_matches_are_deleted(activities: ActivityBench) -> None:
    names = ("raw/in/a.csv", "raw/in/b.csv", "raw/in/c.txt", "raw/keep/d.csv")
    activities.lake.files |= dict.fromkeys(names, b"x")
    assert activities.output(_delete(dataset("binary", folder="in", file="a.csv")))["filesDeleted"] == 1
    wild = activities.output(_delete(dataset("binary", folder="in"), wildcardFileName="*.csv"))
    assert (wild["filesDeleted"], wild["isWildcardUsed"]) == (1, True)
    assert activities.output(_delete(dataset("binary", folder="in"), recursive=True))["filesDeleted"] == 1
    assert list(activities.lake.files) == ["raw/keep/d.csv"]


def test_deleting_a_folder_that_does_not_exist_fails(activities: ActivityBench) -> None:
    failed = activities.failure(_delete(dataset("binary", folder="nothing"), recursive=True))
    assert "ADLS Gen2 operation failed for: Operation returned an invalid status code 'NotFound'." in failed
    assert "Account: 'lake'. FileSystem: 'raw'. Path: 'nothing'. ErrorCode: 'PathNotFound'." in failed


@pytest.mark.parametrize(
    ("activity", "expected"),
    [
        (web("https://a/", "FETCH"), "/method: unknown method 'FETCH'; expected one of DELETE, GET"),
        (web("https://a/", "PUT"), "/body: the property 'body' is missing; the method PUT needs one"),
        (
            web("https://a/", authentication={"type": "Basic"}),
            "/authentication/type: the authentication 'Basic' is not supported locally; use MSI",
        ),
        (
            web("https://a/", disableCertValidation=True),
            "/disableCertValidation: the property 'disableCertValidation'",
        ),
        (_metadata(dataset("binary"), "colour"), "/fieldList/0: unknown field 'colour'; expected one of childItems"),
        (_delete(dataset("binary"), fileListPath="x"), "/storeSettings/fileListPath: the property 'fileListPath' of"),
        (_lookup({"type": "RestSource"}, dataset("csv")), "/source/type: unknown source type 'RestSource'"),
        (
            copy(_read(), _csv_sink(), dataset("binary"), dataset("csv")),
            "/sink/type: a binary source can only be copied to a binary sink",
        ),
        (
            copy(SQL, _csv_sink(), dataset("table"), dataset("csv"), enableStaging=True),
            "/enableStaging: the property 'enableStaging' of Copy is not supported locally",
        ),
        (
            copy(SQL, _csv_sink(), dataset("table"), dataset("csv"), translator={"type": "Other"}),
            "/translator/type: unknown translator 'Other'",
        ),
        (
            copy(SQL, _csv_sink(), dataset("table"), dataset("csv"), translator={"type": "TabularTranslator", "x": 1}),
            "/translator/x: the translator's 'x' is not supported locally",
        ),
        (
            copy({**SQL, "additionalColumns": []}, _csv_sink(), dataset("table"), dataset("csv")),
            "/source/additionalColumns",
        ),
        (copy("x", {"type": "BinarySink"}, dataset("table"), dataset("csv")), "/source: expected an object"),  # type: ignore[arg-type]
    ],
)
def test_what_an_activity_may_not_say_is_refused_before_the_run(
    activities: ActivityBench, activity: dict[str, Any], expected: str
) -> None:
    activities.bench.put("/pipelines/p", {"activities": [activity]})
    answer = activities.bench.call("POST", "/pipelines/p/createRun", {})
    assert answer.status == 400
    assert expected in json.loads(answer.content())["message"], answer.content()
