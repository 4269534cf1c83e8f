"""What is wrong with a set of artifacts is said before anything is sent: all of it, each at its property path."""

from typing import Any

import pytest
from provider_bench import ProviderBench

from azure_ids.synapse import ARTIFACT_NAME_RULE
from dataplane_provider.resources import artifact_graph
from provider_wire.lifecycle import CheckFailed, Lifecycle
from provider_wire.values import UNKNOWN
from provider_wire.verbs import CheckFailure

ENDPOINT = "https://ws-one.dev.azuresynapse.net"


@pytest.fixture
def life(bench: ProviderBench) -> Lifecycle:
    return bench.life("WorkspaceArtifacts")


def artifact(key: str, *references: tuple[str, str]) -> dict[str, Any]:
    listed = [{"referenceName": name, "type": kind} for kind, name in references]
    return {"name": key.split("/", 1)[1], "properties": {"references": listed}}


def problems(life: Lifecycle, documents: Any, *started: str) -> list[CheckFailure]:
    with pytest.raises(CheckFailed) as caught:
        life.check({"endpoint": ENDPOINT, "documents": documents, "startedTriggers": list(started)})
    return list(caught.value.failures)


def test_a_dangling_reference_is_named_with_its_place(life: Lifecycle) -> None:
    [failure] = problems(life, {"pipeline/a": artifact("pipeline/a", ("DatasetReference", "gone"))})
    assert failure == CheckFailure(
        'documents["pipeline/a"]',
        "pipeline/a/properties/references/0 refers to dataset/gone, which is not among the documents\n"
        "expected the name of a dataset of this stack",
    )


def test_what_the_service_makes_and_other_kinds_may_be_referred_to(life: Lifecycle) -> None:
    references = (
        ("LinkedServiceReference", "ws-one-WorkspaceDefaultStorage"),
        ("IntegrationRuntimeReference", "AutoResolveIntegrationRuntime"),
        ("DatasetReference", "FILES"),
    )
    documents = {"pipeline/a": artifact("pipeline/a", *references), "dataset/files": artifact("dataset/files")}
    life.check({"endpoint": ENDPOINT, "documents": documents})


def test_a_lake_database_without_sound_statements_is_told_by_its_place(life: Lifecycle) -> None:
    made = {"NewEntity": {"Name": "sales", "EntityType": "VIEW"}}
    [failure] = problems(life, {"database/sales": {"name": "sales", "properties": {"Ddls": [made]}}})
    assert failure == CheckFailure(
        'documents["database/sales"]',
        "database/sales/properties/Ddls/0/NewEntity/EntityType: unknown type of entity 'VIEW'\n"
        "expected one of DATABASE, TABLE, RELATIONSHIP",
    )
    later = {"name": "sales", "properties": {"Ddls": [{"NewEntity": {"Name": UNKNOWN, "EntityType": "DATABASE"}}]}}
    life.check({"endpoint": ENDPOINT, "documents": {"database/sales": later}})


def test_a_reference_that_names_nothing_is_told_by_its_place(life: Lifecycle) -> None:
    [failure] = problems(life, {"pipeline/a": artifact("pipeline/a", ("DatasetReference", ""))})
    assert failure == CheckFailure(
        'documents["pipeline/a"]', 'pipeline/a/properties/references/0 is a reference to ""\nexpected a name'
    )


def test_a_cycle_is_reported_once_with_its_members(life: Lifecycle) -> None:
    documents = {
        "pipeline/a": artifact("pipeline/a", ("PipelineReference", "b")),
        "pipeline/b": artifact("pipeline/b", ("PipelineReference", "a")),
        "pipeline/c": artifact("pipeline/c", ("PipelineReference", "a")),
    }
    assert problems(life, documents) == [
        CheckFailure(
            'documents["pipeline/a"]', "references form a cycle: pipeline/a -> pipeline/b -> pipeline/a\nexpected none"
        )
    ]


def test_an_artifact_that_refers_to_itself_is_a_cycle(life: Lifecycle) -> None:
    documents = {"pipeline/a": artifact("pipeline/a", ("PipelineReference", "A"))}
    [failure] = problems(life, documents)
    assert failure.reason == "references form a cycle: pipeline/a -> pipeline/a\nexpected none"


def test_names_that_differ_in_case_only_are_refused(life: Lifecycle) -> None:
    documents = {"pipeline/a": artifact("pipeline/a"), "pipeline/A": artifact("pipeline/A")}
    assert problems(life, documents) == [
        CheckFailure(
            'documents["pipeline/a"]',
            "pipeline/a and pipeline/A are one name to the service\nexpected names that differ in more than case",
        )
    ]


def test_all_problems_are_reported_at_once(life: Lifecycle) -> None:
    documents = {
        "box/a": {},
        "dataset/no.dots": artifact("dataset/no.dots"),
        "dataset/list": [],
        "dataset/other": artifact("dataset/another"),
        "trigger/t": artifact("trigger/t"),
    }
    assert problems(life, documents, "t", "nightly") == [
        CheckFailure(
            'documents["box/a"]',
            "parsing artifact id 'box/a': unknown kind 'box'\nexpected <kind>/<name> with one of the kinds "
            "credential, linkedService, dataset, sparkConfiguration, dataflow, notebook, sqlscript, kqlscript, "
            "sparkJobDefinition, database, pipeline, trigger, globalParameters",
        ),
        CheckFailure(
            'documents["dataset/list"]',
            "dataset/list is no artifact\nexpected {name, properties} as in the Git layout of Studio",
        ),
        CheckFailure(
            'documents["dataset/no.dots"]',
            f"parsing artifact id 'dataset/no.dots': the name contains '.'\nexpected {ARTIFACT_NAME_RULE}",
        ),
        CheckFailure('documents["dataset/other"].name', "dataset/other is named 'another' inside\nexpected 'other'"),
        CheckFailure("startedTriggers[1]", "no trigger 'nightly'\nexpected one of t"),
    ]


def test_a_trigger_to_start_where_there_is_none_is_refused(life: Lifecycle) -> None:
    [failure] = problems(life, {}, "nightly")
    assert failure.reason == "no trigger 'nightly'\nexpected one of none: there is no trigger"


def test_what_is_not_known_yet_is_no_problem(life: Lifecycle) -> None:
    life.check({"endpoint": UNKNOWN, "documents": UNKNOWN, "startedTriggers": UNKNOWN})
    life.check({"endpoint": ENDPOINT, "documents": {"pipeline/a": UNKNOWN}, "startedTriggers": [UNKNOWN]})


@pytest.mark.parametrize("given", ["{}", "zlib;base64,AAAA", 7, ["pipeline/a"]])
def test_what_holds_no_documents_is_refused(life: Lifecycle, given: Any) -> None:
    [failure] = problems(life, given)
    assert failure.property_path == "documents"
    assert failure.reason.endswith(
        "expected a map by artifact id, or the text that synapse_artifacts.packed makes of one"
    )


def test_documents_that_are_those_of_the_state_are_not_looked_at_again(
    bench: ProviderBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = bench.life("WorkspaceArtifacts")
    empty = {"name": "a", "properties": {"activities": []}}
    inputs = {"endpoint": bench.workspace.endpoint, "documents": {"pipeline/a": empty}}
    life.up(inputs)
    looked: list[Any] = []

    def problems_of(given: Any) -> list[CheckFailure]:
        looked.append(given)
        return []

    monkeypatch.setattr(artifact_graph, "problems", problems_of)
    life.check(inputs)
    assert looked == []
    life.check({**inputs, "documents": {"pipeline/b": artifact("pipeline/b")}})
    assert len(looked) == 1
