"""What the program declares where artifacts go to a factory of Data Factory instead of a Synapse workspace."""

import json
from pathlib import Path
from typing import Any

import pytest
from program_bench import GRANTED_ID, SUBNET_ID, Recorder, declare, settings_of

from infra.artifact_settings import Target
from infra.components.published_artifacts import documents_for
from infra.naming import Names, host_path
from infra.preflight import endpoints
from infra.setting_reader import SettingsError
from synapse_artifacts.data_factory import GLOBAL_PARAMETERS
from synapse_artifacts.errors import ArtifactErrors
from synapse_artifacts.load import load_folder

FACTORY, ROLE = "azure-native:datafactory:Factory", "azure-native:authorization:RoleAssignment"


@pytest.fixture(scope="module")
def with_factory() -> Recorder:
    """What the local stack declares with the target datafactory."""
    recorder = Recorder()
    recorder.outputs |= declare(settings_of(artifacts={"target": "datafactory"}), recorder)
    return recorder


def test_a_factory_takes_the_place_of_the_workspace(with_factory: Recorder) -> None:
    factory = with_factory.of_type(FACTORY)["factory"]
    assert factory["factoryName"] == Names.of(settings_of()).factory
    assert factory["identity"] == {"type": "SystemAssigned"}
    assert factory["publicNetworkAccess"] == "Enabled"
    assert "repoConfiguration" not in factory and "globalParameters" not in factory
    assert [each.typ for each in with_factory.declared if "ynapse" in each.typ] == []


def test_a_closed_stack_has_no_factory() -> None:
    closed: dict[str, Any] = {
        "public_network_access": False,
        "private_endpoints": {"subnet_id": SUBNET_ID},
        "allowed_ip_ranges": [],
        "artifacts": {"target": "datafactory"},
    }
    with pytest.raises(SettingsError) as caught:
        settings_of(**closed)
    [problem] = caught.value.problems
    assert problem.startswith("reading setting public_network_access: its value is false\n")
    assert "\nexpected true with artifacts.target datafactory\nhint: a factory has no managed network here" in problem


def test_a_factory_beside_private_endpoints_of_account_and_vault() -> None:
    recorder = Recorder()
    declare(settings_of(artifacts={"target": "datafactory"}, private_endpoints={"subnet_id": SUBNET_ID}), recorder)
    endpoints = recorder.of_type("azure-native:network:PrivateEndpoint")
    assert sorted(endpoints) == ["data-lake-blob", "data-lake-dfs", "key-vault-vault"]
    assert not recorder.of_type("dataplane:index:ManagedPrivateEndpoint")


def test_the_same_documents_are_published_to_the_id_of_the_factory(with_factory: Recorder) -> None:
    artifacts = with_factory.of_type("dataplane:index:WorkspaceArtifacts")["artifacts"]
    assert artifacts["endpoint"] == with_factory.outputs["artifactHost"] == "/ids/factory"
    assert "synapseEndpoint" not in with_factory.outputs
    assert len(artifacts["documents"]) == 20


def test_the_identity_of_the_factory_gets_the_roles_of_data_but_no_files_of_its_own(with_factory: Recorder) -> None:
    own = {name for name, each in with_factory.of_type(ROLE).items() if each["principalId"] == GRANTED_ID}
    assert own == {
        "workspace: Storage Blob Data Contributor of raw",
        "workspace: Storage Blob Data Contributor of curated",
        "workspace: Storage Blob Data Reader of landing",
        "workspace: Key Vault Secrets User of pseudonym key",
    }


def test_the_lake_has_no_filesystem_for_a_workspace(with_factory: Recorder) -> None:
    made = with_factory.of_type("dataplane:index:FileSystem")
    assert set(made) == {"raw", "landing", "curated"}
    rooted = {each["fileSystem"] for each in with_factory.of_type("dataplane:index:Directory").values()}
    assert rooted == set(made)


def test_engineers_work_in_the_factory(with_factory: Recorder) -> None:
    role = with_factory.of_type(ROLE)["data_engineers: Data Factory Contributor of factory"]
    assert role["scope"] == "/ids/factory"


