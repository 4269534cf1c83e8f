"""What Azure publishes is no problem: other spellings, types of Studio alone, expressions that others evaluate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from artifact_checks.check import CheckReport, check_folder

Change = Callable[..., Path]
_INNER = "/properties/typeProperties"
_DATASET: dict[str, Any] = {"annotations": [], "schema": []}
_LAKE = {
    "linkedServiceName": {
        "referenceName": "lake",
        "type": "LinkedServiceReference",
        "parameters": {"account": "a"},
    }
}


@pytest.fixture
def added(folder: Path) -> Callable[..., CheckReport]:
    """The report on the sound folder with one more artifact."""

    def report(kind: str, properties: Any) -> CheckReport:
        (folder / kind).mkdir(exist_ok=True)
        (folder / kind / "added.json").write_text(json.dumps({"name": "added", "properties": properties}))
        return check_folder(folder)

    return report


@pytest.mark.parametrize(
    ("artifact", "pointer"),
    [
        ("pipeline/main", "/properties/colour"),
        ("pipeline/main", "/properties/activities/3/colour"),
        ("pipeline/main", "/properties/activities/3/typeProperties/colour"),
        ("pipeline/main", "/properties/activities/2/policy/colour"),
        ("dataset/files", "/properties/colour"),
        ("dataset/files", f"{_INNER}/colour"),
        ("dataset/files", f"{_INNER}/location/colour"),
        ("linkedService/lake", f"{_INNER}/colour"),
        ("trigger/daily", f"{_INNER}/colour"),
        ("trigger/daily", f"{_INNER}/recurrence/colour"),
    ],
)
def test_an_unknown_property_is_noted_with_its_place_and_is_no_problem(
    change: Change, artifact: str, pointer: str
) -> None:
    report = check_folder(change(artifact, pointer, "red"))
    assert report.problems == ()
    (note,) = report.notes
    assert (note.subject, note.pointer, note.is_ignored) == (artifact, pointer, True)
    assert note.cause.startswith("unknown ")
    assert note.line is not None


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("dataset", {**_DATASET, "type": "SqlPoolTable", "typeProperties": {"schema": "s", "table": "t"}}),
        ("dataset", {**_DATASET, **_LAKE, "type": "delimitedText", "typeProperties": {}}),
        (
            "dataset",
            {**_DATASET, **_LAKE, "type": "Json", "typeProperties": {"location": {"type": "LakehouseLocation"}}},
        ),
        ("dataset", {**_DATASET, **_LAKE, "type": "SapOdpDataset", "typeProperties": {"context": "c", "odpName": "o"}}),
        ("linkedService", {"type": "AdobeIntegration", "typeProperties": {"clientId": "c", "orgId": "o"}}),
        ("linkedService", {"type": "CognitiveService", "typeProperties": {"csName": "n"}}),
        ("linkedService", {"type": "Kusto", "typeProperties": {"endpoint": "https://c.kusto.windows.net"}}),
        ("linkedService", {"type": "Db2", "typeProperties": {"connectionString": "server=h;database=d"}}),
        ("linkedService", {"type": "Sybase", "typeProperties": {"Server": "h", "DATABASE": "d", "username": "u"}}),
        (
            "linkedService",
            {"type": "Web", "typeProperties": {"url": "https://a.example", "authenticationType": "Anonymous"}},
        ),
        ("integrationRuntime", {"type": "Airflow"}),
        ("kqlscript", {"content": {"query": "T", "metadata": {"language": "kql"}}, "type": "KqlQuery"}),
    ],
)
def test_what_studio_writes_is_neither_a_problem_nor_noted(
    added: Callable[..., CheckReport], kind: str, properties: Any
) -> None:
    report = added(kind, properties)
    assert (report.problems, report.notes) == ((), ())


@pytest.mark.parametrize(
    "expression",
    [
        "@concat('Incremental-', pipeline().RunId, '.txt')",
        "@pipeline().parameters.folder",
        "@item().name",
        "@{activity('Look up').output.firstRow.name}",
        "@variables('name')",
    ],
)
def test_a_dataset_may_use_what_is_around_the_activity_that_uses_it(change: Change, expression: str) -> None:
    assert check_folder(change("dataset/files", f"{_INNER}/location/fileName", expression)).problems == ()


def test_an_encrypted_credential_is_told_as_a_secret_and_not_as_an_unknown_property(
    added: Callable[..., CheckReport],
) -> None:
    inner = {"endpoint": "https://c.kusto.windows.net", "database": "d", "encryptedCredential": "e30="}
    report = added("linkedService", {"type": "AzureDataExplorer", "typeProperties": inner})
    assert [each.pointer for each in report.problems] == ["/properties/typeProperties/encryptedCredential"]
    assert report.notes == ()


@pytest.mark.parametrize("kind", ["SqlPoolSource", "azurepostgresqlsource", "AzurePostgreSQLSource"])
def test_types_of_sources_are_known_in_any_case(added: Callable[..., CheckReport], kind: str) -> None:
    copy = {"name": "c", "type": "Copy", "typeProperties": {"source": {"type": kind}, "sink": {"type": "SqlPoolSink"}}}
    assert added("pipeline", {"activities": [copy]}).problems == ()


def test_names_of_variables_are_one_in_any_case(added: Callable[..., CheckReport]) -> None:
    set_it = {
        "name": "s",
        "type": "SetVariable",
        "typeProperties": {"variableName": "COUNT", "value": "@variables('cOunt')"},
    }
    assert added("pipeline", {"activities": [set_it], "variables": {"count": {"type": "String"}}}).problems == ()


@pytest.mark.parametrize("default", ["none", [], [{"value": 1}]])
def test_an_object_may_have_a_text_or_a_list_as_its_default(added: Callable[..., CheckReport], default: Any) -> None:
    parameters = {"task": {"type": "object", "defaultValue": default}}
    assert added("pipeline", {"activities": [], "parameters": parameters}).problems == ()


def test_a_return_value_that_is_not_marked_as_one_fails_at_run(added: Callable[..., CheckReport]) -> None:
    value = [{"key": "rows", "value": {"type": "Int", "content": 1}}]
    inner = {"variableName": "pipelineReturnValue", "value": value}
    activity = {"name": "answer", "type": "SetVariable", "typeProperties": inner}
    (problem,) = added("pipeline", {"activities": [activity]}).problems
    assert problem.cause.endswith("its return value is set where 'setSystemVariable' is true")
    assert problem.fails_at_run
    marked = {**activity, "typeProperties": inner | {"setSystemVariable": True}}
    assert added("pipeline", {"activities": [marked]}).problems == ()


def test_a_container_where_only_a_run_refuses_it_fails_at_run(added: Callable[..., CheckReport]) -> None:
    wait = {"name": "w", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}
    switch = {"name": "s", "type": "Switch", "typeProperties": {"on": "@pipeline().RunId", "defaultActivities": [wait]}}
    condition = {"expression": "@equals(1, 1)", "ifTrueActivities": [switch]}
    (problem,) = added(
        "pipeline", {"activities": [{"name": "i", "type": "IfCondition", "typeProperties": condition}]}
    ).problems
    assert problem.cause == "Switch 's' cannot stand inside an IfCondition or Switch"
    assert problem.fails_at_run


@pytest.mark.parametrize(
    "statements",
    [
        {},
        [{}],
        [{"NewEntity": {"Name": "d", "EntityType": "DATABASES"}}],
        [{"NewEntity": {"Name": "t", "EntityType": "TABLE"}}],
    ],
)
def test_a_lake_database_is_one_database_and_what_it_holds(added: Callable[..., CheckReport], statements: Any) -> None:
    (problem,) = added("database", {"Ddls": statements}).problems
    assert problem.pointer.startswith("/properties/Ddls")


@pytest.mark.parametrize(
    ("declared", "pointer"),
    [
        (5, ""),
        ({"stage": 5}, "/stage"),
        ({"stage": {"type": "String"}}, "/stage"),
        ({"stage": {"type": "date", "value": 1}}, "/stage/type"),
    ],
)
def test_a_global_parameter_has_a_type_and_a_value(
    added: Callable[..., CheckReport], declared: Any, pointer: str
) -> None:
    (problem,) = added("factory", {"globalParameters": declared}).problems
    assert problem.pointer == f"/properties/globalParameters{pointer}"


def test_a_global_parameter_may_be_of_a_type_in_any_case(added: Callable[..., CheckReport]) -> None:
    assert added("factory", {"globalParameters": {"stage": {"type": "String", "value": "dev"}}}).problems == ()


@pytest.mark.parametrize("kind", [["code"], {}, None])
def test_a_cell_of_no_type_is_told(added: Callable[..., CheckReport], kind: Any) -> None:
    cells = [{"cell_type": kind, "source": []}]
    (problem,) = added("notebook", {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 2}).problems
    assert problem.pointer == "/properties/cells/0/cell_type"


def test_settings_of_spark_are_an_object(added: Callable[..., CheckReport]) -> None:
    (problem,) = added("sparkConfiguration", {"configs": ["x"]}).problems
    assert problem.pointer == "/properties/configs"
