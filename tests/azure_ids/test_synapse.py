"""Ids of Synapse workspaces and artifacts: both directions, and what is refused."""

import re
from pathlib import Path

import pytest

from azure_ids.data_factory import collections_of
from azure_ids.synapse import ArtifactId, ArtifactKind, SynapseIdError, WorkspaceEndpoint


@pytest.mark.parametrize("text", ["https://ws-1.dev.azuresynapse.net", "https://WS-1.dev.azuresynapse.net/"])
def test_an_endpoint_is_parsed_and_written_in_lower_case_without_a_slash(text: str) -> None:
    endpoint = WorkspaceEndpoint.parse(text)
    assert endpoint == WorkspaceEndpoint("ws-1")
    assert str(endpoint) == "https://ws-1.dev.azuresynapse.net"
    assert endpoint.host == "ws-1.dev.azuresynapse.net"


@pytest.mark.parametrize(
    "text",
    [
        "http://ws.dev.azuresynapse.net",
        "https://ws.azuresynapse.net",
        "https://.dev.azuresynapse.net",
        "https://a.b.dev.azuresynapse.net",
        "https://ws-.dev.azuresynapse.net",
        "https://ws.dev.azuresynapse.net/pipelines",
    ],
)
def test_another_text_is_refused_as_an_endpoint(text: str) -> None:
    expected = (
        f"parsing workspace endpoint {text!r}: it is not an endpoint of a workspace\n"
        "expected https://<workspace>.dev.azuresynapse.net"
    )
    with pytest.raises(SynapseIdError, match=re.escape(expected)):
        WorkspaceEndpoint.parse(text)


@pytest.mark.parametrize(
    ("text", "kind", "collection"),
    [
        ("credential/identity", ArtifactKind.CREDENTIAL, "credentials"),
        ("linkedService/lake", ArtifactKind.LINKED_SERVICE, "linkedservices"),
        ("dataset/raw files", ArtifactKind.DATASET, "datasets"),
        ("dataflow/clean", ArtifactKind.DATA_FLOW, "dataflows"),
        ("pipeline/ingest_patients", ArtifactKind.PIPELINE, "pipelines"),
        ("trigger/daily", ArtifactKind.TRIGGER, "triggers"),
        ("notebook/a", ArtifactKind.NOTEBOOK, "notebooks"),
        ("sqlscript/a", ArtifactKind.SQL_SCRIPT, "sqlScripts"),
        ("kqlscript/a", ArtifactKind.KQL_SCRIPT, "kqlScripts"),
        ("sparkJobDefinition/a", ArtifactKind.SPARK_JOB_DEFINITION, "sparkJobDefinitions"),
        ("sparkConfiguration/a", ArtifactKind.SPARK_CONFIGURATION, "sparkconfigurations"),
        ("database/lake", ArtifactKind.DATABASE, "databases"),
    ],
)
def test_an_artifact_id_round_trips_and_knows_its_collection(text: str, kind: ArtifactKind, collection: str) -> None:
    parsed = ArtifactId.parse(text)
    assert parsed.kind is kind
    assert parsed.kind.collection == collection
    assert str(parsed) == text


@pytest.mark.parametrize("text", ["factory/a", "pipeline", "Pipeline/a"])
def test_an_unknown_kind_is_refused_with_the_known_ones(text: str) -> None:
    expected = (
        f"parsing artifact id {text!r}: unknown kind {text.split('/')[0]!r}\n"
        "expected <kind>/<name> with one of the kinds credential, linkedService, dataset, "
    )
    if text == "pipeline":
        expected = f"parsing artifact id {text!r}: unknown kind 'pipeline'"
    with pytest.raises(SynapseIdError, match=re.escape(expected)):
        ArtifactId.parse(text)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("pipeline/a/b", "the name contains '/'"),
        ("pipeline/a.b", "the name contains '.'"),
        ("pipeline/", "the name has 0 characters"),
        ("pipeline/" + "x" * 261, "the name has 261 characters"),
        ("pipeline/a#b", "the name contains '#'"),
        ("pipeline/Übersicht", "the name begins with 'Ü'"),
        ("pipeline/-a", "the name begins with '-'"),
    ],
)
def test_a_name_that_the_service_refuses_is_refused_with_its_cause(text: str, cause: str) -> None:
    expected = f"{cause}\nexpected a letter from A to Z, a digit or an underscore, then up to 259 characters"
    with pytest.raises(SynapseIdError, match=re.escape(expected)):
        ArtifactId.parse(text)


@pytest.mark.parametrize("name", ["x" * 260, "a_Übersicht データ", 'say "hi"', "1 (a)", "_"])
def test_a_name_that_the_service_takes_is_one(name: str) -> None:
    assert ArtifactId.parse(f"pipeline/{name}").name == name


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("linkedService/ws-WorkspaceDefaultStorage", True),
        ("linkedService/ws-workspacedefaultsqlserver", True),
        ("linkedService/WorkspaceDefaultStorage", False),
        ("dataset/ws-WorkspaceDefaultStorage", False),
        ("credential/WorkspaceSystemIdentity", True),
        ("credential/identity", False),
    ],
)
def test_what_the_service_makes_itself_is_known_by_its_name(text: str, made: bool) -> None:
    assert ArtifactId.parse(text).is_made_by_the_service is made


def test_the_page_of_kinds_says_where_each_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "artifact-kinds.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for kind, calls in collections_of(WorkspaceEndpoint("ws")).items():
        [row] = [row for row in rows if row.startswith(f"| `{kind.value}`")]
        assert f"`/{calls.path}`" in row
        assert row.endswith(f"| {calls.api_version} |")
