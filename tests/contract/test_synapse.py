"""What we count on of Synapse and no page of the vendor states (docs/verified.md)."""

from __future__ import annotations

import hashlib
import struct
import time
from dataclasses import replace
from typing import Any

import pytest
from azure.storage.filedatalake import FileSystemClient
from contract_bench import Place, lake, once_permitted
from contract_workspace import AUTO_RESOLVE, Workspace

CSV = {"columnDelimiter": ",", "escapeChar": '"', "quoteChar": '"', "firstRowAsHeader": True}
SCRIPT = """source(output(
        a as string
    ),
    allowSchemaDrift: false,
    validateSchema: false,
    wildcardPaths:['_staging/in/year={2019,2020}.csv']) ~> rows
rows sink(allowSchemaDrift: false,
    validateSchema: false,
    partitionFileNames:['all.csv'],
    partitionBy('hash', 1)) ~> file"""


@pytest.fixture(scope="module")
def workspace(place: Place) -> Workspace:
    """A workspace with a lake."""
    return Workspace.made(place)


@pytest.fixture(scope="module")
def files(workspace: Workspace) -> FileSystemClient:
    """The filesystem that the workspace's identity may write."""
    return lake(workspace.account, workspace.place.target.owner).get_file_system_client("contract")


def _dataset(folder: str) -> dict[str, Any]:
    location = {"type": "AzureBlobFSLocation", "fileSystem": "contract", **({"folderPath": folder} if folder else {})}
    return {
        "type": "DelimitedText",
        "linkedServiceName": {"referenceName": "lake", "type": "LinkedServiceReference"},
        "typeProperties": {"location": location, **CSV},
        "schema": [],
    }


def test_a_missing_synapse_role_is_refused_with_the_words_that_are_waited_on(workspace: Workspace) -> None:
    status, answer = workspace.channel(workspace.place.target.outsider).ask("GET", "/pipelines")
    error = answer.get("error", answer)
    assert status in {401, 403}
    assert error["code"] == "Unauthorized"
    assert "Synapse RBAC permission" in error["message"]


def test_a_missing_artifact_is_named_without_a_wrapper(workspace: Workspace) -> None:
    status, answer = workspace.channel(workspace.place.target.owner).ask("GET", "/pipelines/none")
    assert (status, answer["code"]) == (404, "PipelineNotFound")


def test_a_web_activity_whose_body_is_an_empty_expression_renames_a_file(
    workspace: Workspace, files: FileSystemClient
) -> None:
    files.get_file_client("web/staged.csv").upload_data(b"new", overwrite=True)
    files.get_file_client("web/published.csv").upload_data(b"old", overwrite=True)
    run = workspace.run(
        {
            "name": "Rename",
            "type": "WebActivity",
            "typeProperties": {
                "method": "PUT",
                "headers": {"x-ms-version": "2021-08-06", "x-ms-rename-source": "/contract/web/staged.csv"},
                "url": f"https://{workspace.account}.dfs.core.windows.net/contract/web/published.csv",
                "body": {"value": "@string('')", "type": "Expression"},
                "authentication": {"type": "MSI", "resource": "https://storage.azure.com/"},
                "connectVia": AUTO_RESOLVE,
            },
        }
    )
    assert run["status"] == "Succeeded", run["message"]
    assert files.get_file_client("web/published.csv").download_file().readall() == b"new"
    assert not files.get_file_client("web/staged.csv").exists()


def _written_by(workspace: Workspace, files: FileSystemClient, script: str) -> list[str]:
    """The lines that a flow of this script writes, which reads any files and writes `out/all.csv`."""
    linked = {"url": f"https://{workspace.account}.dfs.core.windows.net"}
    workspace.publish("/linkedservices/lake", {"type": "AzureBlobFS", "typeProperties": linked})
    workspace.publish("/datasets/from", _dataset(""))
    workspace.publish("/datasets/to", _dataset("out"))
    inner = {
        "sources": [{"name": "rows", "dataset": {"referenceName": "from", "type": "DatasetReference"}}],
        "sinks": [{"name": "file", "dataset": {"referenceName": "to", "type": "DatasetReference"}}],
        "transformations": [],
        "scriptLines": script.splitlines(),
    }
    workspace.publish("/dataflows/gather", {"type": "MappingDataFlow", "typeProperties": inner})
    run = workspace.run(
        {
            "name": "Gather",
            "type": "ExecuteDataFlow",
            "typeProperties": {
                "dataflow": {"referenceName": "gather", "type": "DataFlowReference"},
                "integrationRuntime": AUTO_RESOLVE,
                "compute": {"coreCount": 8, "computeType": "General"},
                "traceLevel": "None",
            },
        }
    )
    assert run["status"] == "Succeeded", run["message"]
    written = once_permitted(lambda: files.get_file_client("out/all.csv").download_file().readall())
    return written.decode().split()


