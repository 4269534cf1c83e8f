"""What is told of artifacts that shall go to Microsoft Fabric: nothing documented is left without an answer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from artifact_checks.documented_types import ACTIVITIES, DATA_FLOWS, LINKED_SERVICES, TRIGGERS
from artifact_checks.fabric_readiness import READY, ReadinessReport, readiness_of_folder
from artifact_checks.fabric_rules import ACTIVITIES as KEPT_ACTIVITIES
from artifact_checks.fabric_rules import CONNECTORS, LACKING_ACTIVITIES, LACKING_CONNECTORS, RULES
from synapse_artifacts.documents import KINDS, Artifact, tokens_of

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def rules_for(kind: str, properties: Mapping[str, Any]) -> list[str]:
    """Names of the rules that speak of an artifact."""
    artifact = Artifact(kind, "a", {"name": "a", "properties": properties})
    return [rule.name for rule in RULES if rule.kind == kind for _ in rule.find(artifact)]


def write(folder: Path, kind: str, name: str, properties: Mapping[str, Any]) -> None:
    """An artifact's file."""
    file = folder / kind / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"name": name, "properties": properties}, indent=2))


def gaps_of(report: ReadinessReport) -> list[tuple[str, str, str]]:
    """Artifact, rule and place of every gap."""
    return [(each.artifact.id, gap.rule.name, gap.pointer) for each in report.artifacts for gap in each.gaps]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_artifact_has_a_rule(kind: str) -> None:
    assert [rule for rule in RULES if rule.kind == kind]


@pytest.mark.parametrize(
    ("kind", "types"), [("linkedService", LINKED_SERVICES), ("trigger", TRIGGERS), ("dataflow", DATA_FLOWS)]
)
def test_every_documented_type_has_one_answer(kind: str, types: frozenset[str]) -> None:
    answers = {type: rules_for(kind, {"type": type}) for type in types}
    assert {type: found for type, found in answers.items() if len(found) != 1} == {}


def test_every_documented_activity_is_kept_or_has_one_answer() -> None:
    for type in ACTIVITIES:
        found = rules_for("pipeline", {"activities": [{"name": "a", "type": type}]})
        assert len(found) == (0 if type in KEPT_ACTIVITIES else 1), type


def test_what_the_tables_know_is_documented_by_azure() -> None:
    assert KEPT_ACTIVITIES | LACKING_ACTIVITIES == ACTIVITIES
    assert CONNECTORS | LACKING_CONNECTORS <= LINKED_SERVICES
    assert not CONNECTORS & LACKING_CONNECTORS


def test_names_of_rules_are_used_once_and_pages_are_microsofts() -> None:
    assert [name for name, count in Counter(rule.name for rule in RULES).items() if count > 1] == []
    assert {rule.page.address.split("/fabric/")[0] for rule in RULES} == {"https://learn.microsoft.com"}


def test_a_folder_is_told_artifact_by_artifact(tmp_path: Path) -> None:
    write(tmp_path, "trigger", "nightly", {"type": "ScheduleTrigger"})
    write(tmp_path, "pipeline", "plain", {"activities": [{"name": "w", "type": "Wait"}]})
    report = readiness_of_folder(tmp_path)
    assert list(report.lines()) == [
        "trigger/nightly: recreate",
        "  recreate: Fabric lacks schedule triggers",
        f"    at {tmp_path}/trigger/nightly.json:4:13 /properties/type",
        "    instead: a schedule of the pipeline",
        "    see https://learn.microsoft.com/fabric/data-factory/migrate-planning-azure-data-factory (2025-08-26)",
        "2 artifacts: 1 ready, 1 recreate",
    ]


def test_an_artifact_has_the_hardest_of_its_verdicts(tmp_path: Path) -> None:
    activities = [{"name": "a", "type": "Custom"}, {"name": "b", "type": "ExecuteSSISPackage"}]
    write(tmp_path, "pipeline", "p", {"activities": activities})
    (found,) = readiness_of_folder(tmp_path).artifacts
    assert found.verdict == "missing"


