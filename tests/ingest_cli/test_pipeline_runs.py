"""Runs of a real (local) workspace: started with typed parameters, followed to their end, refused with every reason."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from lake_bench import IssuedToken
from synapse_bench import Bench, grant

from ingest_cli.errors import CommandError
from ingest_cli.pipeline_runs import ActivityRun, PipelineRun, PipelineRuns, typed_parameters
from local_azure.services.synapse_workspace.workspace import AUDIENCE

ADMINISTRATOR = "6e4bf58a-b8e1-4cc3-bbf9-d73143322b78"
DECLARED: dict[str, dict[str, Any]] = {
    "word": {"type": "string"},
    "count": {"type": "int", "defaultValue": 1},
    "share": {"type": "Float", "defaultValue": 0.5},
    "full": {"type": "Bool", "defaultValue": False},
    "tables": {"type": "array", "defaultValue": []},
    "options": {"type": "object", "defaultValue": {}},
    "key": {"type": "secureString", "defaultValue": ""},
}


def runs_of(workspace: Bench, identity: str = "deployer", **options: Any) -> PipelineRuns:
    credential = IssuedToken(workspace.azure, workspace.principal(identity), AUDIENCE)
    return PipelineRuns(workspace.endpoint + "/", credential, **options)


def put(workspace: Bench, name: str, *activities: Mapping[str, Any], **more: Any) -> None:
    answer = workspace.put(f"/pipelines/{name}", {"activities": list(activities), **more})
    assert answer.status == 200, answer.content()


def wait(seconds: int) -> dict[str, Any]:
    return {"name": "Rest", "type": "Wait", "typeProperties": {"waitTimeInSeconds": seconds}}


def set_variable(value: str, **more: Any) -> dict[str, Any]:
    return {"name": "Set", "type": "SetVariable", "typeProperties": {"variableName": "v", "value": value}, **more}


def stop(message: str) -> dict[str, Any]:
    return {"name": "Stop", "type": "Fail", "typeProperties": {"message": message, "errorCode": "E1"}}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("word", "12", "12"),
        ("word", "", ""),
        ("key", "true", "true"),
        ("count", "-3", -3),
        ("share", "2", 2),
        ("share", "1e-3", 0.001),
        ("full", "true", True),
        ("full", "False", False),
        ("tables", '["a", 1]', ["a", 1]),
        ("options", '{"a": {}}', {"a": {}}),
    ],
)
def test_a_text_becomes_a_value_of_the_declared_type(name: str, text: str, value: object) -> None:
    found = typed_parameters("p", DECLARED, {"word": "w", name: text})[name]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("count", "1.5", "a whole number"),
        ("count", "true", "a whole number"),
        ("count", "", "a whole number"),
        ("share", "much", "a number"),
        ("share", "NaN", "a number"),
        ("share", "false", "a number"),
        ("full", "maybe", "true or false"),
        ("full", "1", "true or false"),
        ("tables", '{"a": 1}', "a JSON array"),
        ("tables", "a, b", "a JSON array"),
        ("options", "[]", "a JSON object"),
    ],
)
def test_a_text_of_another_type_is_refused(name: str, text: str, expected: str) -> None:
    with pytest.raises(CommandError) as caught:
        typed_parameters("p", DECLARED, {"word": "w", name: text})
    assert str(caught.value) == f"starting p: parameter {name!r} is {text!r}; expected {expected}"


def test_all_wrong_parameters_are_told_at_once() -> None:
    declared = {"word": {"type": "string"}, "count": {"type": "int"}}
    with pytest.raises(CommandError) as caught:
        typed_parameters("p", declared, {"count": "x", "wrod": "y"})
    assert str(caught.value) == (
        "starting p: parameter 'count' is 'x'; expected a whole number; "
        "it has no parameter 'wrod'; it declares count, word; parameter 'word' is missing"
    )
    with pytest.raises(CommandError, match="it has no parameter 'a'; it declares none"):
        typed_parameters("p", {}, {"a": "1"})


def test_a_run_gets_its_parameters_and_is_followed_to_its_end(workspace: Bench) -> None:
    parameters = {"word": {"type": "String"}, "count": {"type": "Int"}}
    value = "@concat(pipeline().parameters.word, string(add(pipeline().parameters.count, 1)))"
    then = {"dependsOn": [{"activity": "Rest", "dependencyConditions": ["Succeeded"]}]}
    variables = {"v": {"type": "String"}}
    put(workspace, "p", set_variable(value, **then), wait(1), parameters=parameters, variables=variables)
    runs = runs_of(workspace)
    seen = list(runs.follow(runs.start("p", {"word": "n", "count": "41"})))
    assert [each.is_over for each in seen] == [False] * (len(seen) - 1) + [True]
    assert len(seen) > 1
    last = seen[-1]
    assert (last.pipeline, last.status, last.message) == ("p", "Succeeded", "")
    assert last.seconds >= 1
    assert [(each.name, each.kind, each.status) for each in last.activities] == [
        ("Rest", "Wait", "Succeeded"),
        ("Set", "SetVariable", "Succeeded"),
    ]
    assert last.activities[1].output["value"] == "n42"
    assert runs.read(last.id) == last


def test_a_run_that_fails_ends_with_the_message_of_its_activity(workspace: Bench) -> None:
    put(workspace, "p", stop("schema changed"))
    runs = runs_of(workspace)
    *_, last = runs.follow(runs.start("p", {}))
    assert (last.status, last.message) == ("Failed", "Operation on target Stop failed: schema changed")
    assert [each.error for each in last.activities] == ["schema changed"]


def test_a_run_that_somebody_cancels_is_over(workspace: Bench) -> None:
    put(workspace, "p", wait(60))
    runs = runs_of(workspace)
    seen = runs.follow(runs.start("p", {}))
    first = next(seen)
    assert not first.is_over
    assert workspace.call("POST", f"/pipelineruns/{first.id}/cancel").status == 200
    *_, last = seen
    assert last.status == "Cancelled"


def test_an_unknown_pipeline_is_told_with_all_known_ones(workspace: Bench) -> None:
    names = [f"p{number:03}" for number in range(60)]
    for name in names:
        put(workspace, name, wait(0))
    with pytest.raises(CommandError) as caught:
        runs_of(workspace).start("p", {})
    first, expected = str(caught.value).splitlines()
    assert first.startswith("reading pipeline/p: PipelineNotFound: ")
    assert expected == f"expected one of {', '.join(names)}"


def test_wrong_parameters_start_no_run(workspace: Bench) -> None:
    put(workspace, "p", wait(0), parameters={"full": {"type": "Bool"}})
    with pytest.raises(CommandError, match=r"^starting p: parameter 'full' is 'maybe'; expected true or false$"):
        runs_of(workspace).start("p", {"full": "maybe"})
    window = {"lastUpdatedAfter": "2000-01-01T00:00:00Z", "lastUpdatedBefore": "2100-01-01T00:00:00Z"}
    assert json.loads(workspace.call("POST", "/queryPipelineRuns", window).content()) == {"value": []}


def test_an_unknown_run_is_told(workspace: Bench) -> None:
    with pytest.raises(CommandError, match=r"^reading run nothing: .*The pipeline run ID nothing could not be found"):
        runs_of(workspace).read("nothing")


def test_who_has_no_synapse_role_is_refused_at_once(workspace: Bench) -> None:
    put(workspace, "p", wait(0))
    with pytest.raises(CommandError, match=r"^reading pipeline/p: Unauthorized: .*Synapse RBAC permission"):
        runs_of(workspace, "data-engineer").start("p", {})


def test_a_role_that_comes_late_is_waited_for_by_the_patient(workspace: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest_cli.pipeline_runs._ROLE_PAUSE_SECONDS", 0.01)
    put(workspace, "p", wait(0))
    told: list[str] = []

    def waiting(what: str) -> None:
        told.append(what)
        if len(told) == 2:
            answer = grant(workspace, ADMINISTRATOR, "data-engineer")
            assert answer.status == 200, answer.content()

    runs = runs_of(workspace, "data-engineer", patience_seconds=60, waiting=waiting)
    assert runs.start("p", {})
    assert told == ["reading pipeline/p: the role does not work yet (it takes minutes); trying again"] * 2


class NotSignedIn:
    """A credential of somebody who has not signed in."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        raise ClientAuthenticationError("Please run 'az login'\nand more lines")


