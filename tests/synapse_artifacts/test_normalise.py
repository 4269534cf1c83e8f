"""What counts as a difference between two documents, and what does not."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_artifacts.normalise import Change, differences, normalise

ROOT = Path(__file__).parents[2] / "pipelines_json"
_VALUES = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3),
    max_leaves=10,
)


def _document(kind: str, name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / kind / f"{name}.json").read_text(encoding="utf-8"))
    return document


def _activity(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": "Wait",
        "typeProperties": {"waitTimeInSeconds": 1},
        **more,
    }


def _pipeline(*activities: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "p", "properties": {"activities": list(activities), **more}}


def test_what_the_service_adds_is_no_difference() -> None:
    mine = _document("pipeline", "ingest_patients")
    told = copy.deepcopy(mine)
    told |= {
        "id": "/subscriptions/x",
        "etag": "1",
        "type": "Microsoft.Synapse/workspaces/pipelines",
    }
    told["properties"] |= {
        "lastPublishTime": "2026-01-01T00:00:00Z",
        "policy": {},
        "folder": None,
    }
    for activity in told["properties"]["activities"]:
        activity.setdefault("state", "Active")
        for empty in ("dependsOn", "userProperties"):
            if activity.get(empty) == []:
                del activity[empty]
    assert differences("pipeline", mine, told) == []


@pytest.mark.parametrize(
    ("kind", "place", "old", "new"),
    [
        ("pipeline", "annotations", [], None),
        ("pipeline", "variables", {}, None),
        ("pipeline", "concurrency", 0, None),
        ("dataset", "schema", [], None),
        ("dataset", "parameters", {"a": {"type": "String"}}, {"a": {"type": "string"}}),
        ("trigger", "runtimeState", "Started", "Stopped"),
        (
            "trigger",
            "typeProperties",
            {"recurrence": {"startTime": "2024-01-01T00:00:00Z"}},
            {"recurrence": {"startTime": "2024-01-01T00:00:00.000Z"}},
        ),
        ("trigger", "pipelines", [{"parameters": {}}], [{}]),
        (
            "dataflow",
            "typeProperties",
            {"script": "a\r\n b  \n"},
            {"scriptLines": ["a", " b"]},
        ),
        (
            "linkedService",
            "typeProperties",
            {"a": 1, "b": 2},
            {"b": 2.0, "a": 1, "c": None},
        ),
    ],
)
def test_notations_of_one_meaning_are_equal(kind: str, place: str, old: Any, new: Any) -> None:
    left, right = ({"name": "x", "properties": {place: value}} for value in (old, new))
    assert differences(kind, left, right) == []


@pytest.mark.parametrize(
    ("kind", "place", "old", "new", "path"),
    [
        ("pipeline", "concurrency", 1, 2, ".properties.concurrency"),
        ("dataset", "annotations", [], ["x"], ".properties.annotations"),
        (
            "linkedService",
            "typeProperties",
            {"a b": True},
            {"a b": 1},
            '.properties.typeProperties["a b"]',
        ),
        (
            "trigger",
            "typeProperties",
            {"x": [1, 2]},
            {"x": [1, 3]},
            ".properties.typeProperties.x[1]",
        ),
        (
            "dataset",
            "schema",
            [{"name": "a", "type": "x"}],
            [{"name": "a", "type": "y"}],
            ".properties.schema[0].type",
        ),
    ],
)
def test_a_change_is_told_with_its_path(kind: str, place: str, old: Any, new: Any, path: str) -> None:
    left, right = ({"name": "x", "properties": {place: value}} for value in (old, new))
    assert [change.path for change in differences(kind, left, right)] == [path]


def test_values_that_the_author_named_are_left_alone() -> None:
    def call(value: Any) -> dict[str, Any]:
        return _pipeline(_activity("a", typeProperties={"parameters": {"dependsOn": value, "x": None}}))

    assert [change.path for change in differences("pipeline", call([]), call(None))] == [
        ".properties.activities[0].typeProperties.parameters.dependsOn"
    ]
    kept = normalise(
        "pipeline",
        _pipeline(parameters={"policy": {"type": "Object", "defaultValue": {"annotations": []}}}),
    )
    assert kept["properties"]["parameters"] == {"policy": {"type": "object", "defaultValue": {"annotations": []}}}


def test_an_activity_that_is_added_shows_alone() -> None:
    before = _pipeline(_activity("a"), _activity("b"))
    after = _pipeline(_activity("new"), _activity("a"), _activity("b"))
    assert differences("pipeline", before, after) == [Change(".properties.activities[0]", None, _activity("new"))]
    assert differences("pipeline", after, before) == [Change(".properties.activities[0]", _activity("new"), None)]


def test_another_order_of_named_items_is_one_difference() -> None:
    before, after = (
        _pipeline(_activity("a"), _activity("b")),
        _pipeline(_activity("b"), _activity("a")),
    )
    assert [change.path for change in differences("pipeline", before, after)] == [".properties.activities"]


def test_a_line_added_to_a_script_shows_alone() -> None:
    before = _document("dataflow", "deidentify_patients")
    after = copy.deepcopy(before)
    lines = after["properties"]["typeProperties"]["scriptLines"]
    lines.insert(5, "\tanother as string,")
    lines[20] = lines[20] + " /* changed */"
    changes = differences("dataflow", before, after)
    assert [change.path for change in changes] == [
        ".properties.typeProperties.scriptLines[5]",
        ".properties.typeProperties.scriptLines[20]",
    ]
    assert (changes[0].old, changes[0].new) == (None, "\tanother as string,")


def test_documents_are_not_changed_by_being_compared() -> None:
    document = _document("trigger", "daily_patients")
    before = copy.deepcopy(document)
    normalise("trigger", document)
    assert document == before


@given(_VALUES)
def test_a_document_does_not_differ_from_itself_nor_from_its_normal_form(
    value: Any,
) -> None:
    for kind in ("linkedService", "dataset", "dataflow", "pipeline", "trigger"):
        document = {
            "name": "x",
            "properties": {"typeProperties": value, "parameters": value},
        }
        normal = normalise(kind, document)
        assert normalise(kind, normal) == normal
        assert differences(kind, document, normal) == []


@given(_VALUES, _VALUES)
def test_documents_without_differences_are_equal_in_normal_form(old: Any, new: Any) -> None:
    left, right = ({"name": "x", "properties": {"typeProperties": {"v": value}}} for value in (old, new))
    same = differences("linkedService", left, right) == []
    assert same == (_strict(normalise("linkedService", left)) == _strict(normalise("linkedService", right)))


def _strict(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


@given(st.dictionaries(st.sampled_from(["type", "policy", "script", "scriptLines", "description"]), _VALUES), _VALUES)
def test_two_documents_differ_exactly_where_their_normal_forms_do(inner: dict[str, Any], other: Any) -> None:
    old = {"name": "x", "properties": {"annotations": [], "typeProperties": inner, "description": ""}}
    for key in [*inner, "script", "policy"]:
        new = {"properties": {"typeProperties": {**inner, key: other}}, "name": "x", "etag": "1"}
        for kind in ("dataflow", "pipeline"):
            same = _strict(normalise(kind, old)) == _strict(normalise(kind, new))
            assert (differences(kind, old, new) == []) == same


def _cell(**more: Any) -> dict[str, Any]:
    return {"name": "n", "properties": {"cells": [{"cell_type": "code", "source": ["a\n", "b"], **more}]}}


def _ddls(*entities: dict[str, Any], **beside: Any) -> dict[str, Any]:
    return {"name": "d", "properties": {"Ddls": [{"NewEntity": each, **beside} for each in entities]}}


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("notebook", _cell(), _cell(metadata={}, attachments={}, outputs=[], execution_count=7)),
        ("notebook", _cell(), _cell(source=["a\nb"])),
        (
            "notebook",
            {"properties": {"metadata": {"saveOutput": True}}},
            {
                "properties": {
                    "entityState": None,
                    "renameOperationDetails": {},
                    "folder": None,
                    "metadata": {"saveOutput": True, "a365ComputeOptions": None, "sessionKeepAliveTimeout": 0},
                }
            },
        ),
        (
            "sqlscript",
            {"properties": {"content": {"query": "q"}}},
            {"properties": {"type": "SqlQuery", "content": {"query": "q"}}},
        ),
        (
            "kqlscript",
            {"properties": {"content": {"query": "q"}}},
            {"properties": {"content": {"query": "q", "currentConnection": {}}}},
        ),
        (
            "sparkConfiguration",
            {"properties": {"configs": {"a": "b"}}},
            {"properties": {"configs": {"a": "b"}, "created": "2024", "createdBy": "x", "configMergeRule": {}}},
        ),
        (
            "sparkJobDefinition",
            {"properties": {"jobProperties": {"file": "f"}}},
            {"properties": {"jobProperties": {"file": "f", "args": [], "jars": [], "files": [], "archives": []}}},
        ),
        (
            "database",
            _ddls({"Name": "d", "EntityType": "DATABASE"}, {"Name": "t", "EntityType": "TABLE", "a": 1}),
            _ddls(
                {"Name": "t", "EntityType": "TABLE", "a": 1, "ObjectId": "1", "PublishStatus": "PUBLISHED"},
                {"Name": "d", "EntityType": "DATABASE"},
                ActionType="CREATE",
                OldEntity=None,
            ),
        ),
        (
            "database",
            _ddls({"Name": "r", "EntityType": "RELATIONSHIP"}),
            _ddls({"Name": "r", "EntityType": "RELATIONSHIP", "RelationshipType": 0}),
        ),
    ],
)
def test_what_the_service_or_a_client_adds_to_code_is_no_difference(kind: str, old: Any, new: Any) -> None:
    assert differences(kind, old, new) == []
    assert differences(kind, new, old) == []


@pytest.mark.parametrize(
    ("kind", "old", "new", "path"),
    [
        ("notebook", _cell(), _cell(source=["a\n", "c"]), ".properties.cells[0].source[1]"),
        ("notebook", _cell(), _cell(outputs=[{"output_type": "stream"}]), ".properties.cells[0].outputs"),
        (
            "sparkConfiguration",
            {"properties": {"configs": {"state": "Active"}}},
            {"properties": {"configs": {}}},
            ".properties.configs.state",
        ),
        (
            "database",
            _ddls({"Name": "t", "EntityType": "TABLE", "a": 1}),
            _ddls({"Name": "t", "EntityType": "TABLE", "a": 2}),
            '.properties.Ddls["TABLE t"].a',
        ),
    ],
)
def test_what_somebody_wrote_into_code_is_a_difference(kind: str, old: Any, new: Any, path: str) -> None:
    assert [change.path for change in differences(kind, old, new)] == [path]