def test_activities_inside_others_and_parameters_of_the_factory_are_found(tmp_path: Path) -> None:
    inner = {"name": "n", "type": "SynapseNotebook"}
    switch = {"cases": [{"value": "1", "activities": [inner]}], "defaultActivities": [inner]}
    write(
        tmp_path,
        "pipeline",
        "p",
        {
            "activities": [
                {"name": "l", "type": "ForEach", "typeProperties": {"activities": [inner]}},
                {"name": "i", "type": "IfCondition", "typeProperties": {"ifFalseActivities": [inner]}},
                {"name": "s", "type": "Switch", "typeProperties": switch},
                {"name": "v", "type": "SetVariable", "typeProperties": {"value": "@pipeline().globalParameters.stage"}},
            ]
        },
    )
    assert gaps_of(readiness_of_folder(tmp_path)) == [
        ("pipeline/p", "notebook-activity", "/properties/activities/0/typeProperties/activities/0/type"),
        ("pipeline/p", "notebook-activity", "/properties/activities/1/typeProperties/ifFalseActivities/0/type"),
        ("pipeline/p", "notebook-activity", "/properties/activities/2/typeProperties/cases/0/activities/0/type"),
        ("pipeline/p", "notebook-activity", "/properties/activities/2/typeProperties/defaultActivities/0/type"),
        ("pipeline/p", "library-variable", "/properties/activities/3/typeProperties/value"),
    ]


@pytest.mark.parametrize(
    ("properties", "rules"),
    [
        ({"type": "SelfHosted"}, ["self-hosted-runtime"]),
        ({"type": "Managed"}, ["cloud-runtime"]),
        ({"type": "Managed", "managedVirtualNetwork": {"referenceName": "default"}}, ["network-runtime"]),
        ({"type": "Managed", "typeProperties": {"ssisProperties": {"edition": "Standard"}}}, ["ssis-runtime"]),
    ],
)
def test_integration_runtimes_differ(properties: Mapping[str, Any], rules: list[str]) -> None:
    assert rules_for("integrationRuntime", properties) == rules


def test_a_linked_service_is_told_with_its_runtime_and_its_secrets() -> None:
    secret = {"type": "AzureKeyVaultSecret", "store": {"referenceName": "kv"}, "secretName": "s"}
    properties = {
        "type": "Hive",
        "connectVia": {"referenceName": "shir", "type": "IntegrationRuntimeReference"},
        "typeProperties": {"password": secret},
    }
    assert sorted(rules_for("linkedService", properties)) == ["connect-via", "connector", "vault-secret"]


def test_files_that_cannot_be_read_are_told_beside_the_report(tmp_path: Path) -> None:
    write(tmp_path, "pipeline", "plain", {"activities": []})
    (tmp_path / "pipeline" / "broken.json").write_text("{")
    report = readiness_of_folder(tmp_path)
    assert [(each.artifact.id, each.verdict) for each in report.artifacts] == [("pipeline/plain", READY)]
    assert [problem.subject for problem in report.unreadable] == ["pipeline/broken"]


def test_a_folder_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    report = readiness_of_folder(tmp_path / "nowhere")
    assert [problem.cause for problem in report.unreadable] == ["there is no such folder"]


@pytest.mark.parametrize(
    "folder", sorted(each.name for each in CORPUS.iterdir() if each.is_dir() and each.name != "LICENSES")
)
def test_every_gap_of_real_folders_has_its_place(folder: str) -> None:
    for each in readiness_of_folder(CORPUS / folder).artifacts:
        for gap in each.gaps:
            value: Any = each.artifact.document
            for token in tokens_of(gap.pointer):
                value = value[int(token)] if isinstance(value, list) else value[token]
            assert value
            assert "{type}" not in gap.lacks


def test_what_a_real_workspace_lacks_is_known() -> None:
    report = readiness_of_folder(CORPUS / "Planning-Inspectorate+odw-synapse-workspace__workspace")
    rules = Counter(gap.rule.name for each in report.artifacts for gap in each.gaps)
    assert dict(report.verdicts) == PINNED_VERDICTS
    assert dict(rules) == PINNED_RULES


PINNED_VERDICTS = {"ready": 124, "recreate": 1169, "rewrite": 30}
PINNED_RULES = {
    "connect-via": 25,
    "data-flow": 1,
    "data-flow-activity": 1,
    "dataset": 314,
    "linked-service": 25,
    "managed-network": 1,
    "network-runtime": 1,
    "notebook": 591,
    "notebook-activity": 734,
    "schedule": 17,
    "self-hosted-runtime": 2,
    "sql-script": 26,
    "vault": 1,
    "vault-secret": 16,
}