def test_the_lake_lets_the_factory_in_by_the_id_it_will_have(with_factory: Recorder) -> None:
    account = with_factory.of_type("azure-native:storage:StorageAccount")["account"]
    (rule,) = account["networkRuleSet"]["resourceAccessRules"]
    names = Names.of(settings_of())
    assert rule["resourceId"].endswith(f"/providers/Microsoft.DataFactory/factories/{names.factory}")
    assert host_path(names, Target.DATA_FACTORY) in rule["resourceId"]


def test_outputs_are_those_of_the_factory(with_factory: Recorder) -> None:
    names = Names.of(settings_of())
    assert with_factory.outputs["workspace"] == names.factory
    assert with_factory.outputs["studioUrl"] == "https://adf.azure.com/home?factory=/ids/factory"
    assert f"CREATE USER [{names.factory}] FROM EXTERNAL PROVIDER" in with_factory.outputs["grantSourceAccess"]


def test_no_workspace_has_to_be_reached() -> None:
    hosts = [each.host for each in endpoints(Names.of(settings_of()), Target.DATA_FACTORY)]
    assert [host for host in hosts if "synapse" in host] == []
    assert "management.azure.com" in hosts


def write(folder: Path, kind: str, name: str, properties: Any) -> None:
    """An artifact's file."""
    file = folder / kind / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"name": name, "properties": properties}))


def test_parameters_of_the_factorys_document_are_published(tmp_path: Path) -> None:
    write(tmp_path, "factory", "theirs", {"globalParameters": {"stage": {"type": "string", "value": "dev"}}})
    write(tmp_path, "pipeline", "p", {"activities": []})
    documents = documents_for(Target.DATA_FACTORY, load_folder(tmp_path))
    assert documents.keys() == {"pipeline/p", GLOBAL_PARAMETERS}


def test_what_a_factory_has_not_is_told_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, "notebook", "n", {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 2})
    write(tmp_path, "pipeline", "p", {"activities": [{"name": "a", "type": "SqlPoolStoredProcedure"}]})
    write(tmp_path, "dataset", "d", {"type": "SqlPoolTable"})
    write(tmp_path, "factory", "a", {"globalParameters": {"stage": {"type": "string", "value": "dev"}}})
    write(tmp_path, "factory", "b", {"globalParameters": {"stage": {"type": "string", "value": "prod"}}})
    with pytest.raises(ArtifactErrors) as refused:
        documents_for(Target.DATA_FACTORY, load_folder(tmp_path))
    told = [(each.subject, each.pointer, each.cause) for each in refused.value.problems]
    assert told == [
        ("dataset/d", "/properties/type", "a factory has no SQL pools of its own"),
        ("notebook/n", "", "a factory has no notebook"),
        ("pipeline/p", "/properties/activities/0/type", "a factory has no activity SqlPoolStoredProcedure"),
        ("factory/b", "/properties/globalParameters", "factory/a has global parameters, too"),
    ]
    assert all(each.line == 1 for each in refused.value.problems if each.pointer)


def test_several_factories_may_share_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "factory", "theirs", {})
    write(tmp_path, "factory", "ours", {"globalParameters": {"stage": {"type": "string", "value": "dev"}}})
    documents = documents_for(Target.DATA_FACTORY, load_folder(tmp_path))
    assert documents[GLOBAL_PARAMETERS]["properties"] == {"stage": {"type": "string", "value": "dev"}}


def test_a_workspace_has_no_global_parameters(tmp_path: Path) -> None:
    write(tmp_path, "factory", "theirs", {"globalParameters": {"stage": {"type": "string", "value": "dev"}}})
    activity = {
        "name": "a",
        "type": "Wait",
        "typeProperties": {"waitTimeInSeconds": "@pipeline().globalParameters.stage"},
    }
    write(tmp_path, "pipeline", "p", {"activities": [activity]})
    with pytest.raises(ArtifactErrors) as refused:
        documents_for(Target.SYNAPSE, load_folder(tmp_path))
    assert [(each.pointer, each.cause) for each in refused.value.problems] == [
        (
            "/properties/activities/0/typeProperties/waitTimeInSeconds",
            "it uses the global parameter 'stage', and a Synapse workspace has none",
        )
    ]