def test_a_data_flow_reads_alternatives_in_braces_below_a_folder_that_begins_with_an_underscore(
    workspace: Workspace, files: FileSystemClient
) -> None:
    for year in (2018, 2019, 2020):
        files.get_file_client(f"_staging/in/year={year}.csv").upload_data(f"a\n{year}\n".encode(), overwrite=True)
    lines = _written_by(workspace, files, SCRIPT)
    assert (lines[0], sorted(lines[1:])) == ("a", ["2019", "2020"])


HASHED = {
    "toLong(a)": struct.pack("<q", 5),
    "toShort(a)": struct.pack("<h", 5),
    "toByte(a)": b"\x05",
    "toFloat(a)": struct.pack("<f", 5.0),
    "toDecimal(a, 10, 2)": struct.pack("<q", 500),
    "toDecimal(a, 38, 2)": (500).to_bytes(2, "big"),
    "toTimestamp('1970-01-01 00:00:01')": struct.pack("<q", 1_000_000),
    "[toInteger(a), 6]": struct.pack("<ii", 5, 6),
    "toString(null())": b"",
}
"""Expressions of the types whose bytes nobody has published, and those that we hash."""


def test_a_row_hash_is_over_the_little_endian_bytes_of_every_type(
    workspace: Workspace, files: FileSystemClient
) -> None:
    files.get_file_client("_staging/in/year=2019.csv").upload_data(b"a\n5\n", overwrite=True)
    files.get_file_client("_staging/in/year=2020.csv").upload_data(b"a\n", overwrite=True)
    hashes = ", ".join(f"h{number} = sha2(256, {text})" for number, text in enumerate(HASHED))
    script = SCRIPT.replace("rows sink(", f"rows derive({hashes}) ~> hashed\nhashed sink(")
    header, values = _written_by(workspace, files, script)
    expected = [hashlib.sha256(data).hexdigest() for data in HASHED.values()]
    assert header == "a," + ",".join(f"h{number}" for number in range(len(HASHED)))
    assert values.split(",")[1:] == expected


def test_texts_are_dates_by_the_patterns_of_the_source_and_no_others(
    workspace: Workspace, files: FileSystemClient
) -> None:
    rows = b"a,b\n1.2.2020,2020010203\n02/03/2020,1\n2020-04-05,2\n"
    files.get_file_client("_staging/in/year=2019.csv").upload_data(rows, overwrite=True)
    files.get_file_client("_staging/in/year=2020.csv").upload_data(b"a,b\n", overwrite=True)
    settings = "dateFormats: ['d.M.yyyy', 'MM/dd/yyyy'], timestampFormats: ['yyyyMMddHH']"
    script = SCRIPT.replace("a as string", "a as date, b as timestamp").replace(
        "validateSchema", f"{settings},\n    validateSchema", 1
    )
    written = " ".join(_written_by(workspace, files, script)[1:]).replace(".000", "")
    assert written == "2020-02-01,2020-01-02 03:00:00 2020-02-03, ,"


def test_columns_whose_names_differ_in_case_alone_are_two(workspace: Workspace, files: FileSystemClient) -> None:
    files.get_file_client("_staging/in/year=2019.csv").upload_data(b"a,A\n1,2\n", overwrite=True)
    files.get_file_client("_staging/in/year=2020.csv").upload_data(b"a,A\n", overwrite=True)
    script = SCRIPT.replace("a as string", "a as string, A as string").replace(
        "rows sink(", "rows derive(B = a + A, b = A + a) ~> added\nadded sink("
    )
    assert _written_by(workspace, files, script) == ["a,A,B,b", "1,2,12,21"]