def test_who_has_not_signed_in_is_told_how(workspace: Bench) -> None:
    with pytest.raises(CommandError) as caught:
        PipelineRuns(workspace.endpoint, NotSignedIn()).start("p", {})
    assert str(caught.value) == ("reading pipeline/p: Please run 'az login'\nhint: az login, or ingest local env")


def test_a_workspace_that_is_not_there_is_told_by_its_address(
    workspace: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    credential = IssuedToken(workspace.azure, workspace.principal("deployer"), AUDIENCE)
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # the client tries again for a while
    with pytest.raises(CommandError) as caught:
        PipelineRuns("https://nowhere.dev.azuresynapse.net", credential).start("p", {})
    assert str(caught.value).startswith("reading pipeline/p: https://nowhere.dev.azuresynapse.net cannot be reached: ")


def test_what_a_run_published_are_the_folders_that_it_gave_to_the_pipelines_it_called() -> None:
    def called(kind: str, **parameters: str) -> ActivityRun:
        return ActivityRun("id", "name", kind, "Succeeded", 1.0, {"parameters": parameters}, {}, "")

    activities = (
        called("ExecutePipeline", fileSystem="curated", publishedFolder="patients"),
        called("ExecutePipeline", fileSystem="raw", publishedFolder="images"),
        called("ExecutePipeline", fileSystem="raw", folder="_staging"),
        called("Copy", fileSystem="raw", publishedFolder="no"),
        ActivityRun("id", "secure", "ExecutePipeline", "Succeeded", 1.0, {}, {}, ""),
    )
    run = PipelineRun("id", "p", "Succeeded", "", "2021-01-01T00:00:00Z", 1.0, activities)
    assert run.published_folders == {("curated", "patients"), ("raw", "images")}
    assert dataclasses.replace(run, activities=()).published_folders == frozenset()


def test_activities_come_in_the_order_in_which_they_began(workspace: Bench) -> None:
    names = [f"a{number}" for number in range(9, 0, -1)]
    chain = [
        {
            "name": name,
            "type": "Wait",
            "typeProperties": {"waitTimeInSeconds": 0},
            "dependsOn": [{"activity": before, "dependencyConditions": ["Succeeded"]}] if before else [],
        }
        for name, before in zip(names, [None, *names[:-1]], strict=True)
    ]
    put(workspace, "p", *reversed(chain))
    runs = runs_of(workspace)
    *_, last = runs.follow(runs.start("p", {}))
    assert [each.name for each in last.activities] == names
