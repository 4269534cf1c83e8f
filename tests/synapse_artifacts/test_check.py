"""What is found about references, secrets, runtimes and environment-specific fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from folder_writing import Write

from synapse_artifacts.check import check_workspace
from synapse_artifacts.errors import Problem
from synapse_artifacts.load import read_folder


def _problems(folder: Path) -> list[Problem]:
    workspace, problems = read_folder(folder)
    return [*problems, *check_workspace(workspace)]


def _named(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "properties": properties}


def _reference(kind: str, name: str) -> dict[str, Any]:
    return {"referenceName": name, "type": f"{kind}Reference"}


def _service(name: str, **properties: Any) -> dict[str, Any]:
    return _named(name, {"type": "AzureBlobFS", **properties})


def _dataset(name: str, service: str) -> dict[str, Any]:
    return _named(
        name,
        {"type": "Binary", "linkedServiceName": _reference("LinkedService", service)},
    )


def test_a_dangling_reference_has_file_line_and_pointer(write: Write) -> None:
    folder = write({"dataset/d.json": _dataset("d", "gone"), "linkedService/here.json": _service("here")})
    (problem,) = _problems(folder)
    assert str(problem).startswith("checking dataset/d: it refers to linkedService/gone, which does not exist\n  at ")
    assert "dataset/d.json:5:24 /properties/linkedServiceName\n  expected one of here" in str(problem)


def test_a_reference_to_a_kind_without_files_names_the_file_that_is_missing(
    write: Write,
) -> None:
    (problem,) = _problems(write({"dataset/d.json": _dataset("d", "gone")}))
    assert problem.expected == "a file linkedService/gone.json"


def test_of_many_names_only_the_closest_are_listed(write: Write) -> None:
    services = {f"linkedService/{name}.json": _service(name) for name in ("lake_north", *"abcdefgh")}
    (problem,) = _problems(write({"dataset/d.json": _dataset("d", "lake_nort"), **services}))
    assert problem.expected == "one of lake_north"


def test_names_are_found_whatever_their_case_and_what_the_service_makes_is_known(
    write: Write,
) -> None:
    folder = write(
        {
            "linkedService/lake.json": _service(
                "lake",
                connectVia=_reference("IntegrationRuntime", "AutoResolveIntegrationRuntime"),
            ),
            "dataset/d.json": _dataset("d", "LAKE"),
            "dataset/e.json": _dataset("e", "ws-WorkspaceDefaultStorage"),
            "notebook/n.json": _named("n", {"bigDataPool": _reference("BigDataPool", "pool")}),
        }
    )
    assert _problems(folder) == []


@pytest.mark.parametrize("kind", ["RobotReference", "PipelineRef"])
def test_an_unknown_type_of_reference_is_an_error(write: Write, kind: str) -> None:
    files = {"pipeline/p.json": _named("p", {"activities": [{"x": {"referenceName": "r", "type": kind}}]})}
    (problem,) = _problems(write(files))
    assert problem.cause == f"the type of reference '{kind}' is unknown"
    assert problem.expected.startswith("one of ")
    assert problem.pointer == "/properties/activities/0/x/type"


def test_a_global_parameter_needs_a_factory_that_declares_it(write: Write) -> None:
    pipeline = _named("p", {"activities": [{"x": "@pipeline().globalParameters.place"}]})
    (problem,) = _problems(write({"pipeline/p.json": pipeline}))
    assert problem.cause == "it uses the global parameter 'place', which no factory declares"
    factory = _named("f", {"globalParameters": {"place": {"type": "string", "value": "x"}}})
    assert _problems(write({"factory/f.json": factory})) == []


def _flow(**source: Any) -> dict[str, Any]:
    sources = [{"name": "s", **source}]
    return _named(
        "f",
        {
            "type": "MappingDataFlow",
            "typeProperties": {"sources": sources, "sinks": [], "script": ""},
        },
    )


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ({"dataset": _reference("Dataset", "d")}, "dataset/d"),
        ({"linkedService": _reference("LinkedService", "far")}, "linkedService/far"),
    ],
)
def test_a_data_flow_cannot_use_a_self_hosted_runtime(write: Write, source: dict[str, Any], named: str) -> None:
    files = {
        "integrationRuntime/own.json": _named("own", {"type": "SelfHosted"}),
        "linkedService/far.json": _service("far", connectVia=_reference("IntegrationRuntime", "own")),
        "dataset/d.json": _dataset("d", "far"),
        "dataflow/f.json": _flow(**source),
    }
    (problem,) = _problems(write(files))
    assert problem.subject == "dataflow/f"
    runtime = "the self-hosted integration runtime 'own'"
    assert problem.cause == f"a data flow cannot use {named}: its linked service 'far' connects via {runtime}"
    assert problem.expected == "an Azure integration runtime"
    assert "copy the data to the data lake first" in problem.hint


def test_changes_of_sap_come_to_a_data_flow_through_a_self_hosted_runtime(write: Write) -> None:
    own = _reference("IntegrationRuntime", "own")
    files = {
        "integrationRuntime/own.json": _named("own", {"type": "SelfHosted"}),
        "linkedService/far.json": _named("far", {"type": "SapOdp", "typeProperties": {}, "connectVia": own}),
        "dataset/d.json": _dataset("d", "far"),
        "dataflow/f.json": _flow(dataset=_reference("Dataset", "d")),
    }
    assert _problems(write(files)) == []


def test_an_azure_runtime_is_fine_for_a_data_flow(write: Write) -> None:
    files = {
        "integrationRuntime/own.json": _named("own", {"type": "Managed"}),
        "linkedService/far.json": _service("far", connectVia=_reference("IntegrationRuntime", "own")),
        "dataset/d.json": _dataset("d", "far"),
        "dataflow/f.json": _flow(dataset=_reference("Dataset", "d")),
    }
    assert _problems(write(files)) == []


@pytest.mark.parametrize(
    ("secret", "cause"),
    [
        (
            {"encryptedCredential": "ew0KICAi"},
            "it holds an encryptedCredential, which only the workspace that made it can read",
        ),
        (
            {"accountKey": {"type": "SecureString", "value": "abc=="}},
            "it holds a SecureString with its value",
        ),
        (
            {"accountKey": {"type": "secureString", "value": "abc=="}},
            "it holds a SecureString with its value",
        ),
        ({"accountKey": "abc=="}, "it holds the secret 'accountKey' as plain text"),
        (
            {"connectionString": "Server=x;User=y;Password=z"},
            "it holds a secret inside a connection string",
        ),
        (
            {"sasUri": "https://x.blob.core.windows.net/?sv=1&sig=abc"},
            "it holds a secret inside a connection string",
        ),
    ],
)
def test_secrets_in_files_are_errors_with_a_remedy(write: Write, secret: dict[str, Any], cause: str) -> None:
    (problem,) = _problems(write({"linkedService/l.json": _service("l", typeProperties=secret)}))
    assert problem.cause == cause
    assert problem.hint == "use the managed identity, or an AzureKeyVaultSecret that names a secret of a vault"
    assert problem.line is not None


@pytest.mark.parametrize(
    "harmless",
    [
        {"accountKey": {"type": "AzureKeyVaultSecret", "secretName": "key"}},
        {"password": "@linkedService().password"},
        {"consumerKey": "abc"},
        {"connectionString": "Server=x;Password=@{linkedService().password}"},
        {"connectionString": "Integrated Security=False;Encrypt=True;Data Source=x"},
    ],
)
def test_references_to_secrets_are_none(write: Write, harmless: dict[str, Any]) -> None:
    assert _problems(write({"linkedService/l.json": _service("l", typeProperties=harmless)})) == []


def test_a_mask_for_a_secret_is_told_but_may_be_there_already(write: Write) -> None:
    masked = {"password": {"type": "SecureString", "value": "**********"}}
    (problem,) = _problems(write({"linkedService/l.json": _service("l", typeProperties=masked)}))
    assert problem.cause.startswith("it holds the asterisks that the service shows instead of a secret")
    assert problem.fails_at_run


@pytest.mark.parametrize(
    ("kind", "pointer", "value"),
    [
        ("pipeline", "/activities/0/typeProperties/authentication/password/value", "hunter2"),
        ("pipeline", "/activities/0/typeProperties/authentication/password", "hunter2"),
        ("pipeline", "/parameters/token/defaultValue", "hunter2"),
        ("linkedService", "/parameters/token/defaultValue", "hunter2"),
        ("credential", "/typeProperties/servicePrincipalKey", "hunter2"),
    ],
)
def test_a_secret_in_an_artifact_of_any_kind_is_an_error(write: Write, kind: str, pointer: str, value: str) -> None:
    properties: Any = value
    secure = pointer.endswith(("/value", "/defaultValue"))
    for token in reversed(pointer.split("/")[1:]):
        inner = {"type": "SecureString", token: properties} if secure and properties == value else {token: properties}
        properties = [properties] if token == "0" else inner
    (problem,) = _problems(write({f"{kind}/a.json": _named("a", properties)}))
    assert "secure text" in problem.cause or "as plain text" in problem.cause
    assert problem.pointer == f"/properties{pointer}"


SAS = "https://x.blob.core.windows.net/c?sv=2022-11-02&sig=abcDEF123%2B%3D"
CONNECTION = "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=abcDEF123+/=="


@pytest.mark.parametrize(
    ("kind", "properties", "pointer"),
    [
        ("pipeline", {"headers": {"Authorization": "Bearer abcDEF123"}}, "/headers/Authorization"),
        ("pipeline", {"headers": {"x-functions-key": "abcDEF123"}}, "/headers/x-functions-key"),
        ("pipeline", {"url": SAS}, "/url"),
        ("pipeline", {"url": f"@concat('{SAS}', pipeline().RunId)"}, "/url"),
        (
            "pipeline",
            {"parameters": {"p": {"type": "String", "defaultValue": CONNECTION}}},
            "/parameters/p/defaultValue",
        ),
        ("pipeline", {"headers": {"Authorization": "AppCode abcDEF123"}}, "/headers/Authorization"),
        ("dataset", {"additionalHeaders": "accept: text/csv\nAuthorization: Basic abc"}, "/additionalHeaders"),
        ("trigger", {"annotations": ["Server=x;Password=hunter2;"]}, "/annotations/0"),
        (
            "pipeline",
            {"parameters": {"sql_password": {"type": "string", "defaultValue": "hunter2"}}},
            "/parameters/sql_password/defaultValue",
        ),
        ("trigger", {"pipelines": [{"parameters": {"apiKey": "hunter2"}}]}, "/pipelines/0/parameters/apiKey"),
        ("pipeline", {"extendedProperties": {"API-Key": "hunter2"}}, "/extendedProperties/API-Key"),
        ("pipeline", {"body": {"user": "u", "password": "hunter2"}}, "/body/password"),
        ("pipeline", {"body": "client_secret=hunter2&scope=s"}, "/body"),
        ("pipeline", {"command": "run --password hunter2"}, "/command"),
        ("sparkJobDefinition", {"jobProperties": {"args": ["--password", "hunter2"]}}, "/jobProperties/args/1"),
        ("pipeline", {"variableName": "sqlPassword", "value": "hunter2"}, "/value"),
        ("pipeline", {"parameters": [{"name": "client_secret", "value": "hunter2"}]}, "/parameters/0/value"),
        ("pipeline", {"headers": {"Cookie": "session=abcDEF123"}}, "/headers/Cookie"),
        ("pipeline", {"headers": {"Authorization": "@concat('Bearer ', 'hunter2')"}}, "/headers/Authorization"),
        ("pipeline", {"value": "@concat('Bearer hunter2')"}, "/value"),
        ("dataflow", {"scriptLines": ["password as string ('hunter2')"]}, "/scriptLines/0"),
        ("linkedService", {"typeProperties": {"url": "https://u:hunter2@x.example"}}, "/typeProperties/url"),
        ("linkedService", {"typeProperties": {"env": {"DB_PASSWORD": "hunter2"}}}, "/typeProperties/env/DB_PASSWORD"),
        (
            "linkedService",
            {"typeProperties": {"authHeaders": {"x-api-key": "hunter2"}}},
            "/typeProperties/authHeaders/x-api-key",
        ),
        ("dataset", {"additionalHeaders": {"Authorization": "Bearer hunter2"}}, "/additionalHeaders/Authorization"),
    ],
)
def test_a_secret_in_any_text_or_header_is_an_error(
    write: Write, kind: str, properties: dict[str, Any], pointer: str
) -> None:
    (problem,) = _problems(write({f"{kind}/a.json": _named("a", properties)}))
    assert problem.pointer == f"/properties{pointer}"
    assert not any(each in str(problem) for each in ("abcDEF123", "hunter2", "Basic abc"))


@pytest.mark.parametrize(
    "properties",
    [
        {"headers": {"Authorization": "@concat('Bearer ', activity('Login').output.token)"}},
        {"headers": {"Authorization": {"value": "@pipeline().parameters.header", "type": "Expression"}}},
        {"url": "@concat(pipeline().parameters.url, '?sig=', variables('signature'))"},
        {"query": "SELECT * FROM users WHERE password = 'resetpending'"},
        {"text": "Server=x;Password=<password>;"},
        {"headers": {"Authorization": "Bearer "}},
        {"headers": {"Authorization": "Bearer <token>"}},
        {"additionalHeaders": "Authorization: Bearer @{activity('Login').output.token}"},
        {"additionalHeaders": "@concat('a: b\nAuthorization: Basic ', activity('Login').output.value)"},
        {"additionalHeaders": "Authorization: Bearer\naccept: text/csv"},
        {"parameters": {"password": {"type": "string", "defaultValue": "kv-sql-password-01"}}},
        {
            "parameters": {
                "password": {"type": "string", "defaultValue": ""},
                "apiKey": {"type": "int", "defaultValue": 5},
            }
        },
        {"parameters": {"password": "@pipeline().parameters.pw1"}, "password": {"value": "@x", "type": "Expression"}},
        {
            "translator": {"columnMappings": {"password": "hash_1234"}},
            "columns": [{"name": "password", "type": "String"}],
        },
        {"password": {"type": "AzureKeyVaultSecret", "secretName": "sql1"}},
        {"headers": {"Authorization": "@concat('Bearer ', activity('Login1').output.token)"}},
        {"headers": {"Authorization": "@concat('Bearer ', variables('token1'))"}},
        {"variableName": "password", "value": "@activity('Login').output.value"},
        {"variableName": "password", "value": {"value": "@activity('Login').output.value", "type": "Expression"}},
        {"args": ["--password", "@pipeline().parameters.password", "--password-file", "hunter2"]},
        {"args": ["--user", "password1", "hunter2"]},
    ],
)
def test_what_is_worked_out_at_a_run_is_no_secret(write: Write, properties: dict[str, Any]) -> None:
    assert _problems(write({"pipeline/a.json": _named("a", properties)})) == []


@pytest.mark.parametrize("name", ["", 5, None])
def test_a_reference_that_names_nothing_is_an_error(write: Write, name: Any) -> None:
    dataset = _named(
        "d", {"type": "Binary", "linkedServiceName": {"referenceName": name, "type": "LinkedServiceReference"}}
    )
    (problem,) = _problems(write({"dataset/d.json": dataset}))
    assert problem.cause == f"the name of the reference is {json.dumps(name)}"
    assert problem.pointer == "/properties/linkedServiceName/referenceName"
    assert problem.line is not None


def test_a_pool_that_is_not_chosen_and_an_expression_are_no_error(write: Write) -> None:
    pool = {"referenceName": "", "type": "BigDataPoolReference"}
    notebook = {"referenceName": {"value": "@variables('n')", "type": "Expression"}, "type": "NotebookReference"}
    assert _problems(write({"pipeline/a.json": _named("a", {"x": [pool, notebook]})})) == []


def test_a_circle_of_pipelines_is_an_error(write: Write) -> None:
    files = {
        f"pipeline/{name}.json": _named(name, {"activities": [{"x": _reference("Pipeline", other)}]})
        for name, other in ("ab", "ba")
    }
    (problem,) = _problems(write(files))
    assert "it leads back to itself: pipeline/" in problem.cause


def test_a_value_typed_into_an_environment_field_is_an_error(write: Write) -> None:
    field = {
        "artifact": "linkedService/lake",
        "pointer": "/properties/typeProperties/url",
        "output": "lakeUrl",
    }
    files = {
        "environment.json": {"outputs": {"lakeUrl": "URL"}, "fields": [field]},
        "linkedService/lake.json": _service("lake", typeProperties={"url": "https://dev"}),
    }
    (problem,) = _problems(write(files))
    assert problem.cause == "the environment-specific field /properties/typeProperties/url holds 'https://dev'"
    assert problem.expected == "<bound-at-deployment:lakeUrl>"
    (broken,) = _problems(write({"environment.json": "["}))
    assert broken.subject == "environment.json"


def test_problems_of_reading_and_of_checking_are_told_together(write: Write) -> None:
    problems = _problems(write({"dataset/d.json": _dataset("d", "gone"), "pipeline/p.json": "{"}))
    assert [problem.doing for problem in problems] == ["reading", "checking"]


@pytest.mark.parametrize(
    "unreadable", ["pipeline/p.json", "pipeline/P.JSON", "pipeline/inner/p.json"], ids=["syntax", "suffix", "folder"]
)
def test_what_refers_to_an_unreadable_file_is_no_second_problem(write: Write, unreadable: str) -> None:
    trigger = _named("t", {"pipelines": [{"pipelineReference": _reference("Pipeline", "p")}]})
    (problem,) = _problems(write({unreadable: "{,}", "trigger/t.json": trigger}))
    assert problem.doing == "reading"
