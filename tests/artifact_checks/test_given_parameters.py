"""Parameters that references give, against those that are declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Found = Callable[..., list[str]]
_ACTIVITIES = "/properties/activities"


@pytest.mark.parametrize(
    ("artifact", "pointer", "value", "expected"),
    [
        (
            "pipeline/main",
            f"{_ACTIVITIES}/1/typeProperties/parameters",
            {"foldr": "old"},
            [
                "/foldr: the pipeline 'remove' has no parameter 'foldr'",
                ": the parameter 'folder' of the pipeline 'remove' has no value",
            ],
        ),
        (
            "pipeline/main",
            f"{_ACTIVITIES}/1/typeProperties/parameters",
            {"folder": "old", "attempts": "many"},
            ["/attempts: the parameter 'attempts' is of type int, found a value of type 'String'"],
        ),
        (
            "pipeline/main",
            f"{_ACTIVITIES}/2/typeProperties/dataflow/parameters",
            {"sinse": "1"},
            [
                "/sinse: the data flow 'clean' has no parameter 'sinse'",
                ": the parameter 'since' of the data flow 'clean' has no value",
            ],
        ),
        (
            "pipeline/main",
            f"{_ACTIVITIES}/2/typeProperties/dataflow/datasetParameters/readings",
            {},
            [": the parameter 'folder' of the dataset 'files' of 'readings' has no value"],
        ),
        (
            "pipeline/remove",
            f"{_ACTIVITIES}/0/typeProperties/dataset/parameters",
            {"header": "x"},
            [
                "/header: the parameter 'header' is of type bool, found a value of type 'String'",
                ": the parameter 'folder' of the dataset 'files' has no value",
            ],
        ),
        (
            "dataset/files",
            "/properties/linkedServiceName/parameters",
            {"acount": "north"},
            [
                "/acount: the linkedService 'lake' has no parameter 'acount'",
                ": the parameter 'account' of the linkedService 'lake' has no value",
            ],
        ),
        (
            "dataflow/clean",
            "/properties/typeProperties/sinks/0/dataset/parameters",
            {"folder": "kept", "foldr": "kept"},
            ["/foldr: the dataset 'files' has no parameter 'foldr'"],
        ),
        (
            "trigger/daily",
            "/properties/pipelines/0/parameters",
            {"window": "x"},
            ["/window: the pipeline 'main' has no parameter 'window'"],
        ),
    ],
)
def test_missing_extra_and_mistyped_parameters_are_found(
    found: Found, artifact: str, pointer: str, value: Any, expected: list[str]
) -> None:
    assert found(artifact, pointer, value) == [f"{artifact} {pointer}{each}" for each in expected]


def test_a_text_that_no_dataset_needs_may_be_left_out(found: Found) -> None:
    # 'reason' of the pipeline 'remove' is not given anywhere, as in the sound folder.
    assert found("pipeline/remove", f"{_ACTIVITIES}/0/description", "x") == []


def test_a_number_that_is_used_may_not_be_left_out(found: Found) -> None:
    wait = {"name": "Wait", "type": "Wait", "typeProperties": {"waitTimeInSeconds": "@pipeline().parameters.seconds"}}
    problems = found(
        "pipeline/remove", "/properties", {"activities": [wait], "parameters": {"seconds": {"type": "int"}}}
    )
    assert problems == [
        f"pipeline/main {_ACTIVITIES}/1/typeProperties/parameters/folder: "
        "the pipeline 'remove' has no parameter 'folder'",
        f"pipeline/main {_ACTIVITIES}/1/typeProperties/parameters: "
        "the parameter 'seconds' of the pipeline 'remove' has no value",
    ]


@pytest.mark.parametrize(
    ("seconds", "may_be_left_out"),
    [
        ("@add(1, if(empty(pipeline().parameters.seconds), 1, pipeline().parameters.seconds))", True),
        ("@add(bool(equals(null, Pipeline()?.Parameters['SECONDS'])), pipeline().parameters.seconds)", True),
        ("@coalesce(pipeline().parameters.seconds, 1)", True),
        ("@if(empty(pipeline().parameters.folder), 1, pipeline().parameters.seconds)", True),
        ("@if(equals(pipeline().parameters.seconds, 1), 1, pipeline().parameters.seconds)", False),
        ("x@{pipeline().parameters.seconds}", False),
    ],
)
def test_a_number_that_a_pipeline_asks_about_or_uses_in_a_branch_may_be_left_out(
    found: Found, seconds: str, may_be_left_out: bool
) -> None:
    wait = {"name": "Wait", "type": "Wait", "typeProperties": {"waitTimeInSeconds": seconds}}
    declared = {"seconds": {"type": "int"}, "folder": {"type": "string"}}
    variables = {"seconds": {"type": "String"}}
    problems = found(
        "pipeline/remove", "/properties", {"activities": [wait], "parameters": declared, "variables": variables}
    )
    assert ("the parameter 'seconds' of the pipeline 'remove' has no value" in "".join(problems)) is not may_be_left_out


def test_what_an_activity_that_is_switched_off_gives_is_not_looked_at(found: Found) -> None:
    pipeline = {"referenceName": "remove", "type": "PipelineReference"}
    activity = {
        "name": "Explore",
        "type": "ExecutePipeline",
        "state": "Inactive",
        "typeProperties": {"pipeline": pipeline},
    }
    assert found("pipeline/main", f"{_ACTIVITIES}/4", activity) == []
