"""What a flow reads and writes, known before its data: datasets, paths and settings with the parameters' values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from dataflow_bench import compile_script, document_of

from mapping_dataflow import MappingDataFlowErrors, Partitioning, SinkSettings, required_sources, sink_requests

SCRIPT = """parameters{
	folder as string,
	name as string ('x.csv')
}
source(output(id as integer, {two words} as decimal(5,2)),
	allowSchemaDrift: true,
	ignoreNoFilesFound: true,
	documentForm: 'documentPerLine',
	rowUrlColumn: 'path',
	partitionRootPath: ($folder),
	wildcardPaths: [(concat($folder, '/*.json')), 'other/*.json']) ~> in
source(allowSchemaDrift: true) ~> bare
in sink(partitionFileNames: [($name)], saveOrder: 2, umask: 0022, truncate: true, quoteAll: true,
	header: ['a', 'b'], filePattern: 'part[n].csv', format: 'delimited', folderPath: ($folder)) ~> second
bare sink(rowUrlColumn: 'file', rowFolderUrlColumn: 'folder', saveOrder: 1, preCommands: [],
	partitionBy('key', 0, year, month)) ~> first
"""


def _document() -> dict[str, Any]:
    document = document_of(SCRIPT)
    inner = document["properties"]["typeProperties"]
    inner["sources"] = [{"name": "in", "dataset": {"referenceName": "lake", "type": "DatasetReference"}}]
    inner["sinks"] = [{"name": "first", "dataset": {"referenceName": "out", "type": "DatasetReference"}}]
    return document


def test_sources_with_their_settings() -> None:
    given, bare = required_sources(_document(), {"folder": "images"})
    assert (given.stream, given.dataset, given.document_form) == ("in", "lake", "documentPerLine")
    assert given.wildcard_paths == ("images/*.json", "other/*.json")
    assert (given.partition_root_path, given.file_name_column) == ("images", "path")
    assert given.ignore_no_files_found
    assert given.columns == {"id": "integer", "two words": "decimal(5,2)"}
    assert given.settings["allowSchemaDrift"] is True
    assert (bare.dataset, bare.columns, bare.wildcard_paths) == (None, {}, ())
    assert not bare.ignore_no_files_found


def test_sinks_in_the_order_in_which_they_are_saved() -> None:
    first, second = sink_requests(_document(), {"folder": "out"})
    assert (first.stream, first.dataset, second.stream, second.dataset) == ("first", "out", "second", None)
    assert replace(first.settings, properties={}) == SinkSettings(
        file_name_column="file",
        folder_name_column="folder",
        partitioning=Partitioning("key", 0, ("year", "month")),
        save_order=1,
    )
    assert replace(second.settings, properties={}) == SinkSettings(
        file_names=("x.csv",),
        file_pattern="part[n].csv",
        truncate=True,
        umask=0o022,
        quote_all=True,
        header=("a", "b"),
        save_order=2,
        format="delimited",
        folder_path="out",
    )
    assert second.settings.properties["folderPath"] == "out"
    assert (first.settings.single_file, second.settings.single_file) == (None, "x.csv")


def test_a_path_without_its_parameter_is_null() -> None:
    given, _ = required_sources(_document())
    assert given.wildcard_paths == ("", "other/*.json")


def test_places_that_depend_on_the_clock_are_left_to_whoever_opens_them() -> None:
    moment = "(toString(currentDate()))"
    (given,) = required_sources(document_of(f"source(wildcardPaths: [{moment}], fileName: {moment}, store: 'x') ~> in"))
    assert set(given.places_of_run) == {"wildcardPaths", "fileName"}
    assert (given.wildcard_paths, dict(given.settings)) == ((), {"store": "x"})
    sink = _sink(f"folderPath: {moment}, rejectedData_folderPath: {moment}, fileName: 'x'")
    assert set(sink.places_of_run) == {"folderPath", "rejectedData_folderPath"}
    assert (sink.folder_path, dict(sink.properties)) == (None, {"fileName": "x"})


@pytest.mark.parametrize("setting", ["skipLines: (month(currentDate()))", "store: (toString(currentDate()))"])
def test_nothing_else_may_depend_on_the_clock(setting: str) -> None:
    with pytest.raises(MappingDataFlowErrors, match="is not a constant: currentDate"):
        required_sources(document_of(f"source({setting}) ~> in"))


def _sink(arguments: str) -> SinkSettings:
    script = f"parameters{{ column as string }}\nsource(allowSchemaDrift: true) ~> in\nin sink({arguments}) ~> out"
    (request,) = sink_requests(document_of(script), {"column": "year"})
    return request.settings


def test_a_sink_takes_inserted_rows_unless_it_says_which() -> None:
    assert _sink("truncate: true").row_policies == ("insert",)
    assert _sink("upsertable: true").row_policies == ("insert", "upsert")
    given = _sink("insertable: false, updateable: true, deletable: true, upsertable: false, keys: ['a', 'b']")
    assert (given.row_policies, given.keys) == (("update", "delete"), ("a", "b"))


def test_the_column_of_a_partition_may_be_a_parameter() -> None:
    assert _sink("partitionBy('key', 0, byName($column))").partition_columns == ("year",)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("partitionBy('fixedRange', 2, a)", "this partitioning of a sink is not supported"),
        ("partitionBy('dynamicRange', 2)", "a range of no column"),
        ("partitionBy('hash', 2, upper(a))", "a sink is partitioned by columns alone"),
        ("preCommands: ['mkdir x']", "preCommands are not supported"),
        ("postCommands: ['rm x']", "postCommands are not supported"),
        ("errorHandlingOption: 'noErrors'", "'noErrors' is no errorHandlingOption"),
        ("dateFormat: 'qq'", "dateFormat: "),
        ("booleanFormat: ['1']", "booleanFormat has no word for true and another for false"),
        ("emptyLinesAsHeader: -1", "-1 empty lines"),
    ],
)
def test_what_a_sink_cannot_do_is_refused_by_name(arguments: str, message: str) -> None:
    with pytest.raises(MappingDataFlowErrors, match=message):
        _sink(arguments)


def test_a_stream_needs_its_own_sources_alone() -> None:
    script = "source(output(id as integer)) ~> a\nsource(output(id as integer)) ~> b\n"
    script += "a filter(id > 1) ~> big\nbig, b union(byName: true) ~> both\nboth sink() ~> out"
    needed = {
        stream: [one.stream for one in required_sources(document_of(script), stream=stream)]
        for stream in ("big", "both")
    }
    assert needed == {"big": ["a"], "both": ["a", "b"]}


def test_the_times_of_a_source_may_depend_on_the_clock() -> None:
    script = "source(modifiedBefore: (toTimestamp(minus(currentUTC(), minutes(5)))), modifiedAfter: '2020') ~> in"
    (request,) = required_sources(document_of(script))
    assert set(request.moments) == {"modifiedBefore", "modifiedAfter"}


def test_columns_that_only_name_files_are_not_in_the_files() -> None:
    script = "source(output(id as integer, file as string, year as integer, t as string[])) ~> in\n"
    script += "in sink(rowUrlColumn: 'file', partitionBy('key', 0, year)) ~> out"
    columns = {"id": "integer", "file": "string", "year": "integer", "t": "string[]"}
    (sink,) = compile_script(script, {"in": columns}).sinks
    assert [(column.name, column.is_complex) for column in sink.data_columns] == [("id", False), ("t", True)]


def test_the_explanation_shows_every_stage_and_sink() -> None:
    script = "source(output(id as integer)) ~> in\nin filter(id > 1) ~> big\nbig sink() ~> out"
    text = compile_script(script, {"in": {"id": "integer"}}).explain()
    assert "-- stage in\n" in text
    assert '-- stage big\nSELECT\n  *\nFROM "in" AS i\nWHERE\n  "i"."id" > 1' in text
    assert text.endswith("-- sink out -> None\n-- id as integer")