def test_a_sink_writes_by_its_patterns_and_words_below_empty_lines(
    workspace: Workspace, files: FileSystemClient
) -> None:
    files.get_file_client("_staging/in/year=2019.csv").upload_data(b"a\nyes\nno\n", overwrite=True)
    files.get_file_client("_staging/in/year=2020.csv").upload_data(b"a\n", overwrite=True)
    script = SCRIPT.replace("a as string", "a as boolean").replace(
        "wildcardPaths", "booleanFormat: ['yes', 'no'],\n wildcardPaths"
    )
    derived = "t = toTimestamp('2024-02-29 13:04:05'), d = toDate('2024-02-29')"
    settings = "booleanFormat: ['J', 'N'], dateFormat: 'dd/MM/yyyy', timestampFormat: 'HH.mm', emptyLinesAsHeader: 1"
    script = script.replace("rows sink(", f"rows derive({derived}) ~> more\nmore sink({settings}, ")
    assert _written_by(workspace, files, script) == ["a,t,d", "J,13.04,29/02/2024", "N,13.04,29/02/2024"]
    assert files.get_file_client("out/all.csv").download_file().readall().startswith(b"\na,t,d")


def test_an_unpivot_keeps_the_columns_that_it_declares_behind_its_pair(
    workspace: Workspace, files: FileSystemClient
) -> None:
    files.get_file_client("_staging/in/year=2019.csv").upload_data(b"a,b,c\n1,2,3\n", overwrite=True)
    files.get_file_client("_staging/in/year=2020.csv").upload_data(b"a,b,c\n", overwrite=True)
    declared = "output(k as string, v as string, c as string, b as string), ungroupBy(a), pivotValues: ['x', 'y']"
    script = SCRIPT.replace("a as string", "a as string, b as string, c as string").replace(
        "rows sink(", f"rows unpivot({declared}) ~> turned\nturned sink("
    )
    assert sorted(_written_by(workspace, files, script)) == ["1,x,3,3,2", "1,y,2,3,2", "a,k,v,c,b"]


def test_what_lag_gives_without_a_row_is_converted_to_the_type_of_its_value(
    workspace: Workspace, files: FileSystemClient
) -> None:
    files.get_file_client("_staging/in/year=2019.csv").upload_data(b"a,b\n1,2\n", overwrite=True)
    files.get_file_client("_staging/in/year=2020.csv").upload_data(b"a,b\n", overwrite=True)
    shifted = "x = lag(a, 1, 99999), y = lead(b, 1, 'NA'), z = lead(b, 1, '7')"
    script = SCRIPT.replace("a as string", "a as string, b as short").replace(
        "rows sink(", f"rows window(over(1), asc(a, true), {shifted}) ~> shifted\nshifted sink("
    )
    assert _written_by(workspace, files, script) == ["a,b,x,y,z", "1,2,99999,,7"]


def test_a_notebook_of_a_pool_that_does_not_exist_is_refused(workspace: Workspace) -> None:
    session = {"driverMemory": "28g", "driverCores": 4, "executorMemory": "28g", "executorCores": 4, "numExecutors": 2}
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 2,
        "bigDataPool": {"referenceName": "none", "type": "BigDataPoolReference"},
        "sessionProperties": session,
        "metadata": {"language_info": {"name": "python"}},
        "cells": [],
    }
    _assert_refused(workspace, "/notebooks/none", "notebookOperationResults", notebook)


@pytest.mark.parametrize(
    "unfinished",
    [
        {"type": "Copy", "typeProperties": {"source": {"type": "DelimitedTextSource"}}},
        {"type": "ExecuteDataFlow", "typeProperties": {}},
    ],
    ids=["a Copy without a sink", "a data flow that is not named"],
)
def test_an_activity_that_lacks_a_required_property_is_refused(
    workspace: Workspace, unfinished: dict[str, Any]
) -> None:
    activity = {"name": "unfinished", **unfinished}
    _assert_refused(workspace, "/pipelines/unfinished", "operationResults", {"activities": [activity]})


