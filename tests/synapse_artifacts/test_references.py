"""References in every place where real artifacts have them, and the order that follows from them."""

from __future__ import annotations

from typing import Any

import pytest

from synapse_artifacts.documents import Artifact
from synapse_artifacts.errors import CyclicReferencesError
from synapse_artifacts.publish_order import dependencies, publish_order
from synapse_artifacts.references import (
    Reference,
    references_of,
    unknown_reference_types,
)


def _reference(kind: str, name: Any, **more: Any) -> dict[str, Any]:
    return {"referenceName": name, "type": f"{kind}Reference", **more}


def _artifact(id: str, properties: Any = None) -> Artifact:
    kind, _, name = id.partition("/")
    return Artifact(kind, name, {"name": name, "properties": properties or {}})


def _activity(kind: str, **properties: Any) -> dict[str, Any]:
    return {"name": kind, "type": kind, "typeProperties": properties}


def test_references_are_found_in_activities_however_deep_they_are() -> None:
    inner = _activity("ExecutePipeline", pipeline=_reference("Pipeline", "child"))
    switch = _activity(
        "Switch",
        cases=[{"value": "x", "activities": [inner]}],
        defaultActivities=[inner],
    )
    loop = _activity(
        "ForEach",
        activities=[_activity("IfCondition", ifTrueActivities=[switch], ifFalseActivities=[inner])],
    )
    until = _activity("Until", activities=[inner])
    found = references_of(_artifact("pipeline/a", {"activities": [loop, until]}))
    assert {(each.kind, each.name) for each in found} == {("pipeline", "child")}
    assert found[0].pointer == (
        "/properties/activities/0/typeProperties/activities/0/typeProperties/ifTrueActivities/0/typeProperties/cases/0"
        "/activities/0/typeProperties/pipeline"
    )
    assert len(found) == 4


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        (
            {"linkedServiceName": _reference("LinkedService", "x")},
            ("linkedService", "x", "/properties/linkedServiceName"),
        ),
        (
            {"activities": [{"inputs": [_reference("Dataset", "x")]}]},
            ("dataset", "x", "/properties/activities/0/inputs/0"),
        ),
        (
            {"dataflow": _reference("DataFlow", "x")},
            ("dataflow", "x", "/properties/dataflow"),
        ),
        (
            {"flowlet": _reference("DataFlow", "x")},
            ("dataflow", "x", "/properties/flowlet"),
        ),
        (
            {"notebook": _reference("Notebook", "x")},
            ("notebook", "x", "/properties/notebook"),
        ),
        (
            {"sqlScript": _reference("SqlScript", "x")},
            ("sqlscript", "x", "/properties/sqlScript"),
        ),
        (
            {"sparkJob": _reference("SparkJobDefinition", "x")},
            ("sparkJobDefinition", "x", "/properties/sparkJob"),
        ),
        (
            {"bigDataPool": _reference("BigDataPool", "x")},
            ("bigDataPool", "x", "/properties/bigDataPool"),
        ),
        (
            {"connectVia": _reference("IntegrationRuntime", "x")},
            ("integrationRuntime", "x", "/properties/connectVia"),
        ),
        (
            {"credential": _reference("Credential", "x")},
            ("credential", "x", "/properties/credential"),
        ),
        (
            {
                "password": {
                    "type": "AzureKeyVaultSecret",
                    "store": _reference("LinkedService", "vault"),
                    "secretName": "s",
                }
            },
            ("linkedService", "vault", "/properties/password/store"),
        ),
        (
            {"pipelines": [{"pipelineReference": _reference("Pipeline", "x")}]},
            ("pipeline", "x", "/properties/pipelines/0/pipelineReference"),
        ),
        (
            {"referenceTrigger": _reference("Trigger", "x")},
            ("trigger", "x", "/properties/referenceTrigger"),
        ),
        (
            {"value": "@concat(pipeline().globalParameters.place, 'x')"},
            ("globalParameter", "place", "/properties/value"),
        ),
    ],
)
def test_each_kind_of_reference_is_known(properties: Any, expected: tuple[str, str, str]) -> None:
    assert references_of(_artifact("pipeline/a", properties)) == [Reference(*expected)]


def test_types_of_references_are_known_in_any_case() -> None:
    via = {"referenceName": "home", "type": "integrationRuntimeReference"}
    artifact = Artifact("linkedService", "l", {"name": "l", "properties": {"connectVia": via}})
    assert [(each.kind, each.name) for each in references_of(artifact)] == [("integrationRuntime", "home")]
    assert unknown_reference_types(artifact) == []


def test_a_name_that_is_computed_is_no_reference() -> None:
    computed = {"value": "@item().name", "type": "Expression"}
    properties = {
        "a": _reference("Notebook", computed),
        "b": _reference("Dataset", "@item()"),
        "c": _reference("SqlPool", ""),
    }
    assert references_of(_artifact("pipeline/a", properties)) == []


def test_an_unknown_type_of_reference_is_told() -> None:
    artifact = _artifact("pipeline/a", {"x": _reference("Robot", "r")})
    assert references_of(artifact) == []
    assert unknown_reference_types(artifact) == [("/properties/x", "RobotReference")]


def test_what_is_referred_to_comes_first() -> None:
    trigger = _artifact("trigger/t", {"pipelines": [_reference("Pipeline", "P")]})
    pipeline = _artifact(
        "pipeline/p",
        {"x": [_reference("Pipeline", "q"), _reference("Dataset", "elsewhere")]},
    )
    called = _artifact("pipeline/q", {"x": _reference("DataFlow", "f")})
    order = publish_order([trigger, pipeline, called, _artifact("dataflow/f"), _artifact("dataset/z")])
    assert [artifact.id for artifact in order] == [
        "dataset/z",
        "dataflow/f",
        "pipeline/q",
        "pipeline/p",
        "trigger/t",
    ]
    assert dependencies([trigger, pipeline])["trigger/t"] == {"pipeline/p"}


def test_a_circle_is_named() -> None:
    first = _artifact("pipeline/a", {"x": _reference("Pipeline", "b")})
    second = _artifact("pipeline/b", {"x": _reference("Pipeline", "c")})
    third = _artifact("pipeline/c", {"x": _reference("Pipeline", "a")})
    with pytest.raises(CyclicReferencesError) as caught:
        publish_order(
            [
                third,
                first,
                second,
                _artifact("pipeline/d", {"x": _reference("Pipeline", "a")}),
            ]
        )
    start = caught.value.cycle.index("pipeline/a")
    assert (caught.value.cycle * 2)[start : start + 2] == ("pipeline/a", "pipeline/b")
    assert caught.value.cycle[0] == caught.value.cycle[-1]
    assert " -> ".join(caught.value.cycle) in str(caught.value)
    assert "expected references without a circle" in str(caught.value)