def test_an_expression_may_name_an_activity_in_another_case(workspace: Workspace) -> None:
    before = {"name": "Before", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}
    status = {"value": "@activity('before').Status", "type": "Expression"}
    after = {
        "name": "After",
        "type": "SetVariable",
        "dependsOn": [{"activity": "Before", "dependencyConditions": ["Succeeded"]}],
        "typeProperties": {"variableName": "status", "value": status},
    }
    variables = {"status": {"type": "String"}}
    workspace.publish("/pipelines/cases", {"activities": [before, after], "variables": variables})


@pytest.mark.parametrize("default", ["none", [{"value": 1}]])
def test_the_default_of_an_object_may_be_a_text_or_a_list(workspace: Workspace, default: Any) -> None:
    parameters = {"task": {"type": "object", "defaultValue": default}}
    workspace.publish("/pipelines/defaults", {"activities": [], "parameters": parameters})


def test_a_return_value_that_is_not_marked_as_one_is_published(workspace: Workspace) -> None:
    value = [{"key": "rows", "value": {"type": "Int", "content": 1}}]
    inner = {"variableName": "pipelineReturnValue", "value": value}
    workspace.publish(
        "/pipelines/answers", {"activities": [{"name": "Answer", "type": "SetVariable", "typeProperties": inner}]}
    )


def _assert_refused(workspace: Workspace, path: str, operations: str, properties: dict[str, Any]) -> None:
    owner = workspace.channel(workspace.place.target.owner)
    status, answer = owner.ask("PUT", path, {"properties": properties})
    if status == 202:
        status, answer = _ended(workspace, f"/{operations}/{answer['operationId']}")
    assert status == 400, answer
    assert owner.ask("GET", path)[0] == 404


def _ended(workspace: Workspace, path: str) -> tuple[int, Any]:
    """The last answer of an operation."""
    for _ in range(120):
        status, answer = workspace.channel(workspace.place.target.owner).ask("GET", path)
        if status != 202:
            return status, answer
        time.sleep(1)
    raise AssertionError(f"{path} did not end")


def test_credentials_are_listed_in_the_version_of_the_other_artifacts(workspace: Workspace) -> None:
    workspace.publish("/credentials/identity", {"type": "ManagedIdentity"})
    listed = workspace.channel(workspace.place.target.owner).send("GET", "/credentials")
    assert "identity" in [each["name"] for each in listed["value"]]


def test_a_property_that_the_service_does_not_know_is_kept(workspace: Workspace) -> None:
    inner = {"url": "https://example.dfs.core.windows.net", "colour": "red"}
    workspace.publish("/linkedservices/coloured", {"type": "AzureBlobFS", "typeProperties": inner})
    told = workspace.channel(workspace.place.target.owner).send("GET", "/linkedservices/coloured")
    assert told["properties"]["typeProperties"] == inner


def test_a_lake_database_is_told_with_its_properties_below_one_key(workspace: Workspace) -> None:
    entity = {"Origin": {"Type": "SPARK"}, "Properties": {"IsSyMSCDMDatabase": True}}
    owner = replace(workspace.channel(workspace.place.target.owner), api_version="2021-04-01")
    owner.send("PUT", "/databases/contract", {"name": "contract", "type": "DATABASE", "properties": entity})
    [found] = [each for each in owner.send("GET", "/databases")["items"] if each["name"] == "contract"]
    assert {key: found["properties"][key] for key in entity} == entity
    owner.send("DELETE", "/databases/contract")


def test_an_endpoint_makes_a_pending_connection_that_names_workspace_and_endpoint(workspace: Workspace) -> None:
    target = f"{workspace.place.scope}/providers/Microsoft.Storage/storageAccounts/{workspace.account}"
    owner = workspace.channel(workspace.place.target.owner)
    path = "/managedVirtualNetworks/default/managedPrivateEndpoints/contract"
    owner.send("PUT", path, {"properties": {"privateLinkResourceId": target, "groupId": "dfs"}})
    states = {}
    for _ in range(300):
        listed = workspace.manage("2023-05-01").send("GET", f"{target}/privateEndpointConnections")["value"]
        states = {each["properties"]["privateEndpoint"]["id"].rsplit("/", 1)[-1].lower(): each for each in listed}
        if states:
            break
        time.sleep(1)
    connection = states[f"{workspace.name}.contract"]
    assert connection["properties"]["privateLinkServiceConnectionState"]["status"] == "Pending"
    owner.send("DELETE", path)
